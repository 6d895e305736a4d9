"""`club campaign`: what a send to a segment comes to, and the send itself. Shown before it is sent: size, cost, and the guard."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from fractions import Fraction
from typing import Annotated, NamedTuple

import typer

from club import aws
from club.automations import members, peppers_of
from club.console import Trouble, say, step
from club.guard import of_offer
from club.programme import Stage, in_force
from club.store import tables
from shared.actions.club import Club
from shared.actions.send_campaign import CampaignAsked, CampaignUnknown, addressees, ask_campaign, rule_of
from shared.domain.automations import Due
from shared.domain.rulebook import AutomationRule, Rulebook
from shared.domain.sentences import Speaker
from shared.domain.voice import Voice
from shared.store.laws import Laws
from shared.store.store import Store

app = typer.Typer(no_args_is_help=True, help="One send to a segment: what it comes to, and the send.")
Name = Annotated[str, typer.Argument(metavar="CAMPAIGN", help="A [[campaign]] of the programme.")]


class Size(NamedTuple):
    """What a campaign comes to: members of its segment, those of them held out, and what the others get, in minor units."""

    members: int
    held_out: int
    units: int
    worth_minor: int
    messages_minor: Fraction


@app.command("show")
def show(name: Name, stage: Stage = aws.LOCAL) -> None:
    """Say whom a campaign would reach now, what it would cost, and whether it would lose money. Nothing is sent."""
    book = in_force(stage)
    for line in told(_rule(book, name), book, stage):
        say(line)


@app.command("send")
def send(
    name: Name,
    at: Annotated[
        str | None, typer.Option(help="When, by the club's clock, such as 2027-03-21T10:00; now without it.")
    ] = None,
    actor: Annotated[str, typer.Option(help="Who sends it: it stands beside the campaign.")] = "operator",
    stage: Stage = aws.LOCAL,
) -> None:
    """Send a campaign once: it begins with the next quarter of an hour, or with the first one after --at."""
    book = in_force(stage)
    rule, when = _rule(book, name), _instant(at, book)
    for line in told(rule, book, stage):
        say(line)
    if of_offer(book, rule.automation.offer)[1]:
        raise Trouble("It would lose money, and is not sent.")
    backend = tables(stage)
    club = Club(Store(backend), Laws(backend, 60), peppers_of(stage))
    try:
        ask_campaign(club, name, when, actor)
    except CampaignAsked as before:
        local = before.asked.at.astimezone(book.zone)
        raise Trouble(f"It was sent before, for {local:%Y-%m-%d %H:%M}: a campaign is sent once.") from None
    say(
        f"It goes out from {when.astimezone(book.zone):%Y-%m-%d %H:%M} on, with the first quarter of an hour that begins then."
    )


def told(rule: AutomationRule, book: Rulebook, stage: str) -> Iterator[str]:
    """Its sentence, its size, its cost, and what the guard says of its offer."""
    speaker, voice = Speaker(book, "en"), Voice("en", book.programme.club.currency)
    yield speaker.automation(rule)
    with step("Reading the accounts"):
        size = size_of(
            list(addressees(Store(tables(stage)), members(stage), rule, book, datetime.now(UTC))), rule, book
        )
    yield f"{size.members:,} members, {size.held_out:,} of them held out to measure it."
    if rule.automation.points is not None:
        yield f"It gives {size.units:,} units, worth {voice.money(size.worth_minor)}."
    if rule.automation.message is not None:
        cost = voice.money(-(-size.messages_minor.numerator // size.messages_minor.denominator))
        yield f"Its messages cost {cost} at most: who did not agree, or has been written to often enough, gets none."
    yield from of_offer(book, rule.automation.offer)[0]


def size_of(dues: list[Due], rule: AutomationRule, book: Rulebook) -> Size:
    one = rule.automation
    treated = [due for due in dues if due.arm == "treated"]
    rules = book.wallet(one.wallet)
    units = sum(due.units for due in treated)
    prices = book.programme.contact.price_minor
    channels = (one.message.channels or book.programme.contact.channels) if one.message is not None else ()
    dearest = max((Fraction(prices.get(channel, 0)) for channel in channels), default=Fraction(0))
    worth = units * rules.value_minor // 10**rules.decimals
    return Size(len(dues), len(dues) - len(treated), units, worth, dearest * len(treated))


def _rule(book: Rulebook, name: str) -> AutomationRule:
    try:
        return rule_of(book, name)
    except CampaignUnknown:
        known = ", ".join(rule.automation.id for rule in book.campaigns) or "none"
        raise Trouble(f"There is no campaign {name!r}; there is {known}.") from None


def _instant(text: str | None, book: Rulebook) -> datetime:
    if text is None:
        return datetime.now(UTC)
    try:
        told_at = datetime.fromisoformat(text)
    except ValueError:
        raise Trouble(f"{text!r} is no time, such as 2027-03-21T10:00.") from None
    return (told_at if told_at.tzinfo is not None else told_at.replace(tzinfo=book.zone)).astimezone(UTC)
