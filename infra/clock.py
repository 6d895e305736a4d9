"""The clock: a schedule for each entry of the timetable, the queue that they call the scheduler through, and its dead letters."""

from __future__ import annotations

import json

from aws_cdk import Duration, RemovalPolicy, Stack, Tags
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_sqs as sqs

from functions.scheduler.timetable import TIMETABLE
from infra.rooms import Room, Works
from infra.stage import Stage

# A schedule whose call fails is tried again for an hour; the next day's run catches up what was missed.
_SCHEDULE_TRIES_MAX, _SCHEDULE_AGE_S_MAX = 10, 3_600
# What is not done in time comes again: six times the function's own time, as AWS advises.
_VISIBILITY = 6


def add_clock(stack: Stack, stage: Stage, room: Room, works: Works, function: lambda_.Function, *, zone: str) -> None:
    name = room.name.title()
    dead = _queue(stack, stage, f"{name}DeadLetters", stage.dead_letters(room.name), room)
    queue = _queue(
        stack,
        stage,
        f"{name}Queue",
        stage.queue(room.name),
        room,
        dead_letter_queue=sqs.DeadLetterQueue(max_receive_count=works.tries_max, queue=dead),
        visibility_timeout=Duration.seconds(_VISIBILITY * room.timeout_s),
    )
    lambda_.CfnEventSourceMapping(
        stack,
        f"{name}Works",
        function_name=function.function_name,
        event_source_arn=queue.queue_arn,
        batch_size=1,
        function_response_types=["ReportBatchItemFailures"],
    )
    role = iam.Role(
        stack,
        f"{name}ScheduleRole",
        assumed_by=iam.ServicePrincipal(
            "scheduler.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": stack.account}}
        ),
        description="What the club's schedules may do: call the scheduler through its queue",
        inline_policies={
            "Grants": iam.PolicyDocument(
                statements=[
                    iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[queue.queue_arn, dead.queue_arn])
                ]
            )
        },
    )
    for entry in TIMETABLE:
        scheduler.CfnSchedule(
            stack,
            f"{entry.job.title()}Schedule",
            name=f"club-{stage.name}-{entry.job}",
            description=entry.what,
            schedule_expression=entry.expression,
            schedule_expression_timezone=zone,
            flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
            target=scheduler.CfnSchedule.TargetProperty(
                arn=queue.queue_arn,
                role_arn=role.role_arn,
                input=json.dumps({"job": entry.job}),
                retry_policy=scheduler.CfnSchedule.RetryPolicyProperty(
                    maximum_retry_attempts=_SCHEDULE_TRIES_MAX, maximum_event_age_in_seconds=_SCHEDULE_AGE_S_MAX
                ),
                dead_letter_config=scheduler.CfnSchedule.DeadLetterConfigProperty(arn=dead.queue_arn),
            ),
        )


def queue_url(stack: Stack, stage: Stage, room: Room) -> str:
    """The address of a room's queue, as SQS makes it: naming the queue itself would make the function wait for it."""
    return f"https://sqs.{stack.region}.{stack.url_suffix}/{stack.account}/{stage.queue(room.name)}"


def _queue(stack: Stack, stage: Stage, construct: str, name: str, room: Room, **more: object) -> sqs.Queue:
    queue = sqs.Queue(
        stack,
        construct,
        queue_name=name,
        # The local cloud speaks plain HTTP on this machine, and keeps to such a policy as AWS does.
        enforce_ssl=not stage.is_local,
        encryption=sqs.QueueEncryption.SQS_MANAGED,
        retention_period=Duration.days(14),
        removal_policy=RemovalPolicy.DESTROY,
        **more,  # type: ignore[arg-type]
    )
    Tags.of(queue).add("club:room", room.name)
    return queue
