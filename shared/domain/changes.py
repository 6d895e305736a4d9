"""What one posting changes, as data: `applied` makes the account after it of the one before.

Deciding makes a change; the posting's row says it; `club verify` reads it back from the row and applies it again. So an account
is what its postings say, whatever a later release would decide.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, NamedTuple

from shared.domain.account import (
    NOWHERE,
    Account,
    Hold,
    Place,
    Purse,
    Standing,
    Used,
    Waiting,
    with_day,
    with_month,
    with_store,
)
from shared.domain.lots import Lot, between, moved, taken, total, without
from shared.domain.tables import MAIN_WALLET

_NONE: Mapping[str, Any] = MappingProxyType({})


class Figure(NamedTuple):
    """What is added to the figures of one civil day: purchases, money, points. `by_day` is what of the points the programme
    counts by the day as well."""

    on: date
    purchases: int = 0
    spend_minor: int = 0
    points: int = 0
    by_day: int = 0


class PurseChange(NamedTuple):
    """What is added to a wallet beside the points: units, moves of lots, goals reached, and rewards that wait for it: those that
    wait no more are below zero."""

    posted: int = 0
    moves: tuple[Lot, ...] = ()
    completed: int = 0
    waiting: tuple[Waiting, ...] = ()


class Change(NamedTuple):
    """What a posting changes. `day`: lots that share their last day and are usable by then become one.

    `used`, `standings` and `holds` name what stands there afterwards: an empty mapping of periods, or None for a hold, is
    nothing any more. `status` None leaves it as it is.
    """

    day: date
    posted: int = 0
    moves: tuple[Lot, ...] = ()
    purses: Mapping[str, PurseChange] = _NONE
    figures: tuple[Figure, ...] = ()
    stores: Mapping[str, int] = _NONE
    used: Mapping[str, Mapping[str, Used]] = _NONE
    standings: Mapping[str, Standing] | None = None
    holds: Mapping[str, Hold | None] = _NONE
    newest: Place = NOWHERE
    retold: bool = False
    status: str | None = None


def applied(account: Account, change: Change) -> Account:
    """The account after a change. Sequence, key and hash are the caller's."""
    day, posted, lots, holds = change.day, account.posted + change.posted, account.lots, account.holds
    if change.holds:
        kept = {**holds, **change.holds}
        holds = {name: hold for name, hold in kept.items() if hold is not None}
    if change.moves:
        was_empty = not lots
        lots = moved(lots, change.moves, day)
        # What gives and takes at once may come to less than it gives.
        if was_empty or len(change.moves) > 1:
            lots, holds = _repaying(lots, posted, holds, MAIN_WALLET)
    purses = account.purses
    if change.purses:
        changed = dict(purses)
        for name, more in change.purses.items():
            changed[name], holds = _purse(changed.get(name), name, more, holds, day)
        purses = changed
    months, days = account.months, account.days
    purchases, spend_minor, points_earned = account.purchases, account.spend_minor, account.points_earned
    for on, times, spend, points, by_day in change.figures:
        purchases, spend_minor, points_earned = purchases + times, spend_minor + spend, points_earned + points
        if times or spend or points:
            months = with_month(months, on, times, spend, points)
        if times or spend or by_day:
            days = with_day(days, on, times, spend, by_day)
    stores = account.stores
    for store, times in change.stores.items():
        stores = with_store(stores, store, times)
    used = account.used
    if change.used:
        used = {rule: periods for rule, periods in {**used, **change.used}.items() if periods}
    return account._replace(
        posted=posted, lots=lots, purses=purses, purchases=purchases, spend_minor=spend_minor, points_earned=points_earned,
        months=months, days=days, stores=stores, used=used, holds=holds,
        standings=account.standings if change.standings is None else change.standings,
        newest=max(account.newest, change.newest), retold=account.retold or change.retold,
        status=account.status if change.status is None else change.status,
    )  # fmt: skip


def _purse(
    old: Purse | None, name: str, more: PurseChange, holds: Mapping[str, Hold], day: date
) -> tuple[Purse, Mapping[str, Hold]]:
    was = old or Purse()
    posted, lots = was.posted + more.posted, moved(was.lots, more.moves, day)
    if not was.lots or len(more.moves) > 1:
        lots, holds = _repaying(lots, posted, holds, name)
    waiting = waited(was.waiting, more.waiting) if more.waiting else was.waiting
    return Purse(posted, lots, was.completed + more.completed, waiting), holds


def waited(waiting: tuple[Waiting, ...], more: tuple[Waiting, ...], *, whole: bool = True) -> tuple[Waiting, ...]:
    """Rewards that wait, after a change of them: those of one day, one worth and one law are one; soonest first.

    Not `whole`: the change itself, in which some may be below zero.
    """
    sums: dict[tuple[object, ...], Waiting] = {}
    for one in (*waiting, *more):
        alike = (one.due_on, one.value, one.turn, one.version, one.after_end)
        known = sums.get(alike)
        sums[alike] = (
            one if known is None else one._replace(rewards=known.rewards + one.rewards, cost=known.cost + one.cost)
        )
    return tuple(sorted([one for one in sums.values() if (one.rewards > 0 if whole else one.rewards or one.cost)]))


def _repaying(
    lots: tuple[Lot, ...], posted: int, holds: Mapping[str, Hold], wallet: str
) -> tuple[tuple[Lot, ...], Mapping[str, Hold]]:
    """Lots less what they owe: where a balance was below what is held of it, what comes in repays that first.

    It fills holds that keep more than there was, and then what was posted below zero.
    """
    there = total(lots)
    owed = there - posted
    if holds:
        owed += sum([hold.units for hold in holds.values() if hold.wallet == wallet])
    repaid = taken(lots, owed)
    if repaid:
        lots = without(lots, total(repaid))
    if any(hold.owed and hold.wallet == wallet for hold in holds.values()):
        holds = _filled(holds, wallet, repaid, is_all=bool(lots))
    return lots, holds


def _filled(holds: Mapping[str, Hold], wallet: str, parts: tuple[Lot, ...], *, is_all: bool) -> Mapping[str, Hold]:
    """Holds that kept more than there was, the one that ends first filled first. `is_all`: nothing is owed any more."""
    filled = dict(holds)
    for name in sorted(filled, key=lambda name: (filled[name].until_ms, name)):
        hold = filled[name]
        if hold.wallet != wallet or not hold.owed:
            continue
        units = min(hold.owed, total(parts))
        kept = hold.units - hold.owed
        lots = (*between(hold.lots, 0, kept), *taken(parts, units), *between(hold.lots, kept + units, hold.units))
        filled[name] = hold._replace(lots=lots, owed=0 if is_all else hold.owed - units)
        parts = between(parts, units, total(parts))
    return filled
