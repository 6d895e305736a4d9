"""Limits of a rule or a reward in longer times: what a member may still get of it today, this month, this year, or ever."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Literal, NamedTuple

from shared.domain.account import Used
from shared.domain.earn_tables import Earn, Limit
from shared.domain.vocabulary import Scene

# Days are kept so long that a purchase reported a month late still finds them; months and years twice their length.
_KEPT_DAYS = {10: 31, 7: 62, 4: 732}
_LAST = "last"


class Room(NamedTuple):
    """What is left: `units` of the wallet's smallest unit, None without a limit; `why` when it is nothing at all."""

    units: int | None
    why: Literal["limit", "cooldown"] | None = None


def room(earn: Earn, scene: Scene, decimals: int) -> Room:
    if not earn.limits and earn.cooldown_days is None:
        return Room(None)
    used, on = scene.account.used.get(earn.id, {}), scene.at.date()
    if earn.cooldown_days is not None and _LAST in used and abs(on.toordinal() - used[_LAST][0]) < earn.cooldown_days:
        return Room(0, "cooldown")
    return room_within(earn.limits, used, on, decimals)


def room_within(limits: tuple[Limit, ...], used: Mapping[str, Used], on: date, decimals: int = 0) -> Room:
    """What limits leave on a day, after what was used of them by period."""
    left: int | None = None
    for limit in limits:
        times, units = used.get(period(limit.per, on), (0, 0))
        if limit.times is not None and times >= limit.times:
            return Room(0, "limit")
        if limit.points is not None:
            rest = int(limit.points * 10**decimals) - units
            left = rest if left is None else min(left, rest)
    return Room(left, "limit" if left is not None and left <= 0 else None)


def period(per: str, on: date) -> str:
    """The key of the period a day lies in.

    >>> period("day", date(2026, 11, 24)), period("month", date(2026, 11, 24)), period("member", date(2026, 11, 24))
    ('2026-11-24', '2026-11', '')
    """
    return on.isoformat()[: {"day": 10, "month": 7, "year": 4, "member": 0}[per]]


def counted(
    used: Mapping[str, Mapping[str, Used]], earn: Earn, on: date, units: int
) -> Mapping[str, Mapping[str, Used]]:
    """The counters after a rule gave `units` on a day; periods that no purchase can fall into any more are forgotten."""
    periods = counted_within(earn.limits, used.get(earn.id, {}), on, units)
    if earn.cooldown_days is not None:
        periods[_LAST] = (max(on.toordinal(), periods.get(_LAST, (0, 0))[0]), 0)
    return {**used, earn.id: periods}


def counted_within(limits: tuple[Limit, ...], used: Mapping[str, Used], on: date, units: int) -> dict[str, Used]:
    """The counters of one rule or reward, after one more time on a day; old periods are forgotten."""
    periods = {key: value for key, value in used.items() if key in ("", _LAST) or not _is_old(key, on)}
    for per in dict.fromkeys(limit.per for limit in limits):
        key = period(per, on)
        times, before = periods.get(key, (0, 0))
        periods[key] = (times + 1, before + units)
    return periods


def _is_old(key: str, on: date) -> bool:
    return key < (on - timedelta(days=_KEPT_DAYS[len(key)])).isoformat()[: len(key)]
