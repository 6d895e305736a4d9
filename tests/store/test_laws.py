"""The programme's versions: published once, never changed, in force from their own time, cached for a bounded while."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from shared.domain.errors import Busy, ProgrammeUnknown
from shared.domain.rulebook import ProgrammeFaulty
from shared.store.backend import Backend
from shared.store.laws import LEAD, Laws, publish
from shared.store.table import Tables
from tests.store.club_rows import NOON, law


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_a_club_without_a_programme_says_so(backend: Backend) -> None:
    laws = Laws(backend, 60)
    for ask in (lambda: laws.at(NOON), laws.latest, lambda: laws.version(1)):
        with pytest.raises(ProgrammeUnknown):
            ask()


def test_the_first_programme_is_in_force_at_once_and_for_what_was_before_it(backend: Backend) -> None:
    version = publish(backend, law(), NOON, at_once=False)
    assert version.version == 1
    assert version.effective_ms == NOON.timestamp() * 1000
    laws = Laws(backend, 60)
    assert laws.at(NOON).version == laws.at(NOON - timedelta(days=400)).version == laws.latest().version == 1


def test_a_new_programme_is_in_force_after_every_function_has_heard_of_it(backend: Backend) -> None:
    publish(backend, law(1), NOON, at_once=False)
    publish(backend, law(2), NOON, at_once=False)
    laws = Laws(backend, 60)
    assert timedelta(seconds=60) < LEAD
    assert laws.at(NOON + LEAD - timedelta(milliseconds=1)).version == 1
    assert laws.at(NOON + LEAD).version == 2
    assert laws.latest().version == 2


def test_a_new_programme_can_be_in_force_at_once(backend: Backend) -> None:
    publish(backend, law(1), NOON, at_once=True)
    publish(backend, law(2), NOON + timedelta(seconds=1), at_once=True)
    laws = Laws(backend, 60)
    assert [laws.at(NOON + timedelta(seconds=seconds)).version for seconds in (0, 1)] == [1, 2]


def test_the_same_programme_is_not_published_twice(backend: Backend) -> None:
    first = publish(backend, law(), NOON, at_once=True)
    assert publish(backend, law(), NOON + timedelta(days=1), at_once=True) == first
    assert Laws(backend, 60).index() == [first]


def test_going_back_to_an_older_programme_is_a_new_version(backend: Backend) -> None:
    for points in (1, 2, 1):
        publish(backend, law(points), NOON, at_once=True)
    assert [version.version for version in Laws(backend, 60).index()] == [1, 2, 3]


def test_a_faulty_programme_is_not_published(backend: Backend) -> None:
    with pytest.raises(ProgrammeFaulty):
        publish(backend, law() + "\n[[earn]]\nid = 'x'\nwhen = 'nonsense'\npoints = 1\n", NOON, at_once=True)
    assert Laws(backend, 60).index() == []


def test_a_version_says_for_ever_what_was_published(backend: Backend) -> None:
    for points in (1, 2):
        publish(backend, law(points), NOON, at_once=True)
    laws = Laws(backend, 60)
    assert [laws.version(version).rules[0].number for version in (1, 2)] == [(1, 1), (2, 1)]
    assert [laws.version(version).version for version in (1, 2)] == [1, 2]


def test_a_function_hears_of_a_new_programme_when_its_cache_ends_and_not_before(backend: Backend) -> None:
    clock = Clock()
    publish(backend, law(1), NOON, at_once=True)
    laws = Laws(backend, 60, clock)
    assert laws.latest().version == 1
    publish(backend, law(2), NOON, at_once=True)
    clock.seconds = 59.9
    assert laws.latest().version == 1
    clock.seconds = 60.0
    assert laws.latest().version == 2


def test_a_version_chosen_elsewhere_is_read_though_the_index_is_cached(backend: Backend) -> None:
    publish(backend, law(1), NOON, at_once=True)
    laws = Laws(backend, 60, Clock())
    assert laws.latest().version == 1
    publish(backend, law(2), NOON, at_once=True)
    # Another function decided under version 2; its posting is told here, under the version that it names.
    assert laws.version(2).version == 2


def test_programmes_published_at_once_get_versions_of_their_own_without_a_gap(tables: Tables) -> None:
    def published(points: int) -> tuple[int, int] | None:
        try:
            return publish(tables, law(points), NOON, at_once=True).version, points
        except Busy:
            return None

    with ThreadPoolExecutor(6) as operators:
        outcomes = [one for one in operators.map(published, range(1, 7)) if one is not None]
    laws = Laws(tables, 60)
    assert outcomes
    assert sorted(version for version, _ in outcomes) == [one.version for one in laws.index()]
    assert [one.version for one in laws.index()] == list(range(1, len(outcomes) + 1))
    for version, points in outcomes:
        assert laws.version(version).rules[0].number == (points, 1)
