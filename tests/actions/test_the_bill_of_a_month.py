"""The bill that the clock sets beside what was metered: asked for once, when somebody wants it, and kept as it was."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import boto3
import pytest
from botocore import xform_name
from botocore.stub import Stubber

from functions.scheduler.jobs import Clock, run
from functions.scheduler.task import Task
from shared.actions.close_bill import BILL, close_bill
from shared.domain.billed import BillUnreadable
from shared.domain.reconciliation import unmetered
from shared.store.months import chapter_of
from shared.store.sender import CE
from tests.club.test_bill import FIRST, LAST, answer
from tests.laws.shop import Shop

NOVEMBER = datetime(2026, 11, 8, 7, tzinfo=UTC)


class Explorer:
    """Cost Explorer's answers one after the other, and what it was asked."""

    def __init__(self, *answers: Mapping[str, Any]) -> None:
        self.answers, self.asked = list(answers), list[Mapping[str, Any]]()

    def __call__(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        self.asked.append(request)
        return self.answers.pop(0)


@pytest.fixture
def shop() -> Shop:
    made = Shop('[[earn]]\nid = "base"\npoints = 1\nper_minor = 100\n')
    made.now = NOVEMBER
    return made


def test_a_bill_is_asked_for_once_and_stays_as_it_was_set_beside_the_meters(shop: Shop) -> None:
    kept = answer(AWS_WAF="6", Amazon_DynamoDB="0.02")
    kept["ResultsByTime"][0]["Estimated"] = True
    explorer = Explorer(kept)
    closed = close_bill(shop.club, "live", explorer, "club:stage", "prod", LAST)
    assert closed is not None
    assert unmetered(closed.report) == ["AWS WAF", "Amazon DynamoDB"], "a club in memory has used nothing"
    assert "AWS says that these amounts are estimates still." in closed.report.notes
    assert close_bill(shop.club, "live", explorer, "club:stage", "prod", LAST) == closed
    assert len(explorer.asked) == 1
    assert chapter_of(shop.club.store.backend, "live", "2026-10", BILL) == closed


def test_a_bill_of_nothing_is_not_kept_for_the_tag_may_not_count_yet(shop: Shop) -> None:
    assert close_bill(shop.club, "live", Explorer(answer()), "club:stage", "prod", LAST) is None
    assert chapter_of(shop.club.store.backend, "live", "2026-10", BILL) is None


def test_an_answer_that_is_no_bill_is_not_kept(shop: Shop) -> None:
    with pytest.raises(BillUnreadable):
        close_bill(shop.club, "live", Explorer({"ResultsByTime": []}), "club:stage", "prod", LAST)
    assert chapter_of(shop.club.store.backend, "live", "2026-10", BILL) is None


def test_the_clock_asks_for_the_month_that_ended_and_only_where_somebody_wants_it(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    run(Clock(shop.club, lambda: 60.0, _nowhere, 0, ("", "prod")), Task(BILL))
    assert '"outcome":"not asked for"' in capsys.readouterr().out
    explorer = Explorer(answer(AWS_Lambda="1"))
    run(Clock(shop.club, lambda: 60.0, _nowhere, 0, ("", "prod"), (explorer, "club:stage")), Task(BILL))
    assert '"outcome":"not metered: 1"' in capsys.readouterr().out
    (request,) = explorer.asked
    assert request["TimePeriod"] == {"Start": FIRST.isoformat(), "End": date(2026, 11, 1).isoformat()}
    assert request["Filter"] == {"Tags": {"Key": "club:stage", "Values": ["prod"]}}
    assert chapter_of(shop.club.store.backend, "live", "2026-10", BILL) is not None


def test_cost_explorer_takes_the_request_and_is_called_by_its_own_name(shop: Shop) -> None:
    """The stub holds the request against AWS's own description of it."""
    client = boto3.client("ce", region_name="us-east-1", aws_access_key_id="none", aws_secret_access_key="none")
    explorer = Explorer(answer(AWS_Lambda="1"))
    close_bill(shop.club, "live", explorer, "club:stage", "prod", LAST)
    with Stubber(client) as stub:
        stub.add_response(xform_name("GetCostAndUsage"), answer(), dict(explorer.asked[0]))
        client.get_cost_and_usage(**explorer.asked[0])
    told = client.meta.service_model.metadata
    assert (CE.name, CE.api, CE.json) == (told["signingName"] if "signingName" in told else told["endpointPrefix"],
                                          told["targetPrefix"], told["jsonVersion"])  # fmt: skip


def _nowhere(queue: str, text: str) -> None:
    raise AssertionError(f"{queue} gets nothing")
