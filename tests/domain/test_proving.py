"""Where an account and its postings part, in the words an operator reads."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from shared.domain.account import NOWHERE, Account, Hold, Purse
from shared.domain.errors import ProgrammeUnknown
from shared.domain.ledger import Row, chained, packed
from shared.domain.lots import Lot
from shared.domain.proving import Broken, agreed, chain, made_of, recorded_by
from shared.domain.rulebook import Rulebook
from shared.domain.staffing import Adjusting, post_adjustment
from tests.domain.shop import BASE, JOINED, after, joined, posted, programme, purchase

BOOK = programme(BASE, "[points]\nexpiry = { days = 30 }\n", "[[wallet]]\nid = 'purse'\n")
NOW = datetime(2026, 11, 22, 17, tzinfo=UTC)


def book_of(version: int) -> Rulebook:
    if version > 1:
        raise ProgrammeUnknown(version=version)
    return BOOK


def story() -> tuple[Account, list[Row]]:
    """Dana joins, buys for 20 and for 30 dollars, and is given 5 of the purse."""
    first = joined(BOOK)
    second = posted(purchase(2_000), after(first), BOOK)
    third = posted(purchase(3_000, purchase_id="A-2"), after(second), BOOK)
    given = Adjusting("purse", 5, "goodwill", "noa")
    fourth = post_adjustment(given, after(third), BOOK, NOW, key="adjust#J-1", fingerprint=b"f")
    return after(fourth), [first.row, second.row, third.row, fourth.row]


def broken(what: Callable[[], Any]) -> tuple[str, str, str]:
    with pytest.raises(Broken) as told:
        what()
    assert str(told.value) == f"{told.value.where} {told.value.what}"
    return told.value.where, told.value.what, told.value.mend


def linked(rows: list[Row]) -> list[Row]:
    """Rows whose chain is right again, whoever changed what they say."""
    told: list[Row] = []
    for row in rows:
        plain: dict[str, Any] = {key: value for key, value in row.items() if key not in ("h", "p")}
        plain |= {"p": told[-1]["k"]} if told else {}
        before = told[-1]["h"] if told else b""
        assert isinstance(before, bytes)
        told.append({**plain, "h": chained(plain, before)})
    return told


def test_rows_are_put_into_their_order_each_proven_by_the_one_before() -> None:
    account, rows = story()
    assert chain(rows[::-1], 4) == rows
    assert chain([], 0) == []
    made = made_of(rows, book_of)
    assert made == account
    agreed(account, made, rows)


def test_a_posting_that_was_written_while_the_others_were_read_is_none_of_the_story_yet() -> None:
    _, rows = story()
    # The account as it was read knows of two; a third is not there yet, and a fourth without it is no one's.
    assert chain(rows[:2], 2) == rows[:2]
    assert broken(lambda: chain([*rows[:2], rows[3]], 2)) == (
        "adjust#J-1",
        "is none of the account's postings, though it names it: it says that it is posting 4",
        "ledger",
    )
    assert chain(rows[:3], 2) == rows[:3]


def test_a_posting_that_is_missing_is_named_by_the_one_that_follows_it() -> None:
    _, rows = story()
    assert broken(lambda: chain([rows[0], rows[2], rows[3]], 4)) == (
        "purchase#main#A-1", "is missing: it was posting 2", "ledger",
    )  # fmt: skip
    assert broken(lambda: chain([rows[0], rows[1], rows[3]], 4)) == (
        "purchase#main#A-2", "is missing: it was posting 3", "ledger",
    )  # fmt: skip
    assert broken(lambda: chain([rows[0], rows[3]], 4)) == ("posting 2", "is missing", "ledger")
    assert broken(lambda: chain(rows[1:], 4)) == ("join#main#J-1", "is missing: it was posting 1", "ledger")


def test_a_posting_that_was_changed_or_follows_another_is_named() -> None:
    _, rows = story()
    changed = {**rows[1], "s": packed([1])}
    assert broken(lambda: chain([rows[0], changed, *rows[2:]], 4)) == (
        "purchase#main#A-1", "does not match its hash: it, or one before it, was changed", "ledger",
    )  # fmt: skip
    other = {**rows[1], "p": "join#main#J-2"}
    assert broken(lambda: chain([rows[0], other, *rows[2:]], 4)) == (
        "purchase#main#A-1", "follows 'join#main#J-2', where 'join#main#J-1' stands before it", "ledger",
    )  # fmt: skip
    first = {key: value for key, value in rows[1].items() if key != "p"}
    assert broken(lambda: chain([rows[0], first], 2))[1] == "follows '', where 'join#main#J-1' stands before it"


def test_a_twin_that_was_put_in_is_named_and_not_the_right_one() -> None:
    _, rows = story()
    twin = {**rows[1], "k": "purchase#main#A-9"}
    assert broken(lambda: chain([twin, *rows], 4)) == (
        "purchase#main#A-9",
        "is none of the account's postings, though it names it: its posting 2 is 'purchase#main#A-1'",
        "ledger",
    )
    beyond = {**rows[1], "k": "purchase#main#A-9", "n": 0}
    assert broken(lambda: chain([*rows, beyond], 4))[1].endswith("it says that it is posting 0")


def test_what_was_recorded_by_an_instant_ends_with_the_first_that_came_later() -> None:
    _, rows = story()
    at = [{**row, "t": 1_000 + row_number * 10} for row_number, row in enumerate(rows)]
    assert recorded_by(at, 4, 1_030) == (at, 4)
    assert recorded_by(at, 9, 1_030) == (at, 9)
    assert recorded_by(at, 4, 1_029) == (at[:3], 3)
    assert recorded_by(at, 4, 1_010) == (at[:2], 2)
    assert recorded_by(at, 4, 999) == ([], 0)
    # One that was recorded earlier by its own clock, after one that was not, is not there either.
    assert recorded_by([*at[:2], {**at[2], "t": 2_000}, at[3]], 4, 1_500) == (at[:2], 2)


@pytest.mark.parametrize(
    ("place", "key", "value", "what"),
    [
        (1, "g", [["MDANA", 20], ["issued", -19]], "does not balance: its legs in points sum to 1"),
        (3, "g", [["MDANA/purse", 5], ["adjusted/purse", -7]], "does not balance: its legs in purse sum to -2"),
        (1, "d", [20, 21], "states 21 in points after it; the legs sum to 20"),
        (2, "d", [30, 20], "states 20 in points after it; the legs sum to 50"),
        (2, "w", {"purse": [0, 3, 0, []]}, "states 3 in purse after it; the legs sum to 0"),
    ],
)
def test_a_posting_that_does_not_add_up_is_named_with_what_it_should_say(
    place: int, key: str, value: Any, what: str
) -> None:
    _, rows = story()
    rows[place] = {**rows[place], key: packed(value)}
    rows = linked(rows)
    assert broken(lambda: made_of(rows, book_of)) == (rows[place]["k"], what, "ledger")


def test_wallets_that_a_posting_states_are_counted_each_by_itself() -> None:
    _, rows = story()
    stating = {**rows[2], "c": "purchase", "w": packed({"purse": [0, 0, 0, []]})}
    assert made_of(linked([*rows[:2], stating, rows[3]]), book_of).purses["purse"].posted == 5


def test_a_posting_of_a_law_that_is_not_there_is_named_with_its_version() -> None:
    _, rows = story()
    rows[2] = {**rows[2], "v": 7}
    assert broken(lambda: made_of(linked(rows), book_of)) == (
        "purchase#main#A-2", "names version 7 of the programme, which is not there", "ledger",
    )  # fmt: skip


def test_a_posting_that_takes_from_lots_that_are_not_there_cannot_follow() -> None:
    _, rows = story()
    lots = [[JOINED.toordinal(), 0, -3]]
    rows[3] = {**rows[3], "x": packed({"l": {"points": lots}})}
    where, what, mend = broken(lambda: made_of(linked(rows), book_of))
    assert (where, mend) == ("adjust#J-1", "ledger")
    assert what.startswith("cannot follow what was posted before it: StopIteration(")


def one_more(rows: list[Row], **changes: Any) -> list[Row]:
    """The story with one posting more, which moves no points and changes what is said."""
    plain = {key: value for key, value in rows[3].items() if key not in ("p", "h")}
    last = plain | {"k": "adjust#J-2", "n": 5, "g": packed([]), "x": packed(changes)}
    return linked([*rows, last])


def test_lots_that_do_not_add_up_to_what_was_posted_are_told_with_both() -> None:
    _, rows = story()
    day = DAY.toordinal()
    assert broken(lambda: made_of(one_more(rows, l={"purse": [[day, 0, 2]]}), book_of)) == (
        "adjust#J-2", "leaves lots of 7 and holds of 0 in purse, less a debt of 0, for 5 posted", "ledger",
    )  # fmt: skip
    assert broken(lambda: made_of(one_more(rows, l={"points": [[day, day + 30, -1]]}), book_of))[1] == (
        "leaves lots of 49 and holds of 0 in points, less a debt of 0, for 50 posted"
    )
    held = {"main#R-1": ["purse", 9, [[day, 0, 3]]]}
    assert broken(lambda: made_of(one_more(rows, h=held), book_of))[1] == (
        "leaves lots of 5 and holds of 3 in purse, less a debt of 0, for 5 posted"
    )
    # What is held beyond what was posted is a debt, and leaves no lots.
    held = {"main#R-1": ["purse", 9, [[day, 0, 9]], 4]}
    assert broken(lambda: made_of(one_more(rows, h=held), book_of))[1] == (
        "leaves lots of 5 and holds of 9 in purse, less a debt of 4, for 5 posted"
    )


def test_a_hold_that_no_redemption_asked_for_is_told() -> None:
    _, rows = story()
    held = {"main#R-1": ["purse", 9, [[JOINED.toordinal(), 0, 2]]]}
    moves = {"purse": [[JOINED.toordinal(), 0, 3]]}
    rows[3] = {**rows[3], "x": packed({"l": moves, "h": held})}
    told = broken(lambda: made_of(linked(rows), book_of))
    assert told == ("adjust#J-1", "leaves a hold 'main#R-1' of 2 that no redemption asked for", "ledger")
    asked = {**rows[3], "k": "redemption#main#R-1", "c": "hold"}
    assert made_of(linked([*rows[:3], asked]), book_of).holds == {"main#R-1": Hold("purse", 9, (Lot(JOINED, None, 2),))}


def test_what_is_held_beyond_what_was_posted_is_a_debt_and_leaves_no_lots() -> None:
    _, rows = story()
    held = {"main#R-1": ["purse", 9, [[JOINED.toordinal(), 0, 9]], 4]}
    asked = {**rows[3], "k": "redemption#main#R-1", "c": "hold", "x": packed({"h": held})}
    assert made_of(linked([*rows[:3], asked]), book_of).purses["purse"].posted == 5


DAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("stored", "where", "what"),
    [
        ({"posted": 51}, "posted", "is 51; its postings make 50"),
        ({"status": "merged"}, "status", "is 'merged'; its postings make ''"),
        ({"last_hash": b"\x00\xff"}, "last_hash", "is 00ff; its postings make "),
        ({"joined_on": DAY}, "joined_on", "is 2026-11-22; its postings make 2026-01-01"),
        ({"retold": True}, "retold", "is True; its postings make False"),
        (
            {"lots": (Lot(DAY, DAY + timedelta(days=30), 49),)}, "lots[0]",
            "is 49 (2026-11-22 to 2026-12-22); its postings make 50 (2026-11-22 to 2026-12-22)",
        ),
        ({"lots": ()}, "lots[0]", "is nothing; its postings make 50 (2026-11-22 to 2026-12-22)"),
        (
            {"lots": (Lot(DAY, DAY + timedelta(days=30), 50), Lot(DAY, None, 1))}, "lots[1]",
            "is 1 (2026-11-22 to for ever); its postings make nothing",
        ),
        ({"stores": {"main": 2, "other": 1}}, "stores.other", "is 1; its postings make nothing"),
        ({"stores": {}}, "stores.main", "is nothing; its postings make 2"),
        ({"stores": {"main": 3}}, "stores.main", "is 3; its postings make 2"),
        (
            {"purses": {"purse": Purse(4, (Lot(DAY, None, 4),))}}, "purses.purse",
            # A purse is told whole.
            "is (4, (4 (2026-11-22 to for ever)), 0, ()); its postings make (5, (5 (2026-11-22 to for ever)), 0, ())",
        ),
        (
            {"used": {"base": {"2026": (1, 2), "": (3, 4)}}}, "used.base",
            "is {2026: (1, 2), : (3, 4)}; its postings make nothing",
        ),
        ({"newest": NOWHERE}, "newest[0]", "is 0; its postings make 1795366800000"),
    ],
)  # fmt: skip
def test_where_the_stored_account_parts_from_its_postings_is_told_in_both_versions(
    stored: dict[str, Any], where: str, what: str
) -> None:
    account, rows = story()
    made = made_of(rows, book_of)
    told = broken(lambda: agreed(account._replace(**stored), made, rows))
    if where == "last_hash":
        what += made.last_hash.hex()
    assert told == (where, what, "account")


def test_what_a_newer_release_wrote_is_no_difference_and_a_newest_posting_that_is_gone_is_the_ledgers() -> None:
    account, rows = story()
    made = made_of(rows, book_of)
    agreed(account._replace(unknown={"zz": 1}), made, rows)
    told = broken(lambda: agreed(account._replace(sequence=5, last_key="purchase#main#A-9"), made, rows))
    assert told == ("purchase#main#A-9", "is missing: the account names it as its newest posting", "ledger")
    # One that names a posting which is there, or says that there are no more, is itself what is wrong.
    assert broken(lambda: agreed(account._replace(sequence=5), made, rows)) == (
        "sequence", "is 5; its postings make 4", "account",
    )  # fmt: skip
    assert broken(lambda: agreed(account._replace(last_key="x"), made, rows)) == (
        "last_key", "is 'x'; its postings make 'adjust#J-1'", "account",
    )  # fmt: skip


def test_what_is_the_persons_is_taken_from_the_stored_account() -> None:
    account, rows = story()
    stored = account._replace(
        language="he", birthday=("gregorian", 3, 9), attributes={"city": "Haifa"}, unknown={"z": 1}
    )
    assert made_of(rows, book_of, stored) == stored
