"""`[[reward]]`: what members may take for their points."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from shared.domain.earn_tables import Limits
from shared.domain.tables import (
    MAIN_WALLET,
    TIERS_MAX,
    Cel,
    HoldMinutes,
    Moment,
    PositiveAmount,
    PositiveNumber,
    RuleId,
    Share,
    Stock,
    Table,
    Text,
    Words,
)
from shared.domain.wallet_tables import Expiry

RewardKind = Literal[
    "discount", "percent", "product", "gift_certificate", "stored_value", "club_only", "conversion"
]  # fmt: skip


class Reward(Table):
    """One reward: its price in points, who may take it and when, and what it gives: the keys of its `kind`."""

    id: RuleId
    """What redemptions and statements call it."""
    name: Words = Field(default_factory=dict)
    """What members call it, by language."""
    enabled: bool = True
    """A reward that is switched off stays in the file and cannot be taken; what is held of it can."""
    kind: RewardKind
    """Money off a purchase, a share off it, goods, a gift certificate with a code, money into a wallet, goods or an event for
    members alone, or a change of points into what another wallet holds."""
    wallet: RuleId = MAIN_WALLET
    """The `[[wallet]]` that pays; the points, if it is not written."""
    price: PositiveNumber
    """What it costs: points, or whole ones of its `wallet`."""
    price_by_tier: Annotated[dict[RuleId, PositiveNumber], Field(max_length=TIERS_MAX)] = Field(default_factory=dict)
    """What it costs who holds a tier: `{ gold = 400 }`. Who holds several of them pays the least."""
    amount_minor: PositiveAmount | None = None
    """Of a `discount`, a `gift_certificate` or `stored_value`: the money, in minor units."""
    percent: Share | None = None
    """Of a `percent`: the share of the purchase."""
    max_minor: PositiveAmount | None = None
    """Of a `percent`: the most money that it takes off."""
    sku: Text | None = None
    """Of a `product`, or of `club_only`: what is handed over."""
    quantity: Annotated[int, Field(ge=1, le=1_000)] = 1
    """Of a `product`: how many of it."""
    text: Words = Field(default_factory=dict)
    """Of `club_only`, where it is no product: what it is, by language."""
    gives: PositiveNumber | None = None
    """Of a `conversion`: how much goes into the other wallet."""
    into: RuleId | None = None
    """Of a `conversion` or `stored_value`: the wallet that receives; `"points"` is the main one."""
    expiry: Expiry | None = None
    """Of a `gift_certificate`: when it lapses, counted from the day it is given; never, if it is not written."""
    stock: Stock | None = None
    """So many are there for all members together; without it there is no end."""
    limits: Limits = ()
    """How often one member may take it, in `times`."""
    from_: Moment | None = Field(default=None, alias="from")
    """The first day, or moment, on which it may be taken, in the club's zone."""
    until: Moment | None = None
    """The last day, or moment, included."""
    tiers: Annotated[tuple[RuleId, ...], Field(max_length=TIERS_MAX)] = ()
    """Only for who holds one of these tiers; for everybody, if it is not written."""
    when: Cel | None = None
    """A condition on the member: only for those who meet it."""
    auto_redeem_at: PositiveNumber | None = None
    """The balance at which the night takes it for the member, who need not ask."""
    hold_minutes: HoldMinutes | None = None
    """How long it is held before the redemption lapses by itself; as in `[club]`, if it is not written."""
