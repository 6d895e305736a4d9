"""Points that slide: every purchase begins the time of all open points anew, and what had lapsed before it stays lapsed."""

from __future__ import annotations

from datetime import date

from shared.domain.account import Account
from shared.domain.lots import Lot
from shared.domain.rebuilding import advanced
from tests.domain.shop import BASE, after, member, points, posted, programme, purchase, rule

SLIDING = points(expiry="{ days = 30, sliding = true }")


def buying(account: Account, day: str, *tables: str, cents: int = 1_000) -> Account:
    book = programme(*tables, BASE)
    posting = posted(purchase(cents, at=f"{day}T12:00:00-05:00", purchase_id=day), account, book)
    made = advanced(posting.before or account, posting.more[0], book) if posting.more else account
    made = advanced(made, posting.row, book)
    assert (made.lots, made.purses) == (after(posting).lots, after(posting).purses)
    return after(posting)


def test_a_purchase_gives_all_open_points_its_own_last_day() -> None:
    dana = buying(buying(member(), "2026-11-01", SLIDING), "2026-11-20", SLIDING)
    assert dana.lots == (Lot(date(2026, 11, 1), date(2026, 12, 20), 20),)


def test_points_that_lapsed_before_the_purchase_do_not_come_back() -> None:
    dana = buying(buying(member(), "2026-10-01", SLIDING), "2026-11-20", SLIDING)
    assert dana.lots == (Lot(date(2026, 11, 20), date(2026, 12, 20), 10),)
    assert dana.posted == 10


def test_a_purchase_that_earns_nothing_moves_the_day_too() -> None:
    dana = buying(buying(member(), "2026-11-01", SLIDING), "2026-11-20", SLIDING, cents=0)
    assert dana.lots == (Lot(date(2026, 11, 1), date(2026, 12, 20), 10),)


def test_a_wallet_that_slides_moves_with_purchases_that_give_it_nothing() -> None:
    wallet = '[[wallet]]\nid = "credit"\nexpiry = { days = 30, sliding = true }\n'
    give = rule("credit", wallet="credit", points=3, per="purchase", when="purchase.total_minor >= 2000")
    dana = buying(member(), "2026-11-01", wallet, give, cents=2_000)
    dana = buying(dana, "2026-11-20", wallet, give)
    assert dana.purses["credit"].lots == (Lot(date(2026, 11, 1), date(2026, 12, 20), 3),)
