"""The guard against offers that lose money, before anybody buys: the most that they take off, alone and together, against the
floor of margin; and for one member, whether an offer gives away what is bought anyway.

The worst is told as a share of the price. What a condition asks beyond the goods is taken to hold, and a sum of money without a
smallest purchase to take all of a small price: at the till nothing passes the floor (`floor.py`), here the club learns why.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from fractions import Fraction
from itertools import product
from typing import Literal, NamedTuple

from shared.domain.conditions import Condition
from shared.domain.earn_tables import Cost
from shared.domain.floor import least_factor
from shared.domain.lately import Lately, usual_units
from shared.domain.money import ratio
from shared.domain.offer_tables import UNITS_MAX, Offer
from shared.domain.rulebook import OfferRule, Rulebook
from shared.domain.vocabulary import Value

_NONE, _ALL = Fraction(0), Fraction(1)
_HUNDREDTH = Fraction(1, 100)
_QUOTED = re.compile(r"'([^'\\\n]*)'|\"([^\"\\\n]*)\"")
# A formula that can only be so much: `min(20, …)`.
_AT_MOST = re.compile(r"\s*min\(\s*(\d+(?:\.\d+)?)\s*[,;].*\)\s*", re.DOTALL)
# Goods that no [[cost]] and no offer names.
_OTHER = "\0"


class Case(NamedTuple):
    """The most that is taken off goods of one `[[cost]]`: by which offers, as a share of the price, and what may be at most.

    `most` is None where the cost is money for each unit: then it depends on the price.
    """

    cost: Cost
    offers: tuple[str, ...]
    off: Fraction
    most: Fraction | None

    @property
    def passes(self) -> bool:
        return self.most is not None and self.off > self.most


def worst_cases(book: Rulebook) -> list[Case]:
    """Of each `[[cost]]` the worst stacking, under any tier and on any day that the offers' own dates tell apart."""
    sets = list(_in_force_together(book))
    found = []
    for cost in book.programme.cost:
        worth = {rule.offer.id: worst_share(rule, cost, book) for rule in book.offers}
        stacks = [_stacked([(rule, worth[rule.offer.id]) for rule in rules], book) for rules in sets]
        off, offers = max(stacks, key=lambda stack: stack[0], default=(_NONE, ()))
        found.append(Case(cost, offers, off, most_off(cost, book)))
    return found


def lossy_offers(book: Rulebook) -> Iterator[tuple[OfferRule, Case]]:
    """Offers that say more than the floor leaves of whatever they are for: they never give what they say."""
    for rule in book.offers:
        alone = _alone(rule, book)
        if rule.offer.enabled and alone and all(case.passes for case in alone) and not _is_diluted(rule.offer):
            yield rule, max(alone, key=lambda case: case.off - (case.most or _NONE))


def most_off(cost: Cost, book: Rulebook) -> Fraction | None:
    """The share that may be taken off at most; None of a cost in money, which depends on the price. Below 0: nothing may, and
    the price itself is below the floor."""
    if cost.percent is None:
        return None
    # A price with its tax asks for most.
    return _ALL - Fraction(*ratio(cost.percent)) * _HUNDREDTH * least_factor(book.programme.margin, with_tax=True)


def worst_share(rule: OfferRule, cost: Cost, book: Rulebook) -> Fraction:
    """The most that an offer takes off goods of a cost, as a share of their price."""
    offer = rule.offer
    if not offer.enabled:
        return _NONE
    if offer.get is None:
        return _money_off(rule) if _may_choose(rule.lines, cost, book) else _NONE
    assert offer.buy is not None
    share = Fraction(*ratio(offer.percent)) * _HUNDREDTH if offer.percent is not None else _ALL
    if rule.get_lines is not None or book.programme.policies.free_unit == "dearest":
        # What is bought for it may cost next to nothing beside it.
        return share if _may_choose(rule.get_lines or rule.lines, cost, book) else _NONE
    return share * Fraction(offer.get, offer.buy + offer.get) if _may_choose(rule.lines, cost, book) else _NONE


class Verdict(NamedTuple):
    """Whether a member who usually buys so many units at a time may be given an offer, or which one instead.

    `anyway` of the free units would be bought without it. `passes` is where it passes the floor of margin by itself.
    """

    kind: Literal["kept", "replaced", "refused"]
    offer: Offer
    instead: Offer
    usual_units: int
    anyway: int = 0
    passes: Case | None = None


def guarded(rule: OfferRule, usual_units: int, book: Rulebook) -> Verdict:
    """The offer for one member, never one that gives away what is bought anyway, nor one that passes the floor.

    Who usually buys two and would get one of two free is asked to buy three for one more: 1+1 becomes 3+1.
    """
    offer = rule.offer
    if offer.get is None:
        case = _past_floor(rule, book)
        return Verdict("refused" if case else "kept", offer, offer, usual_units, 0, case)
    assert offer.buy is not None
    anyway = min(max(0, usual_units - offer.buy), offer.get)
    case = _past_floor(rule, book)
    if not anyway and case is None:
        return Verdict("kept", offer, offer, usual_units)
    for buy in range(max(usual_units, offer.buy) + 1, UNITS_MAX + 1):
        larger = offer.model_copy(update={"buy": buy})
        if _past_floor(rule._replace(offer=larger), book) is None:
            return Verdict("replaced", offer, larger, usual_units, anyway, case)
    return Verdict("refused", offer, offer, usual_units, anyway, case)


def offer_for(offer_id: str, lately: Lately, day: date, book: Rulebook) -> str | None:
    """The personal offer that a member may be given in place of one, or itself; None where each would give away what is bought
    anyway, or passes the floor. What is usual is the member's own, of the goods that each is for."""
    rule = book.offer(offer_id)
    while rule is not None:
        if guarded(rule, usual_units(lately, day, rule.lines), book).kind == "kept":
            return rule.offer.id
        rule = book.offer(rule.offer.instead) if rule.offer.instead is not None else None
    return None


def _past_floor(rule: OfferRule, book: Rulebook) -> Case | None:
    """Where an offer by itself passes the floor furthest, or None."""
    past = [case for case in _alone(rule, book) if case.passes]
    return max(past, key=lambda case: case.off - (case.most or _NONE), default=None)


def _alone(rule: OfferRule, book: Rulebook) -> list[Case]:
    """What an offer by itself comes to, for each cost of goods that it may be for."""
    if book.programme.margin.floor_percent is None:
        return []
    cases = [
        Case(cost, (rule.offer.id,), worst_share(rule, cost, book), most_off(cost, book))
        for cost in book.programme.cost
    ]
    return [case for case in cases if case.off]


def _is_diluted(offer: Offer) -> bool:
    """Whether it comes to as small a share as one likes where enough is bought."""
    bounds = (offer.amount_minor, offer.formula, offer.get_lines, offer.max_minor, offer.max_units)
    return offer.off == "cheapest" or any(bound is not None for bound in bounds)


def _money_off(rule: OfferRule) -> Fraction:
    """The share of an offer without free units."""
    offer = rule.offer
    if offer.amount_minor is not None:
        share = _ALL
    elif rule.formula is not None:
        at_most = _AT_MOST.fullmatch(rule.formula.text)
        share = min(_ALL, Fraction(at_most[1]) * _HUNDREDTH) if at_most else _ALL
    else:
        share = Fraction(*ratio(offer.percent or 0)) * _HUNDREDTH
    if offer.off == "cheapest":
        share *= Fraction(1, max(1, offer.min_units or 1) if rule.lines is None else 1)
    if offer.min_total_minor is None or rule.lines is not None:
        return share
    # All goods, at least so much of them: of that a sum is a share.
    sums = [offer.max_minor, offer.amount_minor if offer.off in ("purchase", "cheapest") else None]
    return min([share, *(Fraction(most, offer.min_total_minor) for most in sums if most is not None)])


def _may_choose(lines: Condition | None, cost: Cost, book: Rulebook) -> bool:
    """Whether a condition may choose goods of a cost. What it asks beyond category, product and kind is taken to hold."""
    if lines is None:
        return True
    asked = [one for clause in lines.clauses for pair in _QUOTED.findall(clause.text) for one in pair if one]
    listed = {one.category for one in book.programme.cost} | {one.sku for one in book.programme.cost}
    free = [_OTHER, "", *(one for one in dict.fromkeys(asked) if one not in listed)]
    skus = [cost.sku] if cost.sku is not None else free
    categories = [cost.category] if cost.category is not None else [*free, *asked] if cost.sku is not None else free
    return any(_meets(lines, sku, category) for sku, category in product(skus, categories))


def _meets(lines: Condition, sku: str, category: str) -> bool:
    known: dict[str, Value] = {"line.sku": sku, "line.category": category, "line.kind": "goods"}
    return all(clause.holds(lambda name: known[name]) for clause in lines.clauses if set(clause.names) <= set(known))


def _in_force_together(book: Rulebook) -> Iterator[tuple[OfferRule, ...]]:
    """The offers that one purchase may have: those for one tier of the main set, on one day. Codes may all be given."""
    rules = [rule for rule in book.offers if rule.offer.enabled]
    main = [tier.id for tier in book.programme.tier if tier.set is None]
    days = {date.min, *(_day(rule.offer.from_) for rule in rules if rule.offer.from_ is not None)}
    seen = set[frozenset[str]]()
    for tier, day in product(["", *main], sorted(days)):
        some = tuple(rule for rule in rules if _is_for(rule.offer, tier, main) and _is_on(rule.offer, day))
        ids = frozenset(rule.offer.id for rule in some)
        if ids not in seen:
            seen.add(ids)
            yield some


def _is_for(offer: Offer, tier: str, main: Sequence[str]) -> bool:
    """Whether a holder of a tier may have it; a tier of another set may be held as well."""
    return not offer.tiers or tier in offer.tiers or any(one not in main for one in offer.tiers)


def _is_on(offer: Offer, day: date) -> bool:
    begun = offer.from_ is None or _day(offer.from_) <= day
    return begun and (offer.until is None or day <= _day(offer.until))


def _day(moment: date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _stacked(shares: Iterable[tuple[OfferRule, Fraction]], book: Rulebook) -> tuple[Fraction, tuple[str, ...]]:
    """What offers take off together, and which of them do; a unit counts for one offer of free units alone."""
    policies = book.programme.policies
    some = [(rule, share) for rule, share in shares if share]
    if policies.several_offers == "best":
        some = [max(some, key=lambda one: one[1])] if some else []
    got = [one for one in some if one[0].offer.get is not None]
    best = max(got, key=lambda one: one[1], default=None)
    some = [one for one in some if one[0].offer.get is None or one is best]
    rest = _ALL
    for rule, share in some:
        # A sum of money, and a share of the first price, are as much whatever was taken off before.
        whole = rule.offer.amount_minor is not None or policies.percent_discounts == "of_the_initial_price"
        rest = max(_NONE, rest - share) if whole and rule.offer.get is None else rest * (_ALL - share)
    return _ALL - rest, tuple(rule.offer.id for rule, _ in some)
