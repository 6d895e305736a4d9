"""The synthesised production template priced by the month: idle, and with 500 members. A resource without a price is refused."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from aws_cdk import App

from benchmarks.figures import Chapter, Figure
from benchmarks.million import lines_of
from benchmarks.prices import Bill, Item, Price, bill
from benchmarks.wire import Cost
from club.console import Trouble
from infra.app import add_club
from infra.packaging import Packages
from infra.stage import stage_named

USD_A_MONTH_MAX = 1
MEMBERS, PURCHASES_A_MONTH = 500, 2
# Two years of purchases are kept when the club is as old as the members' figures reach back.
_MONTHS_KEPT = 24
_ROW_BYTES = 2_048

# Lambda asks a queue that is empty too: five pollers, each for up to 20 s. https://github.com/getlift/lift/issues/132 counted 15
# a minute; AWS says that they are billed: https://aws.amazon.com/premiumsupport/knowledge-center/sqs-high-charges/
POLLS_A_QUEUE = 15 * 60 * 24 * 30

PRICED = {
    "AWS::CloudWatch::Alarm": "alarms",
    "AWS::CloudWatch::Dashboard": "dashboards",
    "AWS::KMS::Key": "keys",
    "AWS::SecretsManager::Secret": "secrets",
}
# What costs nothing by standing there; what it costs when it is used is in the price of a purchase.
FREE = frozenset(
    {
        "AWS::ApiGatewayV2::Api",
        "AWS::ApiGatewayV2::Authorizer",
        "AWS::ApiGatewayV2::Integration",
        "AWS::ApiGatewayV2::Route",
        "AWS::ApiGatewayV2::Stage",
        # A budget that only tells is free; one that acts is not.
        "AWS::Budgets::Budget",
        "AWS::CDK::Metadata",
        # A pool costs by who signs in, and the first 10,000 people a month are free.
        "AWS::Cognito::UserPool",
        "AWS::Cognito::UserPoolClient",
        "AWS::Cognito::UserPoolGroup",
        "AWS::DynamoDB::Table",
        "AWS::IAM::Role",
        # Lambda asks a table's stream for nothing; what it asks queues is counted below.
        "AWS::Lambda::EventSourceMapping",
        "AWS::Lambda::Function",
        "AWS::Lambda::LayerVersion",
        "AWS::Lambda::Permission",
        "AWS::Logs::LogGroup",
        # A metric costs by the hours in which something was counted: in a good month there are none.
        "AWS::Logs::MetricFilter",
        # Mail costs by the piece, and what is told of it afterwards by the request.
        "AWS::SES::ConfigurationSet",
        "AWS::SES::ConfigurationSetEventDestination",
        "AWS::SNS::Subscription",
        "AWS::SNS::Topic",
        "AWS::SNS::TopicPolicy",
        # A schedule costs by its calls.
        "AWS::Scheduler::Schedule",
        "AWS::SQS::Queue",
        "AWS::SQS::QueuePolicy",
        # A standard parameter.
        "AWS::SSM::Parameter",
    }
)

Resources = list[Mapping[str, object]]


def synthesised(packages: Packages) -> Resources:
    """Every resource of the production stage."""
    stage = stage_named("prod")
    with tempfile.TemporaryDirectory() as folder:
        app = App(analytics_reporting=False, outdir=folder, context={"stage": stage.name})
        add_club(app, stage, packages)
        app.synth()
        templates = [json.loads(path.read_text()) for path in Path(folder).glob("*.template.json")]
    return [resource for template in templates for resource in template["Resources"].values()]


def idle(resources: Resources) -> list[Item]:
    """What it costs to have it. Raises Trouble for a resource that nobody has priced, and for a table that is not on demand."""
    kinds = Counter(str(resource["Type"]) for resource in resources)
    if unknown := sorted(set(kinds) - set(PRICED) - FREE):
        raise Trouble(f"benchmarks/template.py does not say what {', '.join(unknown)} costs.")
    for resource in resources:
        properties = resource.get("Properties", {})
        assert isinstance(properties, dict)
        if resource["Type"] == "AWS::DynamoDB::Table" and properties.get("BillingMode") != "PAY_PER_REQUEST":
            raise Trouble(f"The table {properties.get('TableName')} is not on demand: it would cost while nobody buys.")
    asked = sum(1 for resource in resources if _asks_a_queue(resource))
    return [
        *(
            Item(kind.rpartition("::")[2] + "s", price, Decimal(kinds[kind]))
            for kind, price in PRICED.items()
            if kinds[kind]
        ),
        *([Item("Empty queues asked", "queue_requests", Decimal(asked * POLLS_A_QUEUE))] if asked else []),
    ]


def _asks_a_queue(resource: Mapping[str, object]) -> bool:
    """A stream's mapping says where it starts; a queue's has no such place."""
    properties = resource.get("Properties", {})
    assert isinstance(properties, dict)
    return resource["Type"] == "AWS::Lambda::EventSourceMapping" and "StartingPosition" not in properties


def used(resources: Resources, million: Bill, cost: Cost) -> list[Item]:
    """The same with 500 members who buy twice a month: the requests by the price of a million, and what is kept."""
    purchases = MEMBERS * PURCHASES_A_MONTH
    share = Decimal(purchases) / 1_000_000
    kept_gb = Decimal(MEMBERS * 1_024 + purchases * _MONTHS_KEPT * _ROW_BYTES) / 10**9
    return [
        *idle(resources),
        *(Item(item.what, item.price, item.quantity * share) for item, _ in million.lines),
        Item("Rows kept", "table_gb_months", kept_gb),
        Item("Rows restorable", "restore_gb_months", kept_gb),
        Item("Logs kept", "log_gb_months", Decimal(purchases * cost.log_bytes * 2) / 10**9),
    ]


def chapter(table: Mapping[str, Price], resources: Resources, million: Bill, cost: Cost) -> Chapter:
    standing, with_members = bill(table, idle(resources)), bill(table, used(resources, million, cost))
    return Chapter(
        "The production template by the month",
        f"Every resource of the synthesised stage at list price, without the free tier; {MEMBERS} members buy "
        f"{PURCHASES_A_MONTH} times a month and {_MONTHS_KEPT} months are kept.",
        (
            Figure("Idle, a month", float(standing.usd), "$", USD_A_MONTH_MAX),
            Figure(f"With {MEMBERS} members, a month", float(with_members.usd), "$", USD_A_MONTH_MAX),
            *lines_of(standing),
        ),
    )
