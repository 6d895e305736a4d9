"""What every table of a programme's file is made of: strictness, kinds of values, and how many of each there may be.

A text in quotes below a key says what the key means; `docs/programme.md` is written from these.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, Self, TypeVar, Union, get_args, get_origin
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

Language = Literal["en", "he", "fa"]
RuleId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"\S")]
# One text for each language of the club.
Words = dict[Language, Text]
# A condition in CEL, and arithmetic over the same words.
Cel = str
Arithmetic = str

RULES_MAX = 200
TIERS_MAX = 24
TIER_SETS_MAX = 4
WALLETS_MAX = 4
EVENTS_MAX = 50
ACHIEVEMENTS_MAX = 50
SEGMENTS_MAX = 100
COSTS_MAX = 500
ATTRIBUTES_MAX = 20
COMPLEMENTS_MAX = 100
COMPLEMENTS_WITH_MAX = 8
REWARDS_MAX = 100
OFFERS_MAX = 100
AUTOMATIONS_MAX = 50
CAMPAIGNS_MAX = 50
DATES_MAX = 24
LIMITS_MAX = 8
POINTS_MAX = 1_000_000_000
POINT_DECIMALS_MAX = 6
AMOUNT_MAX = 10**12
# A week: what is held so long is not at a till any more.
HOLD_MINUTES_MAX = 7 * 24 * 60
# The wallet that every club has.
MAIN_WALLET = "points"
# Where a gift certificate has its money: no [[wallet]] is called so.
CERTIFICATE = "certificate"


class Table(BaseModel):
    """A table of the file. Strict: a text is no number."""

    # A function never validates a programme (see `taken`), so it does not pay for validators.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)

    @classmethod
    def plain(cls) -> Self:
        """The table as it is when nothing is written in it. Not validated: that alone would build the validator."""
        return cls.model_construct()


Model = TypeVar("Model", bound=BaseModel)


def taken(model: type[Model], read: Mapping[str, Any]) -> Model:
    """A table of a published version, as it was validated when it was published: nothing is checked again."""
    fields = _annotations(model)
    return model.model_construct(**{key: _taken(fields[key], value) for key, value in read.items()})


@cache
def _annotations(model: type[BaseModel]) -> Mapping[str, Any]:
    """What each key of a table, as the file writes it, is annotated with."""
    return {field.alias or name: field.annotation for name, field in model.model_fields.items()}


def _taken(annotation: Any, value: Any) -> Any:
    kind, inner = _kind(annotation)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return taken(kind, value)
    if kind is tuple:
        return tuple([_taken(inner, one) for one in value])
    if kind is dict:
        return {key: _taken(inner, one) for key, one in value.items()}
    return Decimal(value) if kind is Decimal else value


@cache
def _kind(annotation: Any) -> tuple[Any, Any]:
    """A type without annotations and None; of a list or a table by names, also the type of its members."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _kind(get_args(annotation)[0])
    if origin in (Union, UnionType):
        return _kind(next(part for part in get_args(annotation) if part is not type(None)))
    if origin in (tuple, dict):
        return origin, get_args(annotation)[0 if origin is tuple else 1]
    return annotation, None


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


def _month_day(value: str) -> str:
    try:
        # A leap year, so that 29 February is a day.
        date.fromisoformat(f"2024-{value}")
    except ValueError:
        raise ValueError(f"{value!r} is not a day of the year, such as 03-31") from None
    return value


def _decimal(value: object) -> object:
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value


MonthDay = Annotated[str, StringConstraints(pattern=r"^\d\d-\d\d$"), AfterValidator(_month_day)]
Zone = Annotated[str, AfterValidator(_zone)]
PositiveNumber = Annotated[Decimal, BeforeValidator(_decimal), Field(gt=0, le=POINTS_MAX), AfterValidator(_finite)]
# What something costs in another currency, or alone: of some currencies a dollar is a million.
Rate = Annotated[Decimal, BeforeValidator(_decimal), Field(gt=0, le=1_000_000_000), AfterValidator(_finite)]
Factor = Annotated[Decimal, BeforeValidator(_decimal), Field(ge=0, le=1_000), AfterValidator(_finite)]
Share = Annotated[Decimal, BeforeValidator(_decimal), Field(ge=0, le=100), AfterValidator(_finite)]
# Of all that is paid, all cannot be margin.
FloorShare = Annotated[Decimal, BeforeValidator(_decimal), Field(ge=0, le=99), AfterValidator(_finite)]
Threshold = Annotated[Decimal, BeforeValidator(_decimal), Field(ge=0, le=AMOUNT_MAX), AfterValidator(_finite)]
Amount = Annotated[int, Field(ge=0, le=AMOUNT_MAX)]
PositiveAmount = Annotated[int, Field(ge=1, le=AMOUNT_MAX)]
PointsCap = Annotated[int, Field(ge=1, le=POINTS_MAX)]
PointDecimals = Annotated[int, Field(ge=0, le=POINT_DECIMALS_MAX)]
PendingDays = Annotated[int, Field(ge=0, le=366)]
LongDays = Annotated[int, Field(ge=1, le=3_660)]
ValueMinor = Annotated[int, Field(ge=0, le=1_000_000)]
Stock = Annotated[int, Field(ge=0, le=POINTS_MAX)]
HoldMinutes = Annotated[int, Field(ge=1, le=HOLD_MINUTES_MAX)]
# A civil day, or a time of day in the club's zone (or with an offset): a day counts from its first to its last moment.
Moment = datetime | date
