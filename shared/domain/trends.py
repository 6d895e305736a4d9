"""Whether a figure rose or fell by more than noise: an individuals chart with moving ranges, and three rules that mark points of
it. All exact.

The chart: W. A. Shewhart, Economic Control of Quality of Manufactured Product, 1931; limits of 2.66 mean moving ranges:
D. J. Wheeler, Understanding Variation, 1993. The rules: Western Electric, Statistical Quality Control Handbook, 1956.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Literal, NamedTuple

from shared.domain.money import rounded

# 3 and 2 standard deviations of a point, in mean moving ranges of two points: 3 / 1.128 and 2 / 1.128.
LIMIT, NEAR = Fraction(266, 100), Fraction(1773, 1000)
# What is judged is not part of what it is judged by.
JUDGED = 8
BASELINE_MIN = 12
RUN = 8
# A weekday is known by so many of it.
WEEKS_MIN = 4
DAYS_OF_WEEK = 7
# So many points are looked back on, of each kind: half a year of days, two years of weeks, three of months.
POINTS_MAX = {"day": 182, "week": 104, "month": 36}

By = Literal["day", "week", "month"]
Mark = Literal["beyond limits", "two of three near a limit", "run of eight"]
Way = Literal["rise", "fall", "none"]
Why = Literal["", "few", "sparse"]
Series = Sequence[tuple[date, int | Fraction]]


class Point(NamedTuple):
    """`adjusted`: as it would be on an average day of the week. `marks` by rule, with the way of each."""

    on: date
    value: Fraction
    adjusted: Fraction
    marks: tuple[tuple[Mark, Way], ...] = ()


class Trend(NamedTuple):
    """`way`: that of the last point, None where there is not enough to tell; then `why` says what is missing."""

    points: tuple[Point, ...]
    mean: Fraction | None = None
    low: Fraction | None = None
    high: Fraction | None = None
    way: Way | None = None
    why: Why = ""

    @property
    def judged(self) -> tuple[Point, ...]:
        return self.points[-JUDGED:]


def trend_of(series: Series, by: By) -> Trend:
    """Of points in the sequence of their days, those that are known. The last JUDGED are marked by limits of all before them.

    >>> from datetime import timedelta
    >>> first = date(2026, 1, 1)
    >>> steady = [(first + timedelta(days=at), 100 + at % 2) for at in range(40)]
    >>> trend_of(steady, "day").way, trend_of([*steady, (date(2026, 2, 10), 20)], "day").way, trend_of(steady[:9], "day").way
    ('none', 'fall', None)
    """
    told = [(on, Fraction(value)) for on, value in series[-POINTS_MAX[by] :]]
    baseline = told[:-JUDGED]
    plain = tuple(Point(on, value, value) for on, value in told)
    if len(baseline) < (WEEKS_MIN * DAYS_OF_WEEK if by == "day" else BASELINE_MIN):
        return Trend(plain, why="few")
    # Of what hardly ever happens, each time would be a rise.
    if 2 * sum(value == 0 for _, value in baseline) >= len(baseline):
        return Trend(plain, why="sparse")
    effects = _weekdays(baseline) if by == "day" else {}
    adjusted = [value - effects.get(on.weekday(), Fraction(0)) for on, value in told]
    kept = adjusted[:-JUDGED]
    mean = sum(kept, Fraction(0)) * Fraction(1, len(kept))
    ranges = [abs(later - earlier) for earlier, later in pairwise(kept)]
    spread = sum(ranges, Fraction(0)) * Fraction(1, len(ranges))
    points = []
    for at, (on, value) in enumerate(told):
        marks = tuple(_marks(adjusted[: at + 1], mean, spread)) if at >= len(kept) else ()
        points.append(Point(on, value, adjusted[at], marks))
    marks = points[-1].marks
    return Trend(tuple(points), mean, mean - LIMIT * spread, mean + LIMIT * spread, marks[0][1] if marks else "none")


def _marks(until: Sequence[Fraction], mean: Fraction, spread: Fraction) -> list[tuple[Mark, Way]]:
    """What the rules say of the last of some points; the surest first."""
    found: list[tuple[Mark, Way]] = []
    last = until[-1]
    for way, sign in (("rise", 1), ("fall", -1)):
        above = [sign * (value - mean) for value in until]
        told: Way = "rise" if way == "rise" else "fall"
        if sign * (last - mean) > LIMIT * spread:
            found.append(("beyond limits", told))
        if above[-1] > NEAR * spread and sum(value > NEAR * spread for value in above[-3:]) > 1:
            found.append(("two of three near a limit", told))
        if len(above) >= RUN and all(value > 0 for value in above[-RUN:]):
            found.append(("run of eight", told))
    return found


def _weekdays(baseline: Series) -> Mapping[int, Fraction]:
    """By how much each weekday's median is above or below the mean of these medians: a feast moves no median."""
    medians = {}
    for weekday in range(DAYS_OF_WEEK):
        values = sorted(value for on, value in baseline if on.weekday() == weekday)
        if len(values) < WEEKS_MIN:
            return {}
        many = len(values)
        medians[weekday] = (Fraction(values[(many - 1) // 2]) + values[many // 2]) * Fraction(1, 2)
    mean = sum(medians.values(), Fraction(0)) * Fraction(1, DAYS_OF_WEEK)
    return {weekday: median - mean for weekday, median in medians.items()}


def weeks_of(days: Series, *, adds_up: bool) -> list[tuple[date, Fraction]]:
    """By the Monday of each week whose seven days are all known: their sum, or what the last of them says."""
    by_week: dict[tuple[int, int], list[tuple[date, Fraction]]] = {}
    for on, value in days:
        by_week.setdefault(on.isocalendar()[:2], []).append((on, Fraction(value)))
    whole = [week for week in by_week.values() if len(week) == DAYS_OF_WEEK]
    return [(week[0][0], sum((value for _, value in week), Fraction(0)) if adds_up else week[-1][1]) for week in whole]


def changes_of(series: Series) -> list[tuple[date, Fraction]]:
    """By how much each point is above the one before it: of what there is, and not of what happened, since a club that grows is
    larger each day than ever before, which is no news."""
    return [(on, Fraction(value) - before) for (_, before), (on, value) in pairwise(series)]


def whole_of(value: Fraction) -> int:
    """For people: to the next whole number."""
    return rounded(value.numerator, value.denominator, "half_up")
