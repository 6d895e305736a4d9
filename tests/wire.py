"""What goes over the wire to DynamoDB: every attempt counted, units as DynamoDB answers them, and faults on purpose."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ConnectionClosedError
from botocore.httpsession import URLLib3Session

from club import aws, ministack
from shared.store.backend import Item
from shared.store.table import client

UNIT_READ_BYTES = 4096

# Sees one attempt before it leaves: returns an answer of its own, raises, or lets it through (None).
Fault = Callable[[AWSPreparedRequest], AWSResponse | None]


class Wire:
    """A DynamoDB client with the functions' own settings, watched.

    `attempts` are requests as they left, retries by the SDK included; `calls` are requests as the code made them;
    `write_units` are by table, its index included, as answered; the rows that were read are kept so that their bytes can be
    weighed; `weak_reads` are those that may have answered what was true a moment ago.
    """

    def __init__(self, running: ministack.Running) -> None:
        self.client = client(endpoint_url=running.endpoint, region_name=ministack.REGION, **aws.LOCAL_KEYS)
        self.attempts: list[str] = []
        self.calls: list[str] = []
        self.write_units: Counter[str] = Counter()
        self.rows_read: list[dict[str, Any]] = []
        self.weak_reads: list[str] = []
        self._fault: Fault | None = None
        events = self.client.meta.events
        events.register("provide-client-params.dynamodb.*", self._ask_for_units)
        events.register("before-send.dynamodb.*", self._leaving)
        events.register("after-call.dynamodb.*", self._answered)

    def forget(self) -> None:
        """Start counting anew."""
        self.attempts.clear()
        self.calls.clear()
        self.write_units.clear()
        self.rows_read.clear()

    @property
    def read_units(self) -> int:
        """Strong reads by AWS's rule, a unit for each 4 KB begun of each row: the local AWS counts them too low."""
        return sum(-(-row_bytes(row) // UNIT_READ_BYTES) for row in self.rows_read)

    @contextmanager
    def broken(self, fault: Fault) -> Iterator[None]:
        self._fault = fault
        try:
            yield
        finally:
            self._fault = None

    def _ask_for_units(self, params: dict[str, Any], model: Any, **_: Any) -> dict[str, Any]:
        reads = params.get("RequestItems", {"": params}) if model.name in ("GetItem", "BatchGetItem") else {}
        self.weak_reads += [model.name for read in reads.values() if not read.get("ConsistentRead")]
        return params | {"ReturnConsumedCapacity": "INDEXES"}  # Every call of the store's knows this question.

    def _leaving(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse | None:
        self.attempts.append(operation(request))
        return self._fault(request) if self._fault else None

    def _answered(self, parsed: dict[str, Any], model: Any, **_: Any) -> None:
        self.calls.append(model.name)
        if "Item" in parsed and model.name == "GetItem":
            self.rows_read.append(parsed["Item"])
        for rows in parsed.get("Responses", {}).values():
            self.rows_read += rows
        consumed = parsed.get("ConsumedCapacity") or []
        for one in consumed if isinstance(consumed, list) else [consumed]:
            if model.name in _WRITES:
                self.write_units[one["TableName"]] += int(one["CapacityUnits"])


_WRITES = ("PutItem", "UpdateItem", "TransactWriteItems")


def operation(request: AWSPreparedRequest) -> str:
    target = request.headers["X-Amz-Target"]
    return (target.decode() if isinstance(target, bytes) else str(target)).partition(".")[2]


def on(name: str, fault: Fault, times: int | None = None) -> Fault:
    """The fault for one operation only; `times` at most, then the line is good again."""
    left = [times]

    def only(request: AWSPreparedRequest) -> AWSResponse | None:
        if operation(request) != name or left[0] == 0:
            return None
        if left[0] is not None:
            left[0] -= 1
        return fault(request)

    return only


def answer_lost(request: AWSPreparedRequest) -> AWSResponse | None:
    """DynamoDB did it, and the line broke before it could say so."""
    URLLib3Session().send(request)
    raise ConnectionClosedError(endpoint_url=request.url)


def never_sent(request: AWSPreparedRequest) -> AWSResponse | None:
    """The line broke before anything left."""
    raise ConnectionClosedError(endpoint_url=request.url)


def refusing(code: str, status: int = 400, **facts: Any) -> Fault:
    """DynamoDB says no, with this error code."""
    body = json.dumps({"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": code, **facts}).encode()
    headers = {"x-amzn-RequestId": "made-for-a-test", "content-type": "application/x-amz-json-1.0"}
    return lambda request: AWSResponse(request.url, status, headers, _Body(body))


def cancelled(*reasons: str | Mapping[str, Any]) -> Fault:
    """DynamoDB cancels a transaction, with a reason for each row."""
    told = [{"Code": reason} if isinstance(reason, str) else dict(reason) for reason in reasons]
    return refusing("TransactionCanceledException", CancellationReasons=told)


throttled = refusing("ThrottlingException")


class _Body(io.BytesIO):
    """A body as botocore reads it from urllib3."""

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()


def row_bytes(row: Item) -> int:
    """The size of a row by DynamoDB's rule: names and values in UTF-8; numbers about a byte for two digits, and one."""
    return sum(bytes_by_attribute(row).values())


def bytes_by_attribute(row: Item) -> dict[str, int]:
    return {name: len(name.encode()) + _value_bytes(value) for name, value in row.items()}


def _value_bytes(value: Any) -> int:
    if isinstance(value, dict) and len(value) == 1 and set(value) <= {"S", "N", "B", "BOOL", "L", "M"}:
        (kind, value), *_ = value.items()
        value = int(value) if kind == "N" else value
    match value:
        case bool():
            return 1
        case int():
            digits = len(str(abs(value)).strip("0"))
            return (digits + 1) // 2 + 1 + (value < 0)
        case str():
            return len(value.encode())
        case bytes():
            return len(value)
        case list() | tuple():
            return 3 + sum(1 + _value_bytes(one) for one in value)
        case dict():
            return 3 + sum(1 + len(name.encode()) + _value_bytes(one) for name, one in value.items())
    raise TypeError(f"a row does not hold {type(value).__name__}")
