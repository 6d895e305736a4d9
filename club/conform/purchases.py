"""Purchases and quotes of a case: what the till reports, and what is done to a quote before it is bought."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, cast

from club.conform.bodies import body
from club.conform.cases import Untranslatable
from club.conform.machine import Machine
from club.conform.words import Table, store_of
from shared.actions.caller import Caller
from shared.actions.record_purchase import quote_purchase, record_purchase
from shared.api.answers import purchase_answer
from shared.api.offer_answers import quoted_offers
from shared.domain.purchase import Purchase

if TYPE_CHECKING:
    from shared.api.shapes import QuoteAnswer

STORE = "main"
SECONDS = 10.0
# What a purchase is told to have been paid with before it.
PAYMENTS = ("points_payment", "stored_payment")


def purchase(machine: Machine, event: Table, at: datetime, purchase_id: str) -> None:
    # A purchase that is refused earns nothing and writes nothing: that is what is told of it, unless it is recorded.
    machine.answers.append({})
    machine.entries.append(None)
    bought = _bought(machine, event, at, purchase_id)
    with_offers = "offer" in machine.draft.lists
    if with_offers or event.get("status") == "draft":
        machine.quoted = dict(event)
        quote = _quote(machine, bought)
        machine.offered = list(quote.get("offers_applied", ()))
        # A till rings up what the quote said.
        bought = Purchase.model_validate(quote["purchase"]) if with_offers else bought
        machine.answers[-1] = quote
        machine.payable_after_each.append(bought.total_minor - machine.stored_minor)
    if event.get("status") == "draft":
        return
    recorded = record_purchase(machine.club, Caller(bought.store), bought, lambda: SECONDS)
    machine.purchases[purchase_id] = bought
    machine.bought.append(purchase_id)
    book = machine.club.laws.version(int(recorded.row["v"]))
    told = purchase_answer(recorded.row, bought.store, purchase_id, book, repeated=recorded.ignored)
    machine.answers[-1] = dict(told)
    machine.entered(recorded, dict(told), purchase_id)


def _quote(machine: Machine, bought: Purchase) -> Table:
    quoted = quote_purchase(machine.club, Caller(bought.store), bought)
    book = machine.club.laws.version(int(quoted.row["v"]))
    told = purchase_answer(quoted.row, bought.store, bought.purchase_id, book, quote=True)
    if quoted.offered is not None:
        quoted_offers(cast("QuoteAnswer", told), quoted.offered, quoted.row, book)
    return dict(told)


def _bought(machine: Machine, event: Table, at: datetime, purchase_id: str) -> Purchase:
    if event.get("status", "draft") != "draft":
        raise Untranslatable(f"a purchase of status {event['status']!r} has no feature here yet")
    store = store_of(event.get("store", STORE))
    return Purchase.model_validate(
        body({key: event[key] for key in event if key not in PAYMENTS}, machine.programme)
        | {
            "store": store,
            "purchase_id": purchase_id,
            "occurred_at": machine.first_sent(f"{store} {purchase_id}", _content(event), at),
            "member_id": machine.member(event),
            "currency": machine.book.programme.club.currency,
            "points_payment_minor": machine.paid_minor if "points_payment" in event else 0,
            "stored_value_payment_minor": machine.stored_minor if "stored_payment" in event else 0,
        }
    )


def _content(event: Table) -> Table:
    return {name: value for name, value in event.items() if name not in ("t", "d")}


def accrue(machine: Machine, _event: Table, at: datetime, event_id: str) -> None:
    purchase(machine, {"type": "purchase", "amount_minor": 100}, at, event_id)


def earn_units(machine: Machine, event: Table, at: datetime, event_id: str) -> None:
    """So many units of something, whatever they cost: the rules say what they give."""
    purchase(machine, {"type": "purchase", "amount_minor": 0, **event}, at, event_id)


def confirm(machine: Machine, event: Table, at: datetime, event_id: str) -> None:
    """The open quote becomes a purchase; confirmed again it is the same one."""
    quoted = _quoted(machine)
    quoted.setdefault("id", event.get("ref", event_id))
    purchase(machine, {key: value for key, value in quoted.items() if key != "status"}, at, str(quoted["id"]))


def cancel_draft(machine: Machine, _event: Table, _at: datetime, _id: str) -> None:
    machine.quoted = None


def apply_code(machine: Machine, event: Table, at: datetime, event_id: str) -> None:
    quoted = _quoted(machine)
    purchase(machine, quoted | {"codes": [*quoted.get("codes", ()), event["code"]]}, at, event_id)


def change_qty(machine: Machine, event: Table, at: datetime, event_id: str) -> None:
    purchase(machine, _quoted(machine) | {"qty": event["qty"]}, at, event_id)


def _quoted(machine: Machine) -> Table:
    if machine.quoted is None:
        raise Untranslatable("there is no open quote")
    return machine.quoted
