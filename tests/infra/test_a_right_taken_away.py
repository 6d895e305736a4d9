"""Rights as they act: under each function's role every call it makes is let through, and refused once its right is taken away.

The policies are the template's own; the local AWS judges them as AWS does. So a right that is missing is found here, and
one that is not needed has no call in the table below to defend it.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest

from club import aws, ministack
from club.home import Home
from infra.rooms import ROOMS
from shared.domain.notices import Label
from shared.settings import AwsKeys
from shared.store.sender import DYNAMODB, SES, SNS, SSM, Refused, Sender, Service
from shared.store.wires import Email, Sent, Sms
from shared.store.wires import Refused as NotSent
from tests.infra.synthesised import Resource, Synthesised, flat, listed
from tests.store.test_wires import WRITTEN

ACCOUNT = "000000000000"
DYNAMODB_CALLS: dict[str, Callable[[Sender, str, dict[str, Any]], Any]] = {
    "DeleteItem": lambda db, table, key: db.call(
        "TransactWriteItems", {"TransactItems": [{"Delete": {"TableName": table, "Key": key}}]}
    ),
    "BatchGetItem": lambda db, table, key: db.call("BatchGetItem", {"RequestItems": {table: {"Keys": [key]}}}),
    "GetItem": lambda db, table, key: db.call("GetItem", {"TableName": table, "Key": key, "ConsistentRead": True}),
    # The store writes in transactions only: what is judged is the Put inside one.
    "PutItem": lambda db, table, key: db.call(
        "TransactWriteItems", {"TransactItems": [{"Put": {"TableName": table, "Item": key}}]}
    ),
    "Query": lambda db, table, key: db.call("Query", {"TableName": table} | _of_partition(key)),
    "Scan": lambda db, table, key: db.call("Scan", {"TableName": table, "Limit": 1}),
    "UpdateItem": lambda db, table, key: db.call(
        "UpdateItem",
        {
            "TableName": table,
            "Key": key,
            "UpdateExpression": "ADD q :one",
            "ExpressionAttributeValues": {":one": {"N": "1"}},
        },
    ),
    "DescribeTable": lambda db, table, _: db.call("DescribeTable", {"TableName": table}),
    "DescribeContinuousBackups": lambda db, table, _: db.call("DescribeContinuousBackups", {"TableName": table}),
}
GRANTED = [
    (room.name, f"{grant.table}/{grant.on_index}" if grant.on_index else grant.table, action)
    for room in ROOMS
    for grant in room.grants
    for action in grant.actions
]


class Cloud:
    """A local AWS with the club's tables and, for each function, a role that the test may put on."""

    def __init__(self, endpoint: str, club: Synthesised) -> None:
        self._endpoint = endpoint
        self._club = club
        self._iam = self._client("iam")
        for table in club.resources("AWS::DynamoDB::Table"):
            known = ("AttributeDefinitions", "BillingMode", "GlobalSecondaryIndexes", "KeySchema", "TableName")
            self._client("dynamodb").create_table(**{name: table[name] for name in known if name in table})
        self._client("ssm").put_parameter(Name=club.stage.peppers, Type="SecureString", Value="{}")
        trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}
        for room in ROOMS:
            self._iam.create_role(RoleName=room.name, AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))

    def as_room(self, room: str, service: Service = DYNAMODB, without: tuple[str, str] | None = None) -> Sender:
        """The function's own sender with its rights, all of them or all but one (action, the last word of the thing)."""
        statements = [_resolved(statement, without) for statement in self._club.statements_of(room)]
        policy = {"Version": "2012-10-17", "Statement": [statement for statement in statements if statement["Action"]]}
        self._iam.put_role_policy(RoleName=room, PolicyName="Grants", PolicyDocument=json.dumps(policy))
        role = f"arn:aws:iam::{ACCOUNT}:role/{room}"
        worn = self._client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
        keys = AwsKeys(worn["AccessKeyId"], worn["SecretAccessKey"], worn["SessionToken"])
        return Sender(service, self._endpoint, ministack.REGION, lambda: keys)

    def verify(self, sender: str) -> None:
        self._client("sesv2").create_email_identity(EmailIdentity=sender)

    def key_of(self, table: str) -> dict[str, Any]:
        """A key that nobody has, in the shape of the table or of its index."""
        name, _, index = table.partition("/")
        properties = self._club.tables()[name]["Properties"]
        schema = properties["GlobalSecondaryIndexes"][0] if index else properties
        types = {kind["AttributeName"]: kind["AttributeType"] for kind in properties["AttributeDefinitions"]}
        return {key["AttributeName"]: {types[key["AttributeName"]]: "1"} for key in schema["KeySchema"]}

    def _client(self, service: str) -> Any:
        """The operator, who may do everything."""
        make: Any = boto3.client
        return make(service, endpoint_url=self._endpoint, region_name=ministack.REGION, **aws.LOCAL_KEYS)


@pytest.fixture(scope="module")
def cloud(clubs: Callable[[str], Synthesised], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    home = Home(tmp_path_factory.mktemp("rights")).made()
    with socket.socket() as free:
        free.bind((ministack.HOST, 0))
        port = free.getsockname()[1]
    try:
        yield Cloud(ministack.start(home, port).endpoint, clubs("local"))
    finally:
        ministack.stop(home)


@pytest.mark.parametrize(("room", "table", "action"), GRANTED, ids=["-".join(granted) for granted in GRANTED])
def test_a_function_needs_each_of_its_rights_and_with_it_the_call_is_let_through(
    cloud: Cloud, room: str, table: str, action: str
) -> None:
    name, _, index = table.partition("/")
    key = cloud.key_of(table)
    call = DYNAMODB_CALLS[action]

    def made_by(sender: Sender) -> None:
        if index:
            sender.call("Query", {"TableName": f"club-local-{name}", "IndexName": index, **_of_partition(key)})
        else:
            call(sender, f"club-local-{name}", key)

    made_by(cloud.as_room(room))
    with pytest.raises(Refused) as refused:
        made_by(cloud.as_room(room, without=(f"dynamodb:{action}", index or f"club-local-{name}")))
    assert refused.value.code == "AccessDeniedException"
    assert f"dynamodb:{action}" in str(refused.value)


@pytest.mark.parametrize("room", [room.name for room in ROOMS if room.reads_peppers])
def test_the_peppers_are_read_with_their_right_and_not_without(cloud: Cloud, room: str) -> None:
    asked = {"Name": "/club/local/peppers", "WithDecryption": True}
    assert cloud.as_room(room, SSM).call("GetParameter", asked)["Parameter"]["Value"] == "{}"
    without = cloud.as_room(room, SSM, without=("ssm:GetParameter", "peppers"))
    with pytest.raises(Refused) as refused:
        without.call("GetParameter", asked)
    assert refused.value.code == "AccessDeniedException"


@pytest.mark.parametrize("room", [room.name for room in ROOMS if room.sends])
def test_a_message_is_sent_with_its_right_and_refused_for_all_of_its_channel_without(cloud: Cloud, room: str) -> None:
    label, number = Label("M0123456789ABCDEF", "1", "news", "service"), "+972502345678"
    cloud.verify("club@rimon.example")

    def mail(without: tuple[str, str] | None = None) -> Sent:
        return Email(cloud.as_room(room, SES, without), "club-local-mail").send("dana@example.com", WRITTEN, label)

    def text(without: tuple[str, str] | None = None) -> Sent:
        return Sms(cloud.as_room(room, SNS, without), ["IL"]).send(number, WRITTEN, label)

    assert mail().id
    assert text().id
    for send, right in ((mail, ("ses:SendEmail", "*")), (text, ("sns:Publish", "*"))):
        with pytest.raises(NotSent) as refused:
            send(right)
        assert refused.value.why == "paused"


def test_who_sends_may_publish_to_no_topic(cloud: Cloud) -> None:
    topic = f"arn:aws:sns:{ministack.REGION}:{ACCOUNT}:club-local-mail"
    form = f"Action=Publish&Version=2010-03-31&TopicArn={topic}&Message=forged".encode()
    for room in ("notify", "notices", "page"):
        answer = cloud.as_room(room, SNS).post("/", {"content-type": "application/x-www-form-urlencoded"}, form)
        assert answer.status == 403, answer.body


def test_the_gate_cannot_read_what_members_have(cloud: Cloud) -> None:
    gate = cloud.as_room("gate")
    for table in ("accounts", "ledger", "aliases", "people"):
        with pytest.raises(Refused) as refused:
            gate.call("GetItem", {"TableName": f"club-local-{table}", "Key": cloud.key_of(table)})
        assert refused.value.code == "AccessDeniedException"


def test_the_relay_cannot_read_what_members_have(cloud: Cloud) -> None:
    """What was posted is handed to it; it asks for nothing. Rights on the stream itself the local AWS cannot judge."""
    for table in ("accounts", "ledger", "aliases", "people", "limits"):
        with pytest.raises(Refused) as refused:
            cloud.as_room("relay").call("GetItem", {"TableName": f"club-local-{table}", "Key": cloud.key_of(table)})
        assert refused.value.code == "AccessDeniedException"


def test_a_till_cannot_read_who_a_member_is(cloud: Cloud) -> None:
    with pytest.raises(Refused) as refused:
        cloud.as_room("purchase").call("GetItem", {"TableName": "club-local-people", "Key": cloud.key_of("people")})
    assert refused.value.code == "AccessDeniedException"


def test_nobody_may_delete_or_overwrite_a_posting_by_another_call(cloud: Cloud) -> None:
    for room in ("purchase", "member", "office"):
        for change in ("DeleteItem", "UpdateItem"):
            with pytest.raises(Refused) as refused:
                cloud.as_room(room).call(change, {"TableName": "club-local-ledger", "Key": cloud.key_of("ledger")})
            assert refused.value.code == "AccessDeniedException"


def _resolved(statement: Resource, without: tuple[str, str] | None) -> Resource:
    """A statement of the template with its references filled in, and without the one right if it is its own: the last word of its
    thing, or `*` for whatever it is."""
    key = "Resource" if "Resource" in statement else "NotResource"
    things = [
        flat(thing)
        .replace("{AWS::Partition}", "aws")
        .replace("{AWS::Region}", ministack.REGION)
        .replace("{AWS::AccountId}", ACCOUNT)
        for thing in listed(statement[key])
    ]
    actions = [
        action
        for action in listed(statement["Action"])
        if without is None or action != without[0] or not (without[1] == "*" or things[0].endswith(f"/{without[1]}"))
    ]
    return {**statement, "Action": actions, key: things}


def _of_partition(key: dict[str, Any]) -> dict[str, Any]:
    name, value = next(iter(key.items()))
    return {
        "KeyConditionExpression": "#p = :p",
        "ExpressionAttributeNames": {"#p": name},
        "ExpressionAttributeValues": {":p": value},
    }
