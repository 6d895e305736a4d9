"""What a shop's purchases say of its buyers before there is a club: who comes back, how much of the money is theirs, how few
bring most of it, how often they come. Exact; None where there is nothing to divide by.

A guest is a purchase whose buyer nobody knows. What came back is taken off its buyer's money and is no purchase.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from shared.domain.concentration import TOP, gini, top_share

DAYS_OF_YEAR = 365
# Who first bought less than so long before the file ends has not had the time to come back, and is not asked.
COMES_BACK_WITHIN_DAYS = 180
GUEST = ""


class Sold(NamedTuple):
    """One purchase (`amount_minor` above 0 or 0), or what came back (below 0). `cost_minor` of its goods; None: not known."""

    buyer: str
    on: date
    amount_minor: int
    cost_minor: int | None = None
    is_return: bool = False


class Buyer(NamedTuple):
    """What one buyer did: days of purchases ascending, each once; money with returns taken off; of it, what came after the first
    day."""

    days: tuple[date, ...]
    purchases: int
    spend_minor: int
    later_minor: int


class Shop(NamedTuple):
    """The figures of a shop. Money of known buyers is net of what came back."""

    first: date
    last: date
    purchases: int
    guest_purchases: int
    returns: int
    gross_minor: int
    returned_minor: int
    guest_minor: int
    buyers: int
    buyers_again: int
    """Known buyers, and of these those who bought on two days or more."""
    known_minor: int
    again_minor: int
    later_minor: int
    """What known buyers paid; those of them who bought again; and what was paid after a buyer's first day."""
    came_back: Fraction | None
    """Of those who could have, the share who bought again within COMES_BACK_WITHIN_DAYS of their first day."""
    could_come_back: int
    top_share: Fraction | None
    gini: Fraction | None
    top_buyers: int
    top_minor: int
    top_later_minor: int
    top_least_minor: int
    """The fifth of buyers who paid most: how many, what they paid, what of it after their first day, the least that one paid."""
    gap_days: Fraction | None
    """The median of days between two days of purchases of one buyer."""
    margin: Fraction | None
    """Of all money whose cost is known, what is left; None where the cost of less than half of it is known."""

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def repeat_rate(self) -> Fraction | None:
        return share(self.buyers_again, self.buyers)

    @property
    def repeat_share_of_money(self) -> Fraction | None:
        return share(self.again_minor, self.known_minor)

    @property
    def basket_minor(self) -> Fraction | None:
        return share(self.gross_minor, self.purchases)

    @property
    def known_share(self) -> Fraction | None:
        """The part of purchases whose buyer is known."""
        return share(self.purchases - self.guest_purchases, self.purchases)

    def a_year(self, value: int) -> Fraction:
        """What a sum over the file's days comes to in a year."""
        return Fraction(value * DAYS_OF_YEAR, self.days)


def share(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole > 0 else None


def shop_of(sales: Iterable[Sold]) -> Shop | None:
    """In any sequence; None without a single purchase."""
    sales = list(sales)
    purchases = [one for one in sales if not one.is_return]
    if not purchases:
        return None
    returns = [one for one in sales if one.is_return]
    first, last = min(one.on for one in purchases), max(one.on for one in purchases)
    buyers = _buyers(sales)
    spends = [max(0, one.spend_minor) for one in buyers]
    top = sorted(buyers, key=lambda one: one.spend_minor, reverse=True)
    top = top[: -(-len(top) * TOP.numerator // TOP.denominator)]
    again = [one for one in buyers if len(one.days) > 1]
    ripe = [one for one in buyers if one.days[0] <= last - timedelta(days=COMES_BACK_WITHIN_DAYS)]
    came = sum(1 for one in ripe if one.days[1:] and (one.days[1] - one.days[0]).days <= COMES_BACK_WITHIN_DAYS)
    guests = [one for one in sales if one.buyer == GUEST]
    return Shop(
        first, last, len(purchases), sum(1 for one in guests if not one.is_return), len(returns),
        sum(one.amount_minor for one in purchases), -sum(one.amount_minor for one in returns),
        sum(one.amount_minor for one in guests), len(buyers), len(again), sum(spends),
        sum(max(0, one.spend_minor) for one in again), sum(one.later_minor for one in buyers), share(came, len(ripe)),
        len(ripe), top_share(spends), gini(spends), len(top), sum(max(0, one.spend_minor) for one in top),
        sum(one.later_minor for one in top), max(0, top[-1].spend_minor) if top else 0,
        _median([(later - earlier).days for one in buyers for earlier, later in pairwise(one.days)]), _margin(sales),
    )  # fmt: skip


def _buyers(sales: Iterable[Sold]) -> list[Buyer]:
    """Those who bought; of a return whose purchase is before the file's first day nothing is known but the money."""
    by_buyer: dict[str, list[Sold]] = {}
    for one in sales:
        if one.buyer != GUEST:
            by_buyer.setdefault(one.buyer, []).append(one)
    buyers = []
    for told in by_buyer.values():
        days = sorted({one.on for one in told if not one.is_return})
        if days:
            spend = sum(one.amount_minor for one in told)
            # Which purchase a return is of is not told: it is taken off the later ones first, so that nothing is hoped for.
            on_first = sum(one.amount_minor for one in told if one.on == days[0] and not one.is_return)
            purchases = sum(1 for one in told if not one.is_return)
            buyers.append(Buyer(tuple(days), purchases, spend, max(0, spend - on_first)))
    return buyers


def _median(values: list[int]) -> Fraction | None:
    if not values:
        return None
    values.sort()
    many = len(values)
    return Fraction(values[(many - 1) // 2] + values[many // 2], 2)


def _margin(sales: Iterable[Sold]) -> Fraction | None:
    costed = money = whole = cost = 0
    for one in sales:
        whole += abs(one.amount_minor)
        if one.cost_minor is not None:
            costed += abs(one.amount_minor)
            money, cost = money + one.amount_minor, cost + one.cost_minor
    return Fraction(money - cost, money) if money > 0 and 2 * costed >= whole else None
