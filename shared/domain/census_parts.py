"""The census, part by part: of each part its sums, and in ascending columns what a rank is counted from. A month is counted from
the parts, whatever their number and sequence, and no figure needs all members in memory.

The sums, by the first of their names:

  figure     a figure of `COUNTED`
  gap        days between two days of one member's purchases: how often
  cohorts_…  month, and the k of `month_k` or -1: as in `cohorts.py`
  last       those of `SINCE`, day of the last purchase: members
  purchases  those of `SINCE`, how many purchases: members
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from types import MappingProxyType
from typing import NamedTuple, Protocol

from shared.domain.ascending import ascending
from shared.domain.census import Census, Line
from shared.domain.civil_months import month_of
from shared.domain.cohorts import add_to_cohorts
from shared.domain.concentration import Spread, spread_of
from shared.domain.fifths import fifths_by_count
from shared.domain.kpi import ACTIVE_DAYS
from shared.domain.owed import Owed
from shared.domain.rfm import Columns, Scored, scored
from shared.domain.sums import Sums, add, add_all, under


class When(NamedTuple):
    """As ordinals: the first day of the month, and the day after which who bought is active."""

    first: int
    silent: int


def _is_active(line: Line, when: When) -> bool:
    return line.last > when.silent


# What is added up of each line.
COUNTED: Mapping[str, Callable[[Line, When], int]] = {
    "members": lambda line, when: 1,
    "members_new": lambda line, when: line.joined >= when.first,
    "members_active": _is_active,
    "members_dormant": lambda line, when: line.first > 0 and not _is_active(line, when),
    "members_without_purchase": lambda line, when: not line.first,
    "members_active_before": lambda line, when: line.was_active,
    "members_churned": lambda line, when: line.was_active and not _is_active(line, when),
    "members_returning": lambda line, when: line.came_back,
    "buyers": lambda line, when: line.purchases_month > 0,
    "buyers_again": lambda line, when: line.purchases_month > 0 and line.first < when.first,
    "purchases_month": lambda line, when: line.purchases_month,
    "margin_unknown": lambda line, when: line.purchases_12m > 0 and line.margin_12m_minor is None,
}
YEAR, EVER, MARGIN = "12m", "ever", "margin_12m"
# Of whom scores are told: the last purchase, how many, what they spent.
SINCE: Mapping[str, Callable[[Line], tuple[int, int, int]]] = {
    YEAR: lambda line: (line.last, line.purchases_12m, line.spend_12m_minor),
    EVER: lambda line: (line.last, line.purchases, line.spend_minor),
}


class Part(NamedTuple):
    """One part of the club. `ranked`: those of each of `SINCE`; and by itself the `MARGIN` of those of whom it is known."""

    sums: Sums
    owed: Owed
    effects: Owed
    sources: Owed
    ranked: Mapping[str, Columns]


class Parts(Protocol):
    """All parts of the club, wherever they are kept."""

    @property
    def sums(self) -> Iterable[tuple[Sums, Owed, Owed, Owed]]:
        """Of each part: its sums, what is owed, effects, sources."""

    def minor(self, name: str) -> Iterable[Iterator[Sequence[int]]]:
        """Of each part one column as pieces that ascend."""

    def pieces(self, name: str) -> Iterable[Columns]:
        """The same of all parts, with the other columns."""


class Counted(NamedTuple):
    """A whole census as a month tells it."""

    sums: Sums
    owed: Owed
    effects: Owed
    sources: Owed
    spreads: Mapping[str, Spread] = MappingProxyType({})
    scored: Mapping[str, Scored] = MappingProxyType({})

    def figure(self, name: str) -> int:
        return self.sums.get(("figure", name), 0)


def part_of(pages: Iterable[Census], last_day: date) -> Part:
    """Any pages as one part; about 40 bytes for each member are in memory, and twice that while they are ranked."""
    when = When(last_day.replace(day=1).toordinal(), (last_day - timedelta(days=ACTIVE_DAYS)).toordinal())
    sums: Sums = {}
    owed: Owed = {}
    effects: Owed = {}
    sources: Owed = {}
    # A sum of money that 64 bits do not hold takes millions of purchases of the highest price.
    ranked = {name: Columns(array("q"), array("i"), array("i")) for name in (*SINCE, MARGIN)}
    for page in pages:
        for line in page.lines:
            _count(sums, ranked, line, when, month_of(last_day))
        for days, times in page.gaps.items():
            add(sums, ("gap", days), times)
        add_all(owed, page.owed)
        add_all(effects, page.effects)
        add_all(sources, page.sources)
    return Part(sums, owed, effects, sources, {name: _by_minor(columns) for name, columns in ranked.items()})


def _count(sums: Sums, ranked: Mapping[str, Columns], line: Line, when: When, month: int) -> None:
    for figure, more in COUNTED.items():
        if many := more(line, when):
            add(sums, ("figure", figure), int(many))
    add_to_cohorts(sums, line, month)
    for name, told in SINCE.items():
        last, purchases, minor = told(line)
        if purchases:
            add(sums, ("last", name, last), 1)
            add(sums, ("purchases", name, purchases), 1)
            for column, value in zip(ranked[name], (minor, last, purchases), strict=True):
                column.append(value)  # type: ignore[attr-defined]
    if line.purchases_12m and line.margin_12m_minor is not None:
        ranked[MARGIN].minor.append(line.margin_12m_minor)  # type: ignore[attr-defined]


def _by_minor(columns: Columns) -> Columns:
    if not columns.last:
        return columns._replace(minor=array("q", sorted(columns.minor)))
    places = sorted(range(len(columns.minor)), key=columns.minor.__getitem__)
    return Columns(*(array(code, map(one.__getitem__, places)) for code, one in zip("qii", columns, strict=True)))


class Held(NamedTuple):
    """Parts that are in memory."""

    parts: Sequence[Part]

    @property
    def sums(self) -> Iterator[tuple[Sums, Owed, Owed, Owed]]:
        return ((one.sums, one.owed, one.effects, one.sources) for one in self.parts)

    def minor(self, name: str) -> Iterator[Iterator[Sequence[int]]]:
        return (iter((one.ranked[name].minor,)) for one in self.parts)

    def pieces(self, name: str) -> Iterator[Columns]:
        return (one.ranked[name] for one in self.parts)


def counted(parts: Parts) -> Counted:
    """The whole of the parts, in as much memory as one piece of each takes."""
    sums, owed, effects, sources = Sums(), Owed(), Owed(), Owed()
    for part in parts.sums:
        for to, more in zip((sums, owed, effects, sources), part, strict=True):
            add_all(to, more)
    found = Counted(sums, owed, effects, sources)
    members = {name: sum(under(sums, "last", name).values()) for name in SINCE}
    members[MARGIN] = members[YEAR] - found.figure("margin_unknown")
    spreads = {name: spread_of(ascending(parts.minor(name)), many) for name, many in members.items()}
    scores = {}
    for name in SINCE:
        recency, frequency = (
            fifths_by_count({value: many for (value,), many in under(sums, what, name).items()})
            for what in ("last", "purchases")
        )
        scores[name] = scored(parts.pieces(name), recency, frequency, spreads[name].fifths)
    return found._replace(spreads=spreads, scored=scores)
