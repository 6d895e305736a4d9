"""The difference between two arms of a trial: how large, how sure, and what size would have been seen.

Means are compared as Welch has it (B. L. Welch, Biometrika 1947). Where something is known of each unit from before, the
difference is adjusted by it within each arm, which takes away what would have differed anyway (W. Lin, Annals of Applied
Statistics 2013; with one column it is CUPED: Deng, Xu, Kohavi, Walker, WSDM 2013). The interval that may be read every day
is an asymptotic confidence sequence (Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas, Annals of Statistics 2024, theorem 2.2).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Numbers = NDArray[np.float64]

LEVEL = 0.05
POWER = 0.80
# The sequence is narrowest at about so many units; it holds at any number.
TUNED_AT = 5_000
# An arm with fewer has no doubt that anybody could state.
UNITS_MIN = 2
# A split further from what was meant than chance brings about once in a thousand trials: something is wrong with the trial.
RATIO_P_MIN = 0.001
# Arms whose past differs by a tenth of its spread were not drawn by chance, where they are large enough to know.
IMBALANCE_MAX = 0.1
IMBALANCE_P_MAX = 0.001


class Arm(NamedTuple):
    """An arm's outcome, and what was known of its units before: a row for each unit, a column for each figure."""

    outcome: Numbers
    past: Numbers


class Effect(NamedTuple):
    """The treated arm against the control. `low` to `high`: 95 of 100 such intervals hold the truth, when it is read once;
    `ever_low` to `ever_high`: when it is read as often as anybody likes. `smallest`: what a trial of this size finds four
    times in five. `was`: the standard error without the past."""

    treated_mean: float
    control_mean: float
    difference: float
    error: float
    low: float
    high: float
    p: float
    ever_low: float
    ever_high: float
    smallest: float
    was: float

    @property
    def relative(self) -> float | None:
        return self.difference / self.control_mean if self.control_mean else None


class TooFew(ValueError):
    """An arm has too few units for any doubt to be stated."""


def effect(treated: Arm, control: Arm) -> Effect:
    """Raises TooFew."""
    sizes = len(treated.outcome), len(control.outcome)
    if min(sizes) < UNITS_MIN + treated.past.shape[1]:
        raise TooFew(f"an arm has {min(sizes)} units")
    middle = np.vstack([treated.past, control.past]).mean(axis=0)
    left, left_variance = _at(treated, middle)
    right, right_variance = _at(control, middle)
    plain = math.sqrt(_variance(treated.outcome) / sizes[0] + _variance(control.outcome) / sizes[1])
    means = float(treated.outcome.mean()), float(control.outcome.mean())
    return _told((left, left_variance), (right, right_variance), sizes, means, plain)


def _told(
    left: tuple[float, float],
    right: tuple[float, float],
    sizes: tuple[int, int],
    means: tuple[float, float],
    plain: float,
) -> Effect:
    """From each arm's adjusted mean and what variance is left of it."""
    parts = left[1] / sizes[0], right[1] / sizes[1]
    error, difference = math.sqrt(sum(parts)), left[0] - right[0]
    free = _degrees(*parts, sizes)
    reach = float(stats.t.ppf(1 - LEVEL / 2, free)) * error if error else 0.0
    p = float(2 * stats.t.sf(abs(difference) / error, free)) if error else (1.0 if not difference else 0.0)
    ever = always_valid_reach(error, sum(sizes))
    z = float(stats.norm.ppf(1 - LEVEL / 2) + stats.norm.ppf(POWER))
    interval = (difference - reach, difference + reach)
    return Effect(*means, difference, error, *interval, p, difference - ever, difference + ever, z * error, plain)


class Sums(NamedTuple):
    """What is known of an arm when only sums were kept: members, an outcome `y`, and one figure of the past `x`."""

    members: int
    y: float
    yy: float
    x: float
    xx: float
    xy: float


def effect_of_sums(treated: Sums, control: Sums) -> Effect:
    """The same as of two arms with one figure of the past. Raises TooFew."""
    if min(treated.members, control.members) < UNITS_MIN + 1:
        raise TooFew(f"an arm has {min(treated.members, control.members)} units")
    middle = (treated.x + control.x) / (treated.members + control.members)
    left, right = _adjusted(treated, middle), _adjusted(control, middle)
    plain = math.sqrt(sum(_of_sums(one)[0] / one.members for one in (treated, control)))
    means = treated.y / treated.members, control.y / control.members
    return _told(left, right, (treated.members, control.members), means, plain)


def _of_sums(one: Sums) -> tuple[float, float, float]:
    """Variances of outcome and past, and how they vary together. Of whole numbers nothing is lost before the one division."""
    n, whole = one.members, one.members * (one.members - 1)
    return (
        (n * one.yy - one.y * one.y) / whole, (n * one.xx - one.x * one.x) / whole, (n * one.xy - one.x * one.y) / whole,
    )  # fmt: skip


def _adjusted(one: Sums, middle: float) -> tuple[float, float]:
    outcome, past, both = _of_sums(one)
    slope = both / past if past > 0 else 0.0
    free = one.members - 2 if past > 0 else one.members - 1
    left = max(0.0, outcome - slope * both) * (one.members - 1) / free
    return one.y / one.members + slope * (middle - one.x / one.members), left


def always_valid_reach(error: float, units: int, level: float = LEVEL) -> float:
    """Half the width of the interval that holds at every number of units at once. `error`: the standard error now."""
    rho2 = (-2 * math.log(level) + math.log(-2 * math.log(level)) + 1) / TUNED_AT
    spread = error * math.sqrt(units)
    inside = 2 * (units * rho2 + 1) / (units**2 * rho2) * math.log(math.sqrt(units * rho2 + 1) / level)
    return spread * math.sqrt(inside)


def holm(ps: Sequence[float]) -> list[float]:
    """p-values of several comparisons, so that one chance find among all is as rare as one alone (S. Holm 1979).

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    ranked = sorted(range(len(ps)), key=lambda place: ps[place])
    adjusted, highest = [0.0] * len(ps), 0.0
    for rank, place in enumerate(ranked):
        highest = max(highest, min(1.0, (len(ps) - rank) * ps[place]))
        adjusted[place] = highest
    return adjusted


def ratio_p(counts: Sequence[int], shares: Sequence[float]) -> float:
    """How rare so uneven a split is by chance, where `shares` were meant."""
    whole = sum(counts)
    return float(stats.chisquare(counts, [share / sum(shares) * whole for share in shares]).pvalue)


class Imbalance(NamedTuple):
    """How far the past of two arms lies apart, in units of its spread, and how rare that is by chance."""

    column: int
    distance: float
    p: float

    @property
    def is_no_chance(self) -> bool:
        return abs(self.distance) > IMBALANCE_MAX and self.p < IMBALANCE_P_MAX


def imbalances(treated: Numbers, control: Numbers) -> list[Imbalance]:
    """For each column of the past."""
    found = []
    for column in range(treated.shape[1]):
        left, right = treated[:, column], control[:, column]
        spread = math.sqrt((_variance(left) + _variance(right)) / 2)
        distance = (float(left.mean()) - float(right.mean())) / spread if spread else 0.0
        p = float(stats.ttest_ind(left, right, equal_var=False).pvalue) if spread else 1.0
        found.append(Imbalance(column, distance, p))
    return found


def _at(arm: Arm, middle: Numbers) -> tuple[float, float]:
    """The mean that an arm would have if its past were that of both together, and the variance that the past leaves."""
    outcome, past = arm.outcome, arm.past
    if not past.shape[1]:
        return float(outcome.mean()), _variance(outcome)
    centred = past - past.mean(axis=0)
    slopes, *_ = np.linalg.lstsq(centred, outcome - outcome.mean(), rcond=None)
    left = outcome - outcome.mean() - centred @ slopes
    free = len(outcome) - 1 - past.shape[1]
    return float(outcome.mean() + (middle - past.mean(axis=0)) @ slopes), float(left @ left) / free


def _variance(values: Numbers) -> float:
    return float(values.var(ddof=1))


def _degrees(left: float, right: float, sizes: tuple[int, int]) -> float:
    below = left**2 / (sizes[0] - 1) + right**2 / (sizes[1] - 1)
    return (left + right) ** 2 / below if below else float(sum(sizes) - 2)
