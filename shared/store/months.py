"""Closed months: each chapter of a month's report as a row that is written once and never changed. What is told later of such a
month is booked in the one that is open, under its own date."""

from __future__ import annotations

import zlib
from datetime import datetime
from typing import NamedTuple

from shared.domain.decide import ms
from shared.domain.reports import Report, report_in
from shared.store import keys
from shared.store.backend import Backend, Item, Put

# A chapter is a table or three: far below the 100 KB that a row may have (L21).
CHAPTER_BYTES_MAX = 90_000


class Chapter(NamedTuple):
    """One chapter of a month (`2026-10`), as it was closed."""

    mode: keys.Mode
    month: str
    closed_ms: int
    report: Report


def close_chapter(backend: Backend, mode: keys.Mode, month: str, report: Report, now: datetime) -> Chapter:
    """The chapter as it is closed from now on: as somebody closed it before, where somebody did. Raises Busy."""
    packed = zlib.compress(report.text.encode(), 9)
    assert len(packed) <= CHAPTER_BYTES_MAX, f"the chapter {report.name} of {month} has {len(packed)} bytes"
    row = {"kind": keys.months(mode), "id": keys.chapter_of(month, report.name), "t": ms(now), "z": packed}
    refused = backend.write([Put("club", row, absent=True)])
    return _chapter(mode, refused[0] if refused else row)


def chapter_of(backend: Backend, mode: keys.Mode, month: str, name: str) -> Chapter | None:
    row = backend.get("club", {"kind": keys.months(mode), "id": keys.chapter_of(month, name)})
    return _chapter(mode, row) if row is not None else None


def chapters_of(backend: Backend, mode: keys.Mode, month: str, names: tuple[str, ...]) -> list[Chapter]:
    """Those of a month that are closed, in the sequence of their names."""
    found = (chapter_of(backend, mode, month, name) for name in names)
    return [chapter for chapter in found if chapter is not None]


def _chapter(mode: keys.Mode, row: Item) -> Chapter:
    month, _, _ = row["id"].partition("#")
    return Chapter(mode, month, row["t"], report_in(zlib.decompress(bytes(row["z"])).decode()))
