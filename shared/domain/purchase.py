"""A purchase as a storefront or till reports it, and what is derived from it alone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator
from pydantic_core import PydanticCustomError

from shared.domain.money import AMOUNT_MINOR_MAX, shares
from shared.domain.text import clean_id, clean_text

LINES_MAX = 1_000
# All SKUs and categories of a purchase together: its row stays below 100 KB (L21).
LINES_TEXT_BYTES_MAX = 60_000
# A single line of more units than this is a typing error or a wholesale order; neither belongs to a club of people.
QUANTITY_MAX = 10_000
# Before this no till spoke JSON; an earlier date is a clock that was reset.
OCCURRED_AT_MIN = datetime(1990, 1, 1, tzinfo=UTC)

Amount = Annotated[int, Field(ge=0, le=AMOUNT_MINOR_MAX)]
ID_LENGTH_MAX = 64
Id = Annotated[str, AfterValidator(lambda value: clean_id(value, ID_LENGTH_MAX))]
StoreId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]
Label = Annotated[str, AfterValidator(lambda value: clean_text(value, 64))]


def instant(value: object) -> datetime:
    """An ISO 8601 text with an offset as an instant in UTC, cut to milliseconds. Raises ValueError with a sentence."""
    if not isinstance(value, str) or not 20 <= len(value) <= 35:
        raise ValueError("must be an ISO 8601 date and time with an offset, such as 2026-11-22T10:00:00+02:00")
    try:
        read = datetime.fromisoformat(value)
        if read.tzinfo is None:
            raise ValueError
        read = read.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(
            "must be an ISO 8601 date and time with an offset, such as 2026-11-22T10:00:00+02:00"
        ) from None
    if read < OCCURRED_AT_MIN:
        raise ValueError(f"is before {OCCURRED_AT_MIN.date()}")
    return read.replace(microsecond=read.microsecond // 1000 * 1000)


def fault_of(field: str, reason: str) -> PydanticCustomError:
    """A fault that several fields make together, told at one of them."""
    return PydanticCustomError("contradiction", "{reason}", {"field": field, "reason": reason})


class Line(BaseModel):
    """One line of a purchase. `amount_minor` is the price of the whole line, all units, before its own discount."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    sku: Label
    category: Label | None = None
    quantity: Annotated[int, Field(ge=1, le=QUANTITY_MAX)] = 1
    amount_minor: Amount
    discount_minor: Amount = 0

    @model_validator(mode="after")
    def _discount_within_price(self) -> Self:
        if self.discount_minor > self.amount_minor:
            raise ValueError("discount_minor is above amount_minor")
        return self


class Purchase(BaseModel):
    """What was bought, when, where and by whom. All money is in the minor unit of `currency`.

    `total_minor` is what was paid: the lines less their discounts, less the order's `discount_minor`, plus shipping and
    plus tax that is not in the prices. At most one of `member_id`, `card`, `phone`, `email` says whose it is; none: a guest's.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    store: StoreId
    purchase_id: Id
    member_id: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = None
    card: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = None
    phone: Annotated[str, StringConstraints(min_length=1, max_length=40)] | None = None
    email: Annotated[str, StringConstraints(min_length=1, max_length=254)] | None = None
    occurred_at: datetime
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    channel: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{1,16}$")] | None = None
    lines: Annotated[tuple[Line, ...], Field(min_length=1, max_length=LINES_MAX)]
    discount_minor: Amount = 0
    shipping_minor: Amount = 0
    tax_minor: Amount = 0
    total_minor: Amount

    @field_validator("occurred_at", mode="before")
    @classmethod
    def _an_instant(cls, value: object) -> datetime:
        return value if isinstance(value, datetime) else instant(value)

    @field_validator("lines", mode="before")
    @classmethod
    def _a_list(cls, value: object) -> object:
        return tuple(value) if isinstance(value, list) else value

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if sum(value is not None for value in (self.member_id, self.card, self.phone, self.email)) > 1:
            raise fault_of("member_id", "name the member by one of member_id, card, phone, email, not by several")
        if sum(len(f"{line.sku}{line.category or ''}".encode()) for line in self.lines) > LINES_TEXT_BYTES_MAX:
            raise fault_of("lines", f"SKUs and categories take more than {LINES_TEXT_BYTES_MAX:,} bytes together")
        if self.discount_minor > self.lines_minor:
            raise fault_of("discount_minor", "is above what the lines cost")
        if self.total_minor != (due := self.items_minor + self.shipping_minor + self.tax_minor):
            raise fault_of("total_minor", f"must be {due}: the lines less discounts, plus shipping and tax")
        return self

    @property
    def lines_minor(self) -> int:
        """The lines after their own discounts."""
        return sum(line.amount_minor - line.discount_minor for line in self.lines)

    @property
    def items_minor(self) -> int:
        """The goods alone, after every discount, without shipping and added tax."""
        return self.lines_minor - self.discount_minor

    @property
    def units(self) -> int:
        return sum(line.quantity for line in self.lines)

    def net_by_line(self) -> list[int]:
        """What each line cost after every discount; the order's discount is shared in proportion, exactly."""
        nets = [line.amount_minor - line.discount_minor for line in self.lines]
        if not self.discount_minor:
            return nets
        return [net - part for net, part in zip(nets, shares(self.discount_minor, nets), strict=True)]
