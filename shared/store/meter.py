"""What a function uses, as the services answer it: requests, units of reads and writes, time times memory. The next posting that
this environment writes carries it; what no posting bears, the function tells by itself (`usage.py`).

Write units of a posting are not carried: whoever counts it reckons them and its account's from its bytes, by DynamoDB's own rule.
Those of all other rows, also of rows that are true with a posting, are told, and so are bytes of the log.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, NamedTuple

_READS = frozenset({"GetItem", "BatchGetItem", "Query", "Scan"})
_LEDGER, _OF_POSTINGS = "ledger", frozenset({"ledger", "accounts"})
_MB_OF_GB = 1_024


class Used(NamedTuple):
    """Calls, halves of read units, thousandths of a GB-second, write units that belong to no posting, bytes of the log."""

    calls: int = 0
    half_reads: int = 0
    compute: int = 0
    writes: int = 0
    log_bytes: int = 0


def is_reckoned(tables: AbstractSet[str]) -> bool:
    """Whether a transaction over these tables is a posting with its account and nothing else."""
    return _LEDGER in tables and tables <= _OF_POSTINGS


class Meter:
    """One environment's. `name` of the function; `memory_mb` it has. `borne_at`: when a posting last bore what was used before,
    by `wall`, in seconds of the epoch."""

    def __init__(
        self,
        name: str,
        memory_mb: int,
        clock: Callable[[], float] = time.perf_counter,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._memory_mb, self._clock, self._wall = memory_mb, clock, wall
        self.name = name
        self.borne_at = float("-inf")
        self._calls = self._half_reads = self._writes = self._log_bytes = 0
        self._ms = 0.0
        self._since: float | None = None

    def begin(self) -> None:
        """An invocation begins."""
        self._calls += 1
        self._since = self._clock()

    def end(self) -> None:
        """It is over: what it took is carried by another."""
        self._ms += self._passed()
        self._since = None

    def logged(self, many: int) -> None:
        """So many bytes went to the log."""
        self._log_bytes += many

    def answered(self, operation: str, answer: Mapping[str, Any]) -> None:
        """One answer of DynamoDB with what was consumed for it."""
        told = answer.get("ConsumedCapacity")
        if not told:
            return
        tables = told if isinstance(told, list) else [told]
        if operation in _READS:
            self._half_reads += round(2 * sum(one["CapacityUnits"] for one in tables))
            return
        written = [(str(one.get("TableName", "")).rpartition("-")[2], one["CapacityUnits"]) for one in tables]
        is_posting = any(table == _LEDGER for table, _ in written)
        self._writes += round(sum(units for table, units in written if not (is_posting and table in _OF_POSTINGS)))

    def used(self) -> str:
        """As a posting carries it: the function, calls, halves of read units, and thousandths of a GB-second."""
        compute = round((self._ms + self._passed()) * self._memory_mb / _MB_OF_GB)
        return f"{self.name},{self._calls},{self._half_reads},{compute}"

    def held(self) -> Used:
        """What no posting bore and nobody took."""
        compute = round(self._ms * self._memory_mb / _MB_OF_GB)
        return Used(self._calls, self._half_reads, compute, self._writes, self._log_bytes)

    def taken(self) -> Used:
        """What is held, once: it is told by whoever takes it, and no posting bears it any more."""
        taken = self.held()
        self._calls = self._half_reads = self._writes = self._log_bytes = 0
        self._ms = 0.0
        return taken

    def carried(self) -> None:
        """A posting bears it now."""
        self._calls = self._half_reads = 0
        self._ms = 0.0
        self.borne_at = self._wall()
        self._since = self._clock() if self._since is not None else None

    def _passed(self) -> float:
        return (self._clock() - self._since) * 1_000 if self._since is not None else 0.0
