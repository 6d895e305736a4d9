"""The account as a row: nothing is lost on the way, a newer release's additions survive, two years fit into 1 KB."""

from __future__ import annotations

import json
import random
import zlib
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.account import DAYS_KEPT, MONTHS_KEPT, NOWHERE, Account, Day, Hold, Month, Purse, Standing, place_of
from shared.domain.lots import Lot
from shared.domain.row_bytes import row_bytes
from shared.store.rows import account_of, account_row
from tests.domain.shop import with_purchase

# DynamoDB counts a write unit for each KB begun.
ROW_BYTES_MAX = 1024
LAST = date(2026, 11, 22)

DATES = st.dates(date(1990, 1, 1), date(2100, 1, 1))
COUNTS = st.integers(0, 10**6)
MONEY = st.integers(0, 10**12)
VALUES = st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20)

PERIODS = ["", "last", "2026", "2026-11", "2026-11-22"]
NAMES = st.from_regex(r"[a-z][a-z0-9-]{0,9}", fullmatch=True)

LOTS = st.lists(st.builds(Lot, DATES, st.none() | DATES, MONEY), max_size=8).map(tuple)

ACCOUNTS = st.builds(
    Account,
    id=st.from_regex(r"M[0-9A-Z]{16}", fullmatch=True),
    joined_on=DATES,
    sequence=COUNTS,
    last_key=st.just("") | st.text(min_size=1, max_size=64),
    last_hash=st.binary(min_size=32, max_size=32),
    posted=st.integers(-(10**12), 10**12),
    lots=LOTS,
    language=st.sampled_from(["", "en", "he", "fa"]),
    birthday=st.none()
    | st.tuples(st.sampled_from(["gregorian", "jalali", "hebrew"]), st.integers(1, 13), st.integers(1, 31)),
    attributes=st.dictionaries(st.from_regex(r"[a-z][a-z0-9_]{0,9}", fullmatch=True), VALUES, max_size=5),
    purchases=COUNTS,
    spend_minor=MONEY,
    points_earned=MONEY,
    months=st.lists(st.builds(Month, st.integers(23_880, 25_200), COUNTS, MONEY, MONEY), max_size=24).map(
        lambda months: tuple(sorted(months))
    ),
    days=st.lists(st.builds(Day, DATES, COUNTS, MONEY), max_size=30).map(lambda days: tuple(sorted(days))),
    status=st.sampled_from(["", "suspended"]),
    purses=st.dictionaries(
        NAMES,
        st.builds(
            Purse, MONEY, st.lists(st.builds(Lot, DATES, st.none() | DATES, MONEY), max_size=3).map(tuple), COUNTS
        ),
        max_size=2,
    ),
    standings=st.dictionaries(
        NAMES,
        st.builds(
            Standing, st.sampled_from(["", "gold"]), DATES, DATES, st.none() | DATES, st.sampled_from(["", "gold"])
        ),
        max_size=2,
    ),
    used=st.dictionaries(
        NAMES,
        st.dictionaries(
            st.sampled_from(["", "last", "2026", "2026-11", "2026-11-22"]), st.tuples(COUNTS, MONEY), max_size=3
        ),
        max_size=3,
    ),
    stores=st.dictionaries(NAMES, COUNTS, max_size=3),
    holds=st.dictionaries(NAMES, st.builds(Hold, NAMES, COUNTS, LOTS), max_size=2),
    newest=st.just(NOWHERE) | st.builds(place_of, st.integers(1, 4 * 10**12), NAMES),
    retold=st.booleans(),
    unknown=st.just({}),
)


@settings(deadline=None)
@given(ACCOUNTS)
def test_an_account_comes_back_from_its_row_as_it_was(account: Account) -> None:
    expected = account if account.last_key else Account(**{**_fields(account), "last_hash": b""})
    assert account_of(account_row(account)) == expected


def test_what_decides_a_write_stands_in_the_open() -> None:
    account = Account("MDANA", LAST, sequence=5, posted=70, last_key="purchase#main#A-1", last_hash=b"h" * 32)
    row = account_row(account)
    assert {name: row[name] for name in "anbkh"} == {
        "a": "MDANA", "n": 5, "b": 70, "k": "purchase#main#A-1", "h": b"h" * 32
    }  # fmt: skip
    assert set(row) == set("anbkhz")


def test_a_newcomer_s_row_has_no_posting_before_it() -> None:
    assert set(account_row(Account("MDANA", LAST))) == set("anbz")


@settings(deadline=None, max_examples=40)
@given(
    ACCOUNTS,
    st.dictionaries(
        st.from_regex(r"[A-Z][a-z]{1,5}", fullmatch=True), VALUES | st.lists(VALUES, max_size=3), max_size=3
    ),
    st.dictionaries(
        st.from_regex(r"[A-Z][a-z]{1,5}", fullmatch=True), VALUES | st.lists(VALUES, max_size=3), max_size=3
    ),
)
def test_what_a_newer_release_wrote_survives_a_rewrite(
    account: Account, in_row: dict[str, Any], in_figures: dict[str, Any]
) -> None:
    """F34: old and new code together. This release changes the balance and knows nothing of the rest."""
    newer = account_row(account) | in_row
    newer["z"] = _packed(_figures(newer) | in_figures)
    read = account_of(newer)
    rewritten = account_row(Account(**{**_fields(read), "posted": read.posted + 1}))
    assert {name: rewritten[name] for name in in_row} == in_row
    assert {name: _figures(rewritten)[name] for name in in_figures} == in_figures
    assert account_of(rewritten).posted == account.posted + 1
    assert account_of(rewritten).days == account.days


def test_a_row_of_an_older_release_without_the_rare_figures_is_read() -> None:
    row = {
        "a": "MDANA",
        "n": 1,
        "b": 0,
        "z": _packed({"j": LAST.toordinal(), "s": [0, 0, 0], "o": [], "g": [], "d": []}),
    }
    assert account_of(row) == Account("MDANA", LAST, sequence=1)


def test_the_same_account_makes_the_same_row() -> None:
    assert account_row(_shopper(7)) == account_row(_shopper(7))


def test_a_row_holds_no_personal_data_but_day_and_month_of_birth() -> None:
    account = Account("MDANA", LAST, birthday=("hebrew", 9, 25), language="he")
    assert set(_figures(account_row(account))) == {"j", "s", "o", "g", "d", "b", "l"}
    assert _figures(account_row(account))["b"] == ["hebrew", 9, 25]


@pytest.mark.parametrize("seed", range(5))
def test_two_years_of_a_weekly_shopper_fit_into_a_kilobyte(seed: int) -> None:
    account = _shopper(7, seed)
    assert len(account.months) == MONTHS_KEPT
    assert len(account.lots) == 13
    assert len(account.days) >= 52
    assert row_bytes(account_row(account)) <= ROW_BYTES_MAX


def test_a_row_never_grows_beyond_what_is_kept() -> None:
    """Somebody who buys every day for three years costs a second write unit, and not a third."""
    account = _shopper(1)
    assert len(account.days) == DAYS_KEPT
    assert row_bytes(account_row(account)) <= 2 * ROW_BYTES_MAX


def _shopper(every_days: int, seed: int = 1) -> Account:
    """Three years of purchases of chance, points for 12 months: figures as a real shop's, as hard to pack."""
    chance = random.Random(seed)
    account = Account(
        "M" + "".join(chance.choices("0123456789ABCDEFGHJKMNPQRSTVWXYZ", k=16)), LAST - timedelta(days=1096),
        last_key=f"purchase#main#{chance.randrange(10**9)}", last_hash=chance.randbytes(32),
        language="he", birthday=("gregorian", 7, 14), attributes={"city": "haifa", "children": 2},
    )  # fmt: skip
    on = account.joined_on
    while on <= LAST:
        cents = chance.randrange(500, 30_000)
        last_day = date(on.year + 1, on.month, 28)
        account = with_purchase(account, on, cents, cents // 100, Lot(on, last_day, cents // 100), on)
        on += timedelta(days=max(1, every_days + chance.randrange(-1, 2)) if every_days > 1 else 1)
    # The newest lots are those that have not lapsed; the others were booked away.
    live = tuple(lot for lot in account.lots if lot.expires_on and lot.expires_on >= LAST)[-13:]
    return Account(**{**_fields(account), "lots": live, "sequence": account.purchases + 1, "posted": account.posted})


def _fields(account: Account) -> dict[str, Any]:
    return {name: getattr(account, name) for name in Account._fields}


def _figures(row: dict[str, Any]) -> dict[str, Any]:
    figures: dict[str, Any] = json.loads(zlib.decompress(row["z"], -15))
    return figures


def _packed(figures: dict[str, Any]) -> bytes:
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    return compressor.compress(json.dumps(figures).encode()) + compressor.flush()
