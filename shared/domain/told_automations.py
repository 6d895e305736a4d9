"""What people read of an automation: when it is due, for whom, what it gives, and who is held out."""

from __future__ import annotations

from fractions import Fraction

from shared.domain.automation_tables import Automation, Campaign, Giver
from shared.domain.rulebook import AutomationRule
from shared.domain.sentences import Speaker
from shared.domain.told_offers import offer_name


def automation(speaker: Speaker, rule: AutomationRule) -> str:
    one = rule.automation
    gift = _gift(speaker, one)
    if isinstance(one, Campaign):
        segment = next((some for some in speaker.book.programme.segment if some.id == one.segment), None)
        name = speaker.named(segment.name if segment is not None else {}, one.segment)
        return _measured(speaker, one, speaker.say("automation.campaign", gift=gift, segment=name))
    said = _on(speaker, one, gift)
    if rule.when.clauses:
        said = speaker.say("rules.when", rule=said, condition=speaker.condition(rule.when.clauses))
    if one.on == "state" or one.every_days is not None:
        often = {"days": speaker.count("days", one.every_days)} if one.every_days is not None else {}
        said = speaker.say("automation.every" if often else "automation.once", rule=said, **often)
    said = _measured(speaker, one, said)
    return said if one.enabled else speaker.say("automation.disabled", rule=said)


def _measured(speaker: Speaker, one: Giver, said: str) -> str:
    """With what it may cost, who is held out, and its name."""
    if one.budget is not None:
        said = speaker.say("automation.budget", rule=said, budget=speaker.amount(one.wallet, Fraction(one.budget)))
    if one.no_holdout_because is not None:
        said = speaker.say("automation.no_holdout", rule=said, reason=speaker.apart(one.no_holdout_because))
    else:
        percent = speaker.number(Fraction(one.held_out_percent))
        said = speaker.say("automation.holdout", rule=said, percent=percent)
    return speaker.say("rules.named", name=automation_name(speaker, one), rule=said)


def automation_name(speaker: Speaker, one: Giver) -> str:
    return speaker.named(one.name, one.id)


def _gift(speaker: Speaker, one: Giver) -> str:
    """Everything that it does for a member."""
    done = [_points(speaker, one)] if one.points is not None else []
    if one.offer is not None:
        done.append(_coupon(speaker, one.offer))
    if one.message is not None:
        channels = one.message.channels or speaker.book.programme.contact.channels
        by = speaker.listed([speaker.say(f"channel.{channel}") for channel in channels])
        done.append(speaker.say("automation.message", template=speaker.apart(one.message.template), channels=by))
    if one.staff_note is not None:
        done.append(speaker.say("automation.staff_note", note=speaker.apart(one.staff_note)))
    for how, tags in (("tags", one.tags), ("untags", one.untags)):
        if tags:
            done.append(speaker.say(f"automation.{how}", tags=speaker.apart(", ".join(tags))))
    return speaker.together(done)


def _coupon(speaker: Speaker, offer_id: str) -> str:
    """The offer of a coupon, and which one takes its place for who buys so much anyway."""
    said, rule = speaker.say("automation.coupon", offer=offer_name(speaker, offer_id)), speaker.book.offer(offer_id)
    while rule is not None and rule.offer.instead is not None:
        buy, other = speaker.count("units", rule.offer.buy or 0), offer_name(speaker, rule.offer.instead)
        said = speaker.say("automation.instead", coupon=said, buy=buy, offer=other)
        rule = speaker.book.offer(rule.offer.instead)
    return said


def _points(speaker: Speaker, one: Giver) -> str:
    gift = speaker.amount(one.wallet, Fraction(one.points or 0))
    if one.valid_days is None:
        return gift
    return speaker.say("automation.valid", gift=gift, days=speaker.count("days", one.valid_days))


def _on(speaker: Speaker, one: Automation, gift: str) -> str:
    facts = {"day": speaker.day(one.day)} if one.day is not None else {}
    if one.days_before:
        return speaker.say(
            f"automation.{one.on}_before", gift=gift, days=speaker.count("days", one.days_before), **facts
        )
    return speaker.say(f"automation.{one.on}", gift=gift, **facts)
