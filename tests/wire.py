"""What goes over the wire to DynamoDB: every attempt counted, units as DynamoDB answers them, and faults on purpose."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple, Protocol

from club import aws, ministack
from shared.domain.row_bytes import read_units
from shared.settings import AwsKeys
from shared.store.answer import Answer
from shared.store.sender import DYNAMODB, Lost, Sender


class Attempt(NamedTuple):
    """One request as it is about to leave. `send_another` sends another body instead of its own."""

    operation: str
    body: bytes
    send_another: Callable[[bytes], Answer]

    def send(self) -> Answer:
        return self.send_another(self.body)

    @property
    def asked(self) -> dict[str, Any]:
        asked: dict[str, Any] = json.loads(self.body)
        return asked


# Sees one attempt before it leaves: returns an answer of its own, raises Lost, or lets it through (None).
Fault = Callable[[Attempt], Answer | None]


class Reached(Protocol):
    """What answers at an address: the local AWS, or another DynamoDB."""

    @property
    def endpoint(self) -> str: ...


class Wire:
    """The functions' own sender to DynamoDB, watched.

    `attempts` are requests as they left, repetitions by the sender included; `calls` are requests as the code made them and
    DynamoDB answered them; `write_units` are by table, its index included, as answered; the rows that were read are kept so
    that their bytes can be weighed; `weak_reads` are those that may have answered what was true a moment ago.
    """

    def __init__(
        self, running: Reached, keys: Callable[[], AwsKeys] = lambda: AwsKeys(*aws.LOCAL_KEYS.values())
    ) -> None:
        self.client = _Watched(self, running.endpoint, keys)
        self.attempts: list[str] = []
        self.calls: list[str] = []
        self.write_units: Counter[str] = Counter()
        self.rows_read: list[dict[str, Any]] = []
        self.weak_reads: list[str] = []
        self._fault: Fault | None = None

    def forget(self) -> None:
        """Start counting anew."""
        self.attempts.clear()
        self.calls.clear()
        self.write_units.clear()
        self.rows_read.clear()

    @property
    def read_units(self) -> int:
        """Strong reads by AWS's rule, a unit for each 4 KB begun of each row: the local AWS counts them too low."""
        return sum(map(read_units, self.rows_read))

    @contextmanager
    def broken(self, fault: Fault) -> Iterator[None]:
        self._fault = fault
        try:
            yield
        finally:
            self._fault = None

    def leaving(self, attempt: Attempt) -> Answer | None:
        self.attempts.append(attempt.operation)
        return self._fault(attempt) if self._fault else None

    def asked(self, operation: str, request: Mapping[str, Any]) -> None:
        reads = request.get("RequestItems", {"": request}) if operation in ("GetItem", "BatchGetItem") else {}
        self.weak_reads += [operation for read in reads.values() if not read.get("ConsistentRead")]

    def answered(self, operation: str, told: Mapping[str, Any]) -> None:
        self.calls.append(operation)
        if "Item" in told and operation == "GetItem":
            self.rows_read.append(told["Item"])
        for rows in told.get("Responses", {}).values():
            self.rows_read += rows
        consumed = told.get("ConsumedCapacity") or []
        for one in consumed if isinstance(consumed, list) else [consumed]:
            if operation in _WRITES:
                self.write_units[one["TableName"]] += int(one["CapacityUnits"])


class _Watched(Sender):
    """Asks for units with every call, and lets the wire see each attempt before it leaves."""

    def __init__(self, wire: Wire, endpoint: str, keys: Callable[[], AwsKeys]) -> None:
        super().__init__(DYNAMODB, endpoint, ministack.REGION, keys)
        self._wire = wire

    def call(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        self._wire.asked(operation, request)
        # Every call of the store's knows this question.
        told = super().call(operation, {**request, "ReturnConsumedCapacity": "INDEXES"})
        self._wire.answered(operation, told)
        return told

    def attempt(self, operation: str, body: bytes) -> Answer:
        send = super().attempt
        answer = self._wire.leaving(Attempt(operation, body, lambda other: send(operation, other)))
        return send(operation, body) if answer is None else answer


_WRITES = ("PutItem", "UpdateItem", "TransactWriteItems")


def on(name: str, fault: Fault, times: int | None = None) -> Fault:
    """The fault for one operation only; `times` at most, then the line is good again."""
    left = [times]

    def only(attempt: Attempt) -> Answer | None:
        if attempt.operation != name or left[0] == 0:
            return None
        if left[0] is not None:
            left[0] -= 1
        return fault(attempt)

    return only


def answer_lost(attempt: Attempt) -> Answer | None:
    """DynamoDB did it, and the line broke before it could say so."""
    attempt.send()
    raise Lost(attempt.operation)


def never_sent(attempt: Attempt) -> Answer | None:
    """The line broke before anything left."""
    raise Lost(attempt.operation)


def refusing(code: str, status: int = 400, **facts: Any) -> Fault:
    """DynamoDB says no, with this error code."""
    body = json.dumps({"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": code, **facts}).encode()
    return lambda attempt: Answer(status, {"content-type": "application/x-amz-json-1.0"}, body)


def cancelled(*reasons: str | Mapping[str, Any]) -> Fault:
    """DynamoDB cancels a transaction, with a reason for each row."""
    told = [{"Code": reason} if isinstance(reason, str) else dict(reason) for reason in reasons]
    return refusing("TransactionCanceledException", CancellationReasons=told)


throttled = refusing("ThrottlingException")
