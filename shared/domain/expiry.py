"""Until when points can be used: from the day they were earned, by every kind of `expiry`, in civil days of the club's zone.

A lot keeps the last day of its use. It is counted in two steps: what `expiry` says (`expires_on`), and what
`policies.expiry_boundary` makes of that day (`last_day`); `lasts_until` does both.
"""

from __future__ import annotations

from calendar import isleap
from collections.abc import Iterable
from datetime import date, timedelta

from shared.domain.lots import Lot
from shared.domain.rulebook import Rulebook
from shared.domain.wallet_tables import Expiry


def expires_on(earned_on: date, expiry: Expiry | None) -> date | None:
    """The day on which points earned on a day expire. A month's overflow goes to its last day.

    >>> expires_on(date(2027, 8, 31), Expiry(months=6, at="day")), expires_on(date(2026, 11, 22), Expiry(months=12))
    (datetime.date(2028, 2, 29), datetime.date(2027, 11, 30))
    >>> expires_on(date(2026, 11, 22), Expiry(at="year_end")), expires_on(date(2026, 11, 22), Expiry(dates=("03-31", "09-30")))
    (datetime.date(2026, 12, 31), datetime.date(2027, 3, 31))
    """
    if expiry is None:
        return None
    if expiry.days is not None:
        return earned_on + timedelta(days=expiry.days)
    if expiry.dates is not None:
        soonest = earned_on + timedelta(days=expiry.min_days)
        return min(day for year in (soonest.year, soonest.year + 1) for day in _days_of(year, expiry) if day >= soonest)
    year, month = divmod(earned_on.year * 12 + earned_on.month - 1 + (expiry.months or 0), 12)
    if expiry.at == "year_end":
        return date(year, 12, 31)
    last = _length(year, month + 1)
    return date(year, month + 1, min(earned_on.day, last) if expiry.at == "day" else last)


# Every purchase asks: `monthrange` would count the days of the week as well.
_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def _length(year: int, month: int) -> int:
    return 29 if month == 2 and isleap(year) else _LENGTHS[month - 1]


def _days_of(year: int, expiry: Expiry) -> Iterable[date]:
    """The fixed days of one year; 29 February is kept on the 28th in common years."""
    for text in expiry.dates or ():
        month, day = int(text[:2]), int(text[3:])
        yield date(year, month, min(day, _length(year, month)))


def last_day(expires: date, book: Rulebook) -> date:
    """The last day on which points that expire on a day can be used, as `policies.expiry_boundary` draws the line.

    `end_of_day`: through that day. `at_instant`: they expire the moment the day begins, so its eve is the last.
    `end_of_month`: through the last day of its month.
    """
    boundary = book.programme.policies.expiry_boundary
    if boundary == "at_instant":
        return expires - timedelta(days=1)
    if boundary == "end_of_month":
        return expires.replace(day=_length(expires.year, expires.month))
    return expires


def lasts_until(earned_on: date, expiry: Expiry | None, book: Rulebook) -> date | None:
    """The last day of use of points earned on a day; None, if they never expire."""
    expires = expires_on(earned_on, expiry)
    if expires is None or book.programme.policies.expiry_boundary == "end_of_day":
        return expires
    return last_day(expires, book)


def slid(lots: tuple[Lot, ...], on: date, expiry: Expiry | None, book: Rulebook) -> tuple[Lot, ...]:
    """Lots after a purchase on a day, where `expiry` is sliding: the time of those still open that day begins anew.

    A last day never moves back, and what had lapsed before that day stays so. In the order that an account keeps.
    """
    until = lasts_until(on, expiry, book)
    if expiry is None or until is None or not expiry.sliding:
        return lots
    moved = [
        lot._replace(expires_on=max(lot.expires_on, until)) if lot.expires_on and lot.expires_on >= on else lot
        for lot in lots
    ]
    return tuple(sorted(moved, key=lambda lot: (lot.expires_on or date.max, lot.usable_on)))
