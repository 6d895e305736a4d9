"""The census and the month, killed at any write, before it or behind it: no member is skipped or counted twice (S5)."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import count

import pytest

from functions.scheduler import jobs
from functions.scheduler.task import Task
from shared.actions import close_month, count_parts
from shared.actions.count_parts import COUNT_S
from shared.actions.take_census import Counted, take_census
from shared.actions.walking import ENOUGH_S, WHOLE, Place
from shared.domain.census import Census, Line
from shared.domain.census_parts import Counted as Whole
from shared.domain.census_parts import counted, part_of
from shared.domain.owed import Owed
from shared.domain.row_bytes import row_bytes
from shared.store import census_parts
from shared.store.backend import Item, Write
from shared.store.census import PAGE_LINES_MAX, PAGE_NAMES_MAX, pages_in, put_page
from shared.store.census_parts import parts_in, put_part
from shared.store.memory import Memory
from shared.store.months import chapters_of
from tests.laws.clockwork import Clockwork, Killed
from tests.laws.shop import Shop, bought
from tests.laws.test_closing_months import LAST, LAW, folded

MEMBERS = 7


@pytest.fixture(autouse=True)
def _small_pages_and_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "take_census", partial(take_census, page_lines=2))
    monkeypatch.setattr(census_parts, "PIECE_MEMBERS", 2)
    monkeypatch.setattr(census_parts, "_CUT_BYTES", 90)


def shop_of_members() -> Shop:
    shop = Shop(LAW, now=datetime(2025, 3, 3, 13, tzinfo=UTC))
    for number in range(MEMBERS):
        at = datetime(2025, 2, 2 + number, 12, tzinfo=UTC)
        member = shop.join(at - timedelta(days=40))
        shop.buy(bought(f"A-{number}", at, ("CD-1", 1, 900 + 100 * number)) | {"member_id": member})
    folded(shop)
    return shop


def writes_killed_at(shop: Shop, number: int, *, is_behind: bool) -> list[int]:
    """From now on. The list grows with each write."""
    write, seen = shop.memory.write, list[int]()

    def killing(puts: Sequence[Write]) -> dict[int, Item]:
        seen.append(len(seen) + 1)
        if seen[-1] == number and not is_behind:
            raise Killed
        refused = write(puts)
        if seen[-1] == number:
            raise Killed
        return refused

    shop.memory.write = killing  # type: ignore[method-assign]
    return seen


def chapters(shop: Shop) -> list[str]:
    found = chapters_of(shop.memory, "live", "2025-02", close_month.CLOSED)
    return [one.report.text for one in found]


def run_both(shop: Shop, clock: Clockwork) -> None:
    clock.run("census")
    clock.run("month")
    assert not clock.dead


@pytest.mark.parametrize("is_hurried", [False, True])
@pytest.mark.parametrize("is_behind", [False, True])
def test_killed_at_any_write_a_census_and_its_month_say_what_they_would_have_said(
    *, is_behind: bool, is_hurried: bool
) -> None:
    def seconds_left() -> float:
        return ENOUGH_S - 1 if is_hurried else COUNT_S

    shop = shop_of_members()
    writes = writes_killed_at(shop, 0, is_behind=False)
    run_both(shop, Clockwork(shop, 2, seconds_left))
    expected = chapters(shop)
    assert len(expected) == len(close_month.CLOSED)
    assert len(writes) > 20
    for number in range(1, len(writes) + 1):
        shop = shop_of_members()
        writes_killed_at(shop, number, is_behind=is_behind)
        run_both(shop, Clockwork(shop, 2, seconds_left))
        assert chapters(shop) == expected, number


@pytest.mark.parametrize("members_at_a_time", [1, 2, 3, 5])
def test_a_part_out_of_time_at_any_member_goes_on_behind_that_member(members_at_a_time: int) -> None:
    shop, calls = shop_of_members(), count(1)

    def seconds_left() -> float:
        return ENOUGH_S - 1 if next(calls) % members_at_a_time == 0 else COUNT_S

    found, messages, members = Counted(WHOLE, 0), 0, 0
    while found.on is not None:
        found = take_census(shop.club, "live", LAST, seconds_left, found.on, page_lines=1_000)
        messages, members = messages + 1, members + found.members
    assert members == MEMBERS
    assert messages > MEMBERS // (members_at_a_time + 1)
    assert whole(shop).figure("members") == MEMBERS


def test_a_part_that_ends_with_little_time_left_is_counted_in_a_message_of_its_own() -> None:
    shop = shop_of_members()
    walked = take_census(shop.club, "live", LAST, lambda: COUNT_S - 1)
    assert walked.members == MEMBERS
    assert walked.on is not None
    assert parts_in(shop.memory, "live", "2025-02", 1).missing == [0]
    assert take_census(shop.club, "live", LAST, lambda: COUNT_S - 1, walked.on) == Counted(None, 0)
    assert parts_in(shop.memory, "live", "2025-02", 1).missing == []


def test_a_part_whose_counting_was_killed_is_counted_when_the_month_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    shop = shop_of_members()
    with monkeypatch.context() as killing:
        killing.setattr("shared.actions.take_census.count_part", killed)
        with pytest.raises(Killed):
            take_census(shop.club, "live", LAST, long)
    assert parts_in(shop.memory, "live", "2025-02", 1).missing == [0]
    assert whole(shop).figure("members") == MEMBERS
    assert parts_in(shop.memory, "live", "2025-02", 1).missing == []


def killed(*_: object) -> bool:
    raise Killed


def long() -> float:
    return COUNT_S


@pytest.mark.parametrize(
    ("now", "is_closed"),
    [
        # In New York it is eight, when the month's own message is on its way; nine; and the night after.
        (datetime(2025, 3, 3, 13, 59, tzinfo=UTC), False),
        (datetime(2025, 3, 3, 14, 1, tzinfo=UTC), True),
        (datetime(2025, 3, 4, 6, tzinfo=UTC), True),
    ],
)
def test_a_census_that_takes_longer_than_its_hour_asks_for_the_month_when_its_last_part_is_counted(
    now: datetime, *, is_closed: bool
) -> None:
    shop = shop_of_members()
    clock = Clockwork(shop, 3, long)
    begun = Task("census", (date(2025, 3, 3),), Place(0, 3))
    shop.now = now
    for part in range(3):
        assert not chapters(shop)
        clock.work_off(begun._replace(place=Place(part, 3)).body)
    assert bool(chapters(shop)) == is_closed
    assert not clock.dead


def whole(shop: Shop) -> Whole:
    return count_parts.census_of_parts(shop.club, "live", LAST, 1)


def test_while_a_part_is_counted_anew_the_former_count_of_it_is_read_whole() -> None:
    shop = shop_of_members()
    take_census(shop.club, "live", LAST, long)
    before = whole(shop)
    fewer = part_of(pages_of(shop)[:2], LAST)
    writes = writes_killed_at(shop, 4, is_behind=True)
    with pytest.raises(Killed):
        put_part(shop.memory, "live", "2025-02", 0, 1, fewer, shop.now)
    assert len(writes) == 4
    assert whole(shop) == before
    put_part(shop.memory, "live", "2025-02", 0, 1, fewer, shop.now)
    assert whole(shop) == counted(parts_in(shop.memory, "live", "2025-02", 1))
    assert whole(shop).figure("members") < MEMBERS


def pages_of(shop: Shop) -> list[Census]:
    """Of one line each."""
    pages = pages_in(shop.memory, "live", "2025-02", 0, 1)
    assert pages is not None
    return [Census((line,)) for page in pages for line in page.lines]


def test_a_page_ends_where_it_has_more_names_than_a_row_may_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.actions.take_census.PAGE_NAMES_MAX", 1)
    shop = shop_of_members()
    # What they bought was booked in March, and is owed from then on.
    march = date(2025, 3, 31)
    take_census(shop.club, "live", march, long, page_lines=1_000)
    pages = pages_in(shop.memory, "live", "2025-03", 0, 1)
    assert pages is not None
    assert [len(page.lines) for page in pages] == [1] * MEMBERS
    assert count_parts.census_of_parts(shop.club, "live", march, 1).figure("members") == MEMBERS


def test_a_page_of_as_many_lines_and_names_as_may_be_is_no_longer_than_a_row_may_be() -> None:
    memory, chance = Memory(), random.Random(1)
    lines = tuple(
        Line(*(chance.randrange(730_000, 740_000) for _ in range(3)), *(chance.randrange(1, 99) for _ in range(2)),
             *(chance.randrange(10**6) for _ in range(4)), 1, chance.getrandbits(60))
        for _ in range(PAGE_LINES_MAX)
    )  # fmt: skip
    months = [(str(24_300 + number // 40), str(number % 40)) for number in range(PAGE_NAMES_MAX)]
    owed: Owed = {("curve", *month, "expired"): chance.randrange(5_000) for month in months}
    put_page(memory, "live", "2025-02", 0, 1, "", Census(lines, {}, owed), None, datetime(2025, 3, 3, tzinfo=UTC))
    (row,) = memory.scanned("club")
    assert 50_000 < row_bytes(row) < 100_000


def test_no_row_of_a_part_has_more_than_its_limit_and_all_of_them_are_forgotten_in_time() -> None:
    shop = shop_of_members()
    take_census(shop.club, "live", LAST, long)
    rows = [row for row in shop.memory.scanned("club") if str(row["kind"]).startswith("census#")]
    assert len(rows) > MEMBERS
    assert all(len(bytes(row.get("z", b""))) <= 90 for row in rows if "#sums" in str(row["kind"]))
    assert {row["x"] // 86_400 for row in rows} == {int(shop.now.timestamp()) // 86_400 + 120}
