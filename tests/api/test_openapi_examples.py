"""The examples of the OpenAPI document are what the functions' own doors answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import ModuleType
from typing import Any
from urllib.parse import quote

import pytest

from club.openapi.example import (
    FINANCE,
    NOW,
    REQUESTS,
    STAFF,
    answered,
    coupon_given,
    endpoint_of_example,
    example_club,
    messages_said,
    playbook_fired,
)
from shared.actions import opening, wiring
from shared.actions.book_expiry import book_expiry
from shared.actions.caller import Caller
from tests.api.conftest import Doors
from tests.documented import Told, operations


@pytest.fixture
def afternoon(handlers: dict[str, ModuleType], monkeypatch: pytest.MonkeyPatch) -> Doors:
    """The doors of the examples' own club."""
    opened = Doors(handlers)
    opened.club = example_club()
    monkeypatch.setattr(opening, "club", lambda: opened.club)
    # SNS answers on AWS alone.
    monkeypatch.setattr(wiring, "endpoint_for", endpoint_of_example)
    return opened


_BROUGHT = REQUESTS["adjust_balance"].body | {"kind": "opening", "units": 700}


def _before(name: str, doors: Doors) -> None:
    """What the afternoon does before an operation, and no example shows."""
    match name:
        case "void_redemption":
            held = REQUESTS["hold_redemption"].body | {"redemption_id": "RD-1002", "units": 100}
            assert doors.ask("POST", "/v1/redemptions", held).status == 201
        case "get_offers":
            coupon_given(doors.club)
        case "get_messages":
            messages_said(doors.club)
        case "list_playbooks":
            playbook_fired(doors.club)
        case "list_adjustments":
            for named in ("J-1002", "J-1003"):
                body = REQUESTS["adjust_balance"].body | {"adjustment_id": named, "units": 2_000}
                told = doors.ask("POST", "/v1/adjustments", body, claims=_claims("adjust_balance"))
                assert told.status == 202
            assert told.json == answered()["adjust_balance, waiting"]
        case "reinstate_points":
            brought = _BROUGHT | {"adjustment_id": "J-1004", "expires_on": "2026-11-30"}
            assert doors.ask("POST", "/v1/adjustments", brought, claims=_claims(name)).status == 201
            doors.club = replace(doors.club, now=lambda: NOW + timedelta(days=10))
            member_id = REQUESTS[name].body["member_id"]
            assert book_expiry(doors.club, Caller("main"), member_id, lambda: 60.0) is not None
        case "extend_points":
            brought = _BROUGHT | {"adjustment_id": "J-1005", "expires_on": "2026-12-20"}
            assert doors.ask("POST", "/v1/adjustments", brought, claims=_claims(name)).status == 201
        case "merge_members":
            person = {"name": "Dana L.", "card": "C-2045", "language": "en", "source": "till"}
            assert doors.ask("POST", "/v1/members", person, headers={"idempotency-key": "form-7732"}).status == 201


def _claims(name: str) -> dict[str, Any]:
    """The manager who asks, or whoever of finance approves and does the rest."""
    who = (
        STAFF
        if name.startswith("get_staff")
        or name
        in (
            "adjust_balance",
            "list_adjustments",
            "get_marketing",
            "set_marketing",
            "list_automations",
            "list_playbooks",
            "switch_automation",
            "get_dormant_report",
            "get_report",
        )
        else FINANCE
    )
    return {"sub": who.actor, "cognito:groups": f"[{' '.join(who.groups)}]"}


def test_every_example_is_what_the_club_answers(afternoon: Doors) -> None:
    told = {one.name: one for one in operations()}
    for name, asked in REQUESTS.items():
        at = told[name]
        placed = {one: _named(at, one) for one in ("path", "query", "header")}
        path = at.path
        for parameter in placed["path"]:
            path = path.replace(f"{{{parameter}}}", quote(asked.parameters[parameter], safe=""))
        _before(name, afternoon)
        answer = afternoon.ask(
            at.method,
            path,
            asked.body,
            query={key: asked.parameters[key] for key in placed["query"] if key in asked.parameters},
            headers={key.lower(): asked.parameters[key] for key in placed["header"]},
            **({"claims": _claims(name)} if at.groups else {}),
        )
        if name == "record_return":
            waits = afternoon.ask(at.method, path, asked.body | {"return_id": "R-1002", "purchase_id": "A-0999"})
            assert (waits.status, waits.json) == (202, answered()[f"{name}, waiting"])
            assert at.facts["responses"]["202"]["content"]["application/json"]["example"] == waits.json
        status = min(status for status in at.facts["responses"] if status < "300")
        kind = answer.headers["content-type"].partition(";")[0]
        told_now = answer.json if kind == "application/json" else answer.text
        expected = answered()[name] if kind == "application/json" else answered()[name][kind]
        assert (answer.status, told_now) == (int(status), expected), name
        shown = at.facts["responses"][status]["content"][kind]["example"]
        assert shown == told_now, f"{name} is shown otherwise: `python -m club docs` writes it anew"


def test_the_examples_are_of_a_day_that_the_document_names() -> None:
    assert str(NOW.date()) in str(answered()["record_event"]["event"]["occurred_at"])


def _named(told: Told, place: str) -> list[str]:
    return [one["name"] for one in told.facts.get("parameters", []) if one["in"] == place]
