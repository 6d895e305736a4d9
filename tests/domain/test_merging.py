"""Two memberships become one: what each row says of it, and what the one that stays has in the end."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from shared.domain.account import Account, Day, Hold, Month, Purse, Standing, Waiting
from shared.domain.changes import Figure
from shared.domain.errors import MergeRefused
from shared.domain.ledger import Posting, unpacked
from shared.domain.lots import Lot
from shared.domain.merging import figures_of, post_merge
from tests.domain.shop import BASE, JOINED, after, member, programme

TODAY = date(2026, 11, 22)
# Ten in the evening in New York, where the club is; in Greenwich it is the next day.
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
DAY = timedelta(days=1)
SOON, LATER = TODAY + 5 * DAY, TODAY + 50 * DAY
BOOK = programme(BASE, "[[wallet]]\nid = 'stamps'\ngoal = 4\nreward_pending_days = 9\n", "[[wallet]]\nid = 'purse'\n")
WAITS = Waiting(TODAY + 2 * DAY, 1, 4, 4, 0, 1)
WHY = ("One person", "noa", "")
STORES = {"main": 3, "north": 1}


def dana(**facts: Any) -> Account:
    """Who is merged away."""
    what: dict[str, Any] = {
        "posted": 100, "lots": (Lot(TODAY, SOON, 60), Lot(TODAY + DAY, None, 40)), "sequence": 7, "last_key": "d",
        "last_hash": b"d", "purses": {"stamps": Purse(2, (Lot(TODAY, SOON, 2),), 3, (WAITS,))}, "stores": STORES,
    }  # fmt: skip
    return member(**(what | facts))


def avi(**facts: Any) -> Account:
    """Who stays."""
    what: dict[str, Any] = {"id": "MAVI", "posted": 9, "lots": (Lot(TODAY, LATER, 9),), "sequence": 2, "last_key": "a"}
    return member(**(what | {"last_hash": b"a", "stores": {"north": 2}} | facts))


def merge(left: Account, into: Account) -> tuple[Posting, Posting]:
    """What it is on the one that stays, and on the one that is left."""
    posting = post_merge(left, into, WHY, BOOK, NOW, key="merge#M-1", key_left="merge#M-1@MDANA", fingerprint=b"m")
    (other,) = posting.others
    return posting, other


def told(posting: Posting) -> dict[str, Any]:
    row = {name: value for name, value in posting.row.items() if name not in ("h", "v", "r", "t", "f", "x")}
    assert (posting.row["t"], posting.row["f"]) == (1_795_402_800_000, b"m")
    return {
        name: unpacked(value) if isinstance(value, str) and value[:1] in "[{" else value for name, value in row.items()
    }


def test_all_that_one_has_goes_to_the_other_with_its_own_days() -> None:
    gained, lost = merge(dana(), avi())
    assert told(gained) == {
        "k": "merge#M-1", "c": "merge", "a": "MAVI", "n": 3, "p": "a", "wy": [*WHY, "MDANA"], "d": [100, 109], "b": [69, 40, ""],
        "g": [["MAVI", 100], ["merging", -100], ["MAVI/stamps", 2], ["merging/stamps", -2]],
    }  # fmt: skip
    assert told(lost) == {
        "k": "merge#M-1@MDANA", "c": "merge", "a": "MDANA", "n": 8, "p": "d", "wy": [*WHY, "MAVI"], "to": "MAVI", "d": [-100, 0],
        "b": [0, 0, ""], "g": [["MDANA", -100], ["merging", 100], ["MDANA/stamps", -2], ["merging/stamps", 2]],
    }  # fmt: skip
    assert (after(gained).posted, after(gained).lots) == (
        109, (Lot(TODAY, SOON, 60), Lot(TODAY, LATER, 9), Lot(TODAY + DAY, None, 40)),
    )  # fmt: skip
    assert after(gained).purses == {"stamps": Purse(2, (Lot(TODAY, SOON, 2),), 3, (WAITS,))}
    assert after(gained).stores == {"main": 3, "north": 3}
    assert (after(lost).posted, after(lost).lots, after(lost).purses) == (0, (), {"stamps": Purse(0, (), 0, ())})
    assert (after(lost).status, after(lost).stores, after(gained).status) == ("merged", {}, "")


def test_a_debt_is_repaid_by_the_lots_of_the_one_that_stays() -> None:
    left = dana(posted=-8, lots=(), purses={"purse": Purse(-3, ())})
    into = avi(purses={"purse": Purse(5, (Lot(TODAY, SOON, 1), Lot(TODAY, LATER, 4)))})
    gained, lost = merge(left, into)
    assert (after(gained).posted, after(gained).lots) == (1, (Lot(TODAY, LATER, 1),))
    assert after(gained).purses == {"purse": Purse(2, (Lot(TODAY, LATER, 2),))}
    assert (after(lost).posted, after(lost).purses) == (0, {"purse": Purse()})
    assert told(lost)["g"] == [["MDANA", 8], ["merging", -8], ["MDANA/purse", 3], ["merging/purse", -3]]
    more, _ = merge(left, avi(lots=(), posted=0))
    assert (after(more).posted, after(more).purses["purse"]) == (-8, Purse(-3, ()))


def test_counters_of_limits_add_up_and_the_last_day_is_the_later_one() -> None:
    left = dana(used={"base": {"2026-11": (1, 10), "2025": (2, 3), "last": (9, 0)}, "only": {"": (1, 1)}})
    into = avi(used={"base": {"2026-11": (4, 20), "": (1, 1), "last": (7, 0)}, "own": {"": (5, 5)}})
    gained, lost = merge(left, into)
    assert after(gained).used == {
        "base": {"2026-11": (5, 30), "2025": (2, 3), "": (1, 1), "last": (9, 0)}, "only": {"": (1, 1)}, "own": {"": (5, 5)},
    }  # fmt: skip
    assert after(lost).used == {}
    later, _ = merge(left, avi(used={"base": {"last": (11, 0)}}))
    assert after(later).used["base"] == {"2026-11": (1, 10), "2025": (2, 3), "last": (11, 0)}


SILVER = Standing("silver", JOINED, TODAY)
GIVEN = Standing("", JOINED, JOINED, manual="gold")


@pytest.mark.parametrize(
    ("left", "into", "stands"),
    [
        ({"": SILVER}, {}, {"": SILVER}),
        ({"": SILVER}, {"": GIVEN}, {"": GIVEN}),
        ({"": GIVEN}, {"": SILVER}, {"": GIVEN}),
        ({"": GIVEN}, {"": GIVEN._replace(manual="silver")}, {"": GIVEN._replace(manual="silver")}),
        ({"": SILVER}, {"": SILVER._replace(tier="gold")}, {"": SILVER._replace(tier="gold")}),
        ({"a": SILVER, "b": GIVEN}, {"b": SILVER, "c": SILVER}, {"a": SILVER, "b": GIVEN, "c": SILVER}),
        ({}, {"": SILVER}, {"": SILVER}),
    ],
)
def test_a_tier_that_staff_gave_goes_along_and_one_that_stands_alone_stays(left: Any, into: Any, stands: Any) -> None:
    gained, lost = merge(dana(standings=left), avi(standings=into))
    assert after(gained).standings == stands
    assert after(lost).standings == {}
    assert ("s" in unpacked(gained.row["x"])) is (stands != into)
    assert ("s" in unpacked(lost.row["x"])) is bool(left)


def bought(**more: Any) -> Account:
    """Purchases of two months: one of October, two of November on two days; the rest is older than two years."""
    what: dict[str, Any] = {
        "months": (Month(2026 * 12 + 8, 2, 900, 9), Month(2026 * 12 + 10, 3, 5_000, 60)),
        "days": (Day(date(2026, 11, 3), 1, 1_000, 4), Day(date(2026, 11, 20), 1, 3_000)),
        "purchases": 9, "spend_minor": 8_000, "points_earned": 100,
    }  # fmt: skip
    return member(**(what | more))


OF_BOUGHT = (
    # Nine less five, and so on: before the months that are kept.
    Figure(JOINED, 4, 2_100, 31, 0),
    Figure(date(2026, 9, 1), 2, 900, 9, 0),
    # One purchase of November is on no day that is kept.
    Figure(date(2026, 11, 1), 1, 1_000, 60, 0),
    Figure(date(2026, 11, 3), 1, 1_000, 0, 4),
    Figure(date(2026, 11, 20), 1, 3_000, 0, 0),
)


def test_what_was_bought_is_told_by_the_day_the_month_and_the_rest() -> None:
    assert figures_of(bought(), 1) == OF_BOUGHT
    assert figures_of(bought(), -1) == tuple(Figure(one.on, *(-number for number in one[1:])) for one in OF_BOUGHT)
    assert figures_of(member(), 1) == ()
    assert figures_of(member(purchases=2, spend_minor=30, points_earned=1), 1) == (Figure(JOINED, 2, 30, 1, 0),)
    exact = bought(purchases=5, spend_minor=5_900, points_earned=69)
    assert figures_of(exact, 1) == OF_BOUGHT[1:]
    december = member(months=(Month(2025 * 12 + 11, 1, 5, 1),), purchases=1, spend_minor=5, points_earned=1)
    assert figures_of(december, 1) == (Figure(date(2025, 12, 1), 1, 5, 1, 0),)
    # A month whose days say all but its points, and one whose days say everything.
    told_by_days = member(
        months=(Month(2026 * 12 + 10, 1, 1_000, 10),), days=(Day(date(2026, 11, 3), 1, 1_000),), purchases=1,
        spend_minor=1_000, points_earned=10,
    )  # fmt: skip
    assert figures_of(told_by_days, 1) == (
        Figure(date(2026, 11, 1), 0, 0, 10, 0), Figure(date(2026, 11, 3), 1, 1_000, 0, 0),
    )  # fmt: skip


def test_what_was_bought_is_counted_where_it_was_bought_and_no_longer_where_it_was() -> None:
    left = bought(id="MDANA", sequence=7, last_key="d", last_hash=b"d")
    gained, lost = merge(left, avi())
    one, other = after(gained), after(lost)
    assert (one.purchases, one.spend_minor, one.points_earned) == (9, 8_000, 100)
    assert (one.days, one.months[1:]) == (
        (
            Day(JOINED, 4, 2_100), Day(date(2026, 9, 1), 2, 900), Day(date(2026, 11, 1), 1, 1_000),
            *left.days,
        ),
        left.months,
    )  # fmt: skip
    assert (other.purchases, other.spend_minor, other.points_earned) == (0, 0, 0)


@pytest.mark.parametrize(
    ("left", "into", "why"),
    [
        ({"id": "MAVI"}, {}, "they are one already"),
        ({"status": "merged"}, {}, "one of them is not active"),
        ({}, {"status": "suspended"}, "one of them is not active"),
        ({"holds": {"R": Hold("points", 9 * 10**12, (Lot(TODAY, None, 1),))}}, {}, "one of them has open redemptions"),
        ({}, {"holds": {"R": Hold("points", 9 * 10**12, (Lot(TODAY, None, 1),))}}, "one of them has open redemptions"),
    ],
)
def test_a_merge_that_cannot_be_is_refused_with_the_reason(left: Any, into: Any, why: str) -> None:
    with pytest.raises(MergeRefused) as told_why:
        merge(dana(**left), avi(**into))
    assert dict(told_why.value.facts) == {"why": why}


def test_what_lapsed_of_either_is_booked_first_and_a_hold_that_is_over_stands_in_no_way() -> None:
    gone = Lot(TODAY - 9 * DAY, TODAY - DAY, 6)
    over = {"R": Hold("points", 1, (Lot(TODAY, LATER, 5),))}
    gained, lost = merge(
        dana(posted=106, lots=(gone, *dana().lots)), avi(posted=20, lots=(gone, Lot(TODAY, LATER, 9)), holds=over)
    )
    assert [one["c"] for one in gained.more] == ["expiry"]
    assert [one["c"] for one in lost.more] == ["expiry"]
    assert (after(gained).posted, after(lost).posted) == (114, 0)
