"""Whether what happened is what a case expects, told in one line when it is not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any, NamedTuple

from club.conform.cases import Case, Untranslatable
from club.conform.machine import Machine
from shared.domain.rulebook import ProgrammeFaulty
from shared.domain.tiers import Held, held_on


class Verdict(NamedTuple):
    passed: bool
    why: str = ""


def verdict(case: Case) -> Verdict:
    """Plays a case and compares. What has no feature here fails, with the word that says so."""
    try:
        machine = Machine(case)
    except ProgrammeFaulty as faulty:
        if any(one.get("program_refused") is True for one in _answers(case.expected)):
            return Verdict(True)
        return Verdict(False, f"the programme is refused: {faulty}")
    except Untranslatable as word:
        return Verdict(False, str(word))
    try:
        machine.play()
    except Untranslatable as word:
        return Verdict(False, str(word))
    except (ValueError, KeyError, AssertionError) as fault:
        return Verdict(False, f"stopped at {type(fault).__name__}: {str(fault)[:200]}")
    whys = [_compared(expected, machine) for expected in _answers(case.expected)]
    return Verdict(True) if "" in whys else Verdict(False, whys[0])


def silent(case: Case) -> Verdict:
    """What an engine would pass that does nothing: every number is zero, every list empty, everything else unknown."""
    nothing = {"0", "0.0", "None", "[]", "{}", "False"}
    return Verdict(any(all(str(value) in nothing for value in one.values()) for one in _answers(case.expected)))


def _answers(expected: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list(expected["any_of"]) if "any_of" in expected else [expected]


def _compared(expected: Mapping[str, Any], machine: Machine) -> str:
    """Empty when all is as expected; else the first thing that is not."""
    for key, value in expected.items():
        if key not in READERS:
            return f"{key!r} has no reader here yet"
        try:
            got = READERS[key](machine)
        except (LookupError, StopIteration):
            got = None
        if isinstance(value, dict) and isinstance(got, dict):
            got = {name: got.get(name) for name in value} if key != "errors" else got
        if not same(value, got):
            return f"{key}: expected {value!r}, got {_shown(got)}"
    return ""


def same(expected: Any, got: Any) -> bool:
    """Numbers compare as numbers, whatever they are written as; lists in their sequence."""
    if isinstance(expected, list) and isinstance(got, list):
        return len(expected) == len(got) and all(map(same, expected, got))
    if isinstance(expected, dict) and isinstance(got, dict):
        return expected.keys() == got.keys() and all(same(value, got[key]) for key, value in expected.items())
    if isinstance(got, date) and isinstance(expected, str):
        # A day is written alone, or by its first or its last second.
        return expected in {got.isoformat() + end for end in ("", "T00:00:00", "T23:59:59", "T00:00:00Z", "T23:59:59Z")}
    left, right = _number(expected), _number(got)
    return left == right if left is not None and right is not None else bool(expected == got)


def _number(value: Any) -> Fraction | None:
    if isinstance(value, bool) or not isinstance(value, int | str | Fraction | Decimal):
        return None
    try:
        return Fraction(value) if not isinstance(value, str) else Fraction(Decimal(value))
    except (InvalidOperation, ValueError):
        return None


def _shown(got: Any) -> str:
    if isinstance(got, list):
        return "[" + ", ".join(map(_shown, got)) + "]"
    return f"{Decimal(got.numerator) / got.denominator:f}" if isinstance(got, Fraction) else repr(got)


def _points(answer: Mapping[str, Any]) -> Fraction:
    told = answer["points"]
    return Fraction(told["earned"], 10 ** told["decimals"])


def _fired(machine: Machine) -> list[Mapping[str, Any]]:
    return list(machine.answers[-1]["explanation"]["fired"])


def _exact(text: str) -> Fraction:
    return Fraction(Decimal(text.rstrip("…")))


def _names(machine: Machine) -> list[str]:
    """The case's rules that fired, each once, in sequence: one of theirs may be several of ours."""
    rules = [
        machine.draft.stands_for[one["rule"]] for one in _fired(machine) if one["rule"] in machine.draft.stands_for
    ]
    return list(dict.fromkeys(str(rule.get("name", rule.get("id"))) for rule in rules))


def _breakdown(machine: Machine) -> dict[str, Fraction]:
    told: dict[str, Fraction] = {}
    for one in _fired(machine):
        rule = machine.draft.stands_for.get(one["rule"])
        if rule is not None:
            name = str(rule.get("id"))
            told[name] = told.get(name, Fraction(0)) + _exact(one["points"])
    return told


def _basis(machine: Machine) -> int:
    return int(next(one["basis_minor"] for one in _fired(machine) if "basis_minor" in one))


def _change(machine: Machine) -> Fraction:
    before = machine.history[-2]["balance"] if len(machine.history) > 1 else Fraction(0)
    return Fraction(machine.history[-1]["balance"] - before)


def _tier_used(machine: Machine) -> str | None:
    held = machine.answers[-1]["explanation"]["tier"]
    return next((str(tier.name["en"]) for tier in machine.book.programme.tier if tier.id == held), None)


def _reached(machine: Machine) -> Held:
    """The tier that the events led to: the one held, or the one that begins with the next period."""
    held = next(iter(held_on(machine.account(), machine.today(), machine.book)))
    if machine.book.programme.tiers.starts == "next_period" and held.until is not None:
        return next(iter(held_on(machine.account(), held.until + timedelta(days=1), machine.book)))
    return held


def _last_day(machine: Machine) -> date | None:
    held = _reached(machine)
    return held.until or held.kept_until


def _lost(machine: Machine) -> date | None:
    last = _last_day(machine)
    return last + timedelta(days=1) if last else None


READERS: Mapping[str, Callable[[Machine], Any]] = {
    "points_earned": lambda machine: _points(machine.answers[-1]),
    "points_earned_each": lambda machine: [_points(answer) for answer in machine.answers],
    "points_each": lambda machine: [_exact(one["points"]) for one in _fired(machine)],
    "balance": lambda machine: machine.balance(),
    "balance_after": lambda machine: [one["balance"] for one in machine.history],
    "balance_change": _change,
    "accepted": lambda machine: bool(_fired(machine)),
    "rewards_issued": lambda machine: machine.purse().completed,
    "rewards_issued_after": lambda machine: [one["completed"] for one in machine.history],
    "breakdown": _breakdown,
    "explanation_rule_names": _names,
    "basis_minor": _basis,
    "condition_met": lambda machine: bool(_fired(machine)),
    "value": lambda machine: machine.value,
    "errors": lambda machine: machine.errors,
    "processed": lambda machine: machine.recorded,
    "http": lambda machine: machine.http,
    "tier": lambda machine: machine.tier(),
    "tier_after": lambda machine: [one["tier"] for one in machine.history],
    "tier_used_for_this_purchase": _tier_used,
    "tier_from": lambda machine: _reached(machine).since,
    "tier_until": _last_day,
    "tier_lost_at": _lost,
    "segment_members": lambda machine: machine.members_of_segment(),
}
