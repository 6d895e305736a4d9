"""A month is closed once, from each member's own postings: every figure is counted again here from the ledger's rows by hand."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from shared.actions.close_month import close_month
from shared.actions.fold_postings import Tallying, fold_postings
from shared.actions.take_census import month_before, take_census
from shared.actions.walking import ENOUGH_S, Place, Unfinished
from shared.domain.census import Census, all_of
from shared.domain.months import KPIS
from shared.domain.reports import Report
from shared.store.backend import Put
from shared.store.census import pages_in
from shared.store.months import chapter_of
from shared.store.stream import Record
from shared.store.zones import Zones
from tests.laws.clockwork import Clockwork
from tests.laws.shop import OPENED, Shop, bought, came_back

ZONE = ZoneInfo("America/New_York")
LAW = """
[[earn]]
id = "base"
points = 1
per_minor = 100
[margin]
tax_percent = 10
[[cost]]
sku = "CD-1"
unit_minor = 300
[[cost]]
percent = 60
"""
LAST = date(2025, 2, 28)


def folded(shop: Shop) -> None:
    tallying = Tallying(shop.memory, Zones(shop.memory), ((0, 1),), now_ms=lambda: int(shop.now.timestamp() * 1000))
    rows = list(shop.memory.scanned("ledger"))
    fold_postings(tallying, [Record(str(at), str(row["k"]), row) for at, row in enumerate(rows)], lambda: 30.0)


def a_story(seed: int) -> Shop:
    """A year of a dozen members and some guests: purchases in any sequence, returns in part and whole, a merge, silences."""
    chance = random.Random(seed)
    shop = Shop(LAW, now=datetime(2025, 3, 3, 13, tzinfo=UTC))
    members = [shop.join(OPENED - timedelta(days=chance.randrange(60, 420))) for _ in range(12)]
    for number in range(90):
        member = chance.choice([*members, None])
        low = 420 if member is None else (OPENED.date() - shop.account(member).joined_on).days
        at = OPENED + timedelta(days=60) - timedelta(days=chance.randrange(0, low + 58), hours=chance.randrange(24))
        line = (chance.choice(["CD-1", "LP-1"]), chance.randrange(1, 4), chance.randrange(5, 80) * 100)
        told = bought(f"A-{number}", at, line) | ({"member_id": member} if member else {})
        shop.buy(told)
        if chance.random() < 0.25:
            part = {} if chance.random() < 0.5 else {"amount_minor": 500, "currency": "USD"}
            back = min(shop.now, at + timedelta(days=chance.randrange(1, 40)))
            shop.bring_back(came_back(f"R-{number}", back, f"A-{number}", **part))
    shop.merge(members[0], members[1], "J-1")
    folded(shop)
    return shop


def closed(shop: Shop, parts: int = 3) -> Report:
    clock = Clockwork(shop, parts)
    clock.run("census")
    clock.run("month")
    assert not clock.dead
    chapter = chapter_of(shop.memory, "live", "2025-02", "kpi")
    assert chapter is not None
    return chapter.report


def rows_of(report: Report, name: str) -> list[dict[str, Any]]:
    section = next(one for one in report.sections if one.name == name)
    return [dict(zip([column.name for column in section.columns], row, strict=True)) for row in section.rows]


def figures(report: Report) -> dict[str, Any]:
    return {row["figure"]: row["value"] for row in rows_of(report, "figures")}


class Recount:
    """The same from the ledger's rows alone, in plain Python: who bought what when, what came back, who became whom."""

    def __init__(self, shop: Shop) -> None:
        rows = [row for row in shop.memory.scanned("ledger") if row["c"] not in ("parked", "waiting")]
        into = {row["a"]: row["to"] for row in rows if "to" in row}
        self.joined = {row["a"]: self.day(row) for row in rows if row["c"] == "join" and row["a"] not in into}
        back: dict[str, list[Any]] = defaultdict(lambda: [0, False])
        for row in rows:
            if row["c"] == "return" and "pk" in row:
                sums = json.loads(row["s"])
                back[row["pk"]][0] += sums[1]
                back[row["pk"]][1] |= bool(sums[2])
        self.kept: dict[str, list[tuple[date, int]]] = defaultdict(list)
        self.sums: dict[str, int] = defaultdict(int)
        for row in rows:
            if row["c"] == "return":
                self._add(row, "returns", "returned_minor", json.loads(row["s"])[1])
            if row["c"] != "purchase":
                continue
            total = json.loads(row["s"])[0]
            self._add(row, "purchases", "spend_minor", total)
            paid_back, whole = back[row["k"]]
            if "a" not in row or whole or paid_back >= total or self.day(row) > LAST:
                continue
            member = into.get(row["a"], row["a"])
            self.kept[member].append((self.day(row), total - paid_back))

    def day(self, row: dict[str, Any]) -> date:
        return datetime.fromtimestamp(int(row.get("o", row["t"])) / 1000, UTC).astimezone(ZONE).date()

    def _add(self, row: dict[str, Any], times: str, money: str, minor: int) -> None:
        if LAST.replace(day=1) <= self.day(row) <= LAST:
            guest = "" if "a" in row else "guest_"
            self.sums[guest + times] += 1
            self.sums[guest + money] += minor

    def year(self, member: str, until: date = LAST) -> list[tuple[date, int]]:
        return [one for one in self.kept[member] if until - timedelta(days=365) < one[0] <= until]


@pytest.mark.parametrize("seed", range(8))
def test_every_figure_of_a_month_is_what_the_ledger_says(seed: int) -> None:
    shop = a_story(seed)
    told, known = figures(closed(shop)), Recount(shop)
    first, eve = date(2025, 2, 1), date(2025, 1, 31)
    members = [one for one, day in known.joined.items() if day <= LAST]
    month = {one: [day for day, _ in known.kept[one] if day >= first] for one in members}
    buyers = [one for one in members if month[one]]
    active = [one for one in members if known.year(one)]
    before = [one for one in members if known.year(one, eve)]
    sums = known.sums
    spends = sorted(sum(minor for _, minor in known.year(one)) for one in active)
    gaps = [(b - a).days for one in members for a, b in pairwise(sorted({day for day, _ in known.kept[one]}))]
    expected: dict[str, Any] = {
        "members": len(members),
        "members_new": sum(1 for one in members if known.joined[one] >= first),
        "members_active": len(active),
        "members_dormant": sum(1 for one in members if known.kept[one] and one not in active),
        "members_without_purchase": sum(1 for one in members if not known.kept[one]),
        "members_churned": sum(1 for one in before if one not in active),
        "churn_rate": Fraction(sum(1 for one in before if one not in active), len(before)) if before else None,
        "buyers": len(buyers),
        "buyers_again": sum(1 for one in buyers if min(known.kept[one])[0] < first),
        "active_rate": Fraction(len(active), len(members)),
        **{name: sums[name] for name in (
            "purchases", "spend_minor", "returns", "returned_minor", "guest_purchases", "guest_spend_minor")},
        "member_share_of_purchases": share(sums["purchases"], sums["purchases"] + sums["guest_purchases"]),
        "member_share_of_revenue": share(sums["spend_minor"], sums["spend_minor"] + sums["guest_spend_minor"]),
        "member_share_of_customers": share(len(buyers), len(buyers) + sums["guest_purchases"]),
        "basket_minor": share(sums["spend_minor"], sums["purchases"]),
        "guest_basket_minor": share(sums["guest_spend_minor"], sums["guest_purchases"]),
        "frequency": share(sum(len(days) for days in month.values()), len(buyers)),
        "top_fifth_of_revenue": share(sum(spends[len(spends) * 4 // 5 :]), sum(spends)),
        "gini_of_revenue": Fraction(sum(abs(a - b) for a in spends for b in spends), 2 * len(spends) * sum(spends)),
        "rhythm_days": Fraction(median(gaps)) if gaps else None,
    }  # fmt: skip
    assert {name: told[name] for name in expected} == expected
    assert set(told) == {kpi.name for kpi in KPIS}


def share(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole else None


def test_of_a_cohort_it_is_known_who_bought_again_in_each_month_after() -> None:
    report = closed(a_story(3))
    known = Recount(a_story(3))
    first_month = {one: min(days)[0].replace(day=1) for one, days in known.kept.items() if days and one in known.joined}
    for row in rows_of(report, "cohorts_by_first_purchase"):
        began = date.fromisoformat(f"{row['cohort']}-01")
        cohort = [one for one, month in first_month.items() if month == began]
        assert row["members"] == len(cohort)
        for after in range(24):
            month = began.year * 12 + began.month - 1 + after
            if month > 2025 * 12 + 1:
                assert row.get(f"month_{after}") is None
                continue
            bought_in = [one for one in cohort if any(d.year * 12 + d.month - 1 == month for d, _ in known.kept[one])]
            assert row[f"month_{after}"] == Fraction(len(bought_in), len(cohort)), (row["cohort"], after)


def test_by_joining_a_cohort_holds_those_who_never_bought() -> None:
    shop = Shop(LAW, now=datetime(2025, 3, 3, 13, tzinfo=UTC))
    members = [shop.join(datetime(2025, 1, 10, 12, tzinfo=UTC)) for _ in range(4)]
    shop.buy(bought("A-1", datetime(2025, 2, 10, 12, tzinfo=UTC), ("CD-1", 1, 900)) | {"member_id": members[0]})
    folded(shop)
    (row,) = rows_of(closed(shop), "cohorts_by_joining")
    assert row == {"cohort": "2025-01", "members": 4, "month_0": 0, "month_1": Fraction(1, 4)}


def test_members_who_are_alike_have_the_same_score() -> None:
    shop = Shop(LAW, now=OPENED)
    at = datetime(2025, 2, 10, 12, tzinfo=UTC)
    shop.now = datetime(2025, 3, 3, 13, tzinfo=UTC)
    for number, price in enumerate((100, 100, 100, 100, 5_000)):
        shop.buy(bought(f"A-{number}", at, ("CD-1", 1, price)) | {"member_id": shop.join(at - timedelta(days=5))})
    folded(shop)
    report = closed(shop)
    assert rows_of(report, "rfm_12m") == [
        {"recency_score": 1, "frequency_score": 1, "members": 5, "spend_minor": 5_400, "money_score_hundredths": 180}
    ]
    bounds = [row for row in rows_of(report, "rfm_12m_bounds") if row["figure"] == "spend_minor"]
    assert [(row["score"], row["members"], row["least"], row["most"]) for row in bounds] == [
        (5, 1, 5_000, 5_000),
        (1, 4, 100, 100),
    ]


def test_of_a_club_without_members_there_is_no_data_and_no_zero_in_place_of_a_share() -> None:
    shop = Shop(LAW, now=datetime(2025, 3, 3, 13, tzinfo=UTC))
    told = figures(closed(shop))
    for kpi in KPIS:
        assert (told[kpi.name] is None) == (
            bool(kpi.of) or kpi.name in ("gini_of_revenue", "gini_of_margin", "rhythm_days")
        )


def test_a_closed_month_stays_as_it_was_and_the_census_is_asked_once() -> None:
    shop = a_story(1)
    before = closed(shop)
    shop.buy(bought("LATE", datetime(2025, 2, 20, 12, tzinfo=UTC), ("CD-1", 1, 9_900)))
    folded(shop)
    assert closed(shop) == before
    assert close_month(shop.club, "live", LAST, 3)[0].report == before


def test_while_a_part_of_the_census_is_missing_the_month_stays_open() -> None:
    shop = a_story(1)
    take_census(shop.club, "live", LAST, long, Place(0, 2))
    with pytest.raises(Unfinished):
        close_month(shop.club, "live", LAST, 2)
    take_census(shop.club, "live", LAST, long, Place(1, 2))
    assert [one.report.name for one in close_month(shop.club, "live", LAST, 2)] == [
        "kpi",
        "cost",
        "liability",
        "effect",
    ]


def long() -> float:
    return 600.0


def taken(shop: Shop) -> Census:
    pages = pages_in(shop.memory, "live", "2025-02", 0, 1)
    assert pages is not None
    return all_of(list(pages))


@pytest.mark.parametrize("page_lines", [1, 2, 5])
def test_a_census_that_is_walked_twice_in_other_steps_counts_each_member_once(page_lines: int) -> None:
    shop = a_story(2)
    whole = take_census(shop.club, "live", LAST, long, page_lines=1_000)
    assert whole.on is None
    expected = taken(shop)
    hurried = take_census(shop.club, "live", LAST, lambda: ENOUGH_S - 1, page_lines=page_lines)
    while hurried.on is not None:
        # Each message comes twice, and the second time there is more time.
        take_census(shop.club, "live", LAST, long, hurried.on, page_lines=page_lines + 1)
        hurried = take_census(shop.club, "live", LAST, lambda: ENOUGH_S - 1, hurried.on, page_lines=page_lines)
    found = taken(shop)
    assert sorted(found.lines) == sorted(expected.lines)
    assert dict(found.gaps) == dict(expected.gaps)
    assert found.owed == expected.owed
    assert found.effects == expected.effects


def test_the_mail_of_the_month_is_asked_for_where_finance_has_an_address() -> None:
    contact = '[contact]\nchannels = ["email"]\nsender_email = "club@rimon.example.com"\nsender_address = "1 Orchard Street"\n'
    contact += 'link_hosts = ["rimon.example.com"]\nfinance_email = "sums@rimon.example.com"\n'
    for law, asked in ((LAW, 0), (LAW + contact, 1)):
        shop = Shop(law, now=datetime(2025, 3, 3, 13, tzinfo=UTC))
        clock = Clockwork(shop)
        clock.run("census")
        sent = []
        clock.elsewhere = sent.append
        clock.run("month")
        assert [json.loads(text)[10] for text in sent] == [{"month": "2025-02"}] * asked


def test_the_month_that_is_over_is_the_one_before_today() -> None:
    assert month_before(date(2025, 1, 3)) == ("2024-12", date(2024, 12, 31))
    assert month_before(date(2024, 3, 31)) == ("2024-02", date(2024, 2, 29))


def chapters(shop: Shop) -> dict[str, Report]:
    closed(shop)
    return {chapter.report.name: chapter.report for chapter in close_month(shop.club, "live", LAST, 3)}


@pytest.mark.parametrize("broken_by", [{"s": "{"}, {"v": 99}])
def test_one_account_whose_postings_cannot_be_followed_keeps_nobody_from_a_closed_month_and_is_told(
    broken_by: dict[str, Any],
) -> None:
    shop = a_story(3)
    whole = chapters(shop)
    broken = a_story(3)
    broken.broken = True
    merged = {row["a"] for row in broken.memory.scanned("ledger") if row["c"] == "merge"}
    own = (row for row in broken.memory.scanned("ledger") if row["c"] == "purchase" and "a" in row)
    row = next(row for row in own if row["a"] not in merged)
    broken.memory.write([Put("ledger", {**row, **broken_by})])
    told = chapters(broken)
    members = [figures(reports["kpi"])["members"] for reports in (whole, told)]
    assert members[1] == members[0] - 1
    for name in ("kpi", "liability"):
        assert [note for note in told[name].notes if note.startswith("1 account is in no figure")] != []
        assert not [note for note in whole[name].notes if "in no figure" in note]
