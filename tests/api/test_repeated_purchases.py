"""A purchase that is reported twice: the first answer again, a refusal, or a success without points, as the programme says."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from club.home import ROOT
from shared.store.laws import publish
from tests.api.conftest import NOW, Doors
from tests.storefront import line, purchase

DEMO = (ROOT / "programmes" / "demo.toml").read_text("utf-8")


def reported_twice(doors: Doors, policy: str) -> tuple[Any, Any]:
    told = DEMO + f'\n[policies]\nduplicate_request = "{policy}"\n'
    publish(doors.memory, told, NOW - timedelta(days=400), at_once=True)
    at = (NOW - timedelta(days=1)).isoformat()
    body = purchase(line(2_990), member_id=doors.join(), purchase_id=f"A-{policy}", occurred_at=at)
    first = doors.ask("POST", "/v1/purchases", body)
    assert (first.status, first.json["points"]["earned"]) == (201, 29)
    rows = doors.rows()
    again = doors.ask("POST", "/v1/purchases", body)
    assert doors.rows() == rows
    return first, again


def test_it_is_answered_as_the_first_time(doors: Doors) -> None:
    first, again = reported_twice(doors, "replay")
    assert (first.status, first.text) == (again.status, again.text)
    assert again.headers["idempotency-replayed"] == "true"


def test_it_is_refused(doors: Doors) -> None:
    _, again = reported_twice(doors, "refuse")
    assert (again.status, again.code) == (409, "purchase_repeated")


def test_it_is_a_success_that_earned_nothing(doors: Doors) -> None:
    _, again = reported_twice(doors, "ignore")
    assert (again.status, again.headers["idempotency-replayed"]) == (201, "true")
    assert (again.json["points"]["earned"], again.json["account"], again.json["explanation"]["fired"]) == (0, None, [])
    assert again.json["explanation"]["total"] == ["This purchase was recorded before: nothing is counted twice."]


@pytest.mark.parametrize("policy", ["replay", "refuse", "ignore"])
def test_other_content_under_the_same_id_is_refused_whatever_the_policy(doors: Doors, policy: str) -> None:
    reported_twice(doors, policy)
    other = purchase(line(100), purchase_id=f"A-{policy}", occurred_at=(NOW - timedelta(days=1)).isoformat())
    answer = doors.ask("POST", "/v1/purchases", other)
    assert (answer.status, answer.code) == (409, "purchase_differs")
