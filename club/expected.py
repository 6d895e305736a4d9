"""`club expected`: how many members will probably buy again, how often and for how much, by a model of how this club's
members buy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Annotated, NamedTuple

import typer
from rich.table import Table

from club import aws
from club.console import out, say, step
from club.programme import Stage
from club.report import club_of
from shared.actions.take_census import census_now
from shared.domain.census import Line
from shared.domain.voice import Voice
from shared.statistics.buying import Bought, Buying, Spending, Unfitted, fitted, spending

_WEEK_DAYS = 7
# From which chance of being alive on, in the table.
_BANDS = (0.8, 0.5, 0.2, 0.0)


class Expected(NamedTuple):
    """Members of a band: how many, how many of them are probably alive, what they are expected to buy and to spend."""

    least: float
    members: int
    alive: float
    purchases: float
    minor: float | None


def expected(
    days: Annotated[int, typer.Option(min=1, max=730, help="So many days from now.")] = 90, stage: Stage = aws.LOCAL
) -> None:
    """Print how many members will probably buy again, how often and for how much within some days."""
    club = club_of(stage)
    book = club.laws.at(club.now())
    today = datetime.now(UTC).astimezone(book.zone).date()
    with step("Reading each member's postings") as progress:
        members = census_now(club, "live", today, lambda members: progress.update(members, unit="members"))
        lines = [line for one in members for line in one.lines if line.first]
    try:
        model = fitted(Counter(bought(line, today) for line in lines))
    except Unfitted as unfitted:
        say(f"How members buy cannot be told: {unfitted}.")
        return
    try:
        values: Spending | None = spending(Counter(value_of(line) for line in lines if line.days > 1))
    except Unfitted as unfitted:
        say(f"What they spend cannot be told: {unfitted}.")
        values = None
    out.print(shown(bands(lines, model, values, today, days), days, Voice("en", book.programme.club.currency)))
    say(
        f"Learned from {len(lines):,} members, of whom {sum(1 for line in lines if line.days > 1):,} bought on two days or more."
    )
    say("BG/NBD: " + ", ".join(f"{name} {value:.3f}" for name, value in model._asdict().items()) + ", in weeks.")
    if values is not None:
        say(
            "Gamma-Gamma: "
            + ", ".join(f"{name} {value:.2f}" for name, value in values._asdict().items())
            + ", in minor units."
        )


def bought(line: Line, today: date) -> Bought:
    """A member as the model sees one: days with purchases after the first, in weeks since it."""
    return Bought(line.days - 1, _weeks(line.last - line.first), _weeks(today.toordinal() - line.first))


def value_of(line: Line) -> tuple[int, float]:
    """How often a member came again, and the mean of what was spent then, in minor units."""
    return line.days - 1, line.again_minor / (line.days - 1)


def bands(
    lines: Sequence[Line], model: Buying, values: Spending | None, today: date, days: int
) -> list[Expected]:  # fmt: skip
    """Members by how likely they are to buy again, the likely ones first."""
    sums = {least: [0, 0.0, 0.0, 0.0] for least in _BANDS}
    for line in lines:
        one = bought(line, today)
        alive, purchases = model.alive(one), model.expected(one, days / _WEEK_DAYS)
        band = sums[next(least for least in _BANDS if alive >= least)]
        band[0] += 1
        band[1] += alive
        band[2] += purchases
        if values is not None:
            again, mean = value_of(line) if line.days > 1 else (0, 0.0)
            band[3] += purchases * values.expected(again, mean)
    return [
        Expected(least, int(many), alive, purchases, minor if values is not None else None)
        for least, (many, alive, purchases, minor) in sums.items()
    ]


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


def _weeks(days: int) -> float:
    return days / _WEEK_DAYS
