"""Who will probably buy again, how often and for how much: models of how members buy, fitted to the lines of a census."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from shared.domain.census import Line
from shared.statistics.buying import Bought, Buying, Spending, Unfitted, fitted, spending

DAYS_AHEAD = 90
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


class Expectations(NamedTuple):
    """`members` who ever bought, of whom some did so on two days or more. Where a model is None, `why` says what is missing, and
    without one of how members buy there are no bands."""

    members: int
    repeating: int
    days: int
    bands: tuple[Expected, ...] = ()
    buying: Buying | None = None
    spending: Spending | None = None
    why: tuple[str, ...] = ()


def expectations(census: Iterable[Line], today: date, days: int) -> Expectations:
    """What is expected within some days after `today`, the last day of the census."""
    lines = [line for line in census if line.first]
    known = Expectations(len(lines), sum(1 for line in lines if line.days > 1), days)
    try:
        model = fitted(Counter(bought(line, today) for line in lines))
    except Unfitted as unfitted:
        return known._replace(why=(f"How members buy cannot be told: {unfitted}.",))
    known = known._replace(buying=model)
    try:
        known = known._replace(spending=spending(Counter(value_of(line) for line in lines if line.days > 1)))
    except Unfitted as unfitted:
        known = known._replace(why=(f"What they spend cannot be told: {unfitted}.",))
    return known._replace(bands=tuple(bands(lines, model, known.spending, today, days)))


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


def _weeks(days: int) -> float:
    return days / _WEEK_DAYS
