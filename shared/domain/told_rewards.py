"""What members read of a reward: what it gives, what it costs, for whom it is; and why one may not take it now."""

from __future__ import annotations

from fractions import Fraction

from shared.domain.reward_tables import Reward
from shared.domain.rewards import Refusal
from shared.domain.rulebook import RewardRule
from shared.domain.sentences import Speaker, span_of
from shared.domain.told_wallets import life


def reward(speaker: Speaker, rule: RewardRule) -> str:
    one = rule.reward
    price = speaker.amount(one.wallet, Fraction(one.price))
    for tier_id, other in one.price_by_tier.items():
        lower = speaker.amount(one.wallet, Fraction(other))
        price = speaker.say("reward.price_tier", price=price, tier=_tier(speaker, tier_id), lower=lower)
    said = speaker.say("reward.cost", reward=_gift(speaker, one), price=price)
    if one.tiers:
        said = speaker.say("reward.tiers", reward=said, tiers=_tiers(speaker, one))
    if rule.when.clauses:
        said = speaker.say("rules.when", rule=said, condition=speaker.condition(rule.when.clauses))
    if one.from_ or one.until:
        said = speaker.say(f"rules.{span_of(one)}", rule=said, **speaker.span(one))
    for limit in one.limits:
        times, per = speaker.count("times", limit.times or 0), speaker.say(f"per.{limit.per}")
        said = speaker.say("rules.limit_times", rule=said, amount=times, per=per)
    if one.stock is not None:
        said = speaker.say("reward.stock", reward=said, stock=speaker.count("units", one.stock))
    if one.auto_redeem_at is not None:
        at = speaker.amount(one.wallet, Fraction(one.auto_redeem_at))
        said = speaker.say("reward.auto", reward=said, balance=at)
    if not one.enabled:
        said = speaker.say("reward.disabled", reward=said)
    return speaker.say("rules.named", name=reward_name(speaker, one), rule=said)


def refusal(speaker: Speaker, rule: RewardRule, why: Refusal) -> str:
    one = rule.reward
    name = reward_name(speaker, one)
    if why.why == "dates":
        return speaker.say(f"refused.dates_{span_of(one)}", name=name, **speaker.span(one))
    if why.why == "tier":
        return speaker.say("refused.tier", name=name, tiers=_tiers(speaker, one))
    if why.why == "points":
        missing = Fraction(why.missing, 10 ** speaker.book.decimals(one.wallet))
        return speaker.say("refused.points", name=name, missing=speaker.amount(one.wallet, missing))
    if why.why != "condition":
        return speaker.say(f"refused.{why.why}", name=name)
    clause = rule.when.clauses[why.clause]
    condition = speaker.condition((clause,))
    if len(clause.names) == len(why.observed) == 1:
        observed = speaker.value(clause.names[0], why.observed[0])
        return speaker.say("refused.condition_observed", name=name, condition=condition, observed=observed)
    return speaker.say("refused.condition", name=name, condition=condition)


def reward_name(speaker: Speaker, one: Reward) -> str:
    return speaker.named(one.name, one.id)


def _gift(speaker: Speaker, one: Reward) -> str:
    """What a reward gives, by its kind."""
    key = one.kind + (
        "_max" if one.max_minor is not None
        else "_until" if one.expiry is not None
        else "_sku" if one.kind == "club_only" and one.sku is not None
        else ""
    )  # fmt: skip
    return speaker.say(
        f"reward.{key}",
        amount=speaker.money(one.amount_minor or 0),
        percent=speaker.number(Fraction(one.percent or 0)),
        max=speaker.money(one.max_minor or 0),
        units=speaker.count("units", one.quantity),
        sku=speaker.apart(one.sku or ""),
        text=speaker.named(one.text, one.id),
        life=life(speaker, one.expiry) if one.expiry else "",
        wallet=speaker.wallet_name(one.into) if one.into else "",
        gives=speaker.amount(one.into, Fraction(one.gives)) if one.into and one.gives else "",
    )


def _tier(speaker: Speaker, tier_id: str) -> str:
    tier = speaker.book.tier(tier_id)
    assert tier is not None, "a tier that is not there is refused when the programme is read"
    return speaker.tier_name(tier)


def _tiers(speaker: Speaker, one: Reward) -> str:
    return speaker.listed([_tier(speaker, tier_id) for tier_id in one.tiers])
