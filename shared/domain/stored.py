"""Purchases and events as their rows hold them, made values again: what was decided once can be decided again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from shared.domain.event import Event
from shared.domain.explanation import reasons_of
from shared.domain.ledger import Row, unpacked
from shared.domain.purchase import Line, OfferTaken, Purchase
from shared.domain.reasons import Fired, NotFired
from shared.domain.rulebook import Rulebook

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def purchase_of(row: Row, book: Rulebook) -> Purchase:
    """The purchase of a row, without how it named its member. It was checked when it was reported."""
    store, purchase_id = str(row["k"]).rpartition("!")[2].split("#", 2)[1:]
    sums: list[int] = unpacked(row["s"])
    total, discount, shipping, tax, shipping_tax, included, points, stored, *_ = [*sums, *[0] * 7]
    return Purchase.model_construct(
        store=store,
        purchase_id=purchase_id,
        occurred_at=occurred_at(row),
        currency=book.programme.club.currency,
        channel=row.get("ch"),
        lines=tuple(_line(*one) for one in unpacked(row["l"])),
        discount_minor=discount,
        shipping_minor=shipping,
        tax_minor=tax,
        shipping_tax_minor=shipping_tax,
        prices_include_tax=bool(included),
        points_payment_minor=points,
        stored_value_payment_minor=stored,
        codes=tuple(unpacked(row["co"])) if "co" in row else (),
        offers=tuple(_offer(*one) for one in unpacked(row["of"])) if "of" in row else (),
        total_minor=total,
    )


def event_of(row: Row) -> Event:
    """The event of a row, without how it named its member."""
    store, kind, source_id = str(row["k"]).rpartition("!")[2].split("#", 3)[1:]
    return Event.model_construct(store=store, kind=kind, source_id=source_id, occurred_at=occurred_at(row))


def reasons(row: Row, book: Rulebook) -> tuple[Fired | NotFired, ...]:
    """Why a purchase or an event gave what it gave. `book` is the version that the row names."""
    return reasons_of(unpacked(row["e"]), book, str(row["ev"]) if "ev" in row else None) if "e" in row else ()


def occurred_at(row: Row) -> datetime:
    at = row["o"]
    assert isinstance(at, int)
    return _EPOCH + timedelta(milliseconds=at)


def _offer(offer: str, discount_minor: int, free_units: int, coupon: str | None = None) -> OfferTaken:
    return OfferTaken.model_construct(offer=offer, discount_minor=discount_minor, free_units=free_units, coupon=coupon)


def _line(
    sku: str,
    category: str,
    quantity: int,
    amount_minor: int,
    discount_minor: int = 0,
    more: dict[str, Any] | None = None,
) -> Line:
    known = more or {}
    return Line.model_construct(
        sku=sku,
        category=category or None,
        brand=known.get("b"),
        kind=known.get("k", "goods"),
        labels=known.get("g", {}),
        quantity=quantity,
        amount_minor=amount_minor,
        discount_minor=discount_minor,
        offer_minor=known.get("o", 0),
        tax_minor=known.get("t", 0),
    )
