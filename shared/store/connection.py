"""The connection to DynamoDB that a function keeps for its whole life."""

from __future__ import annotations

from functools import cache
from typing import Any

from shared.settings import settings
from shared.store.table import Tables, client


@cache
def dynamodb() -> Any:
    return client()


@cache
def tables() -> Tables:
    return Tables(dynamodb(), settings().tables)
