"""Opens the club for a function: connection, secrets and law, at the first request that needs them, and kept."""

from __future__ import annotations

from functools import cache, lru_cache

import boto3
from aws_lambda_powertools.utilities.parameters import SSMProvider
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError

from shared.actions.club import Club
from shared.domain.errors import Busy
from shared.settings import settings
from shared.store.connection import tables
from shared.store.laws import Laws
from shared.store.peppers import Peppers
from shared.store.store import Store
from shared.store.table import TIMEOUTS

# A new pepper is in use everywhere after so long; the older ones recognise until then and after.
PEPPERS_SECONDS_MAX = 300


def club() -> Club:
    """The club as it is now. Raises Busy when its secrets cannot be read."""
    return Club(_store(), _laws(), _peppers_of(_secret()))


@cache
def _store() -> Store:
    return Store(tables())


@cache
def _laws() -> Laws:
    return Laws(tables(), settings().programme_seconds)


@cache
def _parameters() -> SSMProvider:
    return SSMProvider(boto3_client=boto3.client("ssm", config=TIMEOUTS))


def _secret() -> str:
    try:
        return str(_parameters().get(settings().peppers, max_age=PEPPERS_SECONDS_MAX, decrypt=True))
    except GetParameterError as error:
        raise Busy from error


@lru_cache(maxsize=2)
def _peppers_of(secret: str) -> Peppers:
    return Peppers(secret)
