"""Opens the club for a function: connection, secrets and law, at the first request that needs them, and kept."""

from __future__ import annotations

from functools import cache, lru_cache

from shared.actions.club import Club
from shared.settings import settings
from shared.store.connection import tables
from shared.store.laws import Laws
from shared.store.parameters import Kept
from shared.store.peppers import Peppers
from shared.store.store import Store


def club() -> Club:
    """The club as it is now. Raises Busy when its secrets cannot be read."""
    return Club(_store(), _laws(), _peppers_of(_secret().text()))


def laws() -> Laws:
    """For who needs no secret."""
    return _laws()


@cache
def _store() -> Store:
    return Store(tables())


@cache
def _laws() -> Laws:
    return Laws(tables(), settings().programme_seconds)


@cache
def _secret() -> Kept:
    return Kept(settings().peppers)


@lru_cache(maxsize=2)
def _peppers_of(secret: str) -> Peppers:
    return Peppers(secret)
