"""What a case asks for, read off what the club answered and what stands in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from club.conform.conditions import CONDITION, SEEN, SEGMENT
from club.conform.facts import ACCRUAL
from club.conform.machine import Machine
from club.conform.points import CAMPAIGN
from club.conform.words import Table
from shared.domain.segments import members_of
from shared.domain.tiers import Held, held_on


def _points(answer: Table) -> Fraction:
    """Nothing was answered to a purchase that was refused."""
    return Fraction(answer["points"]["earned"], 10 ** answer["points"]["decimals"]) if answer else Fraction(0)


def _last(machine: Machine) -> Table:
    return machine.answers[-1] if machine.answers else {}


def _fired(machine: Machine) -> list[Table]:
    return list(_last(machine).get("explanation", {}).get("fired", ()))


def _exact(text: str) -> Fraction:
    return Fraction(Decimal(text.rstrip("…")))


def _names(machine: Machine) -> list[str]:
    """The case's rules that fired, each once, in sequence: one of theirs may be several of ours."""
    rules = [rule for one in _fired(machine) if (rule := machine.draft.stands_for.get(one["rule"]))]
    return list(
        dict.fromkeys(str(rule.get("name", rule.get("id"))) for rule in rules if "name" in rule or "id" in rule)
    )


class Breakdown(dict[str, Fraction]):
    """Points by the id of the case's rule; a rule that gave nothing may be left out."""


def _breakdown(machine: Machine) -> Breakdown:
    told = Breakdown()
    for one in _fired(machine):
        rule = machine.draft.stands_for.get(one["rule"])
        if rule is not None and "id" in rule:
            name = str(rule["id"])
            told[name] = told.get(name, Fraction(0)) + _exact(one["points"])
    return told


def _basis(machine: Machine) -> int:
    """What the case's first rule per amount saw; where none gave, what such a rule would have seen."""
    amounts = {row["id"] for row in machine.draft.lists["earn"] if "per_minor" in row}
    bases = {one["rule"]: int(one["basis_minor"]) for one in _fired(machine) if one["rule"] in amounts}
    return next((basis for rule, basis in bases.items() if rule != SEEN), bases.get(SEEN, 0))


def _accepted(machine: Machine) -> bool:
    return any(one["rule"] != SEEN for one in _fired(machine))


def _reason(machine: Machine) -> str | None:
    """Why the campaign did not count the purchase: its one condition is the threshold."""
    not_fired = _last(machine).get("explanation", {}).get("not_fired", ())
    whys = {one["rule"]: one["why"] for one in not_fired}
    return "threshold_not_met" if whys.get(CAMPAIGN) == "when" else None


def _entries(machine: Machine) -> list[list[Any]]:
    return [list(entry) for entry in machine.entries if entry is not None]


def _history(machine: Machine) -> dict[str, Fraction]:
    """Of the last purchase; paying with points has no feature yet, so none were used."""
    return {"issued": _points(_last(machine)), "used": Fraction(0)}


def _tier_used(machine: Machine) -> str | None:
    held = _last(machine).get("explanation", {}).get("tier")
    return next((str(tier.name["en"]) for tier in machine.book.programme.tier if tier.id == held), None)


def _reached(machine: Machine) -> Held:
    """The tier that the events led to: the one held, or the one that begins with the next period."""
    held, *_ = held_on(machine.account(), machine.today(), machine.book)
    if machine.book.programme.tiers.starts == "next_period" and held.until is not None:
        held, *_ = held_on(machine.account(), held.until + timedelta(days=1), machine.book)
    return held


def _last_day(machine: Machine) -> date | None:
    held = _reached(machine)
    return held.until or held.kept_until


def _lost(machine: Machine) -> date | None:
    last = _last_day(machine)
    return last + timedelta(days=1) if last else None


def _segment(machine: Machine) -> set[str]:
    names = {account_id: name for name, account_id in machine.accounts.items()}
    accounts = [machine.account(name) for name in machine.accounts]
    at = machine.now.astimezone(machine.book.zone)
    return {names[one.id] for one in members_of(SEGMENT, accounts, at, machine.book)}


READERS: Mapping[str, Callable[[Machine], Any]] = {
    "points_earned": lambda machine: _points(_last(machine)),
    "points_earned_each": lambda machine: [_points(answer) for answer in machine.answers],
    "points_each": lambda machine: [_exact(o["points"]) for o in _fired(machine) if o["rule"].startswith(ACCRUAL)],
    "balance": lambda machine: machine.balance(),
    "balance_after": lambda machine: [one.balance for one in machine.history],
    "balance_change": lambda machine: machine.balance() - machine.before,
    "after": lambda machine: {one.event_id: one.balance for one in machine.history},
    "entries": _entries,
    "entry_points": lambda machine: machine.entries[-1][1] if machine.entries[-1] else Fraction(0),
    "history": _history,
    "history_rows": lambda machine: len(_entries(machine)),
    "accepted": _accepted,
    "reason": _reason,
    "rewards_issued": lambda machine: machine.purse().completed,
    "rewards_issued_after": lambda machine: [one.completed for one in machine.history],
    "breakdown": _breakdown,
    "explanation_rule_names": _names,
    "basis_minor": _basis,
    "condition_met": lambda machine: any(one["rule"] == CONDITION for one in _fired(machine)),
    "value": lambda machine: machine.value,
    "errors": lambda machine: machine.errors,
    "processed": lambda machine: machine.recorded,
    "http": lambda machine: machine.http,
    "program_refused": lambda machine: False,
    "tier": lambda machine: machine.tier(),
    "tier_after": lambda machine: [one.tier for one in machine.history],
    "tier_used_for_this_purchase": _tier_used,
    "tier_from": lambda machine: _reached(machine).since,
    "tier_until": _last_day,
    "tier_lost_at": _lost,
    "segment_members": _segment,
}
