"""The store's rows in DynamoDB: strong reads, conditions that give back what stands there, bounded attempts."""

from __future__ import annotations

import secrets
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from shared.store.backend import (
    BY_ACCOUNT,
    KEYS,
    TRANSACTION_PUTS_MAX,
    Add,
    Contended,
    Drop,
    Item,
    Paused,
    TableName,
    Unanswered,
    Write,
)
from shared.store.meter import Meter, is_reckoned
from shared.store.sender import Lost, Refused, Sender

_PAUSE = {"ThrottlingException", "ProvisionedThroughputExceededException", "RequestLimitExceeded"}
_PAUSE_WITHIN = {"ThrottlingError", "ProvisionedThroughputExceeded"}
_ROUNDS_MAX = 5
_PAGE = 100


class Tables:
    """Rows in the tables whose physical names are given. A table that is not named cannot be touched."""

    def __init__(self, dynamodb: Sender, names: Mapping[str, str], meter: Meter | None = None) -> None:
        """`meter`: what counts what was used, where somebody wants to know."""
        self._dynamodb = dynamodb
        self._names = names
        self.meter = meter

    def get(self, table: TableName, key: Item) -> Item | None:
        found = self._call("GetItem", TableName=self._names[table], Key=_out_item(key), ConsistentRead=True)
        return _in_item(found["Item"]) if "Item" in found else None

    def get_many(self, table: TableName, keys: Sequence[Item]) -> list[Item]:
        name = self._names[table]
        items: list[Item] = []
        asked: list[dict[str, Any]] = [_out_item(key) for key in keys]
        for _ in range(_ROUNDS_MAX):
            if not asked:
                return items
            page, asked = asked[:_PAGE], asked[_PAGE:]
            found = self._call("BatchGetItem", RequestItems={name: {"Keys": page, "ConsistentRead": True}})
            items += [_in_item(item) for item in found["Responses"].get(name, [])]
            asked += found.get("UnprocessedKeys", {}).get(name, {}).get("Keys", [])
        if asked:
            raise Paused(table=table, rows_unread=len(asked))
        return items

    def write(self, puts: Sequence[Write]) -> dict[int, Item]:
        assert 0 < len(puts) <= TRANSACTION_PUTS_MAX
        requests = [self._request(put) for put in puts]
        try:
            if len(requests) == 1:
                ((kind, request),) = requests
                self._call(f"{kind}Item", **request)
            else:
                # The token tells an attempt that is made again from another write: what was done is then answered as done.
                token = secrets.token_hex(16)
                self._call(
                    "TransactWriteItems",
                    TransactItems=[{kind: request} for kind, request in requests],
                    ClientRequestToken=token,
                    is_reckoned=is_reckoned({put.table for put in puts}),
                )
        except Refused as error:
            return _refused(error)
        return {}

    def entries(self, account: str, before: int | None, limit: int) -> list[Item]:
        condition, values = "a = :a", {":a": {"S": account}}
        if before is not None:
            condition, values = condition + " AND n < :n", values | {":n": {"N": str(before)}}
        found = self._call(
            "Query", TableName=self._names["ledger"], IndexName=BY_ACCOUNT, KeyConditionExpression=condition,
            ExpressionAttributeValues=values, ScanIndexForward=False, Limit=limit,
        )  # fmt: skip
        return [_in_item(item) for item in found["Items"]]

    def listed(self, table: TableName, partition: str) -> list[Item]:
        found = self._pages(
            "Query", TableName=self._names[table], KeyConditionExpression="#p = :p", ConsistentRead=True,
            ExpressionAttributeNames={"#p": KEYS[table][0]}, ExpressionAttributeValues={":p": {"S": partition}},
        )  # fmt: skip
        return list(found)

    def scanned(self, table: TableName, part: int = 0, parts: int = 1, after: Item | None = None) -> Iterator[Item]:
        yield from self._pages("Scan", after, TableName=self._names[table], Segment=part, TotalSegments=parts)

    def _pages(self, operation: str, after: Item | None = None, **request: Any) -> Iterator[Item]:
        """Every row that a query or a scan finds behind a key, page by page (F10)."""
        start: dict[str, Any] = {"ExclusiveStartKey": _out_item(after)} if after is not None else {}
        while True:
            found = self._call(operation, **request, **start)
            yield from map(_in_item, found["Items"])
            if "LastEvaluatedKey" not in found:
                return
            start = {"ExclusiveStartKey": found["LastEvaluatedKey"]}

    def counted(self, key: str, limit: int, expires_at: int) -> bool:
        try:
            self._call(
                "UpdateItem", TableName=self._names["limits"], Key=_out_item({"k": key, "s": 0}),
                UpdateExpression="ADD c :one SET x = :x", ConditionExpression="attribute_not_exists(c) OR c < :limit",
                ExpressionAttributeValues=_out_item({":one": 1, ":x": expires_at, ":limit": limit}),
            )  # fmt: skip
        except Refused as error:
            _refused(error)
            return False
        return True

    def _request(self, put: Write) -> tuple[str, dict[str, Any]]:
        if isinstance(put, Add):
            return "Update", self._adding(put)
        kind, row = ("Delete", "Key") if isinstance(put, Drop) else ("Put", "Item")
        request: dict[str, Any] = {"TableName": self._names[put.table], row: _out_item(put.row)}
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
        return kind, request

    def _adding(self, add: Add) -> dict[str, Any]:
        numbers = {**add.more, **add.first}
        names = {name: place for place, name in enumerate(numbers)}
        expression = "ADD " + ", ".join(f"#{names[name]} :{names[name]}" for name in add.more)
        if add.first:
            made = (f"#{names[name]} = if_not_exists(#{names[name]}, :{names[name]})" for name in add.first)
            expression += " SET " + ", ".join(made)
        return {
            "TableName": self._names[add.table],
            "Key": _out_item(add.row),
            "UpdateExpression": expression,
            "ExpressionAttributeNames": {f"#{place}": name for name, place in names.items()},
            "ExpressionAttributeValues": {f":{names[name]}": {"N": str(number)} for name, number in numbers.items()},
        }

    def _call(self, operation: str, *, is_reckoned: bool = False, **request: Any) -> dict[str, Any]:
        if self.meter is not None and not is_reckoned:
            request["ReturnConsumedCapacity"] = "TOTAL"
        try:
            answer = self._dynamodb.call(operation, request)
            if self.meter is not None:
                self.meter.answered(operation, answer)
            return answer
        except Refused as error:
            if error.code in _PAUSE:
                raise Paused from error
            if error.status >= 500:
                # DynamoDB's own mistake may have come after the write.
                raise Unanswered from error
            raise
        except Lost as error:
            raise Unanswered from error


def _refused(error: Refused) -> dict[int, Item]:
    """The positions whose condition failed with the rows stored there; a conflict decides over a failed condition (F7)."""
    if error.code == "ConditionalCheckFailedException":
        stored: Any = error.answer.get("Item", {})
        return {0: _in_item(stored)}
    if error.code in ("TransactionConflictException", "TransactionInProgressException"):
        raise Contended from error
    if error.code != "TransactionCanceledException":
        raise error
    reasons: list[Any] = error.answer.get("CancellationReasons", [])
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


def row_in(item: Mapping[str, Any]) -> dict[str, Any]:
    """A row as an event of a stream tells it. Raises ValueError, LookupError, TypeError or AttributeError for what is none."""
    return _in_item(item)


def _out_item(row: Item) -> dict[str, Any]:
    return {name: _out(value) for name, value in row.items()}


def _in_item(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _in(value) for name, value in item.items()}


def _out(value: Any) -> dict[str, Any]:
    """A value as DynamoDB writes it. Only what rows hold: text, whole numbers, bytes, truth, lists and maps of these."""
    out = _OUT.get(type(value))
    if out is None:
        raise TypeError(f"a row cannot hold {type(value).__name__}")
    return out(value)


def _list_out(values: Sequence[Any]) -> dict[str, Any]:
    return {"L": [_out(one) for one in values]}


_OUT: Mapping[type, Callable[[Any], dict[str, Any]]] = {
    str: lambda text: {"S": text},
    int: lambda number: {"N": str(number)},
    bytes: lambda content: {"B": b2a_base64(content, newline=False).decode()},
    bool: lambda truth: {"BOOL": truth},
    list: _list_out,
    tuple: _list_out,
    dict: lambda row: {"M": _out_item(row)},
}


def _in(typed: Mapping[str, Any]) -> Any:
    (kind, value), *_ = typed.items()
    read = _IN.get(kind)
    return value if read is None else read(value)


_IN: Mapping[str, Callable[[Any], Any]] = {
    "N": int,
    "B": a2b_base64,
    "L": lambda values: [_in(one) for one in values],
    "M": _in_item,
}
