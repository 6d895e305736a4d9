"""What is kept of each table is noted once for each day, as DynamoDB says it, and no day stays open for want of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest

from functions.scheduler.jobs import Clock, run
from functions.scheduler.task import Task
from shared.actions.weigh_tables import weigh_tables
from shared.observe import EVENT_BYTES, log, logged
from shared.store.kpi import closed_on
from shared.store.sender import Refused
from shared.store.sizes import Stored, stored_of
from shared.store.usage import used_in
from tests.laws.clockwork import Clockwork
from tests.laws.shop import plenty
from tests.laws.test_closing_days import club_of_four, folded, morning

NAMES = {"ledger": "club-x-ledger", "people": "club-x-people"}


class DynamoDB:
    """Its two answers; it is asked for nothing else. Sizes grow by a byte each time."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        self.asked += 1
        assert set(request) == {"TableName"}
        is_ledger = request["TableName"] == NAMES["ledger"]
        if operation == "DescribeContinuousBackups":
            told = {"PointInTimeRecoveryStatus": "ENABLED" if is_ledger else "DISABLED"}
            return {"ContinuousBackupsDescription": {"PointInTimeRecoveryDescription": told}}
        assert operation == "DescribeTable"
        index = {"IndexName": "by_account", "IndexSizeBytes": 300, "ItemCount": 9}
        table = {"TableSizeBytes": 2_000, "ItemCount": 10}
        return {"Table": table | {"GlobalSecondaryIndexes": [index]} if is_ledger else table}


def test_rows_and_indexes_are_kept_with_a_hundred_bytes_for_each_and_only_rows_are_restorable() -> None:
    ask = DynamoDB()
    assert stored_of(ask, NAMES["ledger"]) == Stored(2_000 + 1_000 + 300 + 900, 2_000 + 1_000)
    assert stored_of(ask, NAMES["people"]) == Stored(2_000 + 1_000, 0)


def test_each_day_is_noted_once_and_days_that_were_missed_with_the_next() -> None:
    shop, ask = club_of_four(), DynamoDB()
    folded(shop)
    day, noted = date(2025, 1, 2), 0
    for passed in (0, 1, 4):
        day += timedelta(days=passed)
        morning(shop, day)
        Clockwork(shop).run("sweep")
        clock = Clock(shop.club, plenty, lambda *_: None, weigh=lambda club: weigh_tables(club, ask, NAMES))
        for _ in range(2):
            run(clock, Task("kpi"))
        noted += max(1, passed)
        used = used_in(shop.memory, day)
        assert used == {
            "stored.ledger": 4_200 * noted, "restorable.ledger": 3_000 * noted,
            "stored.people": 3_000 * noted, "restorable.people": 0,
        }  # fmt: skip
    assert ask.asked == 3 * len(NAMES) * 2, "nobody asks again of a day that is closed"


def test_a_day_is_closed_whether_or_not_its_tables_could_be_weighed(capsys: pytest.CaptureFixture[str]) -> None:
    def refused(_: object) -> int:
        raise Refused("AccessDeniedException", 400, {})

    shop = club_of_four()
    morning(shop, date(2025, 1, 2))
    Clockwork(shop).run("sweep")
    run(Clock(shop.club, plenty, lambda *_: None, weigh=refused), Task("kpi"))
    assert closed_on(shop.memory, "live", date(2025, 1, 1)) is not None
    assert '"code":"tables_unweighed","error":"AccessDeniedException"' in capsys.readouterr().out
    assert used_in(shop.memory, date(2025, 1, 1)) == {}


def test_bytes_of_the_log_are_counted_once_as_cloudwatch_counts_them(capsys: pytest.CaptureFixture[str]) -> None:
    logged()
    log("info", job="kpi", days=1)
    log("error", code="job_failed")
    lines = capsys.readouterr().out.splitlines()
    assert logged() == sum(len(line.encode()) + EVENT_BYTES for line in lines)
    assert logged() == 0
