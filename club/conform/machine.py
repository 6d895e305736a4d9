"""A case's club: its members, its programme and what it answered, on rows in memory."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from datetime import UTC, date, datetime
from fractions import Fraction
from itertools import count
from typing import Any

from club.conform.bodies import body
from club.conform.cases import Case, times
from club.conform.draft import CURRENCIES, Draft
from club.conform.points import CAMPAIGN
from club.conform.promoting import COUPON
from club.conform.translate import translated
from club.conform.words import Table
from shared.actions.club import Club
from shared.actions.read_rewards import rewards_of
from shared.actions.recording import Recorded
from shared.domain.account import Account, Purse
from shared.domain.certificates import left_minor
from shared.domain.goals import Held
from shared.domain.ledger import Row
from shared.domain.lots import Lot
from shared.domain.purchase import Purchase
from shared.domain.rulebook import Rulebook
from shared.domain.tiers import Held as HeldTier
from shared.domain.tiers import held_on
from shared.store.backend import Item, Put, TableName
from shared.store.laws import Laws, publish
from shared.store.memory import Memory
from shared.store.peppers import Peppers
from shared.store.rows import account_row
from shared.store.store import Store

# Events that speak of no member of their own: they are about the programme, or about an order named by `ref`.
_OF_NOBODY = {"allocate", "evaluate", "change_rule", "disable_rule", "cancel_draft", "confirm_order", "apply_code", "change_qty",
              "settle", "period", "birthday_run", "midnight_run", "expiry_run", "end_campaign", "stock_rewards"}  # fmt: skip


class Moment:
    """What stood after one event."""

    def __init__(self, machine: Machine, event_id: str, kind: str) -> None:
        self.event_id, self.kind = event_id, kind
        self.balance, self.tier, self.rewards = machine.balance(), machine.tier(), machine.rewards()
        today = machine.today()
        self.waiting_cost = Fraction(sum(one.cost for one in machine.purse().waiting if one.due_on > today), 100)
        self.gift_left = machine.gift_left()
        self.coupon = machine.account().purses.get(COUPON, Purse()).posted if machine.accounts else 0


class Machine:
    """One case's club. `answers` are those of its purchases, `history` what stood after each event but `given`."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.memory = Memory()
        self.moments = list(times(case))
        self.now = self.moments[0] if self.moments else datetime(2020, 1, 1, tzinfo=UTC)
        numbers = count(1)
        self.club = Club(
            Store(self.memory), Laws(self.memory, 0), Peppers(json.dumps([{"version": 1, "secret": "5e" * 32}])),
            now=lambda: self.now, new_id=lambda: f"{next(numbers):016d}", sleep=lambda _: None, chance=lambda: 0.5,
        )  # fmt: skip
        self.answers: list[Table] = []
        # The last entry of points, as [what it is of, points]; None where an event wrote none.
        self.entries: list[tuple[str, Fraction] | None] = []
        self.recorded = 0
        self.history: list[Moment] = []
        self.before: Fraction = Fraction(0)
        self.errors: dict[str, str] = {}
        self.http: list[int] = []
        self.value: Fraction | None = None
        self.parts: dict[str, Fraction] = {}
        self.quoted: Table | None = None
        # What the club's offers took off the last purchase, line by line; what is left to pay after each event, and so on.
        self.offered: list[Table] = []
        self.payable_after_each: list[int] = []
        self.budget_used, self.budget_begun = 0, False
        # Purchases by the id of their event, and what became of them: rows of returns and lapses, how often what happened.
        self.purchases: dict[str, Purchase] = {}
        self.bought: list[str] = []
        self.returned: list[Row] = []
        self.expired: list[Row] = []
        self.transferred: tuple[Lot, ...] = ()
        self.credited: dict[str, int] = {}
        self.redeemed = self.rolled_back = self.successful = 0
        self.applied: Fraction | None = None
        self.used: object = 0
        self.paid_minor = 0
        # Gift cards by their codes, with their accounts; what they and the wallet paid; redemptions that are open or took place.
        self.cards: dict[str, str] = {}
        self.cards_created = self.stored_minor = self.gift_applied = self.gift_applied_sum = 0
        self.open_hold: str | None = None
        self.used_of_cards: list[str] = []
        self.captures: list[Row] = []
        self.spent = Fraction(0)
        self.left_in_lots: list[Fraction] = []
        self.reward_status: str | None = None
        self.sent: dict[str, tuple[Table, datetime]] = {}
        self.programme: Mapping[str, Any] = case.programme
        self.draft = translated(case)
        self.publish(self.draft)
        self.accounts: dict[str, str] = {}
        for name, joined in _members(case, self.moments):
            self.accounts[name] = f"M{len(self.accounts):016d}"
            account = Account(id=self.accounts[name], joined_on=joined.astimezone(self.book.zone).date())
            self.memory.write([Put("accounts", account_row(account), absent=True)])

    def publish(self, draft: Draft) -> None:
        self.draft = draft
        publish(self.memory, draft.text(), self.now, at_once=True)

    def republish(self, rules: list[Table]) -> None:
        """A new version with other earning rules."""
        self.programme = {**self.programme, "earning_rules": rules}
        self.publish(translated(self.case, self.programme))

    @property
    def book(self) -> Rulebook:
        return self.club.laws.at(self.now)

    @property
    def unit(self) -> int:
        """How many of our smallest units a point has."""
        return int(10**self.book.programme.points.decimals)

    def member(self, event: Table) -> str | None:
        """The account id of an event's member; None for a guest."""
        name = event.get("member", "m")
        return None if name is None else self.accounts[name]

    def account(self, name: str | None = None) -> Account:
        """A member's account; of no name, that of the one whom the case is about."""
        if name is None:
            name = "m" if "m" in self.accounts else next(iter(self.accounts))
        account = self.club.store.account(self.accounts[name])
        assert account is not None
        return account

    def card(self, code: str) -> Account:
        """A gift card's account."""
        account = self.club.store.account(self.cards[code])
        assert account is not None
        return account

    def gift_left(self) -> int:
        """What can be used of all cards together."""
        return sum(left_minor(self.card(code), self.today()) for code in self.cards)

    @property
    def currency(self) -> str:
        """What prices are in, where a case does not say."""
        return CURRENCIES[self.draft.exponent]

    def change(self, event: Table, **facts: Any) -> None:
        """A state that a case gives, by whatever means."""
        account = self.account(str(event.get("member", "m")))
        self.memory.write([Put("accounts", account_row(account._replace(**facts)))])

    def first_sent(self, key: str, content: Table, at: datetime) -> datetime:
        """The same request sent again says the same time as before."""
        known, first = self.sent.setdefault(key, (content, at))
        return first if known == content else at

    def entered(self, recorded: Recorded, told: Table, source: str) -> None:
        """What was written for the last event, unless it was there before."""
        if not recorded.replayed:
            self.recorded += 1
            points = Fraction(told["entry"]["points"], self.unit) if "entry" in told else Fraction(0)
            self.entries[-1] = (source, points) if points else None

    def total_of(self, event: Table) -> int:
        """The total of a purchase of the case, as its till would ring it up."""
        return int(body(event, self.programme)["total_minor"])

    def next_purchase(self, event: Table) -> str | None:
        """The id of the purchase that follows an event of the case; a claim is made for it."""
        place = next(at for at, one in enumerate(self.case.events) if one is event)
        for at, one in enumerate(self.case.events[place:], start=place):
            if one["type"] == "purchase":
                return str(one.get("id", f"event-{at}"))
        return None

    @contextmanager
    def stale_reads(self) -> Iterator[Callable[[], None]]:
        """While it lasts, whoever comes next (each is announced by a call) and reads an account first is told what stood before:
        the write finds out."""
        seen = {row["a"]: row for row in self.memory.scanned("accounts")}
        read, first = self.memory.get, set[str]()

        def stale(table: TableName, key: Item) -> Item | None:
            if table == "accounts" and key["a"] not in first:
                first.add(key["a"])
                return deepcopy(seen.get(key["a"]))
            return read(table, key)

        self.memory.get = stale  # type: ignore[method-assign]
        try:
            yield first.clear
        finally:
            self.memory.get = read  # type: ignore[method-assign]

    def today(self) -> date:
        return self.now.astimezone(self.book.zone).date()

    def purse(self) -> Purse:
        return self.account().purses.get(CAMPAIGN, Purse()) if self.accounts else Purse()

    def rewards(self) -> Held:
        """The campaign's rewards as they stand now."""
        if not self.accounts:
            return Held(0, 0, 0, None)
        account_id = self.accounts.get("m", next(iter(self.accounts.values())))
        return rewards_of(self.club, "live", account_id).get(CAMPAIGN, Held(self.purse().completed, 0, 0, None))

    def balance(self) -> Fraction:
        if not self.accounts:
            return Fraction(0)
        if "campaign" in self.programme:
            return Fraction(self.purse().posted, 100)
        return Fraction(self.account().points_on(self.today()).balance, self.unit)

    def held(self) -> HeldTier | None:
        return next(iter(held_on(self.account(), self.today(), self.book)), None) if self.accounts else None

    def tier(self) -> str | None:
        held = self.held()
        return str(held.tier.name["en"]) if held and held.tier else None


def _members(case: Case, moments: list[datetime]) -> Iterator[tuple[str, datetime]]:
    """Who the case speaks of and when each joined: when it says so, else before everything."""
    joined: dict[str, datetime] = {}
    for event, at in zip(case.events, moments, strict=True):
        if "gift_member" in event:
            joined.setdefault(str(event["gift_member"]), min(moments))
        if event["type"] in _OF_NOBODY and "member" not in event:
            continue
        names = (event["from"], event["to"]) if event["type"] == "transfer" else (event.get("member", "m"),)
        for name in names:
            if name is None:
                continue
            joined.setdefault(str(name), min(moments))
            if event["type"] == "enrol":
                joined[str(name)] = at
    yield from joined.items()
