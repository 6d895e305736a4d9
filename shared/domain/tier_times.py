"""How long a tier has been held, and how long it will be if nothing more is bought."""

from __future__ import annotations

from datetime import date, timedelta

from shared.domain.account import DAYS_KEPT, WINDOW_DAYS_MAX, Account
from shared.domain.rulebook import Rulebook
from shared.domain.tiers import HORIZON, later_standings, standing_on

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
    back = 0
    while back < LOOKED_BACK_DAYS_MAX and today - timedelta(days=back) > account.joined_on:
        before = today - timedelta(days=back + 1)
        if standing_on(_told_until(account, before), before, book, name).tier != standing.tier:
            break
        back += 1
    return back


def _told_until(account: Account, day: date) -> Account:
    """The account without the purchases after a day, as far as sums for ever are concerned."""
    later = [one for one in account.days if one.on > day]
    return account._replace(
        purchases=account.purchases - sum(one.purchases for one in later),
        spend_minor=account.spend_minor - sum(one.spend_minor for one in later),
    )
