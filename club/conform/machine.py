"""A case's events, put to the club's own operations on rows in memory: what the till would call, and what it answered."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from itertools import count
from typing import Any

from club.conform.cases import Case, Untranslatable, times
from club.conform.translate import BASE_CODE, CAMPAIGN, MATCHING, QUALIFIES, Draft, credit_kind, translated
from shared.actions.caller import Caller
from shared.actions.club import Club
from shared.actions.record_event import record_event
from shared.actions.record_purchase import quote_purchase, record_purchase
from shared.api.answers import purchase_answer
from shared.api.problems import problem_of
from shared.domain.account import Account, Lot, Purse, Standing
from shared.domain.errors import Refused
from shared.domain.event import Event
from shared.domain.formulas import formula
from shared.domain.ledger import Row
from shared.domain.purchase import Purchase
from shared.domain.rulebook import Rulebook
from shared.domain.segments import members_of
from shared.domain.tiers import held_on
from shared.store.backend import Put
from shared.store.laws import Laws, publish
from shared.store.memory import Memory
from shared.store.peppers import Peppers
from shared.store.rows import account_row
from shared.store.store import Store

Table = dict[str, Any]
STORE = "main"
SECONDS = 10.0
# The refusals of ours by the names that cases use.
KINDS = {"before_joining": "before_joining", "member_not_active": "member_not_active"}
_ROUNDINGS = {"ROUND": "rounded", "FLOOR": "floor", "CEIL": "ceil"}


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
        self.accounts: dict[str, str] = {}
        self.answers: list[Table] = []
        self.recorded = 0
        self.history: list[Table] = []
        self.errors: dict[str, str] = {}
        self.http: list[int] = []
        self.value: Fraction | None = None
        self.draft = translated(case)
        self.published: Mapping[str, Any] = case.programme
        self.publish(self.draft)

    def publish(self, draft: Draft) -> None:
        self.draft = draft
        publish(self.memory, draft.text(), self.now, at_once=True)

    @property
    def book(self) -> Rulebook:
        return self.club.laws.at(self.now)

    def play(self) -> None:
        """Every event in its turn. Raises Untranslatable for one that has no feature yet."""
        for number, (event, at) in enumerate(zip(self.case.events, self.moments, strict=True)):
            self.now = max(self.now, at)
            kind = event["type"]
            if kind not in EVENTS:
                raise Untranslatable(f"events of type {kind!r} have no feature here yet")
            known, play = EVENTS[kind]
            for key in event:
                if key not in (*known, "type", "t", "d", "id", "member", "name", "reason"):
                    raise Untranslatable(f"an event of type {kind!r} has no {key!r} here yet")
            try:
                play(self, event, at, f"event-{number}" if "id" not in event else str(event["id"]))
                self.http.append(200)
            except Refused as refusal:
                problem = problem_of(refusal)
                self.http.append(problem.status)
                if "id" in event:
                    self.errors[str(event["id"])] = KINDS.get(problem.code, problem.code)
            if kind != "given":
                self.history.append(
                    {"balance": self.balance(), "tier": self.tier(), "completed": self.purse().completed}
                )

    # -- members ----------------------------------------------------------------------------------------------------

    def member(self, event: Table) -> str | None:
        """The account id of an event's member, made when it is first spoken of; None for a guest."""
        name = event.get("member", "m")
        if name is None:
            return None
        if name not in self.accounts:
            joined = next((at for one, at in zip(self.case.events, self.moments, strict=True)
                           if one["type"] == "enrol" and one.get("member", "m") == name), min(self.moments))  # fmt: skip
            self.accounts[name] = f"M{len(self.accounts):016d}"
            account = Account(id=self.accounts[name], joined_on=joined.astimezone(self.book.zone).date())
            self.memory.write([Put("accounts", account_row(account), absent=True)])
        return self.accounts[name]

    def account(self, name: str = "m") -> Account:
        account = self.club.store.account(self.member({"member": name}) or "")
        assert account is not None
        return account

    def change(self, event: Table, **facts: Any) -> None:
        """A state that a case gives, by whatever means."""
        account = self.account(str(event.get("member", "m")))
        self.memory.write([Put("accounts", account_row(replace(account, **facts)))])

    def today(self) -> date:
        return self.now.astimezone(self.book.zone).date()

    def purse(self) -> Purse:
        return self.account().purses.get(CAMPAIGN, Purse())

    def balance(self) -> Fraction:
        if "campaign" in self.case.programme:
            return Fraction(self.purse().posted, 100)
        account = self.account()
        return Fraction(account.points_on(self.today()).balance, 10**self.book.programme.points.decimals)

    def tier(self) -> str | None:
        held = next(iter(held_on(self.account(), self.today(), self.book)), None)
        return str(held.tier.name["en"]) if held and held.tier else None

    # -- events -----------------------------------------------------------------------------------------------------

    def bought(self, event: Table, at: datetime, purchase_id: str) -> Purchase:
        return Purchase.model_validate(body(event, self.case) | {
            "store": store_of(event), "purchase_id": purchase_id, "occurred_at": at, "member_id": self.member(event),
            "currency": self.book.programme.club.currency,
        })  # fmt: skip

    def purchase(self, event: Table, at: datetime, purchase_id: str) -> None:
        bought = self.bought(event, at, purchase_id)
        caller = Caller(bought.store)
        if event.get("status") == "draft":
            row: Row = quote_purchase(self.club, caller, bought)
        else:
            recorded = record_purchase(self.club, caller, bought, lambda: SECONDS)
            row, self.recorded = recorded.row, self.recorded + (not recorded.replayed)
        book = self.club.laws.version(int(row["v"]))
        self.answers.append(purchase_answer(row, bought.store, purchase_id, book))

    def given(self, event: Table, at: datetime, _id: str) -> None:
        on = at.astimezone(self.book.zone).date()
        unit = 10**self.book.programme.points.decimals
        account = self.account(str(event.get("member", "m")))
        if "balance" in event and "campaign" in self.case.programme:
            held = int(Decimal(str(event["balance"])) * 100)
            self.change(event, purses={CAMPAIGN: Purse(held, (Lot(on, None, held),))})
        elif "balance" in event:
            points = int(Decimal(str(event["balance"])) * unit)
            self.change(event, posted=points, lots=(Lot(on, None, points),))
        if "lifetime_spend" in event:
            self.change(event, spend_minor=int(event["lifetime_spend"]))
        for key in ("points_in_window", "points_earned_12m"):
            if key in event:
                points = int(Decimal(str(event[key])) * unit)
                self.change(event, **_earned(account.after_points(on, points, None, on, by_day=True)))
        if "tier" in event or "manual_tier" in event:
            ids = {tier.name["en"]: tier.id for tier in self.book.programme.tier}
            standing = Standing(
                ids.get(str(event.get("tier")), ""),
                on,
                on,
                manual=ids[event["manual_tier"]] if "manual_tier" in event else "",
            )
            self.change(event, standings={"": standing})
        if "member_status" in event:
            self.change(event, status="" if event["member_status"] == "active" else str(event["member_status"]))

    def credit(self, event: Table, at: datetime, source_id: str) -> None:
        self.happened(event, at, source_id, credit_kind(self.case, event["points"]))

    def activity(self, event: Table, at: datetime, source_id: str) -> None:
        self.happened(event, at, str(event.get("source_id", source_id)), str(event["event"]).lower().replace("_", "-"))

    def happened(self, event: Table, at: datetime, source_id: str, kind: str) -> None:
        told = Event(store=STORE, kind=kind, source_id=source_id, member_id=self.member(event), occurred_at=at)
        record_event(self.club, Caller(STORE), told, lambda: SECONDS)

    def review(self, event: Table, _at: datetime, _id: str) -> None:
        if "qualifying_amount" in event:
            points = int(Decimal(str(event["qualifying_amount"])) * 10**self.book.programme.points.decimals)
            self.change(event, points_earned=points, posted=points, lots=(Lot(self.today(), None, points),))

    def evaluate(self, event: Table, _at: datetime, _id: str) -> None:
        names: dict[str, Fraction] = {name: Fraction(str(event[name])) for name in ("x", "price") if name in event}
        text = re.sub("|".join(_ROUNDINGS), lambda found: _ROUNDINGS[found[0]], str(self.case.programme["formula"]))
        self.value = formula(text, dict.fromkeys(names, "int")).value(lambda name: names[name])

    def accrue(self, _event: Table, at: datetime, purchase_id: str) -> None:
        self.purchase({"type": "purchase", "amount_minor": 100}, at, purchase_id)

    def change_rule(self, event: Table, _at: datetime, _id: str) -> None:
        rules = [dict(rule) for rule in self.published["earning_rules"]]
        rules[0]["points"] = event["points"]
        self.republish(rules)

    def disable_rule(self, _event: Table, _at: datetime, _id: str) -> None:
        self.republish([dict(rule) | {"enabled": False} for rule in self.published["earning_rules"][:1]])

    def republish(self, rules: list[Table]) -> None:
        self.published = {**self.published, "earning_rules": rules}
        self.publish(translated(self.case, self.published))

    def nothing(self, _event: Table, _at: datetime, _id: str) -> None:
        """An event that changes nothing here: a quote is dropped, a purchase is paid for later, a member has joined."""

    def members_of_segment(self) -> list[str]:
        names = {account_id: name for name, account_id in self.accounts.items()}
        accounts = [self.account(name) for name in list(self.accounts)]
        return [
            names[one.id] for one in members_of("segment", accounts, self.now.astimezone(self.book.zone), self.book)
        ]


Play = Callable[[Machine, Table, datetime, str], None]
_PRICES = ("amount_minor", "gross_minor", "untaxed_minor", "tax_minor", "items_total_minor", "item_tax_minor",
           "order_total_minor", "order_tax_minor", "unit_minor", "unit_price", "qty", "lines")  # fmt: skip
_FACTS = ("store", "channel", "codes", "discount_minor", "shipping_minor", "units", "matching_units", "base_points",
          "qualifies_for_base", "status")  # fmt: skip

_STATES = ("balance", "lifetime_spend", "points_in_window", "points_earned_12m", "tier", "manual_tier", "member_status")

# Each event: the keys it may have, and what it does.
EVENTS: Mapping[str, tuple[tuple[str, ...], Play]] = {
    "given": (_STATES, Machine.given),
    "enrol": ((), Machine.nothing),
    "purchase": ((*_PRICES, *_FACTS), Machine.purchase),
    "credit": (("points",), Machine.credit),
    "event": (("event", "source_id"), Machine.activity),
    "recalculate_tier": (("qualifying_amount",), Machine.review),
    "evaluate": (("x", "price"), Machine.evaluate),
    "accruals": (("raw_points",), Machine.accrue),
    "change_rule": (("points",), Machine.change_rule),
    "disable_rule": ((), Machine.disable_rule),
    "cancel_draft": (("ref",), Machine.nothing),
    "settle": (("ref",), Machine.nothing),
}  # fmt: skip


def _earned(account: Account) -> Table:
    return {name: getattr(account, name) for name in ("posted", "lots", "points_earned", "months", "days")}


def store_of(event: Table) -> str:
    return str(event.get("store", STORE)).lower()


def body(event: Table, case: Case) -> Table:
    """The purchase's lines and sums as our door takes them."""
    lines = (
        [_line(line, number) for number, line in enumerate(event["lines"])]
        if "lines" in event
        else [_plain(event, case)]
    )
    told: Table = {"lines": lines, "codes": list(event.get("codes", ()))}
    if "base_points" in event:
        told["codes"].append(f"{BASE_CODE}-{event['base_points']}")
    if event.get("qualifies_for_base"):
        told["codes"].append(QUALIFIES)
    if "matching_units" in event:
        matching = int(event["matching_units"])
        lines[0] |= {"quantity": matching, "labels": {MATCHING: "yes"}} if matching else {}
    if "units" in event:
        lines[0]["quantity"] = int(event["units"])
    if "channel" in event:
        told["channel"] = str(event["channel"]).lower()
    told["discount_minor"] = int(event.get("discount_minor", 0))
    shipping, shipping_tax = int(event.get("shipping_minor", 0)), 0
    tax = int(event.get("tax_minor", 0))
    if "order_total_minor" in event:
        shipping = int(event["order_total_minor"]) - lines[0]["amount_minor"]
        tax = int(event.get("order_tax_minor", 0))
        shipping_tax = tax - lines[0].get("tax_minor", 0)
    told |= {"shipping_minor": shipping, "shipping_tax_minor": shipping_tax, "tax_minor": tax}
    included = "untaxed_minor" not in event and tax > 0
    told["prices_include_tax"] = included
    goods = sum(line["amount_minor"] for line in lines)
    return told | {"total_minor": goods - told["discount_minor"] + shipping + (0 if included else tax)}


def _plain(event: Table, case: Case) -> Table:
    """A purchase of one sum, as a purchase of one line."""
    known = ("amount_minor", "gross_minor", "untaxed_minor", "items_total_minor", "order_total_minor")
    amount = next((int(event[key]) for key in known if key in event), 0)
    line: Table = {"sku": "goods", "amount_minor": amount}
    if "unit_minor" in event or "unit_price" in event:
        unit = event.get("unit_minor") or Decimal(str(event["unit_price"])).scaleb(
            int(case.programme.get("exponent", 2))
        )
        line |= {"amount_minor": int(unit) * int(event.get("qty", 1))}
    if "qty" in event:
        line["quantity"] = int(event["qty"])
    if "item_tax_minor" in event:
        line["tax_minor"] = int(event["item_tax_minor"])
    return line


def _line(line: Table, number: int) -> Table:
    known = (
        "sku",
        "id",
        "product",
        "category",
        "labels",
        "is_delivery",
        "qty",
        "gross_minor",
        "line_total_minor",
        "unit_minor",
    )
    for key in line:
        if key not in known:
            raise Untranslatable(f"a line has no {key!r} here yet")
    quantity = int(line.get("qty", 1))
    whole = line.get("gross_minor", line.get("line_total_minor"))
    amount = int(whole) if whole is not None else int(line.get("unit_minor", 0)) * quantity
    return {
        "sku": str(line.get("sku", line.get("id", line.get("product", f"line-{number}")))),
        "category": line.get("category"),
        "labels": dict(line.get("labels", {})),
        "kind": "shipping" if line.get("is_delivery") else "goods",
        "quantity": quantity,
        "amount_minor": amount,
    }
