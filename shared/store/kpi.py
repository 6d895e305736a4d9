"""The figures of days as rows: what the sweep counted part by part, and the day as it was closed, which no row changes again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple

from shared.domain.decide import ms
from shared.store import keys
from shared.store.backend import Backend, Item, Put

# Counts are asked for in the morning after, and by whoever catches up on a week.
COUNTS_KEPT_DAYS = 40
_DAY_S = 86_400


class Counts(NamedTuple):
    """How many members of a part there were at the end of a day, and of what kind."""

    mode: keys.Mode
    day: date
    part: int
    parts: int
    members: Mapping[str, int]


class Closed(NamedTuple):
    """A day as it was closed. `members` is None where they were not counted in the night after it."""

    mode: keys.Mode
    day: date
    closed_ms: int
    tallies: Mapping[str, int]
    members: Mapping[str, int] | None

    @property
    def figures(self) -> dict[str, int]:
        return {**(self.members or {}), **self.tallies}


def put_counts(backend: Backend, counts: Counts, now: datetime) -> None:
    """Written whole: a part that is swept again counts once."""
    row = {
        "kind": keys.counts_of(counts.mode, counts.day), "id": keys.counts_part(counts.part, counts.parts), "p": counts.parts,
        "f": dict(counts.members), "x": ms(now) // 1000 + COUNTS_KEPT_DAYS * _DAY_S,
    }  # fmt: skip
    backend.write([Put("club", row)])


def members_at(backend: Backend, mode: keys.Mode, day: date) -> dict[str, int] | None:
    """The counts of all parts together; None until each part of one sweep was counted."""
    by_parts: dict[int, list[Item]] = {}
    for row in backend.listed("club", keys.counts_of(mode, day)):
        by_parts.setdefault(row["p"], []).append(row)
    for parts, rows in by_parts.items():
        if len(rows) == parts:
            sums: dict[str, int] = {}
            for row in rows:
                for name, many in row["f"].items():
                    sums[name] = sums.get(name, 0) + many
            return {name: sums[name] for name in sorted(sums)}
    return None


def closed_on(backend: Backend, mode: keys.Mode, day: date) -> Closed | None:
    row = backend.get("club", {"kind": keys.closed_days(mode, day), "id": day.isoformat()})
    return _closed_in(mode, row) if row is not None else None


def closed_in(backend: Backend, mode: keys.Mode, year: int) -> dict[date, Closed]:
    """The closed days of a year, in one round trip."""
    rows = backend.listed("club", keys.closed_days(mode, date(year, 1, 1)))
    return {closed.day: closed for closed in (_closed_in(mode, row) for row in rows)}


def close(backend: Backend, closed: Closed) -> Closed:
    """The day as it is closed from now on: as somebody closed it before, where somebody did."""
    row = {
        "kind": keys.closed_days(closed.mode, closed.day), "id": closed.day.isoformat(), "t": closed.closed_ms,
        "f": dict(closed.tallies), **({"m": dict(closed.members)} if closed.members is not None else {}),
    }  # fmt: skip
    refused = backend.write([Put("club", row, absent=True)])
    return _closed_in(closed.mode, refused[0]) if refused else closed


def _closed_in(mode: keys.Mode, row: Item) -> Closed:
    return Closed(mode, date.fromisoformat(row["id"]), row["t"], row["f"], row.get("m"))
