"""A part of the real CDNOW log through the real stack: every point as an independent sum has it, every balance its postings."""

from __future__ import annotations

import csv
from typing import get_args

from club import aws
from club.home import Home
from club.load import cdnow, load_cdnow
from club.load.report import Report
from club.up import OpenClub
from infra.stage import stage_named
from shared.domain.ledger import verify
from shared.store.backend import TableName
from shared.store.rows import account_of
from shared.store.table import Tables
from tests.load.independent import points_by_row

CUSTOMERS = 40


def _load(club: OpenClub, home: Home) -> Report:
    return load_cdnow(club.url, club.key, "main", home=home, customers_max=CUSTOMERS, workers=4)


def _points_answered(report: Report) -> dict[int, int]:
    with report.rows_csv.open(newline="") as file:
        return {int(row["purchase_id"]): int(row["points"]) for row in csv.DictReader(file)}


def test_real_purchases_earn_what_an_independent_sum_says_and_a_second_load_changes_nothing(
    club: OpenClub, club_home: Home
) -> None:
    first = _load(club, club_home)
    assert first.clean
    assert first.accepted == first.purchases > CUSTOMERS

    expected = points_by_row(cdnow.folder() / cdnow.MASTER)
    answered = _points_answered(first)
    assert answered == {number: expected[number] for number in answered}

    second = _load(club, club_home)
    assert (second.accepted, second.repeated, second.points) == (0, first.purchases, first.points)

    _every_balance_is_the_sum_of_its_postings(club_home, sum(answered.values()))


def _every_balance_is_the_sum_of_its_postings(home: Home, points: int) -> None:
    """Reads whole tables, which only a test does: the loaded members by their cards' aliases would show the same."""
    dynamodb = aws.client("dynamodb", home=home)
    stage = stage_named("local")
    tables = Tables(aws.dynamodb(home=home), {table: stage.table(table) for table in get_args(TableName)})
    scanned = dynamodb.get_paginator("scan").paginate(TableName=stage.table("accounts"), ConsistentRead=True)
    total = 0
    for page in scanned:
        for item in page["Items"]:
            account_id = item["a"]["S"]
            row = tables.get("accounts", {"a": account_id})
            assert row is not None
            account = account_of(row)
            index = tables.entries(account_id, None, account.sequence + 1)
            rows = {entry["k"]: entry for entry in tables.get_many("ledger", [{"k": one["k"]} for one in index])}
            verify(account, [rows[one["k"]] for one in reversed(index)])
            total += account.posted
    assert total >= points
