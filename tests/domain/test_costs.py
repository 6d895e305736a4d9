"""What a month cost, from what was metered; and the bill beside it, where a service that nobody meters is named."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from shared.domain.costs import member_cost_minor, report_of_cost
from shared.domain.costs_told import Told, metered_by_service, rate_of
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
    25,000 GB-s; and a line of the gateway's log for each of the million."""
    assert metered_by_service(USED, prices(), FIRST) == {
        "Amazon DynamoDB": Fraction(4), "AWS Lambda": Fraction("0.2002") + 25_000 * Fraction("0.0000133334"),
        "Amazon API Gateway": Fraction(1), "AmazonCloudWatch": Fraction(171_000_000, 2**30) / 2,
    }  # fmt: skip


@pytest.mark.parametrize("month", [date(2026, 10, 1), date(2027, 2, 1), date(2028, 2, 1)])
def test_what_is_kept_costs_its_part_of_a_month_for_each_day_and_logs_by_their_bytes(month: date) -> None:
    """Beside day by day, with other words: a GB kept all month is a GB-month, and one that may be restored costs that too."""
    days = (month.replace(month=month.month + 1) - month).days
    kept = {day: {"ledger": 2**30 + day, "accounts": 5_000 * day} for day in range(days)}
    ledger = sum(of["ledger"] for of in kept.values())
    told = {
        "stored.ledger": ledger, "stored.accounts": sum(of["accounts"] for of in kept.values()), "restorable.ledger": ledger,
        "log_bytes.gate": 3 * 2**30,
    }  # fmt: skip
    by_hand = Fraction(0)
    for of in kept.values():
        by_hand += Fraction(of["ledger"] * 25 + of["accounts"] * 25 + of["ledger"] * 20, 100 * 2**30 * days)
    assert metered_by_service(told, prices(), month) == {
        "Amazon DynamoDB": by_hand, "AmazonCloudWatch": Fraction(3, 2)
    }  # fmt: skip


def test_a_members_month_is_infrastructure_messages_rewards_and_what_is_fixed() -> None:
    report = report_of_cost(told(), programme(BASE + COSTS), prices())
    cost = {(row["what"], row["of"]): row["minor"] for row in section(report, "cost")}
    assert cost["rewards", "used points"] == 200 * Fraction(programme(BASE).programme.points.value_minor)
    assert cost["rewards", "offers"] == 700
    assert cost["fixed", "staff"] == 120_000
    parts = [minor for (what, _), minor in cost.items() if what not in ("all", "income", "lapsed", "breakage")]
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
    (gold, _) = section(report, "by_tier")
    assert (gold["spend_minor"], gold["rewards"]) == (9_000, 0)
    (rule,) = section(report, "by_rule")
    assert (rule["rule"], rule["times"], rule["gave_minor"]) == ("base", 4, None)


PARTS = {
    "purchases": 6, "guest_purchases": 4, "tier_purchases.gold": 3, "tier_used_minor.gold": 250, "tier_offers_minor.gold": 50,
    "tier_used_minor.silver": 10, "gave_by.base": 3, "gave_milli_by.base": 199_900, "gave_by.gone": 1, "gave_milli_by.gone": 5,
    "treated.birthday": 4, "held_out.birthday": 1, "gave.birthday": 200, "held_out.late": 5,
}  # fmt: skip
BIRTHDAY = """
[[automation]]
id = "birthday"
on = "birthday"
points = 50
"""


def parted(**more: Any) -> Report:
    sent = {"birthday": Fraction(7), "news": Fraction(3)}
    known = told(tallies=USED | PARTS)._replace(sent_minor=sent, **more)
    return report_of_cost(known, programme(BASE + BIRTHDAY), prices())


def till_minor(of: str) -> Fraction:
    used = {name: many for name, many in USED.items() if name.endswith(of)}
    return sum(metered_by_service(used, prices(), FIRST).values(), Fraction(0)) * 100


def test_a_tier_bears_its_part_of_all_purchases_and_what_its_members_used() -> None:
    rows = {row["tier"]: row for row in section(parted(), "by_tier")}
    assert rows["gold"]["infrastructure"] == till_minor("purchase") * Fraction(3, 10)
    assert rows["gold"]["rewards"] == 300
    assert (rows["silver"]["infrastructure"], rows["silver"]["rewards"]) == (0, 10)


def test_a_rule_costs_what_it_gave_and_an_even_share_of_the_tills_infrastructure() -> None:
    rows = {row["rule"]: row for row in section(parted(), "by_rule")}
    value = Fraction(programme(BASE).programme.points.value_minor)
    assert rows["base"]["gave_minor"] == Fraction("199.9") * value
    # Nobody knows any more of which wallet it was.
    assert rows["gone"]["gave_minor"] is None
    assert rows["base"]["infrastructure"] == till_minor("purchase") * Fraction(3, 4)
    assert sum(row["infrastructure"] for row in rows.values()) == till_minor("purchase")


def test_an_automation_costs_what_it_gave_and_sent_beside_the_margin_of_those_treated() -> None:
    sums = {("birthday", arm, "members", ""): 4 if arm == "treated" else 2 for arm in ("treated", "held_out")}
    sums |= {("birthday", "treated", "margin", "y"): 4_000, ("birthday", "held_out", "margin", "y"): 1_500}
    rows = {row["automation"]: row for row in section(parted(effects=sums), "by_automation")}
    birthday = rows["birthday"]
    value = 200 * Fraction(programme(BASE).programme.points.value_minor)
    assert (birthday["gave_minor"], birthday["messages"]) == (value, 7)
    assert birthday["infrastructure"] == till_minor("scheduler") * Fraction(1, 2)
    assert birthday["all"] == value + 7 + birthday["infrastructure"]
    assert birthday["per_treated"] == birthday["all"] / 4
    assert birthday["margin_more_per_treated"] == 1_000 - 750
    # Nobody was treated: there is no cost of one, and no margin beside it.
    assert (rows["late"]["per_treated"], rows["late"]["margin_more_per_treated"]) == (None, None)
    # What wrote to members and gave nothing costs its messages.
    assert rows["news"]["all"] == 3


def test_what_lapsed_is_told_beside_the_cost_and_is_no_part_of_it() -> None:
    without, having = (told(tallies=USED | more) for more in ({}, {"expired.points": 90, "expired_back.points": 10}))
    costs = [section(report_of_cost(one, programme(BASE), prices()), "cost") for one in (without, having)]
    assert next(row["minor"] for row in costs[1] if row["what"] == "lapsed") == 80 * Fraction(
        programme(BASE).programme.points.value_minor
    )
    assert [row["minor"] for row in costs[0] if row["what"] == "all"] == [
        row["minor"] for row in costs[1] if row["what"] == "all"
    ]


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
    report = reconciled(BILL, metered_by_service(USED, prices(), FIRST), FIRST, LAST)
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
