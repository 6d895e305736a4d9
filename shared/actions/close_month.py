"""Closes a month: its figures are counted from the census and the days' tallies, and written once. A month that is open is
told as it is now."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction

from shared.actions.club import Club
from shared.actions.count_parts import census_of_parts
from shared.domain.breakage_told import breakage_of, never_used
from shared.domain.census_parts import Counted
from shared.domain.civil_months import month_of, month_text
from shared.domain.costs import report_of_cost
from shared.domain.costs_told import Told as Spent
from shared.domain.costs_told import together
from shared.domain.effect_report import report_of_effects
from shared.domain.late_figures import Late, late_of
from shared.domain.liability import Told, cohorts_in, report_of_liability
from shared.domain.months import Month, report_of_month
from shared.domain.prices import prices
from shared.domain.reports import Report
from shared.domain.rulebook import Rulebook
from shared.store import keys
from shared.store.backend import Backend
from shared.store.months import Chapter, chapter_of, chapters_of, close_chapter
from shared.store.post import source_of, spent_in
from shared.store.tallies import Epochs, epochs_of, tallies_of
from shared.store.usage import used_in

KPI = "kpi"
CLOSED = (KPI, "cost", "liability", "effect")
# A club that closed nothing for longer begins anew.
MONTHS_BACK_MAX = 24
DAYS_IN_MONTH_MIN = 28


def close_month(club: Club, mode: keys.Mode, last_day: date, parts: int) -> list[Chapter]:
    """The chapters of a month, as they are or were closed. Raises Unfinished while a part of the census is missing, Busy."""
    backend, name = club.store.backend, f"{last_day:%Y-%m}"
    before = chapters_of(backend, mode, name, CLOSED)
    if len(before) == len(CLOSED):
        return before
    census = census_of_parts(club, mode, last_day, parts)
    return [
        close_chapter(backend, mode, name, report, club.now()) for report in month_now(club, mode, last_day, census)
    ]


def month_now(club: Club, mode: keys.Mode, last_day: date, census: Counted) -> list[Report]:
    """The chapters of a month as the ledger has them now. Raises Busy."""
    backend, book = club.store.backend, club.laws.at(club.now())
    epochs, first = epochs_of(backend), last_day.replace(day=1)
    days = _tallies(backend, mode, last_day, epochs)
    sums: dict[str, int] = {}
    for day in days.values():
        for name, more in day.items():
            sums[name] = sums.get(name, 0) + more
    currency, decimals = book.programme.club.currency, book.programme.points.decimals
    before = _liability_before(backend, mode, month_of(last_day))
    liability = report_of_liability(Told(census.owed, last_day, cohorts_in(before) if before is not None else {}), book)
    breakage = breakage_of(liability, _estimated_before(backend, mode, month_of(last_day)), book)
    late = _told_late(backend, mode, month_of(last_day), book.programme.club.late_days, epochs)
    figures = report_of_month(Month(first, last_day, census, sums, currency, decimals, days, late))
    members = {str(row[0]): row[2] for row in figures.sections[0].rows}
    by_channel = {str(channel): minor for channel, minor in spent_in(backend, last_day).items()}
    sent = _sent(backend, mode, book, first, last_day)
    used = together(sums, used_in(backend, last_day))
    cost = Spent(first, last_day, used, by_channel, members, sent, census.effects, census.sources)
    return [
        figures,
        report_of_cost(cost, book, prices(book.programme.costs.region), breakage),
        liability,
        report_of_effects(census.effects, currency, first, last_day),
    ]


def _tallies(backend: Backend, mode: keys.Mode, last_day: date, epochs: Epochs) -> dict[date, dict[str, int]]:
    """Of each day of a month until `last_day`."""
    days = (last_day.replace(day=number) for number in range(1, last_day.day + 1))
    return {day: tallies_of(backend, mode, day, epochs) for day in days}


def _told_late(backend: Backend, mode: keys.Mode, month: int, late_days: int, epochs: Epochs) -> tuple[Late, ...]:
    """Of closed months, as far back as a purchase may be told late. A round trip for each of their days."""
    back = min(MONTHS_BACK_MAX, late_days // DAYS_IN_MONTH_MIN + 2)
    closed = [chapter_of(backend, mode, month_text(one), KPI) for one in range(month - back, month)]
    reports = [one.report for one in closed if one is not None]
    now = {day: told for one in reports for day, told in _tallies(backend, mode, one.last, epochs).items()}
    return late_of(now, reports)


def _sent(backend: Backend, mode: keys.Mode, book: Rulebook, first: date, last: date) -> dict[str, Fraction]:
    """What messages cost by automation and campaign of the programme; who sent nothing that cost is not named."""
    ids = [*(one.id for one in book.programme.automation), *(one.id for one in book.programme.campaign)]
    costs = {one: source_of(backend, mode, one, first, last)[1] for one in ids}
    return {one: minor for one, minor in costs.items() if minor}


def _liability_before(backend: Backend, mode: keys.Mode, month: int) -> Report | None:
    """The last one that was closed: a month that nobody closed is caught up by the next."""
    return next(_liabilities_before(backend, mode, month), None)


def _estimated_before(backend: Backend, mode: keys.Mode, month: int) -> Report | None:
    """The last one that could tell how points end: what was not told meanwhile is told with the next that can."""
    return next((one for one in _liabilities_before(backend, mode, month) if never_used(one) is not None), None)


def _liabilities_before(backend: Backend, mode: keys.Mode, month: int) -> Iterator[Report]:
    for earlier in range(month - 1, month - 1 - MONTHS_BACK_MAX, -1):
        chapter = chapter_of(backend, mode, month_text(earlier), "liability")
        if chapter is not None:
            yield chapter.report
