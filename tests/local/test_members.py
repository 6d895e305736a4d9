"""Members through the running club: joining once, balance, statement, look-up, and the rules for people."""

from __future__ import annotations

import base64
import json
import time

import httpx
import pytest

from club.store import tables
from shared.actions.find_member import LOOKUPS_PER_MINUTE_MAX
from shared.store import keys
from shared.store.backend import Put
from tests.local.conftest import Opening
from tests.local.holdings import all_rows, proven_postings, row_counts
from tests.local.test_purchases import PERSIAN, problem
from tests.storefront import Json, Storefront, line, new_id, person, phone, purchase


def test_a_person_joins_once_however_often_it_is_sent(main: Storefront) -> None:
    body, key = person(), new_id("join")
    first = main.join(body, key)
    assert first.status_code == 201
    assert "Idempotency-Replayed" not in first.headers
    for _ in range(2):
        again = main.join(body, key)
        assert (again.status_code, again.content) == (201, first.content)
        assert again.headers["Idempotency-Replayed"] == "true"
    assert len(proven_postings(first.json()["member_id"])) == 1


def test_joining_with_a_used_key_and_another_name_is_refused_and_writes_nothing(main: Storefront) -> None:
    body, key = person(), new_id("join")
    main.join(body, key)
    before = row_counts()
    problem(main.join(body | {"name": "Dana Cohen"}, key), 409, "idempotency_key_reused")
    problem(main.join(body | {"card": new_id("CARD")}, key), 409, "idempotency_key_reused")
    assert row_counts() == before


@pytest.mark.parametrize("kind", ["card", "phone", "email", "id_number"])
def test_a_contact_belongs_to_one_member(main: Storefront, kind: str) -> None:
    theirs = {
        "card": new_id("CARD"),
        "phone": phone(),
        "email": f"{new_id('noa')}@example.com",
        "id_number": new_id("9"),
    }
    main.new_member(**theirs)
    before = row_counts()
    told = problem(main.join(person(**{kind: theirs[kind]})), 409, "contact_taken")
    assert told["field"] == kind
    assert theirs[kind] not in json.dumps(told)
    assert row_counts() == before


def test_joining_without_an_idempotency_key_is_refused(main: Storefront) -> None:
    told = problem(main.http.post("/v1/members", json=person()), 422, "invalid")
    assert told["field"] == "Idempotency-Key"


def test_a_member_is_looked_up_by_every_contact(main: Storefront) -> None:
    number = phone()
    contacts = {
        "card": new_id("CARD"),
        "phone": number,
        "email": f"{new_id('noa')}@example.com",
        "id_number": "12345 6789 A",
    }
    contacts["id_number"] += new_id("")[1:]
    member_id = main.new_member(**contacts)
    for kind, value in contacts.items():
        assert main.look_up(**{kind: value}).json()["member_id"] == member_id, kind
    assert main.look_up(phone=number.translate(PERSIAN)).json()["member_id"] == member_id
    assert main.look_up(id_number=contacts["id_number"].replace(" ", "-")).json()["member_id"] == member_id
    assert main.look_up(card=contacts["card"]).content == main.member(member_id).content


def test_an_id_number_is_not_kept_anywhere_in_the_open(main: Storefront) -> None:
    number = "".join(str(ord(letter) % 10) for letter in new_id("")) * 2
    main.new_member(id_number=number[:20])
    rows = repr([all_rows(table) for table in ("ledger", "accounts", "people", "aliases")])
    assert number[:20] not in rows


def test_the_till_reads_no_personal_data(main: Storefront) -> None:
    named = f"Zohra {new_id('')}".replace("-", "").translate(str.maketrans("0123456789", "abcdefghij"))
    email = f"{new_id('zohra')}@example.com"
    member_id = main.new_member(name=named, email=email)
    main.buy(purchase(email=email))
    assert named in repr(all_rows("people"))
    for table in ("ledger", "accounts", "aliases"):
        assert named not in repr(all_rows(table))
        assert email not in repr(all_rows(table))
    assert named not in main.member(member_id).text
    assert email not in main.statement(member_id).text


def test_looking_up_a_stranger_says_no_more_than_that(main: Storefront) -> None:
    for contact in (
        {"card": "NOBODYS-CARD"},
        {"phone": "+12025550199"},
        {"email": "no@example.com"},
        {"id_number": "00000"},
    ):
        told = problem(main.look_up(**contact), 404, "member_unknown")
        assert not set(contact.values()) & set(map(str, told.values()))


def test_a_key_may_look_up_sixty_members_a_minute(main: Storefront, opened: Opening) -> None:
    assert LOOKUPS_PER_MINUTE_MAX == 60
    shop, card = opened(), new_id("CARD")
    main.new_member(card=card)
    key_id = shop.http.headers["Authorization"].split("_")[2]
    # As if this key had asked 58 times in this minute, and in the next, should it begin meanwhile.
    minute = int(time.time()) // 60
    for one in (minute, minute + 1):
        tables().write([Put("limits", {"k": keys.lookups(key_id, one), "s": 0, "c": 58, "x": one * 60 + 3600})])
    answers = [shop.look_up(card=card) for _ in range(5)]
    codes = [answer.status_code for answer in answers]
    assert codes in ([200] * 2 + [429] * 3, [200] * 3 + [429] * 2, [200] * 4 + [429])
    told = problem(answers[-1], 429, "lookups_exhausted")
    assert told["per_minute"] == 60
    assert answers[-1].headers["Retry-After"] == "60"
    assert main.look_up(card=card).status_code == 200


@pytest.mark.parametrize("path", ["/v1/purchases", "/v1/quotes", "/v1/members"])
def test_who_names_strangers_in_passing_uses_up_the_same_look_ups(opened: Opening, path: str) -> None:
    shop = opened()
    card = new_id("CARD")
    member_id = shop.new_member(card=card)
    key_id = shop.http.headers["Authorization"].split("_")[2]
    minute = int(time.time()) // 60
    for one in (minute, minute + 1):
        tables().write([Put("limits", {"k": keys.lookups(key_id, one), "s": 0, "c": 59, "x": one * 60 + 3600})])

    def ask() -> httpx.Response:
        """A stranger at the till; a known card at the joining, which tells as much."""
        if path == "/v1/members":
            return shop.join(person(card=card))
        return shop.http.post(path, json=purchase(card="NOBODYS-CARD") | {"store": shop.store})

    before = row_counts()
    codes = [ask().json()["code"] for _ in range(4)]
    first = "contact_taken" if path == "/v1/members" else "member_unknown"
    assert codes in ([first, *["lookups_exhausted"] * 3], [first, first, *["lookups_exhausted"] * 2])
    told = ask()
    assert problem(told, 429, "lookups_exhausted")["per_minute"] == 60
    assert told.headers["Retry-After"] == "60"
    assert row_counts() == before
    # Whoever is named by the club's own id is not looked up.
    bought = shop.buy(purchase(member_id=member_id))
    assert (bought.status_code, bought.json()["purchase"]["member_id"]) == (201, member_id)
    assert shop.buy(purchase()).status_code == 201


def test_a_members_balance_says_what_is_usable_when_and_what_comes_next(main: Storefront) -> None:
    member_id = main.new_member(language="he")
    answer = main.buy(purchase(line(12_000), member_id=member_id)).json()
    told = main.member(member_id).json()
    points = told["points"]
    assert (points["balance"], points["available"], points["pending"]) == (145, 0, 145)
    assert points["pending_lots"] == [{"points": 145, "usable_from": answer["points"]["usable_from"]}]
    assert points["next_expiry"] == {"points": 145, "expires_on": answer["points"]["expires_on"]}
    assert points["posted"] == points["balance"] + points["lapsed"]
    assert told["tier"]["id"] is None
    above = told["tier"]["next"]
    assert (above["id"], above["missing"]) == ("silver", 3_000)
    assert "כסף" in above["name"]
    main.buy(purchase(line(3_000), member_id=member_id))
    assert main.member(member_id).json()["tier"]["id"] == "silver"


def test_a_member_whom_nobody_knows_is_told_so(main: Storefront) -> None:
    for unknown in ("M0123456789ABCDEF", "T0123456789ABCDEF", "nobody", "M" * 3000, "0", "Mé"):
        problem(main.member(unknown), 404, "member_unknown")
        problem(main.statement(unknown), 404, "member_unknown")


def test_a_statement_page_by_page_adds_up_to_the_balance(main: Storefront) -> None:
    member_id = main.new_member()
    for amount in range(1, 12):
        main.buy(purchase(line(amount * 1_000), member_id=member_id))
    for limit in (1, 5, 12, 100):
        entries = main.whole_statement(member_id, limit)
        assert [entry["sequence"] for entry in entries] == list(range(12, 0, -1))
        assert sum(entry["points"] for entry in entries) == main.member(member_id).json()["points"]["balance"]
    assert all(entry["reason"] for entry in entries)
    assert [entry["kind"] for entry in entries] == ["purchase"] * 11 + ["join"]
    assert len(main.statement(member_id).json()["entries"]) == 12


def forged(cursor: str, other: str) -> dict[str, str]:
    """Cursors that nobody gave out for this list."""
    opened = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    below, _, signature = opened.partition(".")
    swapped = {
        index: cursor[:index] + ("A" if cursor[index] != "A" else "B") + cursor[index + 1 :] for index in (0, 5, -2)
    }
    return {
        "empty": "",
        "random": "bm90LWEtY3Vyc29y",
        "another member's": other,
        "another place": base64.urlsafe_b64encode(f"{int(below) - 1}.{signature}".encode()).decode().rstrip("="),
        "a plain number": below,
        "unsigned": base64.urlsafe_b64encode(f"{below}.".encode()).decode(),
        "with a letter more": cursor + "A",
        "with a mark more": cursor + "!",
        "cut": cursor[:-1],
        "not ASCII": "قلم",
        "huge": "A" * 4_000,
        **{f"byte {index} changed": spoiled for index, spoiled in swapped.items()},
        **{f"last letter {last}": cursor[:-1] + last for last in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if last != cursor[-1]},
    }


def test_a_cursor_that_was_not_given_out_for_this_member_opens_nothing(main: Storefront) -> None:
    members = [main.new_member(), main.new_member()]
    for member_id in members:
        for _ in range(3):
            main.buy(purchase(member_id=member_id))
    cursor, other = (main.statement(member_id, limit=2).json()["next_cursor"] for member_id in members)
    assert main.statement(members[0], limit=2, cursor=cursor).status_code == 200
    for how, spoiled in forged(cursor, other).items():
        answer = main.statement(members[0], limit=2, cursor=spoiled)
        assert (answer.status_code, answer.json()["code"]) == (400, "cursor_invalid"), how


@pytest.mark.parametrize(
    ("language", "direction", "word"), [("en", "ltr", "Vinyl"), ("he", "rtl", "תקליטים"), ("fa", "rtl", "صفحه")]
)
def test_the_rules_are_told_in_every_language_of_the_club(
    main: Storefront, language: str, direction: str, word: str
) -> None:
    told: Json = main.rules(language=language).json()
    assert (told["language"], told["direction"]) == (language, direction)
    assert any(word in rule["sentence"] for rule in told["earning"])
    assert [tier["tier"] for tier in told["tiers"]] == ["silver", "gold"]
    assert all(told["points"])


def test_the_rules_are_told_in_the_clubs_first_language_or_not_in_a_foreign_one(main: Storefront) -> None:
    assert main.rules().json()["language"] == "en"
    assert problem(main.rules(language="de"), 404, "language_unknown")["languages"] == ["en", "he", "fa"]


@pytest.mark.parametrize(("language", "word"), [("he", "נקודות"), ("fa", "امتیاز")])
def test_a_reason_is_told_in_the_members_language(main: Storefront, language: str, word: str) -> None:
    told = main.buy(purchase(member_id=main.new_member(language=language))).json()
    assert told["explanation"]["language"] == language
    assert all(word in sentence for sentence in told["explanation"]["total"][:1])
