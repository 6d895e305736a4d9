"""What it costs to count purchases in the tallies: the relay's own verb, counted on its line to the local AWS."""

from __future__ import annotations

import json
import secrets
import time
from typing import NamedTuple

from benchmarks.figures import Chapter, Figure
from benchmarks.meter import Meter
from club import aws, ministack
from infra.stage import stage_named
from shared.actions.fold_postings import Tallying, fold_postings
from shared.domain.ledger import Row
from shared.settings import AwsKeys
from shared.store.sender import DYNAMODB, Sender
from shared.store.stream import Record
from shared.store.table import Tables
from shared.store.zones import Zones

# As many as gather of a million in a month, and one alone.
TOGETHER, ROUNDS = 58, 20
# A transaction of a page of marks and a row of tallies, each within a kilobyte.
WRITE_UNITS_MAX = 4


class Counting(NamedTuple):
    """One delivery whose postings were recorded in one quarter of an hour."""

    round_trips: int
    write_units: int
    read_units: int
    cpu_ms: float
    log_bytes: int


def measured(port: int) -> tuple[Chapter, Counting]:
    alone, together = (_counted(port, number) for number in (1, TOGETHER))
    chapter = Chapter(
        "What counting a purchase adds",
        f"The relay folds purchases of the demo club into the tallies of their day: the dearest of {ROUNDS} deliveries, CPU of a "
        "middling one. A stream gathers before it is read, so a purchase bears a share of a delivery.",
        (
            Figure("Write units of a delivery of one", alone.write_units, "units", WRITE_UNITS_MAX),
            Figure(f"Write units of a delivery of {TOGETHER}", together.write_units, "units", WRITE_UNITS_MAX,
                   beside=f"{together.write_units / TOGETHER:.2f} for each purchase"),
            Figure("Read units of it", together.read_units, "units", beside=f"{together.round_trips} requests"),
            Figure("CPU of it", together.cpu_ms, "ms"),
        ),
    )  # fmt: skip
    return chapter, together


def _counted(port: int, number: int) -> Counting:
    stage = stage_named("local")
    with Meter(port) as meter:
        sender = Sender(DYNAMODB, meter.endpoint, ministack.REGION, lambda: AwsKeys(*aws.LOCAL_KEYS.values()))
        tables = Tables(sender, {table: stage.table(table) for table in ("club", "ledger")})
        rows = [row for row in tables.scanned("ledger") if row["c"] == "purchase" and "a" in row]
        tallying = Tallying(tables, Zones(tables), ((0, 1),))
        tallying.zones.of(int(rows[0]["v"]))
        seen, cpu_ms = [], list[float]()
        for turn in range(ROUNDS):
            records = _records(rows, number, turn)
            meter.begin()
            began = time.process_time()
            folded = fold_postings(tallying, records, lambda: 30.0)
            cpu_ms.append((time.process_time() - began) * 1_000)
            assert folded.postings == number, folded
            sent = meter.count
            seen.append((len(sent.operations), sent.write_units, sent.read_units))
    line = {"level": "info", "request": "0" * 36, "records": number, "folded": number, "known": 0, "ms": 100}
    # The meter works in this process too: its CPU is on the safe side.
    trips, writes, reads = map(max, zip(*seen, strict=True))
    return Counting(trips, writes, reads, sorted(cpu_ms)[ROUNDS // 2], len(json.dumps(line, separators=(",", ":"))) + 1)


def _records(rows: list[Row], number: int, turn: int) -> list[Record]:
    """Purchases that nobody has counted, of one instant: the rows of others under names of their own."""
    # Each turn a quarter of an hour of its own, long before the next.
    now_ms = (time.time_ns() // 1_000_000) // 900_000 * 900_000 - turn * 900_000
    made = []
    for one in range(number):
        key = f"purchase#main#{secrets.token_hex(8)}"
        made.append(Record(str(one), key, {**rows[one % len(rows)], "k": key, "t": now_ms}))
    return made
