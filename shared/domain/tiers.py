"""Tiers: a pure function of the account's figures and the day. Time passing is worked out, never written by a job.

A set of tiers is walked from the day of the account's last posting to the day asked, over the days on which something can
change without a posting: a purchase leaves a rolling window, a period begins, a tier's grace or its time kept is over.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from shared.domain.account import Account, Standing
from shared.domain.rulebook import Rulebook
from shared.domain.tier_tables import Tier, TierRules

_DAY = timedelta(days=1)
# How far ahead a tier's loss is looked for: every window, grace and time kept ends before that, but for those that never do.
HORIZON = timedelta(days=4_500)


class Held(NamedTuple):
    """A tier of one set on one day.

    `until` is its last day if nothing more is bought, None when it does not end; `after` is the tier that would follow;
    `kept_until` is the last day of its fixed time, where it has one. `value` is what counts towards tiers, in the unit of the
    set's basis; `missing` is to the next.
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
    return {name: _standing(account, today, book, name).tier for name in book.tiers_of}


def standings_on(account: Account, today: date, book: Rulebook) -> dict[str, Standing]:
    """Where the member stands in each set on a day, to be kept with the account.

    A set without memory (no grace, no steps, no time kept, no periods) is worked out from the figures alone and not kept.
    """
    kept = {name: old for name, old in account.standings.items() if old.manual}
    return kept | {
        name: _standing(account, today, book, name) for name in book.tiers_of if _remembers(book.tier_sets[name])
    }


def held_on(account: Account, today: date, book: Rulebook) -> list[Held]:
    """Every set of the programme as a member sees it."""
    return [_held(account, today, book, name) for name in book.tiers_of]


def tier_on(account: Account, today: date, book: Rulebook) -> Tier | None:
    """The tier of the main set."""
    return book.tier(tiers_on(account, today, book).get("", ""))


def _held(account: Account, today: date, book: Rulebook, name: str) -> Held:
    tiers, rules = book.tiers_of[name], book.tier_sets[name]
    standing = _standing(account, today, book, name)
    until, after = None, None
    for later in _walk(account, standing, today + HORIZON, book, name):
        if later.tier != standing.tier:
            until, after = later.since - _DAY, book.tier(later.tier)
            break
    value = _value(account, today, book, rules, _period_start(account, today, rules))
    held = next((place for place, tier in enumerate(tiers) if tier.id == standing.tier), -1)
    above = next((tier for tier in tiers[held + 1 :] if tier.threshold > value), None)
    kept = standing.since + timedelta(days=rules.keep_days) if rules.keep_days and standing.tier else None
    return Held(
        name, book.tier(standing.tier), standing.since if standing.tier else None, until, after, kept, value, above,
        above.threshold - value if above else Decimal(0),
    )  # fmt: skip


def _remembers(rules: TierRules) -> bool:
    return bool(rules.grace_days or rules.keep_days or rules.downgrade == "one_step" or _is_periodic(rules))


def _is_periodic(rules: TierRules) -> bool:
    return rules.basis != "balance" and rules.window not in ("rolling", "lifetime")


def _standing(account: Account, today: date, book: Rulebook, name: str) -> Standing:
    """Where the member stands today, the figures of today included."""
    rules = book.tier_sets[name]
    old = account.standings.get(name, Standing("", account.joined_on, account.joined_on))
    if not _remembers(rules):
        place = _earned(account, today, book, name)
        standing = Standing(_id(book, name, place), today, today, manual=old.manual)
    else:
        standing = old
        for later in _walk(account, old, today, book, name):
            standing = later
        standing = _reviewed(account, standing, max(today, standing.on), book, name)
    return _with_manual(standing, book, name)


def _walk(account: Account, standing: Standing, until: date, book: Rulebook, name: str) -> Iterator[Standing]:
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
        yield _due(standing, rules)
    if rules.basis == "balance":
        yield from (lot.expires_on + _DAY for lot in account.lots if lot.expires_on is not None)
    elif rules.window == "rolling":
        yield from (day.on + timedelta(days=rules.window_days) for day in account.days)
    elif _is_periodic(rules) and (standing.tier or rules.starts == "next_period"):
        yield _next_period(account, standing.on, rules)


def _due(standing: Standing, rules: TierRules) -> date:
    """The day on which a tier that is no longer earned is lost."""
    below = standing.below_since or standing.on
    due = below + timedelta(days=rules.grace_days)
    return max(due, standing.since + timedelta(days=rules.keep_days) + _DAY) if rules.keep_days else due


def _reviewed(account: Account, standing: Standing, day: date, book: Rulebook, name: str) -> Standing:
    """The standing on a day: up at once, down when its grace and its time kept are over, and not within a period."""
    tiers, rules = book.tiers_of[name], book.tier_sets[name]
    held = next((place for place, tier in enumerate(tiers) if tier.id == standing.tier), -1)
    place = _earned(account, day, book, name)
    if place >= held:
        since = day if place > held else standing.since
        return Standing(_id(book, name, place), since, day, None, standing.manual)
    below = standing.below_since
    if below is None:
        if _is_periodic(rules) and _period_start(account, day, rules) <= standing.on < day:
            return standing._replace(on=day)
        if _is_periodic(rules) and day == standing.on:
            return standing
        below = day
    standing = standing._replace(on=day, below_since=below)
    if day < _due(standing, rules):
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


def _earned(account: Account, day: date, book: Rulebook, name: str) -> int:
    """The place of the highest tier that the figures give on a day, -1 for none."""
    rules = book.tier_sets[name]
    start = _period_start(account, day, rules)
    values = []
    if rules.starts == "at_once" or not _is_periodic(rules):
        values.append(_value(account, day, book, rules, start))
    if (
        _is_periodic(rules)
        and start > account.joined_on
        and (rules.valid == "next_period" or rules.starts == "next_period")
    ):
        values.append(_value(account, start - _DAY, book, rules, _period_start(account, start - _DAY, rules)))
    tiers = book.tiers_of[name]
    return max(
        (place for place, tier in enumerate(tiers) if any(value >= tier.threshold for value in values)), default=-1
    )


def _value(account: Account, day: date, book: Rulebook, rules: TierRules, start: date) -> Decimal:
    """What counts towards tiers on a day, in the unit of the basis: minor units, points, purchases."""
    if rules.basis == "balance":
        return _points(account.points_on(day).balance, book)
    if rules.window == "lifetime":
        figures = (account.purchases, account.spend_minor, account.points_earned)
    elif rules.window == "rolling":
        figures = _sums(account, day - timedelta(days=rules.window_days - 1), day)
    elif rules.window in ("calendar_month", "calendar_year"):
        first, last = (one.year * 12 + one.month - 1 for one in (start, day))
        months = [month for month in account.months if first <= month.ordinal <= last]
        figures = (
            sum(month.purchases for month in months),
            sum(month.spend_minor for month in months),
            sum(month.points_earned for month in months),
        )
    else:
        figures = _sums(account, start, day)
    purchases, spend_minor, points = figures
    if rules.basis == "points":
        return _points(points, book)
    return Decimal(purchases if rules.basis == "purchases" else spend_minor)


def _points(units: int, book: Rulebook) -> Decimal:
    return Decimal(units).scaleb(-book.programme.points.decimals)


def _sums(account: Account, first: date, last: date) -> tuple[int, int, int]:
    days = [day for day in account.days if first <= day.on <= last]
    return sum(d.purchases for d in days), sum(d.spend_minor for d in days), sum(d.points_earned for d in days)


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
