"""An offer as one member sees it before anything is bought."""

from __future__ import annotations

from typing import NamedTuple

from shared.domain.coupons import Coupon
from shared.domain.offers import Why
from shared.domain.rulebook import OfferRule


class Standing(NamedTuple):
    """`coupon` and its canonical `code` where the offer is the member's own; `why` is what stands in its way."""

    rule: OfferRule
    why: Why | None
    coupon: Coupon | None = None
    code: str = ""
