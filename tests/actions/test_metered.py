"""A handler that tells what it used: it answers as it would without, whatever becomes of the telling."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.actions import metered as frame
from shared.store.memory import Memory
from shared.store.meter import Meter
from shared.store.sender import Refused
from shared.store.usage import used_in


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[Memory]:
    memory, meter = Memory(), Meter("relay", 256)
    monkeypatch.setattr(frame, "meter", lambda: meter)
    monkeypatch.setattr(frame, "tables", lambda: memory)
    frame._telling.cache_clear()
    yield memory
    frame._telling.cache_clear()


def today() -> Any:
    return datetime.now(UTC).date()


def test_a_call_is_told_with_its_answer(memory: Memory) -> None:
    heard: list[str] = []
    handler = frame.metered(heard.append)(lambda event, _: event["n"] + 1)
    assert handler({"n": 1}, None) == 2
    assert used_in(memory, today())["calls.relay"] == 1
    assert heard == []


def test_a_call_that_failed_fails_as_it_would_and_is_told_with_the_next(memory: Memory) -> None:
    def fails(_: dict[str, Any], __: Any) -> None:
        raise LookupError

    with pytest.raises(LookupError):
        frame.metered(lambda _: None)(fails)({}, None)
    assert used_in(memory, today()) == {}
    frame.metered(lambda _: None)(lambda _, __: None)({}, None)
    assert used_in(memory, today())["calls.relay"] == 2


def test_what_cannot_be_told_fails_no_call(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_: object) -> None:
        raise Refused("AccessDeniedException", 400, {})

    monkeypatch.setattr(memory, "write", refused)
    heard: list[str] = []
    assert frame.metered(heard.append)(lambda _, __: "done")({}, None) == "done"
    assert heard == ["AccessDeniedException"]
