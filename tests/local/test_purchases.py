"""Purchases through the running club: once, with a reason, the same answer for ever; what was changed is refused."""

from __future__ import annotations

import unicodedata
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.local.conftest import Opening
from tests.local.holdings import all_rows, proven_postings, row_counts
from tests.storefront import Json, Storefront, line, new_id, phone, purchase

PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")


def problem(answer: Any, status: int, code: str) -> Json:
    """The problem, when it is told as the API promises."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    told: Json = answer.json()
    assert (told["status"], told["code"]) == (status, code), told
    assert told["request_id"]
    assert told["title"].endswith(".")
    return told


def test_a_purchase_earns_points_with_a_reason(main: Storefront) -> None:
    member_id = main.new_member()
    body = purchase(line(10_050, category="vinyl"), line(2_000, quantity=2), member_id=member_id, shipping_minor=500)
    answer = main.buy(body)
    assert answer.status_code == 201
    assert answer.headers["content-type"] == "application/json"
    assert "Idempotency-Replayed" not in answer.headers
    told = answer.json()
    # 120.50 of goods make 120.5, vinyl 5 and a big basket 25; shipping earns nothing; a half point is rounded down.
    assert told["points"]["earned"] == 150
    assert {one["rule"]: one["points"] for one in told["explanation"]["fired"]} == {
        "base": "120.5",
        "vinyl": "5",
        "big-basket": "25",
        "stamp": "1",
    }
    assert told["wallets"] == [
        {
            "wallet": "stamps",
            "earned": 1,
            "balance": 1,
            "decimals": 0,
            "completed": 0,
            "waiting": 0,
            "waiting_until": None,
        }
    ]
    assert {one["rule"] for one in told["explanation"]["not_fired"]} == {
        "double-posters-for-gold",
        "winter-web",
        "cashback",
    }
    assert all(one["sentence"] for one in (*told["explanation"]["fired"], *told["explanation"]["not_fired"]))
    assert told["account"] == {"balance": 150, "available": 0, "pending": 150, "tier": None}
    assert told["purchase"]["total_minor"] == body["total_minor"] == 12_550
    assert told["entry"]["sequence"] == 2
    assert len(proven_postings(member_id)) == 2


def test_a_purchase_repeated_is_answered_the_same_and_marked(main: Storefront) -> None:
    member_id = main.new_member()
    body = purchase(member_id=member_id)
    first = main.buy(body)
    main.buy(purchase(member_id=member_id))
    for _ in range(3):
        again = main.buy(body)
        assert (again.status_code, again.content) == (201, first.content)
        assert again.headers["Idempotency-Replayed"] == "true"
    assert len(proven_postings(member_id)) == 3


@pytest.mark.parametrize(
    "change",
    [
        {"lines": [line(2991)], "total_minor": 2991},
        {"lines": [line(2990, sku="CD-1002")]},
        {"lines": [line(2990, quantity=2)]},
        {"lines": [line(3000, discount_minor=10)]},
        {"lines": [line(2000), line(990)]},
        {"shipping_minor": 1, "total_minor": 2991},
        {"occurred_at": "2026-01-02T10:00:00Z"},
        {"channel": "till"},
        {"member_id": None},
    ],
    ids=lambda change: "+".join(change),
)
def test_a_purchase_id_with_other_content_is_refused_and_nothing_changes(main: Storefront, change: Json) -> None:
    body = purchase(member_id=main.new_member())
    first = main.buy(body)
    before = {table: all_rows(table) for table in ("ledger", "accounts")}
    facts = problem(main.buy(body | change), 409, "purchase_differs")
    assert (facts["store"], facts["purchase_id"]) == ("main", body["purchase_id"])
    assert {table: all_rows(table) for table in ("ledger", "accounts")} == before
    assert main.buy(body).content == first.content


def test_a_purchase_of_one_member_is_not_another_members(main: Storefront) -> None:
    body = purchase(member_id=main.new_member())
    main.buy(body)
    problem(main.buy(body | {"member_id": main.new_member()}), 409, "purchase_differs")


def test_the_same_content_written_in_another_way_is_the_same_purchase(main: Storefront) -> None:
    body = purchase(member_id=main.new_member(), occurred_at="2026-11-20T10:00:00+02:00")
    first = main.buy(body)
    for same in (
        body | {"occurred_at": "2026-11-20T08:00:00Z"},
        body | {"occurred_at": "2026-11-20T08:00:00.000+00:00"},
        {name: value for name, value in reversed(body.items()) if value != 0},
    ):
        again = main.buy(same)
        assert (again.status_code, again.content, again.headers.get("Idempotency-Replayed")) == (
            201,
            first.content,
            "true",
        )


def test_a_purchase_id_is_one_id_however_its_accents_are_written(main: Storefront) -> None:
    composed = new_id("Café")
    decomposed = unicodedata.normalize("NFD", composed)
    assert composed != decomposed
    body = purchase(purchase_id=composed)
    first = main.buy(body)
    assert main.buy(body | {"purchase_id": decomposed}).content == first.content
    assert main.bought(decomposed).content == main.bought(composed).content


def test_a_quote_says_what_the_purchase_will_earn_and_writes_nothing(main: Storefront) -> None:
    member_id = main.new_member()
    main.buy(purchase(line(14_000, category="poster"), member_id=member_id))
    body = purchase(
        line(12_345, category="vinyl"), line(777, category="poster"), member_id=member_id, discount_minor=99
    )
    before = row_counts(), main.member(member_id).content
    quote = main.quote(body)
    assert quote.status_code == 200
    assert (row_counts(), main.member(member_id).content) == before
    bought = main.buy(body).json()
    entry = bought.pop("entry")
    assert {key: quote.json()[key] for key in bought} == bought
    assert entry["points"] == bought["points"]["earned"] > 0


def test_a_guests_purchase_is_recorded_and_earns_nothing(main: Storefront) -> None:
    body = purchase()
    first = main.buy(body)
    told = first.json()
    assert first.status_code == 201
    assert told["points"]["earned"] == 0
    assert told["account"] is None
    assert told["purchase"]["member_id"] is None
    assert told["explanation"]["total"]
    again = main.buy(body)
    assert (again.content, again.headers["Idempotency-Replayed"]) == (first.content, "true")
    assert main.quote(body).json()["points"]["earned"] == 0


def test_a_member_is_known_by_card_phone_or_e_mail_however_they_are_typed(main: Storefront) -> None:
    card, number, email = new_id("CARD"), phone(), f"{new_id('noa')}@example.com"
    member_id = main.new_member(card=card, phone=number, email=email)
    local = number.removeprefix("+1")
    typed: list[Json] = [
        {"card": card},
        {"card": f" {card[:4]} {card[4:].lower()} "},
        {"phone": number},
        {"phone": f"({local[:3]}) {local[3:6]}-{local[6:]}"},
        {"phone": local.translate(PERSIAN)},
        {"phone": number.translate(PERSIAN)},
        {"email": email.upper()},
    ]
    for contact in typed:
        answer = main.buy(purchase(**contact))
        assert answer.status_code == 201, (contact, answer.text)
        assert answer.json()["purchase"]["member_id"] == member_id
    assert len(proven_postings(member_id)) == 1 + len(typed)


def test_a_purchase_is_the_same_by_whichever_contact_it_comes(main: Storefront) -> None:
    card = new_id("CARD")
    member_id = main.new_member(card=card)
    body = purchase()
    first = main.buy(body | {"card": card})
    again = main.buy(body | {"member_id": member_id})
    assert (again.content, again.headers["Idempotency-Replayed"]) == (first.content, "true")


@pytest.mark.parametrize(
    "nobody", [{"card": "NOBODYS-CARD"}, {"email": "nobody@example.com"}, {"member_id": "M0123456789ABCDEF"}]
)
def test_a_purchase_of_somebody_unknown_is_refused_and_can_be_made_once_they_joined(
    main: Storefront, nobody: Json
) -> None:
    before = row_counts()
    body = purchase(**nobody)
    problem(main.buy(body), 404, "member_unknown")
    problem(main.quote(body), 404, "member_unknown")
    assert row_counts() == before
    problem(main.bought(body["purchase_id"]), 404, "purchase_unknown")


def test_a_purchase_can_be_read_again(main: Storefront) -> None:
    lines = line(2990, category=None, discount_minor=0), line(10, discount_minor=10)
    body = purchase(*lines, member_id=main.new_member(), tax_minor=7)
    first = main.buy(body)
    assert main.bought(body["purchase_id"]).content == first.content
    told = first.json()["purchase"]
    plain = {"brand": None, "kind": "goods", "labels": {}, "tax_minor": 0}
    reported = body | {"lines": [one | plain for one in body["lines"]]}
    assert {name: told[name] for name in body if name != "occurred_at"} == {
        name: reported[name] for name in body if name != "occurred_at"
    }


def test_a_purchase_that_comes_late_lands_on_its_own_day(main: Storefront) -> None:
    member_id = main.new_member()
    long_ago = datetime.now(UTC) - timedelta(days=40)
    main.buy(purchase(member_id=member_id))
    late = main.buy(purchase(member_id=member_id, occurred_at=long_ago.isoformat())).json()
    assert late["points"]["usable_from"] < datetime.now(UTC).date().isoformat()
    assert late["account"] == {"balance": 58, "available": 29, "pending": 29, "tier": None}


def test_one_purchase_reported_sixteen_times_at_once_is_one_posting_and_one_answer(main: Storefront) -> None:
    member_id = main.new_member()
    body = purchase(member_id=member_id)
    with ThreadPoolExecutor(16) as tills:
        answers = list(tills.map(lambda _: main.buy(body), range(16)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("Idempotency-Replayed" not in answer.headers for answer in answers) == 1
    assert len(proven_postings(member_id)) == 2


def test_sixteen_different_contents_under_one_id_are_one_purchase_and_fifteen_refusals(main: Storefront) -> None:
    member_id, purchase_id = main.new_member(), new_id()
    with ThreadPoolExecutor(16) as tills:
        answers = list(
            tills.map(
                lambda index: main.buy(purchase(line(100 * index), member_id=member_id, purchase_id=purchase_id)),
                range(1, 17),
            )
        )
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 15
    assert len(proven_postings(member_id)) == 2


def test_two_stores_may_use_the_same_purchase_id(main: Storefront, opened: Opening) -> None:
    member_id = main.new_member()
    body, annex = purchase(member_id=member_id), opened()
    assert "Idempotency-Replayed" not in main.buy(body).headers
    there = annex.buy(body)
    assert there.status_code == 201
    assert "Idempotency-Replayed" not in there.headers
    assert [entry["store"] for entry in main.whole_statement(member_id)[:2]] == [annex.store, "main"]


def test_a_code_for_one_time_is_used_once_by_eight_tills_at_once(main: Storefront) -> None:
    member_id = main.new_member()
    bodies = [purchase(line(10_000), member_id=member_id, codes=["spring"]) for _ in range(8)]
    told = [main.quote(body).json()["purchase"] for body in bodies]
    assert {one["total_minor"] for one in told} == {9_000}
    with ThreadPoolExecutor(8) as tills:
        answers = list(tills.map(main.buy, told))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    for answer in answers:
        if answer.status_code == 409:
            assert problem(answer, 409, "offers_differ")["offer"] == "spring"
    assert [row["c"] for row in proven_postings(member_id)] == ["join", "purchase"]
