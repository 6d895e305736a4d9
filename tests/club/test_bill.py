"""AWS's bill as Cost Explorer answers it: pages, estimates, credits; and what is no such answer."""

from __future__ import annotations

import json
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from club.console import Trouble
from club.cost import bill
from club.cost_explorer import asked, recorded
from shared.domain.billed import billed_in
from tests.laws.shop import Shop

FIRST, LAST = date(2026, 10, 1), date(2026, 10, 31)


def answer(start: str = "2026-10-01", end: str = "2026-11-01", **amounts: str) -> dict[str, Any]:
    """As AWS documents GetCostAndUsage, grouped by SERVICE."""
    groups = [
        {"Keys": [service.replace("_", " ")], "Metrics": {"UnblendedCost": {"Amount": usd, "Unit": "USD"}}}
        for service, usd in amounts.items()
    ]
    period = {"TimePeriod": {"Start": start, "End": end}, "Total": {}, "Groups": groups, "Estimated": False}
    return {"GroupDefinitions": [{"Type": "DIMENSION", "Key": "SERVICE"}], "ResultsByTime": [period]}


def test_amounts_are_exact_and_pages_and_days_add_up() -> None:
    pages = [answer(Amazon_DynamoDB="0.1000000001", AWS_Lambda="1"), answer(Amazon_DynamoDB="0.2")]
    assert billed_in(pages, FIRST, LAST).by_service == {
        "Amazon DynamoDB": Fraction("0.3000000001"),
        "AWS Lambda": Fraction(1),
    }
    days = [answer("2026-10-01", "2026-10-02", AWS_Lambda="1"), answer("2026-10-31", "2026-11-01", AWS_Lambda="2")]
    assert billed_in(days, FIRST, LAST).by_service == {"AWS Lambda": Fraction(3)}


def test_a_credit_is_taken_off_and_a_service_of_nothing_is_left_out() -> None:
    assert billed_in([answer(AWS_Lambda="1.5", Refund="-0.5", Tax="0")], FIRST, LAST).by_service == {
        "AWS Lambda": Fraction(3, 2), "Refund": Fraction(-1, 2),
    }  # fmt: skip


def test_an_estimate_is_said_to_be_one() -> None:
    estimated = answer(AWS_Lambda="1")
    estimated["ResultsByTime"][0]["Estimated"] = True
    assert billed_in([estimated], FIRST, LAST).is_estimated


def test_a_kept_answer_is_one_page_or_a_list_of_pages(tmp_path: Path) -> None:
    path = tmp_path / "bill.json"
    for kept in (answer(AWS_Lambda="1"), [answer(AWS_Lambda="0.4"), answer(AWS_Lambda="0.6")]):
        path.write_text(json.dumps(kept), "utf-8")
        assert recorded(path, FIRST, LAST).by_service == {"AWS Lambda": 1}


@pytest.mark.parametrize(
    ("kept", "says"),
    [
        ("{", "is no JSON"),
        ("{}", "no answer of GetCostAndUsage"),
        ("[]", "has no days"),
        (json.dumps(answer("2026-09-01", "2026-10-01")), "is of 2026-09-01 to 2026-10-01, and 2026-10 was asked for"),
        (json.dumps(answer(AWS_Lambda="one")), "no answer of GetCostAndUsage"),
        (json.dumps(answer(AWS_Lambda="1")).replace("USD", "EUR"), "The bill is in EUR"),
        (json.dumps([answer(AWS_Lambda="1"), answer(AWS_Lambda="1")]), "is there twice"),
        (json.dumps(answer(AWS_Lambda="1") | {"NextPageToken": "more"}), "the page after its NextPageToken is missing"),
        (
            json.dumps({"ResultsByTime": [{"TimePeriod": {"Start": "2026-10-01", "End": "2026-11-01"},
                        "Total": {"UnblendedCost": {"Amount": "1", "Unit": "USD"}}, "Groups": []}]}),
            "is not by service",
        ),
    ],
)  # fmt: skip
def test_what_is_no_bill_of_that_month_is_refused_with_what_it_is(tmp_path: Path, kept: str, says: str) -> None:
    path = tmp_path / "bill.json"
    path.write_text(kept, "utf-8")
    with pytest.raises(Trouble) as trouble:
        recorded(path, FIRST, LAST)
    assert says in str(trouble.value)


def test_a_file_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(Trouble, match="There is no file"):
        recorded(tmp_path / "none.json", FIRST, LAST)


def test_cost_explorer_is_asked_for_each_page_in_the_words_that_it_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stub holds request and answers against AWS's own description of them."""
    explorer = boto3.client("ce", region_name="us-east-1", aws_access_key_id="none", aws_secret_access_key="none")
    monkeypatch.setattr("club.cost_explorer.boto3.client", lambda _: explorer)
    request = {
        "TimePeriod": {"Start": "2026-10-01", "End": "2026-11-01"}, "Granularity": "MONTHLY", "Metrics": ["UnblendedCost"],
        "GroupBy": [{"Type": "DIMENSION", "Key": "SERVICE"}], "Filter": {"Tags": {"Key": "club:stage", "Values": ["prod"]}},
    }  # fmt: skip
    with Stubber(explorer) as stub:
        stub.add_response("get_cost_and_usage", answer(AWS_Lambda="1") | {"NextPageToken": "more"}, request)
        stub.add_response("get_cost_and_usage", answer(Amazon_DynamoDB="2"), request | {"NextPageToken": "more"})
        billed = asked("prod", FIRST, LAST)
        stub.assert_no_pending_responses()
    assert billed.by_service == {"AWS Lambda": 1, "Amazon DynamoDB": 2}


def test_a_bill_with_a_service_that_was_not_metered_is_said_loudly_and_ends_with_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shop = Shop('[[earn]]\nid = "base"\npoints = 1\nper_minor = 100\n')
    monkeypatch.setattr("club.cost.club_of", lambda _: shop.club)
    path = tmp_path / "bill.json"
    path.write_text(json.dumps(answer(AWS_WAF="6")), "utf-8")
    with pytest.raises(SystemExit) as ended:
        bill("2026-10", path)
    assert ended.value.code == 1
    assert "NOT METERED: AWS WAF." in capsys.readouterr().err
    path.write_text(json.dumps(answer()), "utf-8")
    with pytest.raises(Trouble, match="Nothing on the bill has the tag club:stage"):
        bill("2026-10", path)
