"""Points move between two members: out of one account into the other, together or not at all, and back."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from shared.actions.transfer_points import TransferDiffers, TransferUnknown, take_transfer_back, transfer_points
from shared.api.entries import reason_of
from shared.domain.errors import Invalid, PointsInsufficient
from shared.domain.ledger import legs_of
from shared.domain.lots import Lot
from shared.domain.sentences import Speaker
from shared.domain.transfer import CLEARING, Transferring
from shared.store.keys import parts
from tests.laws.shop import MAIN, OPENED, Shop, bought, plenty

BASE = '[[earn]]\nid = "base"\npoints = 1\nper_minor = 100\n[points]\nexpiry = { days = 30 }\n'
GIFT = Transferring("points", 40, "gift", "staff-1")
WHY = ("mistake", "staff-1", "")
DAY = timedelta(days=1)


def two_members(text: str = BASE) -> tuple[Shop, str, str]:
    """Dana has a hundred points; Avi has none."""
    shop = Shop(text)
    dana, avi = shop.join(), shop.join()
    shop.buy(bought("A-1", OPENED, ("CD-1", 1, 10_000), member_id=dana))
    return shop, dana, avi


def proven(shop: Shop, *members: str) -> None:
    for member in members:
        shop.prove(member)


def test_what_one_gives_the_other_receives_and_the_clearing_account_is_even() -> None:
    shop, dana, avi = two_members()
    row = transfer_points(shop.club, MAIN, "T-1", dana, avi, GIFT, plenty).row
    proven(shop, dana, avi)
    assert (shop.account(dana).posted, shop.account(avi).posted) == (60, 40)
    other = shop.rows(avi)[-1]
    assert other["k"] == f"{row['k']}@{avi}"
    assert sum(leg.points for one in (row, other) for leg in legs_of(one) if leg.account == CLEARING) == 0


@pytest.mark.parametrize(("policy", "last"), [("kept", date(2025, 1, 31)), ("restarted", date(2025, 2, 10))])
def test_points_that_move_lapse_on_their_own_day_or_begin_anew(policy: str, last: date) -> None:
    shop, dana, avi = two_members(BASE + f'[policies]\ntransfer_expiry = "{policy}"\n')
    shop.now += 10 * DAY
    transfer_points(shop.club, MAIN, "T-1", dana, avi, GIFT, plenty)
    assert [lot.expires_on for lot in shop.account(avi).lots] == [last]


def test_a_transfer_told_twice_is_made_once_and_another_content_is_refused() -> None:
    shop, dana, avi = two_members()
    first = transfer_points(shop.club, MAIN, "T-1", dana, avi, GIFT, plenty)
    again = transfer_points(shop.club, MAIN, "T-1", dana, avi, GIFT, plenty)
    assert (again.replayed, again.row) == (True, first.row)
    with pytest.raises(TransferDiffers):
        transfer_points(shop.club, MAIN, "T-1", dana, avi, GIFT._replace(units=41), plenty)
    assert shop.account(avi).posted == 40


def test_points_that_wait_or_have_lapsed_do_not_move() -> None:
    shop, dana, avi = two_members(BASE + "pending_days = 5\n")
    with pytest.raises(PointsInsufficient):
        transfer_points(shop.club, MAIN, "T-1", dana, avi, GIFT, plenty)
    shop.now += 31 * DAY
    with pytest.raises(PointsInsufficient):
        transfer_points(shop.club, MAIN, "T-1", dana, avi, GIFT, plenty)
    assert (shop.account(avi).sequence, shop.account(dana).sequence) == (1, 2)


@pytest.mark.parametrize("policy", ["kept", "restarted"])
def test_a_transfer_that_is_taken_back_leaves_both_as_they_were(policy: str) -> None:
    shop, dana, avi = two_members(BASE + f'[policies]\ntransfer_expiry = "{policy}"\n')
    before = shop.account(dana)
    shop.buy(bought("A-2", OPENED, ("CD-1", 1, 700), member_id=avi))
    shop.now += 3 * DAY
    shop.buy(bought("A-3", shop.now, ("CD-1", 1, 900), member_id=avi))
    theirs = shop.account(avi).lots
    shop.now += DAY
    transfer_points(shop.club, MAIN, "T-1", dana, avi, GIFT, plenty)
    row = take_transfer_back(shop.club, MAIN, "T-1", WHY, plenty).row
    assert take_transfer_back(shop.club, MAIN, "T-1", WHY, plenty).row == row
    proven(shop, dana, avi)
    assert (shop.account(dana).posted, shop.account(dana).lots) == (before.posted, before.lots)
    assert (shop.account(avi).posted, shop.account(avi).lots) == (16, theirs)


def test_what_was_spent_meanwhile_cannot_be_taken_back() -> None:
    shop, dana, avi = two_members()
    transfer_points(shop.club, MAIN, "T-1", dana, avi, GIFT, plenty)
    shop.adjust(avi, -1, "X-1")
    with pytest.raises(PointsInsufficient):
        take_transfer_back(shop.club, MAIN, "T-1", WHY, plenty)
    assert (shop.account(dana).posted, shop.account(avi).posted) == (60, 39)


def test_a_transfer_names_two_members_something_to_move_and_a_wallet_there_is() -> None:
    shop, dana, avi = two_members()
    for to, what in ((dana, GIFT), (avi, GIFT._replace(units=0)), (avi, GIFT._replace(wallet="stars"))):
        with pytest.raises(Invalid):
            transfer_points(shop.club, MAIN, "T-1", dana, to, what, plenty)
    with pytest.raises(TransferUnknown):
        take_transfer_back(shop.club, MAIN, "T-1", WHY, plenty)


def test_a_purchase_told_late_leaves_a_transfer_where_it_is() -> None:
    shop, dana, avi = two_members()
    transfer_points(shop.club, MAIN, "T-1", dana, avi, GIFT, plenty)
    shop.now += DAY
    shop.buy(bought("A-2", shop.now, ("CD-1", 1, 1_000), member_id=dana))
    shop.buy(bought("A-0", OPENED - timedelta(hours=1), ("CD-1", 1, 2_000), member_id=dana))
    proven(shop, dana, avi)
    assert (shop.account(dana).posted, shop.account(avi).posted) == (90, 40)


def test_other_wallets_move_as_well() -> None:
    shop, dana, avi = two_members(
        '[[earn]]\nid = "base"\nwallet = "stars"\npoints = 1\nper_minor = 100\n[[wallet]]\nid = "stars"\n'
    )
    transfer_points(shop.club, MAIN, "T-1", dana, avi, GIFT._replace(wallet="stars"), plenty)
    proven(shop, dana, avi)
    assert shop.account(avi).purses["stars"].lots == (Lot(OPENED.date(), None, 40),)


def test_both_read_of_a_transfer_in_their_statements() -> None:
    shop, dana, avi = two_members()
    transfer_points(shop.club, MAIN, "T-1", dana, avi, GIFT, plenty)
    take_transfer_back(shop.club, MAIN, "T-1", WHY, plenty)
    assert said(shop, dana) == [
        "Received from another member: 40 points. Reason: mistake",
        "Moved to another member: 40 points. Reason: gift",
    ]
    assert said(shop, avi) == [
        "Moved to another member: 40 points. Reason: mistake",
        "Received from another member: 40 points. Reason: gift",
    ]


def said(shop: Shop, member: str) -> list[str]:
    """The last two reasons of a statement, newest first."""
    rows = shop.rows(member)[::-1][:2]
    book = shop.club.laws.latest()
    return [reason_of(row, parts(str(row["k"])), Speaker(book, "en"))[0] for row in rows]
