"""Retention by cohort: of those who first bought, or who joined, in a month, how many bought in each month after it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from fractions import Fraction

from shared.domain.census import Line
from shared.domain.civil_months import month_of, month_text
from shared.domain.reports import Column, Section, Value
from shared.domain.sums import Sums, add, under

# As many cohorts and months after them as a page shows.
COHORTS_MAX = 24


# The tables: how each is called, and from which day a member is in one of its cohorts.
COHORTS: Mapping[str, Callable[[Line], int]] = {
    "cohorts_by_first_purchase": lambda line: line.first,
    "cohorts_by_joining": lambda line: line.joined,
}


def add_to_cohorts(sums: Sums, line: Line, last: int) -> None:
    """One member more: by table, month of the cohort, and the k of `month_k` or -1 for all of it. `last`: the last month."""
    for name, began in COHORTS.items():
        if not began(line):
            continue
        month = month_of(date.fromordinal(began(line)))
        if last - month >= COHORTS_MAX:
            continue
        add(sums, (name, month, -1), 1)
        bits = _since(line, month) & (1 << max(0, last - month + 1)) - 1
        while bits:
            after = bits.bit_length() - 1
            add(sums, (name, month, after), 1)
            bits ^= 1 << after


def cohort_sections(sums: Sums, last_day: date) -> tuple[Section, ...]:
    """By the month of the first purchase, where the first month is that purchase's and its share is always one; and by the month
    of joining. A share is None where the month is not over by `last_day`."""
    return tuple(_section(sums, month_of(last_day), name) for name in COHORTS)


def _section(sums: Sums, last: int, name: str) -> Section:
    sizes = {month: many for (month, after), many in under(sums, name).items() if after == -1}
    widest = max((last - month + 1 for month in sizes), default=0)
    columns = (
        Column("cohort", "text"), Column("members", "number"),
        *(Column(f"month_{after}", "share") for after in range(widest)),
    )  # fmt: skip
    rows = []
    for month in sorted(sizes):
        bought = [sums.get((name, month, after), 0) for after in range(last - month + 1)]
        shares: list[Value] = [Fraction(many, sizes[month]) for many in bought]
        rows.append((month_text(month), sizes[month], *shares, *[None] * (widest - len(shares))))
    return Section(name, columns, tuple(rows))


def _since(line: Line, month: int) -> int:
    """In which months after a month the member bought, as bits."""
    if not line.first:
        return 0
    after = month_of(date.fromordinal(line.first)) - month
    return line.months << after if after >= 0 else line.months >> -after
