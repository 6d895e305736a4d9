"""What those who run the club read of the guard: the arithmetic of what offers leave of a price, and what a member gets."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from shared.domain.earn_tables import Cost
from shared.domain.faults import Fault, place
from shared.domain.floor import least_factor
from shared.domain.guard import Case, Verdict, guarded, lossy_offers, worst_cases
from shared.domain.money import RoundingMode, decimals, ratio, rounded
from shared.domain.rulebook import Rulebook
from shared.domain.sentences import Speaker
from shared.domain.told_offers import offer_name

# What the arithmetic is shown on, in whole units of the currency.
_SHOWN_PRICE = 100


def case(speaker: Speaker, one: Case) -> str:
    """The worst that offers do to goods of one cost, with the arithmetic."""
    margin, goods = speaker.book.programme.margin, goods_of(speaker, one.cost)
    if not one.offers:
        return speaker.say("guard.nothing", goods=goods)
    facts = {
        "goods": goods,
        "offers": ", ".join(offer_name(speaker, offer) for offer in one.offers),
        "off": percent(speaker, one.off),
        "floor": percent(speaker, Fraction(*ratio(margin.floor_percent or 0)) * Fraction(1, 100)),
    }
    price = _SHOWN_PRICE * 10 ** decimals(speaker.currency)
    if one.most is None:
        facts["cost"] = speaker.money(one.cost.unit_minor or 0)
        if one.off == 1:
            return speaker.say("guard.unit_all", **facts)
        least = _least_price(one, speaker.book)
        return speaker.say("guard.unit", price=speaker.money(least), **facts)
    facts |= {
        "price": speaker.money(price),
        "left": _of(speaker, price, 1 - one.off, "floor"),
        "least": _of(speaker, price, 1 - one.most, "ceil"),
        "most": _of(speaker, price, max(Fraction(0), one.most), "floor"),
        "cost": _of(speaker, price, Fraction(*ratio(one.cost.percent or 0)) * Fraction(1, 100), "ceil"),
    }
    said = speaker.say("guard.passes" if one.passes else "guard.keeps", **facts)
    if not margin.tax_percent:
        return said
    return speaker.say("guard.tax", said=said, tax=speaker.number(Fraction(*ratio(margin.tax_percent))))


def verdict(speaker: Speaker, one: Verdict) -> Iterator[str]:
    """Why an offer is kept from a member who usually buys so many, and which one takes its place."""
    name = offer_name(speaker, one.offer.id)
    if one.passes is not None:
        yield case(speaker, one.passes)
    if one.anyway:
        yield speaker.say(
            "guard.anyway",
            name=name,
            usual=speaker.count("units", one.usual_units),
            buy=speaker.count("units", one.offer.buy or 0),
            get=speaker.count("units", one.offer.get or 0),
            anyway=speaker.number(Fraction(one.anyway)),
        )
    if one.kind == "replaced":
        buy, get = one.instead.buy or 0, one.instead.get or 0
        yield speaker.say(
            "guard.instead",
            name=name,
            plus=f"{speaker.number(Fraction(buy))}+{speaker.number(Fraction(get))}",
            buy=speaker.count("units", buy),
            get=speaker.count("units", get),
        )
    else:
        yield speaker.say(f"guard.{one.kind}", name=name)


def goods_of(speaker: Speaker, cost: Cost) -> str:
    if cost.sku is not None:
        return speaker.say("guard.sku", sku=speaker.apart(cost.sku))
    if cost.category is not None:
        return speaker.say("guard.category", category=speaker.apart(cost.category))
    return speaker.say("guard.other")


def percent(speaker: Speaker, share: Fraction) -> str:
    hundredths = share * 10_000
    return speaker.number(Fraction(rounded(hundredths.numerator, hundredths.denominator, "half_up"), 100))


def offers_past_floor(text: str, book: Rulebook) -> list[Fault]:
    """Offers of a draft that never give what they say, since the floor leaves less of whatever they are for."""
    speaker, offers = Speaker(book, "en"), book.programme.offer
    return [
        Fault(
            *place(text, ("offer", offers.index(rule.offer), "id")),
            f"offer {rule.offer.id!r} passes the floor of margin: {case(speaker, one)}",
        )
        for rule, one in lossy_offers(book)
    ]


def stacks_past_floor(text: str, book: Rulebook) -> list[Fault]:
    """What the club should know of a draft: goods of which offers would take more than the floor leaves; told at the last of
    the offers. And goods of which nothing is known."""
    if book.programme.margin.floor_percent is None:
        return []
    speaker, ids = Speaker(book, "en"), [one.id for one in book.programme.offer]
    told = [
        Fault(*place(text, ("offer", ids.index(one.offers[-1]), "id")), case(speaker, one))
        for one in worst_cases(book)
        if one.passes
    ]
    if all(cost.sku is not None or cost.category is not None for cost in book.programme.cost):
        where = place(text, ("margin", "floor_percent"))
        told.append(
            Fault(*where, "goods that no [[cost]] names count as costing nothing: offers may take all of them off")
        )
    return told


def coupons_for_few(text: str, book: Rulebook) -> list[Fault]:
    """Coupons of free units that who usually buys more is never given, and what could take their place."""
    told, offers = [], book.programme.offer
    for rule in book.automations:
        given = book.offer(rule.automation.offer) if rule.guards and rule.automation.offer is not None else None
        while given is not None and given.offer.instead is not None:
            given = book.offer(given.offer.instead)
        if given is None:
            continue
        # One unit more than has to be bought: from there on a free one is bought anyway.
        verdict_for_more = guarded(given, (given.offer.buy or 0) + 1, book)
        if verdict_for_more.kind == "replaced":
            larger = verdict_for_more.instead
            where = place(text, ("offer", offers.index(given.offer), "id"))
            told.append(Fault(*where, (
                f"who usually buys more than {given.offer.buy} is given no coupon of offer {given.offer.id!r}: a personal offer "
                f"of {larger.buy}+{larger.get} could stand in its instead"
            )))  # fmt: skip
    return told


def _of(speaker: Speaker, price: int, share: Fraction, mode: RoundingMode) -> str:
    part = price * share
    return speaker.money(rounded(part.numerator, part.denominator, mode))


def _least_price(one: Case, book: Rulebook) -> int:
    """The least price of a unit at which its offers keep the floor, of a cost in money."""
    price = (one.cost.unit_minor or 0) * least_factor(book.programme.margin, with_tax=True) * (1 - one.off) ** -1
    return rounded(price.numerator, price.denominator, "ceil")
