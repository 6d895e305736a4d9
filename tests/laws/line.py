"""The line between the store and DynamoDB, on which faults are made: each one by its number in LAWS.md."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from club import aws, ministack
from shared.settings import AwsKeys
from shared.store.answer import Answer
from shared.store.sender import ATTEMPTS_MAX, DYNAMODB, Lost, Sender
from tests.laws.dynamo import Dynamo

WRITES = frozenset({"PutItem", "DeleteItem", "TransactWriteItems", "UpdateItem"})
Send = Callable[[str, bytes], Answer]


class Fault:
    """What happens to one request of the club's, from its first attempt to its last. This one lets everything through."""

    def passing(self, operation: str, body: bytes, send: Send) -> Answer:
        return send(operation, body)


class Broken(Fault):
    """Meets the writes of a request, each with its number; what it returns or raises stands for the answer."""

    def __init__(self, way: Callable[[int, str, bytes, Send], Answer]) -> None:
        self._way, self._writes = way, 0

    def passing(self, operation: str, body: bytes, send: Send) -> Answer:
        if operation not in WRITES:
            return send(operation, body)
        self._writes += 1
        return self._way(self._writes, operation, body, send)


def never_sent(times: int) -> Fault:
    """F1."""

    def way(number: int, operation: str, body: bytes, send: Send) -> Answer:
        if number <= times:
            raise Lost(operation)
        return send(operation, body)

    return Broken(way)


def answer_lost(times: int) -> Fault:
    """F2: it was done, and nobody heard so."""

    def way(number: int, operation: str, body: bytes, send: Send) -> Answer:
        told = send(operation, body)
        if number <= times:
            raise Lost(operation)
        return told

    return Broken(way)


class Dead(Fault):
    """F3: after the write has left, nothing at all comes through any more, until somebody asks anew."""

    def __init__(self) -> None:
        self._left = False

    def passing(self, operation: str, body: bytes, send: Send) -> Answer:
        if self._left:
            raise Lost(operation)
        if operation in WRITES:
            self._left = True
            send(operation, body)
            raise Lost(operation)
        return send(operation, body)


def throttled(times: int) -> Fault:
    """F4."""
    return Broken(
        lambda number, operation, body, send: no("ThrottlingException") if number <= times else send(operation, body)
    )


def conflicting(times: int, *, mixed: bool) -> Fault:
    """F5; and F7 with `mixed`: a condition that failed beside the conflict says nothing."""

    def way(number: int, operation: str, body: bytes, send: Send) -> Answer:
        if number > times:
            return send(operation, body)
        if operation != "TransactWriteItems":
            return no("TransactionConflictException")
        count = len(json.loads(body)["TransactItems"])
        codes = ["None"] * (count - 1) + ["TransactionConflict"]
        if mixed and count > 1:
            codes[-2] = "ConditionalCheckFailed"
        return no("TransactionCanceledException", CancellationReasons=[{"Code": code} for code in codes])

    return Broken(way)


def failing(*, after: bool) -> Fault:
    """DynamoDB's own mistake, before the write or after it."""

    def way(number: int, operation: str, body: bytes, send: Send) -> Answer:
        if number > ATTEMPTS_MAX:
            return send(operation, body)
        if after and number == 1:
            send(operation, body)
        return no("InternalServerError", 500)

    return Broken(way)


class Behind(Fault):
    """F9: a read that does not ask for the truth is answered with what was true before the last two writes."""

    def passing(self, operation: str, body: bytes, send: Send) -> Answer:
        told = send(operation, body)
        if operation != "Query" or "IndexName" not in json.loads(body):
            return told
        asked, found = json.loads(body), json.loads(told.body)
        is_first = ":n" not in asked["ExpressionAttributeValues"] or self._is_newest(asked, found)
        return _told({**found, "Items": found["Items"][2:] if is_first else found["Items"]})

    @staticmethod
    def _is_newest(asked: Any, found: Any) -> bool:
        below = int(asked["ExpressionAttributeValues"][":n"]["N"])
        return bool(found["Items"]) and int(found["Items"][0]["n"]["N"]) == below - 1


class Paged(Fault):
    """F10: pages of two rows, and of many keys the half is left over."""

    def passing(self, operation: str, body: bytes, send: Send) -> Answer:
        if operation in ("Query", "Scan"):
            asked = json.loads(body)
            return send(operation, json.dumps(asked | {"Limit": min(2, asked.get("Limit", 2))}).encode())
        if operation != "BatchGetItem":
            return send(operation, body)
        asked = json.loads(body)["RequestItems"]
        ((table, wanted),) = asked.items()
        now, later = wanted["Keys"][::2], wanted["Keys"][1::2]
        told = json.loads(send(operation, json.dumps({"RequestItems": {table: wanted | {"Keys": now}}}).encode()).body)
        return _told(told | ({"UnprocessedKeys": {table: wanted | {"Keys": later}}} if later else {}))


class Overtaken(Fault):
    """Between the reading and the writing of a request, another till does something of its own."""

    def __init__(self, meanwhile: Callable[[], None]) -> None:
        self._meanwhile: Callable[[], None] | None = meanwhile

    def passing(self, operation: str, body: bytes, send: Send) -> Answer:
        meanwhile = self._meanwhile
        if operation in WRITES and meanwhile is not None:
            self._meanwhile = None
            meanwhile()
        return send(operation, body)


FAULTS: dict[str, Callable[[], Fault]] = {
    "none": Fault,
    "F1 never sent": lambda: never_sent(1),
    "F1 never sent, all attempts": lambda: never_sent(ATTEMPTS_MAX),
    "F2 answer lost": lambda: answer_lost(1),
    "F2 answer lost, all attempts": lambda: answer_lost(ATTEMPTS_MAX),
    "F3 dead after the write": Dead,
    "F4 throttled once": lambda: throttled(1),
    "F4 throttled": lambda: throttled(ATTEMPTS_MAX),
    "F5 conflict": lambda: conflicting(2, mixed=False),
    "F7 mixed reasons": lambda: conflicting(1, mixed=True),
    "fails before": lambda: failing(after=False),
    "fails after": lambda: failing(after=True),
    "F9 behind": Behind,
    "F10 pages": Paged,
}


def no(code: str, status: int = 400, **facts: Any) -> Answer:
    return Answer(status, {}, json.dumps({"__type": f"x#{code}", "message": code, **facts}).encode())


def _told(told: Any) -> Answer:
    return Answer(200, {}, json.dumps(told).encode())


class Line(Sender):
    """The functions' own sender, with a fault on its line. `far`: DynamoDB on paper, or the address of one that is real.

    `written` counts the writes that DynamoDB took: whatever is refused leaves it as it was.
    """

    sleep = staticmethod(lambda seconds: None)
    chance = staticmethod(lambda: 0.5)

    def __init__(self, far: Dynamo | str, keys: AwsKeys | None = None, region: str = ministack.REGION) -> None:
        address = far if isinstance(far, str) else "http://127.0.0.1:1"
        super().__init__(DYNAMODB, address, region, lambda: keys or AwsKeys(*aws.LOCAL_KEYS.values()))
        self._far = far
        self.fault = Fault()
        self.written = 0
        self.attempts: list[str] = []

    def attempt(self, operation: str, body: bytes) -> Answer:
        self.attempts.append(operation)
        return self.fault.passing(operation, body, self._sent)

    def _sent(self, operation: str, body: bytes) -> Answer:
        if operation in ("GetItem", "BatchGetItem"):
            assert b'"ConsistentRead":true' in body.replace(b": ", b":"), (
                "a decision may not rest on what was true a moment ago"
            )
        far = self._far
        told = far.answer(operation, body) if isinstance(far, Dynamo) else super().attempt(operation, body)
        if operation in WRITES and told.status < 300:
            self.written += 1
        return told
