"""Naming a member by card, phone or e-mail is a look-up: whoever names strangers uses up what a key may ask in a minute."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from shared.actions.find_member import LOOKUPS_PER_MINUTE_MAX
from tests.api.conftest import Doors
from tests.api.gateway import CALLER, Heard
from tests.api.test_doors import purchase

STRANGERS: dict[str, Callable[[Doors, int], Heard]] = {
    "a purchase": lambda doors, number: doors.ask("POST", "/v1/purchases", purchase(phone=phone(number))),
    "a quote": lambda doors, number: doors.ask("POST", "/v1/quotes", purchase(email=f"nobody{number}@example.com")),
    "a look-up": lambda doors, number: doors.ask("POST", "/v1/members/lookup", {"phone": phone(number)}),
}


def phone(number: int) -> str:
    return f"+1202555{100 + number % 100:04d}"


def counted(doors: Doors) -> int:
    return sum(row["c"] for row in doors.memory._tables["limits"].values())


def joined(doors: Doors) -> str:
    return doors.join(card="C-9", phone="+12025550100", email="dana@example.com")


@pytest.mark.parametrize("door", STRANGERS)
def test_a_key_names_sixty_strangers_a_minute_and_no_more(doors: Doors, door: str) -> None:
    assert LOOKUPS_PER_MINUTE_MAX == 60
    rows = doors.rows()
    answers = [STRANGERS[door](doors, 1 + number) for number in range(63)]
    assert [answer.code for answer in answers] == ["member_unknown"] * 60 + ["lookups_exhausted"] * 3
    assert (answers[-1].status, answers[-1].headers["retry-after"], answers[-1].json["per_minute"]) == (429, "60", 60)
    assert doors.rows() == rows
    assert counted(doors) == 60


def test_all_doors_count_together(doors: Doors) -> None:
    for number in range(20):
        for ask in STRANGERS.values():
            assert ask(doors, number).code == "member_unknown"
    assert {ask(doors, 99).code for ask in STRANGERS.values()} == {"lookups_exhausted"}


@pytest.mark.parametrize("contact", [{"card": "C-9"}, {"phone": "+12025550100"}, {"email": "dana@example.com"}])
def test_once_a_key_has_named_too_many_strangers_members_and_strangers_are_answered_alike(
    doors: Doors, contact: dict[str, Any]
) -> None:
    joined(doors)
    for number in range(61):
        STRANGERS["a quote"](doors, number)
    rows = doors.rows()
    stranger = {kind: {"card": "C-8", "phone": "+12025550198", "email": "dina@example.com"}[kind] for kind in contact}
    for path in ("/v1/purchases", "/v1/quotes"):
        assert doors.ask("POST", path, purchase(**contact)).text == doors.ask("POST", path, purchase(**stranger)).text
    assert (
        doors.ask("POST", "/v1/members/lookup", contact).text == doors.ask("POST", "/v1/members/lookup", stranger).text
    )
    assert doors.rows() == rows


def test_members_who_are_known_are_not_counted_when_they_buy(doors: Doors) -> None:
    member_id = joined(doors)
    for number in range(LOOKUPS_PER_MINUTE_MAX + 5):
        named = (
            {"card": "C-9"},
            {"phone": "+12025550100"},
            {"email": "dana@example.com"},
            {"member_id": member_id},
            {},
        )[number % 5]
        assert doors.ask("POST", "/v1/purchases", purchase(purchase_id=f"A-{number}", **named)).status == 201
    assert counted(doors) == 0


def test_an_id_of_ours_that_nobody_has_is_no_look_up(doors: Doors) -> None:
    for _ in range(LOOKUPS_PER_MINUTE_MAX + 5):
        assert doors.ask("POST", "/v1/quotes", purchase(member_id="M0000000000000099")).code == "member_unknown"
    assert counted(doors) == 0


def test_a_key_that_has_asked_too_often_still_sells(doors: Doors) -> None:
    member_id = joined(doors)
    for number in range(61):
        STRANGERS["a purchase"](doors, number)
    assert doors.ask("POST", "/v1/purchases", purchase(member_id=member_id)).status == 201
    assert doors.ask("POST", "/v1/purchases", purchase(purchase_id="A-2")).status == 201
    assert doors.ask("GET", f"/v1/members/{member_id}").status == 200


def test_another_key_and_the_next_minute_are_not_concerned(doors: Doors) -> None:
    member_id = joined(doors)
    for number in range(61):
        STRANGERS["a quote"](doors, number)
    other = doors.ask("POST", "/v1/quotes", purchase(card="C-9"), caller=CALLER | {"key": "k2"})
    assert other.json["purchase"]["member_id"] == member_id
    doors.now += timedelta(minutes=1)
    assert doors.ask("POST", "/v1/quotes", purchase(card="C-9")).status == 200


def test_joining_with_somebodys_phone_tells_that_she_is_a_member_and_is_counted(doors: Doors) -> None:
    joined(doors)
    rows = doors.rows()
    body = {"name": "Eve", "language": "en", "source": "till", "phone": "+12025550100"}

    def join(number: int, **change: Any) -> Heard:
        return doors.ask("POST", "/v1/members", body | change, headers={"idempotency-key": f"E-{number}"})

    assert [join(number).code for number in range(62)] == ["contact_taken"] * 60 + ["lookups_exhausted"] * 2
    assert join(99, phone="+12025550198").code == "lookups_exhausted"
    assert doors.rows() == rows


def test_joining_is_not_counted_when_nobody_has_the_contacts(doors: Doors) -> None:
    for number in range(LOOKUPS_PER_MINUTE_MAX + 5):
        doors.join(card=f"N-{number}")
    assert counted(doors) == 0
