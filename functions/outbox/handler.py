"""The ledger's stream, of what asks for something: messages and calls of automations go to their queues. Raised is repeated."""

from __future__ import annotations

import time
from functools import cache
from typing import Any

from shared.actions.hand_over import Queues, hand_over
from shared.actions.metered import metered
from shared.observe import log, logged
from shared.settings import settings
from shared.store import connection
from shared.store.stream import records_of

connection.queues()


@cache
def queues() -> Queues:
    named = settings().queues
    return Queues(connection.queues(), named["urgent"], named["marketing"], named["scheduler"])


@metered(log, logged)
def handler(event: dict[str, Any], context: Any) -> None:
    started = time.perf_counter()
    records = records_of(event)
    said: dict[str, Any] = {"request": context.aws_request_id, "records": len(records)}
    try:
        done = hand_over(queues(), records)
    except Exception as fault:
        log("error", **said, error=getattr(fault, "code", type(fault).__name__))
        raise
    for place in done.aside:
        log("error", code="posting_set_aside", error="what it asks for cannot be read", where=place, **said)
    took_ms = round((time.perf_counter() - started) * 1000)
    log("info", **said, messages=done.messages, calls=done.calls, ms=took_ms)
