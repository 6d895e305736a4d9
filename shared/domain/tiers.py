"""Tiers: a pure function of the account's figures and the day. Time passing is worked out, never written by a job.

A set of tiers is walked from the day of the account's last posting to the day asked, over the days on which something can
change without a posting: a purchase leaves a rolling window, a period begins, a tier's grace or its time kept is over.
"""

from __future__ import annotations

import calendar
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from operator import itemgetter
from typing import Any, NamedTuple

from shared.domain.account import Account, Standing
from shared.domain.rulebook import Rulebook
from shared.domain.tier_tables import Tier, TierRules

_DAY = timedelta(days=1)
# How far ahead a tier's loss is looked for: every window, grace and time kept ends before that, but for those that never do.
HORIZON = timedelta(days=4_500)


class Held(NamedTuple):
    """A tier of one set on one day.

    `since` is None where the set keeps no memory of it. `until` is its last day if nothing more is bought, None when it does
    not end; `after` is the tier that would follow; `kept_until` is the last day of its fixed time, where it has one. `value` is
    what counts towards tiers, in the unit of the set's basis; `missing` is to the next.
    """

    set: str
    tier: Tier | None
    since: date | None
    until: date | None
    after: Tier | None
    kept_until: date | None
    value: Decimal
    next: Tier | None
    missing: Decimal


def tiers_on(account: Account, today: date, book: Rulebook) -> dict[str, str]:
    """The tier of each set on a day, by the set's id; "" for none."""
    return {name: _tier(account, today, book, name) for name in book.tiers_of}


def standings_on(account: Account, today: date, book: Rulebook) -> dict[str, Standing]:
    """Where the member stands in each set on a day, to be kept with the account.

    A set without memory (no grace, no steps, no time kept, no periods) is worked out from the figures alone and not kept.
    """
    kept = {name: old for name, old in account.standings.items() if old.manual}
    return kept | {name: standing_on(account, today, book, name) for name in book.remembering}


def held_on(account: Account, today: date, book: Rulebook) -> list[Held]:
    """Every set of the programme as a member sees it."""
    return [_held(account, today, book, name) for name in book.tiers_of]


def tier_on(account: Account, today: date, book: Rulebook) -> Tier | None:
    """The tier of the main set."""
    return book.tier(tiers_on(account, today, book).get("", ""))


def _held(account: Account, today: date, book: Rulebook, name: str) -> Held:
    tiers, rules = book.tiers_of[name], book.tier_sets[name]
    standing = standing_on(account, today, book, name)
    until, after = None, None
    for later in later_standings(account, standing, today + HORIZON, book, name):
        if later.tier != standing.tier:
            until, after = later.since - _DAY, book.tier(later.tier)
            break
    value = _value(account, today, book, rules, _period_start(account, today, rules))
    held = next((place for place, tier in enumerate(tiers) if tier.id == standing.tier), -1)
    above = next((tier for tier in tiers[held + 1 :] if tier.threshold > value), None)
    kept = standing.since + timedelta(days=rules.keep_days) if rules.keep_days and standing.tier else None
    since = standing.since if standing.tier and rules.remembers else None
    return Held(
        name, book.tier(standing.tier), since, until, after, kept, value, above,
        above.threshold - value if above else Decimal(0),
    )  # fmt: skip


def _tier(account: Account, today: date, book: Rulebook, name: str) -> str:
    if name in account.standings or name in book.remembering:
        return standing_on(account, today, book, name).tier
    # Nothing but the figures decides.
    return _id(book, name, place_earned(account, today, book, name))


def standing_on(account: Account, today: date, book: Rulebook, name: str) -> Standing:
    """Where the member stands in one set today, the figures of today included."""
    rules = book.tier_sets[name]
    old = account.standings.get(name, Standing("", account.joined_on, account.joined_on))
    if not rules.remembers:
        place = place_earned(account, today, book, name)
        standing = Standing(_id(book, name, place), today, today, manual=old.manual)
    else:
        standing = old
        for later in later_standings(account, old, today, book, name):
            standing = later
        standing = _reviewed(account, standing, max(today, standing.on), book, name)
    return _with_manual(standing, book, name)


def later_standings(account: Account, standing: Standing, until: date, book: Rulebook, name: str) -> Iterator[Standing]:
    """The standing after each day on which it may change by time alone."""
    rules = book.tier_sets[name]
    while True:
        following = [day for day in _changes(account, standing, rules) if day > standing.on]
        day = min(following, default=None)
        if day is None or day > until:
            return
        standing = _with_manual(_reviewed(account, standing, day, book, name), book, name)
        yield standing


def _changes(account: Account, standing: Standing, rules: TierRules) -> Iterator[date]:
    if standing.below_since is not None:
        yield _due(standing.since, standing.below_since, rules)
    if rules.basis == "balance":
        yield from (lot.expires_on + _DAY for lot in account.lots if lot.expires_on is not None)
    elif rules.window == "rolling":
        # Days leave in their order: the first that does after the standing is all that is asked for.
        at = bisect_right(account.days, standing.on, key=lambda day: day_left(day.on, rules))
        yield from (day_left(day.on, rules) for day in account.days[at : at + 1])
    elif rules.is_periodic and (standing.tier or rules.starts == "next_period"):
        yield _next_period(account, standing.on, rules)


def _due(since: date, below_since: date, rules: TierRules) -> date:
    """The day on which a tier that is no longer earned is lost: never the day on which it was reached."""
    kept_until = since + timedelta(days=rules.keep_days)
    return max(below_since + timedelta(days=rules.grace_days), kept_until + _DAY)


def _reviewed(account: Account, standing: Standing, day: date, book: Rulebook, name: str) -> Standing:
    """The standing on a day: up at once, down when its grace and its time kept are over, and not within a period."""
    tiers, rules = book.tiers_of[name], book.tier_sets[name]
    held = next((place for place, tier in enumerate(tiers) if tier.id == standing.tier), -1)
    place = place_earned(account, day, book, name)
    if place >= held:
        since = day if place > held else standing.since
        return Standing(_id(book, name, place), since, day, None, standing.manual)
    below = standing.below_since
    if below is None:
        if rules.is_periodic and _period_start(account, day, rules) <= standing.on:
            return standing._replace(on=day)
        below = day
    standing = standing._replace(on=day, below_since=below)
    if day < _due(standing.since, below, rules):
        return standing
    fallen = place if rules.downgrade == "full" else held - 1
    # One step down, the next one takes as long again; between periods it waits for the next one.
    waits = fallen > place and rules.grace_days > 0
    return Standing(_id(book, name, fallen), day, day, day if waits else None, standing.manual)


def _with_manual(standing: Standing, book: Rulebook, name: str) -> Standing:
    """The tier that staff gave is the least, or the only one, as the programme's policy says."""
    if not standing.manual:
        return standing
    climbing = [tier.id for tier in book.tiers_of[name]]
    if standing.manual not in climbing:
        return standing
    if book.programme.policies.manual_tier == "fixed" or standing.tier not in climbing:
        return standing._replace(tier=standing.manual)
    return standing._replace(tier=max(standing.tier, standing.manual, key=climbing.index))


def place_earned(account: Account, day: date, book: Rulebook, name: str) -> int:
    """The place of the highest tier that the figures give on a day, -1 for none."""
    rules = book.tier_sets[name]
    start = _period_start(account, day, rules)
    values = []
    if rules.starts == "at_once" or not rules.is_periodic:
        values.append(_value(account, day, book, rules, start))
    if (
        rules.is_periodic
        and start > account.joined_on
        and (rules.valid == "next_period" or rules.starts == "next_period")
    ):
        values.append(_value(account, start - _DAY, book, rules, _period_start(account, start - _DAY, rules)))
    # A tier that asks for nothing is held in the first period too, of which nothing counts yet.
    return bisect_right(book.thresholds[name], max(values, default=Decimal(0))) - 1


# Months and days are kept in the order of their first field.
_PLACE = itemgetter(0)
# The place of each basis in a month and in a day of an account.
_FIELD = {"purchases": 1, "spend": 2, "points": 3}


def _value(account: Account, day: date, book: Rulebook, rules: TierRules, start: date) -> Decimal:
    """What counts towards tiers on a day, in the unit of the basis: minor units, points, purchases."""
    if rules.basis == "balance":
        return _points(account.points_on(day).balance, book)
    if rules.window == "lifetime":
        figure = {"purchases": account.purchases, "spend": account.spend_minor, "points": account.points_earned}[
            rules.basis
        ]
    elif rules.window in ("calendar_month", "calendar_year"):
        first, last = (one.year * 12 + one.month - 1 for one in (start, day))
        figure = _sum(account.months, first, last, rules.basis)
    else:
        first_day = _first_within(day, rules) if rules.window == "rolling" else start
        figure = _sum(account.days, first_day, day, rules.basis)
    return _points(figure, book) if rules.basis == "points" else Decimal(figure)


def _points(units: int, book: Rulebook) -> Decimal:
    return Decimal(units).scaleb(-book.programme.points.decimals)


def _sum(rows: Sequence[tuple[Any, ...]], first: date | int, last: date | int, basis: str) -> int:
    """The sum over months or days, which are kept in their order, both ends included."""
    at = _FIELD[basis]
    total: int = sum(
        [row[at] for row in rows[bisect_left(rows, first, key=_PLACE) : bisect_right(rows, last, key=_PLACE)]]
    )
    return total


def _first_within(day: date, rules: TierRules) -> date:
    """The first day that a rolling window counts on a day."""
    if rules.window_months is None:
        return day - timedelta(days=rules.window_days - 1)
    return _months_on(day, -rules.window_months)[0] + _DAY


def day_left(day: date, rules: TierRules) -> date:
    """The first day on which a rolling window no longer counts a day."""
    if rules.window_months is None:
        return day + timedelta(days=rules.window_days)
    there, is_shorter = _months_on(day, rules.window_months)
    return there + _DAY if is_shorter else there


def _months_on(day: date, months: int) -> tuple[date, bool]:
    """The same day of another month; its last day and True where it has fewer."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last)), day.day > last


def _period_start(account: Account, day: date, rules: TierRules) -> date:
    """The first day of the period that a day lies in; for windows without periods the day itself."""
    match rules.window:
        case "calendar_month":
            return day.replace(day=1)
        case "calendar_year":
            return day.replace(month=1, day=1)
        case "anniversary":
            this = _anniversary(account.joined_on, day.year)
            return this if this <= day else _anniversary(account.joined_on, day.year - 1)
        case "cycle":
            return day - timedelta(days=(day - account.joined_on).days % rules.window_days)
    return day


def _next_period(account: Account, day: date, rules: TierRules) -> date:
    start = _period_start(account, day, rules)
    match rules.window:
        case "calendar_month":
            return (start + timedelta(days=31)).replace(day=1)
        case "calendar_year":
            return start.replace(year=start.year + 1)
        case "anniversary":
            return _anniversary(account.joined_on, start.year + 1)
    return start + timedelta(days=rules.window_days)


def _anniversary(joined_on: date, year: int) -> date:
    """Who joined on 29 February keeps the 28th in common years."""
    try:
        return joined_on.replace(year=year)
    except ValueError:
        return date(year, 2, 28)


def _id(book: Rulebook, name: str, place: int) -> str:
    return book.tiers_of[name][place].id if place >= 0 else ""
