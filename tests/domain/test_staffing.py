"""What staff do to a balance by hand, to the last unit and the last day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from shared.domain.account import Account, Purse
from shared.domain.errors import Invalid, PointsInsufficient, Refused
from shared.domain.ledger import Posting, unpacked
from shared.domain.lots import Lot
from shared.domain.rulebook import Rulebook
from shared.domain.staffing import Adjusting, moved_by, post_adjustment, post_extension, post_reinstatement
from tests.domain.shop import BASE, after, member, programme

TODAY = date(2026, 11, 22)
# Ten in the evening in New York, where the club is; in Greenwich it is the next day.
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
NOW_MS = 1_795_402_800_000
DAY = timedelta(days=1)
SOON, LATER = TODAY + 5 * DAY, TODAY + 50 * DAY
BOOK = programme(
    BASE, "[points]\nexpiry = { days = 30 }\npending_days = 4\n", "[[wallet]]\nid = 'purse'\nexpiry = { days = 9 }\n"
)
LOTS = (Lot(TODAY, SOON, 30), Lot(TODAY - DAY, LATER, 50), Lot(TODAY + 2 * DAY, LATER, 20))
WHY = ("The parcel was late", "dana", "noa")


def dana(**facts: Any) -> Account:
    """A hundred points, of which 20 wait, and seven in the purse."""
    purses = {"purse": Purse(7, (Lot(TODAY, SOON, 7),))}
    what = {"posted": 100, "lots": LOTS, "purses": purses, "sequence": 3, "last_key": "before", "last_hash": b"b"}
    return member(**(what | facts))


def refusal(what: Callable[[], Any]) -> tuple[type[Refused], dict[str, Any]]:
    with pytest.raises(Refused) as told:
        what()
    return type(told.value), dict(told.value.facts)


def told(posting: Posting) -> dict[str, Any]:
    """The row but for what every posting has."""
    row = {name: value for name, value in posting.row.items() if name not in ("h", "v", "r", "a", "p", "t", "n", "f")}
    assert (posting.row["t"], posting.row["n"], posting.row["p"]) == (NOW_MS, 4, "before")
    return {
        name: unpacked(value) if isinstance(value, str) and value[:1] in "[{" else value for name, value in row.items()
    }


def ordinals(*lots: Lot) -> list[list[int]]:
    return [[first.toordinal(), last.toordinal() if last else 0, units] for first, last, units in lots]


def adjust(units: int, account: Account | None = None, book: Rulebook = BOOK, **more: Any) -> Posting:
    what = Adjusting(more.pop("wallet", "points"), units, *WHY, **more)
    return post_adjustment(what, account or dana(), book, NOW, key="adjust#J-1", fingerprint=b"f")


def test_points_that_are_given_can_be_used_at_once_and_live_as_long_as_any() -> None:
    posting = adjust(12)
    lot = Lot(TODAY, TODAY + 30 * DAY, 12)
    assert told(posting) == {
        "k": "adjust#J-1", "c": "adjust", "wy": list(WHY), "g": [["MDANA", 12], ["adjusted", -12]], "d": [12, 112],
        "b": [92, 20, ""], "x": {"l": {"points": ordinals(lot)}},
    }  # fmt: skip
    assert posting.row["f"] == b"f"
    assert (after(posting).posted, after(posting).lots) == (112, (LOTS[0], lot, *LOTS[1:]))


def test_points_that_are_given_may_have_a_day_of_their_own_or_none() -> None:
    assert told(adjust(12, has_own_day=True, expires_on=SOON))["x"] == {
        "l": {"points": ordinals(Lot(TODAY, SOON, 12))}
    }  # fmt: skip
    assert told(adjust(12, has_own_day=True))["x"] == {"l": {"points": ordinals(Lot(TODAY, None, 12))}}
    assert told(adjust(12, expires_on=SOON))["x"] == {"l": {"points": ordinals(Lot(TODAY, TODAY + 30 * DAY, 12))}}


def test_what_a_member_brings_along_comes_from_the_opening_account() -> None:
    row = told(adjust(12, wallet="purse", kind="opening"))
    assert (row["c"], row["g"]) == ("opening", [["MDANA/purse", 12], ["opening/purse", -12]])
    assert row["x"] == {"l": {"purse": ordinals(Lot(TODAY, TODAY + 9 * DAY, 12))}}
    assert (row["d"], row["b"]) == ([0, 100], [80, 20, ""])


def test_points_that_are_taken_are_those_that_lapse_first() -> None:
    posting = adjust(-45)
    assert told(posting)["g"] == [["MDANA", -45], ["adjusted", 45]]
    assert after(posting).lots == (Lot(TODAY - DAY, LATER, 35), LOTS[2])
    first_earned = programme(BASE, '[policies]\nlots_used = "first_earned_first"\n')
    assert after(adjust(-45, book=first_earned)).lots == (LOTS[0], Lot(TODAY - DAY, LATER, 5), LOTS[2])
    purse = adjust(-7, wallet="purse")
    assert (after(purse).purses["purse"], after(purse).lots) == (Purse(0, ()), LOTS)


def test_no_more_is_taken_than_can_be_used_unless_the_programme_lets_a_balance_go_below_zero() -> None:
    assert after(adjust(-80)).lots == (LOTS[2],)
    assert refusal(lambda: adjust(-81)) == (PointsInsufficient, {"requested": 81, "available": 80})
    assert refusal(lambda: adjust(-8, wallet="purse"))[1] == {"requested": 8, "available": 7}
    assert refusal(lambda: adjust(-1, wallet="other"))[1] == {"requested": 1, "available": 0}
    below = programme(BASE, '[policies]\nadjustment_below_zero = "negative"\n')
    some = adjust(-90, book=below)
    assert (after(some).posted, after(some).lots) == (10, (Lot(TODAY + 2 * DAY, LATER, 10),))
    all_of_it = adjust(-130, book=below)
    assert (after(all_of_it).posted, after(all_of_it).lots) == (-30, ())
    assert told(all_of_it)["d"] == [-130, -30]


def extend(last_day: date | None, expires_on: date, wallet: str = "points", account: Account | None = None) -> Posting:
    return post_extension(
        wallet, last_day, expires_on, WHY, account or dana(), BOOK, NOW, key="extend#E-1", fingerprint=b"e"
    )


def test_open_points_get_a_later_last_day() -> None:
    far = TODAY + 60 * DAY
    one = extend(SOON, far)
    assert told(one) == {
        "k": "extend#E-1", "c": "extend", "wy": list(WHY), "g": [], "d": [0, 100], "b": [80, 20, ""],
        "x": {"l": {"points": ordinals(Lot(TODAY, SOON, -30), Lot(TODAY, far, 30))}},
    }  # fmt: skip
    assert one.row["f"] == b"e"
    every = extend(None, far)
    # Those that can be used by now become one, with the day since when the first of them could.
    assert sum(lot.points for lot in after(every).lots) == 100
    assert {lot.expires_on for lot in after(every).lots} == {far}
    some = extend(None, SOON + DAY, account=dana(lots=(*LOTS, Lot(TODAY, None, 5)), posted=105))
    assert [lot.expires_on for lot in after(some).lots] == [SOON + DAY, LATER, LATER, None]
    purse = extend(None, far, "purse")
    assert (after(purse).lots, after(purse).purses["purse"].lots) == (LOTS, (Lot(TODAY, far, 7),))


def test_only_what_is_open_and_would_lapse_before_can_live_longer() -> None:
    none = (Invalid, {"field": "last_day", "reason": "is that of no open points that would lapse before expires_on"})
    assert refusal(lambda: extend(TODAY, LATER)) == none
    assert refusal(lambda: extend(SOON, SOON)) == none
    assert refusal(lambda: extend(None, SOON, "other")) == none
    assert refusal(lambda: extend(LATER, LATER)) == none
    assert refusal(lambda: extend(None, TODAY - DAY)) == (Invalid, {"field": "expires_on", "reason": "is in the past"})
    last = dana(lots=(Lot(TODAY - DAY, TODAY, 4),), posted=4)
    assert refusal(lambda: extend(None, TODAY, account=last)) == none
    assert after(extend(None, TODAY + DAY, account=last)).lots[0].expires_on == TODAY + DAY


def reinstate(back: dict[str, int], expires_on: date) -> Posting:
    return post_reinstatement(
        back, expires_on, WHY, dana(), BOOK, NOW, key="reinstate#expiry#MDANA#2", fingerprint=b"r"
    )


def test_what_lapsed_comes_back_wallet_by_wallet() -> None:
    far = TODAY + 60 * DAY
    one = reinstate({"points": 8, "purse": 3}, far)
    assert told(one) == {
        "k": "reinstate#expiry#MDANA#2", "c": "reinstate", "wy": list(WHY), "d": [8, 108], "b": [88, 20, ""],
        "g": [["MDANA", 8], ["expired", -8], ["MDANA/purse", 3], ["expired/purse", -3]],
        "x": {"l": {"points": ordinals(Lot(TODAY, far, 8)), "purse": ordinals(Lot(TODAY, far, 3))}},
    }  # fmt: skip
    assert one.row["f"] == b"r"
    assert after(one).purses["purse"] == Purse(10, (Lot(TODAY, SOON, 7), Lot(TODAY, far, 3)))
    assert refusal(lambda: reinstate({"points": 8}, TODAY - DAY))[1] == {
        "field": "expires_on",
        "reason": "is in the past",
    }
    assert after(reinstate({"points": 8}, TODAY)).posted == 108
    assert after(reinstate({"purse": 3}, far)).posted == 100


def test_a_row_tells_what_an_extension_or_a_reinstatement_put_in() -> None:
    far = TODAY + 60 * DAY
    assert moved_by(extend(None, far).row) == ("points", 100, far)
    assert moved_by(extend(SOON, far).row) == ("points", 30, far)
    assert moved_by(reinstate({"purse": 3}, far).row) == ("purse", 3, far)
    with pytest.raises(AssertionError, match=r"^such a row moves lots$"):
        moved_by({"x": "{}"})


@pytest.mark.parametrize("doing", ["adjust", "extend", "reinstate"])
def test_what_lapsed_is_booked_before_whatever_staff_do(doing: str) -> None:
    gone = Lot(TODAY - 9 * DAY, TODAY - DAY, 6)
    account = dana(posted=106, lots=(gone, *LOTS))
    posting = {
        "adjust": lambda: adjust(12, account),
        "extend": lambda: extend(None, LATER, account=account),
        "reinstate": lambda: post_reinstatement(
            {"points": 1}, LATER, WHY, account, BOOK, NOW, key="reinstate", fingerprint=b"r"
        ),
    }[doing]()
    (expiry,) = posting.more
    assert (expiry["c"], unpacked(expiry["d"])[0]) == ("expiry", -6)
    assert after(posting).lots[:1] != (gone,)
