"""What a till asks of a coupon before it asks for a quote."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from shared.domain.named import Named
from shared.domain.purchase import Purchase, StoreId, fault_of
from shared.domain.redemption import Code

_WAYS = ("member_id", "card", "phone", "email")


class CouponAsked(Named):
    """Is this a coupon that the member can use now? Exactly one of `member_id`, `card`, `phone`, `email` names the member. With a
    `purchase`, as a quote takes it and without offers, also: what would the coupon take off it?"""

    store: StoreId
    code: Code
    purchase: Purchase | None = None

    @model_validator(mode="after")
    def _is_one_members(self) -> Self:
        if all(getattr(self, way) is None for way in _WAYS):
            raise fault_of("member_id", "is missing: a coupon is one member's, by member_id, card, phone or email")
        if self.purchase is None:
            return self
        if self.purchase.store != self.store:
            raise fault_of("purchase.store", "is another store than the request's")
        if any(getattr(self.purchase, way) not in (None, getattr(self, way)) for way in _WAYS):
            raise fault_of("purchase", "names another member than the request does, or in another way")
        if self.purchase.offers:
            raise fault_of("purchase.offers", "are there already: ask with the purchase as it was before any offer")
        return self
