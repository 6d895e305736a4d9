"""Where a point is computed: what happened, an account and a rulebook become exact points, rule by rule, with a reason for each.

Points are summed as whole numbers of 1/scale of a point, so nothing is lost before the one rounding that the programme names.
A new way of earning is one more row in `GIVEN`, not another engine.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from typing import Literal, NamedTuple

from shared.domain.basis import bases
from shared.domain.conditions import Condition
from shared.domain.formulas import FormulaUndefined
from shared.domain.limits import room
from shared.domain.money import ratio, rounded
from shared.domain.programme import MAIN_WALLET
from shared.domain.purchase import Line
from shared.domain.rulebook import Kind, Rule, Rulebook
from shared.domain.vocabulary import ATTRIBUTE_PREFIX, LINE_TERM_BY_NAME, TERM_BY_NAME, Scene, Value

# Reasons that are no rules of the file begin so: a tier's multiplier, a cap that holds after multipliers, an achievement.
TIER_RULE = "tier:"
CAP_RULE = "cap:"
ACHIEVEMENT_RULE = "achievement:"


class Fired(NamedTuple):
    """A rule that gave points. `basis` is minor units, lines or units, as its kind says; `points` is exact.

    `uncapped` is what the rule would have given without its cap, None when the cap did not bite.
    """

    rule: str
    basis: int
    points: Fraction
    uncapped: Fraction | None = None


Why = Literal["dates", "when", "lines", "base", "limit", "cooldown", "stopped", "outdone", "formula"]


class NotFired(NamedTuple):
    """A rule that gave nothing: outside its dates, a clause of `when` that did not hold, no line it applies to, nothing given
    before it, a limit used up, too soon, stopped by a rule before it, outdone by another, or a formula without a value.

    `observed` holds what the clause's names were, where that is one plain value and no attribute of a person.
    """

    rule: str
    why: Why
    clause: int = 0
    observed: tuple[int | str | bool, ...] = ()


@dataclass(frozen=True, slots=True)
class Earned:
    """Points of one purchase or event, in the wallet's smallest unit. `exact` is the sum before rounding, in points.

    `others` are the units in wallets beside the points; `given` is what each rule with limits gave, in its wallet's units.
    """

    points: int
    exact: Fraction
    reasons: tuple[Fired | NotFired, ...]
    others: Mapping[str, int] = field(default_factory=dict)
    given: Mapping[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class _Part:
    """What one rule gave so far, by place: each line, the shipping, and the purchase as a whole in the last place."""

    rule: str
    wallet: str
    amount: bool
    multiplied: bool
    cap: int | None
    points: list[int]


@dataclass(slots=True)
class _Work:
    """One purchase or event being rewarded."""

    scene: Scene
    book: Rulebook
    scale: int
    nets: list[int]
    parts: list[_Part] = field(default_factory=list)
    values: dict[object, list[int]] = field(default_factory=dict)

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


class _Given(NamedTuple):
    """What a rule gives: scaled points by place, the basis for the explanation, and what it would be without its caps."""

    points: dict[int, int]
    basis: int


def points_earned(scene: Scene, book: Rulebook) -> Earned:
    """The points of one purchase or event under one rulebook, with every rule's reason. Nothing is written, no clock is read."""
    nets = scene.purchase.net_by_line() if scene.purchase else []
    work = _Work(scene, book, book.scale, [*nets, scene.purchase.shipping_minor if scene.purchase else 0])
    rules = book.rules if scene.purchase is not None else book.rules_for(scene.happened.kind)
    facts = facts_of(scene, book)
    alone = _alone(rules, work, facts)
    reasons: list[Fired | NotFired] = []
    stopped = False
    for rule in rules:
        reason = _reason(rule, work, facts, stopped, alone)
        reasons.append(reason)
        stopped = stopped or (rule.earn.stop and isinstance(reason, Fired) and reason.points > 0)
    if scene.purchase is not None:
        reasons += _tier_multipliers(work)
    reasons += _caps(work)
    sums = {wallet: _total(work, wallet) for wallet in dict.fromkeys([MAIN_WALLET, *(p.wallet for p in work.parts)])}
    limited = {rule.earn.id for rule in rules if rule.earn.limits or rule.earn.cooldown_days}
    return Earned(
        sums[MAIN_WALLET],
        Fraction(work.so_far(MAIN_WALLET), work.scale),
        tuple(reasons),
        {wallet: units for wallet, units in sums.items() if wallet != MAIN_WALLET and units},
        {
            part.rule: rounded(sum(part.points) * 10 ** book.decimals(part.wallet), work.scale, "ceil")
            for part in work.parts
            if part.rule in limited and any(part.points)
        },
    )


def _reason(
    rule: Rule, work: _Work, facts: Callable[[str], Value], stopped: bool, alone: str | None
) -> Fired | NotFired:
    earn = rule.earn
    if stopped:
        return NotFired(earn.id, "stopped")
    silent = _silent(rule, work, facts)
    if silent is not None:
        return silent
    if (
        alone is not None
        and earn.id != alone
        and not (_is_added(rule) and work.book.programme.policies.several_rules == "best")
    ):
        return NotFired(earn.id, "outdone")
    if earn.needs_base and work.so_far(earn.wallet) <= 0:
        return NotFired(earn.id, "base")
    chosen = _chosen(rule, work)
    if not chosen and not earn.once and earn.event is None:
        return NotFired(earn.id, "lines")
    left = room(earn, work.scene, work.book.decimals(earn.wallet))
    if left.why is not None:
        return NotFired(earn.id, left.why)
    given = _given(rule, chosen, work, facts)
    if given is None:
        return NotFired(earn.id, "formula")
    return _added(rule, given, left.units, work)


def _silent(rule: Rule, work: _Work, facts: Callable[[str], Value]) -> NotFired | None:
    """Why a rule does not even match: its dates, or its condition."""
    if not in_force(rule.earn.from_, rule.earn.until, work.scene.at):
        return NotFired(rule.earn.id, "dates")
    failing = rule.when.failing(facts)
    if failing is None:
        return None
    names = rule.when.clauses[failing].names
    return NotFired(rule.earn.id, "when", failing, _observed(names, facts))


def in_force(since: datetime | date | None, until: datetime | date | None, at: datetime) -> bool:
    """Whether a moment lies within two ends, both included; a day is in force from its first to its last moment."""

    def place(end: datetime | date) -> datetime | date:
        return at if isinstance(end, datetime) else at.date()

    def moment(end: datetime | date) -> datetime | date:
        return end.replace(tzinfo=at.tzinfo) if isinstance(end, datetime) and end.tzinfo is None else end

    after = since is None or place(since) >= moment(since)
    return after and (until is None or place(until) <= moment(until))


def _is_added(rule: Rule) -> bool:
    """A rule that works on what others gave, and so competes with none."""
    return rule.kind == "multiply" or rule.earn.needs_base


def _alone(rules: Iterable[Rule], work: _Work, facts: Callable[[str], Value]) -> str | None:
    """The one rule that gives alone under the policy of several matching rules; None when all that match give."""
    policy = work.book.programme.policies.several_rules
    if policy == "add":
        return None
    candidates = [rule for rule in rules if _would_give(rule, work, facts)]
    if policy == "priority":
        proud = [rule for rule in candidates if not rule.earn.stackable]
        return max(proud, key=lambda rule: rule.earn.priority).earn.id if proud else None
    gifts = [(rule, _worth(rule, work, facts)) for rule in candidates if not _is_added(rule)]
    return max(gifts, key=lambda gift: gift[1])[0].earn.id if gifts else None


def _would_give(rule: Rule, work: _Work, facts: Callable[[str], Value]) -> bool:
    if _silent(rule, work, facts) is not None or room(rule.earn, work.scene, 0).why is not None:
        return False
    return bool(_chosen(rule, work)) or rule.earn.once or rule.earn.event is not None


def _worth(rule: Rule, work: _Work, facts: Callable[[str], Value]) -> Fraction:
    """What a rule would give by itself, its caps included."""
    left = room(rule.earn, work.scene, work.book.decimals(rule.earn.wallet))
    trial = _Work(work.scene, work.book, work.scale, work.nets)
    given = _given(rule, _chosen(rule, trial), trial, facts)
    return _added(rule, given, left.units, trial).points if given is not None else Fraction(-1)


def _given(rule: Rule, chosen: list[int], work: _Work, facts: Callable[[str], Value]) -> _Given | None:
    try:
        return GIVEN[rule.kind](rule, chosen, work, facts)
    except FormulaUndefined:
        return None


def _by_amount(rule: Rule, chosen: list[int], work: _Work, _facts: Callable[[str], Value]) -> _Given:
    points, per = rule.number
    per_minor = rule.earn.per_minor or 1
    values = work.bases(rule)
    counted = whole = sum(values[place] for place in chosen)
    if rule.earn.basis_cap_minor is not None:
        counted = min(counted, rule.earn.basis_cap_minor)
    basis = counted
    if rule.earn.steps == "whole":
        counted -= counted % per_minor
    step = points * (work.scale // (per * per_minor))
    given = {place: values[place] * step for place in chosen}
    return _Given(given if counted == whole else work.cut(given, whole * step, counted * step), basis)


def _once(rule: Rule, _chosen: list[int], work: _Work, _facts: Callable[[str], Value]) -> _Given:
    return _Given({work.whole: _scaled(rule, work)}, 1)


def _by_line(rule: Rule, chosen: list[int], work: _Work, _facts: Callable[[str], Value]) -> _Given:
    return _Given(dict.fromkeys(chosen, _scaled(rule, work)), len(chosen))


def _by_unit(rule: Rule, chosen: list[int], work: _Work, _facts: Callable[[str], Value]) -> _Given:
    quantities = {place: work.scene.bought.lines[place].quantity for place in chosen}
    each = _scaled(rule, work)
    return _Given({place: quantity * each for place, quantity in quantities.items()}, sum(quantities.values()))


def _by_product(rule: Rule, chosen: list[int], work: _Work, _facts: Callable[[str], Value]) -> _Given:
    """Once for each product, at the first line that has it."""
    first = {work.scene.bought.lines[place].sku: place for place in reversed(chosen)}
    return _Given(dict.fromkeys(first.values(), _scaled(rule, work)), len(first))


def _by_formula(rule: Rule, chosen: list[int], work: _Work, facts: Callable[[str], Value]) -> _Given:
    """A formula is computed once, or for each line it chooses; less than nothing is nothing. Raises FormulaUndefined."""
    assert rule.formula is not None
    if rule.earn.per == "line":
        lines = work.scene.bought.lines
        values = {place: rule.formula.value(_facts_at(lines[place], work.nets[place], facts)) for place in chosen}
    else:
        values = {work.whole: rule.formula.value(facts)}
    common = math.lcm(*(value.denominator for value in values.values()))
    work.finer(common // math.gcd(common, work.scale))
    return _Given({place: max(0, int(value * work.scale)) for place, value in values.items()}, len(values))


def _facts_at(line: Line, net: int, facts: Callable[[str], Value]) -> Callable[[str], Value]:
    """The vocabulary where a line's own words are known as well."""
    return lambda name: _line_fact(name, line, net) if name in LINE_TERM_BY_NAME else facts(name)


def _times(rule: Rule, chosen: list[int], work: _Work, _facts: Callable[[str], Value]) -> _Given:
    """What a factor adds is worked out part by part; the places only tell the explanation which goods it looked at."""
    # A multiplier that chooses no lines multiplies what the shipping and the purchase as a whole were given, too.
    places = chosen if rule.lines is not None else range(work.whole + 1)
    return _Given(dict.fromkeys(places, 0), sum(work.nets[place] for place in places if place < work.whole - 1))


# How each kind of rule gives: scaled points by place, and the basis that the explanation shows.
GIVEN: dict[Kind, Callable[[Rule, list[int], _Work, Callable[[str], Value]], _Given]] = {
    "amount": _by_amount,
    "purchase": _once,
    "event": _once,
    "line": _by_line,
    "unit": _by_unit,
    "product": _by_product,
    "formula": _by_formula,
    "multiply": _times,
}


def _scaled(rule: Rule, work: _Work) -> int:
    points, per = rule.number
    return points * (work.scale // per)


def _added(rule: Rule, given: _Given, units_left: int | None, work: _Work) -> Fired:
    """Adds what a rule gives to the points so far, after its caps and, where the programme rounds by rule, its rounding."""
    earn = rule.earn
    late = work.book.programme.policies.rule_cap == "after_multipliers"
    cap = None if late and rule.kind != "multiply" else earn.cap
    caps = [Fraction(cap)] if cap is not None else []
    if units_left is not None:
        caps.append(Fraction(units_left, 10 ** work.book.decimals(earn.wallet)))
    if rule.kind == "multiply":
        return _multiply(
            rule.number, list(given.points), given.basis, min(caps, default=None), earn.id, earn.wallet, work
        )
    part = _Part(
        earn.id,
        earn.wallet,
        rule.kind == "amount",
        earn.multiplied,
        earn.cap if late else None,
        [0] * (work.whole + 1),
    )
    work.parts.append(part)
    total, uncapped = _settled(given.points, min(caps, default=None), [part], work)
    return Fired(earn.id, given.basis, total, uncapped)


def _multiply(
    factor: tuple[int, int], places: list[int], basis: int, cap: Fraction | None, rule_id: str, wallet: str, work: _Work
) -> Fired:
    """Multiplies what was given so far at some places, of the rules that multipliers reach."""
    by, per = factor
    only_amount = work.book.programme.policies.multiplier_scope == "amount"
    parts = [p for p in work.parts if p.wallet == wallet and p.multiplied and (p.amount or not only_amount)]
    if any(part.points[place] % per for part in parts for place in places):
        work.finer(per)
    added = {
        (position, place): part.points[place] * (by - per) // per
        for position, part in enumerate(parts)
        for place in places
    }
    whole = sum(added.values())
    numbered = dict(enumerate(added.values()))
    keys = list(added)
    total = _capped(whole, cap, wallet, work)
    uncapped = Fraction(whole, work.scale) if cap is not None and whole > cap * work.scale else None
    given = Fraction(total, work.scale)
    if total != whole:
        numbered = work.cut(numbered, whole, total)
    for position, points in numbered.items():
        part, place = keys[position]
        parts[part].points[place] += points
    return Fired(rule_id, basis, given, uncapped)


def _settled(
    given: dict[int, int], cap: Fraction | None, parts: list[_Part], work: _Work
) -> tuple[Fraction, Fraction | None]:
    """Puts what a rule gives into its part, capped and rounded: what it came to, and what it would have been uncapped."""
    (part,) = parts
    whole = sum(given.values())
    total = _capped(whole, cap, part.wallet, work)
    told = Fraction(total, work.scale)
    uncapped = Fraction(whole, work.scale) if cap is not None and whole > cap * work.scale else None
    for place, points in (given if total == whole else work.cut(given, whole, total)).items():
        part.points[place] += points
    return told, uncapped


def _capped(whole: int, cap: Fraction | None, wallet: str, work: _Work) -> int:
    """Scaled points after the cap, and after the rounding of each rule where the wallet asks for it."""
    total = whole if cap is None else min(whole, int(cap * work.scale))
    rounding = work.book.wallet(wallet).rounding
    if rounding.per != "rule":
        return total
    # What a factor below one takes is rounded toward zero: no line may be left with less than nothing.
    mode = rounding.mode if total >= 0 else "ceil"
    units: int = 10 ** work.book.decimals(wallet)
    return rounded(total * units, work.scale, mode) * work.scale // units


def _tier_multipliers(work: _Work) -> list[Fired]:
    reasons = []
    for tier_id in work.scene.tiers.values():
        tier = work.book.tier(tier_id)
        if tier is not None and tier.multiply != 1:
            places = list(range(work.whole + 1))
            basis = sum(work.nets[:-1])
            reasons.append(_multiply(ratio(tier.multiply), places, basis, None, TIER_RULE + tier.id, MAIN_WALLET, work))
    return reasons


def _caps(work: _Work) -> list[Fired]:
    """Under the policy of caps after multipliers: what each rule is over its cap is taken off again."""
    reasons = []
    for part in work.parts:
        whole = sum(part.points)
        if part.cap is not None and whole > part.cap * work.scale:
            over = Fraction(whole, work.scale) - part.cap
            cut = work.cut(dict(enumerate(part.points)), whole, part.cap * work.scale)
            part.points = [cut[place] for place in range(len(part.points))]
            reasons.append(Fired(CAP_RULE + part.rule, part.cap, -over))
    return reasons


def _total(work: _Work, wallet: str) -> int:
    """Units of a wallet's smallest unit, rounded as it says and capped."""
    rules = work.book.wallet(wallet)
    units: int = 10**rules.decimals
    parts = [part.points for part in work.parts if part.wallet == wallet]
    if rules.rounding.per == "line":
        by_place = [sum(points) for points in zip(*parts, strict=True)]
        total = sum(rounded(points * units, work.scale, rules.rounding.mode) for points in by_place)
    else:
        total = rounded(sum(map(sum, parts)) * units, work.scale, rules.rounding.mode)
    cap = rules.cap_per_purchase if work.scene.purchase is not None else None
    return total if cap is None else min(total, cap * units)


def facts_of(scene: Scene, book: Rulebook) -> Callable[[str], Value]:
    """The vocabulary's values for a scene, each computed when it is first asked for."""
    known: dict[str, Value] = {}

    def fact(name: str) -> Value:
        if name not in known:
            term = TERM_BY_NAME.get(name)
            known[name] = term.of(scene) if term else book.attribute(scene.account, name.removeprefix(ATTRIBUTE_PREFIX))
        return known[name]

    return fact


def _chosen(rule: Rule, work: _Work) -> list[int]:
    """Places that the rule applies to: lines that are not excluded and that it chooses, and the shipping where it counts."""
    if work.scene.purchase is None or rule.earn.once:
        return []
    lines = work.scene.purchase.lines
    places = list(range(len(lines)))
    if rule.kind != "multiply":
        kinds = work.book.programme.basis.exclude_kinds
        places = [
            at for at in places if lines[at].kind not in kinds and (lines[at].kind != "shipping" or rule.basis.shipping)
        ]
        if work.book.exclude is not None:
            refused = set(_where(work.book.exclude, places, work))
            places = [at for at in places if at not in refused]
    if rule.lines is not None:
        return _where(rule.lines, places, work)
    return [*places, len(lines)] if rule.kind == "amount" and rule.basis.shipping and work.nets[-1] else places


def _where(condition: Condition, places: list[int], work: _Work) -> list[int]:
    """The places whose line meets a condition; lines alike in what the condition reads are asked once."""
    names = tuple({name: None for clause in condition.clauses for name in clause.names})
    answers: dict[str, bool] = {}
    met = []
    for place in places:
        values = [_line_fact(name, work.scene.bought.lines[place], work.nets[place]) for name in names]
        alike = repr(values)
        if alike not in answers:
            answers[alike] = condition.failing(dict(zip(names, values, strict=True)).__getitem__) is None
        if answers[alike]:
            met.append(place)
    return met


def _line_fact(name: str, line: Line, net: int) -> Value:
    return LINE_TERM_BY_NAME[name].of(line, net)


def _observed(names: tuple[str, ...], facts: Callable[[str], Value]) -> tuple[int | str | bool, ...]:
    if any(name.startswith(ATTRIBUTE_PREFIX) for name in names):
        return ()
    values = [facts(name) for name in names]
    return tuple(value for value in values if not isinstance(value, list | dict)) if len(values) <= 2 else ()
