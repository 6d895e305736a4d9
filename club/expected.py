"""`club expected`: how many members will probably buy again, how often and for how much, by a model of how this club's
members buy."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table

from club import aws
from club.console import out, say, step
from club.programme import Stage
from club.report import club_of
from shared.actions.take_census import census_now
from shared.domain.voice import Voice
from shared.statistics.expectations import DAYS_AHEAD, Expected, expectations


def expected(
    days: Annotated[int, typer.Option(min=1, max=730, help="So many days from now.")] = DAYS_AHEAD,
    stage: Stage = aws.LOCAL,
) -> None:
    """Print how many members will probably buy again, how often and for how much within some days."""
    club = club_of(stage)
    book = club.laws.at(club.now())
    today = datetime.now(UTC).astimezone(book.zone).date()
    with step("Reading each member's postings") as progress:
        members = census_now(club, "live", today, lambda members: progress.update(members, unit="members"))
        known = expectations((line for one in members for line in one.lines), today, days)
    for why in known.why:
        say(why)
    if known.buying is None:
        return
    out.print(shown(known.bands, days, Voice("en", book.programme.club.currency)))
    say(f"Learned from {known.members:,} members, of whom {known.repeating:,} bought on two days or more.")
    say("BG/NBD: " + ", ".join(f"{name} {value:.3f}" for name, value in known.buying._asdict().items()) + ", in weeks.")
    if known.spending is not None:
        say(
            "Gamma-Gamma: "
            + ", ".join(f"{name} {value:.2f}" for name, value in known.spending._asdict().items())
            + ", in minor units."
        )


def shown(found: Sequence[Expected], days: int, voice: Voice) -> Table:
    table = Table(
        "will buy again", "members", "of them alive", f"purchases in {days} days", "spend", box=None, pad_edge=False
    )
    for column in table.columns[1:]:
        column.justify = "right"
    minor = [one.minor for one in found if one.minor is not None]
    whole = Expected(
        -1.0, sum(one.members for one in found), sum(one.alive for one in found), sum(one.purchases for one in found),
        sum(minor) if minor else None,
    )  # fmt: skip
    for one in (*found, whole):
        name = "all" if one is whole else f"from {one.least:.0%}"
        spend = voice.money(round(one.minor)) if one.minor is not None else "no data"
        table.add_row(name, f"{one.members:,}", f"{one.alive:,.0f}", f"{one.purchases:,.0f}", spend)
    return table
