"""The clock: the jobs of the timetable, each called by a schedule through a queue, and automations that something called for."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple

from functions.scheduler.timetable import BY_NAME, Entry
from shared.actions import opening
from shared.actions.caller import Caller
from shared.actions.club import Club
from shared.actions.send_campaign import begin_campaigns, send_campaign
from shared.actions.sweep import days_to_sweep, grant_called, sweep
from shared.actions.wake_waiting import wake_waiting
from shared.observe import log
from shared.settings import settings
from shared.store import connection
from shared.store.queue import send
from shared.store.runs import last_day, put_last_day

# Left for the last words before the function's time is up; what is not done by then comes again with the message.
_RESERVE_S = 5.0


# Not of the timetable: the outbox tells of something that happened; a campaign is worked off in parts.
_CALLED, _CAMPAIGN = "called", "campaign"


class Task(NamedTuple):
    """A message of the queue: a job to be begun, or one part of it for these days; or what a member's posting calls for."""

    job: str
    days: tuple[date, ...] = ()
    part: int = 0
    parts: int = 0
    member: str = ""
    kind: str = ""
    cause: str = ""
    campaign: str = ""

    @classmethod
    def read(cls, body: str) -> Task:
        """Raises ValueError, KeyError or TypeError for what is none."""
        told = json.loads(body)
        if told["job"] == _CALLED:
            return cls(_CALLED, member=str(told["member"]), kind=str(told["kind"]), cause=str(told["cause"]))
        if told["job"] == _CAMPAIGN:
            return cls(_CAMPAIGN, part=int(told["part"]), parts=int(told["parts"]), campaign=str(told["campaign"]))
        days = tuple(date.fromisoformat(day) for day in told.get("days", ()))
        return cls(BY_NAME[told["job"]].job, days, int(told.get("part", 0)), int(told.get("parts", 0)))

    @property
    def body(self) -> str:
        days = [day.isoformat() for day in self.days]
        return json.dumps({"job": self.job, "days": days, "part": self.part, "parts": self.parts})


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Each message by itself: one that fails comes again, and after some tries lies with the dead letters."""
    deadline = time.monotonic() + context.get_remaining_time_in_millis() / 1000 - _RESERVE_S
    failed = []
    for record in event["Records"]:
        try:
            run(opening.club(), Task.read(record["body"]), lambda: deadline - time.monotonic())
        except Exception as fault:  # noqa: BLE001  # Whatever it is, the other messages are done.
            log(
                "error",
                code="job_failed",
                error=getattr(fault, "code", type(fault).__name__),
                request=context.aws_request_id,
            )
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}


def run(club: Club, task: Task, seconds_left: Callable[[], float]) -> None:
    """Begins a job, does one part of it, or all of it. Raises Busy where it has to come again."""
    if task.job == _CALLED:
        called = grant_called(club, Caller(""), task.member, task.kind, task.cause, seconds_left)
        log("info", job=task.job, due=sum(called.due.values()))
    elif task.parts:
        swept = (
            send_campaign(club, task.campaign, seconds_left, task.part, task.parts)
            if task.job == _CAMPAIGN
            else sweep(club, "live", task.days, seconds_left, task.part, task.parts)
        )
        due = sum(swept.due.values())
        log("info", job=task.job, part=task.part, accounts=swept.accounts, due=due, failed=swept.failed)
        if swept.failed:
            raise Unfinished
    elif BY_NAME[task.job].parts:
        begin(club, BY_NAME[task.job])
    else:
        marketing = settings().queues["marketing"]
        woken = wake_waiting(club.store.backend, club.now(), lambda text: send(connection.queues(), marketing, [text]))
        begun = begin_campaigns(club.store.backend, club.now(), _begin_campaign)
        log("info", job=task.job, messages=woken, calls=begun)


def _begin_campaign(campaign: str) -> None:
    parts = BY_NAME["sweep"].parts
    told = ({"job": _CAMPAIGN, "campaign": campaign, "part": part, "parts": parts} for part in range(parts))
    send(connection.queues(), settings().queues["scheduler"], map(json.dumps, told))


def begin(club: Club, entry: Entry) -> None:
    """One message for each part, of the days since the last run. A run that was begun before is not begun again: its messages are
    on their way, and whatever is done twice is done once."""
    today = club.now().astimezone(club.laws.at(club.now()).zone).date()
    last = last_day(club.store.backend, entry.job)
    days = tuple(days_to_sweep(last, today))
    if days:
        tasks = (Task(entry.job, days, part, entry.parts) for part in range(entry.parts))
        send(connection.queues(), settings().queues["scheduler"], (task.body for task in tasks))
        put_last_day(club.store.backend, entry.job, today)
    log("info", job=entry.job, days=len(days))


class Unfinished(Exception):
    """Some accounts could not be done now."""

    code = "unfinished"


connection.dynamodb()
