"""Redemption decided: how much may pay, what a hold keeps, what a capture takes and what comes back, to the last unit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from shared.domain.account import Account, Hold, Purse
from shared.domain.changes import PurseChange
from shared.domain.errors import (
    CaptureExceedsHold,
    HoldsExhausted,
    Invalid,
    PointsInsufficient,
    RedemptionEnded,
    RedemptionExceedsTotal,
    Refused,
)
from shared.domain.ledger import Posting, Row, unpacked
from shared.domain.lots import Lot
from shared.domain.packing import change_in
from shared.domain.redeeming import (
    HOLDS_MAX,
    Wanted,
    available,
    payable,
    payment_worth,
    post_capture,
    post_given_back,
    post_hold,
    post_reversal,
    post_void,
    units_for,
)
from shared.domain.reward_tables import Reward
from shared.domain.rulebook import Rulebook
from tests.domain.shop import BASE, after, member, points, programme

TODAY = date(2026, 11, 22)
# Ten in the evening in New York, where the club is; in Greenwich it is the next day.
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
DAY = timedelta(days=1)
SOON, LATER = TODAY + 5 * DAY, TODAY + 50 * DAY
PURSE = """
[[wallet]]
id = "purse"
decimals = 2
value_minor = 100
pending_days = 3
expiry = { days = 20 }
"""
REWARDS = """
[[reward]]
id = "coffee"
kind = "product"
sku = "COFFEE"
price = 40
limits = [{ per = "month", times = 3 }, { per = "day", times = 2 }]
[[reward]]
id = "credit"
kind = "conversion"
price = 10
into = "purse"
gives = 5
[[reward]]
id = "again"
kind = "conversion"
price = 10
into = "points"
gives = 4
"""


def book(*more: str, **of_points: str | int) -> Rulebook:
    return programme(BASE, points(**({"value_minor": 5} | of_points)), PURSE, REWARDS, *more)


BOOK = book()


def reward(name: str) -> Reward:
    rule = BOOK.reward(name)
    assert rule is not None
    return rule.reward


def refusal(what: Callable[[], Any]) -> tuple[type[Refused], dict[str, Any]]:
    with pytest.raises(Refused) as told:
        what()
    return type(told.value), dict(told.value.facts)


# How much may pay.


def test_points_pay_what_is_asked_as_long_as_they_are_there() -> None:
    assert payable("points", 100, None, 100, BOOK) == 100
    assert payable("points", 0, None, 100, BOOK) == 0
    assert refusal(lambda: payable("points", 101, None, 100, BOOK)) == (
        PointsInsufficient,
        {"requested": 101, "available": 100},
    )
    assert refusal(lambda: payable("points", 1, None, -7, BOOK))[1] == {"requested": 1, "available": 0}


def test_a_wallet_without_worth_pays_for_nothing() -> None:
    bare = programme(BASE, "[[wallet]]\nid = 'stamps'\n")
    for wallet in ("points", "stamps"):
        assert refusal(lambda wallet=wallet: payable(wallet, 1, None, 5, bare)) == (
            Invalid,
            {"field": "wallet", "reason": "pays for nothing in this programme"},
        )


@pytest.mark.parametrize(
    ("policy", "units", "there", "pays"),
    [("clamp", 150, 100, 100), ("clamp", 50, 100, 50), ("clamp", 5, -3, 0), ("negative", 150, 100, 150)],
)
def test_more_than_there_is_is_cut_or_owed_as_the_programme_says(
    policy: str, units: int, there: int, pays: int
) -> None:
    rules = book(f'[policies]\nredeem_more_than_balance = "{policy}"\n')
    assert payable("points", units, None, there, rules) == pays


def test_no_more_pays_than_the_purchase_costs() -> None:
    # A point is five cents: 20 of them are a dollar.
    assert payable("points", 20, 100, 500, BOOK) == 20
    assert refusal(lambda: payable("points", 21, 100, 500, BOOK)) == (
        RedemptionExceedsTotal,
        {"requested": 21, "payable": 20},
    )
    assert payable("points", 21, 100, 500, BOOK, over_total="clamp") == 20
    assert payable("points", 7, 100, 500, BOOK, over_total="clamp") == 7
    clamped = book('[policies]\nredemption_over_total = "clamp"\n')
    assert payable("points", 21, 100, 500, clamped) == 20
    assert refusal(lambda: payable("points", 21, 100, 500, clamped, over_total="refuse"))[1]["payable"] == 20


def test_only_a_share_of_the_purchase_may_be_paid() -> None:
    # 12.5 % of 10.07 dollars are 125 whole cents: 25 points.
    rules = book(payment="{ max_percent = 12.5 }")
    assert payable("points", 26, 1_007, 500, rules, over_total="clamp") == 25
    assert payable("points", 26, None, 500, rules) == 26


def test_whole_steps_alone_pay_and_not_less_than_the_least() -> None:
    stepped = book(payment="{ step = 10, min_points = 30 }")
    assert [payable("points", units, None, 500, stepped) for units in (29, 30, 39, 40)] == [0, 30, 30, 40]
    finer = book(payment="{ step = 10, min_points = 30 }", decimals=1)
    assert [payable("points", units, None, 5_000, finer) for units in (299, 300, 399, 400)] == [0, 300, 300, 400]


@pytest.mark.parametrize(
    ("more", "amount_minor", "units", "worth"),
    [
        ({}, 104, 20, 100),
        ({"decimals": 2}, 104, 2_080, 104),
        ({"decimals": 2, "value_minor": 7}, 100, 1_428, 99),
        ({"payment": "{ step = 50, minor_per_step = 200 }"}, 599, 100, 400),
        ({"payment": "{ step = 50, minor_per_step = 200 }", "decimals": 1}, 599, 1_000, 400),
        ({"payment": "{ step = 50 }"}, 104, 20, 100),
    ],
)
def test_units_are_worth_no_more_than_the_amount(
    more: dict[str, str | int], amount_minor: int, units: int, worth: int
) -> None:
    rules = book(**more)
    assert units_for(rules.programme.points, amount_minor) == units
    assert payment_worth("points", units, rules) == worth


def test_what_is_worth_nothing_pays_no_amount_and_a_step_begun_pays_nothing() -> None:
    assert units_for(programme(BASE).programme.points, 100) == 0
    stepped = book(payment="{ step = 50, minor_per_step = 200 }")
    assert [payment_worth("points", units, stepped) for units in (49, 50, 99, 149)] == [0, 200, 200, 400]
    assert payment_worth("purse", 1_234, BOOK) == 1_234
    assert payment_worth("points", 3, book(decimals=1)) == 1


# What there is.

LOTS = (Lot(TODAY, SOON, 30), Lot(TODAY - DAY, LATER, 50), Lot(TODAY + 2 * DAY, LATER, 20))


def dana(**facts: Any) -> Account:
    """A hundred points, of which 20 wait."""
    return member(**({"posted": 100, "lots": LOTS, "sequence": 3, "last_key": "before", "last_hash": b"b"} | facts))


def test_what_waits_or_is_held_is_not_available() -> None:
    held = {"main#R-9": Hold("points", 1, (Lot(TODAY, SOON, 8),)), "main#R-8": Hold("purse", 1, (Lot(TODAY, None, 3),))}
    account = dana(posted=108, holds=held, purses={"purse": Purse(13, (Lot(TODAY, None, 10),))})
    assert [available(account, wallet, TODAY) for wallet in ("points", "purse", "other")] == [80, 10, 0]
    assert [available(account, "points", TODAY + days * DAY) for days in (1, 2, 6)] == [80, 100, 70]


# Holding.


def hold(account: Account, units: int, rules: Rulebook = BOOK, **more: Any) -> Posting:
    wanted = Wanted("main#R-1", "points", units, "", units * 5, 15, "purchase#main#A-2")._replace(**more)
    return post_hold(wanted, account, rules, NOW, key="redemption#main#R-1", fingerprint=b"f")


def test_a_hold_takes_what_lapses_first_and_lasts_its_minutes() -> None:
    posting = hold(dana(), 40)
    until_ms = 1_795_402_800_000 + 15 * 60_000
    kept = Hold("points", until_ms, (Lot(TODAY, SOON, 30), Lot(TODAY - DAY, LATER, 10)))
    assert after(posting).holds == {"main#R-1": kept}
    assert after(posting).lots == (Lot(TODAY - DAY, LATER, 40), Lot(TODAY + 2 * DAY, LATER, 20))
    assert (after(posting).posted, after(posting).sequence) == (100, 4)
    row = {name: value for name, value in posting.row.items() if name not in ("h", "x")}
    assert row == {
        "k": "redemption#main#R-1", "c": "hold", "t": 1_795_402_800_000, "v": 1, "r": 1, "f": b"f", "a": "MDANA", "n": 4,
        "g": "[]", "d": "[0,100]", "b": '[40,20,""]', "p": "before", "un": until_ms,
        "rd": '["",40,200,"purchase#main#A-2","points"]',
    }  # fmt: skip
    assert told(posting.row).purses == {}


def told(row: Row) -> Any:
    """The change that a row tells of."""
    return change_in(unpacked(row["x"]), TODAY, {}, (0, False, 0, ""))


def test_a_hold_by_first_earned_takes_the_older_lot_first() -> None:
    posting = hold(dana(), 60, book('[policies]\nlots_used = "first_earned_first"\n'))
    assert after(posting).holds["main#R-1"].lots == (Lot(TODAY - DAY, LATER, 50), Lot(TODAY, SOON, 10))


def test_what_waits_cannot_be_held_and_what_is_held_not_twice() -> None:
    assert hold(dana(), 80).after is not None
    assert refusal(lambda: hold(dana(), 81)) == (PointsInsufficient, {"requested": 81, "available": 80})
    again = after(hold(dana(), 50))
    assert refusal(lambda: hold(again, 31))[1] == {"requested": 31, "available": 30}
    owing = dana(posted=-5, lots=())
    assert refusal(lambda: hold(owing, 1))[1] == {"requested": 1, "available": 0}


def test_a_member_has_eight_open_redemptions_at_most() -> None:
    held = {f"main#H-{n}": Hold("points", 9_999_999_999_999, (Lot(TODAY, SOON, 1),)) for n in range(HOLDS_MAX)}
    assert HOLDS_MAX == 8
    assert refusal(lambda: hold(dana(holds=held), 1)) == (HoldsExhausted, {"holds_max": 8})
    held.pop("main#H-0")
    assert len(after(hold(dana(holds=held), 1)).holds) == 8


def test_on_debt_what_waits_is_taken_before_anything_is_owed() -> None:
    below = book('[policies]\nredeem_more_than_balance = "negative"\n', expiry="{ days = 9 }", pending_days=2)
    posting = hold(dana(), 130, below)
    kept = after(posting).holds["main#R-1"]
    # 30 are owed: they can be used at once, and live as long as points of today.
    assert kept.lots == (*LOTS, Lot(TODAY, TODAY + 9 * DAY, 30))
    assert (kept.owed, kept.units, after(posting).lots) == (30, 130, ())
    exact = hold(dana(), 100, below)
    assert (after(exact).holds["main#R-1"].lots, after(exact).holds["main#R-1"].owed) == (LOTS, 0)


def test_a_hold_of_another_wallet_leaves_the_points_alone() -> None:
    account = dana(purses={"purse": Purse(70, (Lot(TODAY, LATER, 70),))})
    posting = hold(account, 50, wallet="purse", reward="mug")
    assert after(posting).lots == LOTS
    assert after(posting).purses["purse"].lots == (Lot(TODAY, LATER, 20),)
    assert after(posting).holds["main#R-1"][::2] == ("purse", (Lot(TODAY, LATER, 50),), "mug")
    assert unpacked(posting.row["rd"]) == ["mug", 50, 250, "purchase#main#A-2", "purse"]
    assert told(posting.row).purses == {"purse": PurseChange(moves=(Lot(TODAY, LATER, -50),))}
    assert refusal(lambda: hold(dana(), 1, wallet="purse"))[1] == {"requested": 1, "available": 0}


# Capturing.


def capture(held: Posting, units: int | None = None, rules: Rulebook = BOOK, **more: Any) -> Posting:
    what = {"reward": None, "purchase_key": "", "certificate": "", "now": NOW + timedelta(minutes=5)} | more
    taken, now = what.pop("reward"), what.pop("now")
    return post_capture(
        held.row, "main#R-1", units, taken, after(held), rules, now, key="capture", fingerprint=b"g", **what
    )


def test_a_capture_takes_what_was_held() -> None:
    posting = capture(hold(dana(), 40))
    row = {name: value for name, value in posting.row.items() if name not in ("h", "t")}
    assert row == {
        "k": "capture", "c": "capture", "v": 1, "r": 1, "f": b"g", "a": "MDANA", "n": 5, "p": "redemption#main#R-1",
        "g": '[["MDANA",-40],["redeemed",40]]', "d": "[-40,60]", "b": '[40,20,""]',
        "rd": '["",40,200,"purchase#main#A-2","points"]', "x": '{"h":{"main#R-1":[]}}',
        "pt": f'["points",[[{TODAY.toordinal()},{SOON.toordinal()},30],[{(TODAY - DAY).toordinal()},{LATER.toordinal()},10]]]',
    }  # fmt: skip
    assert (after(posting).holds, after(posting).posted) == ({}, 60)


def test_a_part_is_taken_and_the_rest_goes_back_to_its_lots() -> None:
    posting = capture(hold(dana(), 40), 33)
    assert after(posting).lots == (Lot(TODAY - DAY, LATER, 47), Lot(TODAY + 2 * DAY, LATER, 20))
    assert (after(posting).posted, after(posting).holds) == (67, {})
    # 200 minor units for 40 points: 165 for 33.
    assert unpacked(posting.row["rd"]) == ["", 33, 165, "purchase#main#A-2", "points"]
    assert unpacked(posting.row["g"]) == [["MDANA", -33], ["redeemed", 33]]
    odd = capture(hold(dana(), 40, worth_minor=199), 13)
    assert unpacked(odd.row["rd"])[2] == 64


def test_the_rest_stays_held_where_the_programme_says_so() -> None:
    staying = book('[policies]\ncapture_rest = "stays_held"\n')
    held = hold(dana(), 40, staying)
    posting = capture(held, 33, staying)
    assert after(posting).holds == {
        "main#R-1": Hold("points", int(held.row["un"]), (Lot(TODAY - DAY, LATER, 7),))
    }  # fmt: skip
    assert after(posting).lots == after(held).lots
    assert after(posting).posted == 67
    whole = capture(held, 40, staying)
    assert after(whole).holds == {}


def test_what_a_purchase_was_paid_with_is_named_by_the_capture_or_else_by_the_hold() -> None:
    held = hold(dana(), 40)
    assert unpacked(capture(held, purchase_key="purchase#main#A-7").row["rd"])[3] == "purchase#main#A-7"
    assert unpacked(capture(held).row["rd"])[3] == "purchase#main#A-2"
    assert "cf" not in capture(held).row
    assert capture(held, certificate="G-1").row["cf"] == "G-1"


def test_no_more_is_captured_than_is_held_and_nothing_once_it_is_over() -> None:
    held = hold(dana(), 40)
    assert refusal(lambda: capture(held, 41)) == (CaptureExceedsHold, {"requested": 41, "held": 40})
    ended = {"how": "lapsed, captured or void"}
    assert refusal(lambda: capture(held, now=NOW + timedelta(minutes=15))) == (RedemptionEnded, ended)
    assert refusal(lambda: void(capture(held), held.row)) == (RedemptionEnded, ended)
    of_reward = hold(dana(), 40, reward="coffee")
    assert refusal(lambda: capture(of_reward, 39, reward=reward("coffee"))) == (
        Invalid,
        {"field": "units", "reason": "are a part of a reward, which is taken whole: 40"},
    )


def test_what_was_owed_is_captured_last() -> None:
    below = book('[policies]\nredeem_more_than_balance = "negative"\ncapture_rest = "stays_held"\n')
    held = hold(dana(), 130, below)
    part = capture(held, 90, below)
    left = after(part).holds["main#R-1"]
    assert (left.owed, left.units, after(part).posted) == (30, 40, 10)
    more = capture(held, 110, below)
    assert (after(more).holds["main#R-1"].owed, after(more).posted) == (20, -10)
    whole = capture(held, 130, below)
    assert (after(whole).holds, after(whole).posted, after(whole).lots) == ({}, -30, ())


def test_a_reward_that_is_taken_counts_for_its_limits() -> None:
    account = dana(used={"reward:coffee": {"2026-11": (1, 40), "2026-10": (2, 80)}})
    posting = capture(hold(account, 40, reward="coffee"), reward=reward("coffee"))
    assert after(posting).used["reward:coffee"]["2026-11"] == (2, 80)
    assert after(posting).used["reward:coffee"]["2026-11-22"] == (1, 40)
    assert told(posting.row).used == {"reward:coffee": after(posting).used["reward:coffee"]}
    none = capture(hold(dana(), 10, reward="credit"), reward=reward("credit"))
    assert after(none).used == {}


def test_points_become_what_another_wallet_holds_with_days_of_its_own() -> None:
    account = dana(purses={"purse": Purse(70, (Lot(TODAY, LATER, 70),))})
    posting = capture(hold(account, 10, reward="credit"), reward=reward("credit"))
    lot = Lot(TODAY + 3 * DAY, TODAY + 20 * DAY, 500)
    assert after(posting).purses == {"purse": Purse(570, (lot, Lot(TODAY, LATER, 70)))}
    assert unpacked(posting.row["g"]) == [
        ["MDANA", -10], ["redeemed", 10], ["MDANA/purse", 500], ["issued/purse", -500],
    ]  # fmt: skip
    assert unpacked(posting.row["gi"]) == ["purse", [lot.usable_on.toordinal(), 739_962, 500]]
    assert date.fromordinal(739_962) == lot.expires_on
    back = capture(hold(account, 10, reward="again"), reward=reward("again"))
    assert after(back).posted == 94
    assert unpacked(back.row["d"]) == [-6, 94]


# Giving back.


def void(held: Posting, row: Row | None = None) -> Posting:
    return post_void(row or held.row, "main#R-1", after(held), BOOK, NOW, key="void", fingerprint=b"v")


def test_a_void_gives_back_everything_to_the_lots_it_was_taken_from() -> None:
    held = hold(dana(), 40)
    posting = void(held)
    assert (after(posting).lots, after(posting).holds, after(posting).posted) == (LOTS, {}, 100)
    assert (posting.row["c"], posting.row["rd"], posting.row["g"]) == ("void", held.row["rd"], "[]")
    assert (posting.row["k"], posting.row["f"], posting.row["t"]) == ("void", b"v", 1_795_402_800_000)


def reverse(captured: Posting, units: int, back: int = 0, now: datetime = NOW, rules: Rulebook = BOOK) -> Posting:
    return post_reversal(captured.row, units, back, after(captured), rules, now, key="reversal#1", fingerprint=b"w")


def test_what_was_used_last_comes_back_first_with_the_days_it_had() -> None:
    captured = capture(hold(dana(), 40))
    first = reverse(captured, 12)
    assert after(first).lots == (
        Lot(TODAY, SOON, 2), Lot(TODAY - DAY, LATER, 50), Lot(TODAY + 2 * DAY, LATER, 20),
    )  # fmt: skip
    assert (after(first).posted, unpacked(first.row["g"])) == (72, [["MDANA", 12], ["redeemed", -12]])
    assert unpacked(first.row["rd"]) == ["", 12, 60, "purchase#main#A-2", "points"]
    assert (first.row["k"], first.row["c"], first.row["f"]) == ("reversal#1", "reversal", b"w")
    second = post_reversal(captured.row, 28, 12, after(first), BOOK, NOW, key="reversal#2", fingerprint=b"w")
    assert (after(second).lots, after(second).posted) == (LOTS, 100)
    assert unpacked(second.row["rd"])[2] == 140


def test_what_points_were_changed_into_is_taken_back_in_proportion() -> None:
    captured = capture(hold(dana(), 10, reward="credit"), reward=reward("credit"))
    first = reverse(captured, 3)
    assert (after(first).posted, after(first).purses["purse"].posted) == (93, 350)
    assert unpacked(first.row["g"]) == [
        ["MDANA", 3], ["redeemed", -3], ["MDANA/purse", -150], ["clawed_back/purse", 150],
    ]  # fmt: skip
    second = post_reversal(captured.row, 7, 3, after(first), BOOK, NOW, key="reversal#2", fingerprint=b"w")
    assert (after(second).posted, after(second).purses["purse"].posted) == (100, 0)


def test_a_reward_that_came_back_whole_counts_no_more_for_its_limits() -> None:
    account = dana(used={"reward:coffee": {"2026-11": (1, 44), "2026-10": (2, 80), "2026-11-22": (0, 0)}})
    captured = capture(hold(account, 40, reward="coffee"), reward=reward("coffee"))
    part = reverse(captured, 39)
    assert after(part).used == after(captured).used
    whole = post_reversal(captured.row, 1, 39, after(part), BOOK, NOW + 40 * DAY, key="r", fingerprint=b"w")
    # It counts no more for the day and the month of its capture, whenever it comes back.
    assert after(whole).used == {"reward:coffee": {"2026-11": (1, 44), "2026-10": (2, 80)}}
    again = post_reversal(captured.row, 40, 0, after(captured)._replace(used={}), BOOK, NOW, key="r", fingerprint=b"w")
    assert after(again).used == {}
    assert told(again.row).used == {}
    gone = programme(BASE, points(value_minor=5), PURSE)
    assert after(reverse(captured, 40, rules=gone)).used == after(captured).used


def test_who_had_paid_for_anothers_purchase_gets_back_what_it_was() -> None:
    lots = (Lot(TODAY, SOON, 4), Lot(TODAY, None, 3))
    posting = post_given_back(lots, "points", "purchase#main#A-9", dana(), BOOK, NOW, key="back")
    assert (after(posting).posted, after(posting).lots) == (
        107,
        (Lot(TODAY, SOON, 34), *LOTS[1:], Lot(TODAY, None, 3)),
    )
    assert unpacked(posting.row["rd"]) == ["", 7, 0, "purchase#main#A-9", "points"]
    assert (posting.row["c"], posting.row["k"], posting.row["f"]) == ("reversal", "back", b"")
    purse = post_given_back(lots, "purse", "purchase#main#A-9", dana(), BOOK, NOW, key="back")
    assert (after(purse).posted, after(purse).purses) == (100, {"purse": Purse(7, lots)})
    assert unpacked(purse.row["g"]) == [["MDANA/purse", 7], ["redeemed/purse", -7]]


@pytest.mark.parametrize("doing", ["hold", "capture", "void", "reversal", "given back"])
def test_what_lapsed_is_booked_before_whatever_is_done(doing: str) -> None:
    gone = Lot(TODAY - 9 * DAY, TODAY - DAY, 6)
    account = dana(posted=106, lots=(gone, *LOTS))
    held = hold(dana(), 40)
    captured = capture(held)
    late = after(held)._replace(posted=106, lots=(gone, *after(held).lots))
    over = after(captured)._replace(posted=66, lots=(gone, *after(captured).lots))
    posting = {
        "hold": lambda: hold(account, 5),
        "capture": lambda: post_capture(
            held.row, "main#R-1", None, None, late, BOOK, NOW, key="capture", fingerprint=b"g"
        ),
        "void": lambda: post_void(held.row, "main#R-1", late, BOOK, NOW, key="void", fingerprint=b"v"),
        "reversal": lambda: post_reversal(captured.row, 1, 0, over, BOOK, NOW, key="r", fingerprint=b"w"),
        "given back": lambda: post_given_back((), "points", "", account, BOOK, NOW, key="back"),
    }[doing]()
    (expiry,) = posting.more
    assert (expiry["c"], unpacked(expiry["d"])[0]) == ("expiry", -6)
    assert after(posting).lots[:1] != (gone,)
    assert int(posting.row["n"]) == int(expiry["n"]) + 1
