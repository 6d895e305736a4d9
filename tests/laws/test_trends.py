"""What moved a figure adds up to the whole of it, over any story; and days that were closed make its trend."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from club.trends import chart, sentence, told_moved
from shared.actions.read_trends import closed_days, read_moved, read_trend, trend_of_days
from shared.domain.decide import ms
from shared.domain.moved import SPLITS, Span, parts_of, unsplit_because, whole_of
from shared.domain.reports import Column, Report, Section
from shared.domain.trends import Trend
from shared.store.kpi import Closed, close
from shared.store.months import close_chapter
from shared.store.tallies import epochs_of, tallies_of
from tests.laws.shop import OPENED, Shop, bought, came_back
from tests.laws.test_closing_months import a_story

LAW = '[[earn]]\nid = "base"\npoints = 1\nper_minor = 100\n'
DECEMBER, JANUARY = Span(date(2024, 12, 1), date(2024, 12, 31)), Span(date(2025, 1, 1), date(2025, 1, 31))


def a_shop_of_days(value: int, last: int, many: int = 60) -> Shop:
    """So many closed days of about `value` purchases, and one of `last`."""
    shop = Shop(LAW)
    for at in range(many):
        day = date(2025, 1, 1) + timedelta(days=at)
        purchases = last if at == many - 1 else value + at % 3
        close(shop.memory, Closed("live", day, ms(OPENED), {"purchases": purchases}, None))
    return shop


@pytest.mark.parametrize("figure", ["purchases", "spend_minor"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_each_split_adds_up_to_the_whole_and_the_whole_is_what_members_bought(figure: str, seed: int) -> None:
    shop = a_story(seed)
    before, after = Span(date(2024, 6, 1), date(2024, 10, 31)), Span(date(2024, 11, 1), date(2025, 3, 31))
    sums = read_moved(shop.club, "live", figure, before, after)
    whole = whole_of(sums)
    by_hand = {True: 0, False: 0}
    for row in shop.memory.scanned("ledger"):
        if row["c"] == "purchase" and "a" in row:
            bought_on = datetime.fromtimestamp(row.get("o", row["t"]) / 1000, shop.club.laws.latest().zone).date()
            worth = 1 if figure == "purchases" else _spend(row)
            for span, is_after in ((before, False), (after, True)):
                by_hand[is_after] += worth if span.first <= bought_on <= span.last else 0
    assert (whole.before, whole.after) == (by_hand[False], by_hand[True])
    assert whole.before > 0
    assert whole.after > 0
    for split in SPLITS:
        assert sum(part.change for part in parts_of(sums, split)) == whole.change


@pytest.mark.parametrize(
    ("figure", "terms"),
    [
        ("returns", {"returns": 1}),
        ("returned_minor", {"returned_minor": 1}),
        ("joins", {"joins": 1}),
        ("merges", {"merges": 1}),
        ("issued.points", {"issued.points": 1}),
        ("points_issued", {"issued.points": 1, "issued_back.points": -1}),
        ("points_clawed_back", {"clawed_back.points": 1, "clawed_back_back.points": -1}),
        ("gave_by.base", {"gave_by.base": 1}),
    ],
)
@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_the_tallies_count_of_members_is_split_and_adds_up_to_them(
    figure: str, terms: dict[str, int], seed: int
) -> None:
    shop = a_story(seed)
    before, after = Span(date(2024, 1, 1), date(2024, 10, 31)), Span(date(2024, 11, 1), date(2025, 3, 3))
    sums = read_moved(shop.club, "live", figure, before, after)
    whole, epochs = whole_of(sums), epochs_of(shop.memory)
    by_day = {
        day: tallies_of(shop.memory, "live", day, epochs)
        for day in (before.first + timedelta(days=at) for at in range((after.last - before.first).days + 1))
    }
    told = [
        sum(
            sign * figures.get(name, 0)
            for day, figures in by_day.items()
            if span.has(day)
            for name, sign in terms.items()
        )
        for span in (before, after)
    ]
    assert [whole.before, whole.after] == told
    assert any(told)
    for split in SPLITS:
        assert sum(part.before for part in parts_of(sums, split)) == whole.before
        assert sum(part.after for part in parts_of(sums, split)) == whole.after


def test_what_came_back_is_of_the_store_that_took_it_and_of_the_channel_it_was_bought_in() -> None:
    shop = Shop(LAW)
    shop.now = datetime.fromisoformat("2025-02-03T12:00:00+00:00")
    one = shop.join(datetime.fromisoformat("2024-12-01T12:00:00+00:00"))
    told = bought("A-1", datetime.fromisoformat("2024-12-10T15:00:00+00:00"), ("CD-1", 1, 100))
    shop.buy(told | {"member_id": one, "channel": "web"})
    shop.bring_back(came_back("R-1", datetime.fromisoformat("2025-01-10T15:00:00+00:00"), "A-1"))
    sums = read_moved(shop.club, "live", "returns", DECEMBER, JANUARY)
    assert parts_of(sums, "store") == [("main", 0, 1)]
    assert parts_of(sums, "channel") == [("web", 0, 1)]
    assert parts_of(sums, "member") == [("returning", 0, 1)]


def test_a_joining_is_of_no_channel_and_that_is_said() -> None:
    shop = Shop(LAW)
    shop.now = datetime.fromisoformat("2025-02-03T12:00:00+00:00")
    shop.join(datetime.fromisoformat("2025-01-05T12:00:00+00:00"))
    said = list(told_moved(read_moved(shop.club, "live", "joins", DECEMBER, JANUARY), "joins", DECEMBER, JANUARY))
    assert said[3:] == [
        "  by channel: not known, for what joins counts is told without a channel",
        "  by member: not bought yet +1 (0 → 1)",
    ]


@pytest.mark.parametrize(
    ("figure", "why"),
    [
        ("guest_purchases", "of guests"),
        ("certificate_redemptions", "nobody's"),
        ("calls.relay", "club cost"),
        ("members_active", "its parts are figures themselves"),
        ("basket_minor", "divided by something"),
        ("churn_rate", "divided by something"),
    ],
)
def test_what_cannot_be_split_says_why(figure: str, why: str) -> None:
    assert why in unsplit_because(figure)


def _spend(row) -> int:
    from shared.domain.ledger import unpacked

    return int(unpacked(row["s"])[0])


def test_who_first_bought_within_a_span_is_new_in_it_and_returning_in_the_next() -> None:
    shop = Shop(LAW)
    shop.now = datetime.fromisoformat("2025-02-03T12:00:00+00:00")
    one = shop.join(datetime.fromisoformat("2024-12-01T12:00:00+00:00"))
    for number, day in enumerate(("2024-12-10", "2025-01-10", "2025-01-11")):
        at = datetime.fromisoformat(f"{day}T15:00:00+00:00")
        shop.buy(bought(f"A-{number}", at, ("CD-1", 1, 100)) | {"member_id": one, "channel": "web" if number else None})
    sums = read_moved(shop.club, "live", "purchases", DECEMBER, JANUARY)
    assert parts_of(sums, "member") == [("returning", 0, 2), ("new", 1, 0)]
    assert parts_of(sums, "channel") == [("web", 0, 2), ("", 1, 0)]
    said = list(told_moved(sums, "purchases", DECEMBER, JANUARY))
    assert said[0].endswith("1 from 2024-12-01 to 2024-12-31: +1. Each split below adds up to it.")
    assert said[-1] == "  by member: returning +2 (0 → 2); new -1 (1 → 0)"


def test_a_day_that_fell_below_its_limits_says_so_in_a_sentence_and_in_its_chart() -> None:
    shop = a_shop_of_days(20, 3)
    last = date(2025, 3, 1)
    trend = read_trend(shop.club, "live", "purchases", "day", last)
    assert trend.way == "fall"
    said = sentence("purchases", trend, "day")
    assert said.startswith("purchases fell by more than noise: 3 in the day of 2025-03-01, where 1")
    assert list(chart(trend))[-1].endswith("▼ beyond limits")
    assert sentence(
        "purchases", read_trend(shop.club, "live", "purchases", "day", date(2025, 2, 28)), "day"
    ).startswith("purchases is as usual: ")


def test_members_that_nobody_counted_are_no_members_of_a_trend() -> None:
    shop = a_shop_of_days(20, 20)
    days = closed_days(shop.club, "live", date(2025, 3, 1))
    assert len(days) == 60
    assert trend_of_days(days, "members").points == ()
    assert sentence("members", trend_of_days(days, "members"), "day").startswith(
        "Not enough data: members is known of 0 days"
    )


def test_a_club_that_grows_as_ever_is_no_news_and_one_that_loses_members_is() -> None:
    def grown(last: int) -> Trend:
        shop, members = Shop(LAW), 1_000
        for at in range(60):
            members += 5 + at % 3 if at < 59 else last
            close(
                shop.memory, Closed("live", date(2025, 1, 1) + timedelta(days=at), ms(OPENED), {}, {"members": members})
            )
        return read_trend(shop.club, "live", "members", "day", date(2025, 3, 1))

    assert grown(6).way == "none"
    assert grown(-40).way == "fall"
    assert sentence("the change of members", grown(-40), "day").startswith(
        "the change of members fell by more than noise: -40 "
    )


def test_a_figure_of_months_is_read_from_closed_months() -> None:
    shop = Shop(LAW)
    for month in range(1, 13):
        for year in (2023, 2024):
            last = date(year, month, 28)
            value = 10 + month % 2 if (year, month) != (2024, 12) else 90
            section = Section("figures", (Column("figure", "text"), Column("unit", "text"), Column("value", "number")),
                              (("members_new", "number", value),))  # fmt: skip
            report = Report("kpi", "USD", last.replace(day=1), last, (section,))
            close_chapter(shop.memory, "live", f"{year}-{month:02d}", report, OPENED)
    trend = read_trend(shop.club, "live", "members_new", "month", date(2024, 12, 31))
    assert (len(trend.points), trend.way) == (24, "rise")
