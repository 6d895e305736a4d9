"""A return as a posting: what the purchase's row says that it gave, and what the return's row says of itself."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

from shared.domain.account import Account, Purse, Waiting
from shared.domain.ledger import Posting, Row, packed, unpacked
from shared.domain.lots import Lot
from shared.domain.posting_return import (
    Facts,
    back_in,
    given_of,
    part_in,
    post_guest_return,
    post_return,
    return_row,
    undoing_posting,
)
from shared.domain.purchase_return import Return
from shared.domain.reasons import Fired
from shared.domain.returned import Returned
from shared.domain.returning import Given, PaidBack, Payment, undone
from shared.domain.rulebook import Rulebook
from tests.domain.shop import BASE, after, line, member, posted, programme, purchase, rule, tier

AT = datetime(2026, 11, 23, 17, tzinfo=UTC)
AT_MS = 1_795_453_200_000
TODAY = date(2026, 11, 22)
DAY = timedelta(days=1)
BOOK = programme(BASE, "[points]\nexpiry = { days = 30 }\npending_days = 3\n", "[[wallet]]\nid = 'purse'\n")
OWN = Lot(TODAY + 3 * DAY, TODAY + 30 * DAY, 40)
BOUGHT = purchase(line(4_000, quantity=4))


def told(**more: Any) -> Return:
    body = {"store": "main", "return_id": "B-1", "purchase_id": "A-1", "occurred_at": AT.isoformat()}
    return Return.model_validate(body | more)


def without_purchase() -> Facts:
    body = {"store": "main", "return_id": "B-1", "member_id": "M0000000000000001", "occurred_at": AT.isoformat()}
    return Facts(Return.model_validate(body | {"amount_minor": 900}), None, Returned(), 900)


QUARTER = Returned({0: 1}, {}, 0, 1_000)


def facts(part: Returned = QUARTER, *back: PaidBack) -> Facts:
    return Facts(told(), "purchase#main#A-1", part, 0, back)


# What the purchase gave.


def given(book: Rulebook, bought: Any = BOUGHT, account: Account | None = None) -> Given:
    return given_of(posted(bought, account or member(), book).row, book)


def test_a_purchase_gave_its_points_as_one_lot_with_their_reasons() -> None:
    one = given(BOOK)
    assert one == Given(
        one.purchase, TODAY, BOOK,
        (Fired("base", 4_000, Fraction(40)),), {"points": 40}, {"points": OWN},
    )  # fmt: skip
    assert (one.purchase.total_minor, one.purchase.store, one.purchase.lines) == (4_000, "main", BOUGHT.lines)
    forever = given(programme(BASE))
    assert forever.lots == {"points": Lot(TODAY, None, 40)}
    nothing = given(BOOK, purchase(50))
    assert (nothing.units, nothing.lots) == ({"points": 0}, {})


def test_a_guests_purchase_gave_nothing() -> None:
    row = {
        name: value for name, value in posted(BOUGHT, member(), BOOK).row.items() if name not in ("a", "n", "g", "d")
    }
    one = given_of(row, BOOK)
    assert one == Given(one.purchase, TODAY, BOOK)
    assert one.purchase.lines == BOUGHT.lines


WALLETS = programme(
    BASE, rule("stamp", wallet="stamps", points=1, per="unit"), rule("cash", wallet="cash", points=2, per="purchase"),
    "[[wallet]]\nid = 'stamps'\ngoal = 3\n", "[[wallet]]\nid = 'cash'\nexpiry = { days = 5 }\n",
)  # fmt: skip


def test_each_wallet_got_a_lot_of_its_own() -> None:
    account = member(purses={"cash": Purse(9, (Lot(TODAY, TODAY + 5 * DAY, 9),))})
    one = given(WALLETS, account=account)
    assert one.units == {"points": 40, "stamps": 4, "cash": 2}
    assert one.lots == {
        "points": Lot(TODAY, None, 40), "stamps": Lot(TODAY, None, 1), "cash": Lot(TODAY, TODAY + 5 * DAY, 2),
    }  # fmt: skip
    assert (one.dropped, one.limited, one.sold) == ({"stamps": 0}, {}, {})
    # A card that was filled to the last has no lot left in its row: the lot is what it would have been.
    full = given(WALLETS, purchase(line(4_000, quantity=3)))
    assert full.lots["stamps"] == Lot(TODAY, None, 3)


def test_a_row_of_an_older_release_says_what_was_given_and_not_where_it_went() -> None:
    row = dict(posted(BOUGHT, member(), WALLETS).row)
    row["w"] = packed({name: some[:3] for name, some in unpacked(row["w"]).items()})
    one = given_of(row, WALLETS)
    assert one.units == {"points": 40, "stamps": 4, "cash": 2}
    assert one.lots == {"points": Lot(TODAY, None, 40), "stamps": Lot(TODAY, None, 4)}
    assert one.dropped == {}
    row["w"] = packed({"stamps": [0, 1, 0]})
    assert given_of(row, WALLETS).lots == {"points": Lot(TODAY, None, 40)}


def test_what_is_above_the_most_of_one_purchase_was_dropped() -> None:
    capped = programme(
        BASE, rule("stamp", wallet="stamps", points=1, per="unit"),
        "[[wallet]]\nid = 'stamps'\ngoal = 3\nrewards_per_purchase = 1\n",
        '[policies]\nexcess_above_reward_cap = "dropped"\n',
    )  # fmt: skip
    assert given(capped).dropped == {"stamps": 1}
    row = posted(BOUGHT, member(), capped).row
    assert unpacked(row["w"])["stamps"][4] == 1


def test_what_rules_with_limits_gave_and_what_was_topped_up_stands_apart() -> None:
    limited = programme(rule(points=1, per_minor=100, limits='[{ per = "month", points = 30 }]'))
    assert given(limited).limited == {"base": 30}
    topped = programme(BASE, '[[wallet]]\nid = "purse"\ndecimals = 2\nvalue_minor = 100\ntop_up = true\n')
    one = given(topped, purchase(line(2_000), line(4_000, kind="top_up")))
    assert (one.sold, one.units) == ({"purse": 4_000}, {"points": 20, "purse": 0})


# What the return's row says.


def test_what_goes_back_to_one_account_is_told_by_wallet() -> None:
    lots = (Lot(TODAY, None, 3),)
    back = (
        PaidBack(Payment("1", "MDANA", "points", lots), lots),
        PaidBack(Payment("2", "MAVI", "points", lots), lots),
        PaidBack(Payment("3", "MDANA", "points", lots), lots),
        PaidBack(Payment("4", "MDANA", "purse", lots), lots),
    )
    assert facts(QUARTER, *back).back_to("MDANA") == {"points": lots * 2, "purse": lots}
    assert facts(QUARTER, *back).back_to("MAVI") == {"points": lots}
    assert facts(QUARTER, *back).back_to("MNONE") == {}


def test_a_row_tells_of_which_purchase_and_which_part_of_it() -> None:
    part = Returned({0: 1, 2: 3}, {1: 2}, 40, 1_040, True)
    row = return_row(facts(part), BOOK, AT + DAY, "return#main#B-1", b"f")
    assert row == {
        "k": "return#main#B-1", "c": "return", "t": AT_MS + 86_400_000, "v": 1, "r": 1, "f": b"f", "o": AT_MS,
        "pk": "purchase#main#A-1", "s": "[40,1040,1]", "l": "[[[0,1],[2,3]],[[1,2]]]",
    }  # fmt: skip
    assert part_in(row) == part
    assert part_in(return_row(facts(), BOOK, AT, "k", b"")) == QUARTER
    assert unpacked(return_row(facts(), BOOK, AT, "k", b"")["s"]) == [0, 1_000, 0]


def test_a_row_without_purchase_tells_the_amount_alone() -> None:
    row = return_row(without_purchase(), BOOK, AT, "k", b"")
    assert (row["s"], "pk" in row, "l" in row, row["o"]) == ("[0,900,0]", False, False, AT_MS)


def test_what_goes_back_to_certificates_is_summed() -> None:
    lots = (Lot(TODAY, None, 300), Lot(TODAY, None, 50))
    back = [PaidBack(Payment("1", account, wallet, lots), lots[:count]) for account, wallet, count in (
        ("G-1", "certificate", 2), ("MDANA", "points", 1), ("G-2", "certificate", 1))]  # fmt: skip
    assert return_row(facts(QUARTER, *back), BOOK, AT, "k", b"")["gb"] == 650
    assert "gb" not in return_row(facts(QUARTER, back[1]), BOOK, AT, "k", b"")


def test_what_paid_and_went_back_is_read_off_the_row() -> None:
    lots = {"points": [[TODAY.toordinal(), 0, 3]], "purse": [[TODAY.toordinal(), OWN.expires_on.toordinal(), 4]]}  # type: ignore[union-attr]
    assert back_in({"pb": packed(lots)}) == {
        "points": (Lot(TODAY, None, 3),), "purse": (Lot(TODAY, TODAY + 30 * DAY, 4),),
    }  # fmt: skip
    assert back_in({}) == {}


def test_a_guests_return_is_a_row_of_no_account() -> None:
    posting = post_guest_return(facts(), BOOK, AT, key="return#main#B-1", fingerprint=b"f")
    assert posting == Posting(
        "return#main#B-1", return_row(facts(), BOOK, AT, "return#main#B-1", b"f"), None, None
    )  # fmt: skip


# The posting.


def dana(**more: Any) -> Account:
    """What Dana has after the purchase."""
    bought = posted(BOUGHT, member(**more), BOOK)
    return after(bought)


def given_to_dana() -> Given:
    return given(BOOK)


def test_a_return_is_posted_with_what_it_took_and_what_is_left() -> None:
    posting = post_return(
        facts(), given_to_dana(), Returned(), dana(), BOOK, AT, key="return#main#B-1", fingerprint=b"f"
    )
    row = {name: value for name, value in posting.row.items() if name not in ("h", "p")}
    assert row == return_row(facts(), BOOK, AT, "return#main#B-1", b"f") | {
        "a": "MDANA", "n": 2, "g": '[["MDANA",-10],["clawed_back",10]]', "d": "[-10,30]", "b": '[0,30,""]',
        "rt": '[{"points":10},{"points":10},{},{}]',
        "x": packed({
            "f": [[TODAY.toordinal(), 0, -1_000, -10, 0]],
            "l": {"points": [[OWN.usable_on.toordinal(), (TODAY + 30 * DAY).toordinal(), -10]]},
        }),
    }  # fmt: skip
    account = after(posting)
    assert (account.posted, account.lots, account.spend_minor) == (30, (OWN._replace(points=30),), 3_000)
    assert account.newest == (AT_MS, True, len("return#main#B-1"), "return#main#B-1")


def test_what_had_paid_and_what_stays_stand_in_the_row_too() -> None:
    lots = (Lot(TODAY, TODAY + 9 * DAY, 7),)
    back = PaidBack(Payment("1", "MDANA", "points", lots), lots)
    posting = post_return(
        facts(QUARTER, back), given_to_dana(), Returned(), dana(), BOOK, AT, key="return#main#B-1", fingerprint=b"f"
    )
    assert unpacked(posting.row["rt"]) == [{"points": 10}, {"points": 10}, {}, {"points": 7}]
    assert unpacked(posting.row["pb"]) == {"points": [[TODAY.toordinal(), (TODAY + 9 * DAY).toordinal(), 7]]}
    assert unpacked(posting.row["d"]) == [-3, 37]
    kept = programme(
        BASE, rule("stamp", wallet="stamps", points=1, per="unit"), "[[wallet]]\nid = 'stamps'\n",
        '[policies]\nstamps_on_return = "kept"\nclawback_when_spent = "clamp"\n',
    )  # fmt: skip
    bought = posted(BOUGHT, member(), kept)
    spent = after(bought)._replace(posted=4, lots=(Lot(TODAY, None, 4),))
    two = post_return(
        facts(), given_of(bought.row, kept), Returned(), spent, kept, AT, key="return#main#B-1", fingerprint=b"f"
    )
    assert unpacked(two.row["rt"]) == [{"points": 10, "stamps": 1}, {"points": 4}, {"points": 6}, {}, {"stamps": 1}]
    assert ("pb" in two.row, "sh" in two.row) == (False, False)


def test_what_a_shelf_gets_back_stands_in_the_row() -> None:
    card = programme(
        BASE, rule("stamp", wallet="stamps", points=1, per="unit"),
        "[[wallet]]\nid = 'stamps'\ngoal = 4\nreward_pending_days = 9\nreward_stock = 5\n",
    )  # fmt: skip
    bought = posted(BOUGHT, member(), card)
    waits = Waiting(TODAY + 9 * DAY, 1, 4, 4, 0, 1)
    account = after(bought)._replace(purses={"stamps": Purse(0, (), 1, (waits,))})
    posting = post_return(
        facts(Returned({0: 4}, {}, 0, 4_000, True)), given_of(bought.row, card), Returned(), account, card, AT,
        key="return#main#B-1", fingerprint=b"f",
    )  # fmt: skip
    assert unpacked(posting.row["sh"]) == {"stamps": [0, 1, []]}


def test_a_return_without_purchase_is_decided_by_its_day() -> None:
    posting = post_return(
        without_purchase(), None, Returned(), dana(), BOOK, AT, key="return#main#B-1", fingerprint=b"f"
    )
    assert (unpacked(posting.row["d"]), unpacked(posting.row["s"])) == ([-9, 31], [0, 900, 0])
    assert unpacked(posting.row["x"])["f"] == [[TODAY.toordinal() + 1, 0, -900, -9, 0]]


def test_what_lapsed_is_booked_before_the_return() -> None:
    late = AT + 60 * DAY
    posting = post_return(
        facts(), given_to_dana(), Returned(), dana(), BOOK, late, key="return#main#B-1", fingerprint=b"f"
    )
    (expiry,) = posting.more
    assert (expiry["c"], unpacked(expiry["d"]), posting.row["n"]) == ("expiry", [-40, 0], 3)


def test_points_are_told_as_of_the_later_of_the_two_days() -> None:
    early = AT - 5 * DAY
    one = undone(given_to_dana(), Returned(), QUARTER, {}, dana(), TODAY, on=TODAY, merging=TODAY)
    row = return_row(
        Facts(told(occurred_at="2026-11-27T17:00:00+00:00"), "purchase#main#A-1", QUARTER), BOOK, early, "k", b""
    )
    assert unpacked(undoing_posting(dict(row), one, dana(), BOOK, early).row["b"]) == [30, 0, ""]
    row = return_row(facts(), BOOK, AT + 5 * DAY, "k", b"")
    assert unpacked(undoing_posting(dict(row), one, dana(), BOOK, AT + 5 * DAY).row["b"]) == [30, 0, ""]
    row = return_row(facts(), BOOK, AT, "k", b"")
    assert unpacked(undoing_posting(dict(row), one, dana(), BOOK, AT).row["b"]) == [0, 30, ""]


def test_a_member_is_told_in_a_language_that_is_not_the_clubs_first() -> None:
    def language_of(account: Account) -> Row:
        return post_return(facts(), given_to_dana(), Returned(), account, BOOK, AT, key="k", fingerprint=b"f").row

    assert language_of(dana(language="he"))["la"] == "he"
    assert "la" not in language_of(dana(language="en"))
    assert "la" not in language_of(dana(language=""))


def test_a_tier_that_the_return_leaves_is_told() -> None:
    book = programme(BASE, "[tiers]\nwindow_days = 90\n", tier("silver", 3_000), tier("gold", 4_000))
    bought = posted(BOUGHT, member(), book)
    posting = post_return(
        facts(), given_of(bought.row, book), Returned(), after(bought), book, AT, key="k", fingerprint=b"f"
    )
    assert unpacked(posting.row["b"]) == [30, 0, "silver"]
