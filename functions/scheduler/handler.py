"""The clock: the jobs of the timetable, each called by a schedule through a queue, and automations that something called for."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from functions.scheduler.jobs import Clock, run
from functions.scheduler.task import Task
from shared.actions import opening
from shared.actions.club import Club
from shared.actions.metered import metered
from shared.actions.weigh_tables import weigh_tables
from shared.observe import log, logged
from shared.settings import settings
from shared.store import connection
from shared.store.queue import send

# Left for the last words before the function's time is up; what is not done by then comes again with the message.
_RESERVE_S = 5.0


@metered(log, logged)
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Each message by itself: one that fails comes again, and after some tries lies with the dead letters."""
    deadline = time.monotonic() + context.get_remaining_time_in_millis() / 1000 - _RESERVE_S
    failed = []
    for record in event["Records"]:
        try:
            told = settings().metrics, settings().stage
            bill = (_bill, settings().bill) if settings().bill else None
            clock = Clock(
                opening.club(), lambda: deadline - time.monotonic(), _send, settings().parts, told, bill, _weigh
            )
            run(clock, Task.read(record["body"]))
        except Exception as fault:  # noqa: BLE001  # Whatever it is, the other messages are done.
            log(
                "error",
                code="job_failed",
                error=getattr(fault, "code", type(fault).__name__),
                request=context.aws_request_id,
            )
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}


def _send(queue: str, text: str) -> None:
    send(connection.queues(), settings().queues[queue], [text])


def _weigh(club: Club) -> int:
    return weigh_tables(club, connection.dynamodb().call, settings().tables)


def _bill(request: Mapping[str, Any]) -> dict[str, Any]:
    return connection.bills().call("GetCostAndUsage", request)


connection.dynamodb()
