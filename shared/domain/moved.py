"""What moved a figure: its difference between two spans of days, split by tier, store, channel and new against returning members.
Each split adds up to the whole difference exactly. What a posting adds to a figure is what the tallies count of it; counted from
members' postings, which may come in any sequence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Literal, NamedTuple

from shared.domain.history import History, Law
from shared.domain.kpi import adds_up, figure_of
from shared.domain.ledger import Row
from shared.domain.tables import MAIN_WALLET
from shared.domain.tallies import Uncountable, counted, is_posting

Split = Literal["tier", "store", "channel", "member"]
SPLITS: tuple[Split, ...] = ("tier", "store", "channel", "member")
# What a till reports bears its store in its key.
_OF_STORES = frozenset({"purchase", "return", "event", "hold", "capture", "void", "reversal"})
# Figures of months that are sums of figures of days, each with its sign.
_OF_MONTHS: Mapping[str, tuple[tuple[str, int], ...]] = {
    **{
        name: ((f"{account}.{MAIN_WALLET}", 1), (f"{account}_back.{MAIN_WALLET}", -1))
        for name, account in (
            ("points_issued", "issued"), ("points_clawed_back", "clawed_back"), ("points_used", "redeemed"),
            ("points_expired", "expired"),
        )
    },
    "coupons_given": (("coupons", 1),),
    "offers_used": (("offers", 1),),
}  # fmt: skip
_OF_FUNCTIONS = frozenset({"writes", "half_reads", "calls", "compute"})


class Span(NamedTuple):
    """Both days included."""

    first: date
    last: date

    def has(self, day: date) -> bool:
        return self.first <= day <= self.last


class Part(NamedTuple):
    """One part of a split, in both spans. `name` is None of what no posting tells: a joining names no channel."""

    name: str | None
    before: int
    after: int

    @property
    def change(self) -> int:
        return self.after - self.before


class Happened(NamedTuple):
    """What one posting adds to a figure, on its own day."""

    on: date
    more: int
    store: str | None
    channel: str | None


# By split and name of the part: before, after.
Sums = Mapping[tuple[Split, str | None], tuple[int, int]]


def unsplit_because(figure: str) -> str:
    """Why members' postings do not tell what moved a figure, in words; "" where they do."""
    if figure in _OF_MONTHS:
        return ""
    if figure_of(figure) is None:
        return "it is divided by something, or counted of each member once a month: ask of what it is made of"
    if figure.startswith("guest_"):
        return "it is of guests, and nobody knows their tier or whether they came back"
    if figure.startswith("certificate_"):
        return "it is of gift certificates, which are nobody's"
    if figure.partition(".")[0] in _OF_FUNCTIONS:
        return "it is of functions: `club cost` says what each used"
    if not adds_up(figure):
        return "it is what there is at the end of a day: its parts are figures themselves, such as tier.gold or members_active"
    return ""


def happened(rows: Iterable[Row], history: History, figure: str, law: Law) -> Iterator[Happened]:
    """What a member's postings add to a figure of days or of months. What cannot be counted is left out, as the tallies do."""
    channels = {one.key: one.channel for one in history.purchases}
    terms = _OF_MONTHS.get(figure, ((figure, 1),))
    for row in rows:
        if not is_posting(row):
            continue
        try:
            told = counted(row, law(int(row["v"])).zone)
        except Uncountable:
            continue
        more = sum(sign * told.figures.get(name, 0) for name, sign in terms)
        if more:
            # What came back is of the channel in which it was bought.
            yield Happened(told.day, more, _store(row), channels.get(str(row.get("pk", row["k"]))))


def sums_of(some: Iterable[Happened], history: History, tier: str, before: Span, after: Span) -> Sums:
    """One member's part in it. `tier`: the one held now."""
    sums: dict[tuple[Split, str | None], tuple[int, int]] = {}
    first = history.purchases[0].on if history.purchases else None
    for one in some:
        for place, span in enumerate((before, after)):
            if not span.has(one.on):
                continue
            for key in _keys(one, tier, _kind(first, span)):
                told = sums.get(key, (0, 0))
                sums[key] = (told[0] + one.more, told[1]) if place == 0 else (told[0], told[1] + one.more)
    return sums


def more(sums: Sums, other: Sums) -> Sums:
    """Both together."""
    both = dict(sums)
    for key, (before, after) in other.items():
        told = both.get(key, (0, 0))
        both[key] = (told[0] + before, told[1] + after)
    return both


def parts_of(sums: Sums, split: Split) -> list[Part]:
    """What moved most stands first."""
    parts = [Part(name, *told) for (of, name), told in sums.items() if of == split]
    return sorted(parts, key=lambda part: (-abs(part.change), part.name or ""))


def whole_of(sums: Sums) -> Part:
    parts = parts_of(sums, "member")
    return Part("", sum(part.before for part in parts), sum(part.after for part in parts))


def _kind(first: date | None, span: Span) -> str:
    if first is None or first > span.last:
        return "not bought yet"
    return "new" if span.has(first) else "returning"


def _keys(one: Happened, tier: str, kind: str) -> Iterator[tuple[Split, str | None]]:
    yield "tier", tier
    yield "store", one.store
    yield "channel", one.channel
    yield "member", kind


def _store(row: Row) -> str | None:
    _, _, named = str(row["k"]).partition("#")
    return named.partition("#")[0] if row["c"] in _OF_STORES else None
