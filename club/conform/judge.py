"""Whether what happened is what a case expects, told in one line when it is not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any, NamedTuple

from club.conform.cases import Case, Untranslatable
from club.conform.events import play
from club.conform.machine import Machine
from club.conform.readers import READERS, Bag, Breakdown, OnDay, UpTo
from shared.domain.rulebook import ProgrammeFaulty

# What a case of a shape that nobody foresaw may stop at: it fails, and the next one is played.
_STOPS = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, AssertionError, RuntimeError)


class Verdict(NamedTuple):
    passed: bool
    why: str = ""


def verdict(case: Case) -> Verdict:
    """Plays a case and compares. What has no feature here fails, with the word that says so."""
    try:
        whys = _whys(case)
    except Untranslatable as word:
        return Verdict(False, str(word))
    except _STOPS as fault:
        return Verdict(False, f"stopped at {type(fault).__name__}: {' '.join(str(fault).split())[:200]}")
    return Verdict(True) if "" in whys else Verdict(False, next(iter(whys), "no answer is allowed"))


def _whys(case: Case) -> list[str]:
    """For each answer that the case allows, why it is not the one; empty for the one it is."""
    answers = _answers(case.expected)
    try:
        machine = Machine(case)
        play(machine)
    except ProgrammeFaulty as faulty:
        allowed = any(one.get("program_refused") is True for one in answers)
        return ["" if allowed else f"the programme is refused: {faulty}"]
    return [_compared(expected, machine) for expected in answers]


def silent(case: Case) -> Verdict:
    """What an engine would pass that does nothing: every number is zero, every list empty, everything else unknown."""
    nothing = {"0", "0.0", "None", "[]", "{}", "False"}
    return Verdict(any(all(str(value) in nothing for value in one.values()) for one in _answers(case.expected)))


def _answers(expected: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [one for one in expected["any_of"] if isinstance(one, dict)] if "any_of" in expected else [expected]


def _compared(expected: Mapping[str, Any], machine: Machine) -> str:
    """Empty when all is as expected; else the first thing that is not."""
    for key, value in expected.items():
        if key not in READERS:
            return f"{key!r} has no reader here yet"
        try:
            got = READERS[key](machine)
        except LookupError:
            got = None
        if key == "after" and isinstance(value, dict):
            got = {
                name: {"balance": got.get(name)} if isinstance(value[name], dict) else got.get(name) for name in value
            }
        if not same(value, got):
            return f"{key}: expected {value!r}, got {_shown(got)}"
    return ""


def same(expected: Any, got: Any) -> bool:
    """Numbers compare as numbers, whatever they are written as; lists in their sequence, sets in none."""
    if isinstance(got, OnDay):
        return isinstance(expected, dict) and all(same(value, got(str(day))) for day, value in expected.items())
    if isinstance(got, Bag):
        rest = list(got)
        for one in expected if isinstance(expected, list) else [None]:
            found = next((other for other in rest if isinstance(one, dict) and _within(one, other)), None)
            if found is None:
                return False
            rest.remove(found)
        return not rest
    if isinstance(got, set):
        return isinstance(expected, list) and len(expected) == len(got) and set(map(str, expected)) == got
    if isinstance(expected, list) and isinstance(got, list):
        return len(expected) == len(got) and all(map(same, expected, got))
    if isinstance(expected, dict) and isinstance(got, dict):
        if isinstance(got, Breakdown):
            return all(same(expected.get(name, 0), got.get(name, 0)) for name in {*expected, *got})
        return expected.keys() == got.keys() and all(same(value, got[key]) for key, value in expected.items())
    if isinstance(got, date) and isinstance(expected, str):
        # A day is written alone, or by its first or its last second.
        return expected in {got.isoformat() + end for end in ("", "T00:00:00", "T23:59:59", "T00:00:00Z", "T23:59:59Z")}
    left, right = _number(expected), _number(got)
    if isinstance(got, UpTo):
        return left is not None and got <= left
    return left == right if left is not None and right is not None else bool(expected == got)


def _within(expected: dict[str, Any], got: Mapping[str, Any]) -> bool:
    """Of a lot a case may name what it cares for alone."""
    return all(same(value, got.get(key)) for key, value in expected.items())


def _number(value: Any) -> Fraction | None:
    if isinstance(value, bool) or not isinstance(value, int | str | float | Fraction | Decimal):
        return None
    try:
        return Fraction(value) if isinstance(value, int | Fraction) else Fraction(Decimal(str(value)))
    except (InvalidOperation, ValueError, OverflowError):
        return None


def _shown(got: Any) -> str:
    if isinstance(got, list):
        return "[" + ", ".join(map(_shown, got)) + "]"
    if isinstance(got, dict):
        return "{" + ", ".join(f"{name!r}: {_shown(value)}" for name, value in got.items()) + "}"
    return f"{Decimal(got.numerator) / got.denominator:f}" if isinstance(got, Fraction) else repr(got)
