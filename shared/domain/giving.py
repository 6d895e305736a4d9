"""What one rule gives: points by place, for amount, purchase, line, unit, product or by formula. A new way of earning is one more
row in `GIVEN`, not another engine.

Points are whole numbers of 1/scale of a point, so nothing is lost before the one rounding that the programme names.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from shared.domain.basis import bases
from shared.domain.comparisons import Facts
from shared.domain.conditions import Condition
from shared.domain.facts import facts_at, line_facts
from shared.domain.rulebook import Kind, Rule, Rulebook
from shared.domain.vocabulary import Scene

# Which lines a rule may reach: all of them, those that earn, or those and the lines of shipping.
Scope = Literal["all", "goods", "shipping"]


@dataclass(slots=True)
class Part:
    """What one rule gave so far, by place: each line, the shipping, and the purchase as a whole in the last place."""

    rule: str
    wallet: str
    amount: bool
    multiplied: bool
    cap: int | None
    points: list[int]


@dataclass(slots=True)
class Work:
    """One purchase or event being rewarded."""

    scene: Scene
    book: Rulebook
    scale: int
    nets: list[int]
    parts: list[Part] = field(default_factory=list)
    values: dict[object, list[int]] = field(default_factory=dict)
    # The places of the lines that a rule may reach, and of those that meet a condition: rules that ask alike share both.
    places: dict[Scope, list[int]] = field(default_factory=dict)
    met: dict[tuple[Scope, int], list[int]] = field(default_factory=dict)

    @property
    def whole(self) -> int:
        """The place of points that belong to no line."""
        return len(self.nets)

    def finer(self, by: int) -> None:
        """Makes the scale so much finer: all points so far with it."""
        self.scale *= by
        for part in self.parts:
            part.points = [points * by for points in part.points]

    def cut(self, given: dict[int, int], whole: int, total: int) -> dict[int, int]:
        """What a rule gives, cut in proportion from `whole` to `total`, exactly: the scale becomes as fine as that needs."""
        common = math.gcd(whole, total)
        finer, share = abs(whole) // common, abs(total) // common
        self.finer(finer)
        return {place: points * share for place, points in given.items()}

    def bases(self, rule: Rule) -> list[int]:
        """The basis of every line and of the shipping under a rule; rules that count alike share it."""
        if rule.basis not in self.values:
            self.values[rule.basis] = bases(
                self.scene.bought, rule.basis, self.book.programme.policies, self.book.costs
            )
        return self.values[rule.basis]

    def so_far(self, wallet: str) -> int:
        return sum(sum(part.points) for part in self.parts if part.wallet == wallet)


class Given(NamedTuple):
    """What a rule gives: scaled points by place, and the basis for the explanation."""

    points: dict[int, int]
    basis: int


def chosen(rule: Rule, work: Work) -> list[int]:
    """Places that the rule applies to: lines that are not excluded and that it chooses, and the shipping where it counts."""
    if work.scene.purchase is None or rule.earn.once:
        return []
    scope: Scope = "all" if rule.kind == "multiply" else "shipping" if rule.basis.shipping else "goods"
    if rule.lines is not None:
        asked = (scope, id(rule.lines))
        if asked not in work.met:
            work.met[asked] = _where(rule.lines, _places(scope, work), work)
        return work.met[asked]
    places = _places(scope, work)
    return [*places, work.whole - 1] if rule.kind == "amount" and scope == "shipping" and work.nets[-1] else places


def _places(scope: Scope, work: Work) -> list[int]:
    """All lines, or those that earn at all: neither of a kind nor of a condition that the programme excludes."""
    if scope not in work.places:
        lines, basis = work.scene.bought.lines, work.book.programme.basis
        kinds = {"all": (), "shipping": basis.exclude_kinds, "goods": (*basis.exclude_kinds, "shipping")}[scope]
        places = [at for at, line in enumerate(lines) if line.kind not in kinds]
        exclude = work.book.exclude if scope != "all" else None
        refused = set(_where(exclude, places, work)) if exclude is not None else ()
        work.places[scope] = [at for at in places if at not in refused]
    return work.places[scope]


def _where(condition: Condition, places: list[int], work: Work) -> list[int]:
    """The places whose line meets a condition."""
    facts = {at: line_facts(work.scene.bought.lines[at], work.nets[at]) for at in places}
    if condition.plain:
        return [at for at in places if condition.failing(facts[at]) is None]
    # Lines alike in what the condition reads are asked once: CEL takes its time.
    names, answers = condition.names, dict[str, bool]()
    met = []
    for at in places:
        alike = repr([facts[at](name) for name in names])
        if alike not in answers:
            answers[alike] = condition.failing(facts[at]) is None
        if answers[alike]:
            met.append(at)
    return met


def _by_amount(rule: Rule, places: list[int], work: Work, _facts: Facts) -> Given:
    points, per = rule.number
    per_minor = rule.earn.per_minor
    assert per_minor is not None
    values = work.bases(rule)
    counted = whole = sum(values[place] for place in places)
    if rule.earn.basis_cap_minor is not None:
        counted = min(counted, rule.earn.basis_cap_minor)
    basis = counted
    if rule.earn.steps == "whole":
        counted -= counted % per_minor
    step = points * (work.scale // (per * per_minor))
    given = {place: values[place] * step for place in places}
    return Given(given if counted == whole else work.cut(given, whole * step, counted * step), basis)


def _once(rule: Rule, _places: list[int], work: Work, _facts: Facts) -> Given:
    return Given({work.whole: _scaled(rule, work)}, 1)


def _by_line(rule: Rule, places: list[int], work: Work, _facts: Facts) -> Given:
    return Given(dict.fromkeys(places, _scaled(rule, work)), len(places))


def _by_unit(rule: Rule, places: list[int], work: Work, _facts: Facts) -> Given:
    quantities = {place: work.scene.bought.lines[place].quantity for place in places}
    each = _scaled(rule, work)
    return Given({place: quantity * each for place, quantity in quantities.items()}, sum(quantities.values()))


def _by_product(rule: Rule, places: list[int], work: Work, _facts: Facts) -> Given:
    """Once for each product, at the first line that has it."""
    first = {work.scene.bought.lines[place].sku: place for place in reversed(places)}
    return Given(dict.fromkeys(first.values(), _scaled(rule, work)), len(first))


def _by_formula(rule: Rule, places: list[int], work: Work, facts: Facts) -> Given:
    """A formula is computed once, or for each line it chooses; less than nothing is nothing. Raises FormulaUndefined."""
    assert rule.formula is not None
    if rule.earn.per == "line":
        lines = work.scene.bought.lines
        values = {place: rule.formula.value(facts_at(lines[place], work.nets[place], facts)) for place in places}
    else:
        values = {work.whole: rule.formula.value(facts)}
    common = math.lcm(*(value.denominator for value in values.values()))
    work.finer(common // math.gcd(common, work.scale))
    return Given({place: max(0, int(value * work.scale)) for place, value in values.items()}, len(values))


def _times(rule: Rule, places: list[int], work: Work, _facts: Facts) -> Given:
    """What a factor adds is worked out part by part; the places only tell the explanation which goods it looked at."""
    # A multiplier that chooses no lines multiplies what the shipping and the purchase as a whole were given, too.
    reached = places if rule.lines is not None else range(work.whole + 1)
    return Given(dict.fromkeys(reached, 0), sum(work.nets[place] for place in reached if place < work.whole - 1))


# How each kind of rule gives: scaled points by place, and the basis that the explanation shows.
GIVEN: dict[Kind, Callable[[Rule, list[int], Work, Facts], Given]] = {
    "amount": _by_amount,
    "purchase": _once,
    "event": _once,
    "line": _by_line,
    "unit": _by_unit,
    "product": _by_product,
    "formula": _by_formula,
    "multiply": _times,
}


def _scaled(rule: Rule, work: Work) -> int:
    points, per = rule.number
    return points * (work.scale // per)
