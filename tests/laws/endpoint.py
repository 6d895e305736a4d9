"""A DynamoDB at the end of a wire: the local AWS's, or the one that CLUB_DYNAMODB_ENDPOINT names; each test its own tables."""

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
from tests.laws.line import Line

ENDPOINT = "CLUB_DYNAMODB_ENDPOINT"


class Endpoint(NamedTuple):
    """`url` of the service, its region, and the keys that it is asked with."""

    url: str
    region: str
    keys: AwsKeys

    def line(self) -> Line:
        return Line(self.url, self.keys, self.region)


def named_endpoint() -> Endpoint | None:
    """The one that the environment names, with the keys of the environment."""
    url = os.environ.get(ENDPOINT)
    if not url:
        return None
    found = boto3.Session().get_credentials()
    if found is None:
        return Endpoint(url, ministack.REGION, AwsKeys(*aws.LOCAL_KEYS.values()))
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or ministack.REGION
    return Endpoint(url, region, AwsKeys(found.access_key, found.secret_key, found.token or ""))


def local_endpoint(running: ministack.Running) -> Endpoint:
    return Endpoint(running.endpoint, ministack.REGION, AwsKeys(*aws.LOCAL_KEYS.values()))


@contextmanager
def fresh_tables(endpoint: Endpoint) -> Iterator[dict[str, str]]:
    """The names of empty tables, by the names that the store has for them; they are gone afterwards."""
    keys: dict[str, Any] = {"aws_access_key_id": endpoint.keys.id, "aws_secret_access_key": endpoint.keys.secret}
    if endpoint.keys.token:
        keys["aws_session_token"] = endpoint.keys.token
    root = boto3.client("dynamodb", endpoint_url=endpoint.url, region_name=endpoint.region, **keys)
    mark = secrets.token_hex(4)
    names = {table.name: f"laws-{mark}-{table.name}" for table in TABLES}
    try:
        for table in TABLES:
            root.create_table(**_described(table, names[table.name]))
        for name in names.values():
            root.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
        yield names
    finally:
        for name in names.values():
            root.delete_table(TableName=name)
        root.close()


def _described(table: Table, name: str) -> dict[str, Any]:
    """As the stacks make it."""
    keys: list[Key] = [table.partition, *([table.sort] if table.sort else [])]
    described: dict[str, Any] = {"TableName": name, "KeySchema": _schema(keys), "BillingMode": "PAY_PER_REQUEST"}
    if (index := table.secondary) is not None:
        own = [index.partition, index.sort]
        keys += own
        carried = {"ProjectionType": "INCLUDE", "NonKeyAttributes": list(index.carries)}
        described["GlobalSecondaryIndexes"] = [
            {"IndexName": index.name, "KeySchema": _schema(own), "Projection": carried}
        ]
    types = {key.name: key.type for key in keys}
    described["AttributeDefinitions"] = [{"AttributeName": key, "AttributeType": kind} for key, kind in types.items()]
    return described


def _schema(keys: list[Key]) -> list[dict[str, str]]:
    return [{"AttributeName": key.name, "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"), strict=False)]
