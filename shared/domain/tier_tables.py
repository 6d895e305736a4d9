"""`[tiers]`, `[[tier_set]]` and `[[tier]]`: how tiers are reached and lost, and what they give."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from shared.domain.account import WINDOW_DAYS_MAX
from shared.domain.tables import Amount, Factor, RuleId, Table, Threshold, Words


class TierRules(Table):
    """How a set of tiers is reached and lost. The qualifying value is `basis` over `window`."""

    basis: Literal["spend", "points", "balance", "purchases"] = "spend"
    """What counts: money spent, points earned, points in hand that day (which has no window), or purchases."""
    window: Literal["rolling", "calendar_month", "calendar_year", "anniversary", "cycle", "lifetime"] = "rolling"
    """Over which time: the last `window_days` or `window_months`, the civil month or year, the year since joining, cycles of
    `window_days` from joining, or for ever."""
    window_days: Annotated[int, Field(ge=1, le=WINDOW_DAYS_MAX)] = 365
    """The days of a `rolling` window or a `cycle`."""
    window_months: Annotated[int, Field(ge=1, le=12)] | None = None
    """A `rolling` window of so many civil months instead: to the same day of the month, whatever days lie between."""
    starts: Literal["at_once", "next_period"] = "at_once"
    """With a window of periods: a tier is held from the moment it is reached, or from the next period."""
    valid: Literal["period", "next_period"] = "next_period"
    """With a window of periods: it is kept to the end of the period in which it was reached, or of the one after."""
    downgrade: Literal["full", "one_step"] = "full"
    """What is lost when less is earned: down to what is earned, or at most one tier at a time."""
    grace_days: Annotated[int, Field(ge=0, le=366)] = 0
    """Days for which a tier that is no longer earned is kept."""
    keep_days: Annotated[int, Field(ge=0, le=3_660)] = 0
    """From the day it was reached (day 0), a tier is kept at least so long."""

    @property
    def is_periodic(self) -> bool:
        """Whether a tier is reached and kept by periods."""
        return self.basis != "balance" and self.window not in ("rolling", "lifetime")

    @property
    def remembers(self) -> bool:
        """Whether where a member stands depends on where the member stood: then it is kept with the account."""
        return bool(self.grace_days or self.keep_days or self.is_periodic)


class Tiers(TierRules):
    """The club's main set of tiers: the one that `member.tier` speaks of."""


class TierSet(TierRules):
    """One more set of tiers, independent of the others; its tiers name it with `set`. Keys as in `[tiers]`, and:"""

    id: RuleId
    """What its tiers call it."""
    name: Words = Field(default_factory=dict)
    """What members call it, by language."""


class Tier(Table):
    """One tier. Tiers are written lowest first; a member holds the highest one that is reached."""

    id: RuleId
    """What conditions call it: `member.tier == 'gold'`."""
    set: RuleId | None = None
    """The `[[tier_set]]` it belongs to; the main one, if it is not written."""
    name: Words = Field(default_factory=dict)
    """What members call it, by language."""
    spend_minor: Amount | None = None
    """What it asks for where the basis is spend: minor units, that many or more."""
    at_least: Threshold | None = None
    """What it asks for in the unit of any other basis: points, or purchases."""
    multiply: Factor = Decimal(1)
    """Every point of a purchase is multiplied by it."""
    benefits: Annotated[tuple[Words, ...], Field(max_length=20)] = ()
    """What else it gives, in words."""

    @model_validator(mode="after")
    def _asks_one_thing(self) -> Self:
        if (self.spend_minor is None) == (self.at_least is None):
            raise ValueError("say what it asks for: spend_minor, or at_least in the unit of its basis")
        return self

    @property
    def threshold(self) -> Decimal:
        """The lowest qualifying value, inclusive: minor units, points or purchases, as the set's basis says."""
        return Decimal(self.spend_minor) if self.spend_minor is not None else self.at_least or Decimal(0)
