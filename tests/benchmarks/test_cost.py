"""What a club costs by size: the page says what the command reckons from the measured units, and nothing is left out."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from benchmarks.cost import MEMBERS, SAID, Assumed, Month, PageUnfit, measured, month, months
from benchmarks.cost_page import PAGE, PERFORMANCE, PICTURE, drawn, write, written
from benchmarks.prices import bill, prices

PERFORMED = PERFORMANCE.read_text("utf-8")


def test_the_page_and_its_picture_are_what_the_command_writes(tmp_path: Any) -> None:
    page, picture = tmp_path / "cost.md", tmp_path / "cost.svg"
    write(page, picture)
    assert page.read_text("utf-8") == PAGE.read_text("utf-8"), "`python -m benchmarks.cost` writes docs/cost.md anew"
    assert picture.read_text("utf-8") == PICTURE.read_text("utf-8")


def test_the_units_are_those_that_were_measured() -> None:
    of = measured(PERFORMED, prices())
    quantities = {item.what: item.quantity for item in of.million}
    assert quantities["DynamoDB writes"] == 5_000_000
    assert sum(usd for _, usd in bill(prices(), of.million).lines) == pytest.approx(
        Decimal(next(line for line in PERFORMED.splitlines() if line.startswith("| A million purchases |")).split("$")[1]
                .split(" ")[0]), abs=Decimal("0.01")
    )  # fmt: skip
    assert (of.return_units, of.redemption_units) == ((7, 3), (10, 3))


def test_a_page_that_measures_more_makes_the_club_dearer() -> None:
    dearer = PERFORMED.replace("| Write units of a return | 7 units |", "| Write units of a return | 9 units |")
    assert dearer != PERFORMED
    for before, after in zip(months(PERFORMED, prices()), months(dearer, prices()), strict=True):
        assert after.billed.usd > before.billed.usd


@pytest.mark.parametrize(
    "gone", ["Write units of a return", "A night of 100,000 members", "Account row after 24 months"]
)
def test_a_figure_that_is_not_on_the_page_is_missed_by_name(gone: str) -> None:
    with pytest.raises(PageUnfit, match=gone):
        measured(PERFORMED.replace(f"| {gone} |", "| Something else |"), prices())


def test_a_page_without_the_bill_of_a_million_purchases_is_refused() -> None:
    with pytest.raises(PageUnfit, match="million purchases"):
        measured(PERFORMED.replace("## A million purchases at list price", "## A dozen"), prices())


def cost(members: int, **assumed: Any) -> Month:
    items = month(members, measured(PERFORMED, prices()), Assumed(**assumed))
    return Month(members, bill(prices(), items))


def test_twice_the_members_cost_twice_as_much_but_for_what_stands() -> None:
    standing, one, two = (cost(members).billed.usd for members in (0, 1_000_000, 2_000_000))
    assert two - one == pytest.approx(one - standing)
    # Alarms, queues that are asked, the clock, staff.
    assert standing == pytest.approx(Decimal("0.9") + Decimal("1.0368") + Decimal("0.00255") + Decimal("0.075"))


def test_mail_is_what_is_mailed_at_the_price_of_mail() -> None:
    assert cost(1_000, messages=Decimal(3), mailed_percent=50).mail_usd == 1_500 * Decimal("0.16") / 1_000
    assert cost(1_000, mailed_percent=0).mail_usd == 0
    assert cost(1_000, mailed_percent=0).without_mail_usd == cost(1_000).without_mail_usd


@pytest.mark.parametrize("name", Assumed._fields)
def test_each_assumption_is_said_and_makes_a_difference(name: str) -> None:
    assert name in SAID
    usual = getattr(Assumed(), name)
    assert cost(1_000, **{name: usual * 2}).billed.usd > cost(1_000).billed.usd


def test_the_page_tells_each_size_service_and_assumption() -> None:
    page = written(months(PERFORMED, prices()), prices())
    for members in MEMBERS:
        assert f"{members:,} members" in page
    for service in ("Amazon DynamoDB", "AWS Lambda", "Amazon Simple Email Service"):
        assert f"| {service} |" in page
    for said in SAID.values():
        assert f"| {said} |" in page


def test_the_dearest_member_has_the_longest_bar_and_mail_follows_the_rest() -> None:
    picture = drawn(months(PERFORMED, prices()))
    widths = [
        int(part.split('"')[0])
        for part in picture.split('height="26"')[0:-1]
        for part in [part.rpartition('width="')[2]]
    ]
    pairs = [rest + mail for rest, mail in zip(widths[::2], widths[1::2], strict=True)]
    assert len(pairs) == len(MEMBERS)
    assert pairs[0] == max(pairs)
