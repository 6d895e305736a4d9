"""Formulas of a programme: arithmetic over the vocabulary in exact fractions, so that 75.55 is 75.55.

The grammar is CEL's own for numbers: literals, names, `+ - * /`, comparisons, `&& || !`, `a ? b : c`, parentheses, and the
functions of `FUNCTIONS`. CEL itself computes decimals as binary floats and lets nobody overload its operators, which is why
the evaluation is ours (docs/decisions.md).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from shared.domain.money import rounded

FORMULA_LENGTH_MAX = 1_000
DEPTH_MAX = 32
# A result beyond this is a mistake of the formula, not a reward.
DIGITS_MAX = 30

Number = Fraction | bool
Facts = Callable[[str], object]
Node = Callable[[Facts], Number]

_TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d+)?)|([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)|(&&|\|\||[<>=!]=|[-+*/()<>!?:,;]))")


class FormulaFaulty(ValueError):
    """The text is no formula. `column` counts from 1."""

    def __init__(self, sentence: str, column: int = 1) -> None:
        super().__init__(sentence)
        self.sentence, self.column = sentence, column


class FormulaUndefined(ArithmeticError):
    """The formula has no value here: a division by zero, a number without measure."""


@dataclass(frozen=True, slots=True)
class Formula:
    text: str
    names: tuple[str, ...]
    node: Node

    def value(self, facts: Facts) -> Fraction:
        """Raises FormulaUndefined."""
        try:
            value = Fraction(self.node(facts))
        except ZeroDivisionError:
            raise FormulaUndefined("a division by zero") from None
        if max(abs(value.numerator), value.denominator) >= 10**DIGITS_MAX:
            raise FormulaUndefined("a number without measure")
        return value


class _Function(NamedTuple):
    arguments: tuple[int, int]
    of: Callable[..., Fraction]


def _places(mode: str) -> Callable[..., Fraction]:
    def to_decimals(value: Fraction, decimals: Fraction = Fraction(0)) -> Fraction:
        if decimals.denominator != 1 or abs(decimals) > 12:
            raise FormulaUndefined("decimals must be a whole number from -12 to 12")
        fineness = Fraction(10) ** decimals.numerator
        counted = value * fineness
        return Fraction(rounded(counted.numerator, counted.denominator, mode)) * fineness**-1  # type: ignore[arg-type]

    return to_decimals


def _quotient(number: Number, by: Number) -> Fraction:
    """Exact: a fraction of fractions loses nothing. Raises ZeroDivisionError."""
    return Fraction(number) * Fraction(by) ** -1


FUNCTIONS: Mapping[str, _Function] = {
    # How many whole steps of b are in a.
    "per": _Function((2, 2), lambda a, b: Fraction(a // b)),
    # b percent of a.
    "percent": _Function((2, 2), lambda a, b: a * b * Fraction(1, 100)),
    # To decimals, none by default; -1 is tens. `rounded` takes a half up.
    "rounded": _Function((1, 2), _places("half_up")),
    "floor": _Function((1, 2), _places("floor")),
    "ceil": _Function((1, 2), _places("ceil")),
    "min": _Function((2, 8), min),
    "max": _Function((2, 8), max),
}


def formula(text: str, names: Mapping[str, str]) -> Formula:
    """A formula over names that are whole numbers or truths (`int`, `bool`). Raises FormulaFaulty."""
    if len(text) > FORMULA_LENGTH_MAX:
        raise FormulaFaulty(f"a formula may be {FORMULA_LENGTH_MAX} characters long")
    reader = _Reader(text, names)
    node, kind = reader.choice(0)
    if reader.word:
        raise reader.fault(f"{reader.word!r} is not expected here")
    if kind != "number":
        raise FormulaFaulty("a formula gives a number, and this is true or false")
    return Formula(text, tuple(sorted(reader.read)), node)


class _Reader:
    """Recursive descent; every rule gives a node and whether it is a `number` or a `truth`."""

    def __init__(self, text: str, names: Mapping[str, str]) -> None:
        self.text, self.names, self.read = text, names, set[str]()
        self.at = self.next_at = 0
        self.word = ""
        self.step()

    def step(self) -> str:
        taken, self.at = self.word, self.next_at
        found = _TOKEN.match(self.text, self.at)
        if found is None:
            rest = self.text[self.at :]
            if rest.strip():
                self.at += len(rest) - len(rest.lstrip())
                self.word = rest.strip()[0]
                raise self.fault(f"{self.word!r} is not part of a formula")
            self.word = ""
        else:
            self.at, self.next_at = found.start(found.lastindex or 0), found.end()
            self.word = found[found.lastindex or 0]
        return taken

    def fault(self, sentence: str) -> FormulaFaulty:
        return FormulaFaulty(sentence if self.word else "the formula ends too early", self.at + 1)

    def take(self, sign: str) -> None:
        if self.word != sign:
            raise self.fault(f"{sign!r} is expected before {self.word!r}")
        self.step()

    def choice(self, depth: int) -> tuple[Node, str]:
        if depth > DEPTH_MAX:
            raise self.fault("the formula is nested too deep")
        test, kind = self.either(depth)
        if self.word != "?":
            return test, kind
        self.must(kind, "truth")
        self.step()
        yes, yes_kind = self.choice(depth + 1)
        self.take(":")
        no, no_kind = self.choice(depth + 1)
        self.must(no_kind, yes_kind)
        return lambda facts: yes(facts) if test(facts) else no(facts), yes_kind

    def either(self, depth: int) -> tuple[Node, str]:
        return self.joined(depth, {"||": lambda a, b: lambda f: bool(a(f) or b(f))}, self.both, "truth", "truth")

    def both(self, depth: int) -> tuple[Node, str]:
        return self.joined(depth, {"&&": lambda a, b: lambda f: bool(a(f) and b(f))}, self.compared, "truth", "truth")

    def compared(self, depth: int) -> tuple[Node, str]:
        return self.joined(
            depth,
            {
                "==": lambda a, b: lambda f: a(f) == b(f),
                "!=": lambda a, b: lambda f: a(f) != b(f),
                "<=": lambda a, b: lambda f: a(f) <= b(f),
                ">=": lambda a, b: lambda f: a(f) >= b(f),
                "<": lambda a, b: lambda f: a(f) < b(f),
                ">": lambda a, b: lambda f: a(f) > b(f),
            },
            self.sum,
            "number",
            "truth",
        )

    def sum(self, depth: int) -> tuple[Node, str]:
        operators = {"+": lambda a, b: lambda f: a(f) + b(f), "-": lambda a, b: lambda f: a(f) - b(f)}
        return self.joined(depth, operators, self.product, "number", "number")

    def product(self, depth: int) -> tuple[Node, str]:
        operators = {"*": lambda a, b: lambda f: a(f) * b(f), "/": lambda a, b: lambda f: _quotient(a(f), b(f))}
        return self.joined(depth, operators, self.single, "number", "number")

    def joined(
        self,
        depth: int,
        operators: Mapping[str, Callable[[Node, Node], Node]],
        part: Callable[[int], tuple[Node, str]],
        takes: str,
        gives: str,
    ) -> tuple[Node, str]:
        left, kind = part(depth)
        while self.word in operators:
            self.must(kind, takes)
            operator = operators[self.step()]
            right, right_kind = part(depth)
            self.must(right_kind, takes)
            left, kind = operator(left, right), gives
        return left, kind

    def single(self, depth: int) -> tuple[Node, str]:
        if depth > DEPTH_MAX:
            raise self.fault("the formula is nested too deep")
        word = self.word
        if word in ("-", "!"):
            self.step()
            inner, kind = self.single(depth + 1)
            self.must(kind, "number" if word == "-" else "truth")
            return (lambda f: -Fraction(inner(f))) if word == "-" else (lambda f: not inner(f)), kind
        if word == "(":
            self.step()
            inside = self.choice(depth + 1)
            self.take(")")
            return inside
        if word[:1].isdigit():
            number = Fraction(self.step())
            return (lambda _: number), "number"
        if word in FUNCTIONS:
            return self.call(depth)
        if word in ("true", "false"):
            truth = self.step() == "true"
            return (lambda _: truth), "truth"
        if word not in self.names:
            raise self.fault(
                f"{word!r} is not in the vocabulary" if word[:1].isalpha() else f"{word!r} is not expected"
            )
        self.read.add(self.step())
        if self.names[word] == "bool":
            return (lambda facts: bool(facts(word))), "truth"
        return (lambda facts: Fraction(facts(word))), "number"

    def call(self, depth: int) -> tuple[Node, str]:
        name = self.step()
        fewest, most = FUNCTIONS[name].arguments
        self.take("(")
        arguments: list[Node] = []
        while True:
            argument, kind = self.choice(depth + 1)
            self.must(kind, "number")
            arguments.append(argument)
            if self.word not in (",", ";"):
                break
            self.step()
        if not fewest <= len(arguments) <= most:
            raise self.fault(
                f"{name} takes {fewest} to {most} numbers" if fewest < most else f"{name} takes {fewest} numbers"
            )
        self.take(")")
        function = FUNCTIONS[name].of
        return (lambda facts: function(*(argument(facts) for argument in arguments))), "number"

    def must(self, kind: str, expected: str) -> None:
        if kind != expected:
            raise self.fault(f"a {expected} is expected here, and this is a {kind}")
