"""Lots: points with one first day of use and one last day. How they are put together, taken, and given back to their own days.

Lots are kept in the order of their last day, then of their first. All functions are pure; days are civil days of the club's zone.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Literal, NamedTuple

# Which lots are used first: the answers of `policies.lots_used`.
LotsUsed = Literal["earliest_expiry_first", "first_earned_first"]


class Lot(NamedTuple):
    """Points with one first day of use and one last day. `points` is what is left; in a change it may be below zero."""

    usable_on: date
    expires_on: date | None
    points: int


def moved(lots: tuple[Lot, ...], moves: Iterable[Lot], day: date) -> tuple[Lot, ...]:
    """Lots after moves: what is above zero is put in, what is below is taken from the lot of the same days."""
    kept = list(lots)
    for move in moves:
        if move[2] >= 0:
            at = bisect_left(kept, last_day_then_first(move), key=last_day_then_first)
            if at < len(kept) and kept[at][0] == move[0] and kept[at][1] == move[1]:
                kept[at] = Lot(move[0], move[1], kept[at][2] + move[2])
            else:
                kept.insert(at, move)
            continue
        at = next(at for at, lot in enumerate(kept) if lot[0] == move[0] and lot[1] == move[1])
        left = kept[at][2] + move[2]
        assert left >= 0, f"a lot of {kept[at][2]} cannot give {-move[2]}"
        kept[at] = Lot(move[0], move[1], left)
    return joined(kept, day)


def together(lots: Iterable[Lot], more: Iterable[Lot]) -> tuple[Lot, ...]:
    """Lots and moves of the same days as one lot each, in their order; what has become usable stays apart."""
    sums: dict[tuple[date, date | None], int] = {}
    for lot in (*lots, *more):
        sums[lot[0], lot[1]] = sums.get((lot[0], lot[1]), 0) + lot[2]
    left = [Lot(first, last, units) for (first, last), units in sums.items() if units]
    return tuple(sorted(left, key=last_day_then_first))


def merged(lots: tuple[Lot, ...], today: date) -> tuple[Lot, ...]:
    """Lots that have become usable and share their last day are one lot: the row stays small.

    Ordered by last day, then by first.
    """
    return joined(sorted(lots, key=last_day_then_first), today)


def joined(ordered: list[Lot], today: date) -> tuple[Lot, ...]:
    """As `merged`, of lots that are in order already; empty ones are dropped."""
    kept: list[Lot] = []
    for lot in ordered:
        if not lot[2]:
            continue
        if kept and lot[1] == kept[-1][1] and (lot[0] <= today or kept[-1][0] == lot[0]):
            twin = kept.pop()
            lot = Lot(twin[0], lot[1], twin[2] + lot[2])
        kept.append(lot)
    return tuple(kept)


def last_day_then_first(lot: Lot) -> tuple[date, date]:
    return (lot[1] or date.max, lot[0])


def first_day_then_last(lot: Lot) -> tuple[date, date]:
    return (lot[0], lot[1] or date.max)


def is_lapsed(lot: Lot, today: date) -> bool:
    return lot[1] is not None and lot[1] < today


def is_usable(lot: Lot, today: date) -> bool:
    return lot[0] <= today and not is_lapsed(lot, today)


def lapsed(lots: Iterable[Lot], today: date) -> tuple[Lot, ...]:
    """The lots that are past their last day."""
    return tuple([lot for lot in lots if lot[1] is not None and lot[1] < today])


def in_turn(lots: Iterable[Lot], used: LotsUsed) -> list[Lot]:
    return sorted(lots, key=last_day_then_first if used == "earliest_expiry_first" else first_day_then_last)


def taken(lots: Sequence[Lot], units: int) -> tuple[Lot, ...]:
    """The parts of lots that make up so many units, the first ones first; less when there is not so much in them."""
    parts = []
    for lot in lots:
        if units <= 0:
            break
        part = min(units, lot[2])
        if part > 0:
            parts.append(Lot(lot[0], lot[1], part))
            units -= part
    return tuple(parts)


def to_take_back(
    lots: Sequence[Lot], own: Lot | None, today: date, used: LotsUsed, later: Collection[date | None] = ()
) -> list[Lot]:
    """Lots in the order in which a return takes from them: the returned purchase's own, then usable ones, then pending ones.

    An own lot that became one with others is found by its last day. It is taken from even when it has lapsed: what comes back
    never lapsed. So it is where staff had given it one of the `later` days. Of the others only those that have not.
    """
    own_first = [
        lot for lot in lots if own is not None and lot[1] == own[1] and (lot[0] == own[0] or lot[0] <= own[0] <= today)
    ]
    own_first += [lot for lot in lots if later and lot[1] in later and is_lapsed(lot, today) and lot not in own_first]
    rest = [lot for lot in in_turn(lots, used) if lot not in own_first and not is_lapsed(lot, today)]
    return [*own_first, *(lot for lot in rest if lot[0] <= today), *(lot for lot in rest if lot[0] > today)]


def negative(lots: Iterable[Lot]) -> tuple[Lot, ...]:
    """The moves that take what these lots hold."""
    return tuple([Lot(lot[0], lot[1], -lot[2]) for lot in lots])


def difference(before: tuple[Lot, ...], after: tuple[Lot, ...]) -> tuple[Lot, ...]:
    """The moves that lead from one to the other, those that take first."""
    sums: dict[tuple[date, date | None], int] = {}
    for lots, sign in ((before, -1), (after, 1)):
        for lot in lots:
            sums[lot[0], lot[1]] = sums.get((lot[0], lot[1]), 0) + sign * lot[2]
    moves = [Lot(usable_on, expires_on, units) for (usable_on, expires_on), units in sums.items() if units]
    return tuple(sorted(moves, key=lambda move: (move[2] > 0, last_day_then_first(move))))


def between(lots: Sequence[Lot], first: int, last: int) -> tuple[Lot, ...]:
    """The parts of lots between two counts of units."""
    parts, at = [], 0
    for lot in lots:
        low, high = max(first, at), min(last, at + lot.points)
        if high > low:
            parts.append(lot._replace(points=high - low))
        at += lot.points
    return tuple(parts)


def total(lots: Iterable[Lot]) -> int:
    return sum([lot[2] for lot in lots])


def without(lots: tuple[Lot, ...], points: int) -> tuple[Lot, ...]:
    """Lots less so many points, those that lapse first used first; there are as many in them."""
    left, rest = [], points
    for lot in lots:
        part = min(rest, lot[2])
        rest -= part
        left.append(Lot(lot[0], lot[1], lot[2] - part))
    assert rest == 0, "more points were taken than the lots hold"
    return tuple([lot for lot in left if lot[2]])
