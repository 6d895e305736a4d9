"""How long a tier has been held, and how long it will be if nothing more is bought."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from shared.domain.account import DAYS_KEPT, WINDOW_DAYS_MAX, Account, with_month
from shared.domain.rulebook import Rulebook
from shared.domain.tiers import HORIZON, day_left, later_standings, place_earned, standing_on

# So far back the days that an account keeps fill the longest window.
LOOKED_BACK_DAYS_MAX = DAYS_KEPT - WINDOW_DAYS_MAX


def days_to_loss(account: Account, today: date, book: Rulebook, name: str = "") -> int | None:
    """Days until the last one on which a set's tier is held if nothing more is bought, 0 on that day itself.

    None where no tier is held, or the one that is held is never lost.
    """
    climbing = [tier.id for tier in book.tiers_of.get(name, ())]
    standing = standing_on(account, today, book, name) if climbing else None
    if standing is None or standing.tier not in climbing:
        return None
    held = climbing.index(standing.tier)
    for later in later_standings(account, standing, today + HORIZON, book, name):
        if later.tier not in climbing[held:]:
            return (later.on - today).days - 1
    return None


def days_held(account: Account, today: date, book: Rulebook, name: str = "") -> int | None:
    """Days since a set's tier was reached, 0 on that day itself; None where no tier is held.

    A set that keeps no memory is worked out again for the days before, at most LOOKED_BACK_DAYS_MAX of them. What was in hand on
    them, and which points were earned on them, no account tells: by these a tier counts as held for so long.
    """
    if name not in book.tiers_of:
        return None
    standing = standing_on(account, today, book, name)
    if not standing.tier:
        return None
    if book.tier_sets[name].remembers:
        return (today - standing.since).days
    rules = book.tier_sets[name]
    left = [day_left(day.on, rules) for day in account.days] if rules.window == "rolling" else []
    for day in _lately([*(day.on for day in account.days), *left], account, today):
        if _tier_on_eve(account, day, book, name) != standing.tier:
            return (today - day).days
    return min(LOOKED_BACK_DAYS_MAX, (today - account.joined_on).days)


def days_since_climb(account: Account, today: date, book: Rulebook, name: str = "") -> int | None:
    """Days since a set's tier was reached from below, 0 on that day itself; None where none is held, where it was fallen to from
    a higher one, or where that is longer ago than the account can tell.

    A set with memory knows the day: it was a climb if less was earned on the eve, and no less than the tier asks for then. A set
    without is worked out again, as in `days_held`.
    """
    climbing = [tier.id for tier in book.tiers_of.get(name, ())]
    standing = standing_on(account, today, book, name) if climbing else None
    if standing is None or standing.tier not in climbing:
        return None
    held = climbing.index(standing.tier)
    if book.tier_sets[name].remembers:
        eve = standing.since - timedelta(days=1)
        window = book.tier_sets[name].window
        earned = place_earned(_told_until(account, standing.since, window), standing.since, book, name)
        before = place_earned(_told_until(account, eve, window), eve, book, name)
        return (today - standing.since).days if before < held <= earned else None
    # Nothing but a purchase lifts anybody here.
    for day in _lately([day.on for day in account.days], account, today):
        if _tier_on_eve(account, day, book, name) not in climbing[held:]:
            return (today - day).days
    in_club = (today - account.joined_on).days
    return in_club if in_club < LOOKED_BACK_DAYS_MAX else None


def _lately(days: Iterable[date], account: Account, today: date) -> list[date]:
    """Those of the days that can be looked back to, the newest first."""
    first = max(account.joined_on, today - timedelta(days=LOOKED_BACK_DAYS_MAX - 1))
    return sorted({day for day in days if first <= day <= today}, reverse=True)


def _tier_on_eve(account: Account, day: date, book: Rulebook, name: str) -> str:
    eve = day - timedelta(days=1)
    return standing_on(_told_until(account, eve, book.tier_sets[name].window), eve, book, name).tier


def _told_until(account: Account, day: date, window: str) -> Account:
    """The account without the purchases after a day, as far as sums for ever and by the month are concerned: a window of days
    does not look at them anyway."""
    if window == "rolling":
        return account
    for on, purchases, spend, points in account.days:
        if on > day:
            account = account._replace(
                purchases=account.purchases - purchases,
                spend_minor=account.spend_minor - spend,
                months=with_month(account.months, on, -purchases, -spend, -points),
            )
    return account
