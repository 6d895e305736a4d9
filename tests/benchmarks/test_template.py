"""What the template costs while nobody buys: every resource has a price or is known to be free."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from benchmarks.prices import Item, bill, prices
from benchmarks.template import MEMBERS, PURCHASES_A_MONTH, idle, used
from benchmarks.wire import Cost
from club.console import Trouble


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": kind, "Properties": properties}


TABLE = resource("AWS::DynamoDB::Table", TableName="club-prod-accounts", BillingMode="PAY_PER_REQUEST")
ALARM = resource("AWS::CloudWatch::Alarm")


def test_alarms_dashboards_keys_and_secrets_cost_by_standing_there() -> None:
    standing = [
        ALARM,
        ALARM,
        TABLE,
        resource("AWS::CloudWatch::Dashboard"),
        resource("AWS::KMS::Key"),
        resource("AWS::SecretsManager::Secret"),
        resource("AWS::Lambda::Function"),
    ]
    assert bill(prices(), idle(standing)).usd == Decimal("0.20") + 3 + 1 + Decimal("0.40")


def test_a_queue_costs_by_being_asked_while_it_is_empty_and_a_stream_does_not() -> None:
    queue, stream = (
        resource("AWS::Lambda::EventSourceMapping", **start) for start in ({}, {"StartingPosition": "LATEST"})
    )
    assert bill(prices(), idle([ALARM, stream])).usd == Decimal("0.1")
    # Five pollers, three times a minute each: 648,000 a month.
    assert bill(prices(), idle([ALARM, stream, queue, queue])).usd == Decimal("0.1") + 2 * Decimal("0.2592")


def test_a_kind_of_resource_that_nobody_priced_is_refused_by_name() -> None:
    with pytest.raises(Trouble, match="AWS::EC2::NatGateway"):
        idle([ALARM, resource("AWS::EC2::NatGateway")])


def test_a_table_that_costs_while_nobody_buys_is_refused_by_name() -> None:
    with pytest.raises(Trouble, match="club-prod-ledger"):
        idle([TABLE, resource("AWS::DynamoDB::Table", TableName="club-prod-ledger", BillingMode="PROVISIONED")])


def test_five_hundred_members_cost_their_share_of_a_million_purchases_and_what_is_kept() -> None:
    million = bill(prices(), [Item("API requests", "api_requests", Decimal(1_000_000))])
    cost = Cost(round_trips=3, write_units=5, read_units=2, bytes_sent=3_000, log_bytes=100)
    lines = {item.what: usd for item, usd in bill(prices(), used([ALARM], million, cost)).lines}
    assert MEMBERS * PURCHASES_A_MONTH == 1_000
    assert lines["Alarms"] == Decimal("0.1")
    assert lines["API requests"] == Decimal("0.001")
    # 500 accounts of 1 KB and two years of purchases with their index, 2 KB each: 49.664 MB.
    assert lines["Rows kept"] == Decimal("0.049664") * Decimal("0.25")
    assert lines["Rows restorable"] == Decimal("0.049664") * Decimal("0.20")
