"""Closes the estimates of a month that is closed: what automations brought, with its doubt, and what members will probably buy.
Written once. What messages were measured to be worth is told to those who send them. Only the analyst and commands have the
libraries for it."""

from __future__ import annotations

from datetime import date, datetime

from shared.actions.publish_worths import publish_worths
from shared.actions.walking import Unfinished
from shared.domain.civil_months import month_of, month_text
from shared.domain.effect_report import effects_in
from shared.domain.rulebook import Rulebook
from shared.statistics.expectations import DAYS_AHEAD, expectations
from shared.statistics.reports import EXPECTED, UPLIFT, report_of_expectations, report_of_uplift, worths_in
from shared.statistics.told_effects import effects_told, shares_of, worths_of
from shared.store import keys
from shared.store.backend import Backend
from shared.store.census import census_pages
from shared.store.months import Chapter, chapter_of, close_chapter

# Messages are ranked by what the latest month measured: one that is closed by hand later looks so far ahead for a newer one.
MONTHS_AHEAD_MAX = 12


def close_estimates(
    backend: Backend, book: Rulebook, now: datetime, mode: keys.Mode, last_day: date, parts: int
) -> tuple[Chapter, Chapter]:
    """Both chapters, as they are or were closed. Raises Unfinished until the month is closed and its members are counted, in so
    many parts or by hand in one; Busy."""
    return _uplift(backend, book, now, mode, last_day), _expected(backend, book, now, mode, last_day, parts)


def _uplift(backend: Backend, book: Rulebook, now: datetime, mode: keys.Mode, last_day: date) -> Chapter:
    """From the sums of the closed chapter `effect`, by the shares that the programme holds out now."""
    name = f"{last_day:%Y-%m}"
    chapter = chapter_of(backend, mode, name, UPLIFT)
    if chapter is None:
        closed = chapter_of(backend, mode, name, "effect")
        if closed is None:
            raise Unfinished
        told = list(effects_told(effects_in(closed.report), shares_of(book)))
        currency = closed.report.currency
        report = report_of_uplift(told, worths_of(told, book), currency, last_day.replace(day=1), last_day)
        chapter = close_chapter(backend, mode, name, report, now)
    # As the row has it: a run that was killed before it told this tells it when it comes again.
    if not _is_outdated(backend, mode, last_day):
        publish_worths(backend, mode, worths_in(chapter.report))
    return chapter


def _is_outdated(backend: Backend, mode: keys.Mode, last_day: date) -> bool:
    month = month_of(last_day)
    later = range(month + 1, month + 1 + MONTHS_AHEAD_MAX)
    return any(chapter_of(backend, mode, month_text(one), UPLIFT) is not None for one in later)


def _expected(backend: Backend, book: Rulebook, now: datetime, mode: keys.Mode, last_day: date, parts: int) -> Chapter:
    name = f"{last_day:%Y-%m}"
    chapter = chapter_of(backend, mode, name, EXPECTED)
    if chapter is not None:
        return chapter
    pages = census_pages(backend, mode, name, parts) or census_pages(backend, mode, name, 1)
    if pages is None:
        raise Unfinished
    known = expectations((line for page in pages for line in page.lines), last_day, DAYS_AHEAD)
    report = report_of_expectations(known, book.programme.club.currency, last_day.replace(day=1), last_day)
    return close_chapter(backend, mode, name, report, now)
