"""The reasons of a statement's entries that are neither purchases nor activities: returns, redemptions, staff."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

from shared.domain.sentences import Fact, Speaker
from shared.domain.tables import MAIN_WALLET
from shared.domain.told_offers import offer_name

# Entries that give as well as take: what is taken is said so. The others take, hold or give by their own word.
_DUE = ("due", "due_nothing", "due_coupon", "due_both")
_BOTH_WAYS = frozenset({"return", "return_alone", "difference", "adjust", "opening"})


def entry(speaker: Speaker, kind: str, facts: Mapping[str, Fact]) -> str:
    wallet = str(facts.get("wallet", MAIN_WALLET))
    said: dict[str, str] = {}
    for name, fact in facts.items():
        if name == "points":
            said[name] = _points(speaker, kind, wallet, int(str(fact)))
        elif name == "what":
            said[name] = _automation(speaker, str(fact)) if kind in _DUE else _what(speaker, str(fact))
        elif name == "offer":
            said[name] = offer_name(speaker, str(fact))
        elif name == "amount_minor":
            said["amount"] = speaker.money(int(str(fact)))
        elif isinstance(fact, date):
            said[name] = speaker.day(fact)
        else:
            said[name] = speaker.apart(str(fact))
    return speaker.say(f"statement.{kind}", **said)


def _automation(speaker: Speaker, automation_id: str) -> str:
    """An automation by its name, as the version of the entry has it."""
    one = speaker.book.giver(automation_id)
    return speaker.named(one.name if one is not None else {}, automation_id)


def _points(speaker: Speaker, kind: str, wallet: str, units: int) -> str:
    amount = speaker.amount(wallet, Fraction(abs(units), 10 ** speaker.book.decimals(wallet)))
    return speaker.say("names.less", points=amount) if units < 0 and kind in _BOTH_WAYS else amount


def _what(speaker: Speaker, reward_id: str) -> str:
    """A reward by its name, as the version of the entry has it; "" is a payment."""
    if not reward_id:
        return speaker.say("names.payment")
    rule = speaker.book.reward(reward_id)
    return speaker.named(rule.reward.name if rule else {}, reward_id)
