"""What a month's cost is counted from, and what each of it is worth: usage by prices, dollars in the club's currency, units."""

from __future__ import annotations

from calendar import monthrange
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
GB = 2**30
# What the gateway writes of a request behind the API in its own log, with what CloudWatch counts besides; a test compares.
ACCESS_LINE_BYTES = 171
# What a posting's function tells: its figure in the tallies, the price that it has, and how many of them are one of that price.
METERED: tuple[tuple[str, str, Fraction], ...] = (
    ("writes", "write_units", Fraction(1)),
    ("half_reads", "read_units", Fraction(1, 2)),
    ("calls", "lambda_requests", Fraction(1)),
    ("calls", "api_requests", Fraction(1)),
    ("compute", "gb_seconds", Fraction(1, 1_000)),
    ("log_bytes", "log_gb", Fraction(1, GB)),
    ("calls", "log_gb", Fraction(ACCESS_LINE_BYTES, GB)),
)
# What was kept on a day, by the price of a month of it.
KEPT: tuple[tuple[str, str], ...] = (("stored", "table_gb_months"), ("restorable", "restore_gb_months"))
# These are called through the API, for which the gateway asks its price; its own question to the gate is no request of the API.
_BEHIND_THE_API = frozenset({"purchase", "member", "office", "page", "docs"})
_OF_THE_API = frozenset({("calls", "api_requests"), ("calls", "log_gb")})


class Told(NamedTuple):
    """What a month's cost is counted from: its days' tallies together, what messages cost by channel in minor units, and
    figures of members by name. `sent_minor`: what messages cost by automation or campaign; `effects`: the sums of its members;
    `sources`: those of members by where they came from."""

    first: date
    last: date
    tallies: Mapping[str, int]
    messages_minor: Mapping[str, Fraction]
    members: Mapping[str, Value]
    sent_minor: Mapping[str, Fraction] = MappingProxyType({})
    effects: Mapping[tuple[str, ...], int] = MappingProxyType({})
    sources: Mapping[tuple[str, ...], int] = MappingProxyType({})


def together(tallies: Mapping[str, int], used: Mapping[str, int]) -> dict[str, int]:
    """Tallies with what functions told besides their postings."""
    return {name: tallies.get(name, 0) + used.get(name, 0) for name in sorted({*tallies, *used})}


def usage_of(tallies: Mapping[str, int], month: date) -> list[tuple[str, Fraction]]:
    """What was used in the month of a day, by the names of prices. What is kept on each of its days is a part of a month."""
    used: list[tuple[str, Fraction]] = []
    days = monthrange(month.year, month.month)[1]
    for name, many in sorted(tallies.items()):
        figure, _, whose = name.partition(".")
        for known, price, each in METERED:
            if figure == known and ((figure, price) not in _OF_THE_API or whose in _BEHIND_THE_API):
                used.append((price, many * each))
        used += [(price, Fraction(many, days * GB)) for known, price in KEPT if figure == known]
    return used


def metered_by_service(tallies: Mapping[str, int], table: Mapping[str, Price], month: date) -> dict[str, Fraction]:
    """US dollars of the month of a day, by the service's name on the bill."""
    return by_service(usage_of(tallies, month), table)


def rate_of(book: Rulebook) -> Fraction | None:
    """Minor units of the club's currency for a US dollar; None where nobody says."""
    if book.programme.club.currency == DOLLAR:
        return Fraction(10 ** decimals(DOLLAR))
    told = book.programme.costs.dollar_minor
    return Fraction(*ratio(told)) if told is not None else None


def worth_minor(book: Rulebook, wallet: str, units: int | Fraction) -> Fraction:
    """What units of a wallet, in its smallest, pay. Raises StopIteration for a wallet that there is none of."""
    known = book.wallet(wallet)
    return units * Fraction(*ratio(known.value_minor)) * Fraction(1, 10**known.decimals)
