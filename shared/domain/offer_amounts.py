"""What an offer takes off a basket, line by line: shares and money by what they are off, and units that are free.

Money is rounded once for what an offer speaks of (the purchase, a line, a unit), half up; off the purchase it is shared by the
lines in proportion, and what rounding leaves goes to the line where it has added up to one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from shared.domain.conditions import Condition
from shared.domain.facts import line_facts
from shared.domain.floor import Room
from shared.domain.money import rounded, shares
from shared.domain.offer_tables import Offer
from shared.domain.purchase import Purchase
from shared.domain.rulebook import OfferRule, Rulebook


class Basket:
    """What is left of each line to take from: minor units, and units that no offer has counted yet. Only goods are discounted."""

    def __init__(self, purchase: Purchase, book: Rulebook) -> None:
        self.lines, self.policies = purchase.lines, book.programme.policies
        self.full = [
            net if line.kind == "goods" else 0 for line, net in zip(purchase.lines, purchase.net_by_line(), strict=True)
        ]
        self.left = list(self.full)
        self.units = [line.quantity if line.kind == "goods" else 0 for line in purchase.lines]
        self.room = Room.of(purchase, self.full, book) if book.programme.margin.floor_percent is not None else None

    @property
    def base(self) -> list[int]:
        """What a share is a share of."""
        return self.left if self.policies.percent_discounts == "of_the_rest" else self.full

    @property
    def total_minor(self) -> int:
        """What a minimum is asked of."""
        return sum(self.left if self.policies.minimum_spend == "after_discounts" else self.full)

    def take(self, made: Made) -> None:
        self.left = [left - off for left, off in zip(self.left, made.by_line, strict=True)]
        self.units = [units - some for units, some in zip(self.units, made.counted, strict=True)]
        if self.room is not None:
            self.room.take(made.by_line, made.places, made.free_on_top)


class Made(NamedTuple):
    """By line: what is taken off, and the units that no other offer may count. `free` units in all.

    `places` are the lines that it speaks of: what is bought and what is got.
    """

    by_line: list[int]
    counted: list[int]
    free: int = 0
    free_on_top: int = 0
    places: frozenset[int] = frozenset()
    lowered: bool = False

    @property
    def is_empty(self) -> bool:
        return not any(self.by_line) and not self.free


def places_of(lines: Condition | None, basket: Basket) -> list[int]:
    return [
        at
        for at, line in enumerate(basket.lines)
        if basket.units[at] and (lines is None or lines.failing(line_facts(line, basket.left[at])) is None)
    ]


def money_off(offer: Offer, places: Sequence[int], share: Fraction, basket: Basket) -> Made:
    by_line = [0] * len(basket.lines)
    for at, minor in _BY[offer.off](offer, places, share, basket).items():
        by_line[at] = min(minor, basket.left[at])
    if offer.max_minor is not None and sum(by_line) > offer.max_minor:
        by_line = shares(offer.max_minor, by_line)
    return Made(by_line, [0] * len(by_line), places=frozenset(places))


def _purchase(offer: Offer, places: Sequence[int], share: Fraction, basket: Basket) -> dict[int, int]:
    left = [basket.left[at] for at in places]
    off = (
        offer.amount_minor
        if offer.amount_minor is not None
        else _rounded(share * sum(basket.base[at] for at in places))
    )
    off = min(off, sum(left), offer.max_minor or off)
    return dict(zip(places, shares(off, left, "half_up"), strict=True))


def _line(offer: Offer, places: Sequence[int], share: Fraction, basket: Basket) -> dict[int, int]:
    fixed = offer.amount_minor
    return {at: fixed if fixed is not None else _rounded(share * basket.base[at]) for at in places}


def _unit(offer: Offer, places: Sequence[int], share: Fraction, basket: Basket) -> dict[int, int]:
    off = {}
    for at in places:
        quantity = basket.lines[at].quantity
        units, price = min(quantity, offer.max_units or quantity), Fraction(basket.base[at], quantity)
        each = Fraction(_rounded(share * price))
        if offer.amount_minor is not None:
            each = min(Fraction(offer.amount_minor), price)
        off[at] = _rounded(units * each)
    return off


def _cheapest(offer: Offer, places: Sequence[int], share: Fraction, basket: Basket) -> dict[int, int]:
    prices = {at: Fraction(basket.base[at], basket.lines[at].quantity) for at in places if basket.left[at]}
    if not prices:
        return {}
    at = min(prices, key=lambda place: prices[place])
    each = min(Fraction(offer.amount_minor), prices[at]) if offer.amount_minor is not None else share * prices[at]
    return {at: _rounded(each)}


_BY: Mapping[str, Callable[[Offer, Sequence[int], Fraction, Basket], dict[int, int]]] = {
    "purchase": _purchase, "line": _line, "unit": _unit, "cheapest": _cheapest,
}  # fmt: skip


def units_got(rule: OfferRule, places: Sequence[int], share: Fraction, basket: Basket, most: int | None = None) -> Made:
    """Buy so many, get so many, `most` in all: a unit that was bought is not free, and counts for no other offer."""
    offer = rule.offer
    assert offer.buy is not None, "get goes with buy"
    assert offer.get is not None
    by_line, counted = [0] * len(basket.lines), [0] * len(basket.lines)
    bought = sum(basket.units[at] for at in places)
    if offer.on_top:
        free = min(bought // offer.buy * offer.get, offer.max_units or bought * offer.get)
        free = free if most is None else min(free, most)
        _count(counted, places, -(-free // offer.get) * offer.buy, basket)
        return Made(by_line, counted, free, free, frozenset(places))
    free_places = places_of(rule.get_lines, basket) if rule.get_lines is not None else list(places)
    there = sum(basket.units[at] for at in free_places)
    either = sum(basket.units[at] for at in {*places, *free_places})
    free = _free_units(offer, bought, there, either)
    free = free if most is None else min(free, most)
    dear = basket.policies.free_unit == "dearest"
    # Of what may be bought as well, so many have to stay as the bought ones need.
    spare = bought - -(-free // offer.get) * offer.buy
    left = free
    for at in sorted(free_places, key=lambda place: _price(place, basket), reverse=dear):
        units = min(left, basket.units[at], spare if at in places else left)
        by_line[at] = min(basket.left[at], _rounded(share * units * _price(at, basket)))
        counted[at] += units
        spare -= units if at in places else 0
        left -= units
    made = free - left
    _count(counted, places, -(-made // offer.get) * offer.buy, basket)
    if offer.max_minor is not None and sum(by_line) > offer.max_minor:
        by_line = shares(offer.max_minor, by_line)
    return Made(by_line, counted, made, places=frozenset({*places, *free_places}))


def _free_units(offer: Offer, bought: int, there: int, either: int) -> int:
    """How many units are free, of so many that may be bought, that may be free, and that are in the basket at all."""
    assert offer.buy is not None
    assert offer.get is not None
    times = min(bought // offer.buy, there // offer.get, either // (offer.buy + offer.get))
    free = times * offer.get
    if not offer.whole_sets and bought >= (times + 1) * offer.buy:
        free += max(0, min(offer.get, there - free, either - free - (times + 1) * offer.buy))
    return min(free, offer.max_units) if offer.max_units is not None else free


def _count(counted: list[int], places: Sequence[int], units: int, basket: Basket) -> None:
    """Notes bought units, so that no other offer counts them."""
    for at in places:
        some = min(units, basket.units[at] - counted[at])
        counted[at] += some
        units -= some


def _price(at: int, basket: Basket) -> Fraction:
    return Fraction(basket.left[at], basket.lines[at].quantity)


def _rounded(minor: Fraction) -> int:
    return rounded(minor.numerator, minor.denominator, "half_up")
