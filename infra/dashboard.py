"""The dashboard as a table of graphs: the club's own figures as the reports tell them, and how well it runs. It costs $3 a month:
it stands only where it is asked for."""

from __future__ import annotations

from typing import Any, NamedTuple

from aws_cdk import Stack
from aws_cdk import aws_cloudwatch as cloudwatch

from infra.alarms import Alarm
from infra.rooms import OUTBOX, RELAY
from infra.stage import Stage

_DAY_S, _QUARTER_S = 86_400, 900
_WIDTH, _HEIGHT, _IN_A_ROW = 8, 6, 3


class Graph(NamedTuple):
    """One graph. `lines` are metrics as CloudWatch names them: namespace, name, and dimensions by turns."""

    title: str
    lines: tuple[tuple[str, ...], ...]
    statistic: str
    period_s: int = _QUARTER_S


def graphs(stage: Stage) -> tuple[Graph, ...]:
    """The club's figures come once a day, when the day before is closed, and at the day on which it was."""

    def own(title: str, *names: str) -> Graph:
        return Graph(title, tuple((stage.metrics, name, "stage", stage.name) for name in names), "Maximum", _DAY_S)

    return (
        own("Members", "members", "members_active", "members_dormant"),
        own("Purchases and returns a day", "purchases", "returns"),
        own("Sales a day, minor units", "spend_minor", "returned_minor"),
        own("Paid with points a day, minor units", "redeemed_minor", "offers_minor"),
        own("Joined and due a day", "joins", "dues"),
        own("Points and credit that are owed, minor units", "liability_minor"),
        own("What a member cost in the month, minor units", "member_cost_minor"),
        Graph(
            "How long postings wait, ms",
            tuple(("AWS/Lambda", "IteratorAge", "FunctionName", stage.function(room)) for room in (RELAY, OUTBOX)),
            "Maximum",
        ),
        Graph(
            "Write units",
            tuple(
                ("AWS/DynamoDB", "ConsumedWriteCapacityUnits", "TableName", stage.table(table))
                for table in ("accounts", "ledger", "club")
            ),
            "Sum",
        ),
        Graph(
            "What failed for good",
            (("AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", stage.dead_letters),),
            "Maximum",
        ),
    )


def add_dashboard(scope: Stack, stage: Stage, alarms: tuple[Alarm, ...]) -> None:
    """The graphs three by three, and above them the alarms of this stack: what rings is seen first."""
    arns = [
        f"arn:{scope.partition}:cloudwatch:{scope.region}:{scope.account}:alarm:{stage.stack(alarm.name)}"
        for alarm in alarms
    ]
    widgets: list[dict[str, Any]] = [
        {
            "type": "alarm", "x": 0, "y": 0, "width": _WIDTH * _IN_A_ROW, "height": 2,
            "properties": {"title": "Alarms", "alarms": arns},
        }
    ]  # fmt: skip
    for number, graph in enumerate(graphs(stage)):
        row, column = divmod(number, _IN_A_ROW)
        widgets.append(
            {
                "type": "metric", "x": column * _WIDTH, "y": 2 + row * _HEIGHT, "width": _WIDTH, "height": _HEIGHT,
                "properties": {
                    "title": graph.title, "metrics": [list(line) for line in graph.lines], "region": scope.region,
                    "stat": graph.statistic, "period": graph.period_s, "view": "timeSeries",
                },
            }
        )  # fmt: skip
    cloudwatch.CfnDashboard(
        scope,
        "Dashboard",
        dashboard_name=stage.stack("figures"),
        dashboard_body=scope.to_json_string({"widgets": widgets}),
    )
