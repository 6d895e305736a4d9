"""What staff do by hand: with a reason, a limit and a second person; two memberships become one without a point made or lost."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.actions.adjust_balance import (
    WAITING_DAYS_MAX,
    approve_adjustment,
    ask_adjustment,
    refuse_adjustment,
    waiting_adjustments,
)
from shared.actions.book_expiry import book_expiry
from shared.actions.extend_points import extend_points, reinstate_points
from shared.actions.merge_members import merge_members
from shared.actions.staff import Staff
from shared.domain.account import MERGED
from shared.domain.errors import Refused
from shared.domain.ledger import Row, legs_of, unpacked
from shared.domain.staff_requests import Adjustment, Extension, Merge, Reinstatement
from tests.laws.drawn import drawn
from tests.laws.shop import MAIN, OPENED, Shop, bought, came_back, plenty
from tests.laws.test_redemptions import PAYING, balanced, refused

DANA, NOA = Staff("dana", ("manager",)), Staff("noa", ("finance",))
WITH_STAFF = PAYING + "\n[staff]\nadjustment_max = 100\nday_max = 250\napproved_max = 5_000\n"


def opened(points: int = 100) -> tuple[Shop, str]:
    shop = Shop(WITH_STAFF)
    member = shop.join()
    if points:
        shop.buy(bought("A-1", OPENED, ("CD-1", 1, points * 100)) | {"member_id": member})
    return shop, member


def ask(shop: Shop, member: str, units: int, name: str, who: Staff = DANA, **more: Any) -> Row:
    told = Adjustment(adjustment_id=name, member_id=member, units=units, reason="The parcel was late", **more)
    return ask_adjustment(shop.club, who, told, plenty).row


def merge(shop: Shop, left: str, into: str, name: str = "M-1") -> Row:
    told = Merge(merge_id=name, from_member_id=left, into_member_id=into, reason="One person")
    return merge_members(shop.club, NOA, told, plenty).row


def test_a_small_adjustment_is_made_at_once_and_says_who_and_why() -> None:
    shop, member = opened()
    row = ask(shop, member, 100, "J-1")
    assert (row["c"], unpacked(row["wy"])) == ("adjust", ["The parcel was late", "dana", ""])
    assert ask(shop, member, 100, "J-1") == row
    refused("adjustment_differs", lambda: ask(shop, member, 99, "J-1"))
    ask(shop, member, -30, "J-2")
    assert shop.account(member).posted == 170
    balanced(shop, member)


def test_a_large_adjustment_waits_for_another_person() -> None:
    shop, member = opened()
    row = ask(shop, member, 101, "J-1")
    assert (row["c"], shop.account(member).posted) == ("waiting", 100)
    assert ask(shop, member, 101, "J-1") == row
    refused("adjustment_differs", lambda: ask(shop, member, 102, "J-1"))
    refused("second_person_needed", lambda: approve_adjustment(shop.club, DANA, "J-1", plenty))
    assert [one["k"] for one in waiting_adjustments(shop.club, NOA, 10)] == [row["k"]]
    done = approve_adjustment(shop.club, NOA, "J-1", plenty)
    assert (done.replayed, unpacked(done.row["wy"])) == (False, ["The parcel was late", "dana", "noa"])
    assert approve_adjustment(shop.club, NOA, "J-1", plenty).replayed
    assert (shop.account(member).posted, waiting_adjustments(shop.club, NOA, 10)) == (201, [])
    refused("adjustment_ended", lambda: refuse_adjustment(shop.club, NOA, "J-1"))
    balanced(shop, member)


def test_many_small_adjustments_of_a_day_wait_like_a_large_one() -> None:
    shop, member = opened()
    kinds = [ask(shop, member, 90, f"J-{number}")["c"] for number in range(4)]
    assert kinds == ["adjust", "adjust", "waiting", "waiting"]
    assert ask(shop, member, 70, "J-9", NOA)["c"] == "adjust"
    shop.now += timedelta(days=1)
    assert ask(shop, member, 90, "J-10")["c"] == "adjust"
    balanced(shop, member)


def test_the_day_of_one_wallet_says_nothing_of_another() -> None:
    shop, member = opened()
    for number in range(2):
        assert ask(shop, member, 100, f"J-{number}")["c"] == "adjust"
        assert ask(shop, member, 100, f"K-{number}", wallet="money")["c"] == "adjust"
    assert ask(shop, member, 100, "J-9")["c"] == "waiting"
    assert ask(shop, member, 40, "K-9", wallet="money")["c"] == "adjust"
    balanced(shop, member)


def test_what_was_asked_for_in_time_is_answered_so_ever_after_and_not_approved_too_late() -> None:
    shop, member = opened()
    small, much = (
        ask(shop, member, units, name, expires_on="2025-01-05") for units, name in ((50, "J-1"), (500, "J-2"))
    )
    shop.now += timedelta(days=10)
    assert ask(shop, member, 50, "J-1", expires_on="2025-01-05") == small
    assert ask(shop, member, 500, "J-2", expires_on="2025-01-05") == much
    refused("invalid", lambda: approve_adjustment(shop.club, NOA, "J-2", plenty))
    shop.now += timedelta(days=WAITING_DAYS_MAX)
    assert waiting_adjustments(shop.club, NOA, 1) == []
    balanced(shop, member)


def test_what_is_refused_or_forgotten_moves_nothing() -> None:
    shop, member = opened()
    ask(shop, member, 500, "J-1")
    ask(shop, member, 500, "J-2")
    assert refuse_adjustment(shop.club, NOA, "J-1").row["c"] == "refused"
    assert refuse_adjustment(shop.club, NOA, "J-1").replayed
    refused("adjustment_ended", lambda: approve_adjustment(shop.club, NOA, "J-1", plenty))
    shop.now += timedelta(days=WAITING_DAYS_MAX, seconds=1)
    refused("adjustment_ended", lambda: approve_adjustment(shop.club, NOA, "J-2", plenty))
    refused("adjustment_unknown", lambda: approve_adjustment(shop.club, NOA, "J-3", plenty))
    refused("invalid", lambda: ask(shop, member, 5_001, "J-4"))
    refused("points_insufficient", lambda: ask(shop, member, -101, "J-5") and approve_adjustment(
        shop.club, NOA, "J-5", plenty))  # fmt: skip
    assert shop.account(member).posted == 100
    balanced(shop, member)


def test_a_balance_from_before_is_brought_along_once() -> None:
    shop, member = opened(0)
    for _ in range(2):
        row = ask(shop, member, 90, "J-1", kind="opening", expires_on="2026-03-01")
        assert [leg.account for leg in legs_of(row)] == [member, "opening"]
    refused("adjustment_differs", lambda: ask(shop, member, 90, "J-1", expires_on="2026-03-01"))
    account = shop.account(member)
    assert (account.posted, account.lots[0].expires_on) == (90, date(2026, 3, 1))
    with pytest.raises(ValueError, match="above 0"):
        ask(shop, member, -1, "J-2", kind="opening")
    balanced(shop, member)


def test_much_that_is_brought_along_needs_a_second_person_too() -> None:
    shop, member = opened(0)
    assert ask(shop, member, 101, "J-1", kind="opening")["c"] == "waiting"
    assert approve_adjustment(shop.club, NOA, "J-1", plenty).row["c"] == "opening"
    refused("adjustment_ended", lambda: refuse_adjustment(shop.club, DANA, "J-1"))
    assert shop.account(member).posted == 101
    balanced(shop, member)


def test_no_day_can_be_given_that_is_further_than_staff_may_let_points_live() -> None:
    shop, member = opened()
    for far in ("2027-01-03", "9999-12-31"):
        told = Extension(extension_id="E-1", member_id=member, expires_on=far, reason="Ill")
        refused("invalid", lambda told=told: extend_points(shop.club, NOA, told, plenty))
    shop.now += timedelta(days=61)
    row = book_expiry(shop.club, MAIN, member, plenty)
    assert row is not None
    back = Reinstatement(member_id=member, sequence=row["n"], expires_on="2027-06-01", reason="Ill")
    refused("invalid", lambda: reinstate_points(shop.club, NOA, back, plenty))
    assert shop.account(member).posted == 0


def test_one_person_brings_back_no_more_in_a_day_than_one_may_give() -> None:
    shop, member = opened()
    other = shop.join()
    shop.buy(bought("A-2", OPENED, ("CD-1", 1, 10_100)) | {"member_id": other})
    third = shop.join()
    ask(shop, third, 60, "J-1", expires_on="2025-02-01")
    shop.now += timedelta(days=61)
    rows = {name: book_expiry(shop.club, MAIN, name, plenty) for name in (member, other, third)}

    def back(whose: str) -> Row:
        row = rows[whose]
        assert row is not None
        told = Reinstatement(member_id=whose, sequence=row["n"], expires_on="2025-06-01", reason="Ill")
        return reinstate_points(shop.club, NOA, told, plenty).row

    refused("invalid", lambda: back(other))
    assert (back(member)["c"], back(member)["c"]) == ("reinstate", "reinstate")
    ask(shop, member, 100, "J-2", who=NOA)
    refused("invalid", lambda: back(third))
    shop.now += timedelta(days=1)
    back(third)
    balanced(shop, member)
    balanced(shop, third)


def test_points_are_made_to_live_longer_and_what_lapsed_comes_back_once() -> None:
    shop, member = opened()
    ask(shop, member, 20, "J-1", expires_on="2025-02-01")
    told = Extension(extension_id="E-1", member_id=member, last_day="2025-02-01", expires_on="2025-03-20", reason="Ill")
    for _ in range(2):
        extend_points(shop.club, NOA, told, plenty)
    assert {lot.expires_on: lot.points for lot in shop.account(member).lots} == {
        date(2025, 3, 2): 100, date(2025, 3, 20): 20,
    }  # fmt: skip
    refused("invalid", lambda: extend_points(
        shop.club, NOA, told.model_copy(update={"extension_id": "E-2"}), plenty))  # fmt: skip
    shop.now += timedelta(days=70)
    expiry = book_expiry(shop.club, MAIN, member, plenty)
    assert expiry is not None
    back = Reinstatement(member_id=member, sequence=int(expiry["n"]), expires_on="2025-12-31", reason="Goodwill")
    for _ in range(2):
        reinstate_points(shop.club, NOA, back, plenty)
    refused("adjustment_differs", lambda: reinstate_points(
        shop.club, NOA, back.model_copy(update={"reason": "Once more"}), plenty))  # fmt: skip
    refused("invalid", lambda: reinstate_points(shop.club, NOA, back.model_copy(update={"sequence": 2}), plenty))
    assert shop.account(member).posted == 120
    assert shop.account(member).points_on(date(2025, 3, 12)).available == 120
    balanced(shop, member)


@pytest.mark.parametrize("by_hand", ["extended", "brought back", "brought back, then extended"])
def test_points_that_staff_let_live_and_that_lapsed_all_the_same_leave_no_debt_when_their_goods_come_back(
    by_hand: str,
) -> None:
    shop, member = opened()
    if by_hand != "extended":
        shop.now += timedelta(days=70)
        expiry = book_expiry(shop.club, MAIN, member, plenty)
        assert expiry is not None
        back = Reinstatement(member_id=member, sequence=int(expiry["n"]), expires_on="2025-03-20", reason="Ill")
        reinstate_points(shop.club, NOA, back, plenty)
    if by_hand != "brought back":
        told = Extension(extension_id="E-1", member_id=member, expires_on="2025-04-20", reason="Ill")
        extend_points(shop.club, NOA, told, plenty)
    shop.now = OPENED + timedelta(days=150)
    assert book_expiry(shop.club, MAIN, member, plenty) is not None
    shop.bring_back(came_back("R-1", shop.now, "A-1"))
    assert (shop.account(member).posted, shop.account(member).lots) == (0, ())
    balanced(shop, member)


def test_two_memberships_become_one() -> None:
    shop, left = opened()
    into = shop.join()
    shop.hold("R-1", left, reward="credit")
    refused("merge_refused", lambda: merge(shop, left, into))
    shop.capture("R-1")
    shop.now += timedelta(days=3)
    shop.buy(bought("A-2", shop.now, ("CD-1", 1, 5_000)) | {"member_id": into})
    row = merge(shop, left, into)
    assert merge(shop, left, into) == row
    gone, account = shop.account(left), shop.account(into)
    assert (gone.posted, gone.lots, gone.purchases, gone.spend_minor, gone.months, gone.days) == (0, (), 0, 0, (), ())
    assert (gone.status, account.posted, account.purses["money"].posted) == (MERGED, 140, 5)
    assert (account.purchases, account.spend_minor, account.points_earned) == (2, 15_000, 150)
    assert [lot.points for lot in account.lots] == [90, 50]
    balanced(shop, left, into)
    refused("merge_refused", lambda: merge(shop, into, into, "M-2"))
    refused("merge_refused", lambda: merge(shop, left, shop.join(), "M-3"))


def test_a_debt_is_repaid_by_the_membership_that_takes_it_over() -> None:
    shop, left = opened()
    into = shop.join()
    shop.hold("R-1", left, units=90)
    shop.capture("R-1")
    shop.bring_back(came_back("B-1", OPENED, "A-1"))
    shop.buy(bought("A-2", OPENED, ("CD-1", 1, 12_000)) | {"member_id": into})
    merge(shop, left, into)
    account = shop.account(into)
    assert (shop.account(left).posted, account.posted, sum(lot.points for lot in account.lots)) == (0, 30, 30)
    balanced(shop, left, into)


def test_what_is_told_of_a_membership_that_was_merged_lands_on_its_successor() -> None:
    shop, left = opened()
    into = shop.join()
    shop.hold("R-1", left, units=40, purchase_id="A-2")
    shop.capture("R-1")
    shop.buy(bought("A-2", OPENED, ("CD-1", 2, 2_000)) | {"member_id": into})
    merge(shop, left, into)
    shop.buy(bought("A-3", OPENED, ("CD-1", 1, 1_000)) | {"card": "CARD-J-1"})
    shop.buy(bought("A-4", OPENED, ("CD-1", 1, 1_000)) | {"member_id": left})
    assert shop.account(into).posted == 100 - 40 + 20 + 10 + 10
    shop.bring_back(came_back("B-1", OPENED, "A-1", amount_minor=5_000))
    shop.bring_back(came_back("B-2", OPENED, "A-2", amount_minor=1_000))
    shop.reverse("R-1", "V-1")
    assert shop.account(into).posted == 100 - 50 + 10 + 10 + 10
    balanced(shop, left, into)


@drawn(60)
@given(data=st.data())
def test_whatever_staff_and_tills_do_not_a_point_is_lost_or_made(data: st.DataObject) -> None:
    shop = Shop(WITH_STAFF)
    members = [shop.join() for _ in range(3)]
    purchases: list[str] = []
    for number in range(data.draw(st.integers(1, 14))):
        member = data.draw(st.sampled_from(members))
        units = data.draw(st.integers(1, 180))
        try:
            match data.draw(
                st.sampled_from(["buy", "buy", "back", "ask", "approve", "extend", "merge", "late", "wait"])
            ):
                case "buy":
                    shop.buy(bought(f"A-{number}", shop.now, ("CD-1", 1, units * 100)) | {"member_id": member})
                    purchases.append(f"A-{number}")
                case "late":
                    shop.buy(bought(f"A-{number}", OPENED, ("CD-1", 1, units * 100)) | {"member_id": member})
                    purchases.append(f"A-{number}")
                case "back" if purchases:
                    one = data.draw(st.sampled_from(purchases))
                    shop.bring_back(came_back(f"B-{number}", shop.now, one, amount_minor=units * 50))
                case "ask":
                    ask(shop, member, data.draw(st.sampled_from([units, -units])), f"J-{number}")
                case "approve":
                    for row in waiting_adjustments(shop.club, NOA, 10):
                        approve_adjustment(shop.club, NOA, str(row["k"]).partition("#")[2], plenty)
                case "extend":
                    later = (shop.now + timedelta(days=units)).date().isoformat()
                    told = Extension(extension_id=f"E-{number}", member_id=member, expires_on=later, reason="Ill")
                    extend_points(shop.club, NOA, told, plenty)
                case "merge":
                    merge(shop, member, data.draw(st.sampled_from(members)), f"M-{number}")
                case "wait":
                    shop.now += timedelta(days=data.draw(st.sampled_from([1, 20, 61])))
        except Refused:
            pass
        balanced(shop, *members)


@pytest.mark.parametrize("steps", ["return, reinstate", "reinstate, return", "reinstate, late return"])
def test_points_of_what_was_returned_do_not_come_back_after_they_lapsed(steps: str) -> None:
    shop, member = opened()
    shop.now += timedelta(days=75)
    bring_back = reinstating(shop, member)
    for step in steps.split(", "):
        match step:
            case "reinstate" if steps.startswith("return"):
                refused("invalid", bring_back)
            case "reinstate":
                assert unpacked(bring_back()["d"]) == [100, 100]
            case "return":
                shop.bring_back(came_back("B-1", shop.now, "A-1"))
            case "late return":
                shop.bring_back(came_back("B-1", OPENED + timedelta(days=3), "A-1"))
        balanced(shop, member)
    assert shop.account(member).posted == 0


def test_of_what_lapsed_only_what_was_kept_comes_back() -> None:
    shop, member = opened()
    shop.now += timedelta(days=75)
    bring_back = reinstating(shop, member)
    shop.bring_back(came_back("B-1", shop.now, "A-1", amount_minor=4_000))
    row = bring_back()
    assert (unpacked(row["d"]), shop.account(member).posted) == ([60, 60], 60)
    shop.bring_back(came_back("B-2", shop.now, "A-1", amount_minor=6_000))
    assert shop.account(member).posted == 0
    balanced(shop, member)


def reinstating(shop: Shop, member: str) -> Callable[[], Row]:
    """Books what lapsed; called, brings it back."""
    expiry = book_expiry(shop.club, MAIN, member, plenty)
    assert expiry is not None
    told = Reinstatement(member_id=member, sequence=int(expiry["n"]), expires_on="2026-12-31", reason="Goodwill")
    return lambda: reinstate_points(shop.club, NOA, told, plenty).row


@drawn(60)
@given(data=st.data())
def test_however_often_points_lapse_and_come_back_a_member_who_returns_everything_has_none(data: st.DataObject) -> None:
    shop, member = opened(0)
    bought_at: dict[str, datetime] = {}
    for number in range(data.draw(st.integers(1, 10))):
        units = data.draw(st.integers(1, 180))
        match data.draw(st.sampled_from(["buy", "late", "back", "reinstate", "wait", "wait"])):
            case "buy" | "late" as when:
                at = shop.now if when == "buy" else OPENED
                shop.buy(bought(f"A-{number}", at, ("CD-1", 1, units * 100)) | {"member_id": member})
                bought_at[f"A-{number}"] = at
            case "back" if bought_at:
                one = data.draw(st.sampled_from(sorted(bought_at)))
                at = bought_at[one] + data.draw(st.sampled_from([0, 1])) * (shop.now - bought_at[one])
                with suppress(Refused):
                    shop.bring_back(came_back(f"B-{number}", at, one, amount_minor=units * 50))
            case "reinstate":
                for row in shop.rows(member):
                    if row["c"] == "expiry":
                        lives_until = (shop.now + timedelta(days=units)).date().isoformat()
                        told = Reinstatement(
                            member_id=member, sequence=int(row["n"]), expires_on=lives_until, reason="Goodwill"
                        )
                        with suppress(Refused):
                            reinstate_points(shop.club, NOA, told, plenty)
            case _:
                shop.now += timedelta(days=data.draw(st.sampled_from([1, 20, 61])))
                book_expiry(shop.club, MAIN, member, plenty)
        balanced(shop, member)
    for one in bought_at:
        with suppress(Refused):
            shop.bring_back(came_back(f"B-{one}", shop.now, one))
    balanced(shop, member)
    account = shop.account(member)
    # Points that came back and lapsed once more are a debt when their purchase is returned, never a gift.
    assert account.posted <= 0
    assert account.lots == ()


@pytest.mark.parametrize("units", [0, 10**13])
def test_an_adjustment_of_nothing_or_of_everything_is_no_adjustment(units: int) -> None:
    with pytest.raises(ValueError, match="units"):
        Adjustment(adjustment_id="J-1", member_id="M0000000000000001", units=units, reason="x")
