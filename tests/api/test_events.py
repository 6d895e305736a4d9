"""Activities: points for what a member did, once for each source id, with a reason."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shared.store.laws import publish
from tests.api.conftest import NOW, Doors

PROGRAMME = """
[club]
name = "Rimon"
currency = "USD"
time_zone = "America/New_York"
languages = ["en", "he"]
phone_region = "US"

[[wallet]]
id = "stamps"
name = { en = "Stamps", he = "חותמות" }
goal = 3

[[event]]
id = "review"
name = { en = "Review", he = "ביקורת" }

[[event]]
id = "install"

[[earn]]
id = "review"
event = "review"
points = 15
limits = [{ per = "member", times = 2 }]

[[earn]]
id = "stamp"
event = "review"
wallet = "stamps"
points = 2

[[earn]]
id = "install"
event = "install"
points = 100

[[achievement]]
id = "critic"
when = "member.points_earned >= 30"
points = 50
"""


@pytest.fixture
def club(doors: Doors) -> Doors:
    publish(doors.memory, PROGRAMME, NOW - timedelta(days=400), at_once=True)
    return doors


def did(doors: Doors, who: str, source_id: str = "R-1", **more: Any) -> Any:
    body = {
        "store": "main", "kind": "review", "source_id": source_id, "member_id": who,
        "occurred_at": "2026-11-22T10:00:00-05:00",
    }  # fmt: skip
    return doors.ask("POST", "/v1/events", body | more)


def test_an_activity_earns_its_points_with_a_reason(club: Doors) -> None:
    answer = did(club, club.join())
    assert answer.status == 201
    assert answer.json["points"]["earned"] == 15
    assert answer.json["event"]["kind"] == "review"
    assert [one["rule"] for one in answer.json["explanation"]["fired"]] == ["review", "stamp"]
    assert answer.json["wallets"] == [
        {
            "wallet": "stamps",
            "earned": 2,
            "balance": 2,
            "decimals": 0,
            "completed": 0,
            "waiting": 0,
            "waiting_until": None,
        }
    ]
    assert answer.json["explanation"]["total"] == [
        "Together 15 points.",
        "2 in Stamps.",
        "Usable from November 22, 2026.",
    ]


def test_the_same_source_id_counts_once(club: Doors) -> None:
    member_id = club.join()
    first, again = did(club, member_id), did(club, member_id)
    assert (first.text, again.headers["idempotency-replayed"]) == (again.text, "true")
    assert club.ask("GET", f"/v1/members/{member_id}").json["points"]["balance"] == 15


def test_the_same_source_id_with_other_content_is_refused(club: Doors) -> None:
    member_id = club.join()
    did(club, member_id)
    rows = club.rows()
    other = did(club, member_id, occurred_at="2026-11-22T11:00:00-05:00")
    assert (other.status, other.code) == (409, "event_differs")
    assert club.rows() == rows


def test_another_kind_of_activity_has_ids_of_its_own_and_rules_of_its_own(club: Doors) -> None:
    member_id = club.join()
    did(club, member_id)
    answer = did(club, member_id, kind="install")
    assert (answer.status, answer.json["points"]["earned"]) == (201, 150)


def test_a_limit_an_achievement_and_a_full_card(club: Doors) -> None:
    member_id = club.join()
    answers = [did(club, member_id, f"R-{number}").json for number in range(3)]
    assert [one["points"]["earned"] for one in answers] == [15, 65, 0]
    assert answers[1]["wallets"][0] == {
        "wallet": "stamps",
        "earned": 2,
        "balance": 1,
        "decimals": 0,
        "completed": 1,
        "waiting": 0,
        "waiting_until": None,
    }
    assert answers[2]["explanation"]["not_fired"][0]["why"] == "limit"
    told = club.ask("GET", f"/v1/members/{member_id}").json
    assert (told["points"]["balance"], told["wallets"][0]["balance"], told["wallets"][0]["completed"]) == (80, 0, 2)


def test_the_statement_tells_of_an_activity(club: Doors) -> None:
    member_id = club.join(language="he")
    did(club, member_id)
    entry = club.ask("GET", f"/v1/members/{member_id}/statement").json["entries"][0]
    assert (entry["kind"], entry["event"], entry["source_id"], entry["points"]) == ("event", "review", "R-1", 15)
    assert "ביקורת" in entry["reason"]


@pytest.mark.parametrize(
    ("change", "status", "code", "field"),
    [
        ({"kind": "levitate"}, 422, "invalid", "kind"),
        ({"kind": "Review"}, 422, "invalid", "kind"),
        ({"source_id": " "}, 422, "invalid", "source_id"),
        ({"source_id": 5}, 422, "invalid", "source_id"),
        ({"member_id": None}, 422, "invalid", "member_id"),
        ({"card": "C-1"}, 422, "invalid", "member_id"),
        ({"member_id": "M0123456789ABCDEF"}, 404, "member_unknown", None),
        ({"occurred_at": "2026-11-22T10:00:00"}, 422, "invalid", "occurred_at"),
        ({"occurred_at": "2027-11-22T10:00:00Z"}, 422, "invalid", "occurred_at"),
        ({"occurred_at": "2025-11-22T10:00:00Z"}, 422, "before_joining", "occurred_at"),
        ({"store": "other"}, 403, "store_not_allowed", "store"),
        ({"points": 5}, 422, "invalid", "points"),
    ],
)
def test_a_faulty_activity_is_refused_and_writes_nothing(
    club: Doors, change: dict[str, Any], status: int, code: str, field: str | None
) -> None:
    member_id = club.join()
    rows = club.rows()
    answer = did(club, member_id, **change)
    assert (answer.status, answer.code, answer.json.get("field")) == (status, code, field)
    assert club.rows() == rows
