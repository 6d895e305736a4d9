"""What a million purchases cost at list price, from what was metered in this run."""

from __future__ import annotations

import math
from decimal import Decimal

from benchmarks.figures import Chapter, Figure
from benchmarks.prices import Bill, Item
from benchmarks.wire import Cost, access_line_bytes
from infra.api import AUTHORIZER_SECONDS
from infra.rooms import GATE, ROOMS

MILLION = 1_000_000
MILLION_USD_MAX = 5.2

# Lambda gives a whole processor at this size and a share of it below, so CPU takes longer there.
_WHOLE_PROCESSOR_MB = 1_769
# Waiting for DynamoDB is billed as well: what one request takes within a region.
_ROUND_TRIP_MS = 5
# A shop's functions start afresh for less than one purchase in a hundred.
_STARTS_IN_A_HUNDRED = 1
# The million comes within a month, from ten keys, each asked for again as soon as the gate's answer has expired.
_KEYS, _MONTH_S = 10, 30 * 86_400
# CloudWatch counts so much for each event besides its text, as its limits say; that it bills them too is on the safe side.
_LOG_EVENT_BYTES = 26

HOW = (
    f"Ten lines, by card, us-east-1, ARM, no free tier. A core of this machine counts as a processor of Lambda, which gives "
    f"a share of one below {_WHOLE_PROCESSOR_MB:,} MB; {_ROUND_TRIP_MS} ms for each request to DynamoDB; a cold start for each "
    f"hundredth purchase; the gate's answer kept {AUTHORIZER_SECONDS} s for each of {_KEYS} keys that never rest. "
    "The relay is not built yet and nothing of it is in the sum: what is left below the limit is its allowance."
)


def items(cost: Cost, warm_ms: float, cold_ms: float) -> list[Item]:
    memory_mb = {room.name: room.memory_mb for room in ROOMS}
    gate_calls = min(MILLION, _KEYS * _MONTH_S // AUTHORIZER_SECONDS)
    purchase_ms = _billed_ms(warm_ms, memory_mb["purchase"], cost.round_trips)
    start_ms = _billed_ms(cold_ms, memory_mb["purchase"], 0)
    # The gate does less than a purchase; that it takes as much CPU is on the safe side.
    gate_ms = _billed_ms(warm_ms, memory_mb[GATE], 1)
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
        Item("Logs", "log_gb", Decimal(log_bytes * MILLION) / 10**9),
    ]


def chapter(billed: Bill) -> Chapter:
    return Chapter(
        "A million purchases at list price",
        HOW,
        (
            Figure("A million purchases, without the relay", float(billed.usd), "$", MILLION_USD_MAX,
                   beside=f"${MILLION_USD_MAX - float(billed.usd):.2f} left for the relay"),
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
