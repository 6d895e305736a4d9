"""The club's actions on a real DynamoDB and the model beside them: a step is one thing that a till, a member or the clock does.

It is tried with a fault on the line, and told again, as a till would, until it is answered; then what was answered is compared
with the model, and every account that it touched with its postings.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from shared.actions.adjust_balance import adjust_balance
from shared.actions.book_expiry import book_expiry
from shared.actions.caller import Caller
from shared.actions.club import Club
from shared.actions.enrol_member import enrol_member
from shared.actions.parking import Parked
from shared.actions.record_purchase import record_purchase
from shared.actions.redemptions import capture_redemption, hold_redemption, reverse_redemption, void_redemption
from shared.actions.return_purchase import return_purchase
from shared.domain.account import Account
from shared.domain.errors import Busy, Refused
from shared.domain.lapsing import lapsing
from shared.domain.ledger import Row, legs_of
from shared.domain.member import Joining
from shared.domain.purchase import Purchase
from shared.domain.purchase_return import Return
from shared.domain.rebuilding import proven
from shared.domain.redemption import Capturing, Redemption, Reversing
from shared.domain.staffing import Adjusting
from shared.store.laws import Laws, publish
from shared.store.peppers import Peppers
from shared.store.rows import account_row
from shared.store.stocks import stock_of
from shared.store.store import Store
from shared.store.table import Tables
from tests.laws.faults import broken
from tests.laws.model import COFFEE, COFFEES, LIFE_DAYS, Model
from tests.wire import Wire

MAIN = Caller("main")
OPENED = datetime(2025, 1, 1, 12, tzinfo=UTC)
TRIES_MAX = 4
# DynamoDB takes 400 KB; ours stay far below (L21).
ROW_BYTES_MAX = 100_000
PROGRAMME = f"""
[club]
name = "Rimon"
currency = "USD"
time_zone = "America/New_York"
languages = ["en"]
phone_region = "US"
late_days = 3660
hold_minutes = 15
[points]
value_minor = 5
expiry = {{ days = {LIFE_DAYS} }}
[[earn]]
id = "base"
points = RATE
per_minor = 100
[[reward]]
id = "coffee"
kind = "product"
sku = "COFFEE"
price = {COFFEE}
stock = {COFFEES}
"""


def plenty() -> float:
    return 9.5


class Machine:
    """One club, from its opening. `steps` counts what was done in it."""

    def __init__(self, wire: Wire, names: dict[str, str]) -> None:
        self.wire, self.now, self.steps = wire, OPENED, 0
        wire.client.sleep = lambda _: None  # type: ignore[method-assign]
        self.tables = Tables(wire.client, names)
        numbers = count(1)
        self.club = Club(
            Store(self.tables), Laws(self.tables, 0), Peppers(json.dumps([{"version": 1, "secret": "5e" * 32}])),
            now=lambda: self.now, new_id=lambda: f"{next(numbers):016d}", sleep=lambda _: None, chance=lambda: 0.5,
        )  # fmt: skip
        self.model = Model()
        self.ids = count(1)
        self.rows: dict[str, list[Row]] = {}
        self.answered: list[tuple[Callable[[], Any], Any]] = []
        self.fault: str | None = None
        self.publish(1)

    def publish(self, rate: int) -> None:
        self.steps += 1
        publish(self.tables, PROGRAMME.replace("RATE", str(rate)), self.now, at_once=True)
        # What a function keeps for 60 s, the steps keep until the law changes.
        self.club = replace(self.club, laws=Laws(self.tables, 3600))
        self.model.rates.append((self.now, rate))

    def new_id(self, kind: str) -> str:
        return f"{kind}-{next(self.ids):05d}"

    # What happens -----------------------------------------------------------------------------------------------------

    def join(self) -> str:
        card = self.new_id("CARD")
        person = Joining.model_validate(
            {"name": "Dana", "language": "en", "source": "till", "card": card, "joined_at": OPENED.isoformat()}
        )
        row = self._told(lambda: enrol_member(self.club, MAIN, f"J-{card}", person, plenty).row, None)
        member = str(row["a"])
        self.model.join(member)
        self.rows[member] = []
        self.prove(member)
        return member

    def buy(self, member: str, price: int, units: int, *, days_ago: int = 0, purchase: str | None = None) -> str:
        purchase = purchase or self.new_id("A")
        at = max(self.now - timedelta(days=days_ago), OPENED)
        line = {"sku": "CD-1", "category": "CD", "quantity": units, "amount_minor": price * units}
        body = Purchase.model_validate(
            {
                "store": "main",
                "purchase_id": purchase,
                "member_id": member,
                "occurred_at": at.isoformat(),
                "currency": "USD",
                "lines": [line],
                "total_minor": price * units,
            }
        )
        waited = purchase in self.model.waiting
        self._told(lambda: record_purchase(self.club, MAIN, body, plenty).row, None)
        self.model.buy(member, purchase, at, price * units, units)
        self.prove(member, which_lots=not (days_ago or waited))
        self._prove_payers(purchase)
        return purchase

    def bring_back(self, purchase: str, units: int | None, minor: int | None) -> None:
        """A return: of units, of money, or, with neither, of all that is left."""
        one = self.model.purchases[purchase]
        more: dict[str, Any] = {"amount_minor": minor} if minor is not None else {}
        if units is not None:
            more, minor = {"lines": [{"sku": "CD-1", "quantity": units}]}, units * (one["total"] // one["units"])
        told = Return.model_validate(self._return(purchase) | more)
        code = self.model.bring_back(purchase, minor)
        self._told(lambda: return_purchase(self.club, MAIN, told, plenty).row, code)
        self.prove(one["member"])
        self._prove_payers(purchase)

    def bring_back_early(self, purchase: str, minor: int) -> None:
        """A return that is told before its purchase waits for it."""
        told = Return.model_validate(self._return(purchase) | {"amount_minor": minor})
        row = self._told(lambda: _waiting(return_purchase(self.club, MAIN, told, plenty)), None)
        assert row["c"] == "parked"
        # What waited is answered otherwise once it is applied.
        self.answered.pop()
        self.model.wait(purchase, told.return_id, self.now, minor)

    def _return(self, purchase: str) -> dict[str, Any]:
        return {
            "store": "main",
            "return_id": self.new_id("B"),
            "purchase_id": purchase,
            "occurred_at": self.now.isoformat(),
        }

    def hold(self, member: str, units: int | None, purchase: str | None = None) -> str:
        """Points as payment, or, without units, a coffee."""
        name = self.new_id("R")
        what: dict[str, Any] = {"units": units} if units is not None else {"reward": "coffee"}
        if purchase is not None:
            what["purchase_id"] = purchase
        told = Redemption.model_validate({"store": "main", "redemption_id": name, "member_id": member, **what})
        if units is None:
            code = self.model.hold_coffee(member, name, self.now)
        else:
            code = self.model.hold(member, name, self.now, units, purchase)
        self._told(lambda: hold_redemption(self.club, MAIN, told, plenty).row, code)
        self.prove(member)
        return name

    def capture(self, name: str, units: int | None) -> None:
        told = Capturing(units=units)
        code = self.model.capture(name, units)
        self._told(lambda: capture_redemption(self.club, MAIN, "main", name, told, plenty).row, code)
        self._prove_of(name)

    def void(self, name: str) -> None:
        code = self.model.void(name)
        self._told(lambda: void_redemption(self.club, MAIN, "main", name, plenty).row, code)
        self._prove_of(name)

    def reverse(self, name: str, units: int | None) -> None:
        told = Reversing(reversal_id=self.new_id("V"), units=units)
        code = self.model.reverse(name, units)
        self._told(lambda: reverse_redemption(self.club, MAIN, "main", name, told, plenty).row, code)
        self._prove_of(name)

    def adjust(self, member: str, units: int) -> None:
        told, name = Adjusting("points", units, "goodwill", "staff-1"), self.new_id("J")
        code = self.model.adjust(member, units, self.now)
        self._told(lambda: adjust_balance(self.club, MAIN, member, name, told, plenty).row, code)
        self.prove(member)

    def book(self, member: str) -> None:
        """The sweep comes by. It books what lapsed, once."""
        self.steps += 1
        self._redriven(lambda: book_expiry(self.club, MAIN, member, plenty))
        assert book_expiry(self.club, MAIN, member, plenty) is None
        self.prove(member)

    def wait(self, minutes: int) -> None:
        self.steps += 1
        self.now += timedelta(minutes=minutes)
        self.model.time_is(self.now)

    def tell_again(self, place: int) -> None:
        """Whatever was answered once is answered so again, and nothing is written."""
        self.steps += 1
        if not self.answered:
            return
        do, row = self.answered[place % len(self.answered)]
        before = self._stand()
        assert self._redriven(do) == row
        assert self._stand() == before

    # What is checked --------------------------------------------------------------------------------------------------

    def prove_all(self) -> None:
        for member in self.rows:
            self.prove(member)
        assert stock_of(self.tables, "live", "coffee").taken == self.model.coffees
        keys = [row["k"] for rows in self.rows.values() for row in rows]
        assert len(keys) == len(set(keys)), "an entry stands twice"

    def prove(self, member: str, *, which_lots: bool = True) -> None:
        """Of a late purchase the sum is known; which of the lots it repaid or was taken from is the product's to say."""
        account = self.club.store.account(member)
        assert account is not None
        rows = self._rows_of(account)
        proven(account, rows, self.club.laws.version)
        assert all(len(json.dumps(row, default=str)) < ROW_BYTES_MAX for row in rows[-3:])
        assert len(account_row(account)["z"]) < ROW_BYTES_MAX
        # What comes back past its last day lapses again.
        self.model.time_is(self.now)
        as_now, _ = lapsing(account, self.club.laws.at(self.now), self.now)
        one = self.model.members[member]
        lots: dict[int, int] = {}
        for lot in as_now.lots:
            assert lot.expires_on is not None
            lots[lot.expires_on.toordinal()] = lots.get(lot.expires_on.toordinal(), 0) + lot.points
        held = sum(hold.units for hold in as_now.holds.values())
        expected = (self.model.available(member), self.model.held(member))
        assert (as_now.posted - held, held) == expected, f"{member}: {(as_now.posted - held, held)} and not {expected}"
        assert sum(lots.values()) == max(0, expected[0])
        if which_lots:
            assert lots == one["lots"], f"{member}: lots {lots} and not {one['lots']}"
        else:
            one["lots"], one["owed"] = lots, max(0, -expected[0])

    def _rows_of(self, account: Account) -> list[Row]:
        """All postings of an account. Only those that are new are read: a posting never changes."""
        rows = self.rows[account.id]
        new = self.club.store.postings_down_to(account, len(rows))
        rows += reversed(new)
        for row in new:
            assert sum(leg.points for leg in legs_of(row)) == 0
        return rows

    def _prove_of(self, redemption: str) -> None:
        if redemption in self.model.redemptions:
            self.prove(self.model.redemptions[redemption]["member"])

    def _prove_payers(self, purchase: str) -> None:
        for name in self.model.paid.get(purchase, []):
            self._prove_of(name)

    # How it is told ---------------------------------------------------------------------------------------------------

    def _told(self, do: Callable[[], Row], code: str | None) -> Row:
        """Tells it until it is answered. `code` is the refusal that the model expects, None for an answer."""
        self.steps += 1
        before = self._stand() if code is not None else None
        try:
            row = self._redriven(do)
        except Refused as refusal:
            if refusal.code != code:
                raise AssertionError(f"refused as {refusal.code}, and the model says {code}") from refusal
            # L12: what is refused leaves everything as it was.
            if self._stand() != before:
                raise AssertionError("a refusal changed something") from refusal
            return {}
        assert code is None, f"answered, and the model says {code}"
        self.answered.append((do, row))
        return row

    def _redriven(self, do: Callable[[], Any]) -> Any:
        with broken(self.wire, self.fault):
            try:
                return do()
            except Busy:
                pass
        for _ in range(TRIES_MAX):
            try:
                return do()
            except Busy:
                continue
        raise AssertionError("without a fault nobody is told to wait")

    def _stand(self) -> list[tuple[Any, ...]]:
        """Every account and counter as it stands, to the byte."""
        rows = [*self.tables.scanned("accounts"), *self.tables.scanned("limits")]
        return sorted(tuple(sorted((key, str(value)) for key, value in row.items())) for row in rows)


def _waiting(told: Any) -> Row:
    assert isinstance(told, Parked)
    return told.row


@contextmanager
def machine_on(wire: Wire, names: dict[str, str]) -> Iterator[Machine]:
    """A club, all of whose accounts are proven when it is left."""
    machine = Machine(wire, names)
    yield machine
    machine.fault = None
    machine.prove_all()
