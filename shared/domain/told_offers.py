"""What people read of an offer: what it takes off, for whom and when; what it took off; and why it does not apply."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from shared.domain.conditions import Condition
from shared.domain.offer_tables import Offer
from shared.domain.offers import Silent
from shared.domain.rulebook import OfferRule
from shared.domain.sentences import Speaker, span_of


def offer(speaker: Speaker, rule: OfferRule) -> str:
    return speaker.say("rules.named", name=offer_name(speaker, rule.offer.id), rule=_said(speaker, rule, ()))


def coupon(speaker: Speaker, rule: OfferRule) -> str:
    """The same for who has a coupon of it: not that one is needed."""
    return speaker.say("rules.named", name=offer_name(speaker, rule.offer.id), rule=coupon_terms(speaker, rule))


def coupon_terms(speaker: Speaker, rule: OfferRule) -> str:
    """The same without its name, where that stands above it."""
    return _said(speaker, rule, ("personal",))


def _said(speaker: Speaker, rule: OfferRule, untold: Sequence[str]) -> str:
    one = rule.offer
    said = _taken_off(speaker, rule)
    for key, facts in _bounds(speaker, one).items():
        if key in untold:
            continue
        said = speaker.say(f"offer.{key}", offer=said, **facts)
    if rule.when.clauses:
        said = speaker.say("rules.when", rule=said, condition=speaker.condition(rule.when.clauses))
    if one.from_ or one.until:
        said = speaker.say(f"rules.{span_of(one)}", rule=said, **speaker.span(one))
    for limit in one.limits:
        times, per = speaker.count("times", limit.times or 0), speaker.say(f"per.{limit.per}")
        said = speaker.say("rules.limit_times", rule=said, amount=times, per=per)
    return speaker.say("offer.disabled", offer=said) if not one.enabled else said


def applied(speaker: Speaker, offer_id: str, minor: int, free_units: int, *, lowered: bool = False) -> str:
    """What an offer took off a purchase. `lowered`: less than it says, for the floor of margin."""
    known = speaker.book.offer(offer_id)
    key = "applied" if not free_units else "applied_free" if minor else "applied_on_top"
    if known is not None and known.offer.earns_only:
        key = "applied_earns"
    name, units = offer_name(speaker, offer_id), speaker.count("units", free_units)
    said = speaker.say(f"offer.{key}", name=name, amount=speaker.money(minor), units=units)
    return speaker.say("offer.lowered", offer=said) if lowered else said


def silent(speaker: Speaker, why: Silent) -> str:
    """Why an offer takes nothing off."""
    rule = next(one for one in speaker.book.offers if one.offer.id == why.offer)
    name = offer_name(speaker, why.offer)
    if why.why == "dates":
        return speaker.say(f"refused.dates_{span_of(rule.offer)}", name=name, **speaker.span(rule.offer))
    if why.why == "tier":
        return speaker.say("refused.tier", name=name, tiers=_tiers(speaker, rule.offer))
    if why.why == "when":
        return speaker.say("refused.condition", name=name, condition=speaker.condition(rule.when.clauses))
    return speaker.say(f"refused.{why.why}", name=name)


def offer_name(speaker: Speaker, offer_id: str) -> str:
    known = speaker.book.offer(offer_id)
    return speaker.named(known.offer.name, offer_id) if known is not None else offer_id


def _taken_off(speaker: Speaker, rule: OfferRule) -> str:
    one = rule.offer
    percent = speaker.number(Fraction(one.percent if one.percent is not None else 100))
    if one.get is not None:
        key = "on_top" if one.on_top else "get" if one.percent is None else "get_percent"
        buy, get = speaker.count("units", one.buy or 0), speaker.count("units", one.get)
        said = speaker.say(f"offer.{key}", buy=buy, get=get, percent=percent)
        for name, chosen in (("bought_lines", rule.lines), ("got_lines", rule.get_lines)):
            if chosen is not None:
                said = speaker.say(f"offer.{name}", offer=said, lines=_lines(speaker, chosen))
        return speaker.say("offer.whole_sets", offer=said) if one.whole_sets else said
    lines = _lines(speaker, rule.lines) if rule.lines is not None else ""
    if one.earns_only:
        return speaker.say("offer.earns_lines" if lines else "offer.earns", lines=lines)
    what = speaker.say(f"offer.{one.off}_lines" if lines else f"offer.{one.off}", lines=lines)
    if one.amount_minor is not None:
        return speaker.say("offer.amount", amount=speaker.money(one.amount_minor), what=what)
    if one.formula is not None:
        return speaker.say("offer.formula", formula=speaker.apart(one.formula), what=what)
    return speaker.say("offer.percent", percent=percent, what=what)


def _bounds(speaker: Speaker, one: Offer) -> dict[str, dict[str, str]]:
    """The sentences of what bounds an offer, in the order in which they are said."""
    said: dict[str, dict[str, str]] = {}
    if one.max_minor is not None:
        said["max"] = {"max": speaker.money(one.max_minor)}
    if one.max_units is not None:
        said["max_units"] = {"units": speaker.count("units", one.max_units)}
    if one.min_total_minor is not None:
        said["minimum"] = {"minimum": speaker.money(one.min_total_minor)}
    if one.min_units is not None:
        said["min_units"] = {"units": speaker.count("units", one.min_units)}
    if one.code is not None:
        said["code"] = {"code": speaker.apart(one.code)}
    if one.valid_days is not None:
        said["personal"] = {"days": speaker.count("days", one.valid_days)}
    if one.guests:
        said["guests"] = {}
    if one.tiers:
        said["tiers"] = {"tiers": _tiers(speaker, one)}
    if one.stock is not None:
        said["stock"] = {"stock": speaker.count("units", one.stock)}
    if one.budget_minor is not None:
        said["budget"] = {"budget": speaker.money(one.budget_minor)}
    return said


def _lines(speaker: Speaker, chosen: Condition) -> str:
    return speaker.condition(chosen.clauses)


def _tiers(speaker: Speaker, one: Offer) -> str:
    tiers = [tier for tier_id in one.tiers if (tier := speaker.book.tier(tier_id)) is not None]
    return ", ".join(speaker.tier_name(tier) for tier in tiers)
