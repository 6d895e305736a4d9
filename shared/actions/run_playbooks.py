"""Asks every playbook when a day is closed, and does what was decided in advance: each at most once a day, however often the job
runs. What is done and the record of it are one transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from typing import NamedTuple

from shared.actions.close_month import KPI
from shared.actions.close_targets import TARGETS, figures_of
from shared.actions.club import Club, attempts
from shared.actions.read_trends import closed_days, trend_of_days
from shared.domain.decide import ms
from shared.domain.figure_words import Asked, value_of
from shared.domain.kpi import value_in
from shared.domain.messages import Intent, playbook_intent
from shared.domain.playbooks import BY_PLAYBOOK, Firing, Verdict, deed_of, verdict_of
from shared.domain.rulebook import PlaybookRule, Rulebook
from shared.domain.vocabulary import Value
from shared.store import keys
from shared.store.backend import Contended, Put, Unanswered
from shared.store.kpi import closed_on
from shared.store.months import chapter_of
from shared.store.playbooks import firings_of, put_firing, put_raised, raised_of
from shared.store.switched import put_switched, switched_of, word_of

# A month is closed within days of its end; until then the one before it is the last.
_MONTHS_BACK = 2


class Played(NamedTuple):
    """What a playbook came to on a day; `firing` where it fired, then or before."""

    verdict: Verdict
    firing: Firing | None


def run_playbooks(club: Club, mode: keys.Mode, day: date, seconds_left: Callable[[], float]) -> list[Played]:
    """Raises Busy."""
    book = club.laws.at(club.now())
    return [_played(club, mode, day, book, verdict, seconds_left) for verdict in judged(club, mode, day, book)]


def judged(club: Club, mode: keys.Mode, day: date, book: Rulebook) -> list[Verdict]:
    """Each playbook that is switched on, judged by the figures of a closed day. Nothing is written. Raises Busy."""
    words = _words(club, mode, day, book)
    return [
        verdict_of(rule, words, _last_fired(club, mode, rule, day), day)
        for rule in book.playbooks
        if rule.playbook.enabled
    ]


def intents_of(played: list[Played], mode: keys.Mode) -> list[Intent]:
    """What staff are written of a day's firings: the same messages whoever asks again, so that none is lost and none doubled."""
    return [
        playbook_intent(keys.playbook(mode, one.firing.playbook), one.firing.day, one.firing.at_ms, one.firing.seen)
        for one in played
        if one.firing is not None and one.verdict.rule.playbook.notify is not None
    ]


def _played(
    club: Club, mode: keys.Mode, day: date, book: Rulebook, verdict: Verdict, seconds_left: Callable[[], float]
) -> Played:
    backend, playbook = club.store.backend, verdict.rule.playbook
    before = next((one for one in firings_of(backend, mode, playbook.id) if one.day == day), None)
    if before is not None or verdict.outcome != "fires":
        return Played(verdict, before)
    budgets = {one.id: one.budget for one in book.programme.automation if one.budget is not None}
    for _ in attempts(club, seconds_left):
        now, switched, raised = club.now(), switched_of(backend, mode), raised_of(backend, mode)
        deed = deed_of(playbook, budgets, switched, raised.by_automation)
        firing = Firing(playbook.id, day, ms(now), book.version, verdict.seen, deed.told)
        puts: list[Put] = [put_firing(mode, firing, now)]
        for automation, enabled in deed.switched.items():
            reason = f"{playbook.when}, on {day}"
            switched = switched.said(automation, word_of(enabled, BY_PLAYBOOK + playbook.id, reason, now))
        if deed.switched:
            puts.append(put_switched(mode, switched))
        if deed.raised:
            puts.append(put_raised(mode, raised, deed.raised))
        try:
            refused = backend.write(puts)
        except (Contended, Unanswered):
            refused = {-1: {}}
        if not refused:
            return Played(verdict, firing)
        stored = next((one for one in firings_of(backend, mode, playbook.id) if one.day == day), None)
        if stored is not None:
            return Played(verdict, stored)
    raise AssertionError("attempts end with Busy")


def _last_fired(club: Club, mode: keys.Mode, rule: PlaybookRule, day: date) -> date | None:
    fired = [one.day for one in firings_of(club.store.backend, mode, rule.playbook.id) if one.day < day]
    return fired[-1] if fired else None


def _words(club: Club, mode: keys.Mode, day: date, book: Rulebook) -> dict[str, Value | None]:
    """The values of all words that any playbook reads, each kind of row read once and only where one asks."""
    backend = club.store.backend
    closed = cache(lambda: closed_on(backend, mode, day))
    days = cache(lambda: closed_days(club, mode, day))
    figures = cache(lambda: _of_month(club, mode, day))
    outcomes = cache(lambda: _outcomes(club, mode, day))

    def of_day(name: str) -> int | None:
        row = closed()
        return value_in(row.figures, name) if row is not None else None

    def of_month(name: str) -> int | Fraction | None:
        value = figures().get(name)
        return value if isinstance(value, int | Fraction) else None

    def of_trend(name: str) -> str | None:
        # A trend that ends before the day says nothing of it.
        trend = trend_of_days(days(), name)
        return trend.way if trend.points and trend.points[-1].on == day else None

    asked = Asked(of_day, of_month, of_trend, lambda name: outcomes().get(name))
    names = {name for rule in book.playbooks if rule.playbook.enabled for name in rule.when.names}
    return {name: value_of(name, asked, book.programme) for name in sorted(names)}


def _of_month(club: Club, mode: keys.Mode, day: date) -> dict[str, object]:
    for month in _months_before(day):
        chapter = chapter_of(club.store.backend, mode, month, KPI)
        if chapter is not None:
            return dict(figures_of(chapter.report))
    return {}


def _outcomes(club: Club, mode: keys.Mode, day: date) -> dict[str, str]:
    for month in _months_before(day):
        chapter = chapter_of(club.store.backend, mode, month, TARGETS)
        if chapter is not None:
            return {str(row[0]): str(row[7]) for row in chapter.report.sections[0].rows}
    return {}


def _months_before(day: date) -> list[str]:
    found, last = [], day.replace(day=1)
    for _ in range(_MONTHS_BACK):
        last = (last - timedelta(days=1)).replace(day=1)
        found.append(f"{last:%Y-%m}")
    return found
