"""Opens the club for a function: connection, secrets and law, once, at the first request that needs them."""

from __future__ import annotations

from functools import cache

import boto3

from shared.actions.club import Club
from shared.settings import settings
from shared.store.connection import tables
from shared.store.laws import Laws
from shared.store.peppers import Peppers
from shared.store.store import Store
from shared.store.table import TIMEOUTS


@cache
def club() -> Club:
    parameter = boto3.client("ssm", config=TIMEOUTS).get_parameter(Name=settings().peppers, WithDecryption=True)
    laws = Laws(tables(), settings().programme_seconds)
    return Club(Store(tables()), laws, Peppers(parameter["Parameter"]["Value"]))
