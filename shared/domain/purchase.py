"""A purchase as a storefront or till reports it, and what is derived from it alone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator
from pydantic_core import PydanticCustomError

from shared.domain.money import AMOUNT_MINOR_MAX, shares
from shared.domain.schema import a_text, an_id, shown
from shared.domain.text import clean_id, clean_text

LINES_MAX = 1_000
# All SKUs and categories of a purchase together: its row stays below 100 KB (L21).
LINES_TEXT_BYTES_MAX = 60_000
PHONE_TYPED = "As typed: digits of any script, separators; without `+` it is read in the club's own country."
# The largest line of a real wholesaler's year is of 80,995 units, cancelled twelve minutes later; more is a typing error.
QUANTITY_MAX = 85_000
# Before this no till spoke JSON; an earlier date is a clock that was reset.
OCCURRED_AT_MIN = datetime(1990, 1, 1, tzinfo=UTC)

Amount = Annotated[int, Field(ge=0, le=AMOUNT_MINOR_MAX)]
ID_LENGTH_MAX = 64
Id = Annotated[str, AfterValidator(lambda value: clean_id(value, ID_LENGTH_MAX)), an_id(ID_LENGTH_MAX, "A-1001")]
StoreId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$"), shown("main")]
Label = Annotated[str, AfterValidator(lambda value: clean_text(value, 64)), a_text(64, "vinyl")]
LabelName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
LABELS_MAX = 8
NamedMember = Annotated[str, StringConstraints(min_length=1, max_length=64), shown("M4Z8K1W0Q7R5T2XV")]
NamedCard = Annotated[str, StringConstraints(min_length=1, max_length=64), shown("C-2044")]
NamedPhone = Annotated[str, StringConstraints(min_length=1, max_length=40), shown("+1 201 555 0123", PHONE_TYPED)]
NamedEmail = Annotated[
    str, StringConstraints(min_length=1, max_length=254), shown("dana@example.com", format="idn-email")
]
Happened = Annotated[
    datetime, shown("2026-11-22T10:00:00+02:00", "ISO 8601 with an offset; from 1990 on.", minLength=20, maxLength=35)
]
CODES_MAX = 10
OFFERS_TAKEN_MAX = 20
# What a line is, where it is no goods: none of these is a product that a rule would reward by chance.
LineKind = Literal["goods", "shipping", "gift_card", "top_up", "fee"]


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
    """One line of a purchase. `amount_minor` is the price of the whole line, all units, before its own discount; `offer_minor` is
    the part of that discount which the club's offers gave, as a quote told it.

    `tax_minor` is the tax on the line after every discount: within the price or added to it, as the purchase says.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    sku: Label
    category: Label | None = None
    brand: Label | None = None
    kind: LineKind = "goods"
    labels: Annotated[dict[LabelName, Label], Field(max_length=LABELS_MAX)] = Field(default_factory=dict)
    quantity: Annotated[int, Field(ge=1, le=QUANTITY_MAX)] = 1
    amount_minor: Amount
    discount_minor: Amount = 0
    offer_minor: Amount = 0
    tax_minor: Amount = 0

    @model_validator(mode="after")
    def _discount_within_price(self) -> Self:
        if self.discount_minor > self.amount_minor:
            raise ValueError("discount_minor is above amount_minor")
        if self.offer_minor > self.discount_minor:
            raise ValueError("offer_minor is above discount_minor, which it is a part of")
        return self

    @property
    def texts(self) -> tuple[str, ...]:
        """Every text of the line, as it is stored."""
        return (self.sku, self.category or "", self.brand or "", *self.labels, *self.labels.values())


class OfferTaken(BaseModel):
    """What one of the club's offers takes off a purchase, over all its lines, and how many units it makes free; of a personal
    offer also the coupon that is used."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    offer: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$"), shown("spring")]
    discount_minor: Amount
    free_units: Annotated[int, Field(ge=0, le=QUANTITY_MAX * LINES_MAX)] = 0
    coupon: (
        Annotated[str, StringConstraints(pattern=r"^[a-zA-Z0-9.@-]{1,128}$"), shown("spring.back.2026-11-22")] | None
    ) = None


class Purchase(BaseModel):
    """What was bought, when, where and by whom. All money is in the minor unit of `currency`.

    `total_minor` is what was paid: the lines less their discounts, less the order's `discount_minor`, plus shipping and
    plus tax that is not in the prices (`prices_include_tax`: it is in them, and adds nothing). Where lines or the shipping
    name their tax, `tax_minor` is the sum of these. `points_payment_minor` and `stored_value_payment_minor` are the parts of
    the total that were paid with points, and from gift cards or stored value. `codes` are the codes that the buyer gave, `offers`
    what the club's offers took off, both as the quote told it. At
    most one of `member_id`, `card`, `phone`, `email` says whose it is; none: a guest's.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    store: StoreId
    purchase_id: Id
    member_id: NamedMember | None = None
    card: NamedCard | None = None
    phone: NamedPhone | None = None
    email: NamedEmail | None = None
    occurred_at: Happened
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$"), shown("USD", "The programme's.")]
    channel: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{1,16}$"), shown("web")] | None = None
    lines: Annotated[tuple[Line, ...], Field(min_length=1, max_length=LINES_MAX)]
    discount_minor: Amount = 0
    shipping_minor: Amount = 0
    tax_minor: Amount = 0
    shipping_tax_minor: Amount = 0
    prices_include_tax: bool = False
    points_payment_minor: Amount = 0
    stored_value_payment_minor: Amount = 0
    codes: Annotated[tuple[Label, ...], Field(max_length=CODES_MAX)] = ()
    offers: Annotated[tuple[OfferTaken, ...], Field(max_length=OFFERS_TAKEN_MAX)] = ()
    total_minor: Amount

    @field_validator("occurred_at", mode="before")
    @classmethod
    def _an_instant(cls, value: object) -> datetime:
        return value if isinstance(value, datetime) else instant(value)

    @field_validator("lines", "codes", "offers", mode="before")
    @classmethod
    def _a_list(cls, value: object) -> object:
        return tuple(value) if isinstance(value, list) else value

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if sum(value is not None for value in (self.member_id, self.card, self.phone, self.email)) > 1:
            raise fault_of("member_id", "name the member by one of member_id, card, phone, email, not by several")
        if sum(len("".join(line.texts).encode()) for line in self.lines) > LINES_TEXT_BYTES_MAX:
            raise fault_of(
                "lines", f"SKUs, categories, brands and labels take more than {LINES_TEXT_BYTES_MAX:,} bytes together"
            )
        if self.discount_minor > self.lines_minor:
            raise fault_of("discount_minor", "is above what the lines cost")
        added_tax = 0 if self.prices_include_tax else self.tax_minor
        if self.total_minor != (due := self.items_minor + self.shipping_minor + added_tax):
            raise fault_of("total_minor", f"must be {due}: the lines less discounts, plus shipping and tax")
        if sum(one.discount_minor for one in self.offers) != sum(line.offer_minor for line in self.lines):
            raise fault_of("offers", "must take off together what the lines name as offer_minor")
        named = sum(line.tax_minor for line in self.lines) + self.shipping_tax_minor
        if named and named != self.tax_minor:
            raise fault_of("tax_minor", f"must be {named}: the tax of the lines and of the shipping")
        if self.prices_include_tax and self.tax_minor > self.items_minor + self.shipping_minor:
            raise fault_of("tax_minor", "is above the prices that include it")
        if self.points_payment_minor + self.stored_value_payment_minor > self.total_minor:
            raise fault_of("points_payment_minor", "is, with stored_value_payment_minor, above total_minor")
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
