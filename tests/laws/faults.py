"""Faults of LAWS.md between the club and DynamoDB, put on one request or some as they leave. Each is drawn by its number."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count

from shared.store.answer import Answer
from shared.store.sender import ATTEMPTS_MAX
from tests.wire import Attempt, Fault, Wire, answer_lost, cancelled, never_sent, on, refusing, throttled

WRITES = ("TransactWriteItems", "PutItem")
READS = ("GetItem", "BatchGetItem", "Query")


def at_any(names: tuple[str, ...], fault: Fault, times: int) -> Fault:
    """The fault for the first so many requests of these kinds."""
    each = [on(name, fault) for name in names]
    left = count(times, -1)

    def only(attempt: Attempt) -> Answer | None:
        if attempt.operation not in names or next(left) <= 0:
            return None
        return each[names.index(attempt.operation)](attempt)

    return only


def nothing_processed(attempt: Attempt) -> Answer | None:
    """DynamoDB answers a batch with all of it left over (F10)."""
    if attempt.operation != "BatchGetItem":
        return None
    body = json.dumps({"Responses": {}, "UnprocessedKeys": attempt.asked["RequestItems"]}).encode()
    return Answer(200, {"content-type": "application/x-amz-json-1.0"}, body)


def behind(attempt: Attempt) -> Answer | None:
    """The index does not show the newest posting yet (F9)."""
    answer = attempt.send()
    told = json.loads(answer.body)
    if told.get("Items"):
        told["Items"] = told["Items"][1:]
        told["Count"] = len(told["Items"])
    return answer._replace(body=json.dumps(told).encode())


def pages_of_one(attempt: Attempt) -> Answer | None:
    """DynamoDB ends a page early: after one row (F10)."""
    if attempt.operation != "Query":
        return None
    return attempt.send_another(json.dumps({**attempt.asked, "Limit": 1}).encode())


# By number: what is on the line while one step is tried for the first time.
FAULTS: dict[str, Callable[[], Fault]] = {
    "F1": lambda: at_any(WRITES, never_sent, 1),
    "F1 on reads": lambda: at_any(READS, never_sent, 1),
    "F2": lambda: at_any(WRITES, answer_lost, 1),
    "F3": lambda: at_any((*WRITES, *READS), _dead_after_a_write(), 10**6),
    "F4": lambda: at_any((*WRITES, *READS), throttled, 2),
    "F4 to the end": lambda: at_any(WRITES, throttled, ATTEMPTS_MAX),
    "F5": lambda: at_any(("TransactWriteItems",), cancelled("None", "TransactionConflict"), 3),
    "F5 alone": lambda: at_any(("PutItem",), refusing("TransactionConflictException"), 2),
    "F7": lambda: at_any(("TransactWriteItems",), cancelled("ConditionalCheckFailed", "TransactionConflict"), 2),
    "F9": lambda: at_any(("Query",), behind, 1),
    "F10": lambda: at_any(("BatchGetItem",), nothing_processed, 2),
    "F10 on pages": lambda: at_any(("Query",), pages_of_one, 10**6),
}


def _dead_after_a_write() -> Fault:
    written = [False]

    def fault(attempt: Attempt) -> Answer | None:
        if attempt.operation in WRITES:
            written[0] = True
            attempt.send()
            return never_sent(attempt)
        return never_sent(attempt) if written[0] else None

    return fault


@contextmanager
def broken(wire: Wire, name: str | None) -> Iterator[None]:
    """The line with one of the faults, or without any."""
    if name is None:
        yield
        return
    with wire.broken(FAULTS[name]()):
        yield
