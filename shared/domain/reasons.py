"""Why points were given or not: what every rule answers, before it is put into words."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Literal, NamedTuple

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


class Earned(NamedTuple):
    """Points of one purchase or event, in the wallet's smallest unit. `exact` is the sum before rounding, in points.

    `others` are the units in wallets beside the points, of which `sold` were paid for as a top-up; `given` is what each rule with
    limits gave, in its wallet's units.
    """

    points: int
    exact: Fraction
    reasons: tuple[Fired | NotFired, ...]
    others: Mapping[str, int] = MappingProxyType({})
    given: Mapping[str, int] = MappingProxyType({})
    sold: Mapping[str, int] = MappingProxyType({})
