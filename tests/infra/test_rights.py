"""What each function may do is exactly what it does. The list is written here a second time, so a new right is a decision."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from infra.rooms import ROOMS
from tests.infra.synthesised import Synthesised, calls_allowed, flat, listed

HERE = "{AWS::Region}:{AWS::AccountId}"
WEIGHS = {"DescribeContinuousBackups", "DescribeTable"}
RIGHTS = {
    "purchase": {
        "accounts": {"GetItem", "PutItem"},
        "ledger": {"BatchGetItem", "GetItem", "PutItem"},
        "ledger/index/by_account": {"Query"},
        "aliases": {"BatchGetItem", "GetItem", "PutItem"},
        "limits": {"BatchGetItem", "DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem"},
        "club": {"GetItem", "PutItem"},
    },
    "member": {
        "accounts": {"GetItem", "PutItem"},
        "ledger": {"BatchGetItem", "GetItem", "PutItem"},
        "ledger/index/by_account": {"Query"},
        "aliases": {"BatchGetItem", "GetItem", "PutItem"},
        "people": {"DeleteItem", "PutItem", "Query"},
        "limits": {"BatchGetItem", "GetItem", "UpdateItem"},
        "post": {"Query"},
        "club": {"GetItem", "PutItem"},
    },
    "office": {
        "accounts": {"GetItem", "PutItem", "Scan"},
        "ledger": {"BatchGetItem", "GetItem", "PutItem"},
        "ledger/index/by_account": {"Query"},
        "limits": {"DeleteItem", "GetItem", "PutItem", "Query"},
        "post": {"GetItem", "PutItem", "Query"},
        "club": {"GetItem", "PutItem", "Query"},
    },
    "gate": {"club": {"GetItem", "PutItem"}},
    "relay": {"club": {"GetItem", "PutItem", "Query", "UpdateItem"}},
    "scheduler": {
        "accounts": {"GetItem", "PutItem", "Scan", *WEIGHS},
        "ledger": {"BatchGetItem", "GetItem", "PutItem", *WEIGHS},
        "ledger/index/by_account": {"Query"},
        "limits": {"BatchGetItem", "GetItem", "PutItem", *WEIGHS},
        "post": {"DeleteItem", "GetItem", "PutItem", "Query", *WEIGHS},
        "club": {"DeleteItem", "GetItem", "PutItem", "Query", *WEIGHS},
        # How large they are, and nothing in them.
        "aliases": WEIGHS,
        "people": WEIGHS,
    },
    "analyst": {"club": {"GetItem", "PutItem", "Query"}, "post": {"GetItem", "PutItem"}},
    "notify": {
        "post": {"BatchGetItem", "GetItem", "PutItem", "Query", "UpdateItem"},
        "people": {"Query"},
        "accounts": {"GetItem"},
        "club": {"GetItem", "PutItem"},
    },
    # It reads what the stream brings, and no table.
    "outbox": {"club": {"PutItem"}},
    "notices": {
        "aliases": {"BatchGetItem", "GetItem"},
        "post": {"GetItem", "PutItem", "Query", "UpdateItem"},
        "club": {"PutItem"},
    },
    # Whoever has a member's link may add to their consents; it reads nothing else of anybody.
    "page": {"people": {"PutItem", "Query"}, "club": {"GetItem", "PutItem"}},
    # What anybody may call can read nothing.
    "docs": {"club": {"PutItem"}},
}
READ_PEPPERS = {"purchase", "member", "office", "scheduler", "page", "notify", "notices"}
# What Lambda asks a stream in a function's name, and where it tells what it could not hand over.
FOLLOW = {"relay": "ledger", "outbox": "ledger"}
# What Lambda asks of a queue in a function's name, and to which queues a function sends.
WORK = {"scheduler": {"scheduler"}, "notify": {"urgent", "marketing"}, "notices": {"notices"}}
SEND = {
    "notify": {"urgent", "marketing"},
    "scheduler": {"scheduler", "marketing", "urgent"},
    "outbox": {"urgent", "marketing", "scheduler"},
}
# Called by the clock with nobody waiting: what it cannot do is told to the queue of dead letters.
CLOCKED = {"analyst"}
SENDS_LETTERS = {"notify"}
QUEUE_CALLS = ("DeleteMessage", "GetQueueAttributes", "ReceiveMessage")
STREAM_CALLS = ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")


@pytest.mark.parametrize("room", RIGHTS)
def test_a_function_may_make_its_own_calls_and_no_others(club: Synthesised, room: str) -> None:
    name = f"club-{club.stage.name}"
    expected = {
        (f"dynamodb:{call}", f"arn:{{AWS::Partition}}:dynamodb:{HERE}:table/{name}-{table}")
        for table, calls in RIGHTS[room].items()
        for call in calls
    }
    for call in ("CreateLogStream", "PutLogEvents"):
        expected.add((f"logs:{call}", f"arn:{{AWS::Partition}}:logs:{HERE}:log-group:/aws/lambda/{name}-{room}:*"))
    if room in READ_PEPPERS:
        parameter = f"arn:{{AWS::Partition}}:ssm:{HERE}:parameter/club/{club.stage.name}/peppers"
        expected.add(("ssm:GetParameter", parameter))
    statements = club.statements_of(room)
    # A telephone is no resource: `test_mail.py` says what may be published to.
    texts = [one for one in statements if "NotResource" in one]
    assert [one["Action"] for one in texts] == ["sns:Publish"] * (room in SENDS_LETTERS)
    if room in SENDS_LETTERS:
        for parameter in ("address", "gateway"):
            arn = f"arn:{{AWS::Partition}}:ssm:{HERE}:parameter/club/{club.stage.name}/{parameter}"
            expected.add(("ssm:GetParameter", arn))
        # The local cloud asks about a mail without saying whose it is.
        set_of_mail = f"arn:{{AWS::Partition}}:ses:{HERE}:configuration-set/{club.stage.mail}"
        expected.add(("ses:SendEmail", "*" if club.stage.is_local else set_of_mail))
    if room in FOLLOW:
        (stream,) = {flat(one["EventSourceArn"]) for one in _mappings(club) if "StartingPosition" in one}
        expected |= {(f"dynamodb:{call}", stream) for call in STREAM_CALLS}
        expected.add(("sqs:SendMessage", f"arn:{{AWS::Partition}}:sqs:{HERE}:{name}-dead-letters"))
    if room in CLOCKED:
        expected.add(("sqs:SendMessage", f"arn:{{AWS::Partition}}:sqs:{HERE}:{name}-dead-letters"))
    queues = {
        queue: f"arn:{{AWS::Partition}}:sqs:{HERE}:{name}-{queue}"
        for queue in (*WORK.get(room, ()), *SEND.get(room, ()))
    }
    expected |= {(f"sqs:{call}", queues[queue]) for queue in WORK.get(room, ()) for call in QUEUE_CALLS}
    expected |= {("sqs:SendMessage", queues[queue]) for queue in SEND.get(room, ())}
    assert sorted(calls_allowed([one for one in statements if one not in texts])) == sorted(expected)


def _mappings(club: Synthesised) -> list[dict[str, Any]]:
    return list(club.resources("AWS::Lambda::EventSourceMapping"))


def test_every_function_has_a_role_of_its_own_that_only_lambda_may_take(club: Synthesised) -> None:
    roles = {room: made["Role"]["Fn::GetAtt"][0] for room, made in club.functions().items()}
    assert set(roles) == set(RIGHTS) == {room.name for room in ROOMS}
    assert len(set(roles.values())) == len(roles)
    clocks = {name for name, made in club.full("AWS::IAM::Role").items() if name.startswith("ScheduleRole")}
    assert len(clocks) == 1
    assert set(roles.values()) == set(club.full("AWS::IAM::Role")) - clocks
    for name, made in club.full("AWS::IAM::Role").items():
        if name in clocks:
            continue
        role = made["Properties"]
        assert role["AssumeRolePolicyDocument"]["Statement"] == [
            {"Action": "sts:AssumeRole", "Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}}
        ]


def test_a_schedule_may_send_to_the_schedulers_queues_call_the_analyst_and_nothing_else(club: Synthesised) -> None:
    (role,) = (made["Properties"] for name, made in club.full("AWS::IAM::Role").items() if "ScheduleRole" in name)
    (trusts,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trusts["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert trusts["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
    ((policy),) = role["Policies"]
    sends, calls = policy["PolicyDocument"]["Statement"]
    assert (sends["Action"], calls["Action"]) == ("sqs:SendMessage", "lambda:InvokeFunction")
    assert len(sends["Resource"]) == 2
    (called,) = listed(calls["Resource"])
    function = club.full("AWS::Lambda::Function")[called["Fn::GetAtt"][0]]["Properties"]
    assert function["FunctionName"] == club.stage.function("analyst")


def test_no_right_is_given_on_everything_or_for_everything(club: Synthesised) -> None:
    seen = list(_rights_anywhere(club.templates))
    assert seen
    for action, thing in seen:
        assert "*" not in action
        assert thing != "*" or (action == "ses:SendEmail" and club.stage.is_local)
        # One wildcard is left: the streams below a function's own log group, which Lambda names.
        assert (
            thing == "*"
            or "*" not in thing
            or thing.endswith(f":log-group:/aws/lambda/club-{club.stage.name}-{thing.split('-')[-1]}")
        )


def test_functions_are_called_by_the_clubs_own_api_alone(club: Synthesised) -> None:
    api = next(iter(club.full("AWS::ApiGatewayV2::Api")))
    permissions = club.resources("AWS::Lambda::Permission")
    assert len(permissions) == len(set(RIGHTS) - set(FOLLOW) - set(WORK) - CLOCKED)
    for permission in permissions:
        assert permission["Principal"] == "apigateway.amazonaws.com"
        assert permission["Action"] == "lambda:InvokeFunction"
        assert f"execute-api:{HERE}:{{{api}}}/" in flat(permission["SourceArn"])


def test_the_relay_may_write_tallies_marks_poison_and_its_use_and_neither_a_key_nor_a_law(club: Synthesised) -> None:
    of = {}
    for statement in club.statements_of("relay"):
        if flat(listed(statement["Resource"])[0]).endswith("-club"):
            condition = statement["Condition"]
            assert set(condition) == {"ForAllValues:StringLike"}
            for action in listed(statement["Action"]):
                of[action] = listed(condition["ForAllValues:StringLike"]["dynamodb:LeadingKeys"])
    assert of == {
        "dynamodb:GetItem": ["programme", "tally"],
        "dynamodb:Query": ["seen#*"],
        "dynamodb:PutItem": ["poison", "seen#*", "used#*"],
        "dynamodb:UpdateItem": ["tally#*"],
    }


def test_what_a_function_writes_of_the_club_is_what_it_used_and_no_law_and_no_key(club: Synthesised) -> None:
    for room in RIGHTS:
        for statement in club.statements_of(room):
            names = [flat(one) for one in listed(statement.get("Resource", []))]
            if room in ("relay", "scheduler") or not any(one.endswith("-club") for one in names):
                continue
            if "dynamodb:PutItem" in listed(statement["Action"]):
                assert listed(statement["Action"]) == ["dynamodb:PutItem"]
                # The analyst closes chapters of a month besides.
                own = ["month#*", "used#*"] if room == "analyst" else ["used#*"]
                assert statement["Condition"] == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": own}}


def test_a_function_is_told_the_names_of_its_own_tables_only(club: Synthesised) -> None:
    for room, made in club.functions().items():
        tables = {table.split("/")[0] for table in RIGHTS[room]}
        told = made["Environment"]["Variables"]["CLUB_TABLES"]
        assert {table for table in club.tables() if f'{club.stage.table(table)}"' in told} == tables


def _rights_anywhere(value: Any) -> Iterator[tuple[str, str]]:
    """Every (action, thing) of every policy statement that is about things, wherever it stands in a template."""
    if isinstance(value, dict):
        if "Action" in value and "Resource" in value and value.get("Effect") == "Allow":
            yield from (
                (action, flat(thing)) for action in listed(value["Action"]) for thing in listed(value["Resource"])
            )
        for inner in value.values():
            yield from _rights_anywhere(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _rights_anywhere(inner)
