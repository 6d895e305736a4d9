"""The dormant: who bought often, and then not at all for a while."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from shared.domain.account import Account
from shared.domain.rulebook import Rulebook
from shared.domain.tiers import tier_on

# Often is counted within so many days until the last purchase, that day included.
ACTIVE_DAYS = 365


class DormantRule(NamedTuple):
    """Often: at least `purchases_min` within a year before the last one; silent: none for `silent_days`."""

    silent_days: int
    purchases_min: int


class Dormant(NamedTuple):
    """A member who fell silent. Purchases and spend are those of the year before; `tier` is that of the main set, "" for none."""

    member_id: str
    purchases: int
    spend_minor: int
    last_purchase_on: date
    silent_days: int
    tier: str
    balance: int


class Totals(NamedTuple):
    members: int
    purchases: int
    spend_minor: int
    balance: int


def dormant_as_of(account: Account, today: date, rule: DormantRule, book: Rulebook) -> Dormant | None:
    """None for who is not dormant on a civil day of the club's zone, and for who is no active member."""
    last = account.last_purchase_on(today) if not account.status else None
    if last is None or (today - last).days < rule.silent_days:
        return None
    purchases, spend_minor = account.bought_within(last, ACTIVE_DAYS)
    if purchases < rule.purchases_min:
        return None
    tier = tier_on(account, today, book)
    return Dormant(
        account.id, purchases, spend_minor, last, (today - last).days, tier.id if tier is not None else "",
        account.points_on(today).balance,
    )  # fmt: skip


def totals_of(found: list[Dormant]) -> Totals:
    return Totals(
        len(found),
        sum(one.purchases for one in found),
        sum(one.spend_minor for one in found),
        sum(one.balance for one in found),
    )
