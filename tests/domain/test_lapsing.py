"""What time alone makes of an account, booked once and exactly: lots past their last day, and holds that are over."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from shared.domain.account import Account, Hold, Purse
from shared.domain.decide import ms
from shared.domain.lapsing import expiry_key, lapsing, post_expiry, released
from shared.domain.ledger import legs_of, unpacked
from shared.domain.lots import Lot
from shared.domain.proving import chain, made_of
from tests.domain.shop import BASE, programme

BOOK = programme('[[wallet]]\nid = "stamps"', BASE)
JAN, FEB, MAR = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)
# Noon in New York, where the club is.
NOON = datetime(2026, 2, 2, 17, tzinfo=UTC)
LAPSED, OPEN = Lot(JAN, FEB, 30), Lot(JAN, MAR, 12)


def member(**facts: object) -> Account:
    base = Account("M-1", JAN, sequence=4, last_key="before", last_hash=b"b" * 32, posted=42, lots=(LAPSED, OPEN))
    return base._replace(**facts)


def test_what_is_past_its_last_day_is_booked_with_its_legs_and_the_rest_stays() -> None:
    after, (posting,) = lapsing(member(), BOOK, NOON)
    row = posting.row
    assert (after.posted, after.lots, after.sequence) == (12, (OPEN,), 5)
    assert [tuple(leg) for leg in legs_of(row)] == [("M-1", -30), ("expired", 30)]
    assert unpacked(row["d"]) == [-30, 12]
    assert (row["k"], row["c"], row["a"], row["n"], row["p"], row["t"]) == (
        "expiry#M-1#5", "expiry", "M-1", 5, "before", ms(NOON)
    )  # fmt: skip
    assert (row["v"], posting.key, posting.before, posting.after) == (BOOK.version, "expiry#M-1#5", member(), after)
    assert (after.last_key, after.last_hash) == (posting.key, row["h"])


def test_a_lot_lives_through_its_last_day_in_the_clubs_zone() -> None:
    last_minute = datetime(2026, 2, 2, 4, 59, tzinfo=UTC)
    assert lapsing(member(), BOOK, last_minute) == (member(), ())
    assert post_expiry(member(), BOOK, last_minute) is None
    posting = post_expiry(member(), BOOK, last_minute + timedelta(minutes=1))
    assert posting is not None
    assert posting.key == expiry_key(member()) == "expiry#M-1#5"


def test_each_wallet_lapses_by_itself() -> None:
    purse = Purse(5, (Lot(JAN, FEB, 2), Lot(JAN, None, 3)), 7)
    after, (posting,) = lapsing(member(posted=12, lots=(OPEN,), purses={"stamps": purse}), BOOK, NOON)
    assert after.purses == {"stamps": Purse(3, (Lot(JAN, None, 3),), 7)}
    assert (after.posted, after.lots) == (12, (OPEN,))
    assert [tuple(leg) for leg in legs_of(posting.row)] == [("M-1/stamps", -2), ("expired/stamps", 2)]
    assert unpacked(posting.row["d"]) == [0, 12]
    both, (posting,) = lapsing(member(purses={"stamps": purse}), BOOK, NOON)
    assert (both.posted, both.purses["stamps"].posted) == (12, 3)
    assert len(legs_of(posting.row)) == 4


def test_what_lapsed_is_booked_once() -> None:
    after, _ = lapsing(member(), BOOK, NOON)
    assert lapsing(after, BOOK, NOON + timedelta(days=1)) == (after, ())


@pytest.mark.parametrize(("minutes", "is_over"), [(-1, False), (0, True), (1, True)])
def test_a_hold_is_over_at_its_minute_and_its_points_have_their_own_days_again(minutes: int, is_over: bool) -> None:
    hold = Hold("points", ms(NOON), (Lot(JAN, MAR, 5),))
    stays = Hold("stamps", ms(NOON) + 600_000, (Lot(JAN, None, 1),))
    account = member(posted=17, lots=(OPEN,), holds={"main#R-1": hold, "main#R-2": stays}, purses={"stamps": Purse(1)})
    at = NOON + timedelta(minutes=minutes)
    after = released(account, at.date(), ms(at))
    assert after.lots == ((Lot(JAN, MAR, 17),) if is_over else (OPEN,))
    assert set(after.holds) == ({"main#R-2"} if is_over else {"main#R-1", "main#R-2"})
    assert (after.posted, after.sequence) == (17, 4)


def test_a_hold_of_another_wallet_goes_back_into_that_wallet() -> None:
    hold = Hold("stamps", ms(NOON), (Lot(JAN, None, 2),))
    account = member(holds={"main#R-1": hold}, purses={"stamps": Purse(3, (Lot(JAN, None, 1),))})
    after = released(account, NOON.date(), ms(NOON))
    assert after.purses == {"stamps": Purse(3, (Lot(JAN, None, 3),))}
    assert (after.lots, after.holds) == ((LAPSED, OPEN), {})


def test_two_holds_of_one_wallet_that_are_over_both_go_back() -> None:
    holds = {f"main#R-{n}": Hold("points", ms(NOON), (Lot(JAN, MAR, n),)) for n in (1, 2)}
    after = released(member(posted=15, lots=(OPEN,), holds=holds), NOON.date(), ms(NOON))
    assert after.lots == (Lot(JAN, MAR, 15),)


def test_what_a_hold_kept_beyond_its_last_day_lapses_when_the_hold_is_over() -> None:
    hold = Hold("points", ms(NOON), (Lot(JAN, FEB, 5),))
    account = member(posted=17, lots=(OPEN,), holds={"main#R-1": hold})
    assert lapsing(account, BOOK, NOON - timedelta(minutes=1)) == (account, ())
    after, (posting,) = lapsing(account, BOOK, NOON)
    assert (after.posted, after.lots, after.holds) == (12, (OPEN,), {})
    assert unpacked(posting.row["d"]) == [-5, 12]


def test_an_entry_of_what_lapsed_makes_the_same_account_again() -> None:
    begun = Account("M-1", JAN, posted=42, lots=(LAPSED, OPEN))
    _, (posting,) = lapsing(begun, BOOK, NOON)
    assert chain([posting.row], 1) == [posting.row]
    with pytest.raises(AssertionError, match="states 12 in points after it; the legs sum to -30"):
        made_of([posting.row], lambda _: BOOK)
