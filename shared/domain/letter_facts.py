"""What a letter is told of its member, from the account as it is when the letter is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from shared.domain.account import Account
from shared.domain.automation_tables import AutomaticMessage, Giver
from shared.domain.contact_tables import Contact
from shared.domain.letter_templates import BY_NAME, CASE, Fact
from shared.domain.messages import Intent
from shared.domain.rulebook import Rulebook
from shared.domain.sentences import Speaker
from shared.domain.tables import MAIN_WALLET
from shared.domain.tier_times import days_to_loss
from shared.domain.tiers import tiers_on
from shared.domain.told_offers import offer_name

Told = Mapping[str, Fact]


def facts_of_letter(
    intent: Intent, first_name: str, account: Account, book: Rulebook, today: date, language: str, code: str | None
) -> dict[str, Fact]:
    """The facts that the message's template knows. `code` is that of the coupon which came with it."""
    speaker = Speaker(book, language)
    facts: dict[str, Fact] = {"first_name": first_name, **_link(book.programme.contact)}
    if "points" in intent.facts:
        facts["points"] = int(intent.facts["points"]) // 10**book.programme.points.decimals
    giver = book.giver(intent.source)
    message = giver.message if giver is not None else None
    if message is not None and message.case is not None:
        facts[CASE] = message.case
    if message is not None and message.product:
        facts["product"] = speaker.named(message.product, "")
    if "ends_on" in intent.facts:
        facts["ends_on"] = date.fromisoformat(str(intent.facts["ends_on"]))
    if "offer" in intent.facts:
        facts["offer"] = offer_name(speaker, str(intent.facts["offer"]))
    if code is not None:
        facts["code"] = code
    if intent.template in _OF_THE_ACCOUNT:
        facts |= _OF_THE_ACCOUNT[intent.template](account, book, today, speaker)
    return {name: fact for name, fact in facts.items() if name in BY_NAME[intent.template].facts or name == CASE}


def facts_lacking(one: Giver, message: AutomaticMessage) -> list[str]:
    """What the template of an automation's message needs and nothing would tell it."""
    told = {"first_name", "link", *_TOLD_BY_ACCOUNT.get(message.template, ())}
    told |= {"product"} if message.product else set()
    if one.points is not None and one.wallet == MAIN_WALLET:
        told |= {"points", "ends_on"} if one.valid_days is not None else {"points"}
    if one.offer is not None:
        told |= {"offer", "code", "ends_on"}
    return [" or ".join(sorted(needed)) for needed in BY_NAME[message.template].needs if not needed & told]


def _link(contact: Contact) -> dict[str, Fact]:
    return {"link": f"https://{contact.link_hosts[0]}/"} if contact.link_hosts else {}


def _expiring(account: Account, book: Rulebook, today: date, _: Speaker) -> dict[str, Fact]:
    """The first points that lapse, and their last day."""
    lot = account.next_expiry(today)
    if lot is None or lot.expires_on is None:
        return {}
    units = account.expiring_within(today, (lot.expires_on - today).days)
    worth_minor = units * book.programme.points.value_minor // 10**book.programme.points.decimals
    return {
        "points": units // 10**book.programme.points.decimals,
        "ends_on": lot.expires_on,
        "days": (lot.expires_on - today).days,
        "worth_minor": worth_minor,
    }


def _tier(account: Account, book: Rulebook, today: date, speaker: Speaker) -> dict[str, Fact]:
    """The tier that is held, and the last day of one that would be lost."""
    held = tiers_on(account, today, book).get("", "")
    tier = next((tier for tier in book.programme.tier if tier.id == held), None)
    if tier is None:
        return {}
    left = days_to_loss(account, today, book)
    facts: dict[str, Fact] = {"tier": speaker.named(tier.name, tier.id)}
    return facts if left is None else facts | {"ends_on": today + timedelta(days=left)}


_OF_THE_ACCOUNT: Mapping[str, Callable[[Account, Rulebook, date, Speaker], dict[str, Fact]]] = {
    "expiring": _expiring, "tier": _tier,
}  # fmt: skip
_TOLD_BY_ACCOUNT: Mapping[str, tuple[str, ...]] = {
    "expiring": ("points", "ends_on", "days", "worth_minor"), "tier": ("tier", "ends_on"),
}  # fmt: skip
