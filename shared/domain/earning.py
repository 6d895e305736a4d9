"""Where a point is computed: a purchase, an account and a rulebook become exact points, rule by rule, with a reason for each.

Points are summed as whole numbers of 1/scale of a point, so nothing is lost before the one rounding that the programme names.
A new way of earning is one more row in `GIVEN`, not another engine.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal, NamedTuple

from shared.domain.money import ratio, rounded
from shared.domain.purchase import Line
from shared.domain.rulebook import Rule, Rulebook
from shared.domain.vocabulary import ATTRIBUTE_PREFIX, LINE_TERM_BY_NAME, TERM_BY_NAME, Scene, Value

TIER_RULE = "tier:"


class Fired(NamedTuple):
    """A rule that gave points. `basis` is minor units, lines or units, as its kind says; `points` is exact.

    `uncapped` is what the rule would have given without its cap, None when the cap did not bite.
    """

    rule: str
    basis: int
    points: Fraction
    uncapped: Fraction | None = None


class NotFired(NamedTuple):
    """A rule that gave nothing: outside its dates, a clause of `when` that did not hold, or no line it applies to.

    `observed` holds what the clause's names were, where that is one plain value and no attribute of a person.
    """

    rule: str
    why: Literal["dates", "when", "lines"]
    clause: int = 0
    observed: tuple[int | str | bool, ...] = ()


@dataclass(frozen=True, slots=True)
class Earned:
    """Points of one purchase. `exact` is the sum before rounding, `points` after rounding and the cap of a purchase."""

    points: int
    exact: Fraction
    reasons: tuple[Fired | NotFired, ...]


@dataclass(slots=True)
class _Work:
    """One purchase being rewarded: its lines, what each cost, and the scaled points of each so far; the last place is the
    purchase as a whole, for points that belong to no line."""

    scene: Scene
    scale: int
    nets: list[int]
    so_far: list[int]

    def cut(self, given: dict[int, int], whole: int, total: int) -> dict[int, int]:
        """What a rule gives, cut in proportion from `whole` to `total`, exactly: the scale becomes as fine as that needs."""
        common = math.gcd(whole, total)
        finer, share = abs(whole) // common, abs(total) // common
        self.scale *= finer
        self.so_far = [points * finer for points in self.so_far]
        return {place: points * share for place, points in given.items()}


def points_earned(scene: Scene, book: Rulebook) -> Earned:
    """The points of one purchase under one rulebook, with every rule's reason. Nothing is written and no clock is read."""
    lines = scene.purchase.lines
    work = _Work(scene, book.scale, scene.purchase.net_by_line(), [0] * (len(lines) + 1))
    facts = _facts(scene, book)
    today = scene.at.date()
    reasons = [_reason(rule, work, book, facts, today) for rule in book.rules]
    tier = book.tier(scene.tier)
    if tier is not None and tier.multiply != 1:
        given, basis = _multiplied(ratio(tier.multiply), range(len(lines) + 1), work)
        reasons.append(_added(TIER_RULE + tier.id, basis, given, None, work, book))
    total = sum(work.so_far)
    points = rounded(total, work.scale, book.programme.points.rounding.mode)
    cap = book.programme.points.cap_per_purchase
    return Earned(points if cap is None else min(points, cap), Fraction(total, work.scale), tuple(reasons))


def _reason(rule: Rule, work: _Work, book: Rulebook, facts: Callable[[str], Value], today: date) -> Fired | NotFired:
    earn = rule.earn
    if (earn.from_ and today < earn.from_) or (earn.until and today > earn.until):
        return NotFired(earn.id, "dates")
    failing = rule.when.failing(facts)
    if failing is not None:
        names = rule.when.clauses[failing].names
        return NotFired(earn.id, "when", failing, _observed(names, facts))
    if rule.lines is None:
        chosen: list[int] | range = range(len(work.scene.purchase.lines))
    else:
        chosen = _chosen(rule, work)
        if not chosen:
            return NotFired(earn.id, "lines")
    given, basis = GIVEN[kind(rule)](rule, chosen, work)
    return _added(earn.id, basis, given, earn.cap, work, book)


Kind = Literal["amount", "purchase", "line", "unit", "multiply"]


def kind(rule: Rule) -> Kind:
    """What the rule gives points for."""
    if rule.earn.multiply is not None:
        return "multiply"
    return "amount" if rule.earn.per_minor else rule.earn.per or "purchase"


def _by_amount(rule: Rule, chosen: list[int] | range, work: _Work) -> tuple[dict[int, int], int]:
    points, per = rule.number
    step = points * (work.scale // (per * (rule.earn.per_minor or 1)))
    return {index: work.nets[index] * step for index in chosen}, sum(work.nets[index] for index in chosen)


def _once(rule: Rule, _chosen: list[int] | range, work: _Work) -> tuple[dict[int, int], int]:
    return {len(work.nets): _scaled(rule, work)}, 1


def _by_line(rule: Rule, chosen: list[int] | range, work: _Work) -> tuple[dict[int, int], int]:
    return dict.fromkeys(chosen, _scaled(rule, work)), len(chosen)


def _by_unit(rule: Rule, chosen: list[int] | range, work: _Work) -> tuple[dict[int, int], int]:
    quantities = {index: work.scene.purchase.lines[index].quantity for index in chosen}
    each = _scaled(rule, work)
    return {index: quantity * each for index, quantity in quantities.items()}, sum(quantities.values())


def _times(rule: Rule, chosen: list[int] | range, work: _Work) -> tuple[dict[int, int], int]:
    # A multiplier that chooses no lines multiplies what the purchase as a whole was given, too.
    places = chosen if rule.lines is not None else range(len(work.so_far))
    return _multiplied(rule.number, places, work)


def _multiplied(factor: tuple[int, int], places: list[int] | range, work: _Work) -> tuple[dict[int, int], int]:
    """What a factor adds to the points so far; its basis is the goods it looked at, in minor units."""
    by, per = factor
    added = {place: work.so_far[place] * (by - per) // per for place in places}
    return added, sum(work.nets[place] for place in places if place < len(work.nets))


# How each kind of rule gives: scaled points by place, and the basis that the explanation shows.
GIVEN: dict[Kind, Callable[[Rule, list[int] | range, _Work], tuple[dict[int, int], int]]] = {
    "amount": _by_amount,
    "purchase": _once,
    "line": _by_line,
    "unit": _by_unit,
    "multiply": _times,
}


def _scaled(rule: Rule, work: _Work) -> int:
    points, per = rule.number
    return points * (work.scale // per)


def _added(rule_id: str, basis: int, given: dict[int, int], cap: int | None, work: _Work, book: Rulebook) -> Fired:
    """Adds what a rule gives to the points so far, after its cap and, where the programme rounds by rule, its rounding."""
    whole = total = sum(given.values())
    scale = work.scale
    if cap is not None:
        total = min(total, cap * scale)
    rounding = book.programme.points.rounding
    if rounding.per == "rule":
        # What a factor below one takes is rounded toward zero: no line may be left with less than nothing.
        mode = rounding.mode if total >= 0 else "ceil"
        total = rounded(total, scale, mode) * scale
    for place, part in (given if total == whole else work.cut(given, whole, total)).items():
        work.so_far[place] += part
    uncapped = Fraction(whole, scale) if cap is not None and whole > cap * scale else None
    return Fired(rule_id, basis, Fraction(total, scale), uncapped)


def _facts(scene: Scene, book: Rulebook) -> Callable[[str], Value]:
    """The vocabulary's values for this purchase, each computed when it is first asked for."""
    known: dict[str, Value] = {}

    def fact(name: str) -> Value:
        if name not in known:
            term = TERM_BY_NAME.get(name)
            known[name] = term.of(scene) if term else book.attribute(scene.account, name.removeprefix(ATTRIBUTE_PREFIX))
        return known[name]

    return fact


def _chosen(rule: Rule, work: _Work) -> list[int]:
    """Positions of the lines that the rule applies to; lines alike in what the condition reads are asked once."""
    assert rule.lines is not None
    names = tuple({name: None for clause in rule.lines.clauses for name in clause.names})
    answers: dict[tuple[Value, ...], bool] = {}
    chosen = []
    for index, line in enumerate(work.scene.purchase.lines):
        values = tuple(_line_fact(name, line, work.nets[index]) for name in names)
        if values not in answers:
            answers[values] = rule.lines.failing(dict(zip(names, values, strict=True)).__getitem__) is None
        if answers[values]:
            chosen.append(index)
    return chosen


def _line_fact(name: str, line: Line, net: int) -> Value:
    return LINE_TERM_BY_NAME[name].of(line, net)


def _observed(names: tuple[str, ...], facts: Callable[[str], Value]) -> tuple[int | str | bool, ...]:
    if any(name.startswith(ATTRIBUTE_PREFIX) for name in names):
        return ()
    values = [facts(name) for name in names]
    return tuple(value for value in values if not isinstance(value, list)) if len(values) <= 2 else ()
