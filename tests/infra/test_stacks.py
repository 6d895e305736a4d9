"""The stacks as a whole: cut by lifetime, untied from each other, tagged for the bill, the same at every synth."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from functions.scheduler.timetable import TIMETABLE
from infra.packaging import ROOT
from infra.stage import STAGES, StageUnknown, stage_named
from tests.infra.synthesised import Synthesised


def test_the_tables_stand_apart_from_the_code_and_the_alarms(club: Synthesised) -> None:
    types = {
        lifetime: {resource["Type"] for resource in template["Resources"].values()}
        for lifetime, template in club.templates.items()
    }
    assert types["data"] == {"AWS::DynamoDB::Table", "AWS::SSM::Parameter"}
    assert "AWS::DynamoDB::Table" not in types["code"] | types["watch"]
    assert types["staff"] == {
        "AWS::Cognito::UserPool",
        "AWS::Cognito::UserPoolClient",
        "AWS::Cognito::UserPoolGroup",
        "AWS::SSM::Parameter",
    }
    assert types["staff"] & (types["code"] | types["watch"]) == {"AWS::SSM::Parameter"}
    assert types["watch"] == {"AWS::CloudWatch::Alarm", "AWS::SNS::Topic", "AWS::SNS::TopicPolicy"}


def test_the_local_club_leaves_nothing_out(clubs: Callable[[str], Synthesised]) -> None:
    local, prod = clubs("local"), clubs("prod")
    for lifetime, template in prod.templates.items():
        there = {(name, resource["Type"]) for name, resource in template["Resources"].items()}
        here = {(name, resource["Type"]) for name, resource in local.templates[lifetime]["Resources"].items()}
        # But for the demand of TLS on queues: this machine is reached without.
        less = Counter(type_ for _, type_ in there) - Counter(type_ for _, type_ in here)
        # Two have a policy there too: into them a topic may write.
        queues = sum(type_ == "AWS::SQS::Queue" for _, type_ in there) - 2
        assert less == ({"AWS::SQS::QueuePolicy": queues} if lifetime == "code" else {})


def test_no_stack_waits_for_what_another_exports(club: Synthesised) -> None:
    for template in club.templates.values():
        assert "Fn::ImportValue" not in json.dumps(template)
        assert not [name for name, output in template.get("Outputs", {}).items() if "Export" in output]


def test_the_stack_says_how_its_tables_are_called(club: Synthesised) -> None:
    said = {output["Value"]["Ref"] for output in club.templates["data"]["Outputs"].values()}
    assert said == set(club.full("AWS::DynamoDB::Table"))


def test_the_code_learns_what_the_stream_is_called_by_a_parameter(club: Synthesised) -> None:
    (told,) = (one for one in club.templates["data"]["Resources"].values() if one["Type"] == "AWS::SSM::Parameter")
    (ledger,) = (
        name
        for name, table in club.full("AWS::DynamoDB::Table").items()
        if table["Properties"]["TableName"] == club.stage.table("ledger")
    )
    assert told["Properties"]["Name"] == club.stage.stream("ledger")
    assert told["Properties"]["Value"] == {"Fn::GetAtt": [ledger, "StreamArn"]}
    follows = _mapping(club, "relay")
    asked = club.templates["code"]["Parameters"][follows["EventSourceArn"]["Ref"]]
    assert (asked["Type"], asked["Default"]) == ("AWS::SSM::Parameter::Value<String>", club.stage.stream("ledger"))


def test_the_relay_is_handed_the_stream_from_its_start_and_what_cannot_be_handed_over_is_told(
    club: Synthesised,
) -> None:
    follows = _mapping(club, "relay")
    queue = _queue(club, club.stage.dead_letters)
    assert follows["StartingPosition"] == "TRIM_HORIZON"
    assert follows["BisectBatchOnFunctionError"] is True
    assert 0 < follows["MaximumRetryAttempts"] <= 1_000
    assert follows["MaximumRecordAgeInSeconds"] == 24 * 3_600
    assert follows["DestinationConfig"] == {"OnFailure": {"Destination": {"Fn::GetAtt": [queue, "Arn"]}}}
    assert follows["MaximumBatchingWindowInSeconds"] == (0 if club.stage.is_local else 300)
    assert follows["BatchSize"] == 1_000
    assert "FilterCriteria" not in follows


def test_the_outbox_is_handed_at_once_what_asks_for_something_and_nothing_else(club: Synthesised) -> None:
    follows = _mapping(club, "outbox")
    assert follows["MaximumBatchingWindowInSeconds"] == 0
    assert [json.loads(one["Pattern"]) for one in follows["FilterCriteria"]["Filters"]] == [
        {"dynamodb": {"NewImage": {"ms": {"S": [{"exists": True}]}}}},
        {"dynamodb": {"NewImage": {"tr": {"N": [{"exists": True}]}}}},
    ]


def test_dead_letters_are_kept_as_long_as_can_be_encrypted_and_read_over_tls_alone(club: Synthesised) -> None:
    queues = club.full("AWS::SQS::Queue")
    for queue in queues.values():
        kept = queue["Properties"]
        assert (kept["MessageRetentionPeriod"], kept["SqsManagedSseEnabled"]) == (14 * 86_400, True)
    of = set()
    for policy in club.resources("AWS::SQS::QueuePolicy"):
        denied = [one for one in policy["PolicyDocument"]["Statement"] if one["Effect"] == "Deny"]
        assert all(one["Condition"] == {"Bool": {"aws:SecureTransport": "false"}} for one in denied)
        of |= {name["Ref"] for name in policy["Queues"]} if denied else set()
    # On this machine queues are reached without TLS.
    without = {queue["Properties"]["QueueName"] for queue in queues.values()} if club.stage.is_local else set()
    assert {queues[name]["Properties"]["QueueName"] for name in set(queues) - of} == without


def test_every_job_of_the_timetable_has_a_schedule_that_calls_the_scheduler_through_its_queue_or_its_own_room(
    club: Synthesised,
) -> None:
    queue, dead = (_queue(club, named) for named in (club.stage.queue("scheduler"), club.stage.dead_letters))
    schedules = {made["Name"]: made for made in club.resources("AWS::Scheduler::Schedule")}
    assert set(schedules) == {f"club-{club.stage.name}-{entry.job}" for entry in TIMETABLE}
    for entry in TIMETABLE:
        made = schedules[f"club-{club.stage.name}-{entry.job}"]
        assert (made["ScheduleExpression"], made["ScheduleExpressionTimezone"]) == (entry.expression, "Etc/UTC")
        target = made["Target"]
        assert json.loads(target["Input"]) == {"job": entry.job}
        (called,) = (
            name
            for name, function in club.full("AWS::Lambda::Function").items()
            if function["Properties"]["FunctionName"] == club.stage.function(entry.room)
        )
        assert target["Arn"] == {"Fn::GetAtt": [queue if entry.room == "scheduler" else called, "Arn"]}
        assert target["DeadLetterConfig"] == {"Arn": {"Fn::GetAtt": [dead, "Arn"]}}
        assert 0 < target["RetryPolicy"]["MaximumRetryAttempts"] <= 185


def test_no_job_runs_between_midnight_and_four_when_the_hour_may_be_missing_or_come_twice() -> None:
    for entry in TIMETABLE:
        hours = [int(hour) for hour in entry.hours.split("-")]
        assert 4 <= hours[0] <= hours[-1] < 24
        assert all(0 <= int(minute) < 60 for minute in entry.minutes.split(","))


def test_the_clock_follows_the_zone_that_the_operator_names(synthesise: Callable[..., Synthesised]) -> None:
    named = synthesise("dev", zone="Asia/Jerusalem")
    for made in named.resources("AWS::Scheduler::Schedule"):
        assert made["ScheduleExpressionTimezone"] == "Asia/Jerusalem"


def test_what_the_scheduler_cannot_do_lies_with_the_dead_letters_and_a_message_waits_longer_than_the_function_runs(
    club: Synthesised,
) -> None:
    queue = club.full("AWS::SQS::Queue")[_queue(club, club.stage.queue("scheduler"))]["Properties"]
    dead = _queue(club, club.stage.dead_letters)
    assert queue["RedrivePolicy"] == {"deadLetterTargetArn": {"Fn::GetAtt": [dead, "Arn"]}, "maxReceiveCount": 5}
    assert queue["VisibilityTimeout"] == 6 * club.functions()["scheduler"]["Timeout"]
    (works,) = (
        one
        for one in club.resources("AWS::Lambda::EventSourceMapping")
        if one["EventSourceArn"] == {"Fn::GetAtt": [_queue(club, club.stage.queue("scheduler")), "Arn"]}
    )
    assert (works["BatchSize"], works["FunctionResponseTypes"]) == (1, ["ReportBatchItemFailures"])


def test_a_one_time_code_never_stands_behind_a_campaign(club: Synthesised) -> None:
    """Each queue has its own line to the function: a backlog of one is nothing to the other (M11)."""
    notify = club.functions()["notify"]["FunctionName"]
    queues = {
        club.full("AWS::SQS::Queue")[made["EventSourceArn"]["Fn::GetAtt"][0]]["Properties"]["QueueName"]: made
        for made in club.resources("AWS::Lambda::EventSourceMapping")
        if "StartingPosition" not in made and flat_name(club, made) == notify
    }
    assert set(queues) == {club.stage.queue("urgent"), club.stage.queue("marketing")}
    assert all(made["FunctionResponseTypes"] == ["ReportBatchItemFailures"] for made in queues.values())
    # A backlog leaves invocations free for who stands and waits: AWS gives a new account ten at once.
    most = queues[club.stage.queue("marketing")]["ScalingConfig"]["MaximumConcurrency"]
    assert 2 <= most < 10
    assert "ScalingConfig" not in queues[club.stage.queue("urgent")]


def _mapping(club: Synthesised, room: str) -> dict[str, Any]:
    """The mapping of the stream that a room follows."""
    (made,) = (
        one
        for one in club.resources("AWS::Lambda::EventSourceMapping")
        if "StartingPosition" in one and club.functions()[room]["FunctionName"] in flat_name(club, one)
    )
    return made


def flat_name(club: Synthesised, mapping: dict[str, Any]) -> str:
    """Whose function a mapping calls."""
    named = mapping["FunctionName"]
    if isinstance(named, str):
        return named
    return str(club.full("AWS::Lambda::Function")[named["Ref"]]["Properties"]["FunctionName"])


def _queue(club: Synthesised, named: str) -> str:
    """The name in the template of the queue that is called so."""
    return next(name for name, made in club.full("AWS::SQS::Queue").items() if made["Properties"]["QueueName"] == named)


def test_everything_that_costs_says_which_stage_and_which_room_it_is_for(club: Synthesised) -> None:
    for room, made in club.functions().items():
        assert _tags(made) == {"club:stage": club.stage.name, "club:room": room}
    for table, made in club.tables().items():
        assert _tags(made["Properties"]) == {"club:stage": club.stage.name, "club:table": table}
    for type_ in ("AWS::Logs::LogGroup", "AWS::SNS::Topic", "AWS::CloudWatch::Alarm"):
        for made in club.resources(type_):
            assert _tags(made)["club:stage"] == club.stage.name


def test_two_stages_can_stand_in_one_account(clubs: Callable[[str], Synthesised]) -> None:
    names = ("TableName", "FunctionName", "LogGroupName", "TopicName", "QueueName", "AlarmName", "RoleName", "Name")
    dev, prod = (
        {
            resource["Properties"][name]
            for template in clubs(stage).templates.values()
            for resource in template["Resources"].values()
            for name in names
            # A reference is no name, and the authorizer's own is looked up within its API.
            if isinstance(resource["Properties"].get(name), str) and resource["Type"] != "AWS::ApiGatewayV2::Authorizer"
        }
        for stage in ("dev", "prod")
    )
    assert len(dev) == len(prod) > len(clubs("prod").tables()) + len(clubs("prod").functions())
    assert not dev & prod


def test_two_synths_of_one_club_are_the_same_to_the_byte(
    clubs: Callable[[str], Synthesised], synthesise: Callable[..., Synthesised]
) -> None:
    first, second = _written(clubs("prod").folder), _written(synthesise("prod").folder)
    assert len(first) > len(clubs("prod").templates)
    assert first == second


def test_a_stage_that_does_not_exist_is_refused_in_one_sentence() -> None:
    assert stage_named("prod") is STAGES["prod"]
    with pytest.raises(
        StageUnknown, match="There is no stage 'staging'; say -c stage=NAME with one of: local, dev, prod"
    ):
        stage_named("staging")
    with pytest.raises(StageUnknown, match="No stage was named"):
        stage_named(None)


def test_cdk_runs_the_app_that_these_tests_read(tmp_path: Path) -> None:
    app = json.loads((ROOT / "cdk.json").read_text())["app"]
    assert app.startswith("python ")
    refused = subprocess.run(
        [sys.executable, *app.split()[1:]],
        cwd=ROOT,
        env={
            "PATH": str(Path(sys.executable).parent),
            "CDK_OUTDIR": str(tmp_path),
            "CDK_CONTEXT_JSON": '{"stage":"moon"}',
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 1
    assert refused.stderr.strip() == "There is no stage 'moon'; say -c stage=NAME with one of: local, dev, prod."


def test_what_comes_from_npm_is_pinned_by_its_hash_and_not_by_an_address() -> None:
    package = json.loads((ROOT / "package.json").read_text())
    asked = {**package["dependencies"], **package["devDependencies"]}
    locked = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    assert {name: locked[f"node_modules/{name}"]["version"] for name in asked} == asked
    assert asked["aws-cdk"].startswith("2.")  # 3.0.0 cannot read what this library writes
    free = {"MIT", "Apache-2.0", "ISC", "BSD-2-Clause", "BSD-3-Clause", "Python-2.0"}
    assert {made["license"] for name, made in locked.items() if name} <= free
    for name, made in locked.items():
        assert not name or made["integrity"].startswith("sha512-")
        assert "resolved" not in made


def _tags(made: dict[str, list[dict[str, str]]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in made["Tags"]}


def _written(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
