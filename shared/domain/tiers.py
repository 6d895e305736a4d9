"""Tiers: a pure function of what was bought and the day."""

from __future__ import annotations

from datetime import date

from shared.domain.account import Account
from shared.domain.programme import Tier
from shared.domain.rulebook import Rulebook


def tier_on(account: Account, today: date, book: Rulebook) -> Tier | None:
    """The highest tier whose spend the member reached within the window that ends today, or None."""
    _, spend_minor = account.bought_within(today, book.programme.tiers.window_days)
    return next((tier for tier in reversed(book.programme.tier) if spend_minor >= tier.spend_minor), None)


def next_tier(account: Account, today: date, book: Rulebook) -> tuple[Tier, int] | None:
    """The next higher tier and the spend that is missing to it, in minor units; None at the top."""
    _, spend_minor = account.bought_within(today, book.programme.tiers.window_days)
    above = next((tier for tier in book.programme.tier if tier.spend_minor > spend_minor), None)
    return (above, above.spend_minor - spend_minor) if above else None
