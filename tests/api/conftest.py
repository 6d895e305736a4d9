"""The functions' own doors on a club in memory: real handlers, real actions, rows in dicts, a clock that stands still."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from types import ModuleType
from typing import Any

import pytest

from club.home import ROOT
from shared.actions import opening
from shared.actions.club import Club
from shared.api.routes import EVERY_ROUTE
from shared.store.laws import Laws, publish
from shared.store.memory import Memory
from shared.store.peppers import Peppers
from shared.store.store import Store
from tests.api.gateway import Context, Heard, event, heard
from tests.documented import check_answer, operation

NOW = datetime(2026, 11, 22, 17, tzinfo=UTC)
PEPPERS = json.dumps([{"version": 1, "secret": "5e" * 32}])


class Doors:
    """The functions of a club that stands in memory."""

    def __init__(self, handlers: dict[str, ModuleType]) -> None:
        self.memory = Memory()
        self.now = NOW
        self._handlers = handlers
        numbers = count(1)
        self.club = Club(
            Store(self.memory), Laws(self.memory, 0), Peppers(PEPPERS), now=lambda: self.now,
            new_id=lambda: f"{next(numbers):016d}", sleep=lambda _: None, chance=lambda: 0.5,
        )  # fmt: skip
        publish(self.memory, (ROOT / "programmes" / "demo.toml").read_text("utf-8"), NOW, at_once=True)

    def ask(self, method: str, path: str, body: object = None, seconds: float = 10.0, **more: Any) -> Heard:
        """One request through the function that serves it. Whatever it answers stands in the OpenAPI document."""
        asked = event(method, path, body, **more)
        function = next(route.function for route in EVERY_ROUTE if route.key == asked["routeKey"])
        answer = heard(self._handlers[function].handler(asked, Context(seconds)))
        told = operation(method, path)
        assert told is not None, f"{method} {path} is no operation of the document"
        check_answer(told, answer.status, answer.headers, answer.text)
        return answer

    def join(self, **facts: Any) -> str:
        """A new member's id."""
        number = len(self.rows()["accounts"])
        body = {
            "name": "Dana",
            "card": f"C-{number}",
            "language": "en",
            "source": "till",
            "joined_at": "2026-01-01T12:00:00Z",
        }
        answer = self.ask("POST", "/v1/members", body | facts, headers={"idempotency-key": f"J-{number}"})
        assert answer.status == 201, answer.text
        return str(answer.json["member_id"])

    def rows(self) -> dict[str, dict[Any, Any]]:
        """Every row there is but the counters of look-ups, to see that nothing was written."""
        return {table: dict(rows) for table, rows in self.memory._tables.items() if table != "limits"}


@pytest.fixture(scope="session")
def handlers() -> Iterator[dict[str, ModuleType]]:
    """The functions as Lambda loads them. They open their connection when they start; nothing is ever sent over it."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_DEFAULT_REGION", "eu-central-1")
        from functions.member import handler as member
        from functions.office import handler as office
        from functions.purchase import handler as purchase
        from shared.store import connection

        yield {"member": member, "office": office, "purchase": purchase}
        connection.dynamodb.cache_clear()


@pytest.fixture
def doors(handlers: dict[str, ModuleType], monkeypatch: pytest.MonkeyPatch) -> Doors:
    opened = Doors(handlers)
    monkeypatch.setattr(opening, "club", lambda: opened.club)
    return opened
