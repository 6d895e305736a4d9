"""Units and bytes as DynamoDB counts them."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from benchmarks.meter import Count, weigh
from shared.domain.row_bytes import read_units, row_bytes


@pytest.mark.parametrize(
    ("row", "size"),
    [
        ({"a": "M1"}, 1 + 2),
        ({"name": "נועה"}, 4 + 8),
        ({"n": 199}, 1 + 3),
        ({"n": -2_500}, 1 + 3),
        ({"z": b"\x00\x01\x02"}, 1 + 3),
        ({"l": [1, "ab"]}, 1 + 3 + (1 + 2) + (1 + 2)),
        ({"m": {"k": True}}, 1 + 3 + (1 + 1 + 1)),
    ],
)
def test_a_rows_size_is_that_of_its_names_and_values(row: dict[str, Any], size: int) -> None:
    assert row_bytes(row) == size


def test_a_row_weighs_the_same_on_the_line_as_in_the_code() -> None:
    plain = {"a": "M1", "n": 12, "z": b"\x00\xff", "l": [1]}
    on_the_line = {
        "a": {"S": "M1"}, "n": {"N": "12"}, "z": {"B": base64.b64encode(b"\x00\xff").decode()}, "l": {"L": [{"N": "1"}]}
    }  # fmt: skip
    assert row_bytes(on_the_line) == row_bytes(plain)


def test_a_read_costs_a_unit_for_each_4_kb_begun_and_one_where_nothing_stands() -> None:
    assert read_units(None) == 1
    assert read_units({"a": "x" * 4095}) == 1
    assert read_units({"a": "x" * 4096}) == 2


def test_the_units_of_a_transaction_are_those_that_dynamodb_answers_over_all_tables() -> None:
    count = Count()
    weigh(count, "TransactWriteItems", {"ConsumedCapacity": [
        {"TableName": "ledger", "CapacityUnits": 3.0}, {"TableName": "accounts", "CapacityUnits": 2.0}
    ]})  # fmt: skip
    weigh(count, "PutItem", {"ConsumedCapacity": {"TableName": "ledger", "CapacityUnits": 1.0}})
    assert (count.write_units, count.read_units) == (6, 0)


def test_reads_are_weighed_by_their_rows_and_not_by_what_the_local_aws_says() -> None:
    count = Count()
    weigh(count, "GetItem", {"Item": {"a": {"S": "x" * 5_000}}, "ConsumedCapacity": {"CapacityUnits": 0.5}})
    weigh(count, "GetItem", {})
    weigh(count, "BatchGetItem", {"Responses": {"aliases": [{"k": {"S": "1"}}, {"k": {"S": "2"}}]}})
    assert (count.write_units, count.read_units) == (0, 5)
