"""A bill at list price: so many of what, named by its price in the product's own table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from shared.domain.prices import Price, old, prices

__all__ = ["Bill", "Item", "Price", "bill", "old", "prices"]


class Item(NamedTuple):
    """One line of a bill: how many of what, named by its price."""

    what: str
    price: str
    quantity: Decimal


class Bill(NamedTuple):
    lines: tuple[tuple[Item, Decimal], ...]

    @property
    def usd(self) -> Decimal:
        return sum((usd for _, usd in self.lines), Decimal(0))


def bill(table: Mapping[str, Price], items: Iterable[Item]) -> Bill:
    """Raises KeyError for what has no price: nothing is free by being forgotten."""
    return Bill(tuple((item, item.quantity * table[item.price].usd / table[item.price].per) for item in items))
