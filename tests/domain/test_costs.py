"""What a month cost, from what was metered; and the bill beside it, where a service that nobody meters is named."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from shared.domain.costs import Told, member_cost_minor, metered_by_service, rate_of, report_of_cost
from shared.domain.prices import prices
from shared.domain.reconciliation import reconciled, unmetered
from shared.domain.reports import Report
from shared.domain.rulebook import rulebook
from tests.domain.shop import BASE, programme
from tests.laws.shop import HEAD

FIRST, LAST = date(2026, 10, 1), date(2026, 10, 31)
USED = {
    "writes.purchase": 5_000_000, "half_reads.purchase": 4_000_000, "calls.purchase": 1_000_000, "compute.purchase": 25_000_000,
    "writes.scheduler": 1_000_000, "calls.scheduler": 1_000,
}  # fmt: skip
COSTS = "[costs]\nfixed_minor = { staff = 120_000, agency = 40_000 }\nincome_minor = { fees = 90_000 }\n"


def section(report: Report, name: str) -> list[dict[str, Any]]:
    found = next(one for one in report.sections if one.name == name)
    return [dict(zip([column.name for column in found.columns], row, strict=True)) for row in found.rows]


def told(**more: Any) -> Told:
    known: dict[str, Any] = {
        "tallies": USED | {"redeemed.points": 300, "redeemed_back.points": 100, "offers_minor": 700, "tier_purchases.gold": 3,
                           "tier_purchases.silver": 1, "tier_spend_minor.gold": 9_000, "gave_by.base": 4},
        "messages_minor": {"email": Fraction(25), "sms": Fraction(81, 10)},
        "members": {"members": 500, "members_active": 200, "members_new": 0},
    }  # fmt: skip
    return Told(FIRST, LAST, **(known | more))


def test_what_was_used_costs_what_a_person_would_reckon() -> None:
    """6 million writes at 0.625, 2 million reads at 0.125; 1,001,000 calls at 0.20, a million of them through the API;
    25,000 GB-s."""
    assert metered_by_service(USED, prices()) == {
        "Amazon DynamoDB": Fraction(4), "AWS Lambda": Fraction("0.2002") + 25_000 * Fraction("0.0000133334"),
        "Amazon API Gateway": Fraction(1),
    }  # fmt: skip


def test_a_members_month_is_infrastructure_messages_rewards_and_what_is_fixed() -> None:
    report = report_of_cost(told(), programme(BASE + COSTS), prices())
    cost = {(row["what"], row["of"]): row["minor"] for row in section(report, "cost")}
    assert cost["rewards", "used points"] == 200 * Fraction(programme(BASE).programme.points.value_minor)
    assert cost["rewards", "offers"] == 700
    assert cost["fixed", "staff"] == 120_000
    parts = [minor for (what, _), minor in cost.items() if what not in ("all", "income")]
    assert cost["all", ""] == sum(parts)
    per = {row["what"]: row for row in section(report, "per_member")}
    assert per["per enrolled member"]["all"] == cost["all", ""] / 500
    assert per["per active member"]["fixed"] == Fraction(160_000, 200)
    assert per["per active member"]["left"] == (90_000 - cost["all", ""]) / 200
    # Nobody joined: there is no cost of a new member, and not 0.
    assert per["per new member"]["all"] is None


def test_tiers_and_rules_are_told_by_what_they_had_part_in() -> None:
    report = report_of_cost(told(), programme(BASE), prices())
    assert [(row["tier"], row["share_of_tiered"]) for row in section(report, "by_tier")] == [
        ("gold", Fraction(3, 4)), ("silver", Fraction(1, 4)),
    ]  # fmt: skip
    assert section(report, "by_rule") == [{"rule": "base", "times": 4}]


def test_without_meters_infrastructure_is_no_data_and_not_nothing() -> None:
    report = report_of_cost(told(tallies={}), programme(BASE), prices())
    assert section(report, "per_member")[0]["infrastructure"] is None
    assert any("no data" in note for note in report.notes)


def test_a_club_in_another_currency_says_what_a_dollar_costs_or_is_told_that_nobody_knows() -> None:
    shekels = HEAD.replace('currency = "USD"', 'currency = "ILS"') + BASE
    assert rate_of(rulebook(shekels, 1)) is None
    report = report_of_cost(told(), rulebook(shekels, 1), prices())
    assert section(report, "per_member")[0]["infrastructure"] is None
    rated = rulebook(shekels + "[costs]\ndollar_minor = 365\ndollar_on = 2026-10-01\n", 1)
    dynamodb = next(
        row["minor"]
        for row in section(report_of_cost(told(), rated, prices()), "cost")
        if row["of"] == "Amazon DynamoDB"
    )
    assert dynamodb == 4 * 365


def test_what_a_member_costs_is_all_of_the_month_by_who_is_enrolled_or_no_data() -> None:
    report = report_of_cost(told(), rulebook(HEAD + BASE, 1), prices())
    row = section(report, "per_member")[0]
    assert member_cost_minor(report) == row["all"]
    assert row["all"] is not None
    assert member_cost_minor(report_of_cost(told()._replace(members={}), rulebook(HEAD + BASE, 1), prices())) is None


BILL = {"Amazon DynamoDB": Fraction(44, 10), "AWS Lambda": Fraction("0.53"), "AWS WAF": Fraction(6)}


def test_a_service_that_nobody_meters_is_named_with_its_part_of_the_bill() -> None:
    report = reconciled(BILL, metered_by_service(USED, prices()), FIRST, LAST)
    rows = {row["service"]: row for row in section(report, "by_service")}
    assert rows["AWS WAF"]["standing"] == "not metered"
    assert rows["AWS WAF"]["metered_minor"] is None
    assert unmetered(report) == ["AWS WAF"]
    assert (
        unmetered(reconciled({"AWS Lambda": Fraction(1), "Tax": Fraction(0)}, {"AWS Lambda": Fraction(1)}, FIRST, LAST))
        == []
    )
    assert (rows["Amazon DynamoDB"]["difference_minor"], rows["Amazon DynamoDB"]["of_metered"]) == (40, Fraction(1, 10))
    assert rows["AWS Lambda"]["standing"] == "agrees to the cent"
    assert rows["Amazon API Gateway"]["standing"] == "not on the bill"
    assert rows["all"]["billed_minor"] == 1_093
    assert report.notes[0] == "NOT METERED: AWS WAF. This is 54% of the bill."
    assert "Amazon API Gateway" in report.notes[1]


@pytest.mark.parametrize(("billed", "metered"), [({}, {}), ({}, {"AWS Lambda": Fraction(0)})])
def test_a_bill_of_nothing_divides_by_nothing(billed: dict[str, Fraction], metered: dict[str, Fraction]) -> None:
    assert section(reconciled(billed, metered, FIRST, LAST), "by_service")[-1]["of_metered"] is None
