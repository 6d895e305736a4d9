"""The alarms: few, each with its meaning, all heard at one place, and none that rings while nobody shops."""

from __future__ import annotations

from collections.abc import Callable

from infra.alarms import TOLD_METRIC
from tests.infra.synthesised import Resource, Synthesised, flat

ALARM_DOLLARS_A_MONTH = 0.10
DOLLARS_A_MONTH_MAX = 1.0
MEANING_LENGTH_MIN = 60


def test_errors_slowness_and_throttles_each_ring(club: Synthesised) -> None:
    watched = {
        (
            alarm["Namespace"],
            alarm["MetricName"],
            *(dimension["Value"] for dimension in alarm["Dimensions"] if _is_name(dimension)),
        )
        for alarm in club.resources("AWS::CloudWatch::Alarm")
    }
    name = f"club-{club.stage.name}"
    assert watched == {
        ("AWS/Lambda", "Throttles"),
        ("AWS/Lambda", "IteratorAge", f"{name}-relay"),
        ("AWS/Lambda", "IteratorAge", f"{name}-outbox"),
        ("AWS/SQS", "ApproximateNumberOfMessagesVisible", f"{name}-dead-letters"),
        (f"Club/{club.stage.name}", "SetAsideOrBroken"),
        ("AWS/DynamoDB", "WriteThrottleEvents", f"{name}-accounts"),
        ("AWS/DynamoDB", "ReadThrottleEvents", f"{name}-club"),
        ("AWS/ApiGateway", "5xx"),
        ("AWS/ApiGateway", "Latency"),
    }


def test_the_alarms_of_the_api_watch_this_api(club: Synthesised) -> None:
    (api,) = club.full("AWS::ApiGatewayV2::Api")
    for alarm in club.resources("AWS::CloudWatch::Alarm"):
        if alarm["Namespace"] == "AWS/ApiGateway":
            assert alarm["Dimensions"] == [{"Name": "ApiId", "Value": {"Ref": api}}]


def test_slowness_is_judged_by_the_slowest_hundredth(club: Synthesised) -> None:
    (slow,) = (alarm for alarm in club.resources("AWS::CloudWatch::Alarm") if alarm["MetricName"] == "Latency")
    assert slow["ExtendedStatistic"] == "p99"
    assert "Statistic" not in slow


def test_every_alarm_says_what_it_means(club: Synthesised) -> None:
    meanings = [alarm["AlarmDescription"] for alarm in club.resources("AWS::CloudWatch::Alarm")]
    assert min(map(len, meanings)) >= MEANING_LENGTH_MIN
    assert len(set(meanings)) == len(meanings)


def test_all_alarms_together_cost_less_than_a_dollar_a_month(club: Synthesised) -> None:
    assert len(club.resources("AWS::CloudWatch::Alarm")) * ALARM_DOLLARS_A_MONTH < DOLLARS_A_MONTH_MAX


def test_a_quiet_night_rings_nothing(club: Synthesised) -> None:
    for alarm in club.resources("AWS::CloudWatch::Alarm"):
        assert alarm["TreatMissingData"] == "notBreaching"
        assert alarm["ComparisonOperator"] == "GreaterThanThreshold"


def test_every_alarm_speaks_at_the_topic_that_stands(club: Synthesised) -> None:
    (topic,) = _of_watch(club, "AWS::SNS::Topic")
    arn = f"arn:{{AWS::Partition}}:sns:{{AWS::Region}}:{{AWS::AccountId}}:{topic['TopicName']}"
    for alarm in club.resources("AWS::CloudWatch::Alarm"):
        assert [flat(action) for action in alarm["AlarmActions"]] == [arn]
        assert [flat(action) for action in alarm["OKActions"]] == [arn]


def test_what_should_never_be_is_counted_where_its_one_alarm_looks(
    club: Synthesised,
) -> None:
    logs = {
        name: group["Properties"]["LogGroupName"].rpartition("-")[2]
        for name, group in club.full("AWS::Logs::LogGroup").items()
    }
    (alarm,) = (one for one in club.resources("AWS::CloudWatch::Alarm") if one["MetricName"] == TOLD_METRIC)
    counted = club.resources("AWS::Logs::MetricFilter")
    assert {(logs[one["LogGroupName"]["Ref"]], one["FilterPattern"]) for one in counted} == {
        ("relay", '{ $.code = "posting_set_aside" }'),
        ("outbox", '{ $.code = "posting_set_aside" }'),
        ("scheduler", '{ $.code = "ledger_broken" }'),
        ("notify", '{ ($.code = "sending_paused") || ($.code = "ceiling_reached") }'),
        ("notices", '{ $.code = "breaker_opened" }'),
    }
    for one in counted:
        ((made),) = one["MetricTransformations"]
        told = (made["MetricNamespace"], made["MetricName"], made["MetricValue"])
        assert told == (alarm["Namespace"], TOLD_METRIC, "1")


def test_the_topic_lets_the_accounts_own_alarms_speak_and_nobody_without_tls(club: Synthesised) -> None:
    (policy,) = _of_watch(club, "AWS::SNS::TopicPolicy")
    allowed, refused = (
        [made for made in policy["PolicyDocument"]["Statement"] if made["Effect"] == effect]
        for effect in ("Allow", "Deny")
    )
    assert [(made["Principal"], made["Action"], made["Condition"]) for made in allowed] == [
        (
            {"Service": "cloudwatch.amazonaws.com"},
            "sns:Publish",
            {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}},
        )
    ]
    assert [(made["Principal"], made["Condition"]) for made in refused] == [
        ("*", {"Bool": {"aws:SecureTransport": "false"}})
    ]


def test_whoever_is_named_at_the_deployment_is_woken(
    clubs: Callable[[str], Synthesised], synthesise: Callable[..., Synthesised]
) -> None:
    assert _of_watch(clubs("dev"), "AWS::SNS::Subscription") == []
    (subscription,) = _of_watch(synthesise("dev", alarm_email="owner@shop.example"), "AWS::SNS::Subscription")
    assert (subscription["Protocol"], subscription["Endpoint"]) == ("email", "owner@shop.example")


def _of_watch(club: Synthesised, type_: str) -> list[Resource]:
    """The properties of what stands in the stack that wakes somebody."""
    made = club.templates["watch"]["Resources"].values()
    return [resource["Properties"] for resource in made if resource["Type"] == type_]


def _is_name(dimension: dict[str, object]) -> bool:
    return isinstance(dimension["Value"], str)
