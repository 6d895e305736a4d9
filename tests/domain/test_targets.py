"""Actual beside target and budget: a month is over when it is closed, a year at its end; what nobody knows is neither
met nor missed."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from shared.domain.reports import Column, Report, Section
from shared.domain.rulebook import ProgrammeFaulty, rulebook
from shared.domain.targets import ADDED, LASTING, UNITS, report_of_targets, spent_in, standings
from tests.domain.shop import BASE, CLUB, points, programme

OCTOBER, DECEMBER = date(2026, 10, 31), date(2026, 12, 31)


def target(figure: str, more: str) -> str:
    return f'[[target]]\nid = "one"\nfigure = "{figure}"\n{more}'


def outcome(table: str, known: dict[str, dict[str, int | Fraction | None]], last: date = OCTOBER):
    targets, budgets = standings(programme(BASE, points(value_minor=5), table), last, known)
    (one,) = [*targets, *budgets]
    return one.actual, one.outcome


def test_a_month_that_reached_its_target_met_it_and_another_missed_it() -> None:
    table = target("purchases", "at_least = 10")
    assert outcome(table, {"2026-10": {"purchases": 10}}) == (10, "met")
    assert outcome(table, {"2026-10": {"purchases": 9}}) == (9, "missed")


def test_what_nobody_knows_is_neither_met_nor_missed() -> None:
    assert outcome(target("basket_minor", "at_least = 10"), {"2026-10": {"basket_minor": None}}) == (None, "no data")
    assert outcome(target("basket_minor", "at_least = 10"), {"2026-09": {"basket_minor": 20}}) == (None, "no data")


def test_a_share_is_wanted_in_percent() -> None:
    table = target("churn_rate", "at_most = 2.5")
    assert outcome(table, {"2026-10": {"churn_rate": Fraction(1, 40)}}) == (Fraction(1, 40), "met")
    assert outcome(table, {"2026-10": {"churn_rate": Fraction(26, 1000)}})[1] == "missed"


def test_sums_of_a_year_add_up_and_are_met_as_soon_as_they_are_reached() -> None:
    table, known = target("purchases", 'per = "year"\nat_least = 30'), {"2026-09": {"purchases": 20}}
    assert outcome(table, known) == (20, "open")
    assert outcome(table, known | {"2026-10": {"purchases": 10}}) == (30, "met")
    assert outcome(table, known, DECEMBER) == (20, "missed")


def test_what_a_year_may_have_at_most_is_missed_as_soon_as_it_is_passed_and_met_at_its_end() -> None:
    table, known = target("returns", 'per = "year"\nat_most = 30'), {"2026-09": {"returns": 20}}
    assert outcome(table, known) == (20, "open")
    assert outcome(table, known | {"2026-10": {"returns": 11}}) == (31, "missed")
    assert outcome(table, known, DECEMBER) == (20, "met")


def test_members_of_a_year_are_those_at_its_end_and_no_sum() -> None:
    table = target("members", 'per = "year"\nat_least = 30')
    known = {"2026-09": {"members": 40}, "2026-10": {"members": 25}}
    assert outcome(table, known) == (25, "open")
    assert outcome(table, known | {"2026-10": {"members": 31}}) == (31, "open")
    assert outcome(table, {"2026-12": {"members": 25}}, DECEMBER) == (25, "missed")


@pytest.mark.parametrize(("pays", "spent"), [("offers", 700), ("rewards", 500), ("staff", None)])
def test_a_budget_is_spent_by_what_the_club_knows_to_have_cost(pays: str, spent: int | None) -> None:
    table = f'[[budget]]\nid = "b"\npays = "{pays}"\namount_minor = 600'
    known = {"2026-10": {"offers_minor": 700, "points_used": 100}}
    assert outcome(table, known) == (spent, {700: "missed", 500: "met", None: "no data"}[spent])


def test_a_budget_is_beside_what_the_month_cost_where_that_was_metered() -> None:
    rows = (
        ("infrastructure", "Lambda", Fraction(5, 2)), ("infrastructure", "DynamoDB", Fraction(3, 2)), ("messages", "email", 7),
        ("rewards", "used points", 30), ("rewards", "used stars", 3), ("rewards", "offers", 11), ("fixed", "staff", 900),
        ("all", "", 955), ("income", "fees", 20),
    )  # fmt: skip
    columns = (Column("what", "text"), Column("of", "text"), Column("minor", "minor"))
    spent = spent_in(Report("cost", "USD", OCTOBER, OCTOBER, (Section("cost", columns, rows),)))
    expected = {"infrastructure": 4, "messages": 7, "rewards": 33, "offers": 11, "staff": 900, "agency": None}
    for pays, minor in expected.items():
        table = f'[[budget]]\nid = "b"\npays = "{pays}"\namount_minor = 600'
        assert outcome(table, {"2026-10": {"offers_minor": 700, "points_used": 100, **spent}})[0] == minor


def test_the_report_tells_what_is_left_of_a_budget_and_that_some_are_not_metered() -> None:
    tables = [f'[[budget]]\nid = "{pays}"\npays = "{pays}"\namount_minor = 900' for pays in ("offers", "agency")]
    report = report_of_targets(programme(BASE, *tables), OCTOBER, {"2026-10": {"offers_minor": 700}})
    assert [row[5] for row in report.sections[1].rows] == [200, None]
    assert report.notes == ("What a budget pays that was neither metered nor named in [costs] has no data.",)


def test_what_moved_a_target_is_told_by_tier_and_adds_up_and_of_others_it_is_said_where_to_ask() -> None:
    tables = [
        target(name, "at_least = 1").replace('"one"', f'"{name.replace("_", "-")}"')
        for name in ("spend_minor", "offers_used", "points_used")
    ]
    before = {"spend_minor": 900, "tier_spend_minor.gold": 500, "offers": 4}
    now = {"spend_minor": 1_000, "tier_spend_minor.gold": 300, "tier_spend_minor.silver": 700, "guest_offers": 2}
    report = report_of_targets(programme(BASE, *tables), OCTOBER, {}, (), before, now)
    assert report.sections[3].rows == (
        ("spend_minor", "tier", "gold", "minor", 500, 300, -200),
        ("spend_minor", "tier", "silver", "minor", 0, 700, 700),
        ("spend_minor", "tier", "no tier", "minor", 400, 0, -400),
        ("offers_used", "member", "guests", "number", 0, 2, 2),
        ("offers_used", "member", "members", "number", 4, 0, -4),
    )
    assert "Tallies know no split of points_used." in report.notes[-1]
    nothing = report_of_targets(programme(BASE, *tables), OCTOBER, {}, (), {}, now)
    assert {row[4] for row in nothing.sections[3].rows} == {None}


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (target("purchaces", "at_least = 1"), "there is no figure of a month 'purchaces'; did you mean purchases?"),
        (target("basket_minor", 'per = "year"\nat_least = 1'), "basket_minor is of a month: it does not add up"),
        (target("members", "at_least = 1\nat_most = 2"), "one of at_least and at_most has to say what is wanted"),
        (
            target("members", "at_least = 1") + "\n" + target("members", "at_most = 9"),
            "'one' of [[target]] stands twice",
        ),
    ],
)
def test_a_target_that_cannot_be_told_is_refused_with_its_place(table: str, said: str) -> None:
    with pytest.raises(ProgrammeFaulty) as faulty:
        rulebook(f"{CLUB}\n{BASE}\n{table}")
    (fault,) = faulty.value.faults
    assert said in fault.sentence
    assert fault.line > len((CLUB + BASE).splitlines())


def test_each_figure_that_a_year_may_want_is_one() -> None:
    assert set(UNITS) >= ADDED | LASTING
    assert not ADDED & LASTING
