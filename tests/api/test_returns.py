"""Returns through the door: in part, whole, before their purchase, twice, and more than there is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.api.conftest import Doors
from tests.api.gateway import Heard
from tests.storefront import line, purchase

Json = dict[str, Any]


@pytest.fixture
def club(doors: Doors) -> Doors:
    return doors


def bought(club: Doors, purchase_id: str = "A-1", **changes: Any) -> Json:
    at = (club.now - timedelta(hours=5)).isoformat()
    body = purchase(line(3_000, quantity=3), line(1_000), purchase_id=purchase_id, occurred_at=at, **changes)
    body["lines"][1]["sku"] = "PO-1"
    return body


def back(club: Doors, return_id: str = "R-1", **changes: Any) -> Heard:
    at = (club.now - timedelta(hours=1)).isoformat()
    told = {"store": "main", "return_id": return_id, "purchase_id": "A-1", "occurred_at": at} | changes
    return club.ask("POST", "/v1/returns", {name: value for name, value in told.items() if value is not None})


def balance(club: Doors, member_id: str) -> int:
    return int(club.ask("GET", f"/v1/members/{member_id}").json["points"]["balance"])


def test_parts_that_come_back_one_by_one_end_where_it_began(club: Doors) -> None:
    member_id = club.join()
    body = bought(club, member_id=member_id)
    assert club.ask("POST", "/v1/purchases", body).json["points"]["earned"] == 40
    first = back(club, lines=[{"sku": body["lines"][0]["sku"], "quantity": 1}])
    assert (first.status, first.json["points"]["taken_back"], first.json["return"]["amount_minor"]) == (201, 10, 1_000)
    second = back(club, "R-2", amount_minor=500)
    assert (second.status, second.json["return"]["counted_by"]) == (201, "amount")
    rest = back(club, "R-3")
    assert (rest.json["return"]["whole"], rest.json["return"]["amount_minor"]) == (True, 2_500)
    told = club.ask("GET", f"/v1/members/{member_id}").json
    assert (told["points"]["balance"], told["purchases"], told["spend_minor"]) == (0, 0, 0)


def test_a_return_sent_again_is_answered_as_the_first_time_and_changes_nothing(club: Doors) -> None:
    member_id = club.join()
    club.ask("POST", "/v1/purchases", bought(club, member_id=member_id))
    first = back(club, amount_minor=1_000)
    again = back(club, amount_minor=1_000)
    assert (again.status, again.text, again.headers["idempotency-replayed"]) == (201, first.text, "true")
    assert back(club, amount_minor=2_000).code == "return_differs"
    assert balance(club, member_id) == 30


def test_no_more_comes_back_than_was_bought(club: Doors) -> None:
    member_id = club.join()
    body = bought(club, member_id=member_id)
    club.ask("POST", "/v1/purchases", body)
    refused = back(club, amount_minor=4_001)
    assert (refused.status, refused.code, refused.json["left_minor"]) == (422, "return_exceeds_purchase", 4_000)
    back(club, lines=[{"sku": body["lines"][0]["sku"]}])
    assert back(club, "R-2", lines=[{"sku": body["lines"][0]["sku"], "quantity": 1}]).code == "return_exceeds_purchase"
    assert back(club, "R-3", lines=[{"sku": "NOT-BOUGHT"}]).json["field"] == "lines.0.sku"
    assert balance(club, member_id) == 10


def test_a_return_that_comes_first_waits_and_is_applied_with_its_purchase(club: Doors) -> None:
    member_id = club.join()
    early = back(club, amount_minor=1_000)
    assert (early.status, early.json["state"]) == (202, "parked")
    assert back(club, amount_minor=1_000).headers["idempotency-replayed"] == "true"
    waiting = club.ask("GET", "/v1/returns", query={"state": "parked"}).json["returns"]
    assert [(one["return_id"], one["purchase_id"]) for one in waiting] == [("R-1", "A-1")]
    made = club.ask("POST", "/v1/purchases", bought(club, member_id=member_id))
    assert (made.status, made.json["points"]["earned"]) == (201, 40)
    assert balance(club, member_id) == 30
    assert club.ask("GET", "/v1/returns", query={"state": "parked"}).json["returns"] == []
    assert club.ask("GET", "/v1/returns/main/R-1").json["points"]["taken_back"] == 10
    assert back(club, amount_minor=1_000).headers["idempotency-replayed"] == "true"


def test_a_return_of_a_return_waits_for_a_purchase_of_that_name(club: Doors) -> None:
    member_id = club.join()
    club.ask("POST", "/v1/purchases", bought(club, member_id=member_id))
    back(club, amount_minor=1_000)
    again = back(club, "R-2", purchase_id="R-1")
    assert (again.status, again.json["state"]) == (202, "parked")
    assert balance(club, member_id) == 30


def test_a_guest_s_purchase_comes_back_once(club: Doors) -> None:
    club.ask("POST", "/v1/purchases", bought(club))
    whole = back(club)
    assert (whole.status, whole.json["account"], whole.json["return"]["member_id"]) == (201, None, None)
    assert back(club, "R-2").code == "return_exceeds_purchase"


def test_a_statement_tells_of_a_return_and_of_what_was_corrected(club: Doors) -> None:
    member_id = club.join()
    club.ask("POST", "/v1/purchases", bought(club, member_id=member_id))
    back(club, amount_minor=1_000)
    newest = club.ask("GET", f"/v1/members/{member_id}/statement").json["entries"][0]
    assert (newest["kind"], newest["points"], newest["balance"], newest["return_id"]) == ("return", -10, 30, "R-1")
    assert "R-1" in newest["reason"]
    assert "10" in newest["reasons"][0]


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"amount_minor": 0}, 422, "invalid"),
        ({"amount_minor": -5}, 422, "invalid"),
        ({"lines": []}, 422, "invalid"),
        ({"currency": "ILS"}, 422, "invalid"),
        ({"occurred_at": "2020-01-01T10:00:00Z"}, 422, "invalid"),
        ({"occurred_at": "2099-01-01T10:00:00Z"}, 422, "invalid"),
        ({"store": "other"}, 403, "store_not_allowed"),
        ({"purchase_id": None}, 422, "invalid"),
        ({"purchase_id": None, "member_id": "M0000000000000001", "amount_minor": 5}, 422, "return_without_purchase"),
        ({"member_id": "M0000000000000001"}, 422, "invalid"),
        ({"points": 5}, 422, "invalid"),
    ],
)
def test_a_return_that_cannot_be_is_refused_and_changes_nothing(
    club: Doors, changes: Json, status: int, code: str
) -> None:
    member_id = club.join()
    club.ask("POST", "/v1/purchases", bought(club, member_id=member_id))
    before = club.rows()
    refused = back(club, **changes)
    assert (refused.status, refused.code) == (status, code)
    assert club.rows() == before


@pytest.mark.parametrize(
    "query", [{}, {"state": "applied"}, {"state": "parked", "limit": "0"}, {"state": "parked", "x": "1"}]
)
def test_only_returns_that_wait_are_listed(club: Doors, query: dict[str, str]) -> None:
    assert club.ask("GET", "/v1/returns", query=query).status == 422


def test_a_return_that_nobody_reported_is_unknown(club: Doors) -> None:
    assert club.ask("GET", "/v1/returns/main/R-404").code == "return_unknown"
    assert club.ask("GET", "/v1/returns/other/R-404").code == "store_not_allowed"
