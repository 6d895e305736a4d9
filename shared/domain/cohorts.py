"""Retention by cohort: of those who first bought, or who joined, in a month, how many bought in each month after it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from fractions import Fraction

from shared.domain.census import Line
from shared.domain.civil_months import month_of, month_text
from shared.domain.reports import Column, Section, Value

# As many cohorts and months after them as a page shows.
COHORTS_MAX = 24


def cohort_sections(lines: Sequence[Line], last_day: date) -> tuple[Section, Section]:
    """By the month of the first purchase, where the first month is that purchase's and its share is always one; and by the month
    of joining. A share is None where the month is not over by `last_day`."""
    return (
        _section(lines, last_day, "cohorts_by_first_purchase", lambda line: line.first),
        _section(lines, last_day, "cohorts_by_joining", lambda line: line.joined),
    )


def _section(lines: Sequence[Line], last_day: date, name: str, began: Callable[[Line], int]) -> Section:
    last = month_of(last_day)
    sizes: dict[int, int] = {}
    bought: dict[int, list[int]] = {}
    for line in lines:
        if not began(line):
            continue
        month = month_of(date.fromordinal(began(line)))
        if last - month >= COHORTS_MAX:
            continue
        sizes[month] = sizes.get(month, 0) + 1
        counts = bought.setdefault(month, [0] * (last - month + 1))
        bits = _since(line, month)
        for after in range(last - month + 1):
            counts[after] += bits >> after & 1
    widest = max((last - month + 1 for month in sizes), default=0)
    columns = (
        Column("cohort", "text"), Column("members", "number"),
        *(Column(f"month_{after}", "share") for after in range(widest)),
    )  # fmt: skip
    rows = []
    for month in sorted(sizes):
        shares: list[Value] = [Fraction(many, sizes[month]) for many in bought[month]]
        rows.append((month_text(month), sizes[month], *shares, *[None] * (widest - len(shares))))
    return Section(name, columns, tuple(rows))


def _since(line: Line, month: int) -> int:
    """In which months after a month the member bought, as bits."""
    if not line.first:
        return 0
    after = month_of(date.fromordinal(line.first)) - month
    return line.months << after if after >= 0 else line.months >> -after
