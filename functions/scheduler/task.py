"""A message of the clock's queue: a job to be begun, a walk of it from some place on, or what a member's posting calls for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import NamedTuple

from functions.scheduler.timetable import BY_NAME
from shared.actions.walking import Place

# Not of the timetable: the outbox tells of something that happened; a campaign is worked off in parts.
CALLED, CAMPAIGN = "called", "campaign"


class Task(NamedTuple):
    """`place` is None where the job is to be begun; `members` were counted on the way there. `member`, `kind` and `cause` are of
    what was called for; `campaign` is sent."""

    job: str
    days: tuple[date, ...] = ()
    place: Place | None = None
    members: Mapping[str, int] = MappingProxyType({})
    member: str = ""
    kind: str = ""
    cause: str = ""
    campaign: str = ""

    @classmethod
    def read(cls, body: str) -> Task:
        """Raises ValueError, KeyError or TypeError for what is none."""
        told = json.loads(body)
        if told["job"] == CALLED:
            return cls(CALLED, member=str(told["member"]), kind=str(told["kind"]), cause=str(told["cause"]))
        days = tuple(date.fromisoformat(day) for day in told.get("days", ()))
        place = None
        if "part" in told:
            again = tuple(str(one) for one in told.get("again", ()))
            place = Place(int(told["part"]), int(told["parts"]), str(told.get("after", "")), again)
        members = {str(name): int(many) for name, many in told.get("members", {}).items()}
        if told["job"] == CAMPAIGN:
            return cls(CAMPAIGN, place=place, campaign=str(told["campaign"]))
        return cls(BY_NAME[told["job"]].job, days, place, members)

    @property
    def body(self) -> str:
        """Of a walk, as it is sent to the queue."""
        days = [day.isoformat() for day in self.days]
        place = self.place._asdict() if self.place is not None else {}
        members = {"members": dict(self.members)} if self.members else {}
        campaign = {"campaign": self.campaign} if self.campaign else {}
        return json.dumps({"job": self.job, "days": days, **place, **members, **campaign})
