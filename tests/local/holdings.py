"""What the club holds: its rows, read as root beside the API, to see that something was written, or that nothing was."""

from __future__ import annotations

import json
from typing import Any

from club import aws
from club.store import tables
from infra.stage import stage_named
from shared.domain.ledger import Row, verify
from shared.store.backend import KEYS, TableName
from shared.store.store import Store

TOLD: tuple[TableName, ...] = ("ledger", "accounts", "people", "aliases")


def row_counts() -> dict[str, int]:
    """How many rows each table of the members' has."""
    dynamodb, stage = aws.client("dynamodb"), stage_named("local")
    pages = {
        table: dynamodb.get_paginator("scan").paginate(TableName=stage.table(table), Select="COUNT") for table in TOLD
    }
    return {table: sum(page["Count"] for page in pages[table]) for table in TOLD}


def all_rows(table: TableName) -> list[dict[str, Any]]:
    """Every row of a table, as DynamoDB writes it."""
    assert table in KEYS
    pages = aws.client("dynamodb").get_paginator("scan").paginate(TableName=stage_named("local").table(table))
    return [dict(row) for page in pages for row in page["Items"]]


def proven_postings(member_id: str) -> list[Row]:
    """A member's postings, oldest first, after the ledger was verified: sequence, chain, legs, lots and balance."""
    store = Store(tables())
    # As of the account: while it is read, the clock may post.
    account = store.account(member_id)
    assert account is not None
    rows = store.story(account)
    verify(account, rows)
    assert account.posted == sum(json.loads(str(row["d"]))[0] for row in rows)
    return rows
