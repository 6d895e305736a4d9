"""Returns of a case: of a purchase by lines, by money, by a share, or whole; and money back that names no purchase."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction

from club.conform.cases import Untranslatable
from club.conform.machine import Machine
from club.conform.purchases import SECONDS, STORE
from club.conform.words import Table, exponent_of, minor
from shared.actions.caller import Caller
from shared.actions.parking import Parked
from shared.actions.return_purchase import return_purchase
from shared.domain.ledger import unpacked
from shared.domain.purchase_return import Return

CALLER = Caller(STORE)


def bring_back(machine: Machine, event: Table, at: datetime, event_id: str) -> None:
    """A return of the purchase that `ref` names; without one, of the last."""
    machine.entries.append(None)
    ref = str(event.get("ref", machine.bought[-1] if machine.bought else ""))
    if ref not in machine.bought:
        raise Untranslatable(f"there is no purchase {ref!r} to return")
    if event.get("each_unit_separately"):
        for number in range(int(event.get("qty", machine.purchases[ref].lines[0].quantity))):
            _returned(machine, _told(machine, {**event, "qty": 1}, ref), at, f"{event_id}-{number}")
        return
    _returned(machine, _told(machine, event, ref), at, event_id)


def cancel(machine: Machine, event: Table, at: datetime, event_id: str) -> None:
    """A whole purchase undone."""
    bring_back(machine, {"ref": event.get("ref", machine.bought[-1])}, at, event_id)


def money_back(machine: Machine, event: Table, at: datetime, event_id: str) -> None:
    """Money back without naming a purchase."""
    machine.entries.append(None)
    told = {
        "member_id": machine.member(event),
        "amount_minor": minor(event["amount_minor"], exponent_of(machine.programme)),
    }
    _returned(machine, told, at, event_id)


def _told(machine: Machine, event: Table, ref: str) -> Table:
    told: Table = {"purchase_id": ref}
    exponent = exponent_of(machine.programme)
    bought = machine.purchases[ref]
    if "lines" in event:
        told["lines"] = [
            {"sku": str(one["sku"]), **({"quantity": int(one["qty"])} if "qty" in one else {})}
            for one in event["lines"]
        ]
    elif "qty" in event:
        told["lines"] = [{"sku": bought.lines[0].sku, "quantity": int(event["qty"])}]
    if "fraction" in event and Fraction(str(event["fraction"])) < 1:
        share = Fraction(str(event["fraction"])) * bought.total_minor
        if share.denominator != 1:
            raise Untranslatable(f"a share of {event['fraction']} is no whole amount of money")
        told["amount_minor"] = int(share)
    for key in ("amount_minor", "refunded_minor"):
        if key in event:
            told["amount_minor"] = minor(event[key], exponent)
    return told


def _returned(machine: Machine, told: Table, at: datetime, return_id: str) -> None:
    body = {"store": STORE, "return_id": f"return-{return_id}", "occurred_at": at, **told}
    recorded = return_purchase(machine.club, CALLER, Return.model_validate(body), lambda: SECONDS)
    assert not isinstance(recorded, Parked), "a purchase that was made is there"
    machine.returned.append(recorded.row)
    if not recorded.replayed:
        machine.recorded += 1
        points = Fraction(unpacked(recorded.row["d"])[0], machine.unit) if "a" in recorded.row else Fraction(0)
        machine.entries[-1] = (str(told.get("purchase_id", return_id)), points) if points else None
