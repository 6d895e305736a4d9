"""What functions used besides their postings, as rows: one for each environment and day, with all that it used on that day so
far. It is written whole, so that writing it again changes nothing. Days are UTC's.

Nobody tells a function that its environment ends, and what it held then is lost. So after a call it holds less than `HELD_MAX` of
each, which is less than a tenth of a cent together, and nothing but lines of its log from more than `TOLD_EVERY_S` before.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime

from shared.store import keys
from shared.store.backend import Backend, Put
from shared.store.meter import Meter, Used
from shared.store.sizes import Stored

# A month is closed within days; a bill is looked at for longer.
KEPT_DAYS = 400
# An environment tells its first call at once, since it may have no second, unless a posting bore it; then when so much time has
# passed, since a write of a function that is called every few seconds would cost more than what it tells,
TOLD_EVERY_S = 600.0
# or when so much of one is held: a write is then a hundredth of what it tells, or less.
HELD_MAX = Used(calls=200, half_reads=2_000, compute=10_000, writes=200, log_bytes=100_000)
_DAY_S = 86_400
_STORED, _NOT_FIGURES = "stored", frozenset({"kind", "id", "x"})


class Telling:
    """One environment's rows. What could not be written is told with what comes next."""

    def __init__(self, backend: Backend, meter: Meter, clock: Callable[[], float] = time.time) -> None:
        self._backend, self._meter, self._clock = backend, meter, clock
        self._environment = secrets.token_hex(6)
        self._told_at = float("-inf")
        self._day: date | None = None
        self._whole = Used()

    def tell(self) -> None:
        """After a call: what is held, where it is much or old. Raises Busy or Refused."""
        now, held = self._clock(), self._meter.held()
        # A posting bears all but writes of other rows and lines of the log, which are not worth a row before they are many.
        since = self._told_at if held.writes else max(self._told_at, self._meter.borne_at)
        if now - since < TOLD_EVERY_S and all(one < most for one, most in zip(held, HELD_MAX, strict=True)):
            return
        day = datetime.fromtimestamp(now, UTC).date()
        if day != self._day:
            self._day, self._whole = day, Used()
        # Its own row is a write unit.
        more = (self._whole, self._meter.taken(), Used(writes=1))
        self._whole = Used(*(sum(parts) for parts in zip(*more, strict=True)))
        self._told_at = now
        row = {
            "kind": keys.used(day), "id": keys.used_by(day, self._meter.name, self._environment),
            **self._whole._asdict(), "x": int(now) + KEPT_DAYS * _DAY_S,
        }  # fmt: skip
        self._backend.write([Put("club", row)])


def used_in(backend: Backend, month: date) -> dict[str, int]:
    """What was told of the month of a day, by the names of tallies: `calls.relay`, `stored.ledger`."""
    sums: dict[str, int] = {}
    for row in backend.listed("club", keys.used(month)):
        whose = keys.function_of(row["id"])
        for name in row.keys() - _NOT_FIGURES:
            sums[f"{name}.{whose}"] = sums.get(f"{name}.{whose}", 0) + row[name]
    return sums


def put_stored(backend: Backend, day: date, by_table: Mapping[str, Stored], now_s: int) -> None:
    """What was kept of each table on a day, in bytes. Written again it is as it was written last. Raises Busy."""
    for table, stored in by_table.items():
        row = {
            "kind": keys.used(day), "id": keys.used_by(day, table, _STORED), "stored": stored.kept,
            "restorable": stored.restorable, "x": now_s + KEPT_DAYS * _DAY_S,
        }  # fmt: skip
        backend.write([Put("club", row)])
