"""What cdk-nag objects to and we keep, each with its reason. An objection that is not in this table fails the synth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from aws_cdk import Acknowledgment, App, Stack, Validations
from cdk_nag import AwsSolutionsChecks, ServerlessChecks
from constructs import IConstruct

from infra.api import public_route_ids
from infra.mail import pushed_to
from infra.rooms import CLOCKED, REGISTERS, ROOMS
from infra.stage import Stage


class Acknowledgement(NamedTuple):
    """One objection kept on purpose, in one stack of one stage, or only at one construct in it."""

    lifetime: str
    rule: str
    reason: str
    at: str = ""


_THIRTEEN = (
    "Python 3.13 is the version every dependency has ARM wheels for and every test runs on; "
    "it is supported until 2029 and moves by a decision, not by a library's list."
)
_THIS_MACHINE = "The local cloud runs functions on the interpreter of this machine, whichever version that is."


def acknowledgements(
    stage: Stage,
    *,
    push: Mapping[str, str],
    traced: bool,
    reads_bill: bool,
    wakes_somebody: bool,
    mfa_required: bool,
) -> Iterator[Acknowledgement]:
    """Every objection that stays, for one stage."""
    runtime = _THIS_MACHINE if stage.is_local else _THIRTEEN
    yield Acknowledgement("code", "AwsSolutions::AwsSolutions-L1", runtime)
    yield Acknowledgement("code", "Serverless::Serverless-LambdaLatestVersion", runtime)
    yield Acknowledgement(
        "code",
        "Serverless::Serverless-LambdaDLQ",
        "The gateway calls these functions and waits for the answer, and the till repeats what failed under the same purchase "
        "id; what a stream cannot hand over is told to a queue by the stream's own mapping.",
    )
    dead = "It is the queue of dead letters itself; an alarm rings when one comes."
    yield Acknowledgement("code", "Serverless::Serverless-SQSRedrivePolicy", dead, at="DeadLetters")
    queues = [name.title() for room in ROOMS if room.works is not None for name in room.works.queues]
    for name in queues:
        works = "SQS has no destination for a mapping: the queue itself sends what failed to its dead letters."
        yield Acknowledgement(
            "code", "Serverless::Serverless-LambdaEventSourceMappingDestination", works, at=f"{name}Works"
        )
    for at in ("DeadLetters", *(f"{name}Queue" for name in queues)) if stage.is_local else ():
        here = "The local cloud speaks plain HTTP on this machine alone; every other stage demands TLS."
        yield Acknowledgement("code", "AwsSolutions::AwsSolutions-SQS4", here, at=at)
    if stage.is_local:
        here = "The local cloud speaks plain HTTP on this machine alone; every other stage demands TLS."
        yield Acknowledgement("code", "AwsSolutions::AwsSolutions-SNS3", here, at="MailNotices")
        mail = "The local cloud asks about a mail without saying whose it is; on AWS it is the sender and the configuration set."
        for room in ROOMS:
            if room.sends:
                at = f"{room.name.title()}Role"
                yield Acknowledgement("code", "AwsSolutions::AwsSolutions-IAM5[Resource::*]", mail, at=at)
                yield Acknowledgement("code", "Serverless::Serverless-LambdaStarPermissions", mail, at=at)
    for endpoints in pushed_to(push, stage):
        yield Acknowledgement(
            "code",
            f"AwsSolutions::AwsSolutions-IAM5[Resource::{endpoints}]",
            "Each phone is an endpoint that SNS names at run time; the wildcard is below the stage's own platform application.",
        )
    if push and stage.is_local:
        phone = "The local cloud asks about a phone's endpoint without saying of which application; on AWS it is the stage's own."
        at = f"{REGISTERS.title()}Role"
        yield Acknowledgement("code", "AwsSolutions::AwsSolutions-IAM5[Resource::*]", phone, at=at)
        yield Acknowledgement("code", "Serverless::Serverless-LambdaStarPermissions", phone, at=at)
    if reads_bill:
        bill = "Cost Explorer knows no resources: its one call, which only reads, can be granted on everything or not at all."
        at = f"{CLOCKED.title()}Role"
        yield Acknowledgement("code", "AwsSolutions::AwsSolutions-IAM5[Resource::*]", bill, at=at)
        yield Acknowledgement("code", "Serverless::Serverless-LambdaStarPermissions", bill, at=at)
    if traced:
        yield Acknowledgement(
            "code",
            "AwsSolutions::AwsSolutions-IAM5[Resource::*]",
            "X-Ray knows no resources: its two calls can be granted on everything or not at all.",
        )
    else:
        yield Acknowledgement(
            "code",
            "Serverless::Serverless-LambdaTracing",
            "Traces cost $5 a million, more than the purchases themselves; -c traced=yes switches them on for a search.",
        )
    for room in ROOMS:
        log = f"arn:<AWS::Partition>:logs:<AWS::Region>:<AWS::AccountId>:log-group:{stage.function_log(room.name)}:*"
        yield Acknowledgement(
            "code",
            f"AwsSolutions::AwsSolutions-IAM5[Resource::{log}]",
            "Lambda names its log streams at run time; the wildcard is below the function's own log group only.",
        )
    if not mfa_required:
        yield Acknowledgement(
            "staff",
            "AwsSolutions::AwsSolutions-COG2",
            "Clerks share the tablet of a shop and may have no phone of their own; every person may add an app as second factor, "
            "and -c staff_mfa=required demands it of all.",
        )
    yield Acknowledgement(
        "staff",
        "AwsSolutions::AwsSolutions-COG8",
        "The plus plan bills every person from the first and watches for leaked passwords of a public sign-up; here a handful "
        "of people are invited by name, and may have a second factor.",
    )
    for name, public in public_route_ids():
        yield Acknowledgement("code", "AwsSolutions::AwsSolutions-APIG4", f"Public. {public.reason}", at=f"Api/{name}")
    if wakes_somebody:
        yield Acknowledgement(
            "watch",
            "Serverless::Serverless-SNSRedrivePolicy",
            "SNS repeats an e-mail by itself for hours, and what an alarm said stays in the alarm's own history.",
        )
    if not stage.keeps_data:
        yield Acknowledgement(
            "data",
            "AwsSolutions::AwsSolutions-DDB3",
            "The local club's tables hold demo data and are made to be thrown away.",
        )


def check_with_nag(
    app: App,
    stage: Stage,
    *,
    push: Mapping[str, str],
    traced: bool,
    reads_bill: bool,
    wakes_somebody: bool,
    mfa_required: bool,
) -> None:
    """Have both rule packs look at every stack when it is synthesised, and enter what is kept with its reason."""
    Validations.of(app).add_plugins(AwsSolutionsChecks(app), ServerlessChecks(app))
    stacks = {child.stack_name: child for child in app.node.children if isinstance(child, Stack)}
    for kept in acknowledgements(
        stage, push=push, traced=traced, reads_bill=reads_bill, wakes_somebody=wakes_somebody, mfa_required=mfa_required
    ):
        at: IConstruct = stacks[stage.stack(kept.lifetime)]
        for name in filter(None, kept.at.split("/")):
            at = at.node.find_child(name)
        Validations.of(at).acknowledge(Acknowledgment(id=kept.rule, reason=kept.reason))
