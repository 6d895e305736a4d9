"""Tills that use the club's actions directly, one or several at once, each in a process of its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, get_args

from club import aws
from club.ministack import Running
from infra.stage import stage_named
from shared.actions.caller import Caller
from shared.actions.club import Club
from shared.actions.enrol_member import enrol_member
from shared.actions.record_purchase import Recorded, record_purchase
from shared.api.answers import purchase_answer
from shared.domain.errors import Busy
from shared.domain.ledger import Row, verify
from shared.domain.member import Joining
from shared.domain.purchase import Purchase
from shared.store.backend import TableName
from shared.store.laws import Laws
from shared.store.peppers import Peppers
from shared.store.store import Store
from shared.store.table import Tables
from tests import storefront
from tests.wire import Wire

MAIN = Caller("main")
SECONDS_LEFT = 9.5


def plenty() -> float:
    """What a request has left while nothing takes long."""
    return SECONDS_LEFT


def club_on(wire: Wire, peppers: str | None = None, tables: Tables | None = None) -> Club:
    """The club's actions on the deployed tables, or on others; the law is read once and kept."""
    stage = stage_named("local")
    if peppers is None:
        parameter = aws.client("ssm").get_parameter(Name=stage.peppers, WithDecryption=True)["Parameter"]
        peppers = parameter.get("Value", "")
    if tables is None:
        tables = Tables(wire.client, {table: stage.table(table) for table in get_args(TableName)})
    return Club(Store(tables), Laws(tables, 3600), Peppers(peppers))


def purchase(*lines: dict[str, Any], **changes: Any) -> Purchase:
    return Purchase.model_validate(storefront.purchase(*lines, **changes))


def person(**changes: Any) -> Joining:
    return Joining.model_validate(storefront.person(**changes))


def new_member(tills: Club, **changes: Any) -> str:
    row = enrol_member(tills, MAIN, storefront.new_id("join"), person(**changes), plenty).row
    return str(row["a"])


def record(tills: Club, bought: Purchase, seconds_left: Callable[[], float] = plenty) -> Recorded:
    return record_purchase(tills, MAIN, bought, seconds_left)


def answer(tills: Club, row: Row, bought: Purchase) -> bytes:
    """The bytes that a storefront is told."""
    told = purchase_answer(row, bought.store, bought.purchase_id, tills.laws.version(int(row["v"])))
    return json.dumps(told, ensure_ascii=False).encode()


def postings(tills: Club, member_id: str) -> list[Row]:
    """All of a member's postings, oldest first, proven against the account."""
    rows: list[Row] = []
    while page := tills.store.entries(member_id, int(rows[-1]["n"]) if rows else None, 100):
        rows += page
    rows.reverse()
    account = tills.store.account(member_id)
    assert account is not None
    verify(account, rows)
    return rows


def storm(running: Running, peppers: str, member_id: str, till: int, purchases: int) -> list[tuple[str, int]]:
    """One till in a storm: its purchases one after the other; ids and points of those that were accepted."""
    tills = club_on(Wire(running), peppers)
    accepted = []
    for number in range(purchases):
        bought = purchase(
            storefront.line(1000 * (1 + number)), member_id=member_id, purchase_id=f"{member_id}-{till}-{number}"
        )
        try:
            row = record(tills, bought).row
        except Busy:
            continue
        accepted.append((bought.purchase_id, json.loads(str(row["d"]))[0]))
    return accepted
