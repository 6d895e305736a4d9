"""The examples of the OpenAPI document are what the functions' own doors answer."""

from __future__ import annotations

from types import ModuleType
from urllib.parse import quote

import pytest

from club.openapi.example import NOW, REQUESTS, answered, example_club
from shared.actions import opening
from tests.api.conftest import Doors
from tests.documented import Told, operations


@pytest.fixture
def afternoon(handlers: dict[str, ModuleType], monkeypatch: pytest.MonkeyPatch) -> Doors:
    """The doors of the examples' own club."""
    opened, club = Doors(handlers), example_club()
    monkeypatch.setattr(opening, "club", lambda: club)
    return opened


def test_every_example_is_what_the_club_answers(afternoon: Doors) -> None:
    told = {one.name: one for one in operations()}
    for name, asked in REQUESTS.items():
        at = told[name]
        placed = {one: _named(at, one) for one in ("path", "query", "header")}
        path = at.path
        for parameter in placed["path"]:
            path = path.replace(f"{{{parameter}}}", quote(asked.parameters[parameter], safe=""))
        if name == "void_redemption":
            held = REQUESTS["hold_redemption"].body | {"redemption_id": "RD-1002", "units": 100}
            assert afternoon.ask("POST", "/v1/redemptions", held).status == 201
        answer = afternoon.ask(
            at.method,
            path,
            asked.body,
            query={key: asked.parameters[key] for key in placed["query"] if key in asked.parameters},
            headers={key.lower(): asked.parameters[key] for key in placed["header"]},
        )
        if name == "record_return":
            waits = afternoon.ask(at.method, path, asked.body | {"return_id": "R-1002", "purchase_id": "A-0999"})
            assert (waits.status, waits.json) == (202, answered()[f"{name}, waiting"])
            assert at.facts["responses"]["202"]["content"]["application/json"]["example"] == waits.json
        status = min(status for status in at.facts["responses"] if status < "300")
        assert (answer.status, answer.json) == (int(status), answered()[name]), name
        shown = at.facts["responses"][status]["content"]["application/json"]["example"]
        assert shown == answer.json, f"{name} is shown otherwise: `python -m club docs` writes it anew"


def test_the_examples_are_of_a_day_that_the_document_names() -> None:
    assert str(NOW.date()) in str(answered()["record_event"]["event"]["occurred_at"])


def _named(told: Told, place: str) -> list[str]:
    return [one["name"] for one in told.facts.get("parameters", []) if one["in"] == place]
