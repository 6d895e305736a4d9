"""Lots: what is put together and what stays apart, who is taken from first, and that nothing is lost on the way."""

from __future__ import annotations

from datetime import date

import pytest

from shared.domain.lots import (
    Lot,
    between,
    difference,
    first_day_then_last,
    in_turn,
    is_lapsed,
    is_usable,
    lapsed,
    last_day_then_first,
    merged,
    moved,
    negative,
    taken,
    to_take_back,
    together,
    total,
    without,
)

JAN, FEB, MAR, APR = (date(2026, month, 1) for month in (1, 2, 3, 4))


def test_lots_that_are_usable_and_end_on_the_same_day_become_one_and_pending_ones_stay() -> None:
    lots = (Lot(FEB, APR, 2), Lot(JAN, APR, 1), Lot(MAR, APR, 4), Lot(JAN, None, 8))
    assert merged(lots, FEB) == (Lot(JAN, APR, 3), Lot(MAR, APR, 4), Lot(JAN, None, 8))
    assert merged(lots, JAN) == (Lot(JAN, APR, 1), Lot(FEB, APR, 2), Lot(MAR, APR, 4), Lot(JAN, None, 8))
    assert merged(lots, MAR) == (Lot(JAN, APR, 7), Lot(JAN, None, 8))


def test_pending_lots_of_the_same_days_are_one_and_empty_ones_are_none() -> None:
    assert merged((Lot(MAR, APR, 1), Lot(MAR, APR, 2), Lot(JAN, APR, 0)), JAN) == (Lot(MAR, APR, 3),)
    assert merged((Lot(JAN, MAR, 1), Lot(JAN, APR, 2)), FEB) == (Lot(JAN, MAR, 1), Lot(JAN, APR, 2))


def test_what_is_put_in_finds_its_place_and_what_is_taken_its_lot() -> None:
    lots = (Lot(JAN, MAR, 5), Lot(FEB, APR, 5))
    assert moved(lots, [Lot(JAN, MAR, -2), Lot(FEB, APR, 1)], JAN) == (Lot(JAN, MAR, 3), Lot(FEB, APR, 6))
    assert moved(lots, [Lot(JAN, FEB, 7), Lot(JAN, None, 1)], JAN) == (
        Lot(JAN, FEB, 7), Lot(JAN, MAR, 5), Lot(FEB, APR, 5), Lot(JAN, None, 1)
    )  # fmt: skip
    assert moved(lots, [Lot(JAN, MAR, -5)], JAN) == (Lot(FEB, APR, 5),)
    assert moved((), [Lot(JAN, MAR, 1), Lot(JAN, MAR, -1)], JAN) == ()


def test_a_lot_cannot_give_more_than_it_has() -> None:
    with pytest.raises(AssertionError, match="a lot of 5 cannot give 6"):
        moved((Lot(JAN, MAR, 5),), [Lot(JAN, MAR, -6)], JAN)


def test_nothing_is_taken_from_a_lot_of_other_days() -> None:
    for other in (Lot(FEB, MAR, -1), Lot(JAN, APR, -1)):
        with pytest.raises(StopIteration):
            moved((Lot(JAN, MAR, 5),), [other], JAN)


def test_lots_and_moves_of_the_same_days_are_summed_and_stand_in_their_order() -> None:
    lots = (Lot(JAN, APR, 1), Lot(JAN, MAR, 2), Lot(FEB, APR, 3))
    more = (Lot(JAN, APR, 4), Lot(FEB, APR, -3), Lot(JAN, None, 5), Lot(JAN, MAR, -1))
    assert together(lots, more) == (Lot(JAN, MAR, 1), Lot(JAN, APR, 5), Lot(JAN, None, 5))
    assert together((), ()) == ()


def test_lots_are_in_turn_by_their_end_or_by_their_beginning() -> None:
    early, late, endless = Lot(FEB, MAR, 1), Lot(JAN, APR, 2), Lot(JAN, None, 3)
    assert in_turn([endless, late, early], "earliest_expiry_first") == [early, late, endless]
    assert in_turn([endless, early, late], "first_earned_first") == [late, endless, early]
    assert last_day_then_first(endless) == (date.max, JAN)
    assert first_day_then_last(endless) == (JAN, date.max)
    assert first_day_then_last(late) == (JAN, APR)


def test_a_lot_can_be_used_from_its_first_day_to_its_last() -> None:
    lot = Lot(FEB, MAR, 1)
    assert [is_usable(lot, day) for day in (JAN, FEB, MAR, APR)] == [False, True, True, False]
    assert [is_lapsed(lot, day) for day in (JAN, FEB, MAR, APR)] == [False, False, False, True]
    assert not is_lapsed(Lot(JAN, None, 1), date.max)
    assert lapsed([lot, Lot(JAN, None, 1), Lot(JAN, FEB, 2)], MAR) == (Lot(JAN, FEB, 2),)


@pytest.mark.parametrize(
    ("units", "parts"),
    [(0, ()), (-1, ()), (1, (1,)), (2, (2,)), (3, (2, 1)), (5, (2, 3)), (6, (2, 3))],
)  # fmt: skip
def test_the_first_lots_are_taken_from_first_and_never_more_than_there_is(units: int, parts: tuple[int, ...]) -> None:
    lots = [Lot(JAN, MAR, 2), Lot(JAN, APR, 0), Lot(FEB, APR, 3)]
    found = taken(lots, units)
    assert tuple(lot.points for lot in found) == parts
    assert [lot[:2] for lot in found] == [(JAN, MAR), (FEB, APR)][: len(parts)]


def test_a_return_takes_from_its_purchases_own_lot_then_from_usable_ones_then_from_pending_ones() -> None:
    own = Lot(JAN, APR, 9)
    usable, pending, gone = Lot(JAN, MAR, 1), Lot(APR, None, 2), Lot(JAN, JAN, 4)
    lots = [gone, usable, own, pending]
    assert to_take_back(lots, own, FEB, "earliest_expiry_first") == [own, usable, pending]
    assert to_take_back(lots, None, FEB, "earliest_expiry_first") == [usable, own, pending]
    # First by their beginning: the two usable ones begin on one day, and end in this order.
    assert to_take_back([pending, Lot(FEB, FEB, 1), usable], None, FEB, "first_earned_first") == [
        usable, Lot(FEB, FEB, 1), pending
    ]  # fmt: skip
    assert to_take_back([Lot(FEB, FEB, 1), usable], None, FEB, "earliest_expiry_first") == [Lot(FEB, FEB, 1), usable]


def test_a_lot_that_became_one_with_others_is_found_by_its_last_day() -> None:
    one_of_many = Lot(JAN, APR, 20)
    other = Lot(JAN, MAR, 5)
    assert to_take_back([other, one_of_many], Lot(FEB, APR, 9), MAR, "earliest_expiry_first") == [one_of_many, other]
    # On the very day from which it can be used, too.
    assert to_take_back([other, one_of_many], Lot(FEB, APR, 9), FEB, "earliest_expiry_first") == [one_of_many, other]
    # What is still pending became one with nothing, and what begins later is another's.
    assert to_take_back([other, one_of_many], Lot(MAR, APR, 9), FEB, "earliest_expiry_first") == [other, one_of_many]
    later = Lot(MAR, APR, 3)
    assert to_take_back([other, later], Lot(FEB, APR, 9), MAR, "earliest_expiry_first") == [other, later]


def test_what_comes_back_is_taken_from_its_own_lot_even_when_that_has_lapsed() -> None:
    own = Lot(JAN, FEB, 9)
    assert to_take_back([own, Lot(JAN, None, 1)], own, MAR, "earliest_expiry_first") == [own, Lot(JAN, None, 1)]
    assert to_take_back([own, Lot(JAN, None, 1)], None, MAR, "earliest_expiry_first") == [Lot(JAN, None, 1)]


def test_the_difference_of_two_balances_leads_from_one_to_the_other_and_takes_first() -> None:
    before = (Lot(JAN, MAR, 5), Lot(JAN, APR, 2), Lot(FEB, APR, 1))
    after = (Lot(JAN, FEB, 4), Lot(JAN, MAR, 3), Lot(FEB, APR, 1), Lot(JAN, None, 6))
    moves = difference(before, after)
    assert moves == (Lot(JAN, MAR, -2), Lot(JAN, APR, -2), Lot(JAN, FEB, 4), Lot(JAN, None, 6))
    assert moved(before, moves, date.min) == after
    assert difference(before, before) == ()
    assert difference((Lot(JAN, MAR, 1), Lot(JAN, MAR, 2)), (Lot(JAN, MAR, 3),)) == ()


@pytest.mark.parametrize(
    ("first", "last", "points"),
    [(0, 10, (4, 6)), (0, 0, ()), (0, 4, (4,)), (3, 5, (1, 1)), (4, 5, (1,)), (4, 4, ()), (9, 20, (1,)), (10, 20, ())],
)
def test_parts_between_two_counts_are_those_units_and_no_others(first: int, last: int, points: tuple[int, ...]) -> None:
    lots = [Lot(JAN, MAR, 4), Lot(FEB, APR, 6)]
    found = between(lots, first, last)
    assert tuple(lot.points for lot in found) == points
    assert total(found) == max(0, min(last, 10) - min(first, 10))
    assert all(lot[:2] in ((JAN, MAR), (FEB, APR)) for lot in found)


def test_between_counts_on_through_lots_of_several() -> None:
    lots = [Lot(JAN, FEB, 2), Lot(JAN, MAR, 3), Lot(JAN, APR, 4)]
    assert between(lots, 1, 8) == (Lot(JAN, FEB, 1), Lot(JAN, MAR, 3), Lot(JAN, APR, 3))


def test_what_is_taken_away_leaves_the_rest_with_its_days() -> None:
    lots = (Lot(JAN, MAR, 2), Lot(FEB, APR, 3))
    assert without(lots, 0) == lots
    assert without(lots, 2) == (Lot(FEB, APR, 3),)
    assert without(lots, 3) == (Lot(FEB, APR, 2),)
    assert without(lots, 5) == ()
    with pytest.raises(AssertionError, match="more points were taken than the lots hold"):
        without(lots, 6)


def test_the_moves_that_empty_lots_are_their_negatives() -> None:
    lots = (Lot(JAN, MAR, 2), Lot(FEB, None, 3))
    assert negative(lots) == (Lot(JAN, MAR, -2), Lot(FEB, None, -3))
    assert moved(lots, negative(lots), date.min) == ()
