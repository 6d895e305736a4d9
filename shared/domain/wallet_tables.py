"""`[points]` and `[[wallet]]`: what members collect, how it is rounded, when it may be used, when it lapses, how it pays."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from shared.domain.money import RoundingMode, decimals
from shared.domain.tables import (
    DATES_MAX,
    LongDays,
    MonthDay,
    PendingDays,
    PointDecimals,
    PointsCap,
    PositiveAmount,
    PositiveNumber,
    RuleId,
    Share,
    Stock,
    Table,
    ValueMinor,
    Words,
)


class Expiry(Table):
    """When points lapse: `{ months = 12 }`, `{ days = 90 }`, `{ at = "year_end" }` or `{ dates = ["03-31", "09-30"] }`. Without
    it they never do."""

    months: Annotated[int, Field(ge=1, le=120)] | None = None
    """Civil months from the day they were earned."""
    days: LongDays | None = None
    """Exactly so many days instead: the last of them is the last day of use."""
    at: Literal["month_end", "year_end", "day"] | None = None
    """With `months`: to the end of that month (so if it is not written), of that year, or to that very day. Alone: to the end of
    the month, or of the year, in which they were earned."""
    dates: Annotated[tuple[MonthDay, ...], Field(min_length=1, max_length=DATES_MAX)] | None = None
    """Days of the year as `MM-DD`: points lapse on the next of them. 29 February is the 28th in common years."""
    min_days: Annotated[int, Field(ge=0, le=366)] = 1
    """With `dates`: points live at least so many days, and pass over a date that is nearer."""
    sliding: bool = False
    """With `months` or `days`: every purchase starts the time of all points anew, that are still open."""

    @model_validator(mode="after")
    def _lives_one_time(self) -> Self:
        if sum(one is not None for one in (self.months, self.days, self.dates)) > 1:
            raise ValueError("give one of months, days and dates")
        if self.months is None and self.days is None and self.dates is None and self.at in (None, "day"):
            raise ValueError('give months, days, dates, or at = "month_end" or "year_end"')
        if self.dates is None and self.min_days != 1:
            raise ValueError("min_days goes with dates")
        if self.sliding and self.months is None and self.days is None:
            raise ValueError("sliding goes with months or days")
        return self

    @property
    def days_min(self) -> int:
        """The shortest that points may live: a month has at least 28 days; the last day of a month or a year is its own end."""
        return self.min_days if self.dates is not None else self.days or 28 * (self.months or 0)


class Payment(Table):
    """How a purchase may be paid with points or with what a wallet holds: `payment = { max_percent = 50 }`."""

    enabled: bool | None = None
    """Whether it may; yes, if it is not written, as soon as one is worth money."""
    step: PointsCap | None = None
    """Used in whole steps of so many points only."""
    minor_per_step: PositiveAmount | None = None
    """With `step`: what a step pays, in minor units; the worth by `value_minor`, if it is not written."""
    min_points: PointsCap | None = None
    """The least points of one payment."""
    max_percent: Share | None = None
    """The most of a purchase's total that may be paid so, in percent; all of it, if it is not written."""

    @model_validator(mode="after")
    def _pays_by_steps(self) -> Self:
        if self.minor_per_step is not None and self.step is None:
            raise ValueError("minor_per_step goes with step")
        return self


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
    rounding: Rounding = Rounding.plain()
    """As in `[points]`."""
    pending_days: PendingDays = 0
    """As in `[points]`."""
    expiry: Expiry | None = None
    """As in `[points]`."""
    cap_per_purchase: PointsCap | None = None
    """As in `[points]`."""
    value_minor: ValueMinor = 0
    """What one of it is worth, in the currency's minor unit: 100, where the wallet counts dollars."""
    payment: Payment = Payment.plain()
    """As in `[points]`."""
    top_up: bool = False
    """Stored value: a line of kind `top_up` adds what was paid for it."""
    goal: PositiveNumber | None = None
    """The balance that completes the card: it becomes one reward, and what is above it stays for the next."""
    rewards_per_purchase: Annotated[int, Field(ge=1, le=1_000)] | None = None
    """With `goal`: the most rewards that one purchase completes; what is above it: `policies.excess_above_reward_cap`."""
    reward_pending_days: PendingDays = 0
    """With `goal`: days until a completed reward may be used, and in which a return still takes it back."""
    reward_stock: Stock | None = None
    """With `goal`: so many rewards are there for all members together; after them: `policies.reward_out_of_stock`."""
    after_end: Literal["issue", "delete"] | None = None
    """With `goal`: what becomes of rewards that wait when the card is taken out of the programme; as in `[policies]
    pending_at_end`, if it is not written."""


class Points(Table):
    """The points that every club has."""

    value_minor: ValueMinor = 0
    """What one point is worth, in the currency's minor unit: what statements and the books count with, and what it pays."""
    decimals: PointDecimals = 0
    """Decimals of a point: with 2, the smallest unit is a hundredth of a point, and the API speaks of hundredths."""
    pending_days: PendingDays = 0
    """Days until points may be used; set it to the return window."""
    expiry: Expiry | None = None
    """When points lapse; never, if it is not written."""
    rounding: Rounding = Rounding.plain()
    """How fractions of a point become whole ones."""
    cap_per_purchase: PointsCap | None = None
    """The most points of one purchase, after everything."""
    payment: Payment = Payment.plain()
    """How a purchase may be paid with points."""


def pays(rules: Points | Wallet) -> bool:
    """Whether a purchase may be paid with it."""
    enabled = rules.payment.enabled
    return enabled if enabled is not None else bool(rules.value_minor or rules.payment.minor_per_step)


def counts_money(rules: Points | Wallet, currency: str) -> bool:
    """Whether one of it is one of the currency's major unit, a dollar."""
    places = decimals(currency)
    return rules.decimals == places and rules.value_minor == 10**places
