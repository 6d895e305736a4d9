"""A handler that tells what it used: it answers as it would without, whatever becomes of the telling."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from infra.rooms import ROOMS
from shared.actions import metered as frame
from shared.store.memory import Memory
from shared.store.meter import Meter
from shared.store.sender import Refused
from shared.store.usage import used_in

FUNCTIONS = Path(__file__).resolve().parents[2] / "functions"


class Context:
    """`left_ms`: what the function has left."""

    def __init__(self, left_ms: int = 9_000) -> None:
        self.left_ms = left_ms

    def get_remaining_time_in_millis(self) -> int:
        return self.left_ms


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[Memory]:
    memory, meter = Memory(), Meter("relay", 256)
    monkeypatch.setattr(frame, "meter", lambda: meter)
    monkeypatch.setattr(frame, "tables_to_tell", lambda: memory)
    frame._telling.cache_clear()
    yield memory
    frame._telling.cache_clear()


def today() -> Any:
    return datetime.now(UTC).date()


def unheard(*_: object, **__: object) -> None:
    raise AssertionError


def test_a_call_is_told_with_its_answer(memory: Memory) -> None:
    handler = frame.metered(unheard, lambda: 40)(lambda event, _: event["n"] + 1)
    assert handler({"n": 1}, Context()) == 2
    used = used_in(memory, today())
    assert (used["calls.relay"], used["log_bytes.relay"]) == (1, 40)


def test_a_call_that_failed_fails_as_it_would_and_is_told_with_the_next(memory: Memory) -> None:
    def fails(_: dict[str, Any], __: Any) -> None:
        raise LookupError

    with pytest.raises(LookupError):
        frame.metered(unheard, lambda: 40)(fails)({}, Context())
    assert used_in(memory, today()) == {}
    frame.metered(unheard, lambda: 40)(lambda _, __: None)({}, Context())
    assert used_in(memory, today())["calls.relay"] == 2


def test_whoever_is_told_to_come_back_later_does_not_wait_for_one_more_request(memory: Memory) -> None:
    assert frame.metered(unheard, lambda: 40)(lambda _, __: {"statusCode": 503})({}, Context()) == {"statusCode": 503}
    assert used_in(memory, today()) == {}
    frame.metered(unheard, lambda: 40)(lambda _, __: {"statusCode": 404})({}, Context())
    assert used_in(memory, today())["calls.relay"] == 2


def test_an_answer_that_is_late_already_is_not_made_later(memory: Memory) -> None:
    handler = frame.metered(unheard, lambda: 40)(lambda _, __: "done")
    assert handler({}, Context(left_ms=2_999)) == "done"
    assert used_in(memory, today()) == {}
    assert handler({}, Context(left_ms=3_000)) == "done"
    assert used_in(memory, today())["calls.relay"] == 2


def test_what_cannot_be_told_fails_no_call(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_: object) -> None:
        raise Refused("AccessDeniedException", 400, {})

    monkeypatch.setattr(memory, "write", refused)
    heard: list[dict[str, str]] = []
    handler = frame.metered(lambda level, **said: heard.append(said), lambda: 40)(lambda _, __: "done")
    assert handler({}, Context()) == "done"
    assert heard == [{"code": "use_untold", "error": "AccessDeniedException"}]


@pytest.mark.parametrize("room", [room.name for room in ROOMS])
def test_every_function_has_a_meter_and_may_write_what_it_says(room: str) -> None:
    module = ast.parse((FUNCTIONS / room / "handler.py").read_text("utf-8"))
    made = [
        ast.unparse(one)
        for one in module.body
        if isinstance(one, ast.Assign) and "handler" in ast.unparse(one.targets[0])
    ]
    made += [
        f"@{ast.unparse(mark)}" for one in module.body if isinstance(one, ast.FunctionDef) and one.name == "handler"
        for mark in one.decorator_list
    ]  # fmt: skip
    assert any("metered(log, logged)" in one for one in made)
    (grants,) = (one.grants for one in ROOMS if one.name == room)
    assert any("used#*" in grant.of and "PutItem" in grant.actions for grant in grants if grant.table == "club")
