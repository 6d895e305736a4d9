"""The clock: a schedule for each entry of the timetable, which calls the scheduler through its queue, or a room by itself."""

from __future__ import annotations

import json
from collections.abc import Mapping

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_scheduler as scheduler

from functions.scheduler.timetable import TIMETABLE
from infra.queues import Queues
from infra.rooms import CLOCKED, ROOMS
from infra.stage import Stage

# A schedule whose call fails is tried again for an hour; the next day's run catches up what was missed.
_SCHEDULE_TRIES_MAX, _SCHEDULE_AGE_S_MAX = 10, 3_600


def add_clock(
    stack: Stack, stage: Stage, queues: Queues, functions: Mapping[str, lambda_.Function], *, zone: str
) -> None:
    queue, dead = queues.by_name[CLOCKED], queues.dead
    called = {room.name: functions[room.name] for room in ROOMS if room.clocked}
    for function in called.values():
        # Nobody waits for it: Lambda itself tries it twice more, and then tells the queue.
        made = function.node.default_child
        assert isinstance(made, lambda_.CfnFunction)
        made.dead_letter_config = lambda_.CfnFunction.DeadLetterConfigProperty(target_arn=dead.queue_arn)
    role = iam.Role(
        stack,
        "ScheduleRole",
        assumed_by=iam.ServicePrincipal(
            "scheduler.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": stack.account}}
        ),
        description="What the club's schedules may do: call the scheduler through its queue, and who fits models",
        inline_policies={
            "Grants": iam.PolicyDocument(
                statements=[
                    iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[queue.queue_arn, dead.queue_arn]),
                    iam.PolicyStatement(
                        actions=["lambda:InvokeFunction"],
                        resources=[function.function_arn for function in called.values()],
                    ),
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
                arn=called[entry.room].function_arn if entry.room in called else queue.queue_arn,
                role_arn=role.role_arn,
                input=json.dumps({"job": entry.job}),
                retry_policy=scheduler.CfnSchedule.RetryPolicyProperty(
                    maximum_retry_attempts=_SCHEDULE_TRIES_MAX, maximum_event_age_in_seconds=_SCHEDULE_AGE_S_MAX
                ),
                dead_letter_config=scheduler.CfnSchedule.DeadLetterConfigProperty(arn=dead.queue_arn),
            ),
        )
