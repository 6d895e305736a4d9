"""DynamoDB on paper: what `shared/store/table.py` asks of it, answered in this process: laws are tried by the thousand.

It knows the requests that the store makes and no others. The same laws run on a real endpoint, which keeps this one honest.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from shared.store.answer import Answer
from shared.store.backend import BY_ACCOUNT_ATTRIBUTES, KEYS

Json = dict[str, Any]
_SHOWN_BY_THE_INDEX = ("k", "a", "n", *BY_ACCOUNT_ATTRIBUTES)


class Dynamo:
    """Tables named as the store names them. `answer` is one request, once over the wire."""

    def __init__(self) -> None:
        self.tables: dict[str, dict[tuple[str, ...], Json]] = {table: {} for table in KEYS}
        # What was done under a client's token is answered as done, and not done again.
        self._done: set[str] = set()
        self._operations: Mapping[str, Callable[[Json], Json]] = {
            "GetItem": self._get,
            "BatchGetItem": self._get_many,
            "PutItem": lambda asked: self._alone("Put", asked),
            "DeleteItem": lambda asked: self._alone("Delete", asked),
            "TransactWriteItems": self._transaction,
            "Query": self._query,
            "Scan": self._scan,
            "UpdateItem": lambda asked: self._alone("Update", asked),
        }

    def answer(self, operation: str, body: bytes) -> Answer:
        try:
            told = self._operations[operation](json.loads(body))
        except _No as no:
            return Answer(400, {}, json.dumps({"__type": f"x#{no.code}", "message": no.code, **no.facts}).encode())
        return Answer(200, {}, json.dumps(told).encode())

    def _get(self, asked: Json) -> Json:
        found = self.tables[asked["TableName"]].get(_key(asked["TableName"], asked["Key"]))
        return {"Item": found} if found is not None else {}

    def _get_many(self, asked: Json) -> Json:
        found = {}
        for table, wanted in asked["RequestItems"].items():
            rows = (self.tables[table].get(_key(table, key)) for key in wanted["Keys"])
            found[table] = [row for row in rows if row is not None]
        return {"Responses": found}

    def _alone(self, kind: str, asked: Json) -> Json:
        stored = self._stored(kind, asked)
        if not _holds(asked, stored):
            raise _No("ConditionalCheckFailedException", {"Item": stored} if stored is not None else {})
        self._write(kind, asked)
        return {}

    def _transaction(self, asked: Json) -> Json:
        token = asked["ClientRequestToken"]
        if token in self._done:
            return {}
        writes = [one for each in asked["TransactItems"] for one in each.items()]
        reasons: list[Json] = []
        for kind, write in writes:
            stored = self._stored(kind, write)
            fits = _holds(write, stored)
            item = {"Item": stored} if stored is not None and not fits else {}
            reasons.append({"Code": "None"} if fits else {"Code": "ConditionalCheckFailed", **item})
        if any(reason["Code"] != "None" for reason in reasons):
            raise _No("TransactionCanceledException", {"CancellationReasons": reasons})
        places = [
            (write["TableName"], _key(write["TableName"], write.get("Item") or write["Key"])) for _, write in writes
        ]
        assert len(set(places)) == len(places), "DynamoDB refuses a transaction that touches a row twice"
        for kind, write in writes:
            self._write(kind, write)
        self._done.add(token)
        return {}

    def _stored(self, kind: str, write: Json) -> Json | None:
        row = write["Item"] if kind == "Put" else write["Key"]
        return self.tables[write["TableName"]].get(_key(write["TableName"], row))

    def _write(self, kind: str, write: Json) -> None:
        table = write["TableName"]
        if kind == "Put":
            self.tables[table][_key(table, write["Item"])] = write["Item"]
        elif kind == "Update":
            row = self.tables[table].setdefault(_key(table, write["Key"]), dict(write["Key"]))
            for each in write["UpdateExpression"].removeprefix("ADD ").split(", "):
                name, value = each.split(" ")
                name = write["ExpressionAttributeNames"][name]
                more = int(write["ExpressionAttributeValues"][value]["N"])
                row[name] = {"N": str(int(row.get(name, {"N": "0"})["N"]) + more)}
        else:
            self.tables[table].pop(_key(table, write["Key"]), None)

    def _query(self, asked: Json) -> Json:
        values = asked["ExpressionAttributeValues"]
        rows = self.tables[asked["TableName"]]
        if "IndexName" in asked:
            mine = [row for row in rows.values() if row.get("a") == values[":a"]]
            if ":n" in values:
                mine = [row for row in mine if int(row["n"]["N"]) < int(values[":n"]["N"])]
            mine.sort(key=lambda row: -int(row["n"]["N"]))
            shown = [{name: row[name] for name in _SHOWN_BY_THE_INDEX if name in row} for row in mine]
            return _page(shown, asked, lambda row: row)
        partition, sort = KEYS[asked["TableName"]]
        found = [row for row in rows.values() if row[partition] == values[":p"]]
        found.sort(key=lambda row: _in_order(row[sort]))
        return _page(found, asked, lambda row: {name: row[name] for name in (partition, sort)})

    def _scan(self, asked: Json) -> Json:
        table = asked["TableName"]
        return _page(list(self.tables[table].values()), asked, lambda row: {name: row[name] for name in KEYS[table]})


class _No(Exception):
    def __init__(self, code: str, facts: Json) -> None:
        super().__init__(code)
        self.code, self.facts = code, facts


def _page(rows: list[Json], asked: Json, key: Callable[[Json], Json]) -> Json:
    """The rows after where the asker stands, as many as it wants."""
    start = asked.get("ExclusiveStartKey")
    if start is not None:
        rows = rows[next(at for at, row in enumerate(rows) if key(row) == start) + 1 :]
    limit = asked.get("Limit", len(rows))
    more = {"LastEvaluatedKey": key(rows[limit - 1])} if 0 < limit < len(rows) else {}
    return {"Items": rows[:limit], **more}


def _holds(write: Json, stored: Json | None) -> bool:
    """Whether the condition of a write holds: that there is no such row, or that an attribute has a value."""
    condition = write.get("ConditionExpression")
    if condition is None:
        return True
    if condition == "attribute_not_exists(#c)":
        return stored is None
    assert condition == "#c = :c"
    return (
        stored is not None
        and stored.get(write["ExpressionAttributeNames"]["#c"]) == write["ExpressionAttributeValues"][":c"]
    )


def _key(table: str, row: Json) -> tuple[str, ...]:
    return tuple(text for name in KEYS[table] for text in row[name].values())  # type: ignore[index]


def _in_order(value: Json) -> int | str:
    ((kind, text),) = value.items()
    return int(text) if kind == "N" else text
