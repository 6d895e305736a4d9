"""Folds what the ledger's stream brings into the tallies, each posting once: however often it comes, in whatever company.

Postings recorded in one quarter of an hour share pages of marks. What bears a mark was folded; all others are folded in one
transaction with their marks, so that a delivery which comes again, cut differently or out of sequence, adds what is missing and
no more. What cannot be counted is set aside and holds nobody up. A fault of DynamoDB is raised: the delivery comes again.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from shared.domain.ledger import Row
from shared.domain.tallies import Uncountable, counted, is_posting, whole
from shared.store import keys
from shared.store.backend import TRANSACTION_PUTS_MAX, Backend, Contended, Unanswered, Write
from shared.store.stream import Record
from shared.store.tallies import (
    PAGE_MARKS,
    Buckets,
    Epochs,
    Part,
    Poison,
    adds_of,
    epochs_of,
    is_forgotten,
    mark_of,
    put_marks,
    put_poison,
    seen_key,
    seen_of,
)
from shared.store.zones import Zones

# Rows of tallies in one transaction, and marks: with the pages that these fill (at most five) it stays within the most.
_PARTS_MAX = 20
_MARKS_MAX = 4 * PAGE_MARKS
# Two deliveries rarely meet at one page; the function's own patience ends before this does where many do.
TRIES_MAX = 12
_PAUSE_S_FIRST, _PAUSE_S_MAX = 0.02, 0.4
_TRY_S = 1.0


@dataclass(frozen=True)
class Tallying:
    """What folding needs to know, and what would otherwise be ambient."""

    backend: Backend
    zones: Zones
    buckets: Buckets
    now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = field(default=random.random)


class Countable(NamedTuple):
    """What one posting adds: in which realm, on which day; and when it was recorded."""

    mode: keys.Mode
    day: date
    figures: Mapping[str, int]
    recorded_ms: int


class Folded(NamedTuple):
    """What became of the postings of a delivery: so many were added, so many had been before, these were set aside."""

    postings: int
    known: int
    aside: tuple[Poison, ...]


def countable(row: Row, zones: Zones) -> Countable:
    """Raises Uncountable, Busy."""
    try:
        recorded_ms, version = whole(row["t"]), whole(row["v"])
        zone = zones.of(version)
    except (LookupError, ValueError) as broken:
        raise Uncountable("it names no time or no version of the programme that was published") from broken
    made = counted(row, zone)
    mode = keys.mode_of(str(row["k"]), str(row["a"]) if "a" in row else None)
    return Countable(mode, made.day, made.figures, recorded_ms)


def fold_postings(tallying: Tallying, records: Sequence[Record], seconds_left: Callable[[], float]) -> Folded:
    """Raises Busy when DynamoDB asks for it, or when others are at the same rows for too long: then all of it may come again."""
    together: dict[tuple[str, int], dict[bytes, Countable]] = {}
    aside: list[Poison] = []
    for record in records:
        try:
            found = _read(tallying, record)
        except Uncountable as poison:
            aside.append(Poison(record.place, record.key, poison.why))
            continue
        if found is not None:
            mark = mark_of(record.key)
            together.setdefault(seen_key(mark, found.recorded_ms, tallying.buckets), {})[mark] = found
    _set_aside(tallying, aside)
    postings = known = 0
    if together:
        epochs = epochs_of(tallying.backend)
        for (key, bucket), some in together.items():
            folded = _fold(tallying, key, bucket, some, epochs, seconds_left)
            postings, known = postings + folded, known + len(some) - folded
    return Folded(postings, known, tuple(aside))


def _read(tallying: Tallying, record: Record) -> Countable | None:
    """None for what only waits. Raises Uncountable, Busy."""
    if record.row is None:
        raise Uncountable("its row cannot be read")
    if not is_posting(record.row):
        return None
    found = countable(record.row, tallying.zones)
    if is_forgotten(found.recorded_ms, tallying.now_ms()):
        raise Uncountable("it is so old that nobody knows any more whether it was counted")
    return found


def _set_aside(tallying: Tallying, aside: Sequence[Poison]) -> None:
    # One row for each place in the stream: of records without one, the last is kept.
    puts = list({poison.place: put_poison(poison, tallying.now_ms()) for poison in aside}.values())
    for at in range(0, len(puts), TRANSACTION_PUTS_MAX):
        tallying.backend.write(puts[at : at + TRANSACTION_PUTS_MAX])


def _fold(
    tallying: Tallying, key: str, bucket: int, some: Mapping[bytes, Countable], epochs: Epochs, seconds_left: Callable[[], float]
) -> int:  # fmt: skip
    """How many of those that share a key of marks were folded here. Raises Busy."""
    folded, left = 0, dict(some)
    tries = _tries(tallying, seconds_left)
    next(tries)
    while left:
        seen = seen_of(tallying.backend, key)
        left = {mark: one for mark, one in left.items() if mark not in seen.marks}
        if not left:
            break
        sums, marks = _sums(left, epochs)
        puts: list[Write] = [*put_marks(seen, marks, tallying.now_ms()), *adds_of(sums, bucket)]
        if not _is_written(tallying.backend, puts):
            next(tries)
            continue
        folded += len(marks)
        for mark in marks:
            del left[mark]
    return folded


def _is_written(backend: Backend, puts: Sequence[Write]) -> bool:
    """Whether it was, as far as anybody heard: what was written without an answer bears its marks."""
    try:
        return not backend.write(puts)
    except (Contended, Unanswered):
        return False


def _sums(left: Mapping[bytes, Countable], epochs: Epochs) -> tuple[dict[Part, dict[str, int]], list[bytes]]:
    """What the first of them add together, as many as one transaction may be about, and their marks."""
    sums: dict[Part, dict[str, int]] = {}
    marks: list[bytes] = []
    for mark, one in left.items():
        part: Part = (one.mode, one.day, epochs.of(one.recorded_ms))
        if len(marks) == _MARKS_MAX or (part not in sums and len(sums) == _PARTS_MAX):
            break
        figures = sums.setdefault(part, {})
        for name, more in one.figures.items():
            figures[name] = figures.get(name, 0) + more
        marks.append(mark)
    return sums, marks


def _tries(tallying: Tallying, seconds_left: Callable[[], float]) -> Iterator[None]:
    """A pause with full jitter before each try but the first. Raises Contended when no more may be made."""
    for tried in range(TRIES_MAX):
        if tried:
            tallying.sleep(tallying.chance() * min(_PAUSE_S_MAX, _PAUSE_S_FIRST * 2**tried))
        if seconds_left() < _TRY_S:
            break
        yield
    raise Contended
