"""Members for the benchmark: they join through the club's own API, then their account is given two years of purchases."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple

import boto3
import httpx

from benchmarks.shop import established
from club import aws, ministack
from club.console import Trouble
from club.up import PROGRAMME, OpenClub
from infra.stage import stage_named
from shared.domain.row_bytes import row_bytes
from shared.domain.rulebook import rulebook
from shared.store.rows import account_of, account_row

_PATIENCE_S = 120.0


class Member(NamedTuple):
    """`row_bytes`: the size of the account as it is stored."""

    id: str
    card: str
    row_bytes: int


def enrolled(club: OpenClub, count: int) -> list[Member]:
    """So many members with full accounts."""
    bearer = {"Authorization": f"Bearer {club.key}"}
    with httpx.Client(base_url=club.url, headers=bearer, timeout=_PATIENCE_S) as till:
        return [_enrolled(club, till) for _ in range(count)]


def _enrolled(club: OpenClub, till: httpx.Client) -> Member:
    card = f"CARD-{secrets.token_hex(6)}"
    person = {
        "name": "Noa Levi", "card": card, "language": "fa", "source": "till",
        "birthday": {"calendar": "jalali", "month": 3, "day": 14}, "joined_at": "2024-01-05T10:00:00+02:00",
    }  # fmt: skip
    joined = till.post("/v1/members", json=person, headers={"Idempotency-Key": card})
    if joined.status_code != 201:
        raise Trouble(f"A member could not join: {joined.status_code} {joined.text[:300]}")
    member_id = str(joined.json()["member_id"])
    accounts = _accounts(club)
    stored: Any = accounts.get_item(Key={"a": member_id}, ConsistentRead=True)["Item"]
    account = account_of({name: _plain(value) for name, value in stored.items()})
    row = account_row(established(account, rulebook(PROGRAMME.read_text("utf-8"), 1), datetime.now(UTC)))
    accounts.put_item(Item=row)
    return Member(member_id, card, row_bytes(row))


def _accounts(club: OpenClub) -> Any:
    make: Any = boto3.resource
    dynamodb = make("dynamodb", endpoint_url=club.running.endpoint, region_name=ministack.REGION, **aws.LOCAL_KEYS)
    return dynamodb.Table(stage_named("local").table("accounts"))


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, Decimal) else bytes(value) if not isinstance(value, str) else value
