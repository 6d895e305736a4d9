"""The queues, who works them off, and the one queue of dead letters for all that failed for good."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from aws_cdk import Duration, RemovalPolicy, Stack, Tags
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs

from infra.rooms import ROOMS
from infra.stage import Stage

# What is not done in time comes again: six times the function's own time, as AWS advises.
_VISIBILITY = 6


class Queues(NamedTuple):
    dead: sqs.Queue
    by_name: Mapping[str, sqs.Queue]


def add_queues(stack: Stack, stage: Stage, functions: Mapping[str, lambda_.Function]) -> Queues:
    """A queue for each that a room works off, and the mapping that calls the room."""
    dead = _queue(stack, stage, "DeadLetters", stage.dead_letters)
    made = {}
    for room in ROOMS:
        for name in room.works.queues if room.works is not None else ():
            assert room.works is not None
            queue = _queue(
                stack,
                stage,
                f"{name.title()}Queue",
                stage.queue(name),
                dead_letter_queue=sqs.DeadLetterQueue(max_receive_count=room.works.tries_max, queue=dead),
                visibility_timeout=Duration.seconds(_VISIBILITY * room.timeout_s),
            )
            Tags.of(queue).add("club:room", room.name)
            lambda_.CfnEventSourceMapping(
                stack,
                f"{name.title()}Works",
                function_name=functions[room.name].function_name,
                event_source_arn=queue.queue_arn,
                batch_size=room.works.at_a_time,
                function_response_types=["ReportBatchItemFailures"],
                scaling_config=_scaling(room.works.side_by_side_max.get(name)),
            )
            made[name] = queue
    return Queues(dead, made)


def _scaling(most: int | None) -> lambda_.CfnEventSourceMapping.ScalingConfigProperty | None:
    """A queue that may not have every invocation that the account has."""
    if most is None:
        return None
    return lambda_.CfnEventSourceMapping.ScalingConfigProperty(maximum_concurrency=most)


def queue_url(stack: Stack, stage: Stage, name: str) -> str:
    """The address of a queue, as SQS makes it: naming the queue itself would make the function wait for it."""
    return f"https://sqs.{stack.region}.{stack.url_suffix}/{stack.account}/{stage.queue(name)}"


def _queue(stack: Stack, stage: Stage, construct: str, name: str, **more: object) -> sqs.Queue:
    return sqs.Queue(
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
