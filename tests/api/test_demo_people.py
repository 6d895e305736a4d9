"""The few people of the demo club: the club lets them in, and its year writes to who agreed, on their own days and by their own
clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from club.demo_people import PEOPLE, joining, purchases
from club.rehearsal import Copy, Rehearsal
from shared.domain.voice import LANGUAGES
from shared.store.backend import KEYS, Put
from tests.api.conftest import Doors

FIRST, DAYS = date(2027, 2, 20), 50


def joined(doors: Doors) -> dict[str, str]:
    """Members by handle."""
    members = {}
    today = datetime.combine(doors.now.date(), datetime.min.time(), UTC) + timedelta(hours=12)
    for person in PEOPLE:
        headers = {"idempotency-key": f"demo-{person.handle}"}
        answers = [doors.ask("POST", "/v1/members", joining(person, today), headers=headers) for _ in range(2)]
        assert [answer.status for answer in answers] == [201, 201], answers[0].text
        members[person.handle] = answers[0].json["member_id"]
        for told in purchases(person, "main", today):
            assert doors.ask("POST", "/v1/purchases", told).status == 201
    return members


def test_the_demos_people_speak_every_language_and_are_written_to_on_their_days_if_they_agreed(doors: Doors) -> None:
    assert {person.language for person in PEOPLE} == set(LANGUAGES)
    members = joined(doors)
    copy = Copy()
    for table in KEYS:
        for row in doors.memory.scanned(table):
            copy.write([Put(table, row)])
    rehearsal = Rehearsal(copy, doors.club.laws.at(doors.now), doors.club.peppers, FIRST)
    for number in range(DAYS):
        rehearsal.day(FIRST + timedelta(days=number))
    contacted = {handle: rehearsal.contacted.get(member, []) for handle, member in members.items()}
    assert contacted["maya"] == []
    birthday = [at.astimezone(ZoneInfo("Asia/Jerusalem")).date() for at in contacted["dana"]]
    assert date(2027, 2, 28) in birthday
    sent = {(end.source, end.channel) for end in rehearsal.ends if end.state == "SENT"}
    assert ("birthday", "email") in sent
