"""Which offers apply to a purchase, each in the order of the file, and why the others do not."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from types import MappingProxyType
from typing import Literal, NamedTuple

from shared.domain.account import Account, Used
from shared.domain.comparisons import Facts
from shared.domain.earning import in_force
from shared.domain.facts import facts_of
from shared.domain.floor import Room
from shared.domain.formulas import FormulaUndefined
from shared.domain.limits import counted_within, period, room_within
from shared.domain.offer_amounts import Basket, Made, money_off, places_of, units_got
from shared.domain.offer_tables import Offer
from shared.domain.purchase import Purchase
from shared.domain.rulebook import OfferRule, Rulebook
from shared.domain.vocabulary import Scene

# Where an account counts how often an offer was used, and what its stock is called; what its budget is called.
OFFER_USED = "offer:"
OFFER_BUDGET = "budget:"
_HUNDREDTH = Fraction(1, 100)

Why = Literal[
    "disabled",
    "guest",
    "code",
    "dates",
    "tier",
    "when",
    "minimum",
    "limit",
    "stock",
    "budget",
    "lines",
    "outdone",
    "formula",
    "margin",
]


class Applied(NamedTuple):
    """What one offer takes off: minor units by line, and how many units it makes free (of the basket, or `on_top` of it).

    `lowered`: it would take off more, but for the floor of margin.
    """

    offer: str
    by_line: tuple[int, ...]
    free_units: int = 0
    lowered: bool = False
    coupon: str = ""

    @property
    def minor(self) -> int:
        return sum(self.by_line)


class Left(NamedTuple):
    """What is left over all members, by offer: uses where it has a stock, minor units where it has a budget. `coupons` are
    those that were given and can be used, one of a personal offer."""

    uses: Mapping[str, int] = MappingProxyType({})
    minor: Mapping[str, int] = MappingProxyType({})
    coupons: Mapping[str, str] = MappingProxyType({})


NO_LEFT = Left()


class Silent(NamedTuple):
    """An offer that does not apply, and why."""

    offer: str
    why: Why


class Offered(NamedTuple):
    """What the offers of a programme do to one purchase."""

    applied: tuple[Applied, ...] = ()
    silent: tuple[Silent, ...] = ()

    def by_line(self, lines: int) -> list[int]:
        return [sum(one.by_line[at] for one in self.applied) for at in range(lines)]


def offers_on(scene: Scene, book: Rulebook, left: Left = NO_LEFT, named: Sequence[str] | None = None) -> Offered:
    """What offers take off the scene's purchase, whose lines are told without them.

    `left`: what is left of stocks, budgets and coupons. `named`: only these, as a quote had them; else all that apply.
    """
    facts, basket = facts_of(scene, book), Basket(scene.bought, book)
    rules = [rule for rule in book.offers if named is None or rule.offer.id in named]
    if book.programme.policies.several_offers == "best" and named is None:
        return _best(rules, scene, facts, book, left)
    applied, silent = list[Applied](), list[Silent]()
    for rule in rules:
        made = _made(rule, scene, facts, basket, left)
        if isinstance(made, str):
            silent.append(Silent(rule.offer.id, made))
            continue
        applied.append(_applied(rule, made, left))
        basket.take(made)
    return Offered(tuple(applied), tuple(silent))


def used_after_offers(
    account: Account, offers: Iterable[str], on: date, book: Rulebook
) -> dict[str, Mapping[str, Used]]:
    """The counters of offers with limits, after a purchase used them on a day."""
    used: dict[str, Mapping[str, Used]] = {}
    for name in offers:
        rule = book.offer(name)
        if rule is not None and rule.offer.limits:
            key = OFFER_USED + name
            used[key] = counted_within(rule.offer.limits, account.used.get(key, {}), on, 0)
    return used


def unused_offers(account: Account, offers: Iterable[str], on: date, book: Rulebook) -> dict[str, Mapping[str, Used]]:
    """The counters after a purchase of a day, which had used these offers, came back whole."""
    used: dict[str, Mapping[str, Used]] = {}
    for name in offers:
        rule = book.offer(name)
        periods = dict(account.used.get(OFFER_USED + name, {}))
        for per in dict.fromkeys(limit.per for limit in rule.offer.limits) if rule is not None else ():
            times, units = periods.pop(period(per, on), (0, 0))
            if times > 1:
                periods[period(per, on)] = (times - 1, units)
        if rule is not None and rule.offer.limits:
            used[OFFER_USED + name] = periods
    return used


def given_codes(purchase: Purchase) -> set[str]:
    """The codes that a buyer gave, as the programme writes them."""
    return {code.strip().upper() for code in purchase.codes}


def _best(rules: Sequence[OfferRule], scene: Scene, facts: Facts, book: Rulebook, left: Left) -> Offered:
    """The one that takes most off, alone; of equal ones the first."""
    found, silent = list[Applied](), list[Silent]()
    for rule in rules:
        made = _made(rule, scene, facts, Basket(scene.bought, book), left)
        if isinstance(made, str):
            silent.append(Silent(rule.offer.id, made))
        else:
            found.append(_applied(rule, made, left))
    if not found:
        return Offered((), tuple(silent))
    best = max(found, key=lambda one: (one.minor, one.free_units))
    return Offered((best,), (*silent, *(Silent(one.offer, "outdone") for one in found if one is not best)))


def _applied(rule: OfferRule, made: Made, left: Left) -> Applied:
    coupon = left.coupons[rule.offer.id] if rule.offer.personal else ""
    return Applied(rule.offer.id, tuple(made.by_line), made.free, made.lowered, coupon)


def _made(rule: OfferRule, scene: Scene, facts: Facts, basket: Basket, left: Left) -> Made | Why:
    if (why := _silent(rule, scene, facts, basket, left)) is not None:
        return why
    share = _share(rule, facts)
    if share is None:
        return "formula"
    places = places_of(rule.lines, basket)
    if rule.offer.earns_only:
        nothing = [0] * len(basket.lines)
        return Made(nothing, nothing) if places else "lines"
    made = (
        units_got(rule, places, share, basket)
        if rule.offer.get is not None
        else money_off(rule.offer, places, share, basket)
    )
    if made.is_empty:
        return "lines"
    if basket.room is not None:
        made = _above_floor(made, rule, places, share, basket, basket.room)
        if made.is_empty:
            return "margin"
    budget = rule.offer.budget_minor
    return made if budget is None or sum(made.by_line) <= left.minor.get(rule.offer.id, budget) else "budget"


def _above_floor(
    made: Made, rule: OfferRule, places: Sequence[int], share: Fraction, basket: Basket, room: Room
) -> Made:
    """What is left of an offer above the floor of margin: so much less money, or so many fewer free units."""
    if rule.offer.get is None:
        by_line = room.lowered(made.by_line, made.places)
        return made._replace(by_line=by_line, lowered=by_line != made.by_line)

    def fewer(units: int) -> Made:
        step = rule.offer.get or 1
        return units_got(rule, places, share, basket, units - units % step if rule.offer.whole_sets else units)

    def passes(units: int) -> bool:
        some = fewer(units)
        return not room.holds(some.by_line, some.places, some.free_on_top)

    # More free units never leave more room: the most that fit are found by halves.
    most = bisect_left(range(1, made.free + 1), True, key=passes)
    return made if most == made.free else fewer(most)._replace(lowered=True)


def in_the_way(rule: OfferRule, scene: Scene, book: Rulebook, left: Left) -> Why | None:
    """Why an offer is not open to a member at a moment, whatever is bought; None where it is. The scene has no purchase: of the
    offer's condition only what it asks of the member is asked."""
    offer, facts = rule.offer, facts_of(scene, book)
    if (why := _not_for(offer, scene, left) or _not_now(offer, scene)) is not None:
        return why
    if not all(one.holds(facts) for one in rule.when.clauses if all(name.startswith("member.") for name in one.names)):
        return "when"
    if (why := _used_up(offer, scene, left)) is not None:
        return why
    return "budget" if offer.budget_minor is not None and left.minor.get(offer.id, offer.budget_minor) <= 0 else None


def _silent(rule: OfferRule, scene: Scene, facts: Facts, basket: Basket, left: Left) -> Why | None:
    """Why an offer is not for this purchase at all."""
    offer = rule.offer
    if (why := _not_for(offer, scene, left)) is not None:
        return why
    if offer.code is not None and offer.code not in given_codes(scene.bought):
        return "code"
    if (why := _not_now(offer, scene)) is not None:
        return why
    if rule.when.failing(facts) is not None:
        return "when"
    if basket.total_minor < (offer.min_total_minor or 0) or sum(basket.units) < (offer.min_units or 0):
        return "minimum"
    return _used_up(offer, scene, left)


def _not_for(offer: Offer, scene: Scene, left: Left) -> Why | None:
    if not offer.enabled:
        return "disabled"
    if offer.personal and offer.id not in left.coupons:
        return "code"
    return "guest" if not scene.account.id and not offer.guests else None


def _not_now(offer: Offer, scene: Scene) -> Why | None:
    if not in_force(offer.from_, offer.until, scene.at):
        return "dates"
    return "tier" if offer.tiers and set(offer.tiers).isdisjoint(scene.tiers.values()) else None


def _used_up(offer: Offer, scene: Scene, left: Left) -> Why | None:
    if room_within(offer.limits, scene.account.used.get(OFFER_USED + offer.id, {}), scene.at.date()).why:
        return "limit"
    return "stock" if offer.stock is not None and left.uses.get(offer.id, offer.stock) <= 0 else None


def _share(rule: OfferRule, facts: Facts) -> Fraction | None:
    """The share that is taken off, of 1; None where a formula has no value."""
    if rule.formula is None:
        return Fraction(rule.offer.percent if rule.offer.percent is not None else 100) * _HUNDREDTH
    try:
        return max(Fraction(0), min(Fraction(1), rule.formula.value(facts) * _HUNDREDTH))
    except FormulaUndefined:
        return None
