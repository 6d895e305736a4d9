"""The store's rows in DynamoDB: one client, strong reads, conditions that give back what stands there, bounded attempts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from shared.store.backend import (
    BY_ACCOUNT,
    KEYS,
    TRANSACTION_PUTS_MAX,
    Contended,
    Item,
    Paused,
    Put,
    TableName,
    Unanswered,
)

# One request is sent at most this often (F4); what is left after that is the caller's decision.
ATTEMPTS_MAX = 3
# DynamoDB answers within 20 ms: all attempts together end before the function's own 10 s do (F15).
TIMEOUTS = Config(
    connect_timeout=1, read_timeout=1.5, retries={"mode": "standard", "total_max_attempts": ATTEMPTS_MAX},
    max_pool_connections=4,
)  # fmt: skip
_PAUSE = {"ThrottlingException", "ProvisionedThroughputExceededException", "RequestLimitExceeded"}
_PAUSE_WITHIN = {"ThrottlingError", "ProvisionedThroughputExceeded"}
_ROUNDS_MAX = 5
_PAGE = 100


def client(**settings: Any) -> Any:
    """The DynamoDB client with the club's timeouts; region, endpoint and credentials come from the environment."""
    return boto3.client("dynamodb", config=TIMEOUTS, **settings)


class Tables:
    """Rows in the tables whose physical names are given. A table that is not named cannot be touched."""

    def __init__(self, dynamodb: Any, names: Mapping[str, str]) -> None:
        self._dynamodb = dynamodb
        self._names = names

    def get(self, table: TableName, key: Item) -> Item | None:
        found = self._call("get_item", TableName=self._names[table], Key=_out_item(key), ConsistentRead=True)
        return _in_item(found["Item"]) if "Item" in found else None

    def get_many(self, table: TableName, keys: Sequence[Item]) -> list[Item]:
        name = self._names[table]
        items: list[Item] = []
        asked: list[dict[str, Any]] = [_out_item(key) for key in keys]
        for _ in range(_ROUNDS_MAX):
            if not asked:
                return items
            page, asked = asked[:_PAGE], asked[_PAGE:]
            found = self._call("batch_get_item", RequestItems={name: {"Keys": page, "ConsistentRead": True}})
            items += [_in_item(item) for item in found["Responses"].get(name, [])]
            asked += found.get("UnprocessedKeys", {}).get(name, {}).get("Keys", [])
        if asked:
            raise Paused(table=table, rows_unread=len(asked))
        return items

    def write(self, puts: Sequence[Put]) -> dict[int, Item]:
        assert 0 < len(puts) <= TRANSACTION_PUTS_MAX
        requests = [self._put(put) for put in puts]
        try:
            if len(requests) == 1:
                self._call("put_item", **requests[0])
            else:
                self._call("transact_write_items", TransactItems=[{"Put": request} for request in requests])
        except ClientError as error:
            return _refused(error)
        return {}

    def entries(self, account: str, before: int | None, limit: int) -> list[Item]:
        condition, values = "a = :a", {":a": {"S": account}}
        if before is not None:
            condition, values = condition + " AND n < :n", values | {":n": {"N": str(before)}}
        found = self._call(
            "query", TableName=self._names["ledger"], IndexName=BY_ACCOUNT, KeyConditionExpression=condition,
            ExpressionAttributeValues=values, ScanIndexForward=False, Limit=limit,
        )  # fmt: skip
        return [_in_item(item) for item in found["Items"]]

    def listed(self, table: TableName, partition: str) -> list[Item]:
        items: list[Item] = []
        start: dict[str, Any] = {}
        while True:
            found = self._call(
                "query", TableName=self._names[table], KeyConditionExpression="#p = :p", ConsistentRead=True,
                ExpressionAttributeNames={"#p": KEYS[table][0]}, ExpressionAttributeValues={":p": {"S": partition}},
                **start,
            )  # fmt: skip
            items += [_in_item(item) for item in found["Items"]]
            if "LastEvaluatedKey" not in found:
                return items
            start = {"ExclusiveStartKey": found["LastEvaluatedKey"]}

    def counted(self, key: str, limit: int, expires_at: int) -> bool:
        try:
            self._call(
                "update_item", TableName=self._names["limits"], Key=_out_item({"k": key, "s": 0}),
                UpdateExpression="ADD c :one SET x = :x", ConditionExpression="attribute_not_exists(c) OR c < :limit",
                ExpressionAttributeValues=_out_item({":one": 1, ":x": expires_at, ":limit": limit}),
            )  # fmt: skip
        except ClientError as error:
            _refused(error)
            return False
        return True

    def _put(self, put: Put) -> dict[str, Any]:
        request: dict[str, Any] = {"TableName": self._names[put.table], "Item": _out_item(put.row)}
        if put.absent:
            request |= {
                "ConditionExpression": "attribute_not_exists(#c)",
                "ExpressionAttributeNames": {"#c": KEYS[put.table][0]},
            }
        elif put.where is not None:
            request |= {
                "ConditionExpression": "#c = :c",
                "ExpressionAttributeNames": {"#c": put.where[0]},
                "ExpressionAttributeValues": {":c": {"N": str(put.where[1])}},
            }
        if "ConditionExpression" in request:
            request["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        return request

    def _call(self, operation: str, **request: Any) -> Any:
        try:
            return getattr(self._dynamodb, operation)(**request)
        except ClientError as error:
            if error.response["Error"]["Code"] in _PAUSE:
                raise Paused from error
            if error.response["ResponseMetadata"]["HTTPStatusCode"] >= 500:
                # DynamoDB's own mistake may have come after the write.
                raise Unanswered from error
            raise
        except BotoCoreError as error:
            raise Unanswered from error


def _refused(error: ClientError) -> dict[int, Item]:
    """The positions whose condition failed with the rows stored there; a conflict decides over a failed condition (F7)."""
    code = error.response["Error"]["Code"]
    if code == "ConditionalCheckFailedException":
        stored: Any = error.response.get("Item", {})
        return {0: _in_item(stored)}
    if code in ("TransactionConflictException", "TransactionInProgressException"):
        raise Contended from error
    if code != "TransactionCanceledException":
        raise error
    reasons: list[Any] = error.response.get("CancellationReasons", [])
    codes = {reason.get("Code") for reason in reasons}
    if codes & _PAUSE_WITHIN:
        raise Paused from error
    if "TransactionConflict" in codes:
        raise Contended from error
    refused: dict[int, Item] = {
        position: _in_item(reason.get("Item", {}))
        for position, reason in enumerate(reasons)
        if reason.get("Code") == "ConditionalCheckFailed"
    }
    if not refused:
        raise error
    return refused


def _out_item(row: Item) -> dict[str, Any]:
    return {name: _out(value) for name, value in row.items()}


def _in_item(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _in(value) for name, value in item.items()}


def _out(value: Any) -> dict[str, Any]:
    """A value as DynamoDB writes it. Only what rows hold: text, whole numbers, bytes, truth, lists and maps of these."""
    match value:
        case bool():
            return {"BOOL": value}
        case str():
            return {"S": value}
        case int():
            return {"N": str(value)}
        case bytes():
            return {"B": value}
        case list() | tuple():
            return {"L": [_out(one) for one in value]}
        case dict():
            return {"M": _out_item(value)}
    raise TypeError(f"a row cannot hold {type(value).__name__}")


def _in(typed: Mapping[str, Any]) -> Any:
    (kind, value), *_ = typed.items()
    match kind:
        case "N":
            return int(value)
        case "L":
            return [_in(one) for one in value]
        case "M":
            return _in_item(value)
    return value
