"""The functions as they will stand: what they run on, what they run, and how long their logs are kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

from functions.scheduler.timetable import BY_NAME
from infra.code_stack import memory_mb
from infra.packaging import this_machine
from infra.rooms import CLOCKED, ROOMS
from infra.stage import STAGES
from tests.infra.synthesised import Synthesised
from tests.packaging.built import packages

GATEWAY_SECONDS_MAX = 30
AUTHORIZER_SECONDS_MAX = 10


def test_functions_on_aws_run_python_3_13_on_arm(club_on_aws: Synthesised) -> None:
    for made in club_on_aws.functions().values():
        assert made["Runtime"] == "python3.13"
        assert made["Architectures"] == ["arm64"]


def test_functions_of_the_local_club_say_what_they_really_run_on(clubs: Callable[[str], Synthesised]) -> None:
    machine = this_machine()
    for made in clubs("local").functions().values():
        assert made["Runtime"] == f"python{machine.python[0]}.{machine.python[1]}"
        assert made["Architectures"] == ["arm64" if machine.machine in ("aarch64", "arm64") else "x86_64"]


def test_what_is_uploaded_is_what_was_built_and_tested(club: Synthesised) -> None:
    built = packages("local" if club.stage.is_local else "aws")
    assets = json.loads((club.folder / f"{club.stage.stack('code')}.assets.json").read_text())["files"]
    staged = {
        destination["objectKey"]: club.folder / asset["source"]["path"]
        for asset in assets.values()
        for destination in asset["destinations"].values()
    }
    wanted = {made["Code"]["S3Key"]: built.functions[room] for room, made in club.functions().items()}
    layer, numeric = club.resources("AWS::Lambda::LayerVersion")
    wanted |= {layer["Content"]["S3Key"]: built.layer, numeric["Content"]["S3Key"]: built.numeric}
    assert len(wanted) == len(built.functions) + 2
    for key, package in wanted.items():
        assert hashlib.sha256(staged[key].read_bytes()).hexdigest() == package.sha256


def test_every_function_runs_its_own_handler_with_the_one_layer_and_the_analyst_alone_with_numeric_libraries(
    club: Synthesised,
) -> None:
    layer, numeric = club.full("AWS::Lambda::LayerVersion")
    for room, made in club.functions().items():
        assert made["Handler"] == f"functions.{room}.handler.handler"
        assert made["Layers"] == [{"Ref": layer}, *([{"Ref": numeric}] if room == "analyst" else [])]
        assert made["Description"]


def test_a_large_club_gives_its_clock_more_memory_and_nothing_else() -> None:
    rooms, stage = {room.name: room for room in ROOMS}, STAGES["prod"]._replace(clock_memory_mb=1_769)
    assert {name: memory_mb(stage, room) for name, room in rooms.items()} == {
        name: 1_769 if name == CLOCKED else room.memory_mb for name, room in rooms.items()
    }
    assert memory_mb(STAGES["prod"], rooms[CLOCKED]) == rooms[CLOCKED].memory_mb


def test_nobody_waits_for_a_function_longer_than_the_gateway_does(club: Synthesised) -> None:
    # Nobody waits for what works off a queue: it has as long as a part of a sweep takes, or a few messages.
    waited_for = {room for room in club.functions() if room not in ("scheduler", "notify", "analyst")}
    timeouts = {room: made["Timeout"] for room, made in club.functions().items() if room in waited_for}
    assert max(timeouts.values()) < GATEWAY_SECONDS_MAX
    assert timeouts["gate"] < AUTHORIZER_SECONDS_MAX


def test_every_function_logs_to_a_group_that_forgets(club: Synthesised) -> None:
    groups = club.full("AWS::Logs::LogGroup")
    for room, made in club.functions().items():
        group = groups[made["LoggingConfig"]["LogGroup"]["Ref"]]["Properties"]
        assert group["LogGroupName"] == f"/aws/lambda/club-{club.stage.name}-{room}"
    for group in groups.values():
        assert group["Properties"]["RetentionInDays"] == {"local": 1, "dev": 7, "prod": 30}[club.stage.name]
    assert len(groups) == len(club.functions()) + 1


def test_lambdas_own_lines_do_not_fill_the_log(club: Synthesised) -> None:
    for made in club.functions().values():
        assert made["LoggingConfig"]["SystemLogLevel"] == "WARN"


def test_functions_are_told_their_stage_and_nothing_secret(club: Synthesised) -> None:
    for room, made in club.functions().items():
        told = made["Environment"]["Variables"]
        own = {
            "relay": {"CLUB_SEEN_BUCKETS"},
            "scheduler": {"CLUB_QUEUES", "CLUB_PARTS"},
            "analyst": {"CLUB_PARTS"},
            "outbox": {"CLUB_QUEUES"},
            "notify": {"CLUB_QUEUES", "CLUB_API", "CLUB_MAIL", "CLUB_GATEWAY"},
        }.get(room, set())
        assert set(told) == {"CLUB_STAGE", "CLUB_TABLES", "CLUB_PEPPERS", "CLUB_PROGRAMME_SECONDS"} | own
        assert told["CLUB_STAGE"] == club.stage.name
        assert told["CLUB_PEPPERS"] == f"/club/{club.stage.name}/peppers"
        assert told["CLUB_PROGRAMME_SECONDS"] == ("2" if club.stage.is_local else "60")


def test_traces_are_paid_for_only_when_asked_for(
    clubs: Callable[[str], Synthesised], synthesise: Callable[..., Synthesised]
) -> None:
    assert all("TracingConfig" not in made for made in clubs("dev").functions().values())
    traced = synthesise("dev", traced="yes")
    assert all(made["TracingConfig"] == {"Mode": "Active"} for made in traced.functions().values())
    assert [plugin["conclusion"] for plugin in traced.report()["pluginReports"]] == ["success", "success"]


def test_the_parts_of_a_census_are_as_many_where_it_is_read_as_where_it_is_taken(club: Synthesised) -> None:
    parts = {
        room: int(club.functions()[room]["Environment"]["Variables"]["CLUB_PARTS"]) for room in ("scheduler", "analyst")
    }
    assert parts["analyst"] == (parts["scheduler"] or BY_NAME["census"].parts)


def test_what_the_analyst_cannot_do_is_told_to_the_dead_letters(club: Synthesised) -> None:
    (dead,) = (
        name
        for name, queue in club.full("AWS::SQS::Queue").items()
        if queue["Properties"]["QueueName"] == club.stage.dead_letters
    )
    told = {room: made["DeadLetterConfig"] for room, made in club.functions().items() if "DeadLetterConfig" in made}
    assert told == {"analyst": {"TargetArn": {"Fn::GetAtt": [dead, "Arn"]}}}
