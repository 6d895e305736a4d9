"""Rules about a member's birthday: whose day it is, in the calendar that the member keeps."""

from datetime import datetime

import pytest

from shared.domain.facts import facts_of
from shared.domain.vocabulary import Scene
from tests.domain.shop import BASE, earned, member, programme, purchase, rule

BOOK = programme(BASE, rule("cake", points=50, per="purchase", when="member.birthday_today"))


def is_birthday(birthday, day):
    scene = Scene(datetime.fromisoformat(f"{day}T12:00:00-05:00"), member(birthday=birthday))
    return facts_of(scene, BOOK)("member.birthday_today")


@pytest.mark.parametrize(
    ("birthday", "day", "is_one"),
    [
        (("gregorian", 6, 16), "2026-06-16", True),
        (("gregorian", 6, 16), "2026-06-15", False),
        (("gregorian", 2, 29), "2026-02-28", True),
        (("gregorian", 2, 29), "2026-03-01", False),
        (("gregorian", 2, 29), "2028-02-28", False),
        (("gregorian", 2, 29), "2028-02-29", True),
        (("hebrew", 7, 1), "2026-09-12", True),
        (("jalali", 1, 1), "2026-03-21", True),
        (None, "2026-06-16", False),
    ],
    ids=lambda value: str(value),
)
def test_a_birthday_is_kept_in_its_own_calendar_and_a_leap_days_on_the_eve(birthday, day, is_one):
    assert is_birthday(birthday, day) is is_one


def test_a_purchase_on_the_birthday_earns_what_the_rule_gives_and_the_day_begins_in_the_clubs_zone():
    dana = member(birthday=("gregorian", 6, 16))
    assert earned(purchase(1000, at="2026-06-16T00:00:00-04:00"), BOOK, dana).points == 60
    assert earned(purchase(1000, at="2026-06-16T03:59:59+00:00"), BOOK, dana).points == 10
    assert earned(purchase(1000, at="2026-06-16T12:00:00-04:00"), BOOK, member()).points == 10
