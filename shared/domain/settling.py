"""What a rule gave, added to what others gave: caps, multipliers and the roundings that the programme names."""

from __future__ import annotations

from fractions import Fraction

from shared.domain.giving import Given, Part, Work
from shared.domain.money import rounded
from shared.domain.reasons import CAP_RULE, TIER_RULE, Fired
from shared.domain.rulebook import Rule
from shared.domain.tables import MAIN_WALLET


def added(rule: Rule, given: Given, units_left: int | None, work: Work) -> Fired:
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
    part = Part(
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
    factor: tuple[int, int], places: list[int], basis: int, cap: Fraction | None, rule_id: str, wallet: str, work: Work
) -> Fired:
    """Multiplies what was given so far at some places, of the rules that multipliers reach."""
    by, per = factor
    only_amount = work.book.programme.policies.multiplier_scope == "amount"
    parts = [p for p in work.parts if p.wallet == wallet and p.multiplied and (p.amount or not only_amount)]
    if per != 1 and any(part.points[place] % per for part in parts for place in places):
        work.finer(per)
    grown = [(part, place) for part in parts for place in places if part.points[place]]
    more = dict(enumerate([part.points[place] * (by - per) // per for part, place in grown]))
    whole = sum(more.values())
    total = _capped(whole, cap, wallet, work)
    uncapped = Fraction(whole, work.scale) if cap is not None and whole > cap * work.scale else None
    given = Fraction(total, work.scale)
    if total != whole:
        more = work.cut(more, whole, total)
    for position, points in more.items():
        part, place = grown[position]
        part.points[place] += points
    return Fired(rule_id, basis, given, uncapped)


def _settled(
    given: dict[int, int], cap: Fraction | None, parts: list[Part], work: Work
) -> tuple[Fraction, Fraction | None]:
    """Puts what a rule gives into its part, capped and rounded: what it came to, and what it would have been uncapped."""
    (part,) = parts
    whole = sum(given.values())
    total = _capped(whole, cap, part.wallet, work)
    told = Fraction(total, work.scale)
    uncapped = Fraction(whole, work.scale) if cap is not None and whole > cap * work.scale else None
    for place, points in (given if total == whole else work.cut(given, whole, total)).items():
        part.points[place] = points
    return told, uncapped


def _capped(whole: int, cap: Fraction | None, wallet: str, work: Work) -> int:
    """Scaled points after the cap, and after the rounding of each rule where the wallet asks for it."""
    total = whole if cap is None else min(whole, int(cap * work.scale))
    rounding = work.book.wallet(wallet).rounding
    if rounding.per != "rule":
        return total
    # What a factor below one takes is rounded toward zero: no line may be left with less than nothing.
    mode = rounding.mode if total >= 0 else "ceil"
    units: int = 10 ** work.book.decimals(wallet)
    return rounded(total * units, work.scale, mode) * work.scale // units


def tier_multipliers(work: Work) -> list[Fired]:
    factors = work.book.factors
    multiplying = [tier_id for tier_id in work.scene.tiers.values() if tier_id in factors]
    if not multiplying:
        return []
    places, basis = list(range(work.whole + 1)), sum(work.nets[:-1])
    return [
        _multiply(factors[tier_id], places, basis, None, TIER_RULE + tier_id, MAIN_WALLET, work)
        for tier_id in multiplying
    ]


def caps_after_multipliers(work: Work) -> list[Fired]:
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


def total(work: Work, wallet: str) -> int:
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
