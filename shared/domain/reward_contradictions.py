"""What a draft must not say of rewards: keys of another kind, wallets and tiers that are not there, impossible prices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from shared.domain.faults import Fault, place
from shared.domain.programme import Programme
from shared.domain.reward_tables import Reward, RewardKind
from shared.domain.tables import MAIN_WALLET, POINTS_MAX
from shared.domain.wallet_contradictions import HOLDS_NO_MONEY, holds_money, of_expiry
from shared.domain.wallet_tables import Points, Wallet

Said = Iterator[Fault]
# By kind: the keys it needs, and those it may have.
KEYS_OF_KINDS: Mapping[RewardKind, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "discount": (("amount_minor",), ()),
    "percent": (("percent",), ("max_minor",)),
    "product": (("sku",), ("quantity",)),
    "gift_certificate": (("amount_minor",), ("expiry",)),
    "stored_value": (("amount_minor", "into"), ()),
    "club_only": ((), ("sku", "text")),
    "conversion": (("gives", "into"), ()),
}
_KEYS = ("amount_minor", "percent", "max_minor", "sku", "quantity", "text", "gives", "into", "expiry")


def contradictions_of_rewards(text: str, programme: Programme) -> Said:
    wallets: dict[str, Points | Wallet] = {MAIN_WALLET: programme.points}
    wallets |= {wallet.id: wallet for wallet in programme.wallet}
    tiers = {tier.id for tier in programme.tier}
    for index, reward in enumerate(programme.reward):
        for key, sentence in (
            *_keys(reward),
            *_wallets(reward, wallets),
            *_tiers(reward, tiers),
            *_amounts(reward, wallets),
        ):
            yield Fault(*place(text, ("reward", index, key)), f"reward {reward.id!r} {sentence}")
        if reward.expiry is not None:
            yield from of_expiry(text, ("reward", index, "expiry"), reward.expiry)
            if reward.expiry.sliding:
                where = place(text, ("reward", index, "expiry"))
                yield Fault(*where, f"reward {reward.id!r} is a certificate, and purchases do not make it last longer")


def _keys(reward: Reward) -> Iterator[tuple[str, str]]:
    needed, possible = KEYS_OF_KINDS[reward.kind]
    fields = type(reward).model_fields
    given = {key for key in _KEYS if getattr(reward, key) != fields[key].get_default(call_default_factory=True)}
    for key in needed:
        if key not in given:
            yield "kind", f"is a {reward.kind} and needs {key}"
    for key in _KEYS:
        if key in given and key not in (*needed, *possible):
            yield key, f"is a {reward.kind}, and {key} does not belong to it"
    if reward.kind == "club_only" and (reward.sku is None) == (not reward.text):
        yield "kind", "is for members only and needs either sku or text"


def _wallets(reward: Reward, wallets: Mapping[str, Points | Wallet]) -> Iterator[tuple[str, str]]:
    for key, wallet in (("wallet", reward.wallet), ("into", reward.into)):
        if wallet is not None and wallet not in wallets:
            yield key, f"names {wallet!r}, and there is no such [[wallet]]"
    if reward.into == reward.wallet:
        yield "into", f"takes from {reward.wallet!r} and gives into it again"
    into = wallets.get(reward.into or "")
    if reward.kind == "stored_value" and into is not None and not holds_money(into):
        yield "into", f"puts money into {reward.into!r}, which {HOLDS_NO_MONEY}"


def _tiers(reward: Reward, tiers: set[str]) -> Iterator[tuple[str, str]]:
    for key, named in (("tiers", reward.tiers), ("price_by_tier", tuple(reward.price_by_tier))):
        for tier in named:
            if tier not in tiers:
                yield key, f"names a tier {tier!r} that is not there"
    for tier in reward.price_by_tier:
        if reward.tiers and tier in tiers and tier not in reward.tiers:
            yield "price_by_tier", f"has a price for tier {tier!r}, which may not take it"


def _amounts(reward: Reward, wallets: Mapping[str, Points | Wallet]) -> Iterator[tuple[str, str]]:
    """Prices and gifts have to be whole numbers of a wallet's smallest unit; a percentage takes something; limits count times."""
    if reward.percent == 0:
        yield "percent", "takes nothing off"
    if any(limit.times is None for limit in reward.limits):
        yield "limits", "is limited by times, not by points"
    if reward.auto_redeem_at is not None:
        if reward.auto_redeem_at < max((reward.price, *reward.price_by_tier.values())):
            yield "auto_redeem_at", "is taken by the night before it can be paid: write at least its price"
        if reward.stock is not None:
            yield "auto_redeem_at", "is taken by the night, which cannot say that none is left: write no stock"
        if reward.kind in ("discount", "percent", "gift_certificate"):
            yield "auto_redeem_at", f"is a {reward.kind}, which is taken with a purchase or by a code, not by the night"
    amounts: list[tuple[str, str, Decimal]] = [("price", reward.wallet, reward.price)]
    amounts += [("price_by_tier", reward.wallet, price) for price in reward.price_by_tier.values()]
    if reward.gives is not None and reward.into is not None:
        amounts.append(("gives", reward.into, reward.gives))
    for key, wallet, amount in amounts:
        if wallet in wallets and amount.scaleb(wallets[wallet].decimals) % 1:
            yield key, f"asks for {amount} of {wallet!r}, which has {wallets[wallet].decimals} decimals"
    paying = wallets.get(reward.wallet)
    if (
        isinstance(paying, Wallet)
        and paying.rewards_per_purchase is None
        and reward.price >= (paying.goal or POINTS_MAX)
    ):
        yield "price", f"costs as much as completes the card {reward.wallet!r}: nobody ever has so many"
