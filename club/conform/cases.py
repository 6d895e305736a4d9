"""Conformance cases as their file tells them: a programme, events in their sequence, and what is expected after them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from club.console import Trouble

EPOCH = datetime(2020, 1, 1, 12, tzinfo=UTC)


class Case(NamedTuple):
    id: str
    group: str
    portability: str
    programme: Mapping[str, Any]
    events: list[dict[str, Any]]
    expected: Mapping[str, Any]


class Untranslatable(Exception):
    """A key or an event that this club has no feature for, or none yet: the case fails, with this word."""


def cases_of(path: Path) -> list[Case]:
    """Raises Trouble when the file is none."""
    try:
        read = json.loads(path.read_text("utf-8"))
        return [
            Case(
                str(one["id"]),
                str(one.get("group", "")),
                str(one.get("portability", "universal")),
                one.get("program", {}),
                one["events"],
                one["expected"],
            )
            for one in read["cases"]
        ]
    except FileNotFoundError:
        raise Trouble(f"There is no file {path}.") from None
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        raise Trouble(f"{path} is not a file of conformance cases: {fault!r}.") from None


def times(case: Case) -> Iterator[datetime]:
    """When each event happens: its `t`, its day `d` since 2020-01-01, or right after the one before."""
    zone = ZoneInfo(str(case.programme.get("time_zone", "UTC")))
    at = EPOCH - timedelta(seconds=1)
    for event in case.events:
        if "t" in event:
            at = instant(str(event["t"]), zone)
        elif "d" in event:
            at = max(EPOCH + timedelta(days=int(event["d"])), at + timedelta(seconds=1))
        else:
            at += timedelta(seconds=1)
        yield at


def instant(text: str, zone: ZoneInfo) -> datetime:
    """An ISO time; without a zone it is the programme's, and a day alone is noon."""
    read = datetime.fromisoformat(text)
    if len(text) == 10:
        read = read.replace(hour=12)
    return read if read.tzinfo else read.replace(tzinfo=zone)
