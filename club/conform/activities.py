"""Activities of a case: what a member did, points that are credited, and the run that asks whose birthday it is."""

from __future__ import annotations

from datetime import datetime

from club.conform.earning import BIRTHDAY
from club.conform.facts import credit_kind
from club.conform.machine import Machine
from club.conform.purchases import SECONDS, STORE
from club.conform.words import Table, kind_of
from shared.actions.caller import Caller
from shared.actions.record_event import record_event
from shared.api.answers import event_answer
from shared.domain.event import Event


def activity(machine: Machine, event: Table, at: datetime, event_id: str) -> None:
    _happened(machine, event, at, str(event.get("source_id", event_id)), kind_of(event["event"]))


def credit(machine: Machine, event: Table, at: datetime, event_id: str) -> None:
    _happened(machine, event, at, event_id, credit_kind(machine.case, event["points"]))


def birthday_run(machine: Machine, event: Table, at: datetime, event_id: str) -> None:
    """The shop's nightly job reports the day for every member; the programme says whose birthday it is."""
    for name in machine.accounts if "member" not in event else [event["member"]]:
        _happened(machine, {**event, "member": name}, at, f"{event_id}-{name}", BIRTHDAY)


def _happened(machine: Machine, event: Table, at: datetime, source_id: str, kind: str) -> None:
    machine.entries.append(None)
    first = machine.first_sent(f"{kind} {source_id}", {"member": event.get("member", "m")}, at)
    told = Event(store=STORE, kind=kind, source_id=source_id, member_id=machine.member(event), occurred_at=first)
    recorded = record_event(machine.club, Caller(STORE), told, lambda: SECONDS)
    book = machine.club.laws.version(int(recorded.row["v"]))
    answer = event_answer(recorded.row, {"store": STORE, "kind": kind, "source_id": source_id}, book)
    machine.entered(recorded, dict(answer), source_id)
