"""What a purchase costs: round trips as they leave, write units as DynamoDB answers them, read units from bytes by AWS's rule."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from benchmarks import shop
from benchmarks.shop import SKUS, lines
from club.up import PROGRAMME
from shared.actions.club import Club
from shared.actions.find_member import account_of
from shared.actions.read_statement import read_statement
from shared.actions.record_purchase import quote_purchase
from shared.domain.account import MONTHS_KEPT, Account
from shared.domain.row_bytes import row_bytes
from shared.store.backend import Put
from shared.store.laws import publish
from shared.store.rows import account_row
from shared.store.table import Tables
from tests import storefront
from tests.actions.tills import MAIN, club_on, new_member, purchase, record
from tests.storefront import new_id
from tests.wire import Wire

KB = 1024


@pytest.fixture
def tills(tables: Tables, wire: Wire) -> Club:
    """The demo club on tables of its own: its members of two years have figures, and no postings to prove them by."""
    opened = club_on(wire, tables=tables)
    publish(tables, PROGRAMME.read_text("utf-8"), opened.now(), at_once=True)
    opened.laws.at(opened.now())
    wire.forget()
    return opened


def established(tills: Club, purchases_a_month: int = 2) -> Account:
    """A member who has bought for more than 24 months; only the account's row is written."""
    now = tills.now()
    id_ = new_member(tills, language="fa", birthday={"calendar": "jalali", "month": 3, "day": 14})
    account = shop.established(account_of(tills, MAIN, id_), tills.laws.at(now), now, purchases_a_month)
    tills.store.backend.write([Put("accounts", account_row(account))])
    return account


def test_a_purchase_by_member_id_is_one_read_and_one_transaction(tills: Club, wire: Wire) -> None:
    account = established(tills)
    wire.forget()
    assert not record(tills, purchase(*lines(3), member_id=account.id)).replayed
    assert wire.attempts == wire.calls == ["GetItem", "TransactWriteItems"]
    assert wire.read_units == 1


def test_a_purchase_by_card_is_two_reads_and_one_transaction(tills: Club, wire: Wire) -> None:
    card = new_id("CARD")
    new_member(tills, card=card)
    wire.forget()
    assert not record(tills, purchase(*lines(3), card=card)).replayed
    assert wire.attempts == wire.calls == ["GetItem", "GetItem", "TransactWriteItems"]
    assert wire.read_units == 2


@pytest.mark.parametrize("skus", SKUS)
@pytest.mark.parametrize(("count", "units"), [(1, 5), (10, 5), (11, 7), (25, 7), (26, 9), (50, 9)])
def test_a_purchase_costs_no_more_write_units_than_its_lines_need(
    tills: Club, wire: Wire, skus: str, count: int, units: int
) -> None:
    account = established(tills)
    wire.forget()
    bought = purchase(
        *lines(count, skus), member_id=account.id, purchase_id=new_id()[:8], shipping_minor=599, discount_minor=100
    )
    row = record(tills, bought).row
    assert sum(wire.write_units.values()) <= units, (row_bytes(row), dict(wire.write_units))
    assert {name.rpartition("-")[2] for name in wire.write_units} == {"ledger", "accounts"}
    assert min(wire.write_units.values()) == 2


@pytest.mark.parametrize("purchases_a_month", [1, 2, 4])
def test_two_years_of_a_members_figures_fit_in_a_kilobyte(tills: Club, wire: Wire, purchases_a_month: int) -> None:
    account = established(tills, purchases_a_month)
    stored = tills.store.backend.get("accounts", {"a": account.id})
    assert stored is not None
    assert row_bytes(stored) <= KB
    assert len(account.months) == MONTHS_KEPT
    assert all(later.ordinal == sooner.ordinal + 1 for sooner, later in pairwise(account.months))
    assert len(account.lots) >= 13


def test_nothing_is_decided_on_what_was_true_a_moment_ago(tills: Club, wire: Wire) -> None:
    card = new_id("CARD")
    member_id = new_member(tills, card=card)
    record(tills, purchase(card=card))
    quote_purchase(tills, MAIN, purchase(member_id=member_id))
    read_statement(tills, MAIN, member_id, None, 10)
    assert wire.rows_read
    assert wire.weak_reads == []


def test_repeating_a_purchase_writes_nothing_and_reads_no_more(tills: Club, wire: Wire) -> None:
    bought = purchase(member_id=new_member(tills))
    record(tills, bought)
    wire.forget()
    assert record(tills, bought).replayed
    assert wire.attempts == ["GetItem", "TransactWriteItems"]
    assert wire.write_units.total() == 0


def test_a_guests_purchase_is_one_write(tills: Club, wire: Wire) -> None:
    record(tills, purchase(*lines(10)))
    assert wire.attempts == ["PutItem"]
    assert wire.write_units.total() == 1


def test_a_quote_is_one_read(tills: Club, wire: Wire) -> None:
    account = established(tills)
    wire.forget()
    quote_purchase(tills, MAIN, purchase(*lines(10), member_id=account.id))
    assert wire.attempts == ["GetItem"]
    assert wire.read_units == 1


def test_joining_is_one_transaction(tills: Club, wire: Wire) -> None:
    wire.forget()
    new_member(tills, phone=storefront.phone(), email=f"{new_id('noa')}@example.com")
    assert wire.attempts == ["TransactWriteItems"]


def test_a_page_of_a_statement_is_three_reads_however_long_the_history(tills: Club, wire: Wire) -> None:
    member_id = new_member(tills)
    for _ in range(12):
        record(tills, purchase(member_id=member_id))
    wire.forget()
    page = read_statement(tills, MAIN, member_id, None, 10)
    assert len(page.rows) == 10
    assert wire.attempts == ["GetItem", "Query", "BatchGetItem"]


def test_the_law_is_read_once_and_not_for_each_purchase(tills: Club, wire: Wire) -> None:
    member_id = new_member(tills)
    wire.forget()
    for day in range(3):
        at = (datetime.now(UTC) - timedelta(hours=3 - day)).isoformat()
        record(tills, purchase(member_id=member_id, occurred_at=at))
    assert wire.attempts == ["GetItem", "TransactWriteItems"] * 3
