"""Automations as staff see them: on or off, by whom and why, and what became of each within some days."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest

from club.home import ROOT
from shared.domain.delivering import ms_of
from shared.domain.messages import Intent, message_id
from shared.domain.said import Said
from shared.store import keys
from shared.store.backend import Add
from shared.store.campaigns import Asked, put_asked
from shared.store.laws import publish
from shared.store.post import add_source
from tests.api.conftest import NOW, Doors
from tests.api.gateway import CLAIMS, Heard
from tests.api.test_office import claims

Json = dict[str, Any]
OFF = {"enabled": False, "reason": "The gift is sold out"}
ON = {"enabled": True, "reason": "It came in"}
TODAY = date(2026, 11, 22)


def switch(doors: Doors, told: Json, name: str = "birthday", **more: Any) -> Heard:
    return doors.ask("POST", f"/v1/automations/{name}", told, **more)


def listed(doors: Doors, **query: str) -> Json:
    answer = doors.ask("GET", "/v1/automations", query=query)
    assert answer.status == 200, answer.text
    return answer.json


def birthday(doors: Doors, **query: str) -> Json:
    return next(one for one in listed(doors, **query)["automations"] if one["automation"] == "birthday")


def tally(doors: Doors, day: date, **figures: int) -> None:
    row = {"kind": keys.tallies_of("live", day), "id": keys.tally_part(0, 0)}
    more = {f"{name}.birthday": value for name, value in figures.items()}
    doors.memory.write([Add("club", row, more)])


def wrote(
    doors: Doors, day_ago: int, state: Any, cost: Fraction = Fraction(0), source: str = "birthday", **marks: int
) -> None:
    at = ms_of(NOW - timedelta(days=day_ago))
    key = f"due#{day_ago}#{state}"
    intent = Intent(
        message_id(key, 0, at), "M0000000000000001", key, source, "birthday", "marketing", (), at, TODAY, 0, {}
    )
    counted = add_source(Said(intent, state=state), (NOW - timedelta(days=day_ago)).date(), cost)
    doors.memory.write([counted, *([Add("post", counted.row, marks)] if marks else [])])


def test_every_automation_of_the_programme_is_told_with_its_sentence_and_is_on(doors: Doors) -> None:
    told = listed(doors)
    assert [one["automation"] for one in told["automations"]] == [
        one.automation.id for one in doors.club.laws.latest().automations
    ]
    assert all(one["sentence"] and one["enabled"] == one["enabled_by_programme"] for one in told["automations"])
    assert {one["staff"] is None for one in told["automations"]} == {True}
    assert (told["from"], told["until"]) == ("2026-10-24", "2026-11-22")


def test_what_is_switched_off_says_by_whom_when_and_why(doors: Doors) -> None:
    answer = switch(doors, OFF)
    assert answer.status == 200
    assert answer.json["enabled"] is False
    assert answer.json["enabled_by_programme"] is True
    assert answer.json["staff"] == {
        "enabled": False, "actor": CLAIMS["sub"], "reason": OFF["reason"], "at": "2026-11-22T17:00:00.000Z"
    }  # fmt: skip
    assert {name: birthday(doors)[name] for name in answer.json} == answer.json
    assert switch(doors, ON).json["enabled"] is True
    assert birthday(doors)["staff"]["reason"] == ON["reason"]


def test_the_same_again_changes_nothing(doors: Doors) -> None:
    rows = doors.rows()
    assert switch(doors, ON).json["staff"] is None
    assert doors.rows() == rows
    switch(doors, OFF)
    rows = doors.rows()
    again = switch(doors, OFF | {"reason": "Once more"}, claims=claims("owner"))
    assert again.json["staff"]["reason"] == OFF["reason"]
    assert doors.rows() == rows


def test_one_that_is_off_leaves_the_others_on(doors: Doors) -> None:
    switch(doors, OFF)
    switch(doors, OFF, "welcome")
    switch(doors, ON, "birthday")
    off = {one["automation"] for one in listed(doors)["automations"] if not one["enabled"]}
    assert "welcome" in off
    assert "birthday" not in off


def test_staff_cannot_switch_on_what_the_programme_has_switched_off(doors: Doors) -> None:
    text = (ROOT / "programmes" / "demo.toml").read_text("utf-8")
    disabled = text.replace('id = "birthday"\n', 'id = "birthday"\nenabled = false\n')
    publish(doors.memory, disabled, NOW, at_once=True)
    rows = doors.rows()
    answer = switch(doors, ON)
    assert (answer.status, answer.code, answer.json["automation"]) == (422, "automation_disabled", "birthday")
    assert doors.rows() == rows
    assert switch(doors, OFF).json["enabled"] is False


@pytest.mark.parametrize("name", ["none", "BIRTHDAY", "..", "\x00", "x" * 5_000])
def test_an_automation_that_is_none_is_unknown(doors: Doors, name: str) -> None:
    rows = doors.rows()
    answer = switch(doors, OFF, name)
    assert (answer.status, answer.code) == (404, "automation_unknown")
    assert doors.rows() == rows


def test_counts_are_the_sums_of_the_days_that_are_asked_for(doors: Doors) -> None:
    tally(doors, TODAY, treated=9, held_out=1, gave=900)
    tally(doors, TODAY - timedelta(days=29), treated=2, gave=200)
    tally(doors, TODAY - timedelta(days=30), treated=50, gave=5_000)
    told = birthday(doors)
    assert [told[name] for name in ("due", "held_out", "granted", "units", "worth_minor")] == [12, 1, 11, 1_100, 1_100]
    of_today = birthday(doors, **{"from": "2026-11-22"})
    assert [of_today[name] for name in ("due", "held_out", "granted", "units")] == [10, 1, 9, 900]


def test_coupons_that_purchases_used_are_counted(doors: Doors) -> None:
    tally(doors, TODAY, used=3)
    tally(doors, TODAY - timedelta(days=1), used=1, used_back=2)
    assert birthday(doors)["coupons_used"] == 4
    assert birthday(doors, **{"from": "2026-11-22"})["coupons_used"] == 3
    assert [birthday(doors, **more)["coupons_back"] for more in ({}, {"from": "2026-11-22"})] == [2, 0]


def test_campaigns_are_counted_as_automations_are(doors: Doors) -> None:
    text = (ROOT / "programmes" / "demo.toml").read_text("utf-8")
    segment = '\n[[segment]]\nid = "those-who-buy"\nwhen = "member.purchases >= 1"\n'
    campaigns = "".join(
        f'[[campaign]]\nid = "{name}"\nsegment = "those-who-buy"\npoints = 50\n' for name in ("spring", "autumn")
    )
    publish(doors.memory, text + segment + campaigns, NOW, at_once=True)
    doors.memory.write([put_asked(Asked("spring", NOW - timedelta(days=1), "owner"))])
    row = {"kind": keys.tallies_of("live", TODAY), "id": keys.tally_part(0, 0)}
    names = ("treated", "held_out", "gave", "used")
    doors.memory.write(
        [Add("club", row, {f"{name}.spring": more for name, more in zip(names, (8, 2, 400, 5), strict=True)})]
    )
    wrote(doors, 0, "SENT", Fraction(1, 100), "spring", opened=1)
    told = {one["campaign"]: one for one in listed(doors)["campaigns"]}
    spring, autumn = told["spring"], told["autumn"]
    figures = ("due", "held_out", "granted", "units", "worth_minor", "coupons_used")
    assert [spring[name] for name in figures] == [10, 2, 8, 400, 400, 5]
    assert [spring["messages"][name] for name in ("sent", "opened", "cost_minor")] == [1, 1, "0.01"]
    assert (spring["begins_at"], autumn["begins_at"]) == ("2026-11-21T17:00:00.000Z", None)
    assert [autumn[name] for name in figures] == [0] * 6
    assert "spring" not in {one["automation"] for one in listed(doors)["automations"]}


def test_messages_are_counted_by_what_became_of_them_with_what_they_cost(doors: Doors) -> None:
    for day_ago in (0, 1):
        wrote(doors, day_ago, "SENT", Fraction(1, 100), opened=1, clicked=1 - day_ago)
    wrote(doors, 0, "REFUSED")
    wrote(doors, 0, "EXPIRED")
    wrote(doors, 40, "SENT", Fraction(5))
    assert birthday(doors)["messages"] == {
        "sent": 2, "delivered": 0, "opened": 2, "clicked": 1, "bounced": 0, "complained": 0, "refused": 1, "expired": 1,
        "failed": 0, "unknown": 0, "cost_minor": "0.02",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"from": "2026-11-23", "until": "2026-11-22"}, "from"),
        ({"from": "2025-11-21"}, "from"),
        ({"until": "0001-01-05"}, "until"),
        ({"from": "20261101"}, "from"),
        ({"from": "2026-02-30"}, "from"),
        ({"until": ""}, "until"),
        ({"until": "2026-W01-1"}, "until"),
        ({"day": "2026-11-01"}, "day"),
    ],
)
def test_days_that_cannot_be_are_refused(doors: Doors, query: dict[str, str], field: str) -> None:
    answer = doors.ask("GET", "/v1/automations", query=query)
    assert (answer.status, answer.json["field"]) == (422, field)


def test_a_year_is_told_and_too_little_time_for_it_is_said_so(doors: Doors) -> None:
    assert listed(doors, **{"from": "2025-11-22"})["from"] == "2025-11-22"
    answer = doors.ask("GET", "/v1/automations", query={}, seconds=1.2)
    assert (answer.status, answer.code, answer.json["what"]) == (503, "busy", "days")


def test_automations_are_told_in_each_language_of_the_programme(doors: Doors) -> None:
    sentences = {language: birthday(doors, language=language)["sentence"] for language in ("en", "he", "fa")}
    assert len(set(sentences.values())) == 3
    assert doors.ask("GET", "/v1/automations", query={"language": "de"}).code == "language_unknown"
