"""The breakage of a month, as the chapters on what is owed have it: what this month's estimate adds to the one before.

Of each month's points those are never used that lapsed, and of those still open the share that nobody is expected to ask for.
The amounts of all months together are what was never used of all points since the first estimate: none is told twice.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from shared.domain.costs_told import worth_minor
from shared.domain.reports import Report
from shared.domain.rulebook import Rulebook
from shared.domain.tables import MAIN_WALLET


class Breakage(NamedTuple):
    """In minor units of the points' value; None where nobody knows, with the reason."""

    minor: Fraction | None
    why: str = ""


NOT_TOLD = Breakage(None, "nobody told it with this month")
UNLEARNED = Breakage(None, "how points end cannot be told yet, as the chapter `liability` explains")
FIRST = Breakage(
    None, "no month before was closed with an estimate of it; from the next on it is what is added to this one's"
)


def never_used(liability: Report) -> dict[str, Fraction] | None:
    """Points that lapsed or are expected to, by the month in which they were given; None where that could not be told."""
    (section,) = (one for one in liability.sections if one.name == "breakage")
    places = {column.name: place for place, column in enumerate(section.columns)}
    units: dict[str, Fraction] = {}
    for row in section.rows:
        expired, left, share = (row[places[name]] for name in ("expired", "open", "of_open_expected"))
        if not isinstance(share, int | Fraction):
            return None
        assert isinstance(expired, int)
        assert isinstance(left, int)
        units[str(row[places["booked_in"]])] = expired + left * (1 - Fraction(share))
    return units


def breakage_of(now: Report, before: Report | None, book: Rulebook) -> Breakage:
    """`before`: the last month that was closed with an estimate. Months that are no longer told one by one are over."""
    known = never_used(now)
    if known is None:
        return UNLEARNED
    earlier = never_used(before) if before is not None else None
    if earlier is None:
        return FIRST
    units = sum((many - earlier.get(month, 0) for month, many in known.items()), Fraction(0))
    return Breakage(worth_minor(book, MAIN_WALLET, units))
