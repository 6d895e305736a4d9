"""What functions use besides their postings is told now and then, by environment and day, and never twice."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime
from fractions import Fraction

import pytest

from shared.domain.costs_told import metered_by_service
from shared.domain.prices import prices
from shared.store.memory import Memory
from shared.store.meter import Meter, Used
from shared.store.usage import HELD_MAX, TOLD_EVERY_S, Telling, used_in

NOON = datetime(2026, 10, 31, 12, tzinfo=UTC).timestamp()
OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)


class Clock:
    def __init__(self, now: float = NOON) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def telling(memory: Memory, clock: Clock, name: str = "relay") -> tuple[Telling, Meter]:
    meter = Meter(name, 1_024, clock, clock)
    return Telling(memory, meter, clock), meter


def called(meter: Meter, clock: Clock, seconds: float = 0.5) -> None:
    meter.begin()
    meter.answered("Query", {"ConsumedCapacity": {"TableName": "club-x-club", "CapacityUnits": 1.5}})
    meter.answered("TransactWriteItems", {"ConsumedCapacity": [{"TableName": "club-x-club", "CapacityUnits": 4.0}]})
    clock.now += seconds
    meter.end()


def test_the_first_call_of_an_environment_is_told_at_once_and_then_ten_minutes_pass() -> None:
    memory, clock = Memory(), Clock()
    one, meter = telling(memory, clock)
    called(meter, clock)
    one.tell()
    # Four units that the call wrote, and the row that tells it.
    first = {"calls.relay": 1, "half_reads.relay": 3, "compute.relay": 500, "writes.relay": 5, "log_bytes.relay": 0}
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
    # Writes that were no posting's, before one was carried; and the row itself.
    assert used["writes.scheduler"] == 5


def test_what_is_written_with_a_posting_besides_its_account_is_told() -> None:
    memory, clock = Memory(), Clock()
    one, meter = telling(memory, clock, "purchase")
    meter.begin()
    meter.carried()
    told = [
        {"TableName": f"club-x-{table}", "CapacityUnits": 2.0} for table in ("ledger", "accounts", "limits", "aliases")
    ]
    meter.answered("TransactWriteItems", {"ConsumedCapacity": told})
    meter.end()
    one.tell()
    assert used_in(memory, OCTOBER)["writes.purchase"] == 4 + 1


def test_a_till_whose_purchases_bear_what_it_used_writes_nothing_besides() -> None:
    memory, clock = Memory(), Clock()
    one, meter = telling(memory, clock, "purchase")
    for _ in range(500):
        clock.now += 100
        meter.begin()
        clock.now += 0.2
        meter.carried()
        meter.end()
        one.tell()
    assert used_in(memory, OCTOBER) == {}


def test_who_never_posts_is_told_as_soon_as_much_is_held() -> None:
    memory, clock = Memory(), Clock()
    one, meter = telling(memory, clock, "member")
    for _ in range(HELD_MAX.calls + 1):
        meter.begin()
        meter.end()
        one.tell()
    assert used_in(memory, OCTOBER)["calls.member"] == HELD_MAX.calls + 1


def test_what_an_environment_holds_when_it_ends_is_less_than_a_tenth_of_a_cent() -> None:
    table = prices()
    most = {f"{name}.purchase": many for name, many in HELD_MAX._asdict().items()}
    assert sum(metered_by_service(most, table, OCTOBER).values(), Fraction(0)) < Fraction(1, 1_000)


@pytest.mark.parametrize("seed", range(25))
def test_all_that_was_used_is_told_or_borne_or_held_and_what_is_held_is_little_and_young(seed: int) -> None:
    """Beside a second count of everything, by chance: quiet hours, bursts, postings, reports that read much."""
    chance, memory, clock = random.Random(seed), Memory(), Clock()
    one, meter = telling(memory, clock, "office")
    used, borne, held_since = Used(), Used(), clock.now
    rows = 0
    for _ in range(600):
        clock.now += chance.choice((0, 1, 30, 900))
        began, calls, halves, writes = clock.now, 1, chance.choice((0, 2, 5_000)), chance.choice((0, 0, 0, 1, 60))
        meter.begin()
        clock.now += chance.choice((1, 8))
        meter.answered("Query", {"ConsumedCapacity": {"TableName": "club-x-club", "CapacityUnits": halves / 2}})
        meter.answered(
            "UpdateItem", {"ConsumedCapacity": {"TableName": "club-x-limits", "CapacityUnits": float(writes)}}
        )
        if chance.random() < 0.2:
            borne = added(borne, Used(*map(int, meter.used().split(",")[1:])))
            meter.carried()
            held_since = clock.now if not meter.held().writes else held_since
        clock.now += 1
        meter.end()
        line = chance.choice((120, 40_000))
        meter.logged(line)
        used = added(used, Used(calls, halves, round((clock.now - began) * 1_000), writes, line))
        before = len(memory.listed("club", "used#2026-10")) + sum_of(memory)
        one.tell()
        if len(memory.listed("club", "used#2026-10")) + sum_of(memory) != before:
            held_since, rows = clock.now, rows + 1
        held = meter.held()
        assert all(a < b for a, b in zip(held, HELD_MAX, strict=True))
        assert not any(held._replace(log_bytes=0)) or clock.now - held_since <= TOLD_EVERY_S
    told = Used(
        *(
            sum(used_in(memory, month).get(f"{name}.office", 0) for month in (OCTOBER, NOVEMBER))
            for name in Used._fields
        )
    )
    assert added(told, added(borne, meter.held())) == added(used, Used(writes=rows))


def added(one: Used, other: Used) -> Used:
    return Used(*(a + b for a, b in zip(one, other, strict=True)))


def sum_of(memory: Memory) -> int:
    return sum(sum(used_in(memory, month).values()) for month in (OCTOBER, NOVEMBER))
