"""The price table and its arithmetic: so many of what, at which price."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

TABLE = Path(__file__).with_name("prices.toml")
OLD_AFTER = timedelta(days=90)


class Price(NamedTuple):
    """`usd` for `per` of them. `standing`: `list` where it was read at the source, `check` where it is only known."""

    usd: Decimal
    per: int
    source: str
    standing: str
    read_on: date


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


def prices(text: str | None = None) -> dict[str, Price]:
    read = tomllib.loads(text if text is not None else TABLE.read_text("utf-8"), parse_float=Decimal)
    return {name: Price(Decimal(row.pop("usd")), **row) for name, row in read.items()}


def bill(table: Mapping[str, Price], items: Iterable[Item]) -> Bill:
    """Raises KeyError for what has no price: nothing is free by being forgotten."""
    return Bill(tuple((item, item.quantity * table[item.price].usd / table[item.price].per) for item in items))


def old(table: Mapping[str, Price], today: date) -> list[str]:
    """The prices that somebody should look up again."""
    return [name for name, price in table.items() if today - price.read_on > OLD_AFTER]
