"""Two memberships of one person become one: all that one of them has moves to the other, balanced through `merging`.

Lots keep their own days, what was bought is counted where it was bought, counters of limits add up. The one that was merged away
keeps its postings and names its successor; whatever is told of it afterwards lands there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from shared.domain.account import MERGED, Account, Month, Purse, Standing, Used
from shared.domain.changes import Change, Figure, PurseChange
from shared.domain.changing import changing_posting
from shared.domain.coupons import COUPONS, brought
from shared.domain.decide import frame, with_lapses, with_more
from shared.domain.errors import MergeRefused
from shared.domain.goals import negative as not_waiting
from shared.domain.ledger import Leg, Posting, packed
from shared.domain.lots import Lot, negative, taken
from shared.domain.rulebook import Rulebook
from shared.domain.tables import MAIN_WALLET

MERGING = "merging"
_LAST = "last"


def post_merge(
    left: Account, into: Account, why: Sequence[str], book: Rulebook, now: datetime, *, key: str, key_left: str,
    fingerprint: bytes,
) -> Posting:  # fmt: skip
    """The posting of a merge on the membership that stays, with its part on the one that is left. Raises MergeRefused."""
    if left.id == into.id:
        raise MergeRefused(why="they are one already")
    left, lapses_left = with_lapses(left, book, now)
    into, lapses = with_lapses(into, book, now)
    if left.status or into.status:
        raise MergeRefused(why="one of them is not active")
    if left.holds or into.holds:
        raise MergeRefused(why="one of them has open redemptions")
    today = now.astimezone(book.zone).date()
    has = {MAIN_WALLET: Purse(left.posted, left.lots)} | dict(left.purses)
    row = frame("merge", book, now, key, fingerprint) | {"wy": packed([*why, left.id])}
    gained = changing_posting(row, _legs(into.id, has, 1), _gained(left, into, has, today), into, book, today)
    row_left = frame("merge", book, now, key_left, fingerprint) | {"wy": packed([*why, into.id]), "to": into.id}
    lost = changing_posting(row_left, _legs(left.id, has, -1), _lost(left, has, today), left, book, today)
    return with_more(gained, lapses)._replace(others=(with_more(lost, lapses_left),))


def _legs(account: str, has: Mapping[str, Purse], sign: int) -> list[Leg]:
    legs = []
    for wallet, purse in has.items():
        behind = "" if wallet == MAIN_WALLET else f"/{wallet}"
        legs += [Leg(account + behind, sign * purse.posted), Leg(MERGING + behind, -sign * purse.posted)]
    return legs


def _gained(left: Account, into: Account, has: Mapping[str, Purse], today: date) -> Change:
    used = {
        rule: _together(into.used.get(rule, {}), brought(periods, left.id) if rule.startswith(COUPONS) else periods)
        for rule, periods in left.used.items()
    }
    return Change(
        today,
        left.posted,
        _brought(has[MAIN_WALLET], into.lots),
        {
            name: PurseChange(*one)._replace(moves=_brought(one, into.purses.get(name, Purse()).lots))
            for name, one in has.items()
            if name != MAIN_WALLET
        },
        figures_of(left, 1),
        dict(left.stores),
        used,
        _better(left.standings, into.standings),
    )


def _brought(purse: Purse, there: Sequence[Lot]) -> tuple[Lot, ...]:
    """The lots that come along; or what a debt takes of those that are there, the ones that lapse first first."""
    return negative(taken(there, -purse.posted)) if purse.posted < 0 else purse.lots


def _lost(left: Account, has: Mapping[str, Purse], today: date) -> Change:
    return Change(
        today,
        -left.posted,
        negative(left.lots),
        {
            name: PurseChange(-one.posted, negative(one.lots), -one.completed, tuple(map(not_waiting, one.waiting)))
            for name, one in has.items()
            if name != MAIN_WALLET
        },
        figures_of(left, -1),
        {store: -times for store, times in left.stores.items()},
        {rule: {} for rule in left.used},
        {} if left.standings else None,
        status=MERGED,
    )


def figures_of(account: Account, sign: int) -> tuple[Figure, ...]:
    """What was bought and earned, as what has to be added elsewhere: by the day as far as days are kept, the rest of a month on
    its first day, what is older than two years on the first day of all."""
    figures = [Figure(day.on, day.purchases, day.spend_minor, 0, day.points_earned) for day in account.days]
    months = [_rest_of(month, figures) for month in account.months]
    sums = [sum(some) for some in zip(*[month[1:] for month in account.months], strict=True)] or [0, 0, 0]
    older = (account.purchases - sums[0], account.spend_minor - sums[1], account.points_earned - sums[2])
    rest = [Figure(account.joined_on, *older, 0)] if any(older) else []
    told = [*rest, *months, *figures]
    return tuple([Figure(one.on, *[sign * number for number in one[1:]]) for one in told if any(one[1:])])


def _rest_of(month: Month, days: Sequence[Figure]) -> Figure:
    """What of a month no day tells: its points, and, where days are forgotten, its purchases."""
    own = [day for day in days if day.on.year * 12 + day.on.month - 1 == month.ordinal]
    times, spend = sum(day.purchases for day in own), sum(day.spend_minor for day in own)
    first = date(month.ordinal // 12, month.ordinal % 12 + 1, 1)
    return Figure(first, month.purchases - times, month.spend_minor - spend, month.points_earned)


def _together(some: Mapping[str, Used], more: Mapping[str, Used]) -> dict[str, Used]:
    merged = dict(some)
    for period, (times, units) in more.items():
        known = merged.get(period, (0, 0))
        merged[period] = (max(known[0], times), 0) if period == _LAST else (known[0] + times, known[1] + units)
    return merged


def _better(left: Mapping[str, Standing], into: Mapping[str, Standing]) -> Mapping[str, Standing] | None:
    """Tiers that staff gave go along; where only one of the two stands in a set, that standing stays."""
    changed: dict[str, Any] = dict(into)
    for tiers, one in left.items():
        known = changed.get(tiers)
        if known is None or (one.manual and not known.manual):
            changed[tiers] = one
    return changed if changed != dict(into) else None
