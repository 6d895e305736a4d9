"""What a draft must not say, though each of its tables is well formed: ids twice, tiers out of order, rules that can never fire.

Only drafts are asked: a version that was published stays the law, whatever a later release finds in it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator

from shared.domain.contact_contradictions import contradictions_of_contact, contradictions_of_messages
from shared.domain.contacts import is_phone_region
from shared.domain.faults import Fault, place
from shared.domain.money import ratio
from shared.domain.programme import Programme
from shared.domain.reward_contradictions import contradictions_of_rewards
from shared.domain.tables import CERTIFICATE, MAIN_WALLET, Words
from shared.domain.target_contradictions import contradictions_of_playbooks, contradictions_of_targets
from shared.domain.tier_tables import Tier, TierRules
from shared.domain.wallet_contradictions import contradictions_of_wallets

# `member.tier == 'gold'` and `member.tier in ['silver', 'gold']`: a tier that is not there would never be met.
_TIER_ASKED = re.compile(r"member\.tier\s*(?:==|!=|in)\s*(\[[^\]]*\]|'[^']*'|\"[^\"]*\")")
_QUOTED = re.compile(r"['\"]([^'\"]*)['\"]")

# The denominator of exact points under all factors at once: a purchase's reasons have to stay small (L21).
FACTORS_FINENESS_MAX = 10**24

Said = Iterator[Fault]


def contradictions(text: str, programme: Programme) -> list[Fault]:
    """Every contradiction of a draft, each told where it stands."""
    checks: tuple[Callable[[str, Programme], Said], ...] = (
        _ids_twice, _tiers_that_overlap, _tier_sets, _factors, _references, _policies, _languages,
        contradictions_of_wallets, contradictions_of_rewards, contradictions_of_contact,
        contradictions_of_messages, contradictions_of_targets, contradictions_of_playbooks, _offers, _campaigns,
    )  # fmt: skip
    return [fault for check in checks for fault in check(text, programme)]


def _ids_twice(text: str, programme: Programme) -> Said:
    for table in (
        "earn",
        "tier",
        "tier_set",
        "wallet",
        "attribute",
        "event",
        "achievement",
        "reward",
        "offer",
        "automation",
        "campaign",
        "segment",
        "target",
        "budget",
        "playbook",
    ):
        ids = [one.id for one in getattr(programme, table)]
        for index, one in enumerate(ids):
            if one in ids[:index]:
                yield Fault(*place(text, (table, index, "id")), f"the id {one!r} of [[{table}]] stands twice")
    costs = [(cost.sku, cost.category) for cost in programme.cost]
    for index, cost in enumerate(costs):
        if cost in costs[:index]:
            yield Fault(
                *place(text, ("cost", index)), f"the cost of {cost[0] or cost[1] or 'everything else'!r} stands twice"
            )


def _tiers_that_overlap(text: str, programme: Programme) -> Said:
    last: dict[str, Tier] = {}
    for index, tier in enumerate(programme.tier):
        lower = last.get(tier.set or "")
        if lower is not None and tier.threshold <= lower.threshold:
            key = "spend_minor" if tier.spend_minor is not None else "at_least"
            told = "asks for the same as" if tier.threshold == lower.threshold else "must ask for more than"
            end = ": the two overlap" if tier.threshold == lower.threshold else ", which stands before it"
            yield Fault(*place(text, ("tier", index, key)), f"tier {tier.id!r} {told} tier {lower.id!r}{end}")
        last[tier.set or ""] = tier


def _tier_sets(text: str, programme: Programme) -> Said:
    sets: dict[str, TierRules] = {"": programme.tiers, **{one.id: one for one in programme.tier_set}}
    tables: dict[str, tuple[str | int, ...]] = {"": ("tiers",)}
    tables |= {one.id: ("tier_set", index) for index, one in enumerate(programme.tier_set)}
    for index, tier in enumerate(programme.tier):
        if (tier.set or "") not in sets:
            yield Fault(*place(text, ("tier", index, "set")), f"there is no [[tier_set]] {tier.set!r}")
        elif tier.spend_minor is not None and sets[tier.set or ""].basis != "spend":
            where = place(text, ("tier", index, "spend_minor"))
            yield Fault(
                *where,
                f"tier {tier.id!r} asks for spend, and its set counts {sets[tier.set or ''].basis}: use at_least",
            )
    for name, rules in sets.items():
        where = place(text, (*tables[name], "downgrade"))
        if rules.window_months is not None and rules.window != "rolling":
            yield Fault(*place(text, (*tables[name], "window_months")), "window_months goes with a rolling window")
        periodic = rules.basis != "balance" and rules.window not in ("rolling", "lifetime")
        if rules.downgrade == "one_step" and not periodic and not rules.grace_days:
            yield Fault(
                *where, "one step at a time, but without periods: grace_days has to say how long each step is kept"
            )
        if rules.starts == "next_period" and not periodic:
            where = place(text, (*tables[name], "starts"))
            yield Fault(*where, "starts with the next period, but a window of this kind has no periods")
        if name and not any(tier.set == name for tier in programme.tier):
            yield Fault(*place(text, tables[name]), f"the set {name!r} has no [[tier]]")


def _factors(_text: str, programme: Programme) -> Said:
    factors = [earn.multiply for earn in programme.earn if earn.multiply is not None]
    if math.prod(ratio(factor)[1] for factor in factors) > FACTORS_FINENESS_MAX:
        yield Fault(1, 1, "the factors together have more decimals than exact points can keep; write fewer decimals")


def _references(text: str, programme: Programme) -> Said:
    """Tiers, wallets and events that are spoken of and not declared."""
    if not programme.earn and not programme.achievement:
        yield Fault(1, 1, "there is no [[earn]]: nobody could ever earn a point")
    tiers = {"", *(tier.id for tier in programme.tier)}
    wallets = {MAIN_WALLET, *(wallet.id for wallet in programme.wallet)}
    events = {event.id for event in programme.event}
    for index, attribute in enumerate(programme.attribute):
        if attribute.likes and attribute.type != "string":
            where = place(text, ("attribute", index, "likes"))
            yield Fault(*where, f"attribute {attribute.id!r} names what a member likes, so it is a string")
    for index, pair in enumerate(programme.complement):
        if pair.category in pair.with_:
            yield Fault(*place(text, ("complement", index, "with")), f"{pair.category!r} goes with itself")
    for index, one in enumerate(programme.wallet):
        if one.id == MAIN_WALLET:
            yield Fault(*place(text, ("wallet", index, "id")), "the wallet 'points' is the one in [points]")
        if one.id == CERTIFICATE:
            yield Fault(*place(text, ("wallet", index, "id")), f"{CERTIFICATE!r} is what gift certificates hold")
    for table in ("earn", "achievement", "automation", "campaign"):
        for index, rule in enumerate(getattr(programme, table)):
            if rule.wallet not in wallets:
                yield Fault(*place(text, (table, index, "wallet")), f"there is no [[wallet]] {rule.wallet!r}")
    for index, rule in enumerate(programme.earn):
        if rule.event is not None and rule.event not in events:
            yield Fault(*place(text, ("earn", index, "event")), f"there is no [[event]] {rule.event!r}")
    for table in ("earn", "achievement", "reward", "offer", "automation", "segment"):
        for index, rule in enumerate(getattr(programme, table)):
            named = f"when of {'rule' if table == 'earn' else table} {rule.id!r}"
            for asked in _TIER_ASKED.findall(rule.when or ""):
                for tier_id in _QUOTED.findall(asked):
                    if tier_id not in tiers:
                        yield Fault(*place(text, (table, index, "when")), f"{named}: there is no tier {tier_id!r}")


def _policies(text: str, programme: Programme) -> Said:
    """Policies and keys that speak against each other."""
    policies = programme.policies
    for index, rule in enumerate(programme.earn):
        if not rule.stackable and policies.several_rules != "priority":
            where = place(text, ("earn", index, "stackable"))
            yield Fault(*where, f'rule {rule.id!r} is not stackable, but policies.several_rules is not "priority"')
        if rule.stop and policies.several_rules == "best":
            where = place(text, ("earn", index, "stop"))
            yield Fault(
                *where, f'rule {rule.id!r} stops others, but policies.several_rules is "best": only one gives anyway'
            )
        if policies.rule_cap == "after_multipliers" and rule.cap and rule.multiply is not None:
            where = place(text, ("earn", index, "cap"))
            yield Fault(
                *where,
                f"rule {rule.id!r} multiplies and has a cap, but caps hold after multipliers: cap what it multiplies",
            )
        if (rule.basis.of or programme.basis.of) == "margin" and rule.per_minor and not programme.cost:
            where = place(text, ("earn", index, "basis"))
            yield Fault(*where, f"rule {rule.id!r} counts margin, but no [[cost]] says what goods cost")
        if (rule.basis.of or programme.basis.of) == "margin" and rule.basis.tax in ("included", "as_priced"):
            where = place(text, ("earn", index, "basis"))
            yield Fault(*where, f"rule {rule.id!r} counts margin, which never includes tax")
    if programme.margin.floor_percent is not None and not programme.cost:
        yield Fault(
            *place(text, ("margin", "floor_percent")), "a floor of margin, but no [[cost]] says what goods cost"
        )
    staff = programme.staff
    if staff.approved_max is not None and staff.approved_max < staff.adjustment_max:
        where = place(text, ("staff", "approved_max"))
        yield Fault(*where, "two of the staff may do less than one of them alone: approved_max is below adjustment_max")
    steps = policies.nightly_steps
    if len(set(steps)) != 5:
        yield Fault(*place(text, ("policies", "nightly_steps")), "nightly_steps names each of its five steps once")


def _offers(text: str, programme: Programme) -> Said:
    """Offers for tiers that are not there, codes that two of them ask for, and coupons of what is no personal offer."""
    tiers, codes = {tier.id for tier in programme.tier}, set[str]()
    for index, offer in enumerate(programme.offer):
        for tier in offer.tiers:
            if tier not in tiers:
                yield Fault(*place(text, ("offer", index, "tiers")), f"offer {offer.id!r}: there is no tier {tier!r}")
        if offer.guests and (offer.tiers or offer.limits):
            where = place(text, ("offer", index, "guests"))
            yield Fault(*where, f"offer {offer.id!r} is for guests, whom no tier and no limit can be told of")
        if offer.code in codes:
            yield Fault(*place(text, ("offer", index, "code")), f"the code {offer.code!r} stands twice")
        codes |= {offer.code} if offer.code is not None else set()
    buys = {offer.id: offer.buy or 0 for offer in programme.offer if offer.personal}
    for index, offer in enumerate(programme.offer):
        if offer.instead is not None and buys.get(offer.instead, 0) <= (offer.buy or 0):
            where = place(text, ("offer", index, "instead"))
            yield Fault(*where, f"offer {offer.id!r}: {offer.instead!r} is no personal offer that asks to buy more")
    personal = {offer.id: offer.personal for offer in programme.offer}
    for table in ("automation", "campaign"):
        for index, one in enumerate(getattr(programme, table)):
            if one.offer is not None and not personal.get(one.offer):
                told = "is not personal" if one.offer in personal else "is not there"
                where = place(text, (table, index, "offer"))
                yield Fault(*where, f"{table} {one.id!r} gives a coupon of offer {one.offer!r}, which {told}")


def _campaigns(text: str, programme: Programme) -> Said:
    """Campaigns to a segment that is not there, or called as an automation is."""
    segments, automations = {one.id for one in programme.segment}, {one.id for one in programme.automation}
    for index, one in enumerate(programme.campaign):
        if one.segment not in segments:
            yield Fault(*place(text, ("campaign", index, "segment")), f"there is no [[segment]] {one.segment!r}")
        if one.id in automations:
            yield Fault(*place(text, ("campaign", index, "id")), f"an automation is called {one.id!r} as well")


def _languages(text: str, programme: Programme) -> Said:
    club = programme.club
    if len(set(club.languages)) < len(club.languages):
        yield Fault(*place(text, ("club", "languages")), "a language stands twice")
    if not is_phone_region(club.phone_region):
        where = place(text, ("club", "phone_region"))
        yield Fault(*where, f"{club.phone_region!r} is not a country that phones can be dialled in, such as IL")
    for table in (
        "earn",
        "tier",
        "tier_set",
        "wallet",
        "event",
        "achievement",
        "reward",
        "offer",
        "automation",
        "campaign",
        "segment",
    ):
        for index, one in enumerate(getattr(programme, table)):
            yield from _missing(text, (table, index, "name"), one.name, club.languages)
    for index, reward in enumerate(programme.reward):
        yield from _missing(text, ("reward", index, "text"), reward.text, club.languages)
    for index, tier in enumerate(programme.tier):
        for benefit in tier.benefits:
            yield from _missing(text, ("tier", index, "benefits"), benefit, club.languages)


def _missing(text: str, loc: tuple[str | int, ...], words: Words, languages: tuple[str, ...]) -> Said:
    """A text that stands in some of the club's languages has to stand in all of them."""
    missing = [language for language in languages if words and language not in words]
    if missing:
        yield Fault(*place(text, loc), f"{loc[-1]} is missing in {', '.join(missing)}")
