"""The dashboard and the budget: paid for only when they are asked for, and each shows or watches what is there."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infra.alarms import alarms_of_functions_and_tables
from infra.budget_stack import BudgetUnfit, budget_asked, minor_asked
from infra.dashboard import graphs
from infra.stage import STAGES
from shared.observe import METRICS
from tests.infra.synthesised import Synthesised, flat

PROD = STAGES["prod"]


def test_nobody_pays_for_a_dashboard_or_its_metrics_who_did_not_ask(club: Synthesised) -> None:
    assert not club.resources("AWS::CloudWatch::Dashboard")
    assert "CLUB_METRICS" not in club.functions()["scheduler"]["Environment"]["Variables"]


@pytest.fixture(scope="module")
def asked(synthesise: Callable[..., Synthesised]) -> Synthesised:
    return synthesise(
        "prod",
        dashboard="yes",
        budget="20",
        budget_email="owner@shop.example",
        budget_of="club",
        member_cost_max="50.5",
        bill="yes",
    )


def test_a_dashboard_that_is_asked_for_has_its_figures_told_by_the_clock_alone(asked: Synthesised) -> None:
    told = {room for room, made in asked.functions().items() if "CLUB_METRICS" in made["Environment"]["Variables"]}
    assert told == {"scheduler"}
    (dashboard,) = asked.resources("AWS::CloudWatch::Dashboard")
    assert dashboard["DashboardName"] == "club-prod-figures"
    body = json.loads(flat(dashboard["DashboardBody"]).replace("{AWS::", "<").replace("}:", ">:"))
    first, *rest = body["widgets"]
    assert len(first["properties"]["alarms"]) == len(alarms_of_functions_and_tables(PROD))
    assert [widget["properties"]["title"] for widget in rest] == [graph.title for graph in graphs(PROD)]
    corners = [(widget["x"], widget["y"]) for widget in body["widgets"]]
    assert len(set(corners)) == len(corners), "no graph lies on another"


def test_the_bill_is_read_by_the_clock_alone_and_only_where_it_is_asked_for(
    asked: Synthesised, club: Synthesised
) -> None:
    told = {room for room, made in asked.functions().items() if "CLUB_BILL" in made["Environment"]["Variables"]}
    assert told == {"scheduler"}
    readers = [one for one in asked.resources("AWS::IAM::Role") if "ce:GetCost" in json.dumps(one)]
    (granted,) = [
        one
        for one in readers[0]["Policies"][0]["PolicyDocument"]["Statement"]
        if "ce:GetCost" in json.dumps(one["Action"])
    ]
    assert (len(readers), granted["Action"], granted["Effect"]) == (1, "ce:GetCostAndUsage", "Allow")
    assert "scheduler" in readers[0]["Description"]
    assert "ce:GetCost" not in json.dumps(club.resources("AWS::IAM::Role"))


def test_an_alarm_on_what_a_member_costs_looks_where_it_is_told(asked: Synthesised, club: Synthesised) -> None:
    alarms = asked.resources("AWS::CloudWatch::Alarm")
    (made,) = (alarm for alarm in alarms if alarm["MetricName"] == "member_cost_minor")
    assert (made["Namespace"], made["Threshold"], made["Statistic"]) == ("Club/prod", 50.5, "Maximum")
    assert made["Dimensions"] == [{"Name": "stage", "Value": "prod"}]
    assert "member_cost_minor" in METRICS
    assert "member_cost_minor" not in {alarm["MetricName"] for alarm in club.resources("AWS::CloudWatch::Alarm")}


@pytest.mark.parametrize("text", ["0", "-1", "much", "1e3", "٥", "0.0"])
def test_a_cost_that_is_none_is_said_so(text: str) -> None:
    with pytest.raises(BudgetUnfit, match="member_cost_max"):
        minor_asked(text)


def test_every_figure_that_is_told_is_shown_and_every_one_that_is_shown_is_told() -> None:
    shown = [line[1] for graph in graphs(PROD) for line in graph.lines if line[0] == PROD.metrics]
    assert sorted(shown) == sorted(METRICS)


def test_a_budget_tells_at_four_fifths_at_the_whole_and_when_it_will_be_above(asked: Synthesised) -> None:
    (made,) = _budgets(asked.folder)
    limit = made["Budget"]["BudgetLimit"]
    assert (limit["Amount"], limit["Unit"], made["Budget"]["TimeUnit"]) == (20, "USD", "MONTHLY")
    assert made["Budget"]["CostFilters"] == {"TagKeyValue": ["user:club:stage$prod"]}
    warned = made["NotificationsWithSubscribers"]
    assert [(one["Notification"]["NotificationType"], one["Notification"]["Threshold"]) for one in warned] == [
        ("ACTUAL", 80),
        ("ACTUAL", 100),
        ("FORECASTED", 100),
    ]
    assert {one["Subscribers"][0]["Address"] for one in warned} == {"owner@shop.example"}


def test_a_budget_of_the_whole_account_asks_for_no_tag_and_the_local_cloud_has_none(
    synthesise: Callable[..., Synthesised],
) -> None:
    (made,) = _budgets(synthesise("dev", budget="5", alarm_email="owner@shop.example").folder)
    assert "CostFilters" not in made["Budget"]
    assert not list(synthesise("local", budget="5", alarm_email="owner@shop.example").folder.glob("*budget*"))


def test_both_rule_packs_looked_at_the_dashboard_and_the_budget(asked: Synthesised) -> None:
    assert [plugin["conclusion"] for plugin in asked.report()["pluginReports"]] == ["success", "success"]


@pytest.mark.parametrize(
    ("usd", "email", "of"),
    [("0", "a@b.example", None), ("-1", "a@b.example", None), ("1.5", "a@b.example", None), ("much", "a@b.example", None),
     ("٢٠", "a@b.example", None), ("20", None, None), ("20", "nobody", None), ("20", "a@b.example", "shop")],
)  # fmt: skip
def test_a_budget_that_cannot_be_made_says_why(usd: str, email: str | None, of: str | None) -> None:
    with pytest.raises(BudgetUnfit):
        budget_asked(usd, email, of)


def test_without_a_word_there_is_no_budget() -> None:
    assert budget_asked(None, "a@b.example", None) is None


def _budgets(folder: Path) -> list[dict[str, Any]]:
    (template,) = folder.glob("*budget.template.json")
    made = json.loads(template.read_text())["Resources"].values()
    return [resource["Properties"] for resource in made if resource["Type"] == "AWS::Budgets::Budget"]
