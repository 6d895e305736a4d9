"""What a month's cost is counted from, and what each of it is worth: usage by prices, dollars in the club's currency, units."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from types import MappingProxyType
from typing import NamedTuple

from shared.domain.money import decimals, ratio
from shared.domain.prices import Price, by_service
from shared.domain.reports import Value
from shared.domain.rulebook import Rulebook

DOLLAR = "USD"
# What a posting's function tells: its figure in the tallies, the price that it has, and how many of them are one of that price.
METERED: tuple[tuple[str, str, Fraction], ...] = (
    ("writes", "write_units", Fraction(1)),
    ("half_reads", "read_units", Fraction(1, 2)),
    ("calls", "lambda_requests", Fraction(1)),
    ("calls", "api_requests", Fraction(1)),
    ("compute", "gb_seconds", Fraction(1, 1_000)),
)
# These are called through the API, for which the gateway asks its price; its own question to the gate is no request of the API.
_BEHIND_THE_API = frozenset({"purchase", "member", "office", "page", "docs"})


class Told(NamedTuple):
    """What a month's cost is counted from: its days' tallies together, what messages cost by channel in minor units, and
    figures of members by name. `sent_minor`: what messages cost by automation or campaign; `effects`: the sums of its members."""

    first: date
    last: date
    tallies: Mapping[str, int]
    messages_minor: Mapping[str, Fraction]
    members: Mapping[str, Value]
    sent_minor: Mapping[str, Fraction] = MappingProxyType({})
    effects: Mapping[tuple[str, ...], int] = MappingProxyType({})


def together(tallies: Mapping[str, int], used: Mapping[str, int]) -> dict[str, int]:
    """Tallies with what functions told besides their postings."""
    return {name: tallies.get(name, 0) + used.get(name, 0) for name in sorted({*tallies, *used})}


def usage_of(tallies: Mapping[str, int]) -> list[tuple[str, Fraction]]:
    """What was used, by the names of prices."""
    used = []
    for name, many in sorted(tallies.items()):
        figure, _, function = name.partition(".")
        for known, price, each in METERED:
            if figure == known and (price != "api_requests" or function in _BEHIND_THE_API):
                used.append((price, many * each))
    return used


def metered_by_service(tallies: Mapping[str, int], table: Mapping[str, Price]) -> dict[str, Fraction]:
    """US dollars, by the service's name on the bill."""
    return by_service(usage_of(tallies), table)


def rate_of(book: Rulebook) -> Fraction | None:
    """Minor units of the club's currency for a US dollar; None where nobody says."""
    if book.programme.club.currency == DOLLAR:
        return Fraction(10 ** decimals(DOLLAR))
    told = book.programme.costs.dollar_minor
    return Fraction(*ratio(told)) if told is not None else None


def worth_minor(book: Rulebook, wallet: str, units: int) -> Fraction:
    """What units of a wallet, in its smallest, pay. Raises StopIteration for a wallet that there is none of."""
    known = book.wallet(wallet)
    return units * Fraction(*ratio(known.value_minor)) * Fraction(1, 10**known.decimals)
