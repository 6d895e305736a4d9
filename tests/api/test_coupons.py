"""Personal offers through the doors: what a member is told of them, and what a till is told of a coupon."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shared.actions.sweep import sweep
from shared.store.laws import publish
from tests.api.conftest import Doors
from tests.laws.shop import HEAD
from tests.storefront import line, purchase

Json = dict[str, Any]
PROGRAMME = """
[[earn]]
id = "base"
points = 1
per_minor = 100
[[offer]]
id = "fifth"
name = { en = "A fifth off", he = "חמישית הנחה" }
percent = 20
personal = true
valid_days = 30
min_total_minor = 2_000
[[offer]]
id = "all"
amount_minor = 100
limits = [{ per = "member", times = 1 }]
[[offer]]
id = "spring"
percent = 5
code = "SPRING"
[[offer]]
id = "early"
percent = 5
from = 2027-05-01
[[offer]]
id = "often"
percent = 5
when = "member.purchases >= 9 && purchase.units > 100"
[[offer]]
id = "over"
percent = 5
until = 2026-01-01
[[automation]]
id = "back"
on = "state"
when = "member.purchases >= 1"
offer = "fifth"
holdout = 0
no_holdout_because = "promised"
"""
VALIDATE = "/v1/coupons/validate"


@pytest.fixture
def club(doors: Doors) -> Doors:
    publish(doors.memory, HEAD.replace('"en"', '"en", "he"') + PROGRAMME, doors.now, at_once=True)
    doors.now += timedelta(hours=6)
    return doors


def bought(club: Doors, *lines: Json, **changes: Any) -> Json:
    return purchase(*lines, occurred_at=(club.now - timedelta(hours=1)).isoformat(), **changes)


def with_coupon(club: Doors, **facts: Any) -> tuple[str, str]:
    """A member who was given a coupon, and its code."""
    member_id = club.join(**facts)
    assert club.ask("POST", "/v1/purchases", bought(club, line(10_000), member_id=member_id)).status == 201
    sweep(club.club, "live", [club.now.date()], lambda: 60.0)
    (own,) = [one["coupon"] for one in offers(club, member_id) if one["coupon"] is not None]
    return member_id, str(own["code"])


def offers(club: Doors, member_id: str) -> list[Json]:
    told: list[Json] = club.ask("GET", f"/v1/members/{member_id}/offers").json["offers"]
    return told


def validated(club: Doors, member_id: str, code: str, **more: Any) -> Any:
    return club.ask("POST", VALIDATE, {"store": "main", "code": code, "member_id": member_id, **more})


def test_a_member_is_told_of_everybodys_offers_and_of_the_coupon_with_its_code(club: Doors) -> None:
    member_id, code = with_coupon(club)
    told = {one["offer"]: one for one in offers(club, member_id)}
    assert list(told) == ["fifth", "all", "early", "often"]
    assert told["fifth"] == {
        "offer": "fifth",
        "name": "A fifth off",
        "sentence": "A fifth off: 20% off the whole purchase, from $20.00 on.",
        "coupon": {"coupon": "fifth.back.2026-11-22", "code": code, "expires_on": "2026-12-22"},
        "can_be_used": True,
        "why_not": None,
        "in_the_way": None,
    }
    assert {name: one["why_not"] for name, one in told.items()} == {
        "fifth": None, "all": None, "early": "dates", "often": "when",
    }  # fmt: skip
    assert told["early"]["in_the_way"] == "early: available from May 1, 2027."
    assert "SPRING" not in repr(told)
    other = {one["offer"]: one for one in offers(club, club.join())}
    assert list(other) == ["all", "early", "often"]


def test_the_statement_says_that_a_coupon_was_given(club: Doors) -> None:
    member_id, code = with_coupon(club)
    newest = club.ask("GET", f"/v1/members/{member_id}/statement").json["entries"][0]
    assert newest["reason"] == "back: a coupon for A fifth off, to be used by December 22, 2026."
    assert code not in repr(newest)


def test_an_offer_that_the_member_used_up_is_said_to_be_so(club: Doors) -> None:
    member_id = club.join()
    quote = club.ask("POST", "/v1/quotes", bought(club, line(10_000), member_id=member_id)).json["purchase"]
    quote["occurred_at"] = (club.now - timedelta(hours=1)).isoformat()
    assert club.ask("POST", "/v1/purchases", quote).status == 201
    assert {one["offer"]: one["why_not"] for one in offers(club, member_id)}["all"] == "limit"


def test_a_till_is_told_what_a_coupon_takes_off_a_purchase_and_the_quote_says_the_same(club: Doors) -> None:
    member_id, code = with_coupon(club, language="he")
    told = validated(club, member_id, code)
    assert (told.status, "purchase" in told.json) == (200, False)
    assert "חמישית הנחה" in told.json["coupon"]["name"]
    body = bought(club, line(5_000))
    on = validated(club, member_id, code.lower().replace("-", ""), purchase=body).json["purchase"]
    quote = club.ask("POST", "/v1/quotes", body | {"member_id": member_id, "codes": [code]}).json
    assert (on["discount_minor"], on["total_minor"]) == (1_000, 3_900) == (
        quote["offers_applied"][0]["discount_minor"], quote["purchase"]["total_minor"],
    )  # fmt: skip
    small = validated(club, member_id, code, purchase=bought(club, line(1_000), member_id=member_id)).json["purchase"]
    assert (small["discount_minor"], small["total_minor"]) == (0, 900)
    assert "חמישית הנחה" in small["sentence"]


def test_a_coupon_that_was_used_is_no_longer_open_and_after_a_return_it_is(club: Doors) -> None:
    member_id, code = with_coupon(club)
    asked = bought(club, line(5_000), member_id=member_id, codes=[code])
    quote = club.ask("POST", "/v1/quotes", asked).json["purchase"]
    quote["occurred_at"] = asked["occurred_at"]
    assert club.ask("POST", "/v1/purchases", quote).status == 201
    assert [one["offer"] for one in offers(club, member_id)] == ["all", "early", "often"]
    assert validated(club, member_id, code).code == "code_unusable"
    back = {
        "store": "main",
        "return_id": "R-1",
        "purchase_id": quote["purchase_id"],
        "occurred_at": club.now.isoformat(),
    }
    assert club.ask("POST", "/v1/returns", back).status == 201
    assert validated(club, member_id, code).status == 200


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"member_id": None}, "member_id"),
        ({"card": "C-1"}, "member_id"),
        ({"store": "annex"}, "store"),
        ({"purchase": {"store": "annex"}}, "purchase.store"),
        ({"purchase": {"card": "C-2"}}, "purchase"),
        ({"purchase": {"offers": [{"offer": "all", "discount_minor": 0}]}}, "purchase.offers"),
        ({"purchase": {"total_minor": 1}}, "purchase.total_minor"),
    ],
)
def test_a_question_that_contradicts_itself_is_refused_at_its_field(club: Doors, changes: Json, field: str) -> None:
    member_id, code = with_coupon(club)
    if "purchase" in changes:
        changes = {"purchase": bought(club, line(5_000)) | changes["purchase"]}
    answer = club.ask("POST", VALIDATE, {"store": "main", "code": code, "member_id": member_id, **changes})
    assert (answer.status, answer.json["field"]) in {(422, field), (403, field)}


def test_a_suspended_member_has_no_coupon_and_a_stranger_is_unknown(club: Doors) -> None:
    assert validated(club, "M" + "9" * 16, "0000-0000-0000").code == "member_unknown"
    assert club.ask("GET", f"/v1/members/{'M' + '9' * 16}/offers").code == "member_unknown"
    member_id, code = with_coupon(club)
    test_key = {"store": "main", "mode": "test", "key": "k2"}
    assert validated(club, member_id, code).status == 200
    answer = club.ask("POST", VALIDATE, {"store": "main", "code": code, "member_id": member_id}, caller=test_key)
    assert answer.code == "member_unknown"


def test_a_coupon_is_printed_in_the_members_language_and_no_cache_keeps_it(club: Doors) -> None:
    member_id, code = with_coupon(club, language="he")
    path = f"/v1/members/{member_id}/offers/fifth.back.2026-11-22/certificate"
    printed = club.ask("GET", path)
    assert (printed.status, printed.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert 'lang="he" dir="rtl"' in printed.text
    assert code in printed.text
    assert printed.headers["cache-control"] == "private, no-store"
    assert "default-src 'none'" in printed.headers["content-security-policy"]
    assert club.ask("GET", path, query={"format": "html"}).text == printed.text
    drawn = club.ask("GET", path, query={"format": "svg"})
    assert (drawn.headers["content-type"], drawn.text[:4]) == ("image/svg+xml", "<svg")
    assert drawn.text.removesuffix("</svg>").rpartition("<path")[2] in printed.text
    refused = club.ask("GET", path, query={"format": "pdf"})
    assert (refused.status, refused.json["field"]) == (422, "format")


def test_only_a_coupon_that_its_own_member_can_use_is_printed(club: Doors) -> None:
    member_id, code = with_coupon(club)
    other = club.join()
    for who, coupon in ((other, "fifth.back.2026-11-22"), (member_id, "fifth.back.2026-11-23"), (member_id, code)):
        answer = club.ask("GET", f"/v1/members/{who}/offers/{coupon}/certificate")
        assert (answer.status, answer.code) == (404, "coupon_unknown")
    club.now += timedelta(days=31)
    answer = club.ask("GET", f"/v1/members/{member_id}/offers/fifth.back.2026-11-22/certificate")
    assert answer.code == "coupon_unknown"
