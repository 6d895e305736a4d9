"""A redemption as a storefront or till asks for it: a reward, or points as payment against a quote."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from shared.domain.money import AMOUNT_MINOR_MAX
from shared.domain.purchase import Id, NamedCard, NamedEmail, NamedMember, NamedPhone, StoreId, fault_of
from shared.domain.schema import shown
from shared.domain.tables import MAIN_WALLET, RuleId

Units = Annotated[int, Field(ge=1, le=AMOUNT_MINOR_MAX)]
Code = Annotated[
    str,
    StringConstraints(min_length=1, max_length=64),
    shown("28T5-CY4T-QKFF", "Case, spaces and dashes do not matter."),
]
WalletId = Annotated[RuleId, shown(MAIN_WALLET)]


class Redemption(BaseModel):
    """What is to be held: a `reward` of the programme, or `units` of a wallet (in its smallest unit) as payment.

    `total_minor` is the total of the quote that is to be paid so; `purchase_id` the purchase, where its id is known already.
    Exactly one of `member_id`, `card`, `phone`, `email` says whose points they are. With the `code` of a gift certificate it
    is that one's money, `units` are minor units (none: as much as there is, up to `total_minor`), and a member need be named
    only where the certificate is a member's own.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)

    store: StoreId
    redemption_id: Id
    member_id: NamedMember | None = None
    card: NamedCard | None = None
    phone: NamedPhone | None = None
    email: NamedEmail | None = None
    code: Code | None = None
    reward: Annotated[RuleId, shown("coffee")] | None = None
    units: Units | None = None
    wallet: WalletId = MAIN_WALLET
    total_minor: Annotated[int, Field(ge=0, le=AMOUNT_MINOR_MAX)] | None = None
    purchase_id: Id | None = None
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$"), shown("USD")] | None = None

    @model_validator(mode="after")
    def _takes_one_thing_of_one_member(self) -> Self:
        named = sum(value is not None for value in (self.member_id, self.card, self.phone, self.email))
        if named > 1 or (not named and self.code is None):
            raise fault_of("member_id", "name the member by one of member_id, card, phone, email")
        if self.code is not None:
            if self.reward is not None or self.wallet != MAIN_WALLET:
                raise fault_of("code", "pays with its certificate, and neither for a reward nor with a wallet")
            return self
        if (self.reward is None) == (self.units is None):
            raise fault_of("reward", "name a reward, or the units to pay with")
        if self.reward is not None and self.wallet != MAIN_WALLET:
            raise fault_of("wallet", "goes with units: a reward has its own")
        return self


class Capturing(BaseModel):
    """What is taken of a hold: all of it, or so many `units`; and for which purchase, where that is known now.

    `capture_id` tells several captures of one hold apart, where the programme lets the rest stay held."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)

    units: Units | None = None
    purchase_id: Id | None = None
    capture_id: Id | None = None


class Voiding(BaseModel):
    """Nothing is said: all that is held goes back."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)


class Reversing(BaseModel):
    """What is given back of a captured redemption: all that is left of it, or so many `units`; once for each `reversal_id`.

    `capture_id` as in the capture, where it had one."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)

    reversal_id: Id
    units: Units | None = None
    capture_id: Id | None = None
