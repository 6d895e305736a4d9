"""The switch that stops all marketing: who may press it, what it holds back, and what starting again does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shared.actions import stop_marketing
from shared.store.backend import Contended
from shared.store.breaker import Breaker, breaker_of, put_breaker
from tests.api.conftest import NOW, Doors
from tests.api.gateway import CLAIMS, Heard
from tests.api.test_office import claims

Json = dict[str, Any]
STOP = {"stopped": True, "reason": "The letter was wrong"}
GO = {"stopped": False, "reason": "It is mended"}


def press(doors: Doors, told: Json, **more: Any) -> Heard:
    return doors.ask("POST", "/v1/marketing", told, **more)


def state(doors: Doors) -> Json:
    answer = doors.ask("GET", "/v1/marketing")
    assert answer.status == 200
    return answer.json


def stop_of(doors: Doors) -> str | None:
    """What whoever sends messages reads of it."""
    from functions.notify.handler import Switches

    return Switches().stop(doors.club)


def test_marketing_goes_until_somebody_stops_it(doors: Doors) -> None:
    assert state(doors) == {
        "goes": True, "stopped": False, "changed_by": None, "reason": None, "changed_at": None, "breaker_open_since": None
    }  # fmt: skip
    assert stop_of(doors) is None


def test_who_stops_marketing_is_told_of_with_the_reason_and_no_message_goes(doors: Doors) -> None:
    told = press(doors, STOP)
    assert (told.status, told.json) == (200, state(doors))
    assert told.json == {
        "goes": False, "stopped": True, "changed_by": CLAIMS["sub"], "reason": "The letter was wrong",
        "changed_at": "2026-11-22T17:00:00.000Z", "breaker_open_since": None,
    }  # fmt: skip
    assert stop_of(doors) == "marketing_stopped"
    doors.now = NOW + timedelta(hours=1)
    assert press(doors, GO).json["goes"] is True
    assert stop_of(doors) is None


def test_the_same_again_changes_nothing(doors: Doors) -> None:
    press(doors, STOP)
    rows = doors.rows()
    doors.now = NOW + timedelta(hours=1)
    again = press(doors, STOP | {"reason": "Once more"}, claims=claims("owner"))
    assert again.json["reason"] == "The letter was wrong"
    assert doors.rows() == rows


def test_starting_again_closes_the_breaker_since_somebody_has_looked(doors: Doors) -> None:
    doors.memory.write([put_breaker("live", Breaker(opened=NOW))])
    assert state(doors)["breaker_open_since"] == "2026-11-22T17:00:00.000Z"
    assert (state(doors)["goes"], stop_of(doors)) == (False, "breaker_open")
    doors.now = NOW + timedelta(hours=1)
    told = press(doors, GO).json
    assert (told["goes"], told["breaker_open_since"], told["changed_by"]) == (True, None, CLAIMS["sub"])
    assert breaker_of(doors.memory, "live").since == doors.now


def test_stopping_leaves_an_open_breaker_open(doors: Doors) -> None:
    doors.memory.write([put_breaker("live", Breaker(opened=NOW))])
    assert press(doors, STOP).json["breaker_open_since"] is not None


def test_of_two_who_press_at_once_the_second_sees_what_the_first_did(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The row's version decides; whoever came late reads again."""
    read = stop_marketing.marketing_of
    first = read(doors.club, "live")
    press(doors, STOP)
    seen = iter([first])
    monkeypatch.setattr(stop_marketing, "marketing_of", lambda *args: next(seen, None) or read(*args))
    assert press(doors, STOP | {"reason": "Also seen"}, claims=claims("owner")).json["reason"] == "The letter was wrong"


def test_a_write_that_another_one_disturbs_is_made_again(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    write, faults = doors.memory.write, [Contended()]

    def disturbed(puts: Any) -> Any:
        if faults:
            raise faults.pop()
        return write(puts)

    monkeypatch.setattr(doors.memory, "write", disturbed)
    assert press(doors, STOP).json["stopped"] is True


@pytest.mark.parametrize(
    "told", [{}, {"stopped": True}, STOP | {"reason": ""}, STOP | {"stopped": "yes"}, STOP | {"by": "me"}]
)
def test_a_press_without_reason_or_meaning_is_refused(doors: Doors, told: Json) -> None:
    rows = doors.rows()
    assert press(doors, told).status == 422
    assert doors.rows() == rows
