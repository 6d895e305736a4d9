"""Conditions of a programme: CEL over the vocabulary, compiled once, in clauses so that a reason can name the one that failed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple

from cel_expr_python import cel

from shared.domain.comparisons import Facts, Test, comparison
from shared.domain.vocabulary import (
    ATTRIBUTE_PREFIX,
    EVENT_TERMS,
    LEDGER_TERMS,
    LINE_TERMS,
    MEMBER_TERMS,
    PURCHASE_TERMS,
    TermType,
    Value,
)

_CEL_TYPES = {
    "int": cel.Type.INT,
    "string": cel.Type.STRING,
    "bool": cel.Type.BOOL,
    "list": cel.Type.List(cel.Type.STRING),
    "map": cel.Type.Map(cel.Type.STRING, cel.Type.STRING),
}
# A comment, a string literal of any kind, a dotted name, or any other character: enough to find `&&` and names outside of
# quotes.
_PIECE = re.compile(
    r"""//[^\n]*|[rR]'''.*?'''|[rR]\"{3}.*?\"{3}|'''(?:\\.|.)*?'''|\"{3}(?:\\.|.)*?\"{3}|[rR]'[^'\n]*'|[rR]"[^"\n]*"|"""
    r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|[A-Za-z_]\w*(?:\s*\.\s*[A-Za-z_]\w*)*|&&|\|\||.""",
    re.DOTALL,
)
_WHERE = re.compile(r"<input>:(\d+):(\d+): (.*)")

# A value of each type, to try a clause with when it is compiled.
_SAMPLES: dict[TermType, Value] = {"int": 1, "string": "x", "bool": False, "list": ["x"], "map": {"x": "x"}}

# What a condition is asked of: a purchase, an event, a member alone, a member with what the ledger tells, one line, or figures of
# the club, whose words depend on the programme (`figure_words.py`).
Subject = Literal["purchase", "event", "member", "ledger", "line", "figures"]
OF_LEDGER = frozenset(term.name for term in LEDGER_TERMS)

CONDITION_LENGTH_MAX = 1_000


class ConditionFaulty(ValueError):
    """The text does not compile. `line` and `column` count from 1 within the text."""

    def __init__(self, sentence: str, line: int = 1, column: int = 1) -> None:
        super().__init__(sentence)
        self.sentence, self.line, self.column = sentence, line, column


class Clause(NamedTuple):
    """One part of a condition that must hold: its text, the names it reads, and its test. `plain`: it compares one word."""

    text: str
    names: tuple[str, ...]
    holds: Test
    plain: bool = False


class Condition(NamedTuple):
    """All clauses must hold. No clause: it always holds."""

    clauses: tuple[Clause, ...]
    # Every word that it reads; and whether it is made of plain comparisons alone.
    names: tuple[str, ...] = ()
    plain: bool = True

    @classmethod
    def of(cls, clauses: Iterable[Clause]) -> Condition:
        made = tuple(clauses)
        names = dict.fromkeys(name for clause in made for name in clause.names)
        return cls(made, tuple(names), all(clause.plain for clause in made))

    def parted(self) -> tuple[Condition, Condition]:
        """The clauses that an account answers, and those for which the ledger has to be read."""
        reads = [not OF_LEDGER.isdisjoint(clause.names) for clause in self.clauses]
        by_account = (clause for clause, of_ledger in zip(self.clauses, reads, strict=True) if not of_ledger)
        by_ledger = (clause for clause, of_ledger in zip(self.clauses, reads, strict=True) if of_ledger)
        return Condition.of(by_account), Condition.of(by_ledger)

    def failing(self, facts: Facts) -> int | None:
        """Position of the first clause that does not hold, or None when the condition is met."""
        for position, clause in enumerate(self.clauses):
            if not clause.holds(facts):
                return position
        return None


class Conditions:
    """Compiles conditions over the vocabulary and the attributes that one programme declares."""

    def __init__(self, attributes: Mapping[str, TermType]) -> None:
        member: dict[str, TermType] = {term.name: term.type for term in MEMBER_TERMS}
        member |= {ATTRIBUTE_PREFIX + name: kind for name, kind in attributes.items()}
        self.types: dict[Subject, dict[str, TermType]] = {
            "purchase": {term.name: term.type for term in PURCHASE_TERMS} | member,
            "event": {term.name: term.type for term in EVENT_TERMS} | member,
            "member": member,
            "ledger": member | {term.name: term.type for term in LEDGER_TERMS},
            "line": {term.name: term.type for term in LINE_TERMS},
        }
        self._environments: dict[Subject, Any] = {}

    def condition(self, text: str, subject: Subject = "purchase") -> Condition:
        """A condition on what the subject knows. Raises ConditionFaulty."""
        if len(text) > CONDITION_LENGTH_MAX:
            raise ConditionFaulty(f"a condition may be {CONDITION_LENGTH_MAX} characters long, this one is {len(text)}")
        types = self.types[subject]
        if subject not in self._environments:
            self._environments[subject] = cel.NewEnv(variables={name: _CEL_TYPES[kind] for name, kind in types.items()})
        # The whole text first: its line and column are those of the file.
        self._expression(text, subject)
        return Condition.of(self._clause(clause, subject, types) for clause in clauses(text))

    def line_condition(self, text: str) -> Condition:
        """A condition that chooses lines. Raises ConditionFaulty."""
        return self.condition(text, "line")

    def _clause(self, text: str, subject: Subject, types: Mapping[str, TermType]) -> Clause:
        names, expression, plain = _names(text, types), self._expression(text, subject), comparison(text, types)
        told = expression.eval(data={name: _SAMPLES[types[name]] for name in names}).value()
        if isinstance(told, str) and "No value with name" in told:
            raise ConditionFaulty(f"{text!r} reads a name in a way that this club cannot follow")
        return Clause(text, names, plain or _asked(expression, names), plain is not None)

    def _expression(self, text: str, subject: Subject) -> Any:
        try:
            expression = self._environments[subject].compile(text)
        except RuntimeError as fault:
            raise _faulty(str(fault), self.types[subject]) from None
        if expression.return_type().name() != "BOOL":
            raise ConditionFaulty(f"must be true or false, but {text!r} is a {expression.return_type().name().lower()}")
        return expression


def _asked(expression: Any, names: tuple[str, ...]) -> Test:
    """An expression as a test. What cannot be computed (a division by zero, a place outside a list) does not hold."""
    # An error is a value as well, and not an empty one: only the truth itself is true.
    return lambda facts: expression.eval(data={name: facts(name) for name in names}).value() is True


def clauses(text: str) -> list[str]:
    """The parts joined by `&&` at the top level; one part when `||` or `?` stands there too.

    >>> clauses("a == 'x && y' && (b || c) && d > 1")
    ["a == 'x && y'", '(b || c)', 'd > 1']
    """
    parts, depth = [""], 0
    for piece in _PIECE.findall(text):
        if piece.startswith("//"):
            continue
        depth += (piece in "([{") - (piece in ")]}")
        if depth == 0 and piece in ("||", "?"):
            return [_without_comments(text)]
        if depth == 0 and piece == "&&":
            parts.append("")
        else:
            parts[-1] += piece
    return [part.strip() for part in parts]


def _without_comments(text: str) -> str:
    return "".join(piece for piece in _PIECE.findall(text) if not piece.startswith("//")).strip()


def _names(text: str, known: Mapping[str, TermType]) -> tuple[str, ...]:
    """The words of the vocabulary that a text reads, also where a method is called on one."""
    found: set[str] = set()
    for piece in _PIECE.findall(text):
        parts = "".join(piece.split()).split(".")
        found |= {name for end in range(len(parts)) if (name := ".".join(parts[: end + 1])) in known}
    return tuple(sorted(found))


def _faulty(message: str, known: Mapping[str, TermType]) -> ConditionFaulty:
    """The compiler's first complaint as a sentence of ours."""
    found = _WHERE.search(message)
    if found is None:
        return ConditionFaulty(message.splitlines()[0])
    line, column, complaint = int(found[1]), int(found[2]), found[3]
    undeclared = re.match(r"undeclared reference to '([^']*)'", complaint)
    if undeclared:
        near = _nearest(undeclared[1], known)
        complaint = f"{undeclared[1]!r} is not in the vocabulary" + (f"; did you mean {near}?" if near else "")
    overload = re.match(r"found no matching overload for '_?([^_']+)_?' applied to '\((.*)\)'", complaint)
    if overload:
        complaint = f"{overload[1]!r} cannot be applied to {overload[2].replace(', ', ' and ')}"
    return ConditionFaulty(complaint, line, column)


def _nearest(name: str, known: Mapping[str, TermType]) -> str | None:
    from difflib import get_close_matches

    return next(iter(get_close_matches(name, known, n=1)), None)
