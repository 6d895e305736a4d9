"""The clock that a member lives by: told on joining or when they move, kept to by whatever waits, never guessed."""

from __future__ import annotations

import pytest

from shared.store.people import person_of
from tests.api.conftest import Doors


def zone_of(doors: Doors, member: str) -> str:
    person = person_of(doors.club.store.backend.listed("people", member))
    assert person is not None
    return person.zone


def test_who_joins_may_say_by_which_clock_they_live(doors: Doors) -> None:
    assert zone_of(doors, doors.join(zone="Asia/Tehran")) == "Asia/Tehran"
    assert zone_of(doors, doors.join()) == ""


def test_who_moves_lives_by_the_clock_that_was_told_last(doors: Doors) -> None:
    member = doors.join(zone="Asia/Tehran")
    for zone in ("Asia/Jerusalem", "UTC", "America/Argentina/Buenos_Aires"):
        answer = doors.ask("POST", f"/v1/members/{member}/zone", {"zone": zone})
        assert (answer.status, answer.json) == (200, {"member_id": member, "zone": zone})
        assert zone_of(doors, member) == zone


@pytest.mark.parametrize(
    "zone", ["", "Mars/Phobos", "Asia", "asia/tehran", "localtime", "right/Asia/Tehran", "../etc/passwd", "Asia/../UTC",
             "Europe/Rome ", "Europe/Rome\n", "+03:00", "x" * 5_000, 3, None, True, [], {}],
)  # fmt: skip
def test_a_clock_of_no_place_is_refused_by_its_field_and_not_repeated(doors: Doors, zone: object) -> None:
    member = doors.join()
    answer = doors.ask("POST", f"/v1/members/{member}/zone", {"zone": zone})
    assert (answer.status, answer.json["code"], answer.json["field"]) == (422, "invalid", "zone")
    assert not (isinstance(zone, str) and "/" in zone and zone in answer.text)
    assert zone_of(doors, member) == ""


def test_nobody_is_moved_whom_the_club_does_not_know(doors: Doors) -> None:
    before = list(doors.club.store.backend.scanned("people"))
    answer = doors.ask("POST", "/v1/members/M0000000000000009/zone", {"zone": "Asia/Tehran"})
    assert (answer.status, answer.json["code"]) == (404, "member_unknown")
    assert list(doors.club.store.backend.scanned("people")) == before
