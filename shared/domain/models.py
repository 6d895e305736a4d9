"""Would a club pay? Each model of a club as what it gives away and what it asks, and how much more its members would have to buy
for that to be paid back. Nothing is promised: a rise is assumed, named, and left to the reader.

All sums are of a year and of the members whom the shop would have: an enrolled share of its known buyers, who buy as all known
buyers do.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Literal, NamedTuple

from shared.domain.assessing import Shop

# Less than this is not judged: below it a single season, or a few people, decide the answer.
DAYS_MIN = 180
BUYERS_MIN = 100
KNOWN_SHARE_MIN = Fraction(1, 5)


class Assumed(NamedTuple):
    """What is assumed, and not read from the file. Money is in the file's minor units; rates are shares."""

    margin: Fraction | None
    """What is left of a price after tax and the cost of the goods; None: nobody knows."""
    rise: Fraction = Fraction(10, 100)
    """How much more than today members may buy again, if the club is good: what a yes or a no is measured by."""
    enrolled: Fraction = Fraction(50, 100)
    """Of known buyers, those who would join."""
    fixed_minor: Fraction = Fraction(0)
    """What the club costs a year whoever joins: staff hours, and the least of the infrastructure."""
    member_minor: Fraction = Fraction(0)
    """Messages and infrastructure of a member a year."""
    purchase_minor: Fraction = Fraction(0)
    """Infrastructure of a purchase."""


class Model(NamedTuple):
    """One kind of club. `gives`: what it takes off the money of a year at today's purchases; `asks`: what members pay to be in.

    Both read the shop's sums over the file's days, of all known buyers.
    """

    id: str
    what: str
    gives: Callable[[Shop], Fraction]
    asks: Callable[[Shop], Fraction]
    rate_on_rise: Callable[[Shop], Fraction]
    """Of money that comes in addition, what is given away as well."""
    rises_on: Callable[[Shop], int]
    """The money that can rise: what those whom the model rewards paid after their first day."""


def _none(_: Shop) -> Fraction:
    return Fraction(0)


_POINTS, _POINTS_USED = Fraction(1, 100), Fraction(70, 100)
_CASHBACK, _CASHBACK_USED = Fraction(3, 100), Fraction(80, 100)
_TOP_RATE = Fraction(4, 100)
_PAID_DISCOUNT = Fraction(10, 100)
_DISCOUNT = Fraction(5, 100)


def _of_all(rate: Fraction) -> Callable[[Shop], Fraction]:
    return lambda shop: rate * shop.known_minor


def _tiers_rate(shop: Shop) -> Fraction:
    later = shop.later_minor
    top = Fraction(shop.top_later_minor, later) if later else Fraction(0)
    return (_POINTS + _TOP_RATE * top) * _POINTS_USED


MODELS: tuple[Model, ...] = (
    Model("points", "1% of each purchase in points, of which 70% are used", _of_all(_POINTS * _POINTS_USED), _none,
          lambda shop: _POINTS * _POINTS_USED, lambda shop: shop.later_minor),
    Model("cashback", "3% of each purchase as credit, of which 80% is used", _of_all(_CASHBACK * _CASHBACK_USED), _none,
          lambda shop: _CASHBACK * _CASHBACK_USED, lambda shop: shop.later_minor),
    Model("tiers", "1% for all and 4% more for the fifth who buy most, of which 70% is used",
          lambda shop: (_POINTS * shop.known_minor + _TOP_RATE * shop.top_minor) * _POINTS_USED, _none,
          _tiers_rate, lambda shop: shop.later_minor),
    # Who saves more than the fee buys it: so the fee is what the least of the top fifth would save.
    Model("paid", "10% off everything for a fee that the fifth who buy most save; only they join",
          lambda shop: _PAID_DISCOUNT * shop.top_minor,
          lambda shop: _PAID_DISCOUNT * shop.top_least_minor * shop.top_buyers,
          lambda shop: _PAID_DISCOUNT, lambda shop: shop.top_later_minor),
    Model("discounts", "5% off everything for each member", _of_all(_DISCOUNT), _none,
          lambda shop: _DISCOUNT, lambda shop: shop.later_minor),
)  # fmt: skip


class Cost(NamedTuple):
    """One model in a year. `needed`: the rise of purchases after the first at which nothing is lost, None where no rise is enough
    or nobody knows the margin; `left_minor`: what is left at the rise that is assumed, None without a margin."""

    model: Model
    members: Fraction
    rewards_minor: Fraction
    running_minor: Fraction
    income_minor: Fraction
    needed: Fraction | None
    left_minor: Fraction | None


Answer = Literal["yes", "no", "not enough data"]


class Assessment(NamedTuple):
    """The answer, each model, and the reasons as codes that `club assess` has sentences for."""

    answer: Answer
    costs: tuple[Cost, ...]
    reasons: tuple[str, ...]


def assessment(shop: Shop, assumed: Assumed) -> Assessment:
    """Not enough data where the file is too short, its buyers are too few or unknown, or nobody knows the margin; but a club that
    would lose money even if goods cost nothing is a no without it."""
    costs = tuple(cost_of(model, shop, assumed) for model in MODELS)
    lacks = tuple(_lacks(shop))
    if lacks:
        return Assessment("not enough data", costs, lacks)
    if not shop.later_minor:
        return Assessment("no", costs, ("nobody_returns",))
    if assumed.margin is None:
        free = assumed._replace(margin=Fraction(1))
        best = [cost_of(model, shop, free) for model in MODELS]
        if not any(_pays(one, assumed) for one in best):
            return Assessment("no", costs, ("no_margin_is_enough",))
        return Assessment("not enough data", costs, ("margin_unknown",))
    if any(_pays(one, assumed) for one in costs):
        return Assessment("yes", costs, ("pays",))
    without_hours = assumed._replace(fixed_minor=Fraction(0))
    hours = any(_pays(cost_of(model, shop, without_hours), assumed) for model in MODELS)
    return Assessment("no", costs, ("none_pays", "too_small") if hours else ("none_pays",))


def cost_of(model: Model, shop: Shop, assumed: Assumed) -> Cost:
    is_for_top = model.id == "paid"
    joined = shop.top_buyers if is_for_top else shop.buyers
    members = assumed.enrolled * joined
    year = shop.a_year(1) * assumed.enrolled
    rewards, income = year * model.gives(shop), year * model.asks(shop)
    purchases = (shop.purchases - shop.guest_purchases) * year
    running = assumed.fixed_minor + assumed.member_minor * members + assumed.purchase_minor * purchases
    if assumed.margin is None:
        return Cost(model, members, rewards, running, income, None, None)
    # One more unit of money leaves its margin, less what is given away for it.
    gain = year * model.rises_on(shop) * (assumed.margin - model.rate_on_rise(shop))
    loss = rewards + running - income
    # Where a further purchase leaves nothing, no rise is a gain, whatever the fees are.
    needed = max(Fraction(0), loss * gain**-1) if gain > 0 else None
    return Cost(model, members, rewards, running, income, needed, gain * assumed.rise - loss)


def _pays(cost: Cost, assumed: Assumed) -> bool:
    return cost.needed is not None and cost.needed <= assumed.rise


def _lacks(shop: Shop) -> list[str]:
    found = []
    if shop.days < DAYS_MIN:
        found.append("too_short")
    if shop.buyers < BUYERS_MIN:
        found.append("buyers_few")
    known = shop.known_share
    if known is None or known < KNOWN_SHARE_MIN:
        found.append("buyers_unknown")
    return found
