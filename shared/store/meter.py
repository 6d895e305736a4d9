"""What a function uses, as the services answer it: requests, read units, time times memory. The next posting that this
environment writes carries it; what an environment used after its last posting is lost with it, and nobody is told of it.

Write units of postings are not carried: whoever counts a posting reckons them from its bytes, by DynamoDB's own rule.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

_READS = frozenset({"GetItem", "BatchGetItem", "Query", "Scan"})
_MB_OF_GB = 1_024


class Meter:
    """One environment's. `name` of the function; `memory_mb` it has."""

    def __init__(self, name: str, memory_mb: int, clock: Callable[[], float] = time.perf_counter) -> None:
        self._name, self._memory_mb, self._clock = name, memory_mb, clock
        self._calls = self._half_reads = 0
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
        if told and operation in _READS:
            self._half_reads += round(
                2 * sum(one["CapacityUnits"] for one in (told if isinstance(told, list) else [told]))
            )

    def used(self) -> str:
        """As a posting carries it: the function, calls, halves of read units, and thousandths of a GB-second."""
        compute = round((self._ms + self._passed()) * self._memory_mb / _MB_OF_GB)
        return f"{self._name},{self._calls},{self._half_reads},{compute}"

    def carried(self) -> None:
        """A posting bears it now."""
        self._calls = self._half_reads = 0
        self._ms = 0.0
        self._since = self._clock() if self._since is not None else None

    def _passed(self) -> float:
        return (self._clock() - self._since) * 1_000 if self._since is not None else 0.0
