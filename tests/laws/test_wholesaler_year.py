"""A wholesaler's year with its cancelled invoices: in time, shuffled, and shuffled with every report sent twice, it ends alike.

`WHOLESALER_MEMBERS` and `WHOLESALER_SEED` make it larger and other.
"""

from __future__ import annotations

import os
from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, NamedTuple

import pytest

from shared.domain.account import Account
from shared.domain.lapsing import lapsing
from shared.domain.ledger import Row, legs_of
from tests.laws import test_order_of_arrival
from tests.laws.retail_year import FIRST_DAY, QUANTITY_LARGEST, Report, year
from tests.laws.shop import Shop

MEMBERS, SEED = int(os.environ.get("WHOLESALER_MEMBERS", "25")), int(os.environ.get("WHOLESALER_SEED", "1"))
INVOICES_MAX = 250 if MEMBERS > 100 else 20
END = datetime(2012, 6, 1, 12, tzinfo=UTC)
HEAD = """
[club]
name = "Gifts"
currency = "GBP"
time_zone = "Europe/London"
languages = ["en"]
phone_region = "GB"
late_days = 3660
"""
RULES = """
[[tier]]
id = "silver"
spend_minor = 50_000
multiply = 1.5
[[tier]]
id = "gold"
spend_minor = 200_000
multiply = 2
[[earn]]
id = "base"
points = 1
per_minor = 100
[[earn]]
id = "range"
lines = "line.category == 'range-2'"
points = 5
per = "line"
limits = [{ per = "month", points = 50 }]
[[earn]]
id = "cash"
wallet = "credit"
points = 0.02
per_minor = 100
[[earn]]
id = "stamp"
wallet = "stamps"
points = 1
per = "line"
[[wallet]]
id = "credit"
decimals = 2
value_minor = 100
"""
LAPSING = """
expiry = { months = 3, at = "month_end" }
[[wallet]]
id = "stamps"
goal = 100
[points]
pending_days = 14
expiry = { months = 6 }
[tiers]
window_days = 90
"""
SLIDING = """
expiry = { days = 40, sliding = true }
[[wallet]]
id = "stamps"
goal = 20
expiry = { days = 60 }
[points]
expiry = { months = 2, sliding = true }
[tiers]
window = "calendar_month"
grace_days = 10
"""
PROGRAMMES = {
    "debts are kept": RULES + LAPSING + '[policies]\nclawback_when_spent = "negative"',
    "what is not there is forgiven": RULES + LAPSING + '[policies]\nclawback_when_spent = "clamp"',
    "what is not there is a loss": RULES + SLIDING + '[policies]\nclawback_when_spent = "record_loss"',
}


class Told(NamedTuple):
    """What a year came to: the members' accounts, and how the reports were taken."""

    accounts: list[Account]
    taken: Counter[str]


def told(text: str, reports: list[Report], *, in_time: bool) -> Told:
    """The year told in this sequence: on each report's own day, or all of it afterwards. A report that is told again is answered
    as the first time; every account is proven and every posting comes to zero."""
    shop = Shop(text + '\nreturn_without_purchase = "by_amount"\n', now=FIRST_DAY, head=HEAD)
    ids = [shop.join(FIRST_DAY) for _ in range(MEMBERS)]
    shop.now = FIRST_DAY if in_time else END
    answers: dict[tuple[str, Any], Row] = {}
    taken = Counter[str]()
    for report in reports:
        at = datetime.fromisoformat(report.body["occurred_at"]) + timedelta(seconds=5)
        shop.now = max(shop.now, at)
        body = report.body | ({"member_id": ids[report.member]} if report.member is not None else {})
        row = (shop.buy if report.kind == "purchase" else shop.bring_back)(body)
        first = answers.setdefault((str(row["k"]), row["c"]), row)
        assert row == first
        taken[str(row["c"])] += 1
    shop.now = END
    for row in shop.memory.scanned("ledger"):
        assert "g" not in row or sum(leg.points for leg in legs_of(row)) == 0
    return Told([_at_the_end(shop, member) for member in ids], taken)


def _at_the_end(shop: Shop, member: str) -> Account:
    shop.prove(member)
    account, _ = lapsing(shop.account(member), shop.club.laws.latest(), shop.now)
    for posted, lots in [(account.posted, account.lots), *((one.posted, one.lots) for one in account.purses.values())]:
        assert sum(lot.points for lot in lots) == max(0, posted)
    return account


@pytest.fixture
def _to_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(test_order_of_arrival, "END", END)


@pytest.mark.usefixtures("_to_the_end")
@pytest.mark.parametrize("name", list(PROGRAMMES))
def test_a_year_of_cancelled_invoices_ends_alike_in_whatever_sequence_and_however_often_it_is_told(name: str) -> None:
    reports = year(SEED, MEMBERS, invoices_max=INVOICES_MAX)
    assert any(line["quantity"] == QUANTITY_LARGEST for one in reports for line in one.body.get("lines", ()))
    shuffled = Random(SEED).sample(reports, len(reports))
    twice = Random(SEED + 1).sample(reports * 2, len(reports) * 2)
    in_time = told(PROGRAMMES[name], reports, in_time=True)
    expected = [test_order_of_arrival.alike(one) for one in in_time.accounts]
    assert not in_time.taken["parked"]
    for sequence in (shuffled, twice):
        late = told(PROGRAMMES[name], sequence, in_time=False)
        assert late.taken["parked"]
        assert [test_order_of_arrival.alike(one) for one in late.accounts] == expected
