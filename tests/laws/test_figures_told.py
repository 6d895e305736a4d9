"""A day that is closed is told to the dashboard: one line, only figures that were counted, and no person in it."""

from __future__ import annotations

import json
from datetime import date

import pytest

from functions.scheduler.jobs import Clock, run
from functions.scheduler.task import Task
from shared.domain.costs import member_cost_minor
from shared.observe import METRICS, tell_figures
from shared.store.months import chapter_of
from tests.laws.clockwork import Clockwork, plenty
from tests.laws.shop import Shop, bought
from tests.laws.test_closing_days import club_of_four, folded, morning
from tests.laws.test_what_is_owed import LAW, at

NAMESPACE = "Club/prod"


def metrics_in(line: str) -> dict[str, float]:
    """The metrics that CloudWatch makes of a line, as the format says: each that the directive names, from the line's root."""
    read = json.loads(line)
    (directive,) = read["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == NAMESPACE
    assert directive["Dimensions"] == [["stage"]]
    assert read["stage"] == "prod"
    assert isinstance(read["_aws"]["Timestamp"], int)
    assert set(read) == {"_aws", "stage", *(one["Name"] for one in directive["Metrics"])}
    return {one["Name"]: read[one["Name"]] for one in directive["Metrics"]}


def told(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [line for line in capsys.readouterr().out.splitlines() if "_aws" in line]


def test_a_day_that_is_closed_is_told_once_as_the_report_has_it(capsys: pytest.CaptureFixture[str]) -> None:
    shop = club_of_four()
    folded(shop)
    morning(shop, date(2025, 1, 2))
    Clockwork(shop).run("sweep")
    clock = Clock(shop.club, plenty, lambda *_: None, metrics=(NAMESPACE, "prod"))
    for _ in range(2):
        run(clock, Task("kpi"))
    (line,) = told(capsys)
    found = metrics_in(line)
    assert (found["members"], found["members_active"], found["purchases"], found["spend_minor"]) == (4, 2, 2, 7_000)
    assert "returns" not in found, "what did not happen was not counted"
    assert len(line) < 1_000


def test_a_month_that_is_closed_tells_what_the_club_owes(capsys: pytest.CaptureFixture[str]) -> None:
    shop = Shop(LAW, now=at(1, 1))
    member = shop.join(at(1, 1))
    shop.now = at(1, 20)
    shop.buy(bought("A-1", at(1, 20), ("CD-1", 1, 10_000)) | {"member_id": member})
    shop.now = at(2, 1)
    Clockwork(shop).run("census")
    run(Clock(shop.club, plenty, lambda *_: None, 1, (NAMESPACE, "prod")), Task("month"))
    found: dict[str, float] = {}
    for line in told(capsys):
        found |= metrics_in(line)
    # 100 points at 2, and a cent of each hundred as credit.
    assert found["liability_minor"] == 300
    chapter = chapter_of(shop.memory, "live", "2025-01", "cost")
    assert chapter is not None
    cost = member_cost_minor(chapter.report)
    assert cost is not None
    assert found["member_cost_minor"] == float(cost)


def test_where_no_dashboard_shows_them_no_figures_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    shop = club_of_four()
    morning(shop, date(2025, 1, 2))
    Clockwork(shop).run("sweep")
    run(Clock(shop.club, plenty, lambda *_: None), Task("kpi"))
    assert told(capsys) == []


def test_only_the_dashboards_own_figures_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    tell_figures(NAMESPACE, "prod", 1, {"members": 3, "tier.gold": 1, "name": 7})
    tell_figures(NAMESPACE, "prod", 1, {"tier.gold": 1})
    assert [metrics_in(line) for line in told(capsys)] == [{"members": 3}]
    assert all(unit in ("Count", "None") for unit in METRICS.values())
