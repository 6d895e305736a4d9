"""Notices of SES, from a queue into which its topic alone may write: each is taken once, whatever happened to the others."""

from __future__ import annotations

import time
from typing import Any

from shared.actions import opening
from shared.actions.metered import metered
from shared.actions.take_notice import take_notice
from shared.observe import log, logged
from shared.store import connection

# Left for the last words before the function's time is up; what is not done by then comes again with the message.
_RESERVE_S = 2.0

connection.dynamodb()


@metered(log, logged)
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    deadline = time.monotonic() + context.get_remaining_time_in_millis() / 1000 - _RESERVE_S
    failed = []
    marked = 0
    for record in event["Records"]:
        try:
            effect = take_notice(opening.club(), record["body"], lambda: deadline - time.monotonic())
            marked += effect in ("marked", "stopped")
            if effect == "stopped":
                # Somebody has to look: `club marketing` says how the last mails fared.
                log("error", code="breaker_opened", request=context.aws_request_id)
        except Exception as fault:  # noqa: BLE001  # Whatever it is, the other notices are taken.
            log(
                "error",
                code="notice_failed",
                error=getattr(fault, "code", type(fault).__name__),
                request=context.aws_request_id,
            )
            failed.append({"itemIdentifier": record["messageId"]})
    log(
        "info",
        request=context.aws_request_id,
        records=len(event["Records"]),
        folded=marked,
        failed=len(failed) or None,
    )
    return {"batchItemFailures": failed}
