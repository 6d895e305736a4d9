"""The only reader of the environment: what a function needs to know about where it runs."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple


class SettingWrong(RuntimeError):
    """A variable of the environment is missing or cannot be read; the message names it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """`tables`: physical name by table, only of those this function may use. `programme_seconds`: how long the law is cached."""

    stage: str
    tables: dict[str, str]
    peppers: str
    programme_seconds: int


class AwsKeys(NamedTuple):
    """What a request to AWS is signed with. Keys of a role have a token; those of a person may have none."""

    id: str
    secret: str
    token: str | None = None


@cache
def settings() -> Settings:
    """Raises SettingWrong by name."""
    return Settings(
        stage=_text("CLUB_STAGE"),
        tables=_tables("CLUB_TABLES"),
        peppers=os.environ.get("CLUB_PEPPERS", ""),
        programme_seconds=_seconds("CLUB_PROGRAMME_SECONDS", 60),
    )


def aws_keys() -> AwsKeys:
    """The keys that Lambda gives a function. Raises SettingWrong."""
    return AwsKeys(_text("AWS_ACCESS_KEY_ID"), _text("AWS_SECRET_ACCESS_KEY"), os.environ.get("AWS_SESSION_TOKEN"))


def aws_region() -> str:
    return os.environ.get("AWS_REGION") or _text("AWS_DEFAULT_REGION")


def aws_endpoint(service: str) -> str:
    """Where a service of AWS is reached: its own address in this region, or the one that the environment names instead."""
    named = os.environ.get(f"AWS_ENDPOINT_URL_{service.upper()}") or os.environ.get("AWS_ENDPOINT_URL")
    region = aws_region()
    return named or f"https://{service}.{region}.amazonaws.com{'.cn' if region.startswith('cn-') else ''}"


def _text(name: str) -> str:
    if not os.environ.get(name):
        raise SettingWrong(f"the variable {name} is not set")
    return os.environ[name]


def _tables(name: str) -> dict[str, str]:
    try:
        read = json.loads(_text(name))
    except ValueError:
        read = None
    if not isinstance(read, dict) or not all(isinstance(value, str) for value in read.values()):
        raise SettingWrong(f"the variable {name} is not a JSON object of table names")
    return read


def _seconds(name: str, limit: int) -> int:
    text = os.environ.get(name, str(limit))
    if not text.isdecimal() or int(text) > limit:
        raise SettingWrong(f"the variable {name} is not a number of seconds from 0 to {limit}")
    return int(text)
