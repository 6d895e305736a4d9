"""How many units somebody moved by hand in a day: a row for each person and day, and a condition of what adds to it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from shared.store.backend import Backend, Put

# A day's count is asked for on that day; a zone's day ends at most so long after Greenwich's.
KEPT_DAYS = 3


class Count(NamedTuple):
    """`version` tells one state from the next."""

    key: str
    version: int = 0
    units: int = 0


def count_of(backend: Backend, key: str) -> Count:
    row = backend.get("limits", {"k": key, "s": 0})
    return Count(key) if row is None else Count(key, row["n"], row["c"])


def put_count(count: Count, more: int, now: datetime) -> Put:
    """The write of a count that was read, with more in it."""
    row = {
        "k": count.key,
        "s": 0,
        "n": count.version + 1,
        "c": count.units + more,
        "x": int((now + timedelta(days=KEPT_DAYS)).timestamp()),
    }
    where = ("n", count.version) if count.version else None
    return Put("limits", row, absent=where is None, where=where)
