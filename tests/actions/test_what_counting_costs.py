"""What it costs to count a purchase: write units as DynamoDB answers them, alone and in company."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from benchmarks.shop import lines
from club.up import PROGRAMME
from shared.actions.club import Club
from shared.actions.fold_postings import Tallying, fold_postings
from shared.domain.decide import ms
from shared.domain.row_bytes import row_bytes
from shared.store.laws import publish
from shared.store.meter import Meter
from shared.store.stream import Record
from shared.store.table import Tables
from shared.store.usage import Telling, used_in
from shared.store.zones import Zones
from tests.actions.tills import club_on, new_member, purchase, record
from tests.wire import Wire

KB = 1024


@pytest.fixture
def bought(tables: Tables, wire: Wire) -> tuple[Club, Tallying, list[Record]]:
    """The demo club with a member's purchases of ten lines, as the stream brings them."""
    tills = club_on(wire, tables=tables)
    publish(tables, PROGRAMME.read_text("utf-8"), tills.now(), at_once=True)
    member = new_member(tills)
    rows = [record(tills, purchase(*lines(10), member_id=member)).row for _ in range(30)]
    now_ms = ms(tills.now())
    # Of one instant: a quarter of an hour may end while they are bought.
    records = [Record(str(n), str(row["k"]), {**row, "t": now_ms}) for n, row in enumerate(rows)]
    tallying = Tallying(tables, Zones(tables), ((0, 1),))
    tallying.zones.of(int(rows[0]["v"]))
    wire.forget()
    return tills, tallying, records


def fold(tallying: Tallying, records: list[Record]) -> int:
    return fold_postings(tallying, records, lambda: 30.0).postings


def test_one_purchase_alone_adds_four_write_units_in_one_transaction(
    bought: tuple[Club, Tallying, list[Record]], wire: Wire
) -> None:
    _, tallying, records = bought
    for one in records[:3]:
        wire.forget()
        assert fold(tallying, [one]) == 1
        assert wire.attempts == wire.calls == ["GetItem", "Query", "TransactWriteItems"]
        assert wire.write_units.total() == 4


def test_thirty_that_come_together_add_no_more_than_one(
    bought: tuple[Club, Tallying, list[Record]], wire: Wire
) -> None:
    _, tallying, records = bought
    assert fold(tallying, records) == 30
    assert wire.attempts == ["GetItem", "Query", "TransactWriteItems"]
    assert wire.write_units.total() == 4
    for row in tallying.backend.scanned("club"):
        if str(row["kind"]).startswith(("tally#", "seen#")):
            assert row_bytes(row) <= KB


def test_what_the_relay_says_that_it_used_is_what_went_over_the_wire(
    bought: tuple[Club, Tallying, list[Record]], wire: Wire
) -> None:
    _, tallying, records = bought
    tables, meter = tallying.backend, Meter("relay", 256)
    assert isinstance(tables, Tables)
    one = Telling(tables, meter)
    tables.meter = meter
    meter.begin()
    assert fold(tallying, records) == 30
    meter.end()
    assert wire.attempts == ["GetItem", "Query", "TransactWriteItems"]
    wrote = wire.write_units.total()
    one.tell()
    used = used_in(tables, datetime.now(UTC).date())
    # Telling is one unit, and tells itself.
    assert (used["calls.relay"], used["writes.relay"]) == (1, wrote + 1)
    # Two strong reads at the least.
    assert used["half_reads.relay"] >= 2
    assert wire.write_units.total() == wrote + 1


def test_what_comes_again_writes_nothing(bought: tuple[Club, Tallying, list[Record]], wire: Wire) -> None:
    _, tallying, records = bought
    fold(tallying, records)
    wire.forget()
    assert fold(tallying, records[::-1]) == 0
    assert wire.attempts == ["GetItem", "Query"]
    assert wire.write_units.total() == 0


def test_nothing_is_decided_on_what_was_true_a_moment_ago(
    bought: tuple[Club, Tallying, list[Record]], wire: Wire
) -> None:
    _, tallying, records = bought
    fold(tallying, records)
    assert wire.weak_reads == []
