"""The only reader of the environment: what a function needs to know about where it runs."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
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
    # How many buckets marks of folded postings are in, from a minute on: (minute, buckets), ascending.
    seen_buckets: tuple[tuple[int, int], ...] = ((0, 1),)
    # Into how many parts a job over all accounts is cut; 0 for as many as the timetable says.
    parts: int = 0
    # The addresses of the queues that the function sends to, by name.
    queues: dict[str, str] = field(default_factory=dict)
    # Of a function that sends: the configuration set that mail leaves by, the parameter of a gateway for text messages, and that
    # which says where the API is.
    mail: str = ""
    gateway: str = ""
    api: str = ""
    # The platform applications of SNS by the kind of phone, where the club pushes messages.
    push: dict[str, str] = field(default_factory=dict)
    # The namespace that the figures of a day are told in as metrics; empty where no dashboard shows them.
    metrics: str = ""
    # The tag that the bill knows the club's resources by; empty where nobody has the clock ask for it.
    bill: str = ""


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
        tables=_names("CLUB_TABLES"),
        peppers=os.environ.get("CLUB_PEPPERS", ""),
        programme_seconds=_seconds("CLUB_PROGRAMME_SECONDS", 60),
        seen_buckets=_buckets("CLUB_SEEN_BUCKETS"),
        parts=_many("CLUB_PARTS", PARTS_MAX),
        api=os.environ.get("CLUB_API", ""),
        queues=_names("CLUB_QUEUES") if os.environ.get("CLUB_QUEUES") else {},
        mail=os.environ.get("CLUB_MAIL", ""),
        gateway=os.environ.get("CLUB_GATEWAY", ""),
        push=_names("CLUB_PUSH") if os.environ.get("CLUB_PUSH") else {},
        metrics=os.environ.get("CLUB_METRICS", ""),
        bill=os.environ.get("CLUB_BILL", ""),
    )


def aws_keys() -> AwsKeys:
    """The keys that Lambda gives a function. Raises SettingWrong."""
    return AwsKeys(_text("AWS_ACCESS_KEY_ID"), _text("AWS_SECRET_ACCESS_KEY"), os.environ.get("AWS_SESSION_TOKEN"))


class Place(NamedTuple):
    """The function that this is, and the memory it has; of anything else both are empty."""

    function: str
    memory_mb: int


def place() -> Place:
    """`club-<stage>-<function>` is what Lambda calls it."""
    named, memory = (
        os.environ.get("AWS_LAMBDA_FUNCTION_NAME", ""),
        os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "0"),
    )
    return Place(named.rpartition("-")[2], int(memory) if memory.isdecimal() else 0)


def aws_region() -> str:
    return os.environ.get("AWS_REGION") or _text("AWS_DEFAULT_REGION")


def aws_endpoint(service: str, region: str = "") -> str:
    """Where a service of AWS is reached: its own address in a region, this one's if none is named; or the one that the
    environment names instead."""
    named = os.environ.get(f"AWS_ENDPOINT_URL_{service.upper()}") or os.environ.get("AWS_ENDPOINT_URL")
    region = region or aws_region()
    return named or f"https://{service}.{region}.amazonaws.com{'.cn' if region.startswith('cn-') else ''}"


def _text(name: str) -> str:
    if not os.environ.get(name):
        raise SettingWrong(f"the variable {name} is not set")
    return os.environ[name]


def _names(name: str) -> dict[str, str]:
    try:
        read = json.loads(_text(name))
    except ValueError:
        read = None
    if not isinstance(read, dict) or not all(isinstance(value, str) for value in read.values()):
        raise SettingWrong(f"the variable {name} is not a JSON object of names")
    return read


def _seconds(name: str, limit: int) -> int:
    text = os.environ.get(name, str(limit))
    if not text.isdecimal() or int(text) > limit:
        raise SettingWrong(f"the variable {name} is not a number of seconds from 0 to {limit}")
    return int(text)


# Each part is a message and a walk of its own; more are not worked off side by side in an account that AWS has not widened.
PARTS_MAX = 1_000


def _many(name: str, limit: int) -> int:
    text = os.environ.get(name, "0")
    if not text.isdecimal() or int(text) > limit:
        raise SettingWrong(f"the variable {name} is not a number from 0 to {limit}")
    return int(text)


# Each bucket is a partition of marks of its own; more than a delivery has postings would be a transaction for each of them.
SEEN_BUCKETS_MAX = 64


def _buckets(name: str) -> tuple[tuple[int, int], ...]:
    try:
        return read_buckets(os.environ.get(name, "0:1"))
    except ValueError as fault:
        raise SettingWrong(f"the variable {name} {fault}") from None


def read_buckets(text: str) -> tuple[tuple[int, int], ...]:
    """`0:1 29756160:4`: one bucket from the first minute on, four from that one on (minutes since 1970).

    It is only ever added to, with a minute that has yet to come: else what was counted is looked for where it is not. Raises
    ValueError.
    """
    try:
        read = tuple((int(minute), int(many)) for minute, many in (one.split(":") for one in text.split()))
    except ValueError:
        read = ()
    minutes = [minute for minute, _ in read]
    if not read or minutes[0] != 0 or minutes != sorted(set(minutes)):
        raise ValueError("is no list of MINUTE:BUCKETS that begins with minute 0 and ascends")
    if not all(1 <= many <= SEEN_BUCKETS_MAX for _, many in read):
        raise ValueError(f"says another number of buckets than 1 to {SEEN_BUCKETS_MAX}")
    return read
