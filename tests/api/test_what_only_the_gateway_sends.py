"""Bad inputs that no client can send by itself: what the gateway flags, and what was handed out long ago."""

from __future__ import annotations

import json

import pytest

from shared.store.peppers import Peppers
from tests.api.conftest import Doors
from tests.api.gateway import Context, event, heard
from tests.api.test_doors import purchase

POSTS = ("/v1/purchases", "/v1/quotes", "/v1/events", "/v1/members", "/v1/members/lookup")
NO_BASE64 = ("not base64!", "eyJ0ZXh0I", "é", "{}", "e3 0=", "e30=\n", "-_e30=", "e30", "=", "e30==", "\ud800", "null")


@pytest.mark.parametrize("path", POSTS)
def test_a_body_that_the_gateway_flags_as_base64_and_is_none_is_refused_at_every_door(doors: Doors, path: str) -> None:
    member_id = doors.join()
    rows = doors.rows()
    function = "member" if path.startswith("/v1/members") else "purchase"
    for body in (*NO_BASE64, json.dumps(purchase(member_id=member_id))):
        told = event("POST", path, body, headers={"idempotency-key": "J-2"}) | {"isBase64Encoded": True}
        answer = heard(doors._handlers[function].handler(told, Context()))
        assert (answer.status, answer.code) == (400, "body_unreadable"), body
        assert answer.json["reason"]
    assert doors.rows() == rows


def test_a_cursor_of_before_the_pepper_was_replaced_is_refused(doors: Doors) -> None:
    member_id = doors.join()
    for number in range(3):
        assert (
            doors.ask("POST", "/v1/purchases", purchase(member_id=member_id, purchase_id=f"A-{number}")).status == 201
        )
    page = f"/v1/members/{member_id}/statement"
    cursor = doors.ask("GET", page, query={"limit": "2"}).json["next_cursor"]
    assert doors.ask("GET", page, query={"cursor": cursor}).status == 200
    object.__setattr__(doors.club, "peppers", Peppers(json.dumps([{"version": 2, "secret": "7a" * 32}])))
    answer = doors.ask("GET", page, query={"cursor": cursor})
    assert (answer.status, answer.code, answer.json["field"]) == (400, "cursor_invalid", "cursor")
