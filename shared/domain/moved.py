"""What moved a figure: its difference between two spans of days, split by tier, store, channel and new against returning members.
Each split adds up to the whole difference exactly. Counted from members' histories, which may come in any sequence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Literal, NamedTuple

from shared.domain.history import Bought, History

Split = Literal["tier", "store", "channel", "member"]
SPLITS: tuple[Split, ...] = ("tier", "store", "channel", "member")
# What can be split: each purchase as it was told, before anything of it came back.
SPLIT_FIGURES = ("purchases", "spend_minor")


class Span(NamedTuple):
    """Both days included."""

    first: date
    last: date

    def has(self, day: date) -> bool:
        return self.first <= day <= self.last


class Part(NamedTuple):
    """One part of a split, in both spans."""

    name: str
    before: int
    after: int

    @property
    def change(self) -> int:
        return self.after - self.before


# By split and name of the part: before, after.
Sums = Mapping[tuple[Split, str], tuple[int, int]]


def sums_of(
    history: History, tier: str, before: Span, after: Span, figure: str
) -> dict[tuple[Split, str], tuple[int, int]]:
    """One member's part in it. `tier`: the one held now."""
    sums: dict[tuple[Split, str], tuple[int, int]] = {}
    first = history.purchases[0].on if history.purchases else None
    for one in history.purchases:
        worth = one.spend_minor if figure == "spend_minor" else 1
        for place, span in enumerate((before, after)):
            if not span.has(one.on):
                continue
            kind = "new" if first is not None and span.has(first) else "returning"
            for key in _keys(one, tier, kind):
                told = sums.get(key, (0, 0))
                sums[key] = (told[0] + worth, told[1]) if place == 0 else (told[0], told[1] + worth)
    return sums


def more(sums: Sums, other: Sums) -> dict[tuple[Split, str], tuple[int, int]]:
    """Both together."""
    both = dict(sums)
    for key, (before, after) in other.items():
        told = both.get(key, (0, 0))
        both[key] = (told[0] + before, told[1] + after)
    return both


def parts_of(sums: Sums, split: Split) -> list[Part]:
    """What moved most stands first."""
    parts = [Part(name, *told) for (of, name), told in sums.items() if of == split]
    return sorted(parts, key=lambda part: (-abs(part.change), part.name))


def whole_of(sums: Sums) -> Part:
    parts = parts_of(sums, "member")
    return Part("", sum(part.before for part in parts), sum(part.after for part in parts))


def _keys(one: Bought, tier: str, kind: str) -> Iterator[tuple[Split, str]]:
    yield "tier", tier
    yield "store", one.store
    yield "channel", one.channel
    yield "member", kind
