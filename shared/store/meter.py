"""What a function uses, as the services answer it: requests, read units, time times memory. The next posting that this
environment writes carries it; what an environment used after its last posting is lost with it, and nobody is told of it.

Write units of postings are not carried: whoever counts a posting reckons them from its bytes, by DynamoDB's own rule. A function
that writes few postings or none tells what is left by itself (`usage.py`), and its other write units with it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

_READS = frozenset({"GetItem", "BatchGetItem", "Query", "Scan"})
_LEDGER = "-ledger"
_MB_OF_GB = 1_024


class Used(NamedTuple):
    """Calls, halves of read units, thousandths of a GB-second, write units that belong to no posting."""

    calls: int = 0
    half_reads: int = 0
    compute: int = 0
    writes: int = 0


class Meter:
    """One environment's. `name` of the function; `memory_mb` it has."""

    # Whether write units are asked for as well: by a function that tells by itself what it used.
    counts_writes = False

    def __init__(self, name: str, memory_mb: int, clock: Callable[[], float] = time.perf_counter) -> None:
        self._name, self._memory_mb, self._clock = name, memory_mb, clock
        self.name = name
        self._calls = self._half_reads = self._writes = 0
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

    def answered(self, operation: str, answer: Mapping[str, Any]) -> None:
        """One answer of DynamoDB with what was consumed for it."""
        told = answer.get("ConsumedCapacity")
        if not told:
            return
        tables = told if isinstance(told, list) else [told]
        if operation in _READS:
            self._half_reads += round(2 * sum(one["CapacityUnits"] for one in tables))
        elif self.counts_writes and not any(str(one.get("TableName", "")).endswith(_LEDGER) for one in tables):
            # What is written with a posting is reckoned from it.
            self._writes += round(sum(one["CapacityUnits"] for one in tables))

    def used(self) -> str:
        """As a posting carries it: the function, calls, halves of read units, and thousandths of a GB-second."""
        compute = round((self._ms + self._passed()) * self._memory_mb / _MB_OF_GB)
        return f"{self._name},{self._calls},{self._half_reads},{compute}"

    def taken(self) -> Used:
        """What no posting bore, once: it is told by whoever takes it, and no posting bears it any more."""
        compute = round(self._ms * self._memory_mb / _MB_OF_GB)
        taken = Used(self._calls, self._half_reads, compute, self._writes)
        self._calls = self._half_reads = self._writes = 0
        self._ms = 0.0
        return taken

    def carried(self) -> None:
        """A posting bears it now."""
        self._calls = self._half_reads = 0
        self._ms = 0.0
        self._since = self._clock() if self._since is not None else None

    def _passed(self) -> float:
        return (self._clock() - self._since) * 1_000 if self._since is not None else 0.0
