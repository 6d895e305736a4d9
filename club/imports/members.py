"""People of another system's file, who join as through the storefront's door: nobody twice, and what cannot be read is named."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from club.imports.applying import JOINED_NAME, WORKERS, Imported
from club.imports.cells import Dates, buyer_in, instant_of, way_of, when_in
from club.imports.gathering import Rejected
from club.imports.tables import Row
from club.load.problems import FileUnusable
from shared.actions.caller import Caller
from shared.actions.club import Club
from shared.actions.enrol_member import enrol_member
from shared.api.problems import refusal_of
from shared.domain.errors import Busy, ContactTaken, JoinDiffers, Refused
from shared.domain.member import Joining

_WAYS = ("card", "phone", "email")
_SECONDS = 30.0


class Reading(NamedTuple):
    """`dates`: how days are written, where the operator says so; `language` of who names none."""

    store: str
    zone: ZoneInfo
    dates: Dates | None
    language: str


def people_in(
    rows: Iterable[Row], columns: Mapping[str, int], reading: Reading
) -> tuple[list[tuple[Row, dict[str, Any]]], list[Rejected]]:
    """Each row as the body of a joining. Raises FileUnusable where its days can be read in two ways."""
    taken, rejected = list(rows), list[Rejected]()
    numbers = []
    for row in taken:
        for what in ("birthday", "joined_at"):
            if not row.why and (text := _cell(row, columns, what)):
                try:
                    numbers.append(when_in(text).numbers)
                except ValueError:
                    continue
    way = reading.dates or way_of(numbers)
    if way is None and numbers:
        raise FileUnusable(
            "The dates can be read in two ways: say --dates dmy for 2/11/2026 = 2 November, or --dates mdy."
        )
    people = []
    for row in taken:
        try:
            if row.why:
                raise ValueError(row.why)
            people.append((row, _body(row, columns, reading, way or "ymd")))
        except ValueError as wrong:
            rejected.append(Rejected(row.number, "", "row_unreadable", str(wrong), tuple(row.cells)))
    return people, rejected


def joined(
    club: Club, people: Iterable[tuple[Row, dict[str, Any]]], store: str, heard: Callable[[int], None] = lambda _: None,
    workers: int = WORKERS,
) -> Imported:  # fmt: skip
    imported, done = Imported(), 0
    with ThreadPoolExecutor(workers) as pool:
        for _ in pool.map(lambda one: _one(club, store, one[0], one[1], imported), people):
            done += 1
            heard(done)
    return imported


def _one(club: Club, store: str, row: Row, body: dict[str, Any], imported: Imported) -> None:
    named = next(f"{kind} {body[kind]}" for kind in _WAYS if kind in body)
    # A key may be logged on the way, so it never bears the phone or the e-mail itself.
    token = hashlib.sha256(named.encode()).hexdigest()[:32]
    try:
        enrolled = enrol_member(club, Caller(store), f"import-{token}", Joining.model_validate(body), lambda: _SECONDS)
        imported.count("known" if enrolled.replayed else "joined")
    except (ContactTaken, JoinDiffers):
        imported.count("known")
    except ValidationError as fault:
        _reject(imported, row, refusal_of(fault))
    except (Refused, Busy) as refusal:
        _reject(imported, row, refusal)


def _reject(imported: Imported, row: Row, refusal: Refused) -> None:
    facts = refusal.facts
    reason = f"{facts['field']} {facts['reason']}" if {"field", "reason"} <= set(facts) else refusal.title
    imported.reject(Rejected(row.number, str(facts.get("field", "")), refusal.code, reason, tuple(row.cells)))


def _body(row: Row, columns: Mapping[str, int], reading: Reading, way: Dates) -> dict[str, Any]:
    """Raises ValueError."""
    body: dict[str, Any] = {
        "name": _cell(row, columns, "name") or JOINED_NAME, "source": "import",
        "language": _cell(row, columns, "language").lower()[:2] or reading.language,
    }  # fmt: skip
    for kind in _WAYS:
        if value := buyer_in(_cell(row, columns, kind)):
            body[kind] = value
    if not any(kind in body for kind in _WAYS):
        raise ValueError("names no card, phone or e-mail: nobody could find this person at the till")
    if text := _cell(row, columns, "birthday"):
        born = _day(text, way)
        body["birthday"] = {"year": born.year, "month": born.month, "day": born.day}
    if text := _cell(row, columns, "joined_at"):
        body["joined_at"] = instant_of(when_in(text), way, datetime.now(reading.zone)).isoformat()
    return body


def _day(text: str, way: Dates) -> date:
    when = when_in(text)
    first, second, third = when.numbers
    year, month, day = {"ymd": (first, second, third), "dmy": (third, second, first), "mdy": (third, first, second)}[
        way
    ]
    if year < 100:
        raise ValueError(f"the birthday {text!r} has a year of two digits: nobody can tell the century")
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueError(f"the birthday {text!r} is no day when it is read as {way}") from None


def _cell(row: Row, columns: Mapping[str, int], what: str) -> str:
    return row.cells[columns[what]] if what in columns else ""
