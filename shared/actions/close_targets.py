"""Closes a month's targets and budgets: actual beside them, from the closed months of the year, and what playbooks did; written
once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from shared.actions.close_month import KPI
from shared.actions.club import Club
from shared.domain.moved_tallies import MOVED_BY_TALLIES
from shared.domain.reports import Report, Value
from shared.domain.targets import report_of_targets, spent_in
from shared.store import keys
from shared.store.months import Chapter, chapter_of, close_chapter
from shared.store.playbooks import firings_of
from shared.store.tallies import epochs_of, tallies_of

TARGETS, COST = "targets", "cost"


def close_targets(club: Club, mode: keys.Mode, last_day: date) -> Chapter | None:
    """As it is or was closed; None where the programme wants nothing. Raises Busy."""
    programme = club.laws.at(club.now()).programme
    if not programme.target and not programme.budget and not programme.playbook:
        return None
    backend, name = club.store.backend, f"{last_day:%Y-%m}"
    before = chapter_of(backend, mode, name, TARGETS)
    return before or close_chapter(backend, mode, name, targets_now(club, mode, last_day), club.now())


def targets_now(club: Club, mode: keys.Mode, last_day: date) -> Report:
    """Targets and budgets beside the months of the year that are closed by then, and what playbooks did in the month."""
    book = club.laws.at(club.now())
    done = [
        (one.day, one.playbook, one.told)
        for playbook in book.programme.playbook
        for one in firings_of(club.store.backend, mode, playbook.id)
        if last_day.replace(day=1) <= one.day <= last_day
    ]
    earlier = last_day.replace(day=1) - timedelta(days=1)
    before, now = ({}, {})
    if any(target.figure in MOVED_BY_TALLIES for target in book.programme.target):
        before, now = _tallies(club, mode, earlier), _tallies(club, mode, last_day)
    return report_of_targets(book, last_day, known_of_year(club, mode, last_day), done, before, now)


def _tallies(club: Club, mode: keys.Mode, last_day: date) -> dict[str, int]:
    """Of a month until a day, together: a round trip for each day."""
    backend, sums = club.store.backend, dict[str, int]()
    epochs = epochs_of(backend)
    for number in range(1, last_day.day + 1):
        for name, more in tallies_of(backend, mode, last_day.replace(day=number), epochs).items():
            sums[name] = sums.get(name, 0) + more
    return sums


def known_of_year(club: Club, mode: keys.Mode, last_day: date) -> dict[str, Mapping[str, Value]]:
    """The figures of each month of the year until a day that is closed: two round trips for each."""
    known: dict[str, Mapping[str, Value]] = {}
    for month in range(1, last_day.month + 1):
        name = f"{last_day.year}-{month:02d}"
        chapter = chapter_of(club.store.backend, mode, name, KPI)
        if chapter is not None:
            cost = chapter_of(club.store.backend, mode, name, COST)
            known[name] = {**figures_of(chapter.report), **(spent_in(cost.report) if cost is not None else {})}
    return known


def figures_of(report: Report) -> dict[str, Value]:
    """The figures of a month by their names."""
    return {str(row[0]): row[2] for row in report.sections[0].rows}
