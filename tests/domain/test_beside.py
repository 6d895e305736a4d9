"""What stands beside the ledger, as postings make it: read off rows that are written here by hand."""

from __future__ import annotations

from shared.domain.account import Hold
from shared.domain.beside import (
    Came,
    Capture,
    came_back,
    captures,
    given_back,
    held_of,
    purchase_paid,
    taken_of,
    used_of_what_is_shared,
)
from shared.domain.ledger import Row, RowValue, packed
from shared.domain.returned import Returned
from shared.domain.rulebook import Rulebook
from tests.domain.shop import BASE, member, programme

SHARED = """
[[reward]]
id = "mug"
kind = "product"
sku = "MUG"
price = 40
stock = 5
[[reward]]
id = "pen"
kind = "product"
sku = "PEN"
price = 10
stock = 9
[[reward]]
id = "tea"
kind = "product"
sku = "TEA"
price = 5
[[offer]]
id = "few"
percent = 10
stock = 20
[[offer]]
id = "dear"
percent = 50
budget_minor = 10_000
[[offer]]
id = "both"
percent = 5
stock = 20
budget_minor = 10_000
[[offer]]
id = "plenty"
percent = 1
[[automation]]
id = "winter"
on = "birthday"
points = 50
holdout = 0
no_holdout_because = "a gift that everybody was promised"
budget = 1_000
[[automation]]
id = "summer"
on = "anniversary"
points = 50
holdout = 0
no_holdout_because = "a gift that everybody was promised"
"""


def book_of(version: int) -> Rulebook:
    """The first version knows nothing that runs out."""
    return programme(BASE, SHARED if version == 2 else "", version=version)


def row(key: str, kind: str, **told: object) -> Row:
    values: dict[str, RowValue] = {
        name: one if isinstance(one, int | str) else packed(one) for name, one in told.items()
    }
    return {"k": key, "c": kind, "v": 2, **values}


def capture(key: str, reward: str, units: int, purchase: str = "", version: int = 2) -> Row:
    lots = [[739_000, 0, units - 1], [739_001, 739_100, 1]]
    return row(key, "capture", v=version, rd=[reward, units, 0, purchase, "points"], pt=["points", lots])


def reversal(key: str, units: int) -> Row:
    return row(key, "reversal", rd=["", units, 0, "", "points"])


def test_what_came_back_of_a_purchase_adds_up_and_names_who_paid() -> None:
    rows = [
        row("return#main#B-1", "return", pk="P-1", s=[0, 300, 0], l=[[[0, 1]], []]),
        row("return#main#B-2", "return", pk="P-2", s=[50, 50, 1], l=[[], [[2, 3]]]),
        row("return#main#B-3", "return", pk="P-1", s=[0, 200, 1], l=[[[0, 2], [1, 1]], []]),
        row("return#main#B-4", "return", s=[0, 900, 0]),
        capture("redemption#main#R-1!capture", "", 8, "P-1"),
        capture("redemption#main#R-2!capture", "", 9, "P-1"),
        capture("redemption#main#R-3!capture", "", 9, "P-3"),
        capture("redemption#main#R-4!capture", "", 9),
        row("purchase#main#P-1", "purchase", pk="P-9", rd=["", 1, 0, "P-9", "points"]),
    ]
    assert came_back(rows) == {
        "P-1": Came(
            Returned({0: 3, 1: 1}, {}, 0, 500, True), ("redemption#main#R-1!capture", "redemption#main#R-2!capture")
        ),
        "P-2": Came(Returned({}, {2: 3}, 50, 50, True)),
        "P-3": Came(payments=("redemption#main#R-3!capture",)),
    }
    assert [purchase_paid(one) for one in rows[4:8]] == ["P-1", "P-1", "P-3", ""]


def test_a_payment_that_is_told_before_the_return_is_kept_beside_it() -> None:
    rows = [
        capture("redemption#main#R-1!capture", "", 8, "P-1"),
        row("return#main#B-1", "return", pk="P-1", s=[0, 300, 0], l=[[[0, 1]], []]),
    ]
    assert came_back(rows) == {"P-1": Came(Returned({0: 1}, {}, 0, 300, False), ("redemption#main#R-1!capture",))}


def test_a_capture_tells_its_wallet_and_all_its_units() -> None:
    rows = [row("hold", "hold"), capture("one", "mug", 40), capture("two", "", 7)]
    assert captures(rows) == [Capture("one", "points", 40), Capture("two", "points", 7)]


def test_what_was_given_back_is_told_by_wallet() -> None:
    rows = [
        row("1", "reversal", g=[["MDANA", 5], ["redeemed", -5]]),
        row("2", "return", g=[["MDANA/purse", 7], ["redeemed/purse", -7], ["MDANA", -3], ["clawed_back", 3]]),
        row("3", "return", g=[["MDANA", 2], ["redeemed", -2]]),
        row("4", "reversal", g=[["MDANA/purse", 1], ["redeemed/purse", -1]]),
        row("5", "capture", g=[["MDANA", -9], ["redeemed", 9]]),
    ]
    assert given_back(rows) == {"points": 7, "purse": 8}


def test_a_reward_that_came_back_whole_is_taken_no_more_and_a_part_of_it_still_is() -> None:
    taken = [
        capture("redemption#main#R-1!capture", "mug", 40),
        capture("redemption#main#R-2#capture", "mug", 40),
        capture("redemption#main#R-3#capture", "mug", 40),
        capture("redemption#main#R-4#capture", "pen", 10),
        capture("redemption#main#R-5#capture", "tea", 5),
        capture("redemption#main#R-6#capture", "", 5),
        capture("redemption#main#R-7#capture", "mug", 40, version=1),
        capture("test!redemption#main#R-2#capture", "mug", 40),
    ]
    assert taken_of(taken, book_of) == {("", "mug"): (3, 3), ("", "pen"): (1, 1), ("test!", "mug"): (1, 1)}
    back = [
        reversal("reversal#main#R-2#V-1", 40),
        reversal("reversal#main#R-3#V-1", 10),
        reversal("reversal#main#R-3#V-2", 20),
        reversal("reversal#main#R-4#V-1@MDANA", 10),
        row("adjust#J-1", "adjust", rd=["", 40, 0, "", "points"]),
    ]
    # Of R-3, 30 of 40 came back: it may be back on its shelf or not, as far as the count of its postings says.
    assert taken_of([*taken, *back], book_of) == {
        ("", "mug"): (1, 2), ("", "pen"): (1, 1), ("test!", "mug"): (0, 0),
    }  # fmt: skip


def test_a_reward_that_was_captured_in_parts_counts_once_for_each_at_most() -> None:
    parts = [capture("redemption#main#R-1#capture", "mug", 40), capture("redemption#main#R-1#capture#2", "mug", 40)]
    assert taken_of(parts, book_of) == {("", "mug"): (2, 2)}
    assert taken_of([*parts, reversal("reversal#main#R-1#V-1", 40)], book_of) == {("", "mug"): (1, 2)}


def test_what_is_shared_by_all_is_used_by_purchases_that_stand_and_by_what_was_given() -> None:
    rows = [
        row("purchase#main#P-1", "purchase", of=[["few", 100, 0], ["dear", 200, 0], ["plenty", 5, 0], ["gone", 5, 0]]),
        row("purchase#main#P-2", "purchase", of=[["few", 100, 0], ["dear", 300, 0], ["both", 40, 0]]),
        row("purchase#main#P-3", "purchase", of=[["few", 100, 0]]),
        row("purchase#main#P-4", "purchase", of=[["both", 7, 0]]),
        row("purchase#main#P-5", "purchase", s=[9]),
        row("test!purchase#main#P-1", "purchase", of=[["few", 100, 0], ["dear", 11, 0]]),
        row("return#main#B-1", "return", pk="purchase#main#P-3", s=[0, 300, 1], l=[[[0, 1]], []]),
        row("return#main#B-2", "return", pk="purchase#main#P-2", s=[0, 1, 0], l=[[], []]),
        row("due#winter", "due", au=["winter", "2026", "2026-01-01", "", 50]),
        row("due#summer", "due", au=["summer", "2026", "2026-01-01", "", 50]),
        row("due#winter#2", "due", au=["winter", "2027", "2027-01-01", "", 30]),
        row("test!due#winter", "due", au=["winter", "2027", "2027-01-01", "", 4]),
    ]
    assert used_of_what_is_shared(rows, book_of) == {
        ("", "offer:few"): 2, ("", "budget:dear"): 500, ("", "offer:both"): 2, ("", "budget:both"): 47,
        ("test!", "offer:few"): 1, ("test!", "budget:dear"): 11, ("", "auto:winter"): 80, ("test!", "auto:winter"): 4,
    }  # fmt: skip
    assert used_of_what_is_shared([*rows, row("merge#M-1", "merge")], book_of) == {}


def test_rewards_that_are_held_are_told_with_the_instant_until_which_they_are() -> None:
    rows = [
        row("redemption#main#R-1", "hold", rd=["mug", 40, 0, "", "points"]),
        row("redemption#main#R-2", "hold", rd=["mug", 40, 0, "", "points"]),
        row("redemption#main#R-3", "hold", rd=["tea", 5, 0, "", "points"]),
        row("redemption#main#R-4", "hold", rd=["", 5, 0, "", "points"]),
        row("redemption#main#R-5", "hold", rd=["mug", 40, 0, "", "points"]),
        row("redemption#main#R-1#x", "void", rd=["mug", 40, 0, "", "points"]),
        row("test!redemption#main#R-9", "hold", rd=["mug", 40, 0, "", "points"]),
    ]
    holds = {f"main#R-{number}": Hold("points", 1_000 + number, ()) for number in (1, 2, 3, 4, 9)}
    assert held_of(member(holds=holds), rows, book_of) == {
        ("", "mug"): {"redemption#main#R-1": 1_001, "redemption#main#R-2": 1_002},
        ("test!", "mug"): {"test!redemption#main#R-9": 1_009},
    }
