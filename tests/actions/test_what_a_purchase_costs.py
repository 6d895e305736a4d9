"""What a purchase costs: round trips as they leave, write units as DynamoDB answers them, read units from bytes by AWS's rule."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from club.up import PROGRAMME
from shared.actions.club import Club
from shared.actions.find_member import account_of
from shared.actions.read_statement import read_statement
from shared.actions.record_purchase import quote_purchase
from shared.domain.account import MONTHS_KEPT, Account
from shared.domain.decide import post_join, post_purchase
from shared.store.backend import Put
from shared.store.laws import publish
from shared.store.rows import account_row
from shared.store.table import Tables
from tests import storefront
from tests.actions.tills import MAIN, club_on, new_member, purchase, record
from tests.storefront import Json, new_id
from tests.wire import Wire, row_bytes

KB = 1024
CATEGORIES = ("music", "vinyl", "poster", "book", "merch")

# How shops name what they sell: a short code, a bar code, a code that speaks.
SKUS: dict[str, Callable[[random.Random, str], str]] = {
    "short": lambda chance, category: f"CD-{chance.randint(1000, 9999)}",
    "bar code": lambda chance, category: str(chance.randint(4_000_000_000_000, 5_999_999_999_999)),
    "speaking": lambda chance, category: f"{category[:3].upper()}-{chance.randint(10_000, 99_999)}-180G",
}


@pytest.fixture
def tills(tables: Tables, wire: Wire) -> Club:
    """The demo club on tables of its own: its members of two years have figures, and no postings to prove them by."""
    opened = club_on(wire, tables=tables)
    publish(tables, PROGRAMME.read_text("utf-8"), opened.now(), at_once=True)
    opened.laws.at(opened.now())
    wire.forget()
    return opened


def lines(count: int, skus: str = "short", seed: int = 1) -> list[Json]:
    """Lines as a record shop sells them: one to three of each, every fifth at a discount."""
    chance = random.Random(seed)
    bought = []
    for index in range(count):
        category, quantity = chance.choice(CATEGORIES), chance.randint(1, 3)
        amount = chance.randint(499, 4_999) * quantity
        discount = amount // 10 if index % 5 == 4 else 0
        sku = SKUS[skus](chance, category)
        bought.append(storefront.line(amount, sku=sku, category=category, quantity=quantity, discount_minor=discount))
    return bought


def established(tills: Club, purchases_a_month: int = 2) -> Account:
    """A member who has bought for more than 24 months, as the real rules leave the account; only its row is written."""
    now = tills.now()
    book, start = tills.laws.at(now), now - timedelta(days=760)
    id_ = new_member(tills, language="fa", birthday={"calendar": "jalali", "month": 3, "day": 14})
    joined = account_of(tills, MAIN, id_)
    account = post_join(joined, book, start, key=joined.last_key, fingerprint=b"f" * 17).after
    assert account is not None
    for number in range(25 * purchases_a_month):
        at = start + timedelta(days=30 * (number // purchases_a_month) + 13 * (number % purchases_a_month) % 30)
        bought = purchase(*lines(3, seed=number), member_id=id_, occurred_at=at.isoformat(timespec="seconds"))
        key = f"purchase#main#A-{100_000 + number}"
        account = post_purchase(bought, account, book, at, key=key, fingerprint=b"f" * 17).after
        assert account is not None
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
        at = (datetime.now(UTC) - timedelta(days=day)).isoformat()
        record(tills, purchase(member_id=member_id, occurred_at=at))
    assert wire.attempts == ["GetItem", "TransactWriteItems"] * 3
