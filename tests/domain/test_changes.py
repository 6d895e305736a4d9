"""What a change makes of an account: every part of it, and debts that what comes in repays."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from shared.domain.account import Account, Day, Hold, Month, Purse, Standing, Waiting
from shared.domain.changes import Change, Figure, PurseChange, applied, waited
from shared.domain.lots import Lot
from tests.domain.shop import JOINED, member

TODAY = date(2026, 11, 22)
DAY = timedelta(days=1)
SOON, LATER = TODAY + 5 * DAY, TODAY + 50 * DAY


def lot(units: int, last: date | None = LATER, first: date = TODAY) -> Lot:
    return Lot(first, last, units)


def test_nothing_changes_nothing() -> None:
    account = member(posted=3, lots=(lot(3),), purses={"a": Purse(1, (lot(1),))}, used={"r": {"": (1, 1)}}, status="x")
    assert applied(account, Change(TODAY)) == account


def test_a_change_adds_to_all_that_it_names_and_leaves_the_rest() -> None:
    account = member(
        posted=10, lots=(lot(10),), purses={"a": Purse(1, (lot(1),), 2), "b": Purse(5, (lot(5),))}, purchases=3,
        spend_minor=900, points_earned=9, stores={"main": 3}, used={"r": {"": (1, 1)}, "s": {"": (2, 2)}, "t": {"": (3, 3)}},
        standings={"": Standing("silver", JOINED, JOINED)}, newest=(5, False, 1, "a"),
    )  # fmt: skip
    change = Change(
        TODAY, 7, (lot(4, SOON), lot(3)), {"a": PurseChange(4, (lot(4),), 1), "c": PurseChange(2, (lot(2, None),))},
        (Figure(TODAY, 1, 700, 7, 0), Figure(TODAY - DAY, 0, -100, -1, 0)), {"main": -3, "north": 2},
        {"r": {"2026": (4, 4)}, "s": {}}, {}, {}, (6, False, 1, "b"), True, "merged",
    )  # fmt: skip
    after = applied(account, change)
    assert after == account._replace(
        posted=17, lots=(lot(4, SOON), lot(13)),
        purses={"a": Purse(5, (lot(5),), 3), "b": Purse(5, (lot(5),)), "c": Purse(2, (lot(2, None),))},
        purchases=4, spend_minor=1_500, points_earned=15, months=(Month(2026 * 12 + 10, 1, 600, 6),),
        days=(Day(TODAY - DAY, 0, -100), Day(TODAY, 1, 700)), stores={"north": 2},
        used={"r": {"2026": (4, 4)}, "t": {"": (3, 3)}}, standings={}, newest=(6, False, 1, "b"), retold=True, status="merged",
    )  # fmt: skip
    assert applied(after, Change(TODAY, newest=(1, False, 1, ""))).newest == (6, False, 1, "b")
    assert applied(after, Change(TODAY)).retold


@pytest.mark.parametrize(
    ("figure", "months", "days"),
    [
        (Figure(TODAY, 1, 0, 0, 0), (1, 0, 0), (1, 0, 0)), (Figure(TODAY, 0, 5, 0, 0), (0, 5, 0), (0, 5, 0)),
        (Figure(TODAY, 0, 0, 6, 0), (0, 0, 6), None), (Figure(TODAY, 0, 0, 6, 6), (0, 0, 6), (0, 0, 6)),
        (Figure(TODAY, 0, 0, 0, 7), None, (0, 0, 7)), (Figure(TODAY), None, None),
    ],
)  # fmt: skip
def test_a_figure_counts_in_its_month_and_in_its_day_where_days_count_it(
    figure: Figure, months: Any, days: Any
) -> None:
    after = applied(member(), Change(TODAY, figures=(figure,)))
    assert after.months == (() if months is None else (Month(2026 * 12 + 10, *months),))
    assert after.days == (() if days is None else (Day(TODAY, *days),))


def hold(units: int, owed: int = 0, until_ms: int = 9, wallet: str = "points") -> Hold:
    return Hold(wallet, until_ms, (lot(units),), owed)


def test_holds_are_put_in_and_taken_out() -> None:
    account = member(holds={"a": hold(1), "b": hold(2)}, posted=3)
    after = applied(account, Change(TODAY, holds={"a": None, "c": hold(3)}))
    assert after.holds == {"b": hold(2), "c": hold(3)}


def test_what_comes_in_repays_what_was_owed_first() -> None:
    owing = member(posted=-30)
    assert applied(owing, Change(TODAY, 50, (lot(50),))).lots == (lot(20),)
    assert applied(owing, Change(TODAY, 30, (lot(30),))).lots == ()
    assert applied(owing, Change(TODAY, 20, (lot(20),))).lots == ()
    # What gives and takes at once, and comes to less.
    some = member(posted=10, lots=(lot(10, SOON),))
    assert applied(some, Change(TODAY, 5, (lot(15), lot(-10, SOON)))).lots == (lot(15),)
    assert applied(some, Change(TODAY, -2, (lot(8), lot(-10, SOON)))).lots == (lot(8),)
    assert applied(some, Change(TODAY, -5, (lot(8), lot(-10, SOON)))).lots == (lot(5),)
    # One move alone is added to what is there as it is.
    assert applied(some, Change(TODAY, 1, (lot(3),))).lots == (lot(10, SOON), lot(3))


def test_a_purse_that_owes_is_repaid_by_itself() -> None:
    owing = member(posted=-7, purses={"a": Purse(-30, ()), "b": Purse(4, (lot(4),))})
    after = applied(owing, Change(TODAY, purses={"a": PurseChange(50, (lot(50),))}))
    assert (after.purses["a"], after.posted) == (Purse(20, (lot(20),)), -7)
    twice = applied(owing, Change(TODAY, purses={"b": PurseChange(-1, (lot(2, SOON), lot(-4)))}))
    assert twice.purses["b"] == Purse(3, (lot(2, SOON),))
    trimmed = applied(owing, Change(TODAY, purses={"b": PurseChange(-3, (lot(2, SOON), lot(-4)))}))
    assert trimmed.purses["b"] == Purse(1, (lot(1, SOON),))


def test_what_is_held_is_repaid_too() -> None:
    # 100 are held of 30 that were there: 70 are owed.
    holding = member(posted=30, holds={"a": Hold("points", 9, (lot(30), lot(70, None)), 70)})
    after = applied(holding, Change(TODAY, 50, (lot(50, SOON),)))
    assert (after.lots, after.holds["a"]) == ((), Hold("points", 9, (lot(30), lot(50, SOON), lot(20, None)), 20))
    rest = applied(after, Change(TODAY, 25, (lot(25, SOON),)))
    assert (rest.lots, rest.holds["a"]) == (
        (lot(5, SOON),), Hold("points", 9, (lot(30), lot(50, SOON), lot(20, SOON)), 0),
    )  # fmt: skip


def test_the_hold_that_ends_first_is_filled_first() -> None:
    holds = {
        "later": Hold("points", 9, (lot(10, None),), 10), "first": Hold("points", 5, (lot(10, None),), 10),
        "other": Hold("a", 1, (lot(10, None),), 10), "full": Hold("points", 1, (lot(4),)),
    }  # fmt: skip
    after = applied(member(posted=4, holds=holds), Change(TODAY, 13, (lot(13),)))
    assert after.holds == {
        "later": Hold("points", 9, (lot(3), lot(7, None)), 7), "first": Hold("points", 5, (lot(10),), 0),
        "other": holds["other"], "full": holds["full"],
    }  # fmt: skip
    assert after.lots == ()
    twins = {"b": Hold("points", 5, (lot(10, None),), 10), "a": Hold("points", 5, (lot(10, None),), 10)}
    one = applied(member(holds=twins), Change(TODAY, 10, (lot(10),)))
    assert (one.holds["a"].owed, one.holds["b"].owed) == (0, 10)


def test_a_debt_beside_a_hold_is_nobodys_hold() -> None:
    # 20 are owed for the hold and 15 were spent below zero: what comes in fills the hold, and the rest repays the debt.
    account = member(posted=-15, holds={"a": Hold("points", 9, (lot(20, None),), 20)})
    after = applied(account, Change(TODAY, 50, (lot(50),)))
    assert (after.lots, after.holds["a"]) == ((lot(15),), Hold("points", 9, (lot(20),), 0))
    less = applied(account, Change(TODAY, 30, (lot(30),)))
    assert (less.lots, less.holds["a"].owed) == ((), 0)


def test_lots_of_one_last_day_that_can_be_used_by_the_day_of_the_change_become_one() -> None:
    account = member(posted=5, lots=(lot(5, first=TODAY - DAY),), purses={"a": Purse(5, (lot(5, first=TODAY - DAY),))})
    put = Change(TODAY, 2, (lot(2),), {"a": PurseChange(2, (lot(2),))})
    merged = applied(account, put)
    assert merged.lots == merged.purses["a"].lots == (lot(7, first=TODAY - DAY),)
    apart = applied(account, put._replace(day=TODAY - DAY))
    assert apart.lots == apart.purses["a"].lots == (lot(5, first=TODAY - DAY), lot(2))


WAITS = Waiting(TODAY, 2, 4, 9, 0, 1)


def test_rewards_that_wait_alike_are_one() -> None:
    later = WAITS._replace(due_on=TODAY + DAY)
    owed = WAITS._replace(turn=3)
    assert waited((WAITS, later), (WAITS, owed)) == (owed, WAITS._replace(rewards=4, cost=18), later)
    for other in ({"value": 5}, {"turn": 1}, {"version": 2}, {"after_end": "issue"}, {"due_on": TODAY + DAY}):
        assert len(waited((WAITS,), (WAITS._replace(**other),))) == 2
    assert waited((WAITS,), (WAITS._replace(rewards=-2, cost=-9),)) == ()
    assert waited((WAITS,), (WAITS._replace(rewards=-1, cost=-4),)) == (WAITS._replace(rewards=1, cost=5),)


def test_of_a_change_of_them_what_is_below_zero_stands_too() -> None:
    gone = WAITS._replace(rewards=-2, cost=-9)
    slush = WAITS._replace(rewards=0, cost=-1)
    assert waited((), (gone,), whole=False) == (gone,)
    assert waited((), (gone,)) == ()
    assert waited((), (slush,), whole=False) == (slush,)
    assert waited((), (slush,)) == ()
    assert waited((WAITS,), (gone,), whole=False) == ()


def test_a_purse_keeps_its_rewards_through_what_does_not_touch_them() -> None:
    account = member(purses={"a": Purse(1, (lot(1),), 2, (WAITS,))})
    plain: Account = applied(account, Change(TODAY, purses={"a": PurseChange(1, (lot(1),))}))
    assert plain.purses["a"] == Purse(2, (lot(2),), 2, (WAITS,))
    gone = applied(account, Change(TODAY, purses={"a": PurseChange(waiting=(WAITS._replace(rewards=-2, cost=-9),))}))
    assert gone.purses["a"] == Purse(1, (lot(1),), 2, ())
