"""A return as a storefront or till reports it: of a purchase by lines, by amount or whole; or of a member, by amount alone."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from shared.domain.money import AMOUNT_MINOR_MAX
from shared.domain.purchase import (
    LINES_MAX,
    QUANTITY_MAX,
    Happened,
    Id,
    Label,
    NamedCard,
    NamedEmail,
    NamedMember,
    NamedPhone,
    StoreId,
    fault_of,
    instant,
)
from shared.domain.schema import shown


class ReturnedLine(BaseModel):
    """Units of one product that came back; all that are left of it where `quantity` is not given."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)

    sku: Label
    quantity: Annotated[int, Field(ge=1, le=QUANTITY_MAX)] | None = None


class Return(BaseModel):
    """What came back, when, of which purchase. Neither `lines` nor `amount_minor`: all that is left of the purchase.

    `amount_minor` is the money that was paid back, in the minor unit of the programme's currency. A return without `purchase_id`
    names its member and its amount, and is taken where `policies.return_without_purchase` says so.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)

    store: StoreId
    return_id: Id
    purchase_id: Id | None = None
    member_id: NamedMember | None = None
    card: NamedCard | None = None
    phone: NamedPhone | None = None
    email: NamedEmail | None = None
    occurred_at: Happened
    currency: (
        Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$"), shown("USD", "The programme's, where it is given.")]
        | None
    ) = None
    lines: Annotated[tuple[ReturnedLine, ...], Field(min_length=1, max_length=LINES_MAX)] | None = None
    amount_minor: Annotated[int, Field(ge=1, le=AMOUNT_MINOR_MAX)] | None = None

    @field_validator("occurred_at", mode="before")
    @classmethod
    def _an_instant(cls, value: object) -> datetime:
        return value if isinstance(value, datetime) else instant(value)

    @field_validator("lines", mode="before")
    @classmethod
    def _a_list(cls, value: object) -> object:
        return tuple(value) if isinstance(value, list) else value

    @model_validator(mode="after")
    def _of_a_purchase_or_of_a_member(self) -> Self:
        named = sum(value is not None for value in (self.member_id, self.card, self.phone, self.email))
        if self.purchase_id is not None:
            if named:
                raise fault_of("member_id", "goes with a return that names no purchase: the purchase says whose it is")
            return self
        if named != 1:
            raise fault_of(
                "purchase_id", "is missing: name the purchase, or the member by one of member_id, card, phone, email"
            )
        if self.amount_minor is None:
            raise fault_of("amount_minor", "is missing: a return that names no purchase says what was paid back")
        if self.lines is not None:
            raise fault_of("lines", "go with a purchase_id")
        return self
