"""What of a purchase was returned so far, and what of its points is kept for the rest: n partial returns are one whole return.

Nothing is taken step by step: what a purchase is left with is worked out from all that was returned of it, and a return takes the
difference. So no rounding leaks, in whatever sequence the parts come back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import NamedTuple

from shared.domain.account import Account
from shared.domain.giving import Work, chosen
from shared.domain.money import RoundingMode, rounded
from shared.domain.purchase import Purchase
from shared.domain.reasons import CAP_RULE, TIER_RULE, Fired, NotFired
from shared.domain.rulebook import Rulebook
from shared.domain.tables import MAIN_WALLET
from shared.domain.vocabulary import Scene


class Returned(NamedTuple):
    """What was returned of one purchase, or one return's part of it.

    `units` came back and count by their lines (by the place of the line), `uncounted` came back and count by the money that was
    paid back for them, which is in `money_minor` with all that was paid back without lines. `paid_back_minor` is all money that
    was paid back. `whole`: nothing of the purchase is left.
    """

    units: Mapping[int, int] = MappingProxyType({})
    uncounted: Mapping[int, int] = MappingProxyType({})
    money_minor: int = 0
    paid_back_minor: int = 0
    whole: bool = False

    def more(self, part: Returned) -> Returned:
        return Returned(
            _together(self.units, part.units),
            _together(self.uncounted, part.uncounted),
            self.money_minor + part.money_minor,
            self.paid_back_minor + part.paid_back_minor,
            self.whole or part.whole,
        )

    def left(self, purchase: Purchase, place: int) -> int:
        """Units of a line that did not come back yet."""
        return purchase.lines[place].quantity - self.units.get(place, 0) - self.uncounted.get(place, 0)


def _together(some: Mapping[int, int], more: Mapping[int, int]) -> dict[int, int]:
    return {place: some.get(place, 0) + more.get(place, 0) for place in sorted({*some, *more})}


def value_share(purchase: Purchase, returned: Returned) -> Fraction:
    """The share of the purchase that was returned, by what was paid for it."""
    if returned.whole:
        return Fraction(1)
    nets = purchase.net_by_line()
    of_lines = _weighted(purchase, nets, returned)
    share = Fraction(of_lines, sum(nets) or 1) if sum(nets) else _count_share(purchase, returned)
    return min(Fraction(1), share + money_share(purchase, returned.money_minor))


def points_share(
    purchase: Purchase,
    reasons: Sequence[Fired | NotFired],
    book: Rulebook,
    returned: Returned,
    wallet: str = MAIN_WALLET,
) -> Fraction:
    """The share of a wallet's points that the purchase loses, as `policies.partial_return` says."""
    if returned.whole:
        return Fraction(1)
    match book.programme.policies.partial_return:
        case "by_amount":
            return value_share(purchase, returned)
        case "refunded_amount":
            return min(Fraction(1), money_share(purchase, returned.paid_back_minor))
        case how:
            points = points_by_line(purchase, reasons, book, wallet)
            if not any(points):
                return value_share(purchase, returned)
            if how == "gross_item_value":
                nets = purchase.net_by_line()
                pairs = zip(points, purchase.lines, nets, strict=True)
                whole = sum(points)
                points = [part * Fraction(line.amount_minor, net) if net else part for part, line, net in pairs]
            else:
                whole = sum(points)
            lost = Fraction(_weighted_points(purchase, points, returned), whole)
            return min(Fraction(1), lost + money_share(purchase, returned.money_minor))


def kept(units: int, share: Fraction, mode: RoundingMode) -> int:
    """What is left of so many units when a share of what gave them was returned, rounded as the wallet rounds."""
    left = units * (1 - share)
    return rounded(left.numerator, left.denominator, mode)


def points_by_line(
    purchase: Purchase, reasons: Sequence[Fired | NotFired], book: Rulebook, wallet: str = MAIN_WALLET
) -> list[Fraction]:
    """What each line brought of a wallet's points, exactly, by the reasons of the purchase.

    A rule's points are shared among the lines that it chose, by what they count for it; what was given for the purchase as a
    whole, among all lines by what they cost.
    """
    nets = purchase.net_by_line()
    work = Work(_scene(purchase, book), book, book.scale, [*nets, purchase.shipping_minor])
    points = [Fraction(0)] * len(nets)
    for reason in reasons:
        if not isinstance(reason, Fired) or not reason.points:
            continue
        weights = _weights(reason, work, points, wallet)
        if weights is None:
            continue
        if not any(weights):
            weights = [Fraction(net) for net in nets] if any(nets) else [Fraction(1)] * len(nets)
        whole = sum(weights)
        points = [part + reason.points * Fraction(weight, whole) for part, weight in zip(points, weights, strict=True)]
    return points


def _weights(reason: Fired, work: Work, points: list[Fraction], wallet: str) -> list[Fraction] | None:
    """How a reason's points are shared among the lines; None where it is about another wallet."""
    book = work.book
    if reason.rule.startswith(TIER_RULE):
        return list(points) if wallet == MAIN_WALLET else None
    prefix, _, known = reason.rule.rpartition(":")
    if prefix == "achievement":
        of = next(one.wallet for one, _ in book.achievements if one.id == known)
        return [Fraction(0)] * len(points) if of == wallet else None
    rule = book.rule(known)
    if rule.earn.wallet != wallet:
        return None
    if reason.rule.startswith(CAP_RULE) or (rule.kind == "multiply" and rule.lines is None):
        return list(points)
    places = [place for place in chosen(rule, work) if place < len(points)]
    of_line = [Fraction(0)] * len(points)
    for place in places:
        line = work.scene.bought.lines[place]
        match rule.kind:
            case "amount":
                of_line[place] = Fraction(work.bases(rule)[place])
            case "unit":
                of_line[place] = Fraction(line.quantity)
            case "multiply":
                of_line[place] = points[place]
            case _:
                of_line[place] = Fraction(1)
    return of_line


def _scene(purchase: Purchase, book: Rulebook) -> Scene:
    at = purchase.occurred_at.astimezone(book.zone)
    return Scene(at, Account("", at.date()), purchase=purchase)


def _weighted(purchase: Purchase, values: Sequence[int], returned: Returned) -> Fraction:
    return sum(
        (Fraction(values[place] * units, purchase.lines[place].quantity) for place, units in returned.units.items()),
        Fraction(0),
    )


def _weighted_points(purchase: Purchase, values: Sequence[Fraction], returned: Returned) -> Fraction:
    return sum(
        (values[place] * Fraction(units, purchase.lines[place].quantity) for place, units in returned.units.items()),
        Fraction(0),
    )


def _count_share(purchase: Purchase, returned: Returned) -> Fraction:
    """Of goods that cost nothing, by how many came back."""
    return Fraction(sum(returned.units.values()), purchase.units)


def money_share(purchase: Purchase, money_minor: int) -> Fraction:
    return Fraction(money_minor, purchase.total_minor) if purchase.total_minor else Fraction(0)
