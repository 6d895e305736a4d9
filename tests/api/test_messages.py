"""What the club said to a member, as a storefront and the staff read it: each message, what became of it, and why."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from shared.domain.delivering import ms_of
from shared.domain.messages import Intent, message_id
from shared.domain.said import MARKS, Said
from shared.store.post import put_said
from tests.api.conftest import NOW, Doors
from tests.api.gateway import CALLER

Json = dict[str, Any]
ADDRESS = "dana@example.com"


def say(doors: Doors, member_id: str, number: int, **facts: Any) -> Said:
    """A message of a member, asked for so many minutes after the others."""
    at = NOW + timedelta(minutes=number)
    key = f"due#birthday#{member_id}#{number}"
    intent = Intent(
        message_id(key, 0, ms_of(at)), member_id, key, "birthday", "birthday", "marketing", (), ms_of(at),
        date(2026, 11, 30), 300, {"points": 5},
    )  # fmt: skip
    intent = intent._replace(**{name: facts.pop(name) for name in ("source",) if name in facts})
    state, reason = facts.pop("state", "SENT"), facts.pop("reason", "allowed")
    said = Said(intent, channel="email" if state == "SENT" else None, **facts).decided(at, state, reason)
    assert doors.memory.write([put_said(said, said.intent.created.date())]) == {}
    return said


def told(doors: Doors, member_id: str, **query: str) -> Json:
    answer = doors.ask("GET", f"/v1/members/{member_id}/messages", query=query)
    assert answer.status == 200, answer.text
    return answer.json


def test_who_was_told_nothing_has_an_empty_list(doors: Doors) -> None:
    member_id = doors.join()
    assert told(doors, member_id) == {"member_id": member_id, "messages": [], "next_cursor": None}


def test_a_message_says_what_called_for_it_by_what_it_went_and_what_became_of_it(doors: Doors) -> None:
    member_id = doors.join(email=ADDRESS)
    at = ms_of(NOW)
    said = say(doors, member_id, 0, unknown={MARKS: {"delivered": at + 1_000, "opened": at + 2_000}})
    (message,) = told(doors, member_id)["messages"]
    assert message == {
        "message_id": said.intent.id, "source": "birthday", "name": "Birthday gift", "template": "birthday",
        "purpose": "marketing", "channel": "email", "state": "SENT", "reason": "allowed", "sentence": "It was sent.",
        "asked_at": "2026-11-22T17:00:00.000Z", "last_day": "2026-11-30", "sent_at": "2026-11-22T17:00:00.000Z",
        "delivered_at": "2026-11-22T17:00:01.000Z", "opened_at": "2026-11-22T17:00:02.000Z", "clicked_at": None,
        "bounced_at": None,
    }  # fmt: skip


def test_what_was_not_sent_is_told_with_its_reason_in_the_members_language(doors: Doors) -> None:
    member_id = doors.join(language="he")
    say(doors, member_id, 0, state="REFUSED", reason="no_consent")
    (message,) = told(doors, member_id)["messages"]
    assert (message["state"], message["reason"], message["channel"], message["sent_at"]) == (
        "REFUSED", "no_consent", None, None
    )  # fmt: skip
    assert message["sentence"] == "ההודעה לא נשלחה: החבר לא נתן לכך הסכמה."


def test_the_words_of_a_provider_are_not_a_code_of_ours(doors: Doors) -> None:
    member_id = doors.join()
    say(doors, member_id, 0, state="FAILED", reason="MessageRejected")
    (message,) = told(doors, member_id)["messages"]
    assert (message["reason"], message["sentence"]) == (
        "not_taken", "It could not be sent: the provider did not take it."
    )  # fmt: skip


def test_what_an_automation_said_that_is_no_more_has_its_id_for_a_name(doors: Doors) -> None:
    member_id = doors.join()
    say(doors, member_id, 0, source="of-last-year")
    assert told(doors, member_id)["messages"][0]["name"] == "of-last-year"


def test_messages_come_the_newest_first_in_pages_and_each_once(doors: Doors) -> None:
    member_id = doors.join()
    said = [say(doors, member_id, number).intent.id for number in range(5)]
    found: list[str] = []
    query = {"limit": "2"}
    for _ in range(3):
        page = told(doors, member_id, **query)
        found += [one["message_id"] for one in page["messages"]]
        query["cursor"] = page["next_cursor"]
    assert found == said[::-1]
    assert page["next_cursor"] is None


def test_a_cursor_opens_this_members_messages_and_nothing_else(doors: Doors) -> None:
    dana, noa = doors.join(), doors.join()
    for number in range(2):
        say(doors, dana, number)
    cursor = told(doors, dana, limit="1")["next_cursor"]
    assert told(doors, dana, cursor=cursor)["messages"]
    changed = ("A" if cursor[0] != "A" else "B") + cursor[1:]
    tried = ((dana, changed, "messages"), (noa, cursor, "messages"), (dana, cursor, "statement"))
    for member_id, text, pages in tried:
        answer = doors.ask("GET", f"/v1/members/{member_id}/{pages}", query={"cursor": text})
        assert (answer.status, answer.code) == (400, "cursor_invalid"), (text, pages)


@pytest.mark.parametrize("limit", ["0", "-1", "1e2", "101", "", "٥"])
def test_a_page_of_messages_has_a_sensible_length(doors: Doors, limit: str) -> None:
    answer = doors.ask("GET", f"/v1/members/{doors.join()}/messages", query={"limit": limit})
    assert (answer.status, answer.json["field"]) == (422, "limit")


def test_messages_tell_no_address_and_staff_read_the_same(doors: Doors) -> None:
    member_id = doors.join(email=ADDRESS)
    say(doors, member_id, 0)
    text = doors.ask("GET", f"/v1/members/{member_id}/messages").text
    assert ADDRESS not in text
    assert doors.ask("GET", f"/v1/staff/members/{member_id}/messages").text == text


def test_a_live_members_messages_are_nothing_to_a_test_key(doors: Doors) -> None:
    member_id = doors.join()
    answer = doors.ask("GET", f"/v1/members/{member_id}/messages", caller=CALLER | {"mode": "test"})
    assert answer.code == "member_unknown"
