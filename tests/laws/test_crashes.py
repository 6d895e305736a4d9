"""T13: whatever is being done, and between whichever two requests it dies: done again, it ends where it would have ended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.actions.sweep import sweep
from shared.domain.ledger import Row
from shared.store.answer import Answer
from shared.store.backend import KEYS
from shared.store.table import Tables
from tests.laws.dynamo import Dynamo
from tests.laws.line import Fault, Line, Send
from tests.laws.model import programme
from tests.laws.shop import OPENED, Shop, bought, came_back, plenty
from tests.laws.test_coupons import codes
from tests.laws.test_offers import quoted

DAY = timedelta(days=1)
# Two automations give a coupon each: one is used, the other is there to be.
_BACK = """
[[automation]]
id = "%s"
on = "state"
when = "member.purchases >= 1"
every_days = 1
offer = "fifth"
holdout = 0
no_holdout_because = "promised"
"""
COUPONS = """
[[offer]]
id = "fifth"
percent = 20
personal = true
valid_days = 90
""" + "".join(_BACK % name for name in ("back", "again"))


class Died(BaseException):
    """The process ended. No code of the product's may hear of it."""


class DyingAt(Fault):
    """Dies before the request of a number is sent, or after it was and nobody read the answer."""

    def __init__(self, number: int, *, after: bool) -> None:
        self._left, self._after = number, after

    def passing(self, operation: str, body: bytes, send: Send) -> Answer:
        self._left -= 1
        if self._left or self._after:
            told = send(operation, body)
        if not self._left:
            raise Died
        return told


class Crashing:
    """A club with a member, points, a purchase that was returned in part, an open hold and one that was taken."""

    def __init__(self) -> None:
        self.dynamo = Dynamo()
        self.line = Line(self.dynamo)
        self.shop = Shop(programme(1) + COUPONS, memory=Tables(self.line, {table: table for table in KEYS}))  # type: ignore[arg-type]
        self.member = self.shop.join()
        self.shop.now += DAY
        self.shop.buy(self.purchase("A-1", 30_000))
        self.shop.hold("H-1", self.member, units=40)
        self.shop.hold("H-2", self.member, units=50, purchase_id="A-2")
        self.shop.capture("H-2")
        self.shop.buy(self.purchase("A-2", 10_000, points_payment_minor=250))
        self.shop.bring_back(came_back("R-0", self.shop.now, "A-2", amount_minor=3_000))
        self.shop.bring_back(came_back("R-9", self.shop.now, "A-9", amount_minor=1_000))
        self.swept(self.shop.now)
        one, other = codes(self.shop, self.member)
        self.shop.buy(quoted(self.shop, self.purchase("A-7", 5_000, codes=[one])))
        # What a quote said once is recorded, however often that takes.
        self.with_coupon = quoted(self.shop, self.purchase("A-10", 5_000, codes=[other]))

    def swept(self, at: datetime) -> list[Row]:
        """What the member was due for, after a sweep."""
        sweep(self.shop.club, "live", [at.date()], plenty)
        return [row for row in self.shop.rows(self.member) if row["c"] == "due"]

    def purchase(self, name: str, price: int, **more: Any) -> dict[str, Any]:
        return bought(name, self.shop.now, ("CD-1", 2, price), member_id=self.member, **more)


# What is done, each over and over with the same id. A tenth of a request later nothing else has happened: the clock stands.
VERBS: dict[str, Callable[[Crashing], object]] = {
    "join": lambda it: it.shop.join_as("J-9"),
    "purchase": lambda it: it.shop.buy(it.purchase("A-3", 5_000)),
    "purchase with a coupon": lambda it: it.shop.buy(it.with_coupon),
    "return of what a coupon was used in": lambda it: it.shop.bring_back(came_back("R-5", it.shop.now, "A-7")),
    "sweep": lambda it: it.swept(it.shop.now + DAY),
    "guest's purchase": lambda it: it.shop.buy(bought("A-4", it.shop.now, ("CD-1", 1, 5_000))),
    "event": lambda it: it.shop.tell(
        {
            "store": "main",
            "kind": "review",
            "source_id": "E-1",
            "member_id": it.member,
            "occurred_at": it.shop.now.isoformat(),
        }
    ),
    "late purchase": lambda it: it.shop.buy(
        bought("A-5", OPENED + timedelta(hours=1), ("CD-1", 1, 5_000), member_id=it.member)
    ),
    "return": lambda it: it.shop.bring_back(
        came_back("R-1", it.shop.now, "A-1", lines=[{"sku": "CD-1", "quantity": 1}])
    ),
    "return of what points paid for": lambda it: it.shop.bring_back(came_back("R-2", it.shop.now, "A-2")),
    "parked return": lambda it: it.shop.bring_back(came_back("R-3", it.shop.now, "A-8", amount_minor=500)),
    "second parked return": lambda it: it.shop.bring_back(came_back("R-4", it.shop.now, "A-9", amount_minor=500)),
    "purchase that was waited for": lambda it: it.shop.buy(it.purchase("A-9", 5_000)),
    "hold": lambda it: it.shop.hold("H-3", it.member, units=10),
    "capture": lambda it: it.shop.capture("H-1"),
    "capture of a part": lambda it: it.shop.capture("H-1", units=15),
    "void": lambda it: it.shop.void("H-1"),
    "reversal": lambda it: it.shop.reverse("H-2", "B-1", units=7),
    "adjustment": lambda it: it.shop.adjust(it.member, 9, "ADJ-1"),
    "purchase after points have lapsed": lambda it: it.shop.buy(it.purchase("A-6", 5_000)),
}


def opened(verb: str) -> Crashing:
    it = Crashing()
    it.shop.now += 30 * DAY if "lapsed" in verb else timedelta(minutes=1)
    it.line.attempts.clear()
    return it


@pytest.mark.parametrize("verb", VERBS)
def test_a_crash_between_any_two_requests_leaves_nothing_half_done(verb: str) -> None:
    act = VERBS[verb]
    undisturbed = opened(verb)
    told = act(undisturbed)
    requests = len(undisturbed.line.attempts)
    assert requests >= 2
    for number in range(1, requests + 1):
        for after in (False, True):
            it = opened(verb)
            it.line.fault = DyingAt(number, after=after)
            with pytest.raises(Died):
                act(it)
            it.line.fault = Fault()
            # A join that died has used an id up: the next one gets another.
            assert verb == "join" or act(it) == told
            act(it)
            if verb != "join":
                assert it.dynamo.tables == undisturbed.dynamo.tables
            assert {name: len(rows) for name, rows in it.dynamo.tables.items()} == {
                name: len(rows) for name, rows in undisturbed.dynamo.tables.items()
            }
            for account in it.dynamo.tables["accounts"]:
                it.shop.prove(account[0])
