"""Closes a month: its figures are counted from the census and the days' tallies, and written once. A month that is open is
told as it is now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from shared.actions.club import Club
from shared.actions.walking import Unfinished
from shared.domain.census import Census
from shared.domain.months import Month, report_of_month
from shared.domain.reports import Report
from shared.store import keys
from shared.store.census import census_in
from shared.store.months import Chapter, chapter_of, close_chapter
from shared.store.tallies import epochs_of, tallies_of

KPI = "kpi"


def close_month(club: Club, mode: keys.Mode, last_day: date, parts: int) -> Chapter:
    """The month's figures, as they are or were closed. Raises Unfinished while a part of the census is missing, Busy."""
    backend, name = club.store.backend, f"{last_day:%Y-%m}"
    before = chapter_of(backend, mode, name, KPI)
    if before is not None:
        return before
    census = census_in(backend, mode, name, parts)
    if census is None:
        raise Unfinished
    return close_chapter(backend, mode, name, month_now(club, mode, last_day, census), club.now())


def month_now(
    club: Club, mode: keys.Mode, last_day: date, census: Census, heard: Callable[[int], None] = lambda _: None
) -> Report:
    """The figures of a month as the ledger has them now. Raises Busy."""
    backend, book = club.store.backend, club.laws.at(club.now())
    epochs, first = epochs_of(backend), last_day.replace(day=1)
    sums: dict[str, int] = {}
    for number in range(last_day.day):
        heard(number)
        for name, more in tallies_of(backend, mode, first + timedelta(days=number), epochs).items():
            sums[name] = sums.get(name, 0) + more
    currency, decimals = book.programme.club.currency, book.programme.points.decimals
    return report_of_month(Month(first, last_day, census, sums, currency, decimals))
