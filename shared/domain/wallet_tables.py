"""`[points]` and `[[wallet]]`: what members collect, how it is rounded, when it may be used and when it lapses."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from shared.domain.money import RoundingMode
from shared.domain.tables import (
    LongDays,
    PendingDays,
    PointDecimals,
    PointsCap,
    PositiveNumber,
    RuleId,
    Table,
    Words,
)


class Expiry(Table):
    """When points lapse: `{ months = 12, at = "month_end" }` or `{ days = 90 }`. Without it they never do."""

    months: Annotated[int, Field(ge=1, le=120)] | None = None
    """Civil months from the day they were earned."""
    days: LongDays | None = None
    """Exactly so many days instead: the last of them is the last day of use."""
    at: Literal["month_end", "day"] = "month_end"
    """With `months`: to the end of that month, or to that very day."""

    @model_validator(mode="after")
    def _lives_one_time(self) -> Self:
        if (self.months is None) == (self.days is None):
            raise ValueError("give either months or days")
        return self

    @property
    def days_min(self) -> int:
        """The shortest that points may live: a month has at least 28 days."""
        return self.days or 28 * (self.months or 0)


class Rounding(Table):
    """How fractions of a point become whole ones: `{ mode = "floor", per = "purchase" }`."""

    mode: RoundingMode = "floor"
    """Down, to the nearest with a half up, or up."""
    per: Literal["purchase", "rule", "line"] = "purchase"
    """What is rounded: the sum of all rules once; each rule's points, then added; or each line's, then added."""


class Wallet(Table):
    """What members collect beside points: stamps on a punch card, another kind of point. Rules name it with `wallet`."""

    id: RuleId
    """What rules call it."""
    name: Words = Field(default_factory=dict)
    """What members call it, by language."""
    decimals: PointDecimals = 0
    """How finely it counts; amounts are kept as whole numbers of the smallest unit."""
    rounding: Rounding = Rounding()
    """As in `[points]`."""
    pending_days: PendingDays = 0
    """As in `[points]`."""
    expiry: Expiry | None = None
    """As in `[points]`."""
    cap_per_purchase: PointsCap | None = None
    """As in `[points]`."""
    goal: PositiveNumber | None = None
    """The balance that completes the card: it becomes one reward, and what is above it stays for the next."""


class Points(Table):
    """The points that every club has."""

    value_minor: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    """What one point is worth, in the currency's minor unit: what statements and the books count with."""
    decimals: PointDecimals = 0
    """Decimals of a point: with 2, the smallest unit is a hundredth of a point, and the API speaks of hundredths."""
    pending_days: PendingDays = 0
    """Days until points may be used; set it to the return window."""
    expiry: Expiry | None = None
    """When points lapse; never, if it is not written."""
    rounding: Rounding = Rounding()
    """How fractions of a point become whole ones."""
    cap_per_purchase: PointsCap | None = None
    """The most points of one purchase, after everything."""
