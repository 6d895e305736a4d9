"""The report of days: each day's figures as they were closed, of a day that is open still as they are now; and what was told of a
closed day later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from shared.domain.kpi import figure_of, value_in
from shared.domain.reports import Column, Report, Section, Unit

_UNITS: Mapping[str, Unit] = {"minor units": "minor", "units of the wallet": "units"}
OPEN = "A day without closed figures is open still, or nobody closed it: its figures are those of now."
LATE = "What was told of a closed day later is under `late`, with that day's own date; the closed figures stay as they are."


class Day(NamedTuple):
    """One day's figures. `late`: what its tallies say now beyond what they said when it was closed; None for an open one."""

    on: date
    figures: Mapping[str, int]
    late: Mapping[str, int] | None


def report_of_days(days: Sequence[Day], currency: str, decimals: Mapping[str, int]) -> Report:
    """`decimals` by wallet, and by automation of what it gave. A column for each figure that any of the days has, by its name."""
    names = sorted({name for day in days for name in day.figures})
    columns = (Column("day", "day"), Column("closed", "text"), *(_column(name, decimals) for name in names))
    rows = tuple(
        (day.on, "no" if day.late is None else "yes", *(value_in(day.figures, name) for name in names)) for day in days
    )
    late = tuple(
        (day.on, name, more) for day in days if day.late is not None for name, more in sorted(day.late.items())
    )
    beside = Section("late", (Column("day", "day"), Column("figure", "text"), Column("more", "number")), late)
    notes = tuple(note for note, holds in ((OPEN, any(day.late is None for day in days)), (LATE, bool(late))) if holds)
    return Report("days", currency, days[0].on, days[-1].on, (Section("figures", columns, rows), beside), notes)


def _column(name: str, decimals: Mapping[str, int]) -> Column:
    known = figure_of(name)
    unit = _UNITS.get(known.unit, "number") if known is not None else "number"
    wallet = name.partition(".")[2]
    return Column(name, unit, decimals.get(wallet, 0) if unit == "units" else 0)
