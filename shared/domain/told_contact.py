"""What people read of `[contact]`: by what the club writes, when it does not, how often, and what that may cost."""

from __future__ import annotations

from collections.abc import Iterator

from shared.domain.closed_days import days_told
from shared.domain.sentences import Speaker


def contact_rules(speaker: Speaker) -> Iterator[str]:
    contact = speaker.book.programme.contact
    if not contact.channels:
        yield speaker.say("contact.none")
        return
    names = [speaker.say(f"channel.{one}") for one in contact.channels]
    sender = speaker.apart(contact.sender or speaker.book.programme.club.name)
    yield speaker.say("contact.channels", sender=sender, channels=speaker.listed(names))
    yield speaker.say(
        "contact.caps", day=speaker.count("messages", contact.day_max), week=speaker.number(contact.week_max)
    )
    hours = {"from": speaker.clock(contact.quiet_hours.from_), "until": speaker.clock(contact.quiet_hours.until)}
    yield speaker.say("contact.quiet", **hours)
    kept = [speaker.say(f"observed.{one}") for one in contact.observes]
    kept += [_day(speaker, text) for text in contact.closed]
    if kept:
        yield speaker.say("contact.closed", days=speaker.listed(kept))
    for channel, most in contact.month_max_minor.items():
        yield speaker.say("contact.month_max", channel=speaker.say(f"channel.{channel}"), amount=speaker.money(most))
    if contact.sms_countries:
        yield speaker.say("contact.sms_countries", countries=speaker.listed(list(contact.sms_countries)))
    if contact.locale_pack == "israel":
        yield speaker.say("contact.israel")
    yield speaker.say("contact.urgent")


def _day(speaker: Speaker, text: str) -> str:
    days = days_told(text)
    if days.yearly is not None:
        if days.yearly.calendar == "gregorian":
            return speaker.day_of_year(days.yearly.month, days.yearly.day)
        return speaker.apart(text)
    assert days.first is not None
    assert days.last is not None
    if days.first == days.last:
        return speaker.day(days.first)
    return speaker.say("contact.days", first=speaker.day(days.first), last=speaker.day(days.last))
