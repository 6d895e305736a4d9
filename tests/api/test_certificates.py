"""Gift certificates and stored value through the doors: what a till is told, when it asks first and when it asks again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shared.store.laws import publish
from tests.api.conftest import Doors
from tests.laws.shop import HEAD
from tests.laws.test_certificates import GIFTS
from tests.storefront import line, purchase

Json = dict[str, Any]
SOLD = {"store": "main", "certificate_id": "GC-1", "amount_minor": 5_000, "currency": "USD"}


@pytest.fixture
def club(doors: Doors) -> Doors:
    publish(doors.memory, HEAD + GIFTS, doors.now, at_once=True)
    doors.now += timedelta(hours=6)
    return doors


def bought(club: Doors, *lines: Json, **changes: Any) -> Json:
    at = (club.now - timedelta(hours=5)).isoformat()
    return purchase(*lines, occurred_at=at, **changes)


def test_a_till_that_takes_points_for_a_certificate_is_told_its_code_again_as_often_as_it_asks(club: Doors) -> None:
    member_id = club.join()
    club.ask("POST", "/v1/purchases", bought(club, line(10_000), member_id=member_id))
    told = {"store": "main", "redemption_id": "RD-1", "member_id": member_id, "reward": "gift"}
    held = club.ask("POST", "/v1/redemptions", told)
    assert (held.status, "certificate" in held.json) == (201, False)
    taken, again = (club.ask("POST", "/v1/redemptions/RD-1/capture", {}) for _ in range(2))
    assert (taken.status, again.text, again.headers["idempotency-replayed"]) == (201, taken.text, "true")
    made = taken.json["certificate"]
    assert (made["amount_minor"], made["currency"], made["expires_on"]) == (2_500, "USD", "2026-12-22")
    found = club.ask("POST", "/v1/certificates/lookup", {"code": made["code"].lower()})
    printed = club.ask("POST", "/v1/certificates/print", {"code": made["code"].lower()})
    assert made["code"] in printed.text
    assert found.json["certificate"] == {
        "balance_minor": 2_500, "available_minor": 2_500, "currency": "USD", "state": "unused", "expires_on": "2026-12-22",
    }  # fmt: skip
    back = club.ask("POST", "/v1/redemptions/RD-1/reverse", {"reversal_id": "B-1"})
    assert (back.status, back.json["account"]["available"]) == (201, 100)
    assert club.ask("POST", "/v1/certificates/lookup", {"code": made["code"]}).code == "code_unusable"
    statement = club.ask("GET", f"/v1/members/{member_id}/statement").json["entries"]
    assert [one["kind"] for one in statement] == ["reversal", "capture", "hold", "purchase", "join"]


def test_a_return_says_how_much_of_the_money_went_back_to_certificates(club: Doors) -> None:
    code = club.ask("POST", "/v1/certificates", SOLD).json["certificate"]["code"]
    paid = {"store": "main", "redemption_id": "RD-1", "code": code, "total_minor": 4_000, "purchase_id": "A-1"}
    assert club.ask("POST", "/v1/redemptions", paid).json["left"] == {"available_minor": 1_000, "currency": "USD"}
    club.ask("POST", "/v1/redemptions/RD-1/capture", {})
    club.ask("POST", "/v1/purchases", bought(club, line(8_000), purchase_id="A-1", stored_value_payment_minor=4_000))
    at = (club.now - timedelta(hours=1)).isoformat()
    told = {"store": "main", "return_id": "R-1", "purchase_id": "A-1", "occurred_at": at, "amount_minor": 2_000}
    first, again = (club.ask("POST", "/v1/returns", told) for _ in range(2))
    assert (first.json["certificates_minor"], first.json["return"]["amount_minor"]) == (1_000, 2_000)
    assert again.text == first.text
    rest = club.ask("POST", "/v1/returns", {**told, "return_id": "R-2", "amount_minor": 6_000})
    assert rest.json["certificates_minor"] == 3_000
    held = club.ask("POST", "/v1/certificates/lookup", {"code": code}).json["certificate"]
    assert (held["available_minor"], held["state"]) == (5_000, "unused")


def test_nobody_is_a_certificate_and_no_certificate_is_a_member(club: Doors) -> None:
    club.ask("POST", "/v1/certificates", SOLD)
    account_id = next(row["a"] for row in club.memory.scanned("accounts") if row["a"].startswith("G"))
    before = club.rows()
    assert club.ask("POST", "/v1/purchases", bought(club, line(100), member_id=account_id)).code == "member_unknown"
    assert club.ask("GET", f"/v1/members/{account_id}").code == "member_unknown"
    assert club.ask("GET", f"/v1/members/{account_id}/statement").code == "member_unknown"
    redeemed = {"store": "main", "redemption_id": "RD-1", "member_id": account_id, "units": 5}
    assert club.ask("POST", "/v1/redemptions", redeemed).code == "member_unknown"
    assert (
        club.ask("POST", "/v1/certificates", {**SOLD, "certificate_id": "GC-2", "member_id": account_id}).code
        == "member_unknown"
    )
    assert club.rows() == before


def test_a_top_up_is_told_apart_from_what_was_earned(club: Doors) -> None:
    member_id = club.join()
    body = bought(club, line(1_000), line(2_500), member_id=member_id)
    body["lines"][1] |= {"kind": "top_up", "sku": "TOP"}
    told = club.ask("POST", "/v1/purchases", body).json
    (wallet,) = told["wallets"]
    assert (told["points"]["earned"], wallet["earned"], wallet["topped_up"], wallet["balance"]) == (10, 0, 2_500, 2_500)
    assert "25 in purse." in told["explanation"]["total"]
    quoted = club.ask("POST", "/v1/quotes", {**body, "member_id": None, "purchase_id": "A-2"})
    assert (quoted.code, quoted.json["field"]) == ("invalid", "lines.1.kind")


def test_a_certificate_is_printed_with_what_is_left_on_it_and_no_cache_keeps_the_page(club: Doors) -> None:
    text = (HEAD + GIFTS).replace('languages = ["en"]', 'languages = ["en", "he"]')
    publish(club.memory, text, club.now, at_once=True)
    code = club.ask("POST", "/v1/certificates", SOLD).json["certificate"]["code"]
    held = {"store": "main", "redemption_id": "RD-1", "code": code, "units": 2_000}
    assert club.ask("POST", "/v1/redemptions", held).status == 201
    asked = {"code": code.replace("-", "").lower(), "language": "he"}
    printed = club.ask("POST", "/v1/certificates/print", asked)
    assert (printed.status, printed.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert ('lang="he" dir="rtl"' in printed.text, code in printed.text, "30.00" in printed.text) == (True,) * 3
    assert printed.headers["cache-control"] == "private, no-store"
    assert "default-src 'none'" in printed.headers["content-security-policy"]
    drawn = club.ask("POST", "/v1/certificates/print", asked | {"format": "svg"})
    assert (drawn.headers["content-type"], drawn.text[:4]) == ("image/svg+xml", "<svg")
    assert drawn.text.removesuffix("</svg>").rpartition("<path")[2] in printed.text
    assert club.ask("POST", "/v1/certificates/print", asked | {"language": "xx"}).code == "language_unknown"


def test_a_code_that_nobody_has_is_printed_for_nobody_and_counts_as_a_look_up(club: Doors) -> None:
    for _ in range(60):
        assert club.ask("POST", "/v1/certificates/print", {"code": "0000-0000-0000"}).code == "code_unusable"
    assert club.ask("POST", "/v1/certificates/print", {"code": "0000-0000-0000"}).code == "lookups_exhausted"
    assert club.ask("POST", "/v1/certificates/lookup", {"code": "0000-0000-0000"}).code == "lookups_exhausted"
