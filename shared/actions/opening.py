"""Opens the club for a function: connection, secrets and law, at the first request that needs them, and kept."""

from __future__ import annotations

import time
from functools import cache, lru_cache

from shared.actions.club import Club
from shared.domain.errors import Busy
from shared.settings import settings
from shared.store.connection import parameter_store, tables
from shared.store.laws import Laws
from shared.store.peppers import Peppers
from shared.store.sender import Lost, Refused
from shared.store.store import Store

# A new pepper is in use everywhere after so long; the older ones recognise until then and after.
PEPPERS_SECONDS_MAX = 300


def club() -> Club:
    """The club as it is now. Raises Busy when its secrets cannot be read."""
    return Club(_store(), _laws(), _peppers_of(_secret().text()))


@cache
def _store() -> Store:
    return Store(tables())


@cache
def _laws() -> Laws:
    return Laws(tables(), settings().programme_seconds)


class _Secret:
    """The parameter's text as it was read last, and when that was."""

    def __init__(self) -> None:
        self._text = ""
        self._read_at = float("-inf")

    def text(self) -> str:
        if time.monotonic() - self._read_at >= PEPPERS_SECONDS_MAX:
            request = {"Name": settings().peppers, "WithDecryption": True}
            try:
                self._text = parameter_store().call("GetParameter", request)["Parameter"]["Value"]
            except (Refused, Lost) as error:
                raise Busy from error
            self._read_at = time.monotonic()
        return self._text


@cache
def _secret() -> _Secret:
    return _Secret()


@lru_cache(maxsize=2)
def _peppers_of(secret: str) -> Peppers:
    return Peppers(secret)
