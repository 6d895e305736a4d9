"""What was told late of a month that is closed: it is booked in the month that is open, under its own date. All closed months
together, with what each says is late, are what the days' tallies say now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from shared.domain.reports import IN_FILES, Column, Report, Section, Unit, Value
from shared.domain.tables import MAIN_WALLET

# Each day's sums of which a month's are made.
_SUMMED: Mapping[str, Unit] = {
    "purchases": "number", "spend_minor": "minor", "returns": "number", "returned_minor": "minor",
    "guest_purchases": "number", "guest_spend_minor": "minor", "guest_returns": "number", "guest_returned_minor": "minor",
    "coupons": "number", "offers": "number", "offers_minor": "minor", "guest_offers": "number", "guest_offers_minor": "minor",
    **{
        f"{account}{back}.{MAIN_WALLET}": "units"
        for account in ("issued", "clawed_back", "redeemed", "expired")
        for back in ("", "_back")
    },
}  # fmt: skip
_LATE, _DAYS = "late", IN_FILES
# By day, its figures by name.
Days = Mapping[date, Mapping[str, int]]


class Late(NamedTuple):
    """`more` of a figure of a day; below 0 where a recount found less."""

    on: date
    figure: str
    more: int


def late_of(now: Days, closed: Iterable[Report]) -> tuple[Late, ...]:
    """What days of closed months have `now` beyond what `closed` chapters tell of them, be it as their own or as late. Nothing is
    said of a day that none of them closed."""
    known: dict[date, dict[str, int]] = {}
    since: list[Late] = []
    for report in closed:
        for section in report.sections:
            if section.name == _DAYS:
                names = [column.name for column in section.columns[1:]]
                for on, *values in section.rows:
                    assert isinstance(on, date)
                    known[on] = dict(zip(names, (_whole(value) for value in values), strict=True))
            elif section.name == _LATE:
                since += [Late(*row) for row in section.rows]  # type: ignore[arg-type]  # As `late_section` wrote them.
    for one in since:
        if one.figure in known.get(one.on, {}):
            known[one.on][one.figure] += one.more
    # What an earlier release did not close is not late.
    found = (
        Late(on, name, now[on].get(name, 0) - known[on][name])
        for on in sorted(known.keys() & now.keys())
        for name in _SUMMED
        if name in known[on]
    )
    return tuple(one for one in found if one.more)


def late_section(late: Iterable[Late]) -> Section:
    columns = (Column("day", "day"), Column("figure", "text"), Column("more", "number"))
    return Section(_LATE, columns, tuple((one.on, one.figure, one.more) for one in late))


def days_section(days: Days) -> Section:
    columns = (Column("day", "day"), *(Column(name, unit) for name, unit in _SUMMED.items()))
    return Section(_DAYS, columns, tuple(_row(on, days[on]) for on in sorted(days)))


def _row(on: date, figures: Mapping[str, int]) -> tuple[Value, ...]:
    return (on, *(figures.get(name, 0) for name in _SUMMED))


def _whole(value: object) -> int:
    assert isinstance(value, int)
    return value
