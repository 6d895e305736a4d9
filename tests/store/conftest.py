"""The store's rows kept in both ways: in dicts, and in tables of the local AWS made like the deployed ones, new for each test."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import pytest

from club import aws
from club.up import OpenClub
from infra.stage import stage_named
from shared.store.backend import KEYS, Backend
from shared.store.memory import Memory
from shared.store.table import Tables
from tests.wire import Wire


@pytest.fixture
def wire(club: OpenClub) -> Wire:
    return Wire(club.running)


@pytest.fixture
def tables(club: OpenClub, wire: Wire) -> Iterator[Tables]:
    """Empty tables, with the keys and the index that the stack gave the club's own."""
    root, stage, mark = aws.client("dynamodb"), stage_named("local"), secrets.token_hex(4)
    names: dict[str, str] = {table: f"contract-{mark}-{table}" for table in KEYS}
    for table, name in names.items():
        root.create_table(**_like(root.describe_table(TableName=stage.table(table))["Table"], name))
    yield Tables(wire.client, names)
    for name in names.values():
        root.delete_table(TableName=name)


@pytest.fixture(params=["memory", "tables"])
def backend(request: pytest.FixtureRequest) -> Backend:
    return Memory() if request.param == "memory" else request.getfixturevalue("tables")


def _like(described: Any, name: str) -> dict[str, Any]:
    wanted = {
        "TableName": name,
        "KeySchema": described["KeySchema"],
        "AttributeDefinitions": described["AttributeDefinitions"],
        "BillingMode": "PAY_PER_REQUEST",
    }
    indexes = [
        {part: index[part] for part in ("IndexName", "KeySchema", "Projection")}
        for index in described.get("GlobalSecondaryIndexes", [])
    ]
    return wanted | ({"GlobalSecondaryIndexes": indexes} if indexes else {})
