"""The programme: a club's law as a reviewed file. Every table and key a `programmes/*.toml` may hold, with its limits.

    [club] [points] [basis] [policies] [tiers] [[tier_set]] [[tier]] [[wallet]] [[attribute]] [[cost]]
    [[event]] [[earn]] [[achievement]] [[segment]]

`shared/domain/rulebook.py` compiles it; `club check` prints its faults with their place in the file. A release may widen these
tables but not narrow them, since published versions are read with them for ever: a stricter check belongs to `contradictions`,
which asks drafts alone.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from shared.domain.account import WINDOW_DAYS_MAX
from shared.domain.money import RoundingMode
from shared.domain.policies import Policies
from shared.domain.purchase import LineKind

Language = Literal["en", "he", "fa"]
RuleId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"\S")]
# One text for every language, or one for each.
Words = dict[Language, Text]
Cel = str

RULES_MAX = 200
TIERS_MAX = 24
TIER_SETS_MAX = 4
WALLETS_MAX = 4
EVENTS_MAX = 50
ACHIEVEMENTS_MAX = 50
SEGMENTS_MAX = 100
COSTS_MAX = 500
ATTRIBUTES_MAX = 20
LIMITS_MAX = 8
POINTS_MAX = 1_000_000_000
POINT_DECIMALS_MAX = 6
# The wallet that every club has.
MAIN_WALLET = "points"


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{value!r} is not a time zone of the tz database, such as Asia/Jerusalem") from None
    return value


def _finite(value: Decimal) -> Decimal:
    if not value.is_finite() or value.as_tuple().exponent < -6:  # type: ignore[operator]
        raise ValueError("must have at most six decimals")
    return value


def _decimal(value: object) -> object:
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value


PositiveNumber = Annotated[Decimal, BeforeValidator(_decimal), Field(gt=0, le=POINTS_MAX), AfterValidator(_finite)]
Factor = Annotated[Decimal, BeforeValidator(_decimal), Field(ge=0, le=1_000), AfterValidator(_finite)]
Share = Annotated[Decimal, BeforeValidator(_decimal), Field(ge=0, le=100), AfterValidator(_finite)]
# A civil day, or a time of day in the club's zone (or with an offset): a day counts from its first to its last moment.
Moment = datetime | date


class _Table(BaseModel):
    """A table of the file. Strict: a text is no number."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Club(_Table):
    name: Text
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    time_zone: Annotated[str, AfterValidator(_zone)]
    languages: Annotated[tuple[Language, ...], Field(min_length=1, max_length=3)]
    # Where a phone number without a country belongs (ISO 3166), for example "IL".
    phone_region: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]


class Expiry(_Table):
    """Points live `months`, then to the end of that month (`month_end`) or exactly to that day (`day`); or exactly `days`."""

    months: Annotated[int, Field(ge=1, le=120)] | None = None
    days: Annotated[int, Field(ge=1, le=3_660)] | None = None
    at: Literal["month_end", "day"] = "month_end"

    @model_validator(mode="after")
    def _lives_one_time(self) -> Self:
        if (self.months is None) == (self.days is None):
            raise ValueError("give either months or days")
        return self

    @property
    def days_min(self) -> int:
        """The shortest that points may live: a month has at least 28 days."""
        return self.days or 28 * (self.months or 0)


class Rounding(_Table):
    """`purchase`: all rules' exact points are added, then rounded once. `rule` and `line`: each one's are rounded, then added."""

    mode: RoundingMode = "floor"
    per: Literal["purchase", "rule", "line"] = "purchase"


class Wallet(_Table):
    """What members collect beside points: stamps on a punch card, another kind of point.

    `goal` is the balance that becomes one reward; what is above it stays. `decimals` is how finely it counts: all amounts are
    kept as whole numbers of the smallest unit.
    """

    id: RuleId
    name: Words = Field(default_factory=dict)
    decimals: Annotated[int, Field(ge=0, le=POINT_DECIMALS_MAX)] = 0
    rounding: Rounding = Rounding()
    pending_days: Annotated[int, Field(ge=0, le=366)] = 0
    expiry: Expiry | None = None
    cap_per_purchase: Annotated[int, Field(ge=1, le=POINTS_MAX)] | None = None
    goal: PositiveNumber | None = None


class Points(_Table):
    """The wallet `points`. One point is worth `value_minor`; a point may have `decimals`."""

    value_minor: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    decimals: Annotated[int, Field(ge=0, le=POINT_DECIMALS_MAX)] = 0
    pending_days: Annotated[int, Field(ge=0, le=366)] = 0
    expiry: Expiry | None = None
    rounding: Rounding = Rounding()
    cap_per_purchase: Annotated[int, Field(ge=1, le=POINTS_MAX)] | None = None


class BasisChoice(_Table):
    """How one rule's basis differs from `[basis]`; what is not named is as there."""

    of: Literal["spend", "margin"] | None = None
    discounts: Literal["after", "before"] | None = None
    tax: Literal["as_priced", "included", "excluded"] | None = None
    shipping: bool | None = None


class Basis(_Table):
    """What points per amount are counted on, for every rule that does not say otherwise.

    `margin` is what is left after `[[cost]]`. `discounts = "after"`: what was paid for the goods. `tax = "as_priced"`: as the
    shop writes its prices. `exclude_kinds` and `exclude` (a condition on a line) take lines out of every rule.
    """

    of: Literal["spend", "margin"] = "spend"
    discounts: Literal["after", "before"] = "after"
    tax: Literal["as_priced", "included", "excluded"] = "as_priced"
    shipping: bool = False
    exclude_kinds: tuple[LineKind, ...] = ("gift_card", "top_up")
    exclude: Cel | None = None


class TierRules(_Table):
    """How a set of tiers is reached and lost.

    The qualifying value is `basis` over `window`: the last `window_days` days (`rolling`), the civil month or year, the year
    since joining (`anniversary`), cycles of `window_days` from joining (`cycle`), or for ever (`lifetime`). `balance` is what is
    in the wallet that day and has no window. Within a period a tier is reached at once, or from the next period (`starts`);
    it is kept to the end of the period in which it was reached, or of the one after (`valid`). `grace_days`: how long a tier
    that is no longer earned is kept. `downgrade = "one_step"`: at most one tier lower at a time. `keep_days`: from the day it
    was reached (day 0) a tier is kept at least so long.
    """

    basis: Literal["spend", "points", "balance", "purchases"] = "spend"
    window: Literal["rolling", "calendar_month", "calendar_year", "anniversary", "cycle", "lifetime"] = "rolling"
    window_days: Annotated[int, Field(ge=1, le=WINDOW_DAYS_MAX)] = 365
    starts: Literal["at_once", "next_period"] = "at_once"
    valid: Literal["period", "next_period"] = "next_period"
    downgrade: Literal["full", "one_step"] = "full"
    grace_days: Annotated[int, Field(ge=0, le=366)] = 0
    keep_days: Annotated[int, Field(ge=0, le=3_660)] = 0


class Tiers(TierRules):
    """The set of tiers that `member.tier` speaks of."""


class TierSet(TierRules):
    """One more set of tiers, independent of the others."""

    id: RuleId
    name: Words = Field(default_factory=dict)


class Tier(_Table):
    """Held by whoever reached it: `spend_minor`, or `at_least` in the unit of the set's basis. Every point of a purchase is
    multiplied; `benefits` are what else it gives, in words."""

    id: RuleId
    set: RuleId | None = None
    name: Words = Field(default_factory=dict)
    spend_minor: Annotated[int, Field(ge=0, le=10**12)] | None = None
    at_least: Annotated[Decimal, BeforeValidator(_decimal), Field(ge=0, le=10**12), AfterValidator(_finite)] | None = (
        None
    )
    multiply: Factor = Decimal(1)
    benefits: Annotated[tuple[Words, ...], Field(max_length=20)] = ()

    @model_validator(mode="after")
    def _asks_one_thing(self) -> Self:
        if (self.spend_minor is None) == (self.at_least is None):
            raise ValueError("say what it asks for: spend_minor, or at_least in the unit of its basis")
        return self

    @property
    def threshold(self) -> Decimal:
        """The lowest qualifying value, inclusive: minor units, points or purchases, as the set's basis says."""
        return Decimal(self.spend_minor) if self.spend_minor is not None else self.at_least or Decimal(0)


class Attribute(_Table):
    """A free attribute of the profile that conditions may use as `member.attributes.<id>`; it is copied into the account."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
    type: Literal["int", "string", "bool"] = "string"


class Cost(_Table):
    """What goods cost the shop, for a basis of margin: of one `sku`, of one `category`, or of everything else (neither).

    Either `percent` of the price before discounts, or `unit_minor` for each unit.
    """

    sku: Text | None = None
    category: Text | None = None
    percent: Share | None = None
    unit_minor: Annotated[int, Field(ge=0, le=10**12)] | None = None

    @model_validator(mode="after")
    def _costs_one_way(self) -> Self:
        if (self.percent is None) == (self.unit_minor is None):
            raise ValueError("give either percent or unit_minor")
        if self.sku is not None and self.category is not None:
            raise ValueError("name a sku or a category, not both")
        return self


class Event(_Table):
    """An activity that the club knows: a review, an app installed. Its id is the `kind` of `POST /v1/events`."""

    id: RuleId
    name: Words = Field(default_factory=dict)


class Limit(_Table):
    """The most that a rule gives one member within a civil day, month or year, or ever: `points`, or `times` it may give."""

    per: Literal["day", "month", "year", "member"]
    points: PositiveNumber | None = None
    times: Annotated[int, Field(ge=1, le=1_000_000)] | None = None

    @model_validator(mode="after")
    def _limits_one_thing(self) -> Self:
        if (self.points is None) == (self.times is None):
            raise ValueError("give either points or times")
        return self


Limits = Annotated[tuple[Limit, ...], Field(max_length=LIMITS_MAX)]


class Earn(_Table):
    """One earning rule. What it gives is one of: `points` per `per_minor`, `points` per purchase, line, unit or product,
    a `formula`, or `multiply`; with `event`, `points` or a `formula` for each such event.

    `when` is a condition on purchase and member, `lines` chooses lines; `from` and `until` are days or times, both included.
    `steps = "whole"` counts only whole `per_minor`. `basis_cap_minor` is the most of the basis that counts, `cap` the most that
    the rule gives in one purchase, `limits` the most in longer times, `cooldown_days` the days between two times it gives.
    `priority` (the highest first) and `stackable` serve the policy of several matching rules; `stop`: when this rule gave
    points, no later one does. `needs_base`: gives only where points were given before it. `multiplied = false`: multipliers
    leave its points alone.
    """

    id: RuleId
    name: Words = Field(default_factory=dict)
    enabled: bool = True
    event: RuleId | None = None
    wallet: RuleId = MAIN_WALLET
    when: Cel | None = None
    lines: Cel | None = None
    from_: Moment | None = Field(default=None, alias="from")
    until: Moment | None = None
    points: PositiveNumber | None = None
    formula: Cel | None = None
    per_minor: Annotated[int, Field(ge=1, le=10**12)] | None = None
    steps: Literal["proportional", "whole"] = "proportional"
    per: Literal["purchase", "line", "unit", "product"] | None = None
    multiply: Factor | None = None
    multiplied: bool = True
    basis: BasisChoice = BasisChoice()
    basis_cap_minor: Annotated[int, Field(ge=1, le=10**12)] | None = None
    cap: Annotated[int, Field(ge=1, le=POINTS_MAX)] | None = None
    limits: Limits = ()
    cooldown_days: Annotated[int, Field(ge=1, le=3_660)] | None = None
    priority: Annotated[int, Field(ge=-1_000_000, le=1_000_000)] = 0
    stackable: bool = True
    stop: bool = False
    needs_base: bool = False

    @model_validator(mode="after")
    def _gives_one_thing(self) -> Self:
        given = [name for name in ("points", "formula", "multiply") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError("give one of points, formula and multiply")
        if self.points is None and self.per_minor:
            raise ValueError("per_minor goes with points")
        if self.multiply is not None and (self.per or self.event):
            raise ValueError("multiply goes with neither per nor event")
        if self.event is not None:
            if self.per_minor or self.per or self.lines or self.needs_base:
                raise ValueError("an event has no lines, no amount and no points before it")
        elif self.points is not None and (self.per_minor is None) == (self.per is None):
            raise ValueError(
                'say what the points are for: per_minor = 100, or per = "purchase", "line", "unit", "product"'
            )
        if self.formula is not None and self.per not in (None, "purchase", "line"):
            raise ValueError('a formula is per = "purchase" or per = "line"')
        if self.once and self.lines:
            raise ValueError(
                'per = "purchase" is given once and chooses no lines; use per = "line", or a when on purchase.categories'
            )
        if not self.per_minor and (self.steps == "whole" or self.basis_cap_minor):
            raise ValueError("steps and basis_cap_minor go with per_minor")
        return self

    @property
    def kind_is_added(self) -> bool:
        """A rule that works on what others gave."""
        return self.multiply is not None or self.needs_base

    @property
    def once(self) -> bool:
        """Given once for the purchase as a whole."""
        return self.event is None and (self.per == "purchase" or (self.formula is not None and self.per is None))


class Achievement(_Table):
    """Points for a state the member reached: `when` is asked of the figures after each purchase and event.

    Given once, or once in each civil month or year in which it holds.
    """

    id: RuleId
    name: Words = Field(default_factory=dict)
    when: Cel
    points: PositiveNumber
    wallet: RuleId = MAIN_WALLET
    repeat: Literal["never", "month", "year"] = "never"


class Segment(_Table):
    """A named condition on the member's figures and attributes."""

    id: RuleId
    name: Words = Field(default_factory=dict)
    when: Cel


class Programme(_Table):
    club: Club
    points: Points = Points()
    basis: Basis = Basis()
    policies: Policies = Policies()
    tiers: Tiers = Tiers()
    tier_set: Annotated[tuple[TierSet, ...], Field(max_length=TIER_SETS_MAX)] = ()
    tier: Annotated[tuple[Tier, ...], Field(max_length=TIERS_MAX)] = ()
    wallet: Annotated[tuple[Wallet, ...], Field(max_length=WALLETS_MAX)] = ()
    attribute: Annotated[tuple[Attribute, ...], Field(max_length=ATTRIBUTES_MAX)] = ()
    cost: Annotated[tuple[Cost, ...], Field(max_length=COSTS_MAX)] = ()
    event: Annotated[tuple[Event, ...], Field(max_length=EVENTS_MAX)] = ()
    earn: Annotated[tuple[Earn, ...], Field(max_length=RULES_MAX)] = ()
    achievement: Annotated[tuple[Achievement, ...], Field(max_length=ACHIEVEMENTS_MAX)] = ()
    segment: Annotated[tuple[Segment, ...], Field(max_length=SEGMENTS_MAX)] = ()
