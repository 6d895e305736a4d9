"""Clients for the stage an operator works on: the local AWS of this home, or the operator's own account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, overload

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from club import ministack
from club.console import Trouble
from club.home import Home, here
from shared.settings import AwsKeys
from shared.store.sender import DYNAMODB, Sender

if TYPE_CHECKING:
    from botocore.credentials import Credentials
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_ssm import SSMClient

LOCAL = "local"


# The local AWS knows these as its root. They open nothing anywhere else.
LOCAL_KEYS = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}


@overload
def client(service: Literal["dynamodb"], stage: str = ..., home: Home | None = ...) -> DynamoDBClient: ...
@overload
def client(service: Literal["ssm"], stage: str = ..., home: Home | None = ...) -> SSMClient: ...
@overload
def client(service: Literal["s3"], stage: str = ..., home: Home | None = ...) -> S3Client: ...
@overload
def client(service: Literal["cloudformation"], stage: str = ..., home: Home | None = ...) -> CloudFormationClient: ...
@overload
def client(service: Literal["cognito-idp", "sns", "sqs"], stage: str = ..., home: Home | None = ...) -> Any: ...
def client(service: str, stage: str = LOCAL, home: Home | None = None) -> Any:
    """A boto3 client. On the local stage it can reach nothing but this home's own local AWS, which has to be running."""
    make: Any = boto3.client
    if stage != LOCAL:
        return make(service)
    # Path style, because a bucket's own host name does not resolve on loopback.
    config = Config(s3={"addressing_style": "path"}, retries={"max_attempts": 3, "mode": "standard"})
    return make(
        service, endpoint_url=_running(home).endpoint, region_name=ministack.REGION, config=config, **LOCAL_KEYS
    )


def dynamodb(stage: str = LOCAL, home: Home | None = None) -> Sender:
    """The functions' own way to DynamoDB, with the operator's keys: those of a profile or of single sign-on too."""
    if stage == LOCAL:
        return Sender(DYNAMODB, _running(home).endpoint, ministack.REGION, lambda: AwsKeys(*LOCAL_KEYS.values()))
    session = boto3.Session()
    credentials = session.get_credentials()
    if credentials is None:
        raise Trouble("AWS does not know you here: name a profile (AWS_PROFILE), or sign in with `aws sso login`.")
    found = session.client("dynamodb").meta
    return Sender(DYNAMODB, found.endpoint_url, found.region_name, lambda: _keys(credentials))


def _keys(credentials: Credentials) -> AwsKeys:
    """As they are now: boto3 renews those that end."""
    try:
        now = credentials.get_frozen_credentials()
    except BotoCoreError as fault:
        raise Trouble(f"AWS does not know you any more: {fault}") from fault
    return AwsKeys(now.access_key or "", now.secret_key or "", now.token)


def _running(home: Home | None) -> ministack.Running:
    running = ministack.running(home or here())
    if running is None:
        raise Trouble("The club is not running on this machine: start it with `make up`.")
    return running
