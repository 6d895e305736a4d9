"""What is told of a month after it was closed stands in the month that is open, with its own date, and is counted once."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from shared.domain.months import LATE
from shared.domain.reports import Report
from shared.store.backend import Put
from shared.store.months import chapter_of
from tests.laws.clockwork import Clockwork, Killed
from tests.laws.shop import Shop, bought, came_back
from tests.laws.test_closing_months import LAW, folded, rows_of


def at(month: int, day: int) -> datetime:
    return datetime(2025, month, day, 13, tzinfo=UTC)


def closed(shop: Shop, month: int) -> Report:
    """A month, closed on the third of the next."""
    shop.now = at(month + 1, 3)
    folded(shop)
    clock = Clockwork(shop, 2)
    for job in ("census", "month"):
        clock.run(job)
    assert not clock.dead
    chapter = chapter_of(shop.memory, "live", f"2025-{month:02d}", "kpi")
    assert chapter is not None
    return chapter.report


def late(report: Report) -> list[tuple[date, str, int]]:
    return [(row["day"], row["figure"], row["more"]) for row in rows_of(report, "late")]


@pytest.fixture
def shop() -> Shop:
    return Shop(LAW, now=at(1, 4))


def test_what_is_told_of_a_closed_month_is_in_the_open_one_under_its_own_date(shop: Shop) -> None:
    member = shop.join(at(1, 2))
    shop.now = at(1, 21)
    shop.buy(bought("A-1", at(1, 20), ("CD-1", 1, 900)) | {"member_id": member})
    january = closed(shop, 1)
    assert (late(january), january.notes) == ([], ())
    shop.buy(bought("A-2", at(1, 20), ("CD-1", 1, 2_000)) | {"member_id": member})
    shop.buy(bought("A-3", at(1, 21), ("CD-1", 1, 700)))
    february = closed(shop, 2)
    assert late(february) == [
        (date(2025, 1, 20), "purchases", 1),
        (date(2025, 1, 20), "spend_minor", 2_000),
        (date(2025, 1, 20), "issued.points", 20),
        (date(2025, 1, 21), "guest_purchases", 1),
        (date(2025, 1, 21), "guest_spend_minor", 700),
    ]
    assert february.notes == (LATE,)
    assert {row["figure"]: row["value"] for row in rows_of(february, "figures")}["purchases"] == 0


def test_what_was_late_once_is_not_late_again_in_the_month_after(shop: Shop) -> None:
    member = shop.join(at(1, 2))
    closed(shop, 1)
    shop.buy(bought("A-1", at(1, 20), ("CD-1", 1, 900)) | {"member_id": member})
    assert [one[1:] for one in late(closed(shop, 2))] == [
        ("purchases", 1), ("spend_minor", 900), ("issued.points", 9)
    ]  # fmt: skip
    shop.buy(bought("A-2", at(1, 20), ("CD-1", 1, 300)) | {"member_id": member})
    assert [one[1:] for one in late(closed(shop, 3))] == [
        ("purchases", 1), ("spend_minor", 300), ("issued.points", 3)
    ]  # fmt: skip
    assert late(closed(shop, 4)) == []


def test_of_a_month_that_nobody_closed_nothing_is_late(shop: Shop) -> None:
    shop.now = at(2, 20)
    shop.buy(bought("A-1", at(1, 20), ("CD-1", 1, 900)))
    assert late(closed(shop, 2)) == []


def test_all_closed_months_with_what_is_late_in_them_are_what_the_days_say_now(shop: Shop) -> None:
    member, told = shop.join(at(1, 2)), 0
    reports = []
    for month in range(1, 6):
        for back in (1, 9, 25, 47):
            told += 1
            when = max(at(1, 2), shop.now - timedelta(days=back))
            shop.buy(bought(f"A-{told}", when, ("CD-1", 1, 100 * told)) | ({"member_id": member} if told % 3 else {}))
            if told % 4 == 0:
                shop.bring_back(came_back(f"R-{told}", when, f"A-{told}"))
        reports.append(closed(shop, month))
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for report in reports:
        for row in rows_of(report, "days"):
            for name, value in row.items():
                if name != "day":
                    sums[f"{row['day']:%Y-%m}", name] += value
        for day, name, more in late(report):
            sums[f"{day:%Y-%m}", name] += more
    expected: dict[tuple[str, str], int] = defaultdict(int)
    for row in shop.memory.scanned("ledger"):
        if row["c"] in ("purchase", "return"):
            money = [int(part) for part in row["s"].strip("[]").split(",")]
            month_name = f"{datetime.fromtimestamp(row['o'] / 1000, UTC):%Y-%m}"
            guest = "" if "a" in row else "guest_"
            one, minor = ("purchases", "spend_minor") if row["c"] == "purchase" else ("returns", "returned_minor")
            expected[month_name, guest + one] += 1
            expected[month_name, guest + minor] += money[0] if row["c"] == "purchase" else money[1]
    names = {name for _, name in expected}
    found = {key: value for key, value in sums.items() if value and key[1] in names and key[0] <= "2025-05"}
    assert found == {key: value for key, value in expected.items() if value and key[0] <= "2025-05"}
    assert any(late(report) for report in reports)


@pytest.mark.parametrize("chapter", [1, 2, 3, 4])
def test_a_closing_that_is_killed_between_chapters_ends_as_if_it_had_not_been(chapter: int, shop: Shop) -> None:
    def told(shop: Shop, killed_at: int) -> list[Report | None]:
        member = shop.join(at(1, 2))
        shop.now = at(1, 21)
        shop.buy(bought("A-1", at(1, 20), ("CD-1", 1, 900)) | {"member_id": member})
        shop.now = at(2, 3)
        folded(shop)
        write, written = shop.memory.write, 0

        def killing(writes: list[Any]) -> Any:
            nonlocal written
            if any(put.row["kind"].startswith("month#") for put in writes if isinstance(put, Put)):
                written += 1
                if written == killed_at:
                    # The first and third were written when the end came, the others were not.
                    if killed_at % 2:
                        write(writes)
                    raise Killed
            return write(writes)

        clock = Clockwork(shop, 2)
        clock.run("census")
        shop.memory.write = killing  # type: ignore[method-assign, assignment]
        clock.run("month")
        shop.memory.write = write  # type: ignore[method-assign]
        clock.run("month")
        assert not clock.dead
        assert written >= 4
        found = [chapter_of(shop.memory, "live", "2025-01", name) for name in ("kpi", "cost", "liability", "effect")]
        return [one.report if one is not None else None for one in found]

    whole = told(Shop(LAW, now=at(1, 4)), 0)
    assert None not in whole
    assert told(shop, chapter) == whole
