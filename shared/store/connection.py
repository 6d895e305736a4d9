"""The connections to AWS that a function keeps for its whole life."""

from __future__ import annotations

from functools import cache

from shared.settings import aws_endpoint, aws_keys, aws_region, settings
from shared.store.sender import DYNAMODB, SQS, SSM, Sender, Service
from shared.store.table import Tables


@cache
def dynamodb() -> Sender:
    return _sender(DYNAMODB)


@cache
def parameter_store() -> Sender:
    return _sender(SSM)


@cache
def queues() -> Sender:
    return _sender(SQS)


@cache
def tables() -> Tables:
    return Tables(dynamodb(), settings().tables)


def _sender(service: Service) -> Sender:
    return Sender(service, aws_endpoint(service.name), aws_region(), aws_keys)
