"""Every alarm as a table, and how one is made. They are few, because each costs $0.10 a month."""

from __future__ import annotations

from typing import NamedTuple

from aws_cdk import Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infra.rooms import CLOCKED, NOTICES, NOTIFY, OUTBOX, RELAY
from infra.stage import Stage


class Alarm(NamedTuple):
    """One alarm. It rings when `statistic` of the metric is above `above` in each of `minutes` minutes in a row."""

    name: str
    meaning: str
    namespace: str
    metric: str
    dimensions: dict[str, str]
    statistic: str = "Sum"
    above: float = 0
    minutes: int = 1
    # How long one "minute" is: what is told once a month comes late, and is looked for within the hour.
    minute_s: int = 60


class Told(NamedTuple):
    """What a function says in its log, counted: the room, and the codes of the lines."""

    room: str
    codes: tuple[str, ...]

    @property
    def pattern(self) -> str:
        """As CloudWatch Logs looks for them."""
        asked = [f'$.code = "{code}"' for code in self.codes]
        return f"{{ {' || '.join(f'({one})' for one in asked) if len(asked) > 1 else asked[0]} }}"


# All of them are counted in one metric, as one alarm is enough for what should never be: the code in the log says which.
TOLD: tuple[Told, ...] = (
    Told(RELAY, ("posting_set_aside",)),
    Told(OUTBOX, ("posting_set_aside",)),
    Told(CLOCKED, ("ledger_broken",)),
    Told(NOTIFY, ("sending_paused", "ceiling_reached")),
    Told(NOTICES, ("breaker_opened",)),
)
TOLD_METRIC = "SetAsideOrBroken"


def alarms_of_functions_and_tables(stage: Stage) -> tuple[Alarm, ...]:
    """What is known by name. `docs/operating.md` says what to do about each.

    A function behind the API that breaks before it answers is a 5xx of the API's, the gate too: it needs no alarm of its own.
    """
    return (
        Alarm(
            "function-throttles",
            "Lambda refused calls: the account's concurrency in this region is used up. Ask for more or find who uses it.",
            "AWS/Lambda",
            "Throttles",
            {},
        ),
        Alarm(
            "accounts-write-throttles",
            "DynamoDB refused writes to the accounts table: one account is too hot, or the load jumped past its limit.",
            "AWS/DynamoDB",
            "WriteThrottleEvents",
            {"TableName": stage.table("accounts")},
        ),
        Alarm(
            "club-read-throttles",
            "DynamoDB refused reads of the club table: keys or the programme are read too often, a cache does not hold.",
            "AWS/DynamoDB",
            "ReadThrottleEvents",
            {"TableName": stage.table("club")},
        ),
        Alarm(
            "relay-behind",
            "Postings wait for a quarter of an hour to be counted: the relay fails or is refused. For a day nothing is lost.",
            "AWS/Lambda",
            "IteratorAge",
            {"FunctionName": stage.function(RELAY)},
            statistic="Maximum",
            above=900_000,
            minutes=5,
        ),
        Alarm(
            "outbox-behind",
            "Messages and calls of automations wait for a quarter of an hour: the outbox fails. For a day nothing is lost.",
            "AWS/Lambda",
            "IteratorAge",
            {"FunctionName": stage.function(OUTBOX)},
            statistic="Maximum",
            above=900_000,
            minutes=5,
        ),
        Alarm(
            "dead-letters",
            "A job or a message failed for good: read the log of who works its queue, then send it back there.",
            "AWS/SQS",
            "ApproximateNumberOfMessagesVisible",
            {"QueueName": stage.dead_letters},
            statistic="Maximum",
        ),
        Alarm(
            "set-aside-or-broken",
            "Postings were passed over as they could not be counted (`club tallies` tells), an account is not what its postings "
            "make of it (`club verify` tells), marketing stopped by itself (`club marketing` tells), or a channel cost all "
            "that it may in a month.",
            stage.metrics,
            TOLD_METRIC,
            {},
        ),
    )


def alarm_of_cost(stage: Stage, above_minor: float) -> Alarm:
    """When a month is closed in which an enrolled member cost more than was meant, rewards and staff included."""
    return Alarm(
        "member-cost",
        "A member cost more in the month that was closed than was meant: `club cost` tells of what it was made.",
        stage.metrics,
        "member_cost_minor",
        {"stage": stage.name},
        statistic="Maximum",
        above=above_minor,
        minute_s=3_600,
    )


def alarms_of_api(api_id: str) -> tuple[Alarm, ...]:
    """What is known by the API's id alone. They live and go with the API."""
    return (
        Alarm(
            "api-5xx",
            "Callers get 5xx from the API: a function broke, the gate did, or the gateway itself. Tills are retrying.",
            "AWS/ApiGateway",
            "5xx",
            {"ApiId": api_id},
        ),
        Alarm(
            "api-slow",
            "One request in a hundred took over 2 s, five minutes in a row: tills wait. See function_ms in the access log.",
            "AWS/ApiGateway",
            "Latency",
            {"ApiId": api_id},
            statistic="p99",
            above=2_000,
            minutes=5,
        ),
    )


def topic_name(stage: Stage) -> str:
    return stage.stack("alarms")


def add_alarm(scope: Construct, stage: Stage, alarm: Alarm) -> None:
    """Make one alarm that speaks to the stage's topic, when it starts and when it is over."""
    stack = Stack.of(scope)
    topic = f"arn:{stack.partition}:sns:{stack.region}:{stack.account}:{topic_name(stage)}"
    is_percentile = alarm.statistic.startswith("p")
    cloudwatch.CfnAlarm(
        scope,
        alarm.name.title().replace("-", ""),
        alarm_name=stage.stack(alarm.name),
        alarm_description=alarm.meaning,
        namespace=alarm.namespace,
        metric_name=alarm.metric,
        dimensions=[
            cloudwatch.CfnAlarm.DimensionProperty(name=name, value=value) for name, value in alarm.dimensions.items()
        ],
        statistic=None if is_percentile else alarm.statistic,
        extended_statistic=alarm.statistic if is_percentile else None,
        comparison_operator="GreaterThanThreshold",
        threshold=alarm.above,
        period=alarm.minute_s,
        evaluation_periods=alarm.minutes,
        # A quiet club sends no figures, and that is not a fault.
        treat_missing_data="notBreaching",
        alarm_actions=[topic],
        ok_actions=[topic],
    )
