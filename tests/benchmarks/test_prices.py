"""What AWS charges, by hand and by the benchmark."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from benchmarks.counting import Counting
from benchmarks.million import deliveries, items
from benchmarks.prices import Item, bill, old, prices
from benchmarks.wire import Cost, access_line_bytes
from shared.domain.costs_told import ACCESS_LINE_BYTES
from shared.domain.prices import prices_in
from shared.observe import EVENT_BYTES

TABLE = """
[write_units]
service = "Amazon DynamoDB"
usd = 0.625
per = 1_000_000
source = "DynamoDB"
standing = "list"
read_on = 2026-11-01

[alarms]
service = "AmazonCloudWatch"
usd = 0.10
per = 1
source = "CloudWatch"
standing = "check"
read_on = 2026-06-01
"""


def test_a_bill_is_quantity_times_price_to_the_last_cent() -> None:
    billed = bill(
        prices_in(TABLE), [Item("Writes", "write_units", Decimal(5_000_000)), Item("Alarms", "alarms", Decimal(8))]
    )
    assert [usd for _, usd in billed.lines] == [Decimal("3.125"), Decimal("0.80")]
    assert billed.usd == Decimal("3.925")


def test_what_has_no_price_is_not_free() -> None:
    with pytest.raises(KeyError, match="dashboards"):
        bill(prices_in(TABLE), [Item("Dashboards", "dashboards", Decimal(1))])


def test_a_price_older_than_90_days_is_named() -> None:
    assert old(prices_in(TABLE), date(2026, 11, 25)) == ["alarms"]
    assert old(prices_in(TABLE), date(2027, 1, 30)) == ["alarms"]
    assert old(prices_in(TABLE), date(2027, 1, 31)) == ["write_units", "alarms"]


def test_every_price_says_where_it_is_from_and_how_sure_it_is() -> None:
    for name, price in prices().items():
        assert price.source, name
        assert price.standing in ("list", "check"), name
        assert price.usd > 0, name


def test_a_request_costs_as_much_of_the_gateways_log_as_its_line_is_long() -> None:
    assert access_line_bytes() + EVENT_BYTES == ACCESS_LINE_BYTES


def test_a_million_purchases_cost_what_a_person_would_reckon() -> None:
    """Five writes and two reads each; 10 ms of CPU at 512 MB of 1,769 are 34.6 ms and three requests 15 ms, billed as 50 ms."""
    cost = Cost(round_trips=3, write_units=5, read_units=2, bytes_sent=3_000, log_bytes=103)
    counting = Counting(round_trips=3, write_units=4, read_units=2, cpu_ms=10, log_bytes=124)
    billed = bill(prices(), items(cost, warm_ms=10, cold_ms=200, counting=counting))
    usd = {item.what: amount for item, amount in billed.lines}
    assert usd["DynamoDB writes"] == Decimal("3.125")
    assert usd["DynamoDB reads"] == Decimal("0.25")
    assert usd["API requests"] == 1
    assert usd["Lambda requests"] == Decimal("0.2")
    assert usd["Lambda compute"] == Decimal("0.5") * Decimal("0.050") * 1_000_000 * Decimal("0.0000133334")
    # 200 ms of CPU take 692 ms there, for one purchase in a hundred.
    assert usd["Lambda starts"] == Decimal("0.5") * Decimal("0.692") * 10_000 * Decimal("0.0000133334")
    # Ten keys, a call a minute each, thirty days of twelve hours.
    assert usd["The gate's requests"] == Decimal(216_000) * Decimal("0.2") / 1_000_000
    # Four shards, a delivery each five minutes; each third one is of two quarters of an hour.
    assert deliveries() == 4 * 30 * 12 * 12
    assert round(usd["The relay's writes"], 9) == Decimal(4 * 17_280 * 4) / 3 * Decimal("0.625") / 1_000_000
    # 10 ms of CPU at 256 MB of 1,769 are 69.1 ms and four requests 20 ms, billed as 90 ms.
    assert usd["The relay's compute"] == Decimal("0.25") * Decimal("0.090") * 17_280 * Decimal("0.0000133334")
    # The gate and four relays, each ten minutes of thirty days of twelve hours, and each 200 calls of the gate.
    assert usd["What was used, told"] == Decimal(5 * 30 * 12 * 6 + 1_080) * Decimal("0.625") / 1_000_000
    assert usd["The relay's logs"] == Decimal(150 * 17_280) / 10**9 * Decimal("0.5")
    # Two events, the function's line and the gateway's, 26 bytes besides for each.
    assert usd["Logs"] == Decimal(103 + access_line_bytes() + 52) / 1_000 * Decimal("0.5")
    assert billed.usd == sum(usd.values())
