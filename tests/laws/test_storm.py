"""T2: sixteen tills at once want what one member has: what can be had is had, once, and not a point more."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from shared.actions.club import Club
from shared.actions.coupons import code_of_coupon
from shared.actions.record_purchase import record_purchase
from shared.actions.sweep import sweep
from shared.domain.coupons import coupons_of
from shared.domain.purchase import Purchase
from shared.store.laws import publish
from shared.store.stocks import stock_of
from tests.laws.endpoint import Endpoint
from tests.laws.model import programme
from tests.laws.shop import HEAD, MAIN, bought
from tests.laws.workers import Place, join, left, proven_rows, storm, use_offers
from tests.storefront import processes

TILLS = 16
ATTEMPTS = 100
UNITS = 7
POINTS = 300
SECONDS_MAX = 240


def test_sixteen_tills_redeem_exactly_what_a_member_has(endpoint: Endpoint, names: dict[str, str]) -> None:
    place = Place(endpoint, names)
    club, began = place.club(), datetime.now(UTC) - timedelta(hours=1)
    publish(club.store.backend, HEAD + programme(1), began, at_once=True)
    member_id = join(club, "J-1", began)
    record_purchase(
        club, MAIN, Purchase.model_validate(bought("A-1", began, ("CD-1", 1, POINTS * 100), member_id=member_id)), left
    )
    with processes(TILLS) as tills:
        storms = [tills.submit(storm, place, member_id, till, ATTEMPTS, UNITS) for till in range(TILLS)]
        taken = sum(one.result(timeout=SECONDS_MAX) for one in storms)
    rows = proven_rows(club, member_id)
    account = club.store.account(member_id)
    assert account is not None
    assert taken == POINTS // UNITS
    assert (account.posted, dict(account.holds)) == (POINTS % UNITS, {})
    assert Counter(row["c"] for row in rows) == {"join": 1, "purchase": 1, "hold": taken, "capture": taken}


OFFERS = """
[[offer]]
id = "five"
amount_minor = 50
code = "FIVE"
stock = 40
guests = true
"""
ONE_EACH = OFFERS.replace("guests = true", 'limits = [{ per = "member", times = 3 }]')


@pytest.mark.parametrize(("offers", "times"), [(OFFERS, 40), (ONE_EACH, 3)], ids=["the club's cap", "the member's cap"])
def test_sixteen_tills_use_a_code_as_often_as_it_may_be_used(
    endpoint: Endpoint, names: dict[str, str], offers: str, times: int
) -> None:
    place = Place(endpoint, names)
    club, began = place.club(), datetime.now(UTC) - timedelta(hours=1)
    publish(club.store.backend, HEAD + programme(1) + offers, began, at_once=True)
    member_id = join(club, "J-1", began)
    with processes(TILLS) as tills:
        whose = [None if times > 3 and till % 2 else member_id for till in range(TILLS)]
        storms = [tills.submit(use_offers, place, who, till, 4) for till, who in enumerate(whose)]
        used = sum(one.result(timeout=SECONDS_MAX) for one in storms)
    assert used == times
    rows = proven_rows(club, member_id)
    assert sum(1 for row in rows if "of" in row) == (times if times == 3 else min(times, used - _of_guests(club)))
    if times > 3:
        assert stock_of(club.store.backend, "live", "offer:five").taken == times


COUPON = """
[[offer]]
id = "fifth"
percent = 20
personal = true
valid_days = 30
[[automation]]
id = "back"
on = "state"
when = "member.purchases >= 0"
offer = "fifth"
holdout = 0
no_holdout_because = "promised"
"""


def test_sixteen_tills_use_a_coupon_once(endpoint: Endpoint, names: dict[str, str]) -> None:
    place = Place(endpoint, names)
    club, began = place.club(), datetime.now(UTC) - timedelta(hours=1)
    publish(club.store.backend, HEAD + programme(1) + COUPON, began, at_once=True)
    member_id = join(club, "J-1", began)
    sweep(club, "live", [club.now().astimezone(club.laws.latest().zone).date()], left)
    account = club.store.account(member_id)
    assert account is not None
    (coupon,) = coupons_of(account)
    code = code_of_coupon(club, "live", account, coupon)
    assert code is not None
    with processes(TILLS) as tills:
        storms = [tills.submit(use_offers, place, member_id, till, 4, code) for till in range(TILLS)]
        assert sum(one.result(timeout=SECONDS_MAX) for one in storms) == 1
    assert sum(1 for row in proven_rows(club, member_id) if "of" in row) == 1


def _of_guests(club: Club) -> int:
    return sum(1 for row in club.store.backend.scanned("ledger") if "of" in row and "a" not in row)
