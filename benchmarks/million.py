"""What a million purchases cost at list price, from what was metered in this run."""

from __future__ import annotations

import math
from decimal import Decimal

from benchmarks.counting import Counting
from benchmarks.figures import Chapter, Figure
from benchmarks.prices import Bill, Item
from benchmarks.wire import Cost, access_line_bytes
from infra.api import AUTHORIZER_SECONDS
from infra.rooms import GATE, RELAY, ROOMS
from infra.stage import stage_named
from shared.store.tallies import SLICE_MINUTES
from shared.store.usage import HELD_MAX, TOLD_EVERY_S

MILLION = 1_000_000
MILLION_USD_MAX = 5.2

# Lambda gives a whole processor at this size and a share of it below, so CPU takes longer there.
_WHOLE_PROCESSOR_MB = 1_769
# Waiting for DynamoDB is billed as well: what one request takes within a region.
_ROUND_TRIP_MS = 5
# A shop's functions start afresh for less than one purchase in a hundred.
_STARTS_IN_A_HUNDRED = 1
# The million comes within a month of shops that are open half the day, from ten keys, each asked for again as soon as the gate's
# answer has expired.
_KEYS, _MONTH_S = 10, 30 * 43_200
# A table on demand begins with four partitions, and its stream has a shard for each: what gathers in them is delivered apart.
_STREAM_SHARDS = 4
_GATHER_S = stage_named("prod").gather_seconds
# CloudWatch counts so much for each event besides its text, as its limits say; that it bills them too is on the safe side.
_LOG_EVENT_BYTES = 26

HOW = (
    f"Ten lines, by card, us-east-1, ARM, no free tier. A core of this machine counts as a processor of Lambda, which gives "
    f"a share of one below {_WHOLE_PROCESSOR_MB:,} MB; {_ROUND_TRIP_MS} ms for each request to DynamoDB; a cold start for each "
    f"hundredth purchase. They come in a month of shops that are open twelve hours a day: the gate's answer is kept "
    f"{AUTHORIZER_SECONDS} s for each of {_KEYS} keys, and each of the {_STREAM_SHARDS} shards of the stream gathers for "
    f"{_GATHER_S} s before the relay counts it. The gate and each shard's relay tell every {TOLD_EVERY_S:.0f} s, or "
    f"{HELD_MAX.calls} calls, what they used; a purchase bears what the till did."
)


def deliveries() -> int:
    """How often the relay is handed something while the million comes."""
    return min(MILLION, _STREAM_SHARDS * _MONTH_S // _GATHER_S)


def tellings(gate_calls: int) -> int:
    """How often what was used is told while the million comes: by one gate, and by who counts each shard."""
    return gate_calls // HELD_MAX.calls + (1 + _STREAM_SHARDS) * _MONTH_S // int(TOLD_EVERY_S)


def items(cost: Cost, warm_ms: float, cold_ms: float, counting: Counting) -> list[Item]:
    memory_mb = {room.name: room.memory_mb for room in ROOMS}
    gate_calls = min(MILLION, _KEYS * _MONTH_S // AUTHORIZER_SECONDS)
    purchase_ms = _billed_ms(warm_ms, memory_mb["purchase"], cost.round_trips)
    start_ms = _billed_ms(cold_ms, memory_mb["purchase"], 0)
    # The gate does less than a purchase; that it takes as much CPU is on the safe side.
    gate_ms = _billed_ms(warm_ms, memory_mb[GATE], 1)
    relay_calls = deliveries()
    # Each slice of time that a delivery spans is a transaction of its own, with the reads before it.
    spans = 1 + Decimal(_GATHER_S) / (SLICE_MINUTES * 60)
    relay_ms = _billed_ms(counting.cpu_ms, memory_mb[RELAY], math.ceil(counting.round_trips * spans))
    log_bytes = cost.log_bytes + access_line_bytes() + 2 * _LOG_EVENT_BYTES
    return [
        Item("DynamoDB writes", "write_units", Decimal(cost.write_units * MILLION)),
        Item("DynamoDB reads", "read_units", Decimal(cost.read_units * MILLION)),
        Item("API requests", "api_requests", Decimal(MILLION)),
        Item("Lambda requests", "lambda_requests", Decimal(MILLION)),
        Item("Lambda compute", "gb_seconds", _gb_seconds(memory_mb["purchase"], purchase_ms, MILLION)),
        Item(
            "Lambda starts",
            "gb_seconds",
            _gb_seconds(memory_mb["purchase"], start_ms, MILLION * _STARTS_IN_A_HUNDRED // 100),
        ),
        Item("The gate's requests", "lambda_requests", Decimal(gate_calls)),
        Item("The gate's compute", "gb_seconds", _gb_seconds(memory_mb[GATE], gate_ms, gate_calls)),
        Item("The gate's reads", "read_units", Decimal(gate_calls)),
        Item("The relay's writes", "write_units", counting.write_units * spans * relay_calls),
        Item("The relay's reads", "read_units", counting.read_units * spans * relay_calls),
        Item("The relay's requests", "lambda_requests", Decimal(relay_calls)),
        Item("The relay's compute", "gb_seconds", _gb_seconds(memory_mb[RELAY], relay_ms, relay_calls)),
        Item("What was used, told", "write_units", Decimal(tellings(gate_calls))),
        Item("The relay's logs", "log_gb", Decimal((counting.log_bytes + _LOG_EVENT_BYTES) * relay_calls) / 10**9),
        Item("Logs", "log_gb", Decimal(log_bytes * MILLION) / 10**9),
    ]


def chapter(billed: Bill) -> Chapter:
    return Chapter(
        "A million purchases at list price",
        HOW,
        (
            Figure("A million purchases", float(billed.usd), "$", MILLION_USD_MAX),
            *lines_of(billed),
        ),
    )  # fmt: skip


def lines_of(billed: Bill) -> list[Figure]:
    return [
        Figure(item.what, float(usd), "$", beside=f"{_many(item.quantity)} {item.price.replace('_', ' ')}")
        for item, usd in billed.lines
    ]


def _many(quantity: Decimal) -> str:
    return f"{quantity:,.0f}" if quantity >= 100 or quantity == int(quantity) else f"{quantity:.3f}"


def _billed_ms(cpu_ms: float, memory_mb: int, round_trips: int) -> int:
    """Wall time at this memory, in whole milliseconds as Lambda bills them."""
    return math.ceil(cpu_ms * max(1.0, _WHOLE_PROCESSOR_MB / memory_mb) + round_trips * _ROUND_TRIP_MS)


def _gb_seconds(memory_mb: int, ms: int, times: int) -> Decimal:
    return Decimal(memory_mb) / 1024 * ms / 1000 * times
