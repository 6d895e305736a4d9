"""What the demo club's automations write: each letter with its facts, in the member's language, and the code of its coupon."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from club.mails import shelf
from shared.actions.caller import Caller
from shared.actions.deliver import Unwritable
from shared.actions.enrol_member import enrol_member
from shared.actions.record_purchase import quote_purchase
from shared.actions.sweep import grant_called, sweep
from shared.actions.write_letter import write_letter
from shared.domain.account import Account
from shared.domain.automations import arm_of
from shared.domain.codes import code_canonical
from shared.domain.ledger import Row
from shared.domain.letters import Letter
from shared.domain.member import Joining
from shared.domain.messages import STAFF, Intent, calls_now, intents_of
from shared.domain.purchase import Purchase
from shared.store.backend import Put
from shared.store.people import Person, person_of
from shared.store.rows import account_row
from tests.laws.shop import Shop, bought, plenty

DEMO = Path("programmes/demo.toml").read_text("utf-8")
NAMES = {"en": "Dana Levi", "he": "דנה לוי", "fa": "شیرین رضایی"}
OPENED = datetime(2026, 1, 5, 17, tzinfo=UTC)


class DemoShop(Shop):
    """The demo club, whose members have names and addresses, and one of which nobody is held out."""

    def member(self, language: str = "en") -> str:
        for number in range(10_000):
            body = {
                "name": NAMES[language], "language": language, "source": "web", "joined_at": self.now.isoformat(),
                "email": f"m{language}{number}@example.com",
                "consents": [{"kind": "email_marketing", "granted": True, "text_version": "1"}],
            }  # fmt: skip
            row = enrol_member(
                self.club, Caller("main"), f"J-{language}-{number}", Joining.model_validate(body), plenty
            ).row
            member, law = str(row["a"]), self.club.laws.at(self.now)
            if all(arm_of(one, member, law) == "treated" for one in law.programme.automation):
                return member
        raise AssertionError("everybody is held out of something")

    def to(self, now: datetime) -> None:
        self.now = now
        sweep(self.club, "live", [now.astimezone(self.club.laws.at(now).zone).date()], plenty)

    def letters(self, member: str) -> dict[str, Letter]:
        """What is written because of what happened just now, by automation."""
        intents = [intent for row in self.rows(member) for intent in said(row) if intent.created == self.now]
        return {intent.source: self.letter(intent) for intent in intents}

    def letter(self, intent: Intent, channel: Any = "email") -> Letter:
        person = person_of(self.memory.listed("people", intent.member))
        assert person is not None
        account, book = self.account(intent.member), self.club.laws.at(self.now)
        return write_letter(
            self.club, shelf(), lambda: "https://api.example.com", intent, person, account, book, channel
        )


def said(row: Row) -> list[Intent]:
    return intents_of(row) if "ms" in row else []


@pytest.fixture
def shop() -> DemoShop:
    return DemoShop(DEMO, now=OPENED, head="")


@pytest.mark.parametrize("language", NAMES)
def test_a_birthday_letter_says_the_points_and_their_last_day_in_the_members_language(
    shop: DemoShop, language: str
) -> None:
    member = shop.member(language)
    born = shop.account(member)._replace(birthday=("gregorian", 1, 9))
    shop.memory.write([Put("accounts", account_row(born))])
    shop.to(datetime(2026, 1, 9, 17, tzinfo=UTC))
    letter = shop.letters(member)["birthday"]
    assert NAMES[language].split()[0] in letter.text
    assert {"en": "100", "he": "100", "fa": "۱۰۰"}[language] in letter.text
    assert {"en": "February 8, 2026", "he": "8 בפברואר 2026", "fa": "۸ فوریهٔ ۲۰۲۶"}[language] in letter.text
    assert letter.headers["List-Unsubscribe"].startswith("<https://api.example.com/v1/preferences/")
    assert ('dir="rtl"' in letter.html) == (language != "en")


def test_who_is_missed_gets_the_code_of_a_coupon_that_the_till_takes(shop: DemoShop) -> None:
    member = shop.member()
    for number in range(3):
        shop.buy(bought(f"A-{number}", OPENED, ("vinyl-1", 1, 4_000)) | {"member_id": member})
    shop.to(OPENED + timedelta(days=61))
    letter = shop.letters(member)["win-back"]
    (code,) = re.findall(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", letter.text)
    paid = bought("B-1", shop.now, ("vinyl-2", 1, 5_000)) | {"member_id": member, "codes": [code.lower()]}
    quoted = quote_purchase(shop.club, Caller("main"), Purchase.model_validate(paid))
    assert quoted.offered is not None
    assert [(one.offer, one.minor) for one in quoted.offered.applied] == [("win-back-fifth", 1_000)]
    assert code_canonical(code) not in repr(list(shop.memory.scanned("ledger")))


def test_a_purchase_calls_for_what_goes_with_it_a_few_minutes_later_once(shop: DemoShop) -> None:
    member = shop.member()
    row = shop.buy(bought("A-1", shop.now, ("vinyl-1", 1, 4_000)) | {"member_id": member})
    assert (row["tr"], calls_now(row)) == (1, True)
    for _ in range(3):
        grant_called(shop.club, Caller(""), member, "purchase", str(row["k"]), plenty)
    letters = shop.letters(member)
    assert list(letters) == ["after-purchase"]
    assert "15% off a poster" in letters["after-purchase"].text
    assert [one["ca"] for one in shop.rows(member) if one["c"] == "due"] == [row["k"]]


def test_history_that_is_loaded_calls_for_nothing(shop: DemoShop) -> None:
    member = shop.member()
    shop.now = OPENED + timedelta(days=40)
    row = shop.buy(bought("A-1", OPENED, ("vinyl-1", 1, 4_000)) | {"member_id": member})
    assert not calls_now(row)


def test_who_joins_is_welcomed(shop: DemoShop) -> None:
    member = shop.member("he")
    (joined,) = shop.rows(member)
    assert calls_now(joined)
    grant_called(shop.club, Caller(""), member, "join", str(joined["k"]), plenty)
    assert "דנה" in shop.letters(member)["welcome"].text


def test_points_that_lapse_and_a_tier_that_ends_are_told_with_their_days(shop: DemoShop) -> None:
    member = shop.member()
    shop.buy(bought("A-1", OPENED, ("vinyl-1", 10, 20_000)) | {"member_id": member})
    shop.to(OPENED + timedelta(days=1))
    assert "Silver" in shop.letters(member)["tier-reached"].text
    shop.to(OPENED + timedelta(days=340))
    at_risk = shop.letters(member)["keep-your-tier"]
    assert ("Silver" in at_risk.text, "January 4, 2027" in at_risk.text) == (True, True)
    shop.to(datetime(2028, 1, 4, 17, tzinfo=UTC))
    told = shop.letters(member)["expiring-in-a-month"]
    assert "January 31, 2028" in told.text
    shop.to(datetime(2028, 1, 26, 17, tzinfo=UTC))
    assert "January 31, 2028" in shop.letters(member)["expiring-in-a-week"].text


def test_a_letter_whose_facts_are_gone_is_not_written(shop: DemoShop) -> None:
    member = shop.member()
    shop.buy(bought("A-1", OPENED, ("vinyl-1", 10, 20_000)) | {"member_id": member})
    shop.to(OPENED + timedelta(days=1))
    (intent,) = [one for row in shop.rows(member) for one in said(row) if one.source == "tier-reached"]
    shop.now = OPENED + timedelta(days=800)
    with pytest.raises(Unwritable):
        shop.letter(intent)


def test_staff_read_the_programmes_own_words_and_whom_they_are_about(shop: DemoShop) -> None:
    contact = DEMO.replace("[contact]\n", '[contact]\nstaff_email = "team@rimon.example.com"\n')
    told = DemoShop(
        f'{contact}\n[[automation]]\nid = "call"\non = "join"\nstaff_note = "Call\\nthem"\n', now=OPENED, head=""
    )
    book, person = told.club.laws.at(OPENED), Person("", "en", {"email": "team@rimon.example.com"}, {})
    intent = Intent("1-ab", STAFF, "due#x", "call", STAFF, "urgent", ("email",), 0, OPENED.date(), 0, {"member": "M1"})
    nobody = Account(STAFF, OPENED.date())
    letter = write_letter(told.club, shelf(), lambda: "https://api.example.com", intent, person, nobody, book, "email")
    assert (letter.subject, letter.text) == ("call: M1", "Call them\n\nM1\n")
    assert letter.sender == "Rimon Records <club@rimon.example.com>"
    with pytest.raises(Unwritable):
        write_letter(shop.club, shelf(), lambda: "", intent, person, nobody, shop.club.laws.at(OPENED), "email")
