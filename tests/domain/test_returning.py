"""What of a purchase comes back, what had paid for it, and what that takes from an account and gives back to it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest

from shared.domain.account import Account, Purse, Waiting
from shared.domain.changes import Figure, PurseChange
from shared.domain.errors import Invalid, Refused, ReturnExceedsPurchase
from shared.domain.goals import ShelfMove
from shared.domain.ledger import packed
from shared.domain.lots import Lot
from shared.domain.packing import lots_out
from shared.domain.purchase import OfferTaken, Purchase
from shared.domain.purchase_return import Return
from shared.domain.reasons import Fired
from shared.domain.returned import Returned
from shared.domain.returning import (
    Given,
    PaidBack,
    Payment,
    Taking,
    Undone,
    paid_back,
    part_of,
    payment_in,
    undone,
    undone_by_amount,
)
from shared.domain.rulebook import Rulebook
from tests.domain.shop import BASE, line, member, programme, purchase, rule

BOOK = programme(BASE)
AT = datetime(2026, 11, 22, 17, tzinfo=UTC)
TODAY = date(2026, 11, 22)
NOTHING = Returned()
DAY = timedelta(days=1)


def came_back(amount_minor: int | None = None, **units: int | None) -> Return:
    """Of the product `CD_1`, written so, as many; None: all that is left of it."""
    lines = [
        {"sku": sku.replace("_", "-")} | ({} if count is None else {"quantity": count}) for sku, count in units.items()
    ]
    body: dict[str, Any] = {"store": "main", "return_id": "B-1", "purchase_id": "A-1", "occurred_at": AT.isoformat()}
    body |= {"lines": lines} if lines else {}
    return Return.model_validate(body | ({} if amount_minor is None else {"amount_minor": amount_minor}))


def sold(sku: str, units: int, amount_minor: int, **more: Any) -> dict[str, Any]:
    return line(amount_minor, quantity=units, **more) | {"sku": sku}


# Three for 20 dollars, one for 30, two more of the first for 10; ten dollars of shipping: 70 dollars in all.
BOUGHT = purchase(sold("CD-1", 3, 2_000), sold("LP-1", 1, 3_000), sold("CD-1", 2, 1_000), shipping_minor=1_000)


def part(told: Return, so_far: Returned = NOTHING, policy: str = "smaller", bought: Purchase = BOUGHT) -> Returned:
    return part_of(told, bought, so_far, programme(BASE, f'[policies]\nreturn_money_differs = "{policy}"\n'))


def refusal(what: Callable[[], Any]) -> tuple[type[Refused], dict[str, Any]]:
    with pytest.raises(Refused) as told:
        what()
    return type(told.value), dict(told.value.facts)


# What of it came back.


def test_a_return_that_says_no_more_is_of_all_that_is_left() -> None:
    assert part(came_back()) == Returned({0: 3, 1: 1, 2: 2}, {}, 0, 7_000, True)
    so_far = Returned({0: 3}, {1: 1}, 0, 2_500, False)
    assert part(came_back(), so_far) == Returned({2: 2}, {}, 0, 4_500, True)


def test_money_alone_is_money_alone_until_it_is_all() -> None:
    assert part(came_back(6_999)) == Returned({}, {}, 6_999, 6_999, False)
    assert part(came_back(7_000)) == Returned({0: 3, 1: 1, 2: 2}, {}, 0, 7_000, True)
    assert part(came_back(500), Returned({0: 3, 1: 1, 2: 2}, {}, 0, 6_500)) == Returned({}, {}, 0, 500, True)


def test_no_more_money_comes_back_than_was_paid_and_nothing_once_all_did() -> None:
    facts = {"purchase_id": "A-1", "left_minor": 7_000}
    assert refusal(lambda: part(came_back(7_001))) == (ReturnExceedsPurchase, facts)
    assert refusal(lambda: part(came_back(5_001), Returned(paid_back_minor=2_000)))[1]["left_minor"] == 5_000
    assert refusal(lambda: part(came_back(), Returned(paid_back_minor=7_000, whole=True)))[1]["left_minor"] == 0
    assert refusal(lambda: part(came_back(CD_1=1), Returned(paid_back_minor=7_000, whole=True)))[1]["left_minor"] == 0


def test_goods_of_several_lines_come_back_from_the_first_first() -> None:
    assert part(came_back(CD_1=2)).units == {0: 2}
    assert part(came_back(CD_1=4)).units == {0: 3, 2: 1}
    assert part(came_back(CD_1=1), Returned({0: 2}, {0: 1})).units == {2: 1}
    assert part(came_back(CD_1=None)).units == {0: 3, 2: 2}
    twice = came_back(CD_1=4).model_copy(update={"lines": (*(came_back(CD_1=2).lines or ()),) * 2})
    assert part(twice).units == {0: 3, 2: 1}


def test_no_more_goods_come_back_than_were_bought() -> None:
    facts = {"purchase_id": "A-1", "left_minor": 7_000}
    assert part(came_back(CD_1=5)).units == {0: 3, 2: 2}
    assert refusal(lambda: part(came_back(CD_1=6))) == (ReturnExceedsPurchase, facts)
    assert refusal(lambda: part(came_back(LP_1=2)))[0] is ReturnExceedsPurchase
    gone = Returned({1: 1}, {}, 0, 3_000)
    assert refusal(lambda: part(came_back(LP_1=None), gone))[1] == {"purchase_id": "A-1", "left_minor": 4_000}
    assert refusal(lambda: part(came_back(XX_9=1))) == (
        Invalid,
        {"field": "lines.0.sku", "reason": "is not in the purchase"},
    )
    assert refusal(lambda: part(came_back(CD_1=1, XX_9=1)))[1]["field"] == "lines.1.sku"


def test_lines_are_worth_what_they_cost_cut_once_over_all_returns() -> None:
    # A third of 20 dollars each: 6.66, then 6.67, then 6.67.
    so_far, told = Returned(), []
    for _ in range(3):
        one = part(came_back(CD_1=1), so_far)
        told.append(one.paid_back_minor)
        so_far = so_far.more(one)
    assert told == [666, 667, 667]
    assert so_far == Returned({0: 3}, {}, 0, 2_000, False)


def test_the_last_goods_bring_back_what_is_left_of_the_money() -> None:
    all_but_one = Returned({0: 3, 2: 2}, {}, 0, 3_000)
    assert part(came_back(LP_1=1), all_but_one) == Returned({1: 1}, {}, 0, 4_000, True)
    # Not while money came back without its goods, or goods whose money was another.
    assert part(came_back(LP_1=1), all_but_one._replace(money_minor=1)).whole is False
    uncounted = Returned({0: 3, 2: 1}, {2: 1}, 0, 3_000)
    assert part(came_back(LP_1=1), uncounted) == Returned({1: 1}, {}, 0, 3_000, False)
    # Nor more than was left of it.
    assert part(came_back(CD_1=3), Returned(money_minor=6_500, paid_back_minor=6_500)).paid_back_minor == 500


LP_FOR_LESS = came_back(2_000, LP_1=1)
LP_FOR_MORE = came_back(3_500, LP_1=1)


@pytest.mark.parametrize(
    ("policy", "less", "more"),
    [
        ("lines", Returned({1: 1}, {}, 0, 2_000), Returned({1: 1}, {}, 0, 3_500)),
        ("money", Returned({}, {1: 1}, 2_000, 2_000), Returned({}, {1: 1}, 3_500, 3_500)),
        ("smaller", Returned({}, {1: 1}, 2_000, 2_000), Returned({1: 1}, {}, 0, 3_500)),
    ],
)
def test_money_that_is_not_what_the_lines_cost_counts_as_the_programme_says(
    policy: str, less: Returned, more: Returned
) -> None:
    assert part(LP_FOR_LESS, policy=policy) == less
    assert part(LP_FOR_MORE, policy=policy) == more
    assert part(came_back(3_000, LP_1=1), policy=policy) == Returned({1: 1}, {}, 0, 3_000)


def test_money_that_is_not_what_the_lines_cost_may_be_refused() -> None:
    refused = {"field": "amount_minor", "reason": "is not what the lines cost, which is 3000"}
    assert refusal(lambda: part(LP_FOR_LESS, policy="refuse")) == (Invalid, refused)
    assert refusal(lambda: part(LP_FOR_MORE, policy="refuse")) == (Invalid, refused)
    assert part(came_back(3_000, LP_1=1), policy="refuse") == Returned({1: 1}, {}, 0, 3_000)


def test_with_the_last_goods_shipping_may_come_back_too() -> None:
    all_but_one = Returned({0: 3, 2: 2}, {}, 0, 3_000)
    for paid in (3_000, 3_500, 4_000):
        assert part(came_back(paid, LP_1=1), all_but_one, "refuse") == Returned({1: 1}, {}, 0, paid, True)
    # All of the money for a part of the goods is the whole purchase where money counts.
    assert part(came_back(7_000, LP_1=1), policy="money") == Returned({}, {1: 1}, 7_000, 7_000, True)
    assert part(came_back(6_999, LP_1=1), policy="money").whole is False
    assert part(came_back(2_999, LP_1=1), all_but_one, "lines") == Returned({1: 1}, {}, 0, 2_999, True)


# What had paid for it.

LOTS = (Lot(TODAY, TODAY + DAY, 30), Lot(TODAY, None, 11))


def payment(back: int = 0) -> Payment:
    return Payment("capture", "MDANA", "points", LOTS, back)


def test_what_was_used_last_goes_back_first() -> None:
    assert payment().given_back(5) == (Lot(TODAY, None, 5),)
    assert payment(5).given_back(10) == (Lot(TODAY, None, 6), Lot(TODAY, TODAY + DAY, 4))
    row = {"k": "capture", "a": "MDANA", "pt": packed(["purse", lots_out(LOTS)])}
    assert payment_in(row, 7) == Payment("capture", "MDANA", "purse", LOTS, 7)


def back_of(so_far: Returned, now: Returned, back: int = 0, policy: str = "pro_rata") -> tuple[PaidBack, ...]:
    book = programme(BASE, f'[policies]\nspent_points_on_partial_return = "{policy}"\n')
    half = purchase(sold("CD-1", 4, 2_000), sold("LP-1", 1, 2_000))
    return paid_back(half, [payment(back)], so_far, now, book)


def test_points_that_paid_come_back_in_proportion_and_no_rounding_leaks() -> None:
    # An eighth of 41 points each: 5, 5, 5, 5, and with the last the rest.
    so_far, units = Returned(), []
    for one in (*[Returned({0: 1})] * 4, Returned({1: 1}, whole=True)):
        (told,) = back_of(so_far, one, sum(units))
        units.append(sum(lot.points for lot in told.lots))
        so_far = so_far.more(one)
    assert units == [5, 5, 5, 5, 21]


def test_points_that_were_given_back_by_hand_do_not_come_back_again() -> None:
    (told,) = back_of(Returned(), Returned({1: 1}), back=35)
    assert told == PaidBack(payment(35), (Lot(TODAY, TODAY + DAY, 6),))
    assert back_of(Returned(), Returned({1: 1}), back=41) == ()
    assert back_of(Returned(), Returned()) == ()


def test_points_that_paid_may_come_back_with_the_whole_alone() -> None:
    assert back_of(Returned(), Returned({1: 1}), policy="only_on_full_return") == ()
    (told,) = back_of(Returned({1: 1}), Returned({0: 4}, whole=True), policy="only_on_full_return")
    assert told.lots == LOTS[::-1]


# What it takes and gives.

OWN = Lot(TODAY, TODAY + 30 * DAY, 40)
OTHER = Lot(TODAY - DAY, TODAY + 3 * DAY, 25)


def dana(*lots: Lot, **facts: Any) -> Account:
    return member(posted=sum(lot.points for lot in lots), lots=tuple(lots), **facts)


def taking(policy: str = "negative", account: Account | None = None, *tables: str, on: date | None = TODAY) -> Taking:
    book = programme(BASE, *tables, f'[policies]\nclawback_when_spent = "{policy}"\n')
    return Taking(account or dana(OTHER, OWN), book, TODAY, on)


def test_what_a_purchase_gave_is_taken_from_its_own_lot_and_then_from_what_lapses_first() -> None:
    one = taking()
    one.take("points", 50, OWN)
    assert one.moves == {
        "points": [Lot(OWN.usable_on, OWN.expires_on, -40), Lot(OTHER.usable_on, OTHER.expires_on, -10)]
    }
    assert one.legs() == (("MDANA", -50), ("clawed_back", 50))
    assert (one.posted, one.taken, one.lost) == ({"points": -50}, {"points": 50}, {})
    change = one.change(TODAY + DAY)
    assert (change.day, change.posted, change.purses) == (TODAY + DAY, -50, {})
    assert change.moves == tuple(one.moves["points"])


def test_nothing_to_take_touches_nothing() -> None:
    for units in (0, -3):
        one = taking()
        one.take("points", units, OWN)
        assert (one.moves, one.posted, one.taken, one.legs()) == ({}, {}, {}, ())


@pytest.mark.parametrize(
    ("policy", "taken", "lost", "legs"),
    [
        ("negative", 70, {}, (("MDANA", -70), ("clawed_back", 70))),
        ("clamp", 65, {"points": 5}, (("MDANA", -65), ("clawed_back", 65))),
        ("record_loss", 65, {"points": 5}, (("MDANA", -65), ("clawed_back", 70), ("lost", -5))),
    ],
)
def test_what_was_spent_is_owed_forgiven_or_a_loss(policy: str, taken: int, lost: Any, legs: Any) -> None:
    one = taking(policy)
    one.take("points", 70, None)
    assert one.legs() == legs
    assert (one.taken, one.lost, one.posted) == ({"points": taken}, lost, {"points": -taken})
    assert sum(move.points for move in one.moves["points"]) == -65
    exact = taking(policy)
    exact.take("points", 65, None)
    assert (exact.legs(), exact.lost) == ((("MDANA", -65), ("clawed_back", 65)), {})


@pytest.mark.parametrize(
    ("policy", "legs"),
    [
        ("negative", (("MDANA", -70), ("clawed_back", 20), ("sold", 50))),
        ("clamp", (("MDANA", -65), ("clawed_back", 15), ("sold", 50))),
        ("record_loss", (("MDANA", -65), ("clawed_back", 20), ("sold", 50), ("lost", -5))),
    ],
)
def test_what_was_paid_for_goes_back_where_it_was_bought(policy: str, legs: Any) -> None:
    one = taking(policy)
    one.take("points", 70, None, sold=50)
    assert one.legs() == legs
    small = taking("clamp", dana(Lot(TODAY, None, 8)))
    small.take("points", 70, None, sold=50)
    assert small.legs() == (("MDANA", -8), ("clawed_back", 0), ("sold", 8))


PURSES = {"stamps": Purse(5, (Lot(TODAY, None, 5),))}


def test_another_wallet_is_taken_from_by_itself() -> None:
    one = taking("record_loss", dana(OWN, purses=PURSES), "[[wallet]]\nid = 'stamps'\nvalue_minor = 1\n")
    one.take("stamps", 7, None, sold=1)
    assert one.legs() == (
        ("MDANA/stamps", -5), ("clawed_back/stamps", 6), ("sold/stamps", 1), ("lost/stamps", -2),
    )  # fmt: skip
    assert one.change(TODAY).purses == {"stamps": PurseChange(-5, (Lot(TODAY, None, -5),))}
    assert one.change(TODAY).moves == ()
    none = taking("negative", dana(OWN), "[[wallet]]\nid = 'stamps'\n")
    none.take("stamps", 2, None)
    assert none.change(TODAY).purses == {"stamps": PurseChange(-2)}


def test_what_was_spent_goes_back_first_and_may_then_be_taken() -> None:
    one = taking("negative", dana())
    one.give_back("points", (OTHER, OWN))
    one.take("points", 50, OWN)
    one.give_back("stamps", (Lot(TODAY, None, 2),))
    assert one.legs() == (
        ("MDANA", 65), ("redeemed", -65), ("MDANA", -50), ("clawed_back", 50), ("MDANA/stamps", 2), ("redeemed/stamps", -2),
    )  # fmt: skip
    assert (one.posted, one.taken) == ({"points": 15, "stamps": 2}, {"points": 50})
    assert one.change(TODAY).moves == (
        OTHER, OWN, OWN._replace(points=-40), OTHER._replace(points=-10),
    )  # fmt: skip


KEPT = '[[wallet]]\nid = "stamps"\n'


def test_stamps_stay_where_the_programme_says_so_but_only_of_a_return() -> None:
    kept = programme(BASE, KEPT, '[policies]\nstamps_on_return = "kept"\n')
    one = Taking(dana(purses=PURSES), kept, TODAY, TODAY)
    one.take("stamps", 3, None)
    assert (one.kept, one.moves, one.legs()) == ({"stamps": 3}, {}, ())
    by_hand = Taking(dana(purses=PURSES), kept, TODAY)
    by_hand.take("stamps", 3, None)
    assert (by_hand.kept, by_hand.posted) == ({}, {"stamps": -3})
    points = Taking(dana(OWN), kept, TODAY, TODAY)
    points.take("points", 3, None)
    assert points.kept == {}


CARD = '[[wallet]]\nid = "card"\ngoal = 4\nreward_pending_days = 20\n'
WAITS = Waiting(TODAY + 5 * DAY, 2, 4, 9, 0, 1)
OWED = Waiting(TODAY + 5 * DAY, 1, 4, 4, 7, 1)


def with_card(*waiting: Waiting, stamps: int = 2) -> Account:
    lots = (Lot(TODAY, None, stamps),) if stamps else ()
    return member(purses={"card": Purse(stamps, lots, sum(one.rewards for one in waiting), waiting)})


def test_a_return_takes_rewards_that_wait_before_the_balance() -> None:
    one = taking("negative", with_card(WAITS), CARD)
    one.take("card", 6, None)
    # One beyond their worth, one reward of four, and one of the balance.
    assert one.rewards == {"card": (-1, (WAITS._replace(rewards=-1, cost=-5),))}
    assert one.legs() == (
        ("completed/card", -5), ("clawed_back/card", 5), ("MDANA/card", -1), ("clawed_back/card", 1),
    )  # fmt: skip
    assert (one.taken, one.posted, one.shelves) == ({"card": 6}, {"card": -1}, {})
    assert one.change(TODAY).purses == {
        "card": PurseChange(-1, (Lot(TODAY, None, -1),), -1, (WAITS._replace(rewards=-1, cost=-5),))
    }


def test_a_reward_that_is_broken_leaves_its_change_in_the_balance() -> None:
    one = taking("negative", with_card(WAITS, stamps=0), CARD)
    one.take("card", 3, None)
    # One beyond their worth, then a whole reward of four for two: two go back.
    assert [leg for leg in one.legs() if leg.points] == [
        ("completed/card", -5), ("clawed_back/card", 3), ("MDANA/card", 2),
    ]  # fmt: skip
    assert (one.posted, one.taken) == ({"card": 2}, {"card": 3})
    assert one.moves == {"card": [Lot(TODAY, None, 2)]}
    own = taking("negative", with_card(WAITS, stamps=0), CARD)
    own.take("card", 3, Lot(TODAY - DAY, TODAY + 9 * DAY, 9))
    assert own.moves == {"card": [Lot(TODAY - DAY, TODAY + 9 * DAY, 2)]}


def test_rewards_that_may_run_out_go_back_to_their_shelf() -> None:
    one = taking("negative", with_card(WAITS, OWED), CARD + "reward_stock = 9\n")
    one.take("card", 9, None)
    assert one.shelves["card"] == ShelfMove(0, 1, (7,))
    none = taking("negative", with_card(), CARD + "reward_stock = 9\n")
    none.take("card", 1, None)
    assert none.shelves == {}


# What the return of a part does.


def given(book: Rulebook, bought: Purchase, **more: Any) -> Given:
    earned = Fired("base", bought.total_minor, Fraction(bought.total_minor, 100))
    what = {"reasons": (earned,), "units": {"points": 40}, "lots": {"points": OWN}} | more
    return Given(bought, TODAY, book, **what)


FOUR = purchase(sold("CD-1", 4, 4_000))
QUARTER = Returned({0: 1}, paid_back_minor=1_000)
WHOLE = Returned({0: 4}, paid_back_minor=4_000, whole=True)


def undo(what: Given, now: Returned, so_far: Returned = NOTHING, back: Any = None, **facts: Any) -> Undone:
    account = dana(OTHER, OWN, **facts)
    return undone(what, so_far, now, back or {}, account, TODAY, on=TODAY + DAY, merging=TODAY + 2 * DAY)


def test_a_part_takes_its_share_of_points_and_figures() -> None:
    one = undo(given(BOOK, FOUR), QUARTER)
    assert (one.due, one.taken, one.lost, one.back, one.kept) == ({"points": 10}, {"points": 10}, {}, {}, {})
    assert one.change.figures == (Figure(TODAY, 0, -1_000, -10, 0),)
    assert (one.change.stores, one.change.used, one.change.day) == ({}, {}, TODAY + 2 * DAY)
    assert one.change.moves == (OWN._replace(points=-10),)
    assert one.legs == (("MDANA", -10), ("clawed_back", 10))


def test_the_whole_is_a_purchase_less() -> None:
    one = undo(given(BOOK, FOUR), WHOLE)
    assert one.change.figures == (Figure(TODAY, -1, -4_000, -40, 0),)
    assert one.change.stores == {"main": -1}
    rest = undo(given(BOOK, FOUR), Returned({0: 3}, paid_back_minor=3_000, whole=True), QUARTER)
    assert rest.change.figures == (Figure(TODAY, -1, -3_000, -30, 0),)
    daily = programme(BASE, "[tiers]\nbasis = 'points'\nwindow_days = 90\n[[tier]]\nid = 'a'\nat_least = 5\n")
    assert undo(given(daily, FOUR), QUARTER).change.figures == (Figure(TODAY, 0, -1_000, -10, -10),)
    nothing = undo(given(BOOK, FOUR), Returned(uncounted={0: 1}))
    assert nothing.change.figures == ()


def test_what_was_dropped_is_lost_first() -> None:
    one = given(BOOK, FOUR, dropped={"points": 15})
    assert undo(one, QUARTER).due == {"points": 0}
    assert undo(one, Returned({0: 2})).due == {"points": 5}
    assert undo(one, Returned({0: 1}), Returned({0: 1})).due == {"points": 5}
    assert undo(one, WHOLE).due == {"points": 25}


def test_what_had_paid_goes_back_before_anything_is_taken() -> None:
    lots = (Lot(TODAY, TODAY + 9 * DAY, 7),)
    one = undo(given(BOOK, FOUR), QUARTER, back={"points": lots, "purse": lots})
    assert one.legs == (
        ("MDANA", 7), ("redeemed", -7), ("MDANA/purse", 7), ("redeemed/purse", -7), ("MDANA", -10), ("clawed_back", 10),
    )  # fmt: skip
    assert one.back == {"points": lots, "purse": lots}
    assert one.change.posted == -3


def test_points_that_staff_let_live_longer_are_taken_where_they_went() -> None:
    later = TODAY - DAY
    extended = Lot(TODAY - 40 * DAY, later, 12)
    one = given(BOOK, FOUR, later={"points": frozenset({later})}, lots={"points": OWN._replace(expires_on=TODAY)})
    account = dana(extended, OTHER)
    what = undone(one, Returned(), QUARTER, {}, account, TODAY, on=TODAY, merging=TODAY)
    assert what.change.moves == (extended._replace(points=-10),)


TOP_UP = programme(BASE, '[[wallet]]\nid = "purse"\ndecimals = 2\nvalue_minor = 100\ntop_up = true\n')
TOPPED = purchase(sold("CD-1", 1, 2_000), sold("TOP-1", 2, 4_000, kind="top_up"))


def test_a_top_up_is_taken_back_by_its_own_lines() -> None:
    what = Given(TOPPED, TODAY, TOP_UP, (Fired("base", 2_000, Fraction(20)),), {"points": 20, "purse": 0}, {}, sold={
        "purse": 4_000})  # fmt: skip
    account = dana(OWN, purses={"purse": Purse(4_000, (Lot(TODAY, None, 4_000),))})
    one = undone(what, Returned(), Returned({1: 1}), {}, account, TODAY, on=TODAY, merging=TODAY)
    assert one.due == {"points": 0, "purse": 2_000}
    assert one.legs == (("MDANA/purse", -2_000), ("clawed_back/purse", 0), ("sold/purse", 2_000))
    whole = undone(
        what, Returned({1: 1}), Returned({0: 1, 1: 1}, whole=True), {}, account, TODAY, on=TODAY, merging=TODAY
    )
    assert whole.due == {"points": 20, "purse": 2_000}
    alone = what._replace(units={"points": 20})
    assert undone(alone, Returned(), Returned({1: 1}), {}, account, TODAY, on=TODAY, merging=TODAY).due == one.due


# Counters of limits.

LIMITED = programme(
    rule(
        points=1, per_minor=100, limits='[{ per = "month", points = 90 }, { per = "year", times = 9 }]', cooldown_days=3
    )
)
COUNTED = {
    "base": {"2026-11": (2, 70), "2026": (5, 200), "2025": (1, 9), "last": (TODAY.toordinal(), 0)},
    "other": {"": (1, 1)},
}


def test_a_part_gives_back_its_share_of_what_a_limit_had_counted() -> None:
    one = undo(given(LIMITED, FOUR, limited={"base": 40}), QUARTER, used=COUNTED)
    assert one.change.used == {
        "base": {"2026-11": (2, 60), "2026": (5, 190), "2025": (1, 9), "last": (TODAY.toordinal(), 0)}
    }


def test_the_whole_gives_back_a_time_and_the_day_of_the_cooldown() -> None:
    one = undo(given(LIMITED, FOUR, limited={"base": 40}), WHOLE, used=COUNTED)
    assert one.change.used == {"base": {"2026-11": (1, 30), "2026": (4, 160), "2025": (1, 9)}}
    later = {"base": COUNTED["base"] | {"last": (TODAY.toordinal() + 1, 0), "2026-11": (1, 30), "2026": (0, 5)}}
    two = undo(given(LIMITED, FOUR, limited={"base": 40}), WHOLE, used=later)
    # Another purchase began the cooldown; what has nothing left to count is gone, and nothing counts below nothing.
    assert two.change.used == {"base": {"2025": (1, 9), "last": (TODAY.toordinal() + 1, 0)}}
    none = undo(given(LIMITED, FOUR, limited={"base": 40}), WHOLE)
    assert none.change.used == {"base": {}}


OFFERS = programme(
    BASE,
    '[[offer]]\nid = "few"\npercent = 10\nlimits = [{ per = "month", times = 3 }]\n[[offer]]\nid = "free"\npercent = 5\n',
)


def test_the_whole_gives_back_the_use_of_an_offer() -> None:
    taken = [OfferTaken(offer="few", discount_minor=1), OfferTaken(offer="free", discount_minor=1)]
    bought = FOUR.model_copy(update={"offers": tuple(taken)})
    used = {"offer:few": {"2026-11": (2, 0), "2026-10": (1, 0)}}
    what = given(OFFERS, bought, limited={"base": 40})
    assert undo(what, QUARTER, used=used).change.used == {"base": {}}
    assert undo(what, WHOLE, used=used).change.used == {
        "base": {}, "offer:few": {"2026-11": (1, 0), "2026-10": (1, 0)},
    }  # fmt: skip


def test_what_is_left_is_rounded_as_the_wallet_rounds_and_shared_as_the_wallet_was_earned() -> None:
    up = programme(
        BASE, "[points]\nrounding = { mode = 'ceil' }\n", rule("stamp", wallet="stamps", points=1, per="line"),
        "[[wallet]]\nid = 'stamps'\n",
    )  # fmt: skip
    bought = purchase(sold("CD-1", 3, 1_000), sold("LP-1", 1, 9_000))
    reasons = (Fired("base", 10_000, Fraction(100)), Fired("stamp", 2, Fraction(2)))
    what = given(up, bought, reasons=reasons, units={"points": 100, "stamps": 2}, lots={})
    one = undo(what, Returned({0: 1}), purses=PURSES)
    # 96 2/3 points are left, which is 97; of the two stamps, one and two thirds.
    assert one.due == {"points": 3, "stamps": 1}
    two = undo(what, Returned({1: 1}), purses=PURSES)
    assert two.due == {"points": 90, "stamps": 1}


ONCE = programme(BASE, """
[[achievement]]
id = "first"
when = "member.purchases >= 1"
points = 100
[[achievement]]
id = "monthly"
when = "member.purchases >= 1"
points = 5
repeat = "month"
""")  # fmt: skip


def test_what_was_reached_by_the_purchase_is_not_reached_without_it() -> None:
    reasons = (
        Fired("base", 4_000, Fraction(40)), Fired("achievement:first", 1, Fraction(100)),
        Fired("achievement:monthly", 1, Fraction(5)),
    )  # fmt: skip
    used = {"achievement:first": {"": (1, 100)}, "achievement:monthly": {"2026-11": (1, 5), "2026-10": (1, 5)}}
    what = given(ONCE, FOUR, reasons=reasons)
    assert undo(what, QUARTER, used=used).change.used == {}
    assert undo(what, WHOLE, used=used).change.used == {
        "achievement:first": {}, "achievement:monthly": {"2026-10": (1, 5)},
    }  # fmt: skip
    assert undo(what, WHOLE).change.used == {"achievement:first": {}, "achievement:monthly": {}}


# A return that names no purchase.


def test_a_return_without_purchase_takes_what_its_amount_would_earn_on_its_day() -> None:
    book = programme(
        rule(points=1, per_minor=100, limits='[{ per = "month", points = 90 }]'),
        rule("stamp", wallet="stamps", points=2, per="purchase"), "[[wallet]]\nid = 'stamps'\n",
    )  # fmt: skip
    used = {"base": {"2026-11": (9, 90)}}
    account = dana(OTHER, OWN, used=used, purses=PURSES)
    one = undone_by_amount(1_250, AT - DAY, account, book, TODAY, merging=TODAY + DAY)
    assert one.due == {"points": 12, "stamps": 2}
    assert one.legs == (
        ("MDANA", -12), ("clawed_back", 12), ("MDANA/stamps", -2), ("clawed_back/stamps", 2),
    )  # fmt: skip
    assert one.change.figures == (Figure(TODAY - DAY, 0, -1_250, -12, 0),)
    assert (one.change.day, one.change.used, one.back, one.lost) == (TODAY + DAY, {}, {}, {})
    assert one.change.moves == (OTHER._replace(points=-12),)
    daily = programme(BASE, "[tiers]\nbasis = 'points'\nwindow_days = 90\n[[tier]]\nid = 'a'\nat_least = 5\n")
    assert undone_by_amount(1_250, AT, account, daily, TODAY, merging=TODAY).change.figures[0].by_day == -12


def test_stamps_that_are_kept_are_kept_without_a_purchase_too() -> None:
    book = programme(
        rule("stamp", wallet="stamps", points=2, per="purchase"), KEPT, '[policies]\nstamps_on_return = "kept"\n'
    )
    one = undone_by_amount(1_250, AT, dana(purses=PURSES), book, TODAY, merging=TODAY)
    assert (one.due, one.taken, one.kept) == ({"points": 0, "stamps": 2}, {}, {"stamps": 2})
