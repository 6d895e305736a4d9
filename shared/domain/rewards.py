"""What points buy: what a reward costs a member, what it is worth, and why one may not take it now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal, NamedTuple

from shared.domain.account import Account, Purse, Used
from shared.domain.earning import in_force
from shared.domain.facts import facts_of, observed
from shared.domain.limits import counted_within, room_within
from shared.domain.money import rounded
from shared.domain.reward_tables import Reward
from shared.domain.rulebook import RewardRule, Rulebook
from shared.domain.tables import MAIN_WALLET
from shared.domain.vocabulary import Scene

# Where an account counts how often a reward was taken.
REWARD_USED = "reward:"
Why = Literal["disabled", "dates", "tier", "condition", "limit", "stock", "points"]


class Refusal(NamedTuple):
    """Why a reward cannot be taken. `clause` is the place of the part of `when` that does not hold, and `observed` what its words
    were, as in `NotFired`; `missing` is how much more it takes, in the smallest unit of its wallet."""

    why: Why
    clause: int = 0
    observed: tuple[int | str | bool, ...] = ()
    missing: int = 0


class Offered(NamedTuple):
    """A reward as one member sees it now: its price in its wallet's smallest unit, what it is worth, why it may not be taken."""

    rule: RewardRule
    price: int
    worth_minor: int | None
    refusal: Refusal | None


def price_of(reward: Reward, tiers: Mapping[str, str], book: Rulebook) -> int:
    """What it costs who holds these tiers (by their set), in the smallest unit of the wallet that pays."""
    by_tier = [reward.price_by_tier[tier] for tier in tiers.values() if tier in reward.price_by_tier]
    return _units(min(by_tier, default=reward.price), reward.wallet, book)


def gives_units(reward: Reward, book: Rulebook) -> int:
    """What a conversion or stored value puts into the other wallet, in its smallest unit."""
    assert reward.into is not None, "this reward puts nothing into a wallet"
    if reward.gives is not None:
        return _units(reward.gives, reward.into, book)
    assert reward.amount_minor is not None, "this reward has no amount"
    rules = book.wallet(reward.into)
    smallest: int = 10**rules.decimals
    return reward.amount_minor * smallest // rules.value_minor


def refusal_of(rule: RewardRule, scene: Scene, book: Rulebook, stock_left: int | None) -> Refusal | None:
    """Why a member may not take a reward at the scene's time; None, if nothing speaks against it.

    `scene` tells the account, the tiers of that day and the local time. `stock_left` is what the shelf holds; None, if none was
    taken so far. The first reason counts, the points last: what is missing is only told where it would help.
    """
    reward = rule.reward
    if not reward.enabled:
        return Refusal("disabled")
    if not in_force(reward.from_, reward.until, scene.at):
        return Refusal("dates")
    if reward.tiers and set(reward.tiers).isdisjoint(scene.tiers.values()):
        return Refusal("tier")
    facts = facts_of(scene, book)
    failing = rule.when.failing(facts)
    if failing is not None:
        return Refusal("condition", failing, observed(rule.when.clauses[failing].names, facts))
    if room_within(reward.limits, _used_or_held(reward, scene.account, scene.at.date()), scene.at.date()).why:
        return Refusal("limit")
    if is_out_of_stock(reward, stock_left) and book.programme.policies.reward_out_of_stock == "refuse":
        return Refusal("stock")
    missing = price_of(reward, scene.tiers, book) - available_in(reward.wallet, scene.account, scene.at.date())
    return Refusal("points", missing=missing) if missing > 0 else None


def _used_or_held(reward: Reward, account: Account, on: date) -> Mapping[str, Used]:
    """How often a reward was taken, with what is held of it as if it were taken today."""
    used = account.used.get(REWARD_USED + reward.id, {})
    for hold in account.holds.values():
        if hold.reward == reward.id:
            used = counted_within(reward.limits, used, on, hold.units)
    return used


def is_out_of_stock(reward: Reward, stock_left: int | None) -> bool:
    """Whether none is left."""
    return reward.stock is not None and (reward.stock if stock_left is None else stock_left) <= 0


def hold_minutes_of(reward: Reward | None, book: Rulebook) -> int:
    """How long a redemption is held before it lapses: of a reward, or, without one, of points as payment."""
    own = reward.hold_minutes if reward is not None else None
    return book.programme.club.hold_minutes if own is None else own


def available_in(wallet: str, account: Account, today: date) -> int:
    """What a member may use of a wallet on a day, in its smallest unit."""
    if wallet == MAIN_WALLET:
        return account.points_on(today).available
    return account.purses.get(wallet, Purse()).on(today, account.held(wallet)).available


def with_reward_taken(account: Account, reward: Reward, on: date, units: int) -> Account:
    """The account that remembers a reward's limits, after it was taken for so many units on a day."""
    if not reward.limits:
        return account
    key = REWARD_USED + reward.id
    periods: Mapping[str, Used] = counted_within(reward.limits, account.used.get(key, {}), on, units)
    return account._replace(used={**account.used, key: periods})


def worth_minor(reward: Reward, book: Rulebook, total_minor: int = 0) -> int | None:
    """What a reward is worth in the currency's minor unit: a percentage of that total, at most all of it; None for goods.

    Rounded down: the club never gives a fraction of a cent.
    """
    if reward.kind == "discount":
        return reward.amount_minor
    if reward.kind == "percent":
        assert reward.percent is not None, "a percentage without a number"
        off = Fraction(reward.percent) * total_minor
        worth = rounded(off.numerator, off.denominator * 100, "floor")
        return worth if reward.max_minor is None else min(worth, reward.max_minor)
    if reward.kind == "conversion":
        assert reward.into is not None, "a conversion without a wallet"
        rules = book.wallet(reward.into)
        smallest: int = 10**rules.decimals
        return gives_units(reward, book) * rules.value_minor // smallest
    return reward.amount_minor


def _units(amount: Decimal, wallet: str, book: Rulebook) -> int:
    return int(amount.scaleb(book.decimals(wallet)))
