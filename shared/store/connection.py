"""The connections to AWS that a function keeps for its whole life."""

from __future__ import annotations

from functools import cache

from shared.settings import aws_endpoint, aws_keys, aws_region, place, settings
from shared.store.lines import SENDING_SECONDS_MAX
from shared.store.meter import Meter
from shared.store.sender import CE, DYNAMODB, SES, SNS, SQS, SSM, Sender, Service
from shared.store.table import Tables

_OF_BILLS = "us-east-1"


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
def mail() -> Sender:
    return _sender(SES, SENDING_SECONDS_MAX)


@cache
def texts() -> Sender:
    return _sender(SNS, SENDING_SECONDS_MAX)


@cache
def bills() -> Sender:
    return Sender(CE, aws_endpoint(CE.name, _OF_BILLS), _OF_BILLS, aws_keys)


@cache
def meter() -> Meter | None:
    """What counts what this function uses; None where it is no function."""
    here = place()
    return Meter(here.function, here.memory_mb) if here.function else None


@cache
def tables() -> Tables:
    return Tables(dynamodb(), settings().tables, meter())


@cache
def tables_to_tell() -> Tables:
    """Where functions tell what they used, over the same line. What that takes no meter counts: the row says it itself."""
    return Tables(dynamodb().once(), settings().tables)


def _sender(service: Service, read_seconds_max: float | None = None) -> Sender:
    address = aws_endpoint(service.host or service.name)
    return Sender(service, address, aws_region(), aws_keys, read_seconds_max)
