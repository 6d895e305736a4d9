"""What functions used besides their postings, as rows: one for each environment and day, with all that it used on that day so
far. It is written whole, so that writing it again changes nothing. Days are UTC's."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from datetime import UTC, date, datetime

from shared.store import keys
from shared.store.backend import Backend, Put
from shared.store.meter import Meter, Used

# A month is closed within days; a bill is looked at for longer.
KEPT_DAYS = 400
# An environment tells its first call at once, since it may have no second; then at most so often.
TOLD_EVERY_S = 60.0
_DAY_S = 86_400
_NAMES = ("calls", "half_reads", "compute", "writes")


class Telling:
    """One environment's rows. What could not be written is told with what comes next."""

    def __init__(self, backend: Backend, meter: Meter, clock: Callable[[], float] = time.time) -> None:
        self._backend, self._meter, self._clock = backend, meter, clock
        self._environment = secrets.token_hex(6)
        self._told_at = float("-inf")
        self._day: date | None = None
        self._whole = Used()
        meter.counts_writes = True

    def tell(self) -> None:
        """Raises Busy or Refused."""
        now = self._clock()
        if now - self._told_at < TOLD_EVERY_S:
            return
        day = datetime.fromtimestamp(now, UTC).date()
        if day != self._day:
            self._day, self._whole = day, Used()
        self._whole = Used(*(a + b for a, b in zip(self._whole, self._meter.taken(), strict=True)))
        self._told_at = now
        row = {
            "kind": keys.used(day), "id": keys.used_by(day, self._meter.name, self._environment),
            **dict(zip(_NAMES, self._whole, strict=True)), "x": int(now) + KEPT_DAYS * _DAY_S,
        }  # fmt: skip
        self._backend.write([Put("club", row)])


def used_in(backend: Backend, month: date) -> dict[str, int]:
    """What was told of the month of a day, by the names of tallies: `calls.relay`."""
    sums: dict[str, int] = {}
    for row in backend.listed("club", keys.used(month)):
        function = keys.function_of(row["id"])
        for name in _NAMES:
            sums[f"{name}.{function}"] = sums.get(f"{name}.{function}", 0) + row[name]
    return sums
