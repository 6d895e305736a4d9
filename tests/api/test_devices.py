"""A member's phones: told of by the app, pushed to by the club, forgotten when the member says so."""

from __future__ import annotations

from typing import Any

import pytest

from shared.actions import wiring
from shared.actions.caller import Caller
from shared.actions.devices import forget_device, register_device
from shared.domain.devices import DEVICES_MAX, Device
from shared.domain.errors import DeviceRefused, PushNotConfigured
from shared.settings import Settings
from shared.store.people import person_of
from tests.api.conftest import Doors

TOKEN = "d7Xk2mQyT0uVn5cPz1aB:APA91bF"


def device(number: int = 0) -> Device:
    return Device(platform="fcm", token=f"{TOKEN}{number}")


def endpoint(told: Device) -> str:
    return f"arn:aws:sns:us-east-1:1:endpoint/GCM/club/{told.id}"


def pushed_to(doors: Doors, member: str) -> str | None:
    person = person_of(doors.club.store.backend.listed("people", member))
    assert person is not None
    return person.addresses.get("push")


def register(doors: Doors, member: str, number: int = 0) -> Any:
    return register_device(doors.club, Caller("main"), member, device(number), endpoint)


def test_messages_go_to_the_phone_that_was_told_of_last(doors: Doors) -> None:
    member = doors.join()
    assert pushed_to(doors, member) is None
    for number in (1, 2, 1):
        doors.now = doors.now.replace(minute=doors.now.minute + 1)
        register(doors, member, number)
        assert pushed_to(doors, member) == endpoint(device(number))


def test_the_same_phone_told_again_is_one_and_of_too_many_the_oldest_is_forgotten(doors: Doors) -> None:
    member = doors.join()
    for number in (0, *range(DEVICES_MAX + 2), DEVICES_MAX):
        doors.now = doors.now.replace(minute=doors.now.minute + 1)
        register(doors, member, number)
    rows = [row for row in doors.club.store.backend.listed("people", member) if row["p"].startswith("device#")]
    assert {row["endpoint"] for row in rows} == {endpoint(device(number)) for number in range(2, DEVICES_MAX + 2)}


def test_the_token_itself_is_not_kept(doors: Doors) -> None:
    member = doors.join()
    register(doors, member)
    assert TOKEN not in str(list(doors.club.store.backend.scanned("people")))


def test_a_phone_that_is_forgotten_is_pushed_to_no_more(doors: Doors) -> None:
    member = doors.join()
    register(doors, member)
    for _ in range(2):
        forget_device(doors.club, Caller("main"), member, device())
        assert pushed_to(doors, member) is None


def test_the_door_answers_with_the_phones_name_and_never_with_its_token(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wiring, "endpoint_for", endpoint)
    member, body = doors.join(), {"platform": "fcm", "token": TOKEN}
    answer = doors.ask("POST", f"/v1/members/{member}/devices", body)
    assert (answer.status, answer.json["platform"]) == (201, "fcm")
    assert TOKEN not in answer.text
    gone = doors.ask("POST", f"/v1/members/{member}/devices/forget", body)
    assert (gone.status, gone.json) == (200, {"device": answer.json["device"], "forgotten": True})


def test_a_stage_without_a_platform_application_says_so_and_writes_nothing(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wiring, "settings", lambda: Settings("local", {}, "", 60))
    member = doors.join()
    before = list(doors.club.store.backend.scanned("people"))
    answer = doors.ask("POST", f"/v1/members/{member}/devices", {"platform": "apns", "token": TOKEN})
    assert (answer.status, answer.json["code"], answer.json["platform"]) == (422, "push_not_configured", "apns")
    assert list(doors.club.store.backend.scanned("people")) == before


@pytest.mark.parametrize("body", [
    {"platform": "fax", "token": TOKEN}, {"platform": "fcm", "token": ""}, {"platform": "fcm", "token": "short"},
    {"platform": "fcm", "token": "x" * 1_025}, {"platform": "fcm", "token": f"{TOKEN}\n"}, {"platform": "fcm"},
    {"platform": "fcm", "token": TOKEN, "endpoint": "arn:aws:sns:us-east-1:1:endpoint/GCM/other/1"},
])  # fmt: skip
def test_a_phone_that_is_none_is_refused_by_its_field(doors: Doors, body: dict[str, Any]) -> None:
    answer = doors.ask("POST", f"/v1/members/{doors.join()}/devices", body)
    assert (answer.status, answer.json["code"]) == (422, "invalid")


def test_nobodys_phone_is_registered(doors: Doors) -> None:
    answer = doors.ask("POST", "/v1/members/M0000000000000009/devices", {"platform": "fcm", "token": TOKEN})
    assert (answer.status, answer.json["code"]) == (404, "member_unknown")


def test_what_sns_refuses_for_good_is_said_to_be_the_tokens_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    from shared.store.wires import Refused

    def refusing(*_: object) -> str:
        raise Refused("never", "InvalidParameter")

    settings = Settings("local", {}, "", 60, push={"fcm": "arn:aws:sns:us-east-1:1:app/GCM/club"})
    monkeypatch.setattr(wiring, "settings", lambda: settings)
    monkeypatch.setattr(wiring, "endpoint_of", refusing)
    monkeypatch.setattr(wiring.connection, "texts", lambda: None)
    with pytest.raises(DeviceRefused):
        wiring.endpoint_for(device())
    with pytest.raises(PushNotConfigured):
        wiring.endpoint_for(Device(platform="apns", token=TOKEN))
