"""What a service of AWS charges for what: a dated table for each region, and its arithmetic. Exact; US dollars."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from importlib import resources
from typing import NamedTuple

# After so long somebody should look a price up again.
OLD_AFTER = timedelta(days=90)
REGION = "us-east-1"


class Price(NamedTuple):
    """`usd` for `per` of them, of a service as Cost Explorer names it. `standing`: `list` where it was read at the source,
    `check` where it is only known. `free_a_month`: so many cost nothing."""

    service: str
    usd: Decimal
    per: int
    source: str
    standing: str
    read_on: date
    free_a_month: int = 0

    def cost(self, quantity: Fraction | int | Decimal) -> Fraction:
        """Of so many, in US dollars."""
        return Fraction(quantity) * Fraction(self.usd) * Fraction(1, self.per)


class RegionUnknown(LookupError):
    """There is no table for this region."""


class PricesFaulty(ValueError):
    """A table of prices that cannot be read; the sentence says where."""


def regions() -> list[str]:
    folder = resources.files("shared.domain").joinpath("price_tables")
    return sorted(one.name.removesuffix(".toml") for one in folder.iterdir() if one.name.endswith(".toml"))


def prices(region: str = REGION) -> dict[str, Price]:
    """The table of a region. Raises RegionUnknown."""
    if region not in regions():
        raise RegionUnknown(f"there are prices for {', '.join(regions())}, and none for {region}")
    return prices_in(resources.files("shared.domain").joinpath(f"price_tables/{region}.toml").read_text("utf-8"))


def prices_in(text: str, over: Mapping[str, Price] | None = None) -> dict[str, Price]:
    """The prices of a text, above those that it says nothing of. Raises PricesFaulty."""
    try:
        read = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as broken:
        raise PricesFaulty(f"it is no TOML: {broken}") from None
    table = dict(over or {})
    for name, row in read.items():
        known = {**(table[name]._asdict() if name in table else {}), **(row if isinstance(row, dict) else {"": row})}
        try:
            table[name] = _price(known)
        except (TypeError, ValueError, ArithmeticError) as broken:
            raise PricesFaulty(f"[{name}] {broken}") from None
    return table


def _price(known: Mapping[str, object]) -> Price:
    """Raises ValueError, TypeError, ArithmeticError."""
    if missing := {*Price._fields} - {*known} - {"free_a_month"}:
        raise ValueError(f"lacks {', '.join(sorted(missing))}")
    if more := {*known} - {*Price._fields}:
        raise ValueError(f"has {', '.join(sorted(more))}, which no price has")
    per, free, read_on = known["per"], known.get("free_a_month", 0), known["read_on"]
    usd = Decimal(str(known["usd"]))
    if type(per) is not int or per < 1 or type(free) is not int or free < 0:
        raise ValueError("counts in per and free_a_month by whole numbers")
    if not usd.is_finite() or usd < 0 or type(read_on) is not date:
        raise ValueError("has a usd that is 0 or more, and a day in read_on")
    return Price(str(known["service"]), usd, per, str(known["source"]), str(known["standing"]), read_on, free)


def old(table: Mapping[str, Price], today: date) -> list[str]:
    """The prices that somebody should look up again."""
    return [name for name, price in table.items() if today - price.read_on > OLD_AFTER]


def by_service(
    usage: Iterable[tuple[str, Fraction | int]], table: Mapping[str, Price], *, is_free: bool = False
) -> dict[str, Fraction]:
    """What a month's usage costs by service, in US dollars; with `is_free`, without what is free each month. Raises KeyError
    for what has no price: nothing is free by being forgotten."""
    sums: dict[str, Fraction] = {}
    for name, quantity in usage:
        price = table[name]
        billed = max(Fraction(0), quantity - Fraction(price.free_a_month)) if is_free else Fraction(quantity)
        sums[price.service] = sums.get(price.service, Fraction(0)) + price.cost(billed)
    return sums
