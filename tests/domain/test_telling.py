"""How a story begins, what of it is told in which sequence, and what of lapsed points comes back in it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from shared.domain.account import NOWHERE, Account, Hold, Purse, Standing
from shared.domain.changes import Change, PurseChange
from shared.domain.decide import NOTHING, Step
from shared.domain.ledger import Leg, Row, packed
from shared.domain.lots import Lot
from shared.domain.posting_return import Facts
from shared.domain.purchase_return import Return
from shared.domain.returned import Returned
from shared.domain.returning import Undone
from shared.domain.rulebook import Rulebook
from shared.domain.telling import (
    Entry,
    News,
    Telling,
    Told,
    booked_by,
    booked_in,
    entries_in,
    entries_of_news,
    fitting,
    lapse_of,
    name_of,
    purse_of,
)
from tests.domain.shop import BASE, after, joined, member, posted, programme, purchase, tier

AT = datetime(2026, 11, 22, 17, tzinfo=UTC)
AT_MS = 1_795_366_800_000
TODAY = date(2026, 11, 22)
DAY = timedelta(days=1)
BOOK = programme(BASE, "[points]\nexpiry = { days = 30 }\n", "[[wallet]]\nid = 'purse'\n")


def book_of(version: int) -> Rulebook:
    assert version == 1
    return BOOK


def told_return(**more: Any) -> Return:
    body = {"store": "main", "return_id": "B-1", "purchase_id": "A-1", "occurred_at": (AT + DAY).isoformat()}
    return Return.model_validate(body | more)


def test_a_story_begins_with_the_person_and_the_tier_that_staff_gave() -> None:
    gold = Standing("gold", TODAY, TODAY + DAY, TODAY, "gold")
    account = member(
        language="he", birthday=("gregorian", 3, 9), attributes={"city": "Haifa"}, posted=50, lots=(Lot(TODAY, None, 50),),
        standings={"": gold, "vip": Standing("a", TODAY, TODAY)}, status="x", sequence=9, used={"base": {"": (1, 1)}},
    )  # fmt: skip
    begun = Account(
        "MDANA", account.joined_on, language="he", birthday=("gregorian", 3, 9), attributes={"city": "Haifa"},
        standings={"": Standing("", account.joined_on, account.joined_on, None, "gold")},
    )  # fmt: skip
    telling = Telling(account, [])
    assert (telling.account, telling.begun) == (begun, begun)
    assert (telling.told, telling.gone, telling.completed, telling.lost, telling.ended, telling.lapses) == (
        {}, {}, {}, {}, {}, {},
    )  # fmt: skip


def test_a_tier_that_staff_gave_multiplies_in_the_story_too() -> None:
    book = programme(BASE, "[tiers]\nwindow_days = 90\n", tier("silver", 5_000, 2))
    account = member(standings={"": Standing("silver", TODAY, TODAY, None, "silver")})
    telling = Telling(account, [])
    telling.tell(entries_of_news([News(purchase(1_000), "purchase#main#A-1", b"", book)], account)[0])
    assert telling.account.posted == 20


def test_who_is_not_active_is_given_nothing_in_the_story_either() -> None:
    telling = Telling(member(), [])
    news = News(purchase(1_000), "purchase#main#A-1", b"", BOOK)
    (entry,) = entries_of_news([news], member(status="suspended"))
    telling.tell(entry)
    assert (telling.account.status, telling.account.posted, telling.account.purchases) == ("suspended", 0, 1)
    row = dict(posted(purchase(1_000), member(status="suspended"), BOOK).row)
    again = Telling(member(), [row])
    again.tell(entries_in([row], book_of)[0])
    assert (again.account.status, again.account.posted, again.account.purchases) == ("suspended", 0, 1)


def test_rows_stand_at_the_time_of_what_they_tell_and_others_where_they_were_recorded() -> None:
    first = joined(BOOK)
    bought = posted(purchase(2_000), after(first), BOOK, now=AT + 3 * DAY)
    rows: list[Row] = [first.row, bought.row]
    plain: Row = {"v": 1, "t": AT_MS + 5, "n": 3, "k": "adjust#J-1", "c": "adjust"}
    rows += [plain, *({**plain, "c": kind} for kind in ("difference", "expiry", "hold", "void", "join"))]
    back: Row = {**plain, "c": "return", "k": "return#main#B-1", "o": AT_MS + 7, "n": 4, "q": "x"}
    event: Row = {**plain, "c": "event", "k": "event#main#review#1", "o": AT_MS + 8, "n": 5}
    assert entries_in([*rows, back, event], book_of) == [
        Entry((AT_MS, False, 17, "purchase#main#A-1"), 2, bought.row, BOOK, ""),
        Entry((AT_MS + 5, True, 0, ""), 3, plain, BOOK, ""),
        Entry((AT_MS + 7, True, 15, "return#main#B-1"), 4, back, BOOK, "x"),
        Entry((AT_MS + 8, False, 19, "event#main#review#1"), 5, event, BOOK, ""),
    ]


def test_news_stands_at_its_own_time_before_what_is_known_of_the_same_moment() -> None:
    news = [
        News(purchase(500), "purchase#main#A-9", b"f", BOOK),
        News(Facts(told_return(), "purchase#main#A-1", Returned()), "return#main#B-1", b"f", BOOK),
    ]
    assert [one.at for one in news] == [AT, AT + DAY]
    assert entries_of_news(news, member(status="x")) == [
        Entry((AT_MS, False, 17, "purchase#main#A-9"), 0, news[0], BOOK, "x"),
        Entry((AT_MS + 86_400_000, True, 15, "return#main#B-1"), 0, news[1], BOOK, "x"),
    ]
    here = (AT_MS, True, 0, "")
    known, new = Entry(here, 7, news[0], BOOK, ""), Entry(here, 0, news[0], BOOK, "")
    assert sorted([known, new]) == [new, known]
    assert sorted([new, known]) == [new, known]
    assert not known < known._replace(book=None)
    earlier = Entry((AT_MS - 1, True, 0, ""), 99, news[0], BOOK, "")
    assert sorted([known, earlier]) == [earlier, known]


@pytest.mark.parametrize(
    ("posts", "differs"),
    [
        ({"points": 5, "purse": 2}, False), ({"points": 5, "purse": 2, "other": 0}, False), ({"points": 5}, True),
        ({"points": 5, "purse": 3}, True), ({"points": 4, "purse": 2}, True), ({"points": 5, "purse": 2, "other": 1}, True),
    ],
)  # fmt: skip
def test_a_thing_posts_otherwise_where_any_wallet_does(posts: dict[str, int], differs: bool) -> None:
    change = Change(TODAY, 5, purses={"purse": PurseChange(2), "card": PurseChange(0)})
    of_purchase = Told("k", TODAY, BOOK, Step(NOTHING, {}, change, member()), None)
    of_return = Told("k", TODAY, BOOK, None, Undone(change, (), {}, {}, {}, {}))
    assert of_purchase.change == of_return.change == change
    assert of_purchase.posts_otherwise(posts) is differs
    assert of_return.posts_otherwise(posts) is differs
    nothing = Told("k", TODAY, BOOK, None, Undone(Change(TODAY), (), {}, {}, {}, {}))
    assert not nothing.posts_otherwise({})


def lot(units: int, last: int | None, first: int = 0) -> Lot:
    return Lot(TODAY + first * DAY, None if last is None else TODAY + last * DAY, units)


@pytest.mark.parametrize(
    ("moves", "found"),
    [
        # The lot with these days; where it has too little, one that ends alike, and then any.
        ([lot(-5, 9)], [lot(-5, 9)]),
        ([lot(-25, 9)], [lot(-20, 9), lot(-5, 9, 3)]),
        ([lot(-35, 9)], [lot(-20, 9), lot(-10, 9, 3), lot(-5, 5)]),
        ([lot(-5, 9, 3)], [lot(-5, 9)]),
        # What begins later than the lot that is meant comes after what does not.
        ([lot(-35, 7)], [lot(-8, 5), lot(-20, 9), lot(-7, 9, 3)]),
        # One after the other: what the first takes the second does not find.
        ([lot(-20, 9), lot(-15, 9)], [lot(-20, 9), lot(-10, 9, 3), lot(-5, 5)]),
        # What is put in is put in, behind what is taken; what is not there is not taken.
        ([lot(3, 1), lot(-5, 9), lot(4, 2)], [lot(-5, 9), lot(3, 1), lot(4, 2)]),
        ([lot(-100, 5)], [lot(-8, 5), lot(-20, 9), lot(-10, 9, 3)]),
        ([], []),
    ],
)  # fmt: skip
def test_moves_take_from_the_lots_they_meant_or_else_from_any(moves: list[Lot], found: list[Lot]) -> None:
    there = (lot(8, 5), lot(20, 9), lot(10, 9, 3))
    assert fitting(there, moves) == tuple(found)


def lapsing(**more: Any) -> Telling:
    """A story in which 30 points and 4 of the purse have lapsed."""
    telling = Telling(member(), [{"k": "expiry#MDANA#7", "c": "expiry"}])
    telling.account = member(
        posted=50,
        lots=(lot(10, -2, -9), lot(20, -1, -9), lot(20, 5)),
        purses={"purse": Purse(9, (lot(4, -1), lot(5, 5)))},
    )
    telling.lapse(TODAY)
    return telling


def test_what_is_past_its_last_day_is_in_no_balance_any_more() -> None:
    telling = lapsing()
    assert (telling.account.posted, telling.account.lots) == (20, (lot(20, 5),))
    assert telling.account.purses == {"purse": Purse(5, (lot(5, 5),))}
    assert telling.gone == {"points": (lot(10, -2, -9), lot(20, -1, -9)), "purse": (lot(4, -1),)}
    telling.lapse(TODAY + 6 * DAY)
    assert telling.gone["points"] == (lot(10, -2, -9), lot(20, -1, -9), lot(20, 5))
    assert (telling.account.posted, telling.account.lots, telling.account.purses) == (0, (), {"purse": Purse()})


def test_what_is_held_did_not_lapse() -> None:
    telling = lapsing()
    telling.keep("points", (lot(12, -1), lot(3, 9)))
    assert telling.gone["points"] == (lot(10, -2, -9), lot(8, -1, -9))
    assert (telling.account.posted, telling.account.lots) == (32, (lot(12, -1, -9), lot(20, 5)))
    telling.keep("purse", (lot(9, -1),))
    assert (telling.gone["purse"], telling.account.purses["purse"]) == ((), Purse(9, (lot(4, -1), lot(5, 5))))
    telling.keep("other", (lot(9, -1),))
    assert "other" not in telling.account.purses


def test_what_a_posting_booked_as_lapsed_is_found_as_far_as_it_did_not_come_back() -> None:
    def booked(*lots: Lot, wallet: str = "points") -> Row:
        told = [
            [one.usable_on.toordinal(), one.expires_on.toordinal() if one.expires_on else 0, one.points] for one in lots
        ]
        return {"x": packed({"l": {wallet: told}})}

    telling = lapsing()
    assert telling.lapsed_by(booked(lot(-10, -2, -9), lot(-20, -1, -9)), "points") == [lot(10, -2, -9), lot(20, -1, -9)]
    assert telling.lapsed_by(booked(lot(-15, -1, -4)), "points") == [lot(15, -1, -9)]
    assert telling.lapsed_by(booked(lot(-15, -1), lot(-15, -1)), "points") == [lot(15, -1, -9), lot(5, -1, -9)]
    assert telling.lapsed_by(booked(lot(-15, -3)), "points") == []
    assert telling.lapsed_by(booked(lot(-15, -1)), "purse") == []
    assert telling.lapsed_by(booked(lot(-15, -1), wallet="purse"), "purse") == [lot(4, -1)]
    assert telling.lapsed_by(booked(lot(-1, -1), wallet="other"), "other") == []
    assert telling.lapsed_by({"x": packed({})}, "points") == []
    # Of those that end alike, the one that began alike is the one that is meant.
    telling.gone["points"] = (lot(6, -1, -9), lot(7, -1, -4))
    assert telling.lapsed_by(booked(lot(-8, -1, -4)), "points") == [lot(7, -1, -4), lot(1, -1, -9)]


@pytest.mark.parametrize(
    ("kind", "key", "books"),
    [
        ("expiry", "expiry#MDANA#9", True), ("difference", "difference#x", True), ("end", "end#MDANA#3", True),
        ("reinstate", "reinstate#expiry#MDANA#7", True), ("reinstate", "reinstate#expiry#MDANA#8", False),
        ("adjust", "reinstate#expiry#MDANA#7", False),
    ],
)  # fmt: skip
def test_lapses_are_booked_by_what_lapsed_here_and_what_came_back_of_it(kind: str, key: str, books: bool) -> None:
    assert lapsing().books_lapses({"c": kind, "k": key}) is books


def test_what_was_booked_on_an_account_of_the_clubs_is_summed_by_wallet() -> None:
    legs = [
        Leg("M", 1),
        Leg("lost", -3),
        Leg("lost", -2),
        Leg("lost/purse", -5),
        Leg("lostandfound", 9),
        Leg("lost/purse", 1),
    ]
    assert booked_in(legs, "lost") == {"points": -5, "purse": -4}
    assert booked_in(legs, "sold") == {}
    rows: list[Row] = [{"g": packed(legs)}, {"g": packed([["lost", -1]])}, {}]
    assert booked_by(rows, "lost") == {"points": -6, "purse": -4}


def test_wallets_are_found_and_named() -> None:
    account = member(posted=3, lots=(lot(3, 1),), purses={"purse": Purse(2, (lot(2, 1),), 7)})
    assert purse_of(account, "points") == Purse(3, (lot(3, 1),))
    assert purse_of(account, "purse") == Purse(2, (lot(2, 1),), 7)
    assert purse_of(account, "other") == Purse()
    assert (name_of("MDANA", "points"), name_of("MDANA", "purse")) == ("MDANA", "MDANA/purse")
    assert lapse_of("reinstate#expiry#MDANA#7") == "expiry#MDANA#7"


def adjusted(units: int, *moves: list[int], wallet: str = "points", number: int = 2, **more: Any) -> Row:
    behind = "" if wallet == "points" else f"/{wallet}"
    legs = [[f"MDANA{behind}", units], [f"adjusted{behind}", -units]]
    return {
        "k": f"adjust#J-{number}", "c": "adjust", "a": "MDANA", "n": number, "v": 1, "t": AT_MS + number, "g": packed(legs),
        "x": packed({"l": {wallet: list(moves)}} | more),
    }  # fmt: skip


def test_what_staff_did_stays_and_a_debt_takes_what_is_there() -> None:
    day = TODAY.toordinal()
    given = adjusted(30, [day, day + 9, 30])
    # 50 were taken where the story has 30 of them, and then 5 were given.
    taken, more = adjusted(-50, [day, day + 9, -50], number=3), adjusted(5, [day, day + 9, 5], number=4)
    telling = Telling(member(), [])
    for entry in entries_in([given, taken], book_of):
        telling.tell(entry)
    assert (telling.account.posted, telling.account.lots, telling.account.newest) == (-20, (), NOWHERE)
    telling.tell(entries_in([more], book_of)[0])
    assert (telling.account.posted, telling.account.lots) == (-15, ())
    purse = [adjusted(8, [day, 0, 8], wallet="purse"), adjusted(-9, [day, 0, -9], wallet="purse", number=3)]
    for entry in entries_in(purse, book_of):
        telling.tell(entry)
    assert telling.account.purses == {"purse": Purse(-1, ())}


def test_what_was_taken_without_a_lot_takes_one_that_is_there_now() -> None:
    day = TODAY.toordinal()
    rows = [adjusted(30, [day, day + 9, 30]), adjusted(-20, number=3)]
    rows += [adjusted(9, [day, day + 9, 9], wallet="purse", number=4), adjusted(-4, wallet="purse", number=5)]
    telling = Telling(member(), [])
    for entry in entries_in(rows, book_of):
        telling.tell(entry)
    assert (telling.account.posted, telling.account.lots) == (10, (lot(10, 9),))
    assert telling.account.purses == {"purse": Purse(5, (lot(5, 9),))}


def test_holds_are_no_part_of_the_story() -> None:
    day = TODAY.toordinal()
    telling = Telling(member(holds={"main#R-1": Hold("points", 1, (lot(1, 9),))}), [])
    row = adjusted(30, [day, day + 9, 30], h={"main#R-1": ["points", 9, [[day, 0, 1]]]})
    telling.tell(entries_in([row], book_of)[0])
    assert telling.account.holds == {}
