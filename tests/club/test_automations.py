"""Before an automation runs: who would be due, and what it would cost; and what a run says that it did."""

from __future__ import annotations

from datetime import date

import pytest

from club.automations import NAMED_MAX, Cost, costs, day_of, named, of_staff, said
from club.console import Trouble
from shared.actions.sweep import Swept, dues
from shared.domain.account import Account
from shared.domain.automations import AUTOMATION_USED
from shared.domain.switched import Switched, Word
from shared.store.memory import Memory
from shared.store.store import Store
from tests.domain.shop import BASE, programme

BIRTHDAY = '[[automation]]\nid = "birthday"\non = "birthday"\npoints = 50\n'
OTHER = '[[automation]]\nid = "other"\non = "date"\nday = 2027-01-01\npoints = 5\n'
COUPON = """[[automation]]
id = "coupon"
on = "birthday"
offer = "fifth"
[[offer]]
id = "fifth"
percent = 20
personal = true
valid_days = 30
"""
BOOK = programme("[points]\nvalue_minor = 4", BASE, BIRTHDAY, OTHER)
DAY = date(2027, 3, 9)
# These members never bought anything.
NOTHING = Store(Memory())


def members(count: int, **more: object) -> list[Account]:
    born = Account("", date(2025, 1, 1), birthday=("gregorian", 3, 9))._replace(**more)  # type: ignore[arg-type]
    return [born._replace(id=f"M{number:016d}") for number in range(count)]


def test_what_a_day_would_give_is_counted_and_those_held_out_cost_nothing() -> None:
    found = list(dues(members(100), [DAY], BOOK, NOTHING))
    told = costs(found, BOOK)
    held = told["birthday"].held_out
    assert 0 < held < 30
    assert told["birthday"] == Cost(100, held, (100 - held) * 50, (100 - held) * 200)
    assert told["other"] == Cost(0, 0, 0, 0)


def test_the_first_members_are_named_and_the_others_counted() -> None:
    lines = list(named(list(dues(members(NAMED_MAX + 5), [DAY], BOOK, NOTHING))))
    assert len(lines) == NAMED_MAX + 1
    assert lines[-1] == "and 5 more."
    assert {line.partition(": ")[2] for line in lines[:-1]} <= {"birthday, gets 50", "birthday, held out"}


def test_what_staff_switched_off_is_due_for_nobody_and_says_why() -> None:
    switched = Switched().said("birthday", Word(False, "manager", "Sold out", "2027-03-01T10:00:00.000+00:00"))
    assert list(dues(members(5), [DAY], BOOK, NOTHING, switched.off)) == []
    assert list(of_staff("birthday", switched)) == ["  Switched off by manager on 2027-03-01: Sold out"]
    again = switched.said("birthday", Word(True, "manager", "It came in", "2027-03-02T10:00:00.000+00:00"))
    assert len(list(dues(members(5), [DAY], BOOK, NOTHING, again.off))) == 5
    assert list(of_staff("birthday", again)) == list(of_staff("other", again)) == []


def test_who_had_the_gift_before_is_not_due_again() -> None:
    had = {AUTOMATION_USED + "birthday": {"last": (date(2026, 6, 1).toordinal(), 0)}}
    assert list(dues(members(5, used=had), [DAY], BOOK, NOTHING)) == []


def test_a_run_says_what_it_did_and_what_is_left_to_do() -> None:
    swept = Swept(1_200, 3, 2, {"birthday": 10}, {"birthday": 1}, {}, {"birthday": 450})
    assert list(said(swept, BOOK)) == [
        "1,200 accounts; the night booked something for 3 of them.",
        "birthday: due 10, held out 1, gave 450, over its budget 0.",
        "2 accounts could not be done now: run it again, and they are.",
    ]


def test_what_gives_coupons_says_of_which_offer_and_how_many() -> None:
    book = programme(BASE, COUPON)
    told = {line.partition(": ")[2] for line in named(list(dues(members(NAMED_MAX), [DAY], book, NOTHING)))}
    assert "coupon, gets a coupon for fifth" in told
    both = programme(BASE, COUPON.replace("offer", "points = 5\noffer", 1))
    assert "coupon, gets 5 and a coupon for fifth" in {
        line.partition(": ")[2] for line in named(list(dues(members(NAMED_MAX), [DAY], both, NOTHING)))
    }
    assert list(said(Swept(12, 0, 0, {"coupon": 10}, {"coupon": 1}), book))[-1] == (
        "coupon: due 10, held out 1, gave 0 and 9 coupons, over its budget 0."
    )


def test_a_day_that_is_none_is_said_so() -> None:
    assert day_of("2027-03-21", BOOK) == date(2027, 3, 21)
    with pytest.raises(Trouble, match="is no day, such as"):
        day_of("21.3.2027", BOOK)
