"""What happens when several rules match, what multipliers reach, and how long limits hold."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.domain.shop import (
    BASE,
    after,
    earned,
    fired,
    line,
    member,
    not_fired,
    points,
    posted,
    programme,
    purchase,
    rule,
)

PRIORITY = '[policies]\nseveral_rules = "priority"'
BEST = '[policies]\nseveral_rules = "best"'


def gift(rule_id, amount, **keys):
    return rule(rule_id, points=amount, per="purchase", **keys)


def flag(table, **flags):
    return "\n".join((table, *(f"{key} = {str(value).lower()}" for key, value in flags.items())))


def test_all_matching_rules_add_unless_the_programme_says_otherwise():
    assert earned(purchase(100), programme(gift("a", 5), gift("b", 7))).points == 12


def test_the_rule_of_highest_priority_that_is_not_stackable_gives_alone():
    book = programme(
        PRIORITY, gift("a", 5), flag(gift("b", 50, priority=5), stackable=False),
        flag(gift("c", 20, priority=20), stackable=False), gift("d", 1, priority=99),
    )  # fmt: skip
    told = earned(purchase(100), book)
    assert told.points == 20
    assert {name: one.why for name, one in not_fired(told).items()} == dict.fromkeys("abd", "outdone")


def test_rules_that_are_stackable_add_when_no_other_matches():
    book = programme(
        PRIORITY, gift("a", 5), gift("b", 7), flag(gift("c", 20, when="purchase.units > 9"), stackable=False)
    )
    assert earned(purchase(100), book).points == 12


def test_only_the_best_rule_gives_and_multipliers_apply_to_it():
    told = earned(purchase(1_200), programme(BEST, gift("visit", 5), BASE, rule("double", multiply=2)))
    assert told.points == 24
    assert not_fired(told)["visit"].why == "outdone"


def test_no_later_rule_gives_once_a_rule_that_stops_gave_points():
    stops = flag(gift("a", 5, when="purchase.units >= 2"), stop=True)
    book = programme(stops, gift("b", 7))
    assert earned(purchase(line(100, quantity=2)), book).points == 5
    assert earned(purchase(100), book).points == 7


def test_an_addition_to_other_points_gives_nothing_without_them():
    book = programme(rule(points=1, per_minor=1_000, steps="whole"), flag(gift("more", 3), needs_base=True))
    assert earned(purchase(1_000), book).points == 4
    assert not_fired(earned(purchase(999), book))["more"].why == "base"


@pytest.mark.parametrize(("policy", "total"), [("before_multipliers", 20), ("after_multipliers", 10)])
def test_a_cap_counts_before_or_after_multipliers_as_the_programme_says(policy, total):
    book = programme(
        f'[policies]\nrule_cap = "{policy}"', rule(points=1, per_minor=100, cap=10), rule("double", multiply=2)
    )
    told = earned(purchase(5_000), book)
    assert told.points == total
    assert sum(one.points for one in fired(told).values()) == total


@pytest.mark.parametrize(("scope", "total"), [("all", 30), ("amount", 25)])
def test_multipliers_reach_all_points_or_only_those_per_amount(scope, total):
    book = programme(f'[policies]\nmultiplier_scope = "{scope}"', BASE, gift("gift", 5), rule("double", multiply=2))
    assert earned(purchase(1_000), book).points == total


def test_a_rule_may_keep_its_points_from_multipliers():
    book = programme(BASE, flag(gift("gift", 5), multiplied=False), rule("double", multiply=2))
    assert earned(purchase(1_000), book).points == 25


def test_fractions_are_rounded_for_each_line_where_the_programme_says_so():
    lines = [line(150), line(150)]
    assert earned(purchase(*lines), programme(points(rounding='{ per = "line" }'), BASE)).points == 2
    assert earned(purchase(*lines), programme(BASE)).points == 3


def test_a_point_may_have_decimals():
    told = earned(purchase(1_999), programme(points(decimals=1), BASE))
    assert told.points == 199


def bought_on(days, book):
    """What purchases of 10.00 on these days earn one member, one after the other."""
    account, given = member(), []
    for number, day in enumerate(days):
        report = purchase(1_000, at=f"{day}T12:00:00-05:00", purchase_id=f"A-{number}")
        posting = posted(report, account, book, datetime.fromisoformat(f"{day}T23:00:00+00:00").astimezone(UTC))
        given.append(after(posting).posted - account.posted)
        account = replace(after(posting))
    return given


@pytest.mark.parametrize(
    ("limit", "given"),
    [
        ('{ per = "day", points = 15 }', [10, 5, 10, 10, 10]),
        ('{ per = "day", times = 1 }', [10, 0, 10, 10, 10]),
        ('{ per = "month", points = 25 }', [10, 10, 5, 10, 10]),
        ('{ per = "month", times = 2 }', [10, 10, 0, 10, 10]),
        ('{ per = "year", times = 4 }', [10, 10, 10, 10, 10]),
        ('{ per = "member", points = 32 }', [10, 10, 10, 2, 0]),
        ('{ per = "member", times = 1 }', [10, 0, 0, 0, 0]),
    ],
)
def test_a_limit_holds_within_its_time_and_no_longer(limit, given):
    book = programme(rule(points=1, per_minor=100, limits=f"[{limit}]"))
    assert bought_on(["2026-11-29", "2026-11-29", "2026-11-30", "2026-12-01", "2027-01-01"], book) == given


def test_a_rule_that_rests_gives_again_after_its_days():
    book = programme(rule(points=1, per_minor=100, cooldown_days=7))
    assert bought_on(["2026-11-01", "2026-11-07", "2026-11-08", "2026-11-14"], book) == [10, 0, 10, 0]
