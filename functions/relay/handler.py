"""The ledger's stream: each posting is folded into the tallies of its day, once. Whatever is raised here comes again."""

from __future__ import annotations

import time
from functools import cache
from typing import Any

from shared.actions.fold_postings import Tallying, fold_postings
from shared.actions.metered import metered
from shared.observe import log, logged
from shared.settings import settings
from shared.store import connection
from shared.store.stream import records_of
from shared.store.zones import Zones

# Left for the last words before the function's time is up.
_RESERVE_S = 0.5

connection.dynamodb()


@cache
def tallying() -> Tallying:
    return Tallying(connection.tables(), Zones(connection.tables()), settings().seen_buckets)


@metered(log, logged)
def handler(event: dict[str, Any], context: Any) -> None:
    """Each step takes all records of the delivery, and may be made again: what it has done it does not do twice."""
    started = time.perf_counter()
    deadline = time.monotonic() + context.get_remaining_time_in_millis() / 1000 - _RESERVE_S
    records = records_of(event)
    said: dict[str, Any] = {"request": context.aws_request_id, "records": len(records)}
    try:
        folded = fold_postings(tallying(), records, lambda: deadline - time.monotonic())
    except Exception as fault:
        log("error", **said, error=getattr(fault, "code", type(fault).__name__))
        raise
    for poison in folded.aside:
        log("error", code="posting_set_aside", error=poison.why, request=context.aws_request_id)
    took_ms = round((time.perf_counter() - started) * 1000)
    log("info", **said, folded=folded.postings, known=folded.known, ms=took_ms)
