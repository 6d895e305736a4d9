"""`club segment`: how many members a segment has now, and what a campaign to them would cost. Nothing is sent or written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, NamedTuple

import typer
from rich.table import Table
from rich.text import Text

from club import aws
from club.console import Trouble, out, say, step
from club.programme import in_force
from club.store import STAGE_HELP, tables
from shared.actions.read_lately import read_lately
from shared.domain.account import Account
from shared.domain.lately import Lately
from shared.domain.money import decimals
from shared.domain.rulebook import Rulebook
from shared.domain.segments import members_of
from shared.domain.voice import Voice
from shared.store.keys import is_certificate
from shared.store.rows import account_of
from shared.store.store import Store


class Size(NamedTuple):
    """A segment as it is now. `name` is for people."""

    id: str
    name: str
    members: int


class Campaign(NamedTuple):
    """What a campaign to so many members costs: points as the programme values them, in minor units; messages in full."""

    points: int
    points_minor: Decimal
    messages_minor: Decimal


def segment(
    segment_id: Annotated[
        str | None, typer.Argument(help="A segment of the programme; without one, all of them.")
    ] = None,
    points: Annotated[int, typer.Option(min=0, max=1_000_000, help="Points that each of them would be given.")] = 0,
    message: Annotated[
        str, typer.Option(help="What one message costs, in the club's currency, such as 0.0001 for an e-mail.")
    ] = "0",
    stage: Annotated[str, typer.Option(help=STAGE_HELP)] = aws.LOCAL,
) -> None:
    """Count the members of the programme's segments, and say what a campaign to one of them would cost."""
    book, now = in_force(stage), datetime.now(UTC)
    each = _amount(message, book.programme.club.currency)
    known = [one.id for one in book.programme.segment]
    if segment_id is not None and segment_id not in known:
        raise Trouble(f"There is no segment {segment_id!r}; there are {', '.join(known) or 'none'}.")
    with step("Reading the accounts"):
        rows = [row for row in tables(stage).scanned("accounts") if not is_certificate(row["a"])]
    accounts = [account_of(row) for row in rows]
    active = [account for account in accounts if not account.status]
    store, today = Store(tables(stage)), now.astimezone(book.zone).date()
    found = sizes(book, active, now, lambda account: read_lately(store, account, today, book))
    out.print(_table(found, len(active)))
    if segment_id is not None:
        members = next(size.members for size in found if size.id == segment_id)
        for line in told(campaign(book, members, points, each), members, Voice("en", book.programme.club.currency)):
            say(line)


def sizes(
    book: Rulebook, accounts: Sequence[Account], now: datetime, lately: Callable[[Account], Lately]
) -> list[Size]:  # fmt: skip
    """How many of the accounts are in each segment of the programme, at a moment. `lately` reads a member's purchases."""
    at = now.astimezone(book.zone)
    found = []
    for one in book.programme.segment:
        name = one.name.get("en") or next(iter(one.name.values()), "")
        found.append(Size(one.id, name, sum(1 for _ in members_of(one.id, accounts, at, book, lately))))
    return found


def campaign(book: Rulebook, members: int, points_each: int, message_minor: Decimal) -> Campaign:
    """The cost of giving each member so many points and one message of so many minor units."""
    value = Decimal(points_each) * book.programme.points.value_minor
    return Campaign(points_each * members, value * members, message_minor * members)


def told(cost: Campaign, members: int, voice: Voice) -> Iterator[str]:
    """The cost in sentences."""
    if cost.points:
        yield f"Points: {cost.points:,} to {members:,} members, worth {voice.money(_up(cost.points_minor))} when all are used."
    if cost.messages_minor:
        yield f"Messages: {members:,}, {voice.money(_up(cost.messages_minor))}."
    together = cost.points_minor + cost.messages_minor
    yield f"A campaign to this segment costs {voice.money(_up(together))} at most."


def _table(found: list[Size], active: int) -> Table:
    table = Table("segment", "what it is", "members", "of all", box=None, pad_edge=False)
    for size in found:
        share = f"{100 * size.members / active:.1f}%" if active else "no data"
        table.add_row(Text(size.id), Text(size.name), f"{size.members:,}", share)
    table.add_row(Text("everybody"), Text("who is active"), f"{active:,}", "")
    return table


def _amount(text: str, currency: str) -> Decimal:
    """An amount of money as typed, in minor units."""
    try:
        amount = Decimal(text)
    except ArithmeticError:
        raise Trouble(f"{text!r} is no amount of money, such as 0.0001.") from None
    if not amount.is_finite() or not 0 <= amount <= 1_000:
        raise Trouble(f"A message costs from 0 to 1,000, not {text}.")
    return amount.scaleb(decimals(currency))


def _up(minor: Decimal) -> int:
    return int(minor.to_integral_value("ROUND_CEILING"))
