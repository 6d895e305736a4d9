"""Tables on a real DynamoDB for the laws: on the tests' own local AWS, or wherever CLUB_DYNAMODB_ENDPOINT points."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import boto3

from club import aws, ministack
from infra.tables import TABLES, Key, Table
from shared.settings import AwsKeys
from shared.store.table import Tables
from tests.wire import Reached, Wire

# Any other DynamoDB to try the laws on, with the credentials that boto3 finds. Its tables are named `laws-…` and deleted again.
ENDPOINT = "CLUB_DYNAMODB_ENDPOINT"


class Elsewhere(NamedTuple):
    """A DynamoDB that somebody else started."""

    endpoint: str


def named_endpoint() -> Elsewhere | None:
    url = os.environ.get(ENDPOINT)
    return Elsewhere(url) if url else None


def wire_to(reached: Reached) -> Wire:
    if not isinstance(reached, Elsewhere):
        return Wire(reached)
    keys = _keys()
    return Wire(reached, lambda: keys)


@contextmanager
def new_tables(reached: Reached) -> Iterator[dict[str, str]]:
    """Empty tables as the stacks make them; their physical names, by the club's own."""
    keys = _keys() if isinstance(reached, Elsewhere) else AwsKeys(*aws.LOCAL_KEYS.values())
    root: Any = boto3.client(
        "dynamodb", endpoint_url=reached.endpoint, region_name=ministack.REGION, aws_access_key_id=keys.id,
        aws_secret_access_key=keys.secret, aws_session_token=keys.token or None,
    )  # fmt: skip
    mark = secrets.token_hex(4)
    names = {table.name: f"laws-{mark}-{table.name}" for table in TABLES}
    try:
        for table in TABLES:
            root.create_table(**_described(table, names[table.name]))
        for name in names.values():
            root.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
        yield names
    finally:
        for name in names.values():
            root.delete_table(TableName=name)


def tables_on(wire: Wire, names: dict[str, str]) -> Tables:
    return Tables(wire.client, names)


def _keys() -> AwsKeys:
    found: Any = boto3.Session().get_credentials()
    frozen = found.get_frozen_credentials()
    return AwsKeys(frozen.access_key, frozen.secret_key, frozen.token or "")


def _described(table: Table, name: str) -> dict[str, Any]:
    keys: list[Key] = [table.partition, *([table.sort] if table.sort else [])]
    described: dict[str, Any] = {"TableName": name, "KeySchema": _schema(keys), "BillingMode": "PAY_PER_REQUEST"}
    if (index := table.secondary) is not None:
        keys += [index.partition, index.sort]
        carried = {"ProjectionType": "INCLUDE", "NonKeyAttributes": list(index.carries)}
        own = [index.partition, index.sort]
        described["GlobalSecondaryIndexes"] = [
            {"IndexName": index.name, "KeySchema": _schema(own), "Projection": carried}
        ]
    types = {key.name: key.type for key in keys}
    described["AttributeDefinitions"] = [{"AttributeName": key, "AttributeType": kind} for key, kind in types.items()]
    return described


def _schema(keys: list[Key]) -> list[dict[str, str]]:
    return [{"AttributeName": key.name, "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"), strict=False)]
