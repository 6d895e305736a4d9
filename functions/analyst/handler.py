"""The analyst: of the month that was closed, what automations brought and what members will probably buy. The clock calls it on
some days in a row; what is closed stays as it is."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from shared.actions import opening
from shared.actions.close_estimates import close_estimates
from shared.actions.metered import metered
from shared.actions.take_census import month_before
from shared.actions.walking import Unfinished
from shared.observe import log, logged
from shared.settings import settings
from shared.store import connection

connection.dynamodb()


@metered(log, logged)
def handler(event: dict[str, Any], context: Any) -> None:
    """What is raised is tried twice more, and then lies with the dead letters. A month that is not closed yet rings by its own
    job, and is asked for again by the next call."""
    began, now = time.perf_counter(), datetime.now(UTC)
    said: dict[str, Any] = {"job": event["job"], "request": context.aws_request_id}
    try:
        book = opening.laws().at(now)
        _, last = month_before(now.astimezone(book.zone).date())
        try:
            closed = close_estimates(connection.tables(), book, now, "live", last, settings().parts)
        except Unfinished:
            log("info", **said, outcome="the month is not closed yet")
            return
    except Exception as fault:
        log("error", code="job_failed", error=getattr(fault, "code", type(fault).__name__), **said)
        raise
    rows = sum(len(section.rows) for chapter in closed for section in chapter.report.sections)
    log("info", **said, days=last.day, rows=rows, ms=round((time.perf_counter() - began) * 1000))
