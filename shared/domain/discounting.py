"""A purchase with and without what the club's offers take off it."""

from __future__ import annotations

from collections.abc import Sequence

from shared.domain.errors import Invalid
from shared.domain.money import rounded
from shared.domain.offers import Offered
from shared.domain.purchase import Line, OfferTaken, Purchase


def discounted(purchase: Purchase, offered: Offered) -> Purchase:
    """The purchase after the offers. Tax shrinks with what it is of. Raises Invalid where more was paid than is left to pay."""
    if not offered.applied:
        return purchase
    off = offered.by_line(len(purchase.lines))
    nets = purchase.net_by_line()
    lines = [_line(*one) for one in zip(purchase.lines, nets, off, strict=True)]
    named = [line.tax_minor for line in purchase.lines]
    tax = purchase.tax_minor
    if any(named):
        tax += sum(line.tax_minor for line in lines) - sum(named)
    elif taxed := sum(nets) + purchase.shipping_minor:
        tax = rounded(tax * (taxed - sum(off)), taxed, "half_up")
    return _whole(purchase, lines, tax, [
        OfferTaken(offer=one.offer, discount_minor=one.minor, free_units=one.free_units, coupon=one.coupon or None)
        for one in offered.applied
    ])  # fmt: skip


def undiscounted(purchase: Purchase) -> Purchase:
    """The purchase before the offers, for asking them again: without tax, which they do not look at."""
    lines = [
        line.model_copy(
            update={"discount_minor": line.discount_minor - line.offer_minor, "offer_minor": 0, "tax_minor": 0}
        )
        for line in purchase.lines
    ]
    bare = purchase.model_copy(
        update={"points_payment_minor": 0, "stored_value_payment_minor": 0, "shipping_tax_minor": 0}
    )
    return _whole(bare, lines, 0, [])


def _line(line: Line, net: int, off: int) -> Line:
    tax = rounded(line.tax_minor * (net - off), net, "half_up") if net else line.tax_minor
    more = {"discount_minor": line.discount_minor + off, "offer_minor": off, "tax_minor": tax}
    return line.model_copy(update=more) if off else line


def _whole(purchase: Purchase, lines: Sequence[Line], tax: int, offers: Sequence[OfferTaken]) -> Purchase:
    made = purchase.model_copy(update={"lines": tuple(lines), "tax_minor": tax, "offers": tuple(offers)})
    added_tax = 0 if made.prices_include_tax else tax
    total = made.items_minor + made.shipping_minor + added_tax
    if made.points_payment_minor + made.stored_value_payment_minor > total:
        raise Invalid(
            "points_payment_minor", f"is, with stored_value_payment_minor, above the {total} that is left to pay"
        )
    return made.model_copy(update={"total_minor": total})
