"""What members read of points and wallets: how long they live, how they pay, what a full card gives."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from shared.domain.sentences import Speaker
from shared.domain.tables import MAIN_WALLET
from shared.domain.wallet_tables import Expiry, Wallet, counts_money, pays


def life(speaker: Speaker, expiry: Expiry) -> str:
    """How long something lives, as a part of a sentence: `for 12 months, to the end of that month`."""
    if expiry.dates is not None:
        days = [speaker.day_of_year(*map(int, one.split("-"))) for one in sorted(expiry.dates)]
        length = speaker.count("days", expiry.min_days)
        return speaker.say(
            "life.dates" if expiry.min_days <= 1 else "life.dates_min", dates=speaker.listed(days), length=length
        )
    if expiry.days is not None:
        return speaker.say("life.day", length=speaker.count("days", expiry.days))
    if expiry.months is None:
        return speaker.say("life.this_year" if expiry.at == "year_end" else "life.this_month")
    return speaker.say(f"life.{expiry.at or 'month_end'}", length=speaker.count("months", expiry.months))


def life_of_points(speaker: Speaker) -> Iterator[str]:
    expiry, programme = speaker.book.programme.points.expiry, speaker.book.programme
    yield speaker.say("rules.expiry", life=life(speaker, expiry)) if expiry else speaker.say("rules.expiry_none")
    if expiry is not None and expiry.sliding:
        yield speaker.say("rules.sliding", what=speaker.say("names.points"))
    expires = expiry is not None or any(one.expiry is not None for one in programme.wallet)
    if expires and programme.policies.expiry_boundary != "end_of_day":
        yield speaker.say(f"rules.expiry_{programme.policies.expiry_boundary}")


def payment(speaker: Speaker, wallet_id: str) -> Iterator[str]:
    """How a purchase may be paid with a wallet; nothing, if it may not."""
    rules = speaker.book.wallet(wallet_id)
    if not pays(rules):
        return
    terms = rules.payment
    what = speaker.say("names.points") if wallet_id == MAIN_WALLET else speaker.wallet_name(wallet_id)
    said = speaker.say("rules.payment", what=what)
    if terms.step is not None:
        each = terms.minor_per_step or terms.step * rules.value_minor
        step = speaker.amount(wallet_id, terms.step)
        said = speaker.say("rules.payment_step", rule=said, step=step, money=speaker.money(each))
    if terms.min_points is not None:
        said = speaker.say("rules.payment_min", rule=said, points=speaker.amount(wallet_id, terms.min_points))
    if terms.max_percent is not None:
        said = speaker.say("rules.payment_max", rule=said, percent=speaker.number(Fraction(terms.max_percent)))
    yield speaker.say("rules.sentence", rule=said)


def wallet_rules(speaker: Speaker, wallet: Wallet) -> Iterator[str]:
    """What is to be known of a wallet beside the points."""
    name = speaker.wallet_name(wallet.id)
    if wallet.goal is not None:
        yield speaker.say("rules.wallet_goal", wallet=name, goal=speaker.number(Fraction(wallet.goal)))
    if wallet.rewards_per_purchase is not None:
        most = speaker.count("rewards", wallet.rewards_per_purchase)
        yield speaker.say("rules.wallet_rewards", wallet=name, rewards=most)
    if wallet.reward_pending_days:
        days = speaker.count("days", wallet.reward_pending_days)
        yield speaker.say("rules.wallet_reward_pending", wallet=name, days=days)
    if wallet.reward_stock is not None:
        yield speaker.say(
            "rules.wallet_reward_stock", wallet=name, rewards=speaker.count("rewards", wallet.reward_stock)
        )
    if wallet.value_minor and not counts_money(wallet, speaker.currency):
        yield speaker.say("rules.wallet_value", wallet=name, value=speaker.money(wallet.value_minor))
    if wallet.top_up:
        yield speaker.say("rules.wallet_top_up", wallet=name)
    yield from payment(speaker, wallet.id)
    if wallet.pending_days:
        yield speaker.say("rules.wallet_pending", wallet=name, days=speaker.count("days", wallet.pending_days))
    if wallet.expiry is not None:
        yield speaker.say("rules.wallet_expiry", wallet=name, life=life(speaker, wallet.expiry))
        if wallet.expiry.sliding:
            yield speaker.say("rules.sliding", what=name)
