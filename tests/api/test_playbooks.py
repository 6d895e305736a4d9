"""Playbooks as staff and finance see them: what was decided, what it came to on a day, and each time it was done."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from club.home import ROOT
from shared.actions.run_playbooks import run_playbooks
from shared.domain.decide import ms
from shared.domain.playbooks import Firing
from shared.store.kpi import Closed, close
from shared.store.laws import publish
from shared.store.playbooks import put_firing
from tests.api.conftest import NOW, Doors

Json = dict[str, Any]
YESTERDAY = date(2026, 11, 21)
MANY = '[[playbook]]\nid = "many-purchases"\nwhen = "day.purchases > 2"\nswitch_off = "birthday"\ncooldown_days = 3\n'
OFF = '[[playbook]]\nid = "sleeps"\nenabled = false\nwhen = "day.purchases > 2"\nswitch_off = "birthday"\n'


@pytest.fixture
def shop(doors: Doors) -> Doors:
    text = (ROOT / "programmes" / "demo.toml").read_text("utf-8") + MANY + OFF
    publish(doors.memory, text, NOW, at_once=True)
    return doors


def closed(doors: Doors, day: date, purchases: int) -> None:
    close(doors.memory, Closed("live", day, ms(NOW), {"purchases": purchases}, None))


def fired(doors: Doors, day: date, name: str = "many-purchases") -> None:
    doors.memory.write([put_firing("live", Firing(name, day, ms(NOW), 1, {"day.purchases": 9}, ("done",)), NOW)])


def told(doors: Doors, name: str = "many-purchases", **query: str) -> Json:
    answer = doors.ask("GET", "/v1/playbooks", query=query)
    assert answer.status == 200, answer.text
    return next(one for one in answer.json["playbooks"] if one["playbook"] == name)


def test_a_playbook_is_told_with_its_condition_and_what_it_would_do_by_the_figures_of_yesterday(shop: Doors) -> None:
    closed(shop, YESTERDAY, 7)
    rows = shop.rows()
    one = told(shop)
    assert (one["when"], one["then"], one["enabled"]) == ("day.purchases > 2", ["birthday is switched off"], True)
    assert "day.purchases > 2" in one["sentence"]
    assert (one["came_to"], one["because"], one["firings"]) == ("fires", None, [])
    assert one["figures"] == [{"figure": "day.purchases", "value": 7}]
    assert shop.rows() == rows


def test_what_was_done_stands_there_with_the_figures_it_was_done_by(shop: Doors) -> None:
    closed(shop, YESTERDAY, 7)
    run_playbooks(shop.club, "live", YESTERDAY, lambda: 60.0)
    one = told(shop)
    assert (one["came_to"], one["because"]) == ("fired", None)
    assert one["firings"] == [
        {
            "on": "2026-11-21", "at": "2026-11-22T17:00:00.000Z", "programme_version": 2,
            "figures": [{"figure": "day.purchases", "value": 7}], "done": ["birthday is switched off"],
        }
    ]  # fmt: skip
    # Of a day before it nothing was done yet, and nobody closed it.
    before = told(shop, on="2026-11-20")
    assert (before["came_to"], before["because"], before["firings"]) == ("no data", "day.purchases", [])


@pytest.mark.parametrize(
    ("purchases", "before", "came_to", "because"),
    [(2, 0, "does not hold", "day.purchases > 2"), (7, 2, "rests", "2026-11-21"), (7, 3, "fires", None)],
)
def test_a_playbook_that_does_nothing_says_why(
    shop: Doors, purchases: int, before: int, came_to: str, because: str | None
) -> None:
    closed(shop, YESTERDAY, purchases)
    if before:
        fired(shop, YESTERDAY - timedelta(days=before))
    one = told(shop)
    assert (one["came_to"], one["because"]) == (came_to, because)


def test_one_that_is_switched_off_in_the_programme_is_there_and_is_off(shop: Doors) -> None:
    closed(shop, YESTERDAY, 7)
    one = told(shop, "sleeps")
    assert (one["enabled"], one["came_to"], one["figures"]) == (False, "off", [])


def test_so_many_firings_are_told_newest_first_and_the_older_ones_by_an_earlier_day(shop: Doors) -> None:
    days = [YESTERDAY - timedelta(days=number) for number in range(130)]
    for day in days:
        fired(shop, day)
    one = told(shop, limit="3")
    assert [firing["on"] for firing in one["firings"]] == [str(day) for day in days[:3]]
    assert one["has_older"]
    seen, on = [], YESTERDAY
    while True:
        one = told(shop, on=str(on), limit="50")
        seen += [firing["on"] for firing in one["firings"]]
        if not one["has_older"]:
            break
        on = date.fromisoformat(seen[-1]) - timedelta(days=1)
    assert seen == [str(day) for day in days]
    assert len(told(shop)["firings"]) == 26


def test_a_sentence_is_told_in_the_language_that_was_asked_for(shop: Doors) -> None:
    assert "פחות קניות מהרגיל" in told(shop, "fewer-come-back", language="he")["sentence"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"on": "2026-11-22"}, "on"),
        ({"on": "2027-01-01"}, "on"),
        ({"on": "0001-01-01"}, "on"),
        ({"on": "1999-12-31"}, "on"),
        ({"on": "2026-02-30"}, "on"),
        ({"on": "yesterday"}, "on"),
        ({"on": ""}, "on"),
        ({"limit": "0"}, "limit"),
        ({"limit": "101"}, "limit"),
        ({"limit": "1e2"}, "limit"),
        ({"from": "2026-11-01"}, "from"),
    ],
)
def test_what_nobody_can_answer_is_refused_by_its_field(shop: Doors, query: Json, field: str) -> None:
    answer = shop.ask("GET", "/v1/playbooks", query=query)
    assert (answer.status, answer.json["field"]) == (422, field)
