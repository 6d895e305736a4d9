"""Tallies as rows: sums by day, the marks of what stands in them, and what could not be counted.

A day's tallies are the sum of a few rows. Each is of one epoch: a time of recording, of which a recount begins a new one. What
was recorded before the epoch that is whole stands in its rows `before`, counted from the ledger; rows of earlier epochs say
nothing any more.

Marks stand in pages of a kilobyte, so that a mark costs the same however many there are. Pages are filled one after the other
and never changed once they are full.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from shared.store import keys
from shared.store.backend import Add, Backend, Drop, Put

# Of marks made for one quarter of an hour and one bucket, two in a million million are the same by chance.
MARK_BYTES = 8
# With its key, such a page is within 1 KB: two write units in a transaction.
PAGE_MARKS = 112
# So long postings are recorded under one key of marks. Longer costs reads (4 KB of marks for each 500 postings), shorter costs a
# transaction more for each that a delivery spans.
SLICE_MINUTES = 15
# A stream keeps a day, and a table is restored to within 35: what comes again after that is not known, and is set aside.
MARKS_KEPT_DAYS = 36
# What was set aside and came no more is told for so long.
POISON_KEPT_DAYS = 90
_MINUTE_MS = 60_000
_DAY_MS = 24 * 60 * _MINUTE_MS
_KEY_LENGTH_MAX = 300

# How many buckets there are from a minute on, as (minute, buckets), ascending: which one a posting is in never changes.
Buckets = Sequence[tuple[int, int]]
# What a row of the tallies is of: realm, day, epoch.
Part = tuple[keys.Mode, date, int]


class Epochs(NamedTuple):
    """`whole`: the epoch that has all that was recorded earlier. `since_ms`: from which recorded time on it counts, and those
    after it, whose recounts were not ended."""

    version: int = 0
    whole: int = 0
    since_ms: tuple[int, ...] = (0,)

    @property
    def newest(self) -> int:
        return self.whole + len(self.since_ms) - 1

    def of(self, recorded_ms: int) -> int:
        """The epoch of what was recorded then; one before `whole`, whose rows say nothing, where it is in that already."""
        return self.whole - 1 + bisect_right(self.since_ms, recorded_ms)


class Seen(NamedTuple):
    """The marks of one slice and bucket: how many pages they fill, and those of the last one."""

    key: str
    marks: frozenset[bytes]
    pages: int = 0
    last: bytes = b""


class Poison(NamedTuple):
    """What could not be counted. `place` in the stream."""

    place: str
    key: str
    why: str


def mark_of(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()[:MARK_BYTES]


def seen_key(mark: bytes, recorded_ms: int, buckets: Buckets) -> tuple[str, int]:
    """The key of marks under which a posting's is looked for, and its bucket."""
    minute = recorded_ms // _MINUTE_MS // SLICE_MINUTES * SLICE_MINUTES
    among = max((one for one in buckets if one[0] <= minute), default=buckets[0])[1]
    bucket = int.from_bytes(mark) % among
    return keys.seen(minute, bucket), bucket


def is_forgotten(recorded_ms: int, now_ms: int) -> bool:
    """Whether a mark of that time may be gone: nobody can say whether the posting was counted."""
    return recorded_ms < now_ms - (MARKS_KEPT_DAYS - 1) * _DAY_MS


def seen_of(backend: Backend, key: str) -> Seen:
    pages = [row["h"] for row in backend.listed("club", key)]
    marks = frozenset([page[at : at + MARK_BYTES] for page in pages for at in range(0, len(page), MARK_BYTES)])
    return Seen(key, marks, len(pages), pages[-1] if pages else b"")


def put_marks(seen: Seen, marks: Sequence[bytes], now_ms: int) -> list[Put]:
    """The writes of marks that were not there: the last page filled up, as it was read, and new ones behind it."""
    full, expires_at = PAGE_MARKS * MARK_BYTES, now_ms // 1000 + MARKS_KEPT_DAYS * _DAY_MS // 1000
    page, held = (seen.pages, b"") if len(seen.last) == full or not seen.pages else (seen.pages - 1, seen.last)
    content, puts = held + b"".join(marks), list[Put]()
    for at in range(0, len(content), full):
        part = content[at : at + full]
        row = {"kind": seen.key, "id": keys.seen_page(page), "n": len(part), "h": part, "x": expires_at}
        is_filled_up = at == 0 and bool(held)
        puts.append(Put("club", row, absent=not is_filled_up, where=("n", len(held)) if is_filled_up else None))
        page += 1
    return puts


def adds_of(sums: Mapping[Part, Mapping[str, int]], bucket: int) -> list[Add]:
    """The writes that add to the tallies; none for a part to which nothing is added."""
    adds = []
    for (mode, day, epoch), figures in sums.items():
        row = {"kind": keys.tallies_of(mode, day), "id": keys.tally_part(epoch, bucket)}
        adds += [Add("club", row, figures)] if figures else []
    return adds


def put_before(mode: keys.Mode, day: date, epoch: int, figures: Mapping[str, int]) -> Put:
    """The write of all that was recorded before an epoch."""
    return Put("club", {"kind": keys.tallies_of(mode, day), "id": keys.tally_before(epoch), **figures})


def tallies_of(backend: Backend, mode: keys.Mode, day: date, epochs: Epochs) -> dict[str, int]:
    """The tallies of a day, in one round trip; figures that are 0 are not named."""
    sums: dict[str, int] = {}
    for row in backend.listed("club", keys.tallies_of(mode, day)):
        if keys.counts_in(row["id"], epochs.whole):
            for name, value in row.items():
                if name not in ("kind", "id"):
                    sums[name] = sums.get(name, 0) + value
    return {name: sums[name] for name in sorted(sums) if sums[name]}


def epochs_of(backend: Backend) -> Epochs:
    row = backend.get("club", {"kind": keys.TALLY, "id": keys.TALLY_EPOCHS})
    return Epochs() if row is None else Epochs(row["n"], row["whole"], tuple(row["since"]))


def put_epochs(epochs: Epochs) -> Put:
    """The write of epochs that were read and changed."""
    row = {
        "kind": keys.TALLY, "id": keys.TALLY_EPOCHS, "n": epochs.version + 1, "whole": epochs.whole,
        "since": list(epochs.since_ms),
    }  # fmt: skip
    where = ("n", epochs.version) if epochs.version else None
    return Put("club", row, absent=where is None, where=where)


def put_poison(poison: Poison, now_ms: int) -> Put:
    """The same poison, brought again, is the same row."""
    row = {"kind": keys.POISON, "id": poison.place or "?", "k": poison.key[:_KEY_LENGTH_MAX], "why": poison.why}
    return Put("club", row | {"t": now_ms})


def drop_poison(poison: Poison) -> Drop:
    return Drop("club", {"kind": keys.POISON, "id": poison.place})


def old_poison(backend: Backend, before_ms: int) -> list[Drop]:
    """The writes that forget what was last brought before an instant."""
    old = (row for row in backend.listed("club", keys.POISON) if row.get("t", 0) < before_ms)
    return [Drop("club", {"kind": keys.POISON, "id": row["id"]}) for row in old]


def silent_parts(backend: Backend, mode: keys.Mode, day: date, epochs: Epochs) -> list[Drop]:
    """The writes that forget a day's rows of epochs before the one that is whole: they say nothing, and never will again."""
    kind = keys.tallies_of(mode, day)
    parts = (str(row["id"]) for row in backend.listed("club", kind))
    return [Drop("club", {"kind": kind, "id": one}) for one in parts if int(one.partition("#")[0]) < epochs.whole]


def poison_of(backend: Backend) -> list[Poison]:
    return [Poison(row["id"], row["k"], row["why"]) for row in backend.listed("club", keys.POISON)]
