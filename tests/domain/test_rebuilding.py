"""An account made again of its postings: what each row changes, also one that an older release wrote."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from shared.domain.account import NOWHERE, Account, Hold, Purse, Standing, Waiting
from shared.domain.changes import Change, Figure, PurseChange
from shared.domain.decide import post_event
from shared.domain.event import Event
from shared.domain.ledger import LedgerBroken, Row, packed, unpacked
from shared.domain.lots import Lot
from shared.domain.purchase import OfferTaken
from shared.domain.rebuilding import (
    advanced,
    change_of,
    digest_of,
    figures_of,
    instant,
    number,
    posted_by,
    proven,
    rebuilt,
)
from shared.domain.rulebook import Rulebook
from tests.domain.shop import BASE, JOINED, after, joined, line, member, posted, programme, purchase, rule

AT = datetime(2026, 11, 22, 17, tzinfo=UTC)
AT_MS = 1_795_366_800_000
# Ten in the evening in New York, where the club is; in Greenwich it is the next day.
LATE_MS = AT_MS + 10 * 3_600_000
TODAY = date(2026, 11, 22)
DAY = timedelta(days=1)
BOOK = programme(BASE, "[points]\nexpiry = { days = 30 }\npending_days = 3\n")
KEY = "purchase#main#A-1"
PLACE = (AT_MS, False, len(KEY), KEY)


def test_a_purchase_changes_points_lot_figures_store_and_its_place_in_time() -> None:
    row = posted(purchase(line(4_000, quantity=4)), member(), BOOK).row
    assert change_of(row, BOOK, member()) == Change(
        TODAY, 40, (Lot(TODAY + 3 * DAY, TODAY + 30 * DAY, 40),), {}, (Figure(TODAY, 1, 4_000, 40, 0),), {"main": 1}, {},
        None, newest=PLACE,
    )  # fmt: skip
    later = member(newest=(AT_MS + 9 * 86_400_000, False, 1, "x"))
    assert change_of(row, BOOK, later).day == TODAY + 9 * DAY
    nothing = posted(purchase(50), member(), BOOK).row
    assert change_of(nothing, BOOK, member()).moves == ()
    forever = posted(purchase(400), member(), programme(BASE)).row
    assert change_of(forever, programme(BASE), member()).moves == (Lot(TODAY, None, 4),)
    test = posted(purchase(400), member(), BOOK, key="test!purchase#north#A-1").row
    assert change_of(test, BOOK, member()).stores == {"north": 1}


RICH = programme(
    rule(points=1, per_minor=100, limits='[{ per = "month", points = 90 }]', cooldown_days=2),
    rule("stamp", wallet="stamps", points=1, per="unit"), "[[wallet]]\nid = 'stamps'\ngoal = 3\nreward_pending_days = 4\n",
    rule("cash", wallet="cash", points=2, per="purchase"), "[[wallet]]\nid = 'cash'\n",
    "[points]\nexpiry = { days = 30, sliding = true }\n",
    "[tiers]\nwindow = 'calendar_month'\n[[tier]]\nid = 'silver'\nspend_minor = 1_000\n",
    '[[achievement]]\nid = "first"\nwhen = "member.purchases >= 1"\npoints = 100\n',
    '[[achievement]]\nid = "monthly"\nwhen = "member.purchases >= 1"\npoints = 2\nwallet = "cash"\nrepeat = "month"\n',
)  # fmt: skip


def rich() -> Account:
    return member(
        posted=7, lots=(Lot(JOINED, TODAY + DAY, 7),),
        used={"base": {"2026-11": (1, 9)}, "achievement:monthly": {"2026-10": (1, 2)}},
        purses={"cash": Purse(1, (Lot(TODAY, None, 1),))},
    )  # fmt: skip


def test_a_purchase_that_changes_much_says_it_all() -> None:
    posting = posted(purchase(line(4_000, quantity=4)), rich(), RICH)
    change = change_of(posting.row, RICH, rich())
    assert change.moves == (
        Lot(TODAY, TODAY + 30 * DAY, 140), Lot(JOINED, TODAY + DAY, -7), Lot(JOINED, TODAY + 30 * DAY, 7),
    )  # fmt: skip
    assert change.purses == {
        "stamps": PurseChange(1, (Lot(TODAY, None, 1),), 1, (Waiting(TODAY + 4 * DAY, 1, 3, 3, 0, 1),)),
        "cash": PurseChange(4, (Lot(TODAY, None, 4),)),
    }
    assert change.used == {
        "base": {"2026-11": (2, 49), "last": (TODAY.toordinal(), 0)}, "achievement:first": {"": (1, 100)},
        "achievement:monthly": {"2026-10": (1, 2), "2026-11": (1, 2)},
    }  # fmt: skip
    assert change.standings == {"": Standing("silver", TODAY, TODAY)}
    assert advanced(rich(), posting.row, RICH) == after(posting)._replace(sequence=0, last_key="", last_hash=b"")


def test_a_row_of_an_older_release_does_not_say_where_lots_went() -> None:
    row: dict[str, Any] = dict(posted(purchase(line(4_000, quantity=4)), member(), RICH).row)
    told = unpacked(row["w"])
    row["w"] = packed({"cash": told["cash"][:3], "stamps": told["stamps"][:3], "none": [0, 5, 0]})
    change = change_of(row, RICH, member())
    assert change.purses == {
        "cash": PurseChange(4, (Lot(TODAY, None, 4),)), "stamps": PurseChange(1, (Lot(TODAY, None, 4),), 1),
        "none": PurseChange(),
    }  # fmt: skip
    row["w"] = packed({"stamps": told["stamps"][:4]})
    assert change_of(row, RICH, member()).purses["stamps"] == PurseChange(1, (Lot(TODAY, None, 1),), 1)


def test_an_activity_is_no_purchase_and_counts_no_money() -> None:
    book = programme('[[event]]\nid = "review"\n', rule("review", event="review", points=20))
    body = {"store": "main", "kind": "review", "source_id": "E-1", "member_id": "M0000000000000001"}
    told = Event.model_validate(body | {"occurred_at": AT.isoformat()})
    row = post_event(told, member(), book, AT + DAY, key="event#main#review#E-1", fingerprint=b"f").row
    change = change_of(row, book, member())
    assert (change.figures, change.stores, change.posted, change.day) == ((Figure(TODAY, 0, 0, 20, 0),), {}, 20, TODAY)
    assert change.newest == (AT_MS, False, 21, "event#main#review#E-1")


OFFERS = programme(
    BASE,
    '[[offer]]\nid = "few"\npercent = 10\nlimits = [{ per = "month", times = 3 }]\n[[offer]]\nid = "free"\npercent = 5\n',
)


def test_an_offer_that_was_taken_counts_for_its_limits() -> None:
    taken = (OfferTaken(offer="few", discount_minor=100), OfferTaken(offer="free", discount_minor=50))
    bought = purchase(1_000).model_copy(update={"offers": taken})
    before = member(used={"offer:few": {"2026-11": (1, 0)}, "base": {"": (1, 1)}})
    posting = posted(bought, before, OFFERS)
    assert change_of(posting.row, OFFERS, before).used == {"offer:few": {"2026-11": (2, 0)}}
    assert advanced(before, posting.row, OFFERS).used == after(posting).used


FINE = programme(
    BASE, "[[wallet]]\nid = 'purse'\ndecimals = 2\n",
    '[[achievement]]\nid = "first"\nwhen = "member.purchases >= 1"\npoints = 1.5\nwallet = "purse"\n',
)  # fmt: skip


def test_what_was_reached_is_counted_in_the_smallest_unit_of_its_wallet() -> None:
    posting = posted(purchase(1_000), member(), FINE)
    assert change_of(posting.row, FINE, member()).used == {"achievement:first": {"": (1, 150)}}
    assert advanced(member(), posting.row, FINE).purses == after(posting).purses
    assert after(posting).purses["purse"].posted == 150
    # Without reasons, nothing is known to have been reached.
    bare = {name: value for name, value in posting.row.items() if name != "e"}
    assert change_of(bare, FINE, member()).used == {}


DAILY = programme(BASE, "[tiers]\nbasis = 'points'\nwindow_days = 90\n[[tier]]\nid = 'a'\nat_least = 5\n")


def test_figures_are_read_of_every_kind_of_row() -> None:
    row = posted(purchase(line(4_000)), member(), DAILY).row
    assert figures_of(row, DAILY) == (Figure(TODAY, 1, 4_000, 40, 40),)
    other: Row = {"c": "adjust", "x": packed({"f": [[TODAY.toordinal(), 1, 2, 3, 4]]})}
    assert figures_of(other, BOOK) == (Figure(TODAY, 1, 2, 3, 4),)
    assert figures_of({"c": "adjust", "x": packed({})}, BOOK) == ()
    assert figures_of({"c": "adjust"}, BOOK) == ()


def adjusting(**told: Any) -> Row:
    legs = [["MDANA", 5], ["adjusted", -5], ["MDANA/cash", 2], ["adjusted/cash", -2], ["MDANA", 1]]
    return {"k": "adjust#J-1", "c": "adjust", "a": "MDANA", "t": LATE_MS, "g": packed(legs), "x": packed(told)}


def test_what_staff_did_says_itself_and_stands_nowhere_in_time() -> None:
    day = TODAY.toordinal()
    row = adjusting(
        l={"points": [[day, 0, 6]], "cash": [[day, 0, 2]]}, c={"cash": 3}, t={"main": 1}, u={"base": {"": [1, 2]}}, r=1, q="x",
        h={"main#R-1": ["points", 9, [[day, 0, 1]]], "main#R-2": []}, s={"": ["silver", day, day, 0, ""]},
        f=[[day, 1, 2, 3, 4]], w={"cash": [[day, 1, 4, 4]]},
    )  # fmt: skip
    later = member(newest=(AT_MS + 9 * 86_400_000, False, 1, "x"))
    assert change_of(row, BOOK, later) == Change(
        TODAY, 6, (Lot(TODAY, None, 6),), {"cash": PurseChange(2, (Lot(TODAY, None, 2),), 3, (Waiting(TODAY, 1, 4, 4),))},
        (Figure(TODAY, 1, 2, 3, 4),), {"main": 1}, {"base": {"": (1, 2)}}, {"": Standing("silver", TODAY, TODAY)},
        {"main#R-1": Hold("points", 9, (Lot(TODAY, None, 1),)), "main#R-2": None}, NOWHERE, True, "x",
    )  # fmt: skip
    bare = {name: value for name, value in adjusting().items() if name != "x"}
    assert change_of(bare, BOOK, member()) == Change(
        TODAY, 6, (), {"cash": PurseChange(2)}, used={}, stores={}, holds={}
    )


def test_a_return_stands_at_its_own_time() -> None:
    row = {**adjusting(), "c": "return", "k": "return#main#B-1", "o": LATE_MS - 86_400_000}
    change = change_of(row, BOOK, member())
    assert (change.day, change.newest) == (TODAY - DAY, (LATE_MS - 86_400_000, True, 15, "return#main#B-1"))
    later = member(newest=(AT_MS + 9 * 86_400_000, False, 1, "x"))
    assert change_of(row, BOOK, later).day == TODAY + 9 * DAY


def test_what_a_row_posted_is_its_legs_of_its_own_account() -> None:
    assert posted_by(adjusting()) == {"points": 6, "cash": 2}
    assert posted_by({"a": "MDANA", "g": "[]"}) == {}
    assert posted_by({"a": "M", "g": packed([["MDANA", 5], ["M", 2], ["M/cash", 1], ["M/cash", 3]])}) == {
        "points": 2, "cash": 4,
    }  # fmt: skip


def test_instants_and_numbers_are_read_exactly() -> None:
    assert instant({"t": AT_MS + 1}, "t") == AT + timedelta(milliseconds=1)
    assert number({"n": 7}, "n") == 7
    with pytest.raises(AssertionError, match=r"^n of a row is a whole number$"):
        number({"n": "7"}, "n")
    assert digest_of({"h": b"x"}) == b"x"


def story() -> tuple[Account, list[Row]]:
    first = joined(BOOK, now=AT)
    second = posted(purchase(2_000), after(first), BOOK, now=AT + DAY)
    return after(second), [first.row, second.row]


def book_of(version: int) -> Rulebook:
    assert version == 1
    return BOOK


def test_an_account_begins_with_its_first_posting() -> None:
    account, rows = story()
    made = rebuilt(rows, book_of)
    assert made == account._replace(joined_on=TODAY)
    assert (made.sequence, made.last_key, made.last_hash) == (2, KEY, rows[1]["h"])
    # One who was a member before, elsewhere, joined then; and what else begins an account is a posting like any.
    earlier = {**rows[0], "o": AT_MS - 30 * 86_400_000}
    assert rebuilt([earlier], book_of).joined_on == TODAY - 30 * DAY
    bare = {name: value for name, value in rows[0].items() if name != "o"}
    assert rebuilt([bare], book_of).joined_on == TODAY
    begun = rebuilt([{**adjusting(l={"points": [[TODAY.toordinal(), 0, 6]]}), "n": 1, "v": 1, "h": b"h"}], book_of)
    assert (begun.posted, begun.joined_on, begun.sequence) == (6, TODAY, 1)


def test_what_is_the_persons_is_taken_from_the_account() -> None:
    _, rows = story()
    facts = member(
        language="he", birthday=("gregorian", 1, 2), attributes={"city": "Haifa"}, unknown={"z": 1}, posted=99
    )
    made = rebuilt(rows, book_of, facts)
    assert (made.language, made.birthday, made.attributes, made.unknown) == (
        "he", ("gregorian", 1, 2), {"city": "Haifa"}, {"z": 1},
    )  # fmt: skip
    assert (made.posted, made.id) == (20, "MDANA")


def test_no_postings_make_no_account_and_a_difference_is_told() -> None:
    with pytest.raises(LedgerBroken, match=r"^there are no postings$"):
        rebuilt([], book_of)
    account, rows = story()
    made = rebuilt(rows, book_of)
    proven(made._replace(unknown={"z": 1}), rows, book_of)
    with pytest.raises(LedgerBroken, match=r"^MDANA: purchases is 2, the postings make 1$"):
        proven(made._replace(purchases=2), rows, book_of)
    with pytest.raises(LedgerBroken, match="balance"):
        proven(made._replace(posted=21), rows, book_of)
    assert account.posted == 20


def test_a_hold_that_was_over_when_the_next_was_recorded_has_given_back_what_it_kept() -> None:
    held = member(posted=9, holds={"main#R-1": Hold("points", LATE_MS, (Lot(TODAY, None, 9),))})
    assert advanced(held, adjusting(), BOOK).holds == {}
    assert advanced(held, adjusting(), BOOK).lots == (Lot(TODAY, None, 9),)
    still = member(posted=9, holds={"main#R-1": Hold("points", LATE_MS + 1, (Lot(TODAY, None, 9),))})
    assert len(advanced(still, adjusting(), BOOK).holds) == 1
