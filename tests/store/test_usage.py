"""What functions use besides their postings is told once a minute at most, by environment and day, and never twice."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from shared.store.memory import Memory
from shared.store.meter import Meter
from shared.store.usage import TOLD_EVERY_S, Telling, used_in

NOON = datetime(2026, 10, 31, 12, tzinfo=UTC).timestamp()
OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)


class Clock:
    def __init__(self, now: float = NOON) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def telling(memory: Memory, clock: Clock, name: str = "relay") -> tuple[Telling, Meter]:
    meter = Meter(name, 1_024, clock)
    return Telling(memory, meter, clock), meter


def called(meter: Meter, clock: Clock, seconds: float = 0.5) -> None:
    meter.begin()
    meter.answered("Query", {"ConsumedCapacity": {"TableName": "club-x-club", "CapacityUnits": 1.5}})
    meter.answered("TransactWriteItems", {"ConsumedCapacity": [{"TableName": "club-x-club", "CapacityUnits": 4.0}]})
    clock.now += seconds
    meter.end()


def test_the_first_call_of_an_environment_is_told_at_once_and_then_a_minute_passes() -> None:
    memory, clock = Memory(), Clock()
    one, meter = telling(memory, clock)
    called(meter, clock)
    one.tell()
    first = {"calls.relay": 1, "half_reads.relay": 3, "compute.relay": 500, "writes.relay": 4}
    assert used_in(memory, OCTOBER) == first
    called(meter, clock)
    one.tell()
    assert used_in(memory, OCTOBER) == first
    clock.now += TOLD_EVERY_S
    one.tell()
    assert used_in(memory, OCTOBER) == {name: 2 * many for name, many in first.items()}


def test_telling_again_tells_nothing_twice() -> None:
    memory, clock = Memory(), Clock()
    one, meter = telling(memory, clock)
    called(meter, clock)
    for _ in range(3):
        one.tell()
        clock.now += TOLD_EVERY_S
    assert used_in(memory, OCTOBER)["calls.relay"] == 1


def test_environments_and_days_add_up_and_each_month_has_its_own() -> None:
    memory, clock = Memory(), Clock()
    environments = [telling(memory, clock) for _ in range(3)]
    for one, meter in environments:
        called(meter, clock)
        one.tell()
    clock.now += 86_400
    for one, meter in environments[:2]:
        called(meter, clock)
        one.tell()
    assert used_in(memory, OCTOBER)["calls.relay"] == 3
    assert used_in(memory, NOVEMBER)["calls.relay"] == 2


def test_what_could_not_be_written_is_told_with_what_comes_next(monkeypatch: pytest.MonkeyPatch) -> None:
    memory, clock = Memory(), Clock()
    one, meter = telling(memory, clock)
    called(meter, clock)

    def refused(_: object) -> dict[int, dict[str, object]]:
        raise ConnectionError

    with monkeypatch.context() as broken:
        broken.setattr(memory, "write", refused)
        with pytest.raises(ConnectionError):
            one.tell()
    clock.now += TOLD_EVERY_S
    one.tell()
    assert used_in(memory, OCTOBER)["calls.relay"] == 1


def test_what_a_posting_bore_is_not_told_again_and_its_writes_are_reckoned_from_it() -> None:
    memory, clock = Memory(), Clock()
    one, meter = telling(memory, clock, "scheduler")
    called(meter, clock)
    meter.carried()
    meter.begin()
    told = [
        {"TableName": "club-x-ledger", "CapacityUnits": 3.0},
        {"TableName": "club-x-accounts", "CapacityUnits": 2.0},
    ]
    meter.answered("TransactWriteItems", {"ConsumedCapacity": told})
    meter.end()
    one.tell()
    used = used_in(memory, OCTOBER)
    assert (used["calls.scheduler"], used["half_reads.scheduler"]) == (1, 0)
    # Writes that were no posting's, before one was carried.
    assert used["writes.scheduler"] == 4
