"""The programme: a club's law as a reviewed file. Every table and key a `programmes/*.toml` may hold, with its limits.

    [club] [points] [tiers] [[tier]] [[attribute]] [[earn]]

`shared/domain/rulebook.py` compiles it; `club check` prints its faults with their place in the file. A release may widen these
tables but not narrow them, since published versions are read with them for ever: a stricter check belongs to `rulebook`, which
asks drafts alone.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from shared.domain.account import WINDOW_DAYS_MAX
from shared.domain.money import RoundingMode

Language = Literal["en", "he", "fa"]
RuleId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"\S")]
# One text for every language, or one for each.
Words = dict[Language, Text]

RULES_MAX = 200
TIERS_MAX = 12
ATTRIBUTES_MAX = 20
POINTS_MAX = 1_000_000_000


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


class _Table(BaseModel):
    """A table of the file. Strict: a text is no number, a date and time is no day."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Club(_Table):
    name: Text
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    time_zone: Annotated[str, AfterValidator(_zone)]
    languages: Annotated[tuple[Language, ...], Field(min_length=1, max_length=3)]
    # Where a phone number without a country belongs (ISO 3166), for example "IL".
    phone_region: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]


class Expiry(_Table):
    """Points live `months`, then to the end of that month (`month_end`) or exactly to that day (`day`)."""

    months: Annotated[int, Field(ge=1, le=120)]
    at: Literal["month_end", "day"] = "month_end"


class Rounding(_Table):
    """`purchase`: all rules' exact points are added, then rounded once. `rule`: each rule's points are rounded, then added."""

    mode: RoundingMode = "floor"
    per: Literal["purchase", "rule"] = "purchase"


class Points(_Table):
    value_minor: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    pending_days: Annotated[int, Field(ge=0, le=366)] = 0
    expiry: Expiry | None = None
    rounding: Rounding = Rounding()
    cap_per_purchase: Annotated[int, Field(ge=1, le=POINTS_MAX)] | None = None


class Tiers(_Table):
    """The window over which spend counts towards a tier: exact civil days in the club's zone, the purchase's day included."""

    window_days: Annotated[int, Field(ge=1, le=WINDOW_DAYS_MAX)] = 365


class Tier(_Table):
    """Held by whoever spent `spend_minor` or more within the window; every point of a purchase is multiplied."""

    id: RuleId
    name: Words = Field(default_factory=dict)
    spend_minor: Annotated[int, Field(ge=0, le=10**12)]
    multiply: Factor = Decimal(1)


class Attribute(_Table):
    """A free attribute of the profile that conditions may use as `member.attributes.<id>`; it is copied into the account."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
    type: Literal["int", "string", "bool"] = "string"


class Earn(_Table):
    """One earning rule. What it gives is one of: `points` per `per_minor`, `points` per purchase, line or unit, or `multiply`.

    `when` is a condition on purchase and member, `lines` chooses lines; `from` and `until` are civil days, both included;
    `cap` is the most that this rule gives in one purchase.
    """

    id: RuleId
    name: Words = Field(default_factory=dict)
    when: str | None = None
    lines: str | None = None
    from_: date | None = Field(default=None, alias="from")
    until: date | None = None
    points: PositiveNumber | None = None
    per_minor: Annotated[int, Field(ge=1, le=10**12)] | None = None
    per: Literal["purchase", "line", "unit"] | None = None
    multiply: Factor | None = None
    cap: Annotated[int, Field(ge=1, le=POINTS_MAX)] | None = None

    @model_validator(mode="after")
    def _gives_one_thing(self) -> Self:
        if (self.multiply is None) == (self.points is None):
            raise ValueError("give either points or multiply")
        if self.multiply is not None and (self.per_minor or self.per):
            raise ValueError("per_minor and per go with points, not with multiply")
        if self.points is not None and (self.per_minor is None) == (self.per is None):
            raise ValueError('say what the points are for: per_minor = 100, or per = "purchase", "line" or "unit"')
        if self.per == "purchase" and self.lines:
            raise ValueError(
                'per = "purchase" is given once and chooses no lines; use per = "line", or a when on purchase.categories'
            )
        if self.from_ and self.until and self.until < self.from_:
            raise ValueError("until is before from: the rule could never fire")
        return self


class Programme(_Table):
    club: Club
    points: Points = Points()
    tiers: Tiers = Tiers()
    tier: Annotated[tuple[Tier, ...], Field(max_length=TIERS_MAX)] = ()
    attribute: Annotated[tuple[Attribute, ...], Field(max_length=ATTRIBUTES_MAX)] = ()
    earn: Annotated[tuple[Earn, ...], Field(min_length=1, max_length=RULES_MAX)]
