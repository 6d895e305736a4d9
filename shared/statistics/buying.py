"""How customers buy and stop: BG/NBD (Fader, Hardie, Lee, Marketing Science 2005) and what they spend: Gamma-Gamma (Fader,
Hardie, "The Gamma-Gamma Model of Monetary Value", 2013). Fitted by maximum likelihood to counts of customers who bought alike.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import betaln, gammaln, hyp2f1

Numbers = NDArray[np.float64]
# Fewer customers than this, or fewer who came again, say nothing of how customers buy.
CUSTOMERS_MIN, REPEATING_MIN = 100, 30
# Parameters beyond these are those of a likelihood without a top.
_LOG_MIN, _LOG_MAX = -8.0, 8.0


class Unfitted(ValueError):
    """Too little is known, or no model fits."""


class Bought(NamedTuple):
    """Customers alike: how often they came again, the time of the last purchase and the time known, both since the first one."""

    again: int
    last: float
    known: float


class Buying(NamedTuple):
    """Purchases come at a rate of a gamma (r, alpha); after each a customer leaves with a chance of a beta (a, b)."""

    r: float
    alpha: float
    a: float
    b: float

    def alive(self, one: Bought) -> float:
        """The chance that customers like these will ever buy again."""
        if not one.again:
            return 1.0
        r, alpha, a, b = self
        odds = np.exp((r + one.again) * np.log((alpha + one.known) / (alpha + one.last))) * a / (b + one.again - 1)
        return float(1 / (1 + odds))

    def expected(self, one: Bought, within: float) -> float:
        """Purchases of such a customer in the time that follows."""
        r, alpha, a, b = self
        x, known = one.again, one.known
        z = within / (alpha + known + within)
        part = ((alpha + known) / (alpha + known + within)) ** (r + x) * hyp2f1(r + x, b + x, a + b + x - 1, z)
        return float((a + b + x - 1) / (a - 1) * (1 - part) * self.alive(one))


class Spending(NamedTuple):
    """Values vary around each customer's own mean by a gamma of p; its rate varies among customers by a gamma (q, v)."""

    p: float
    q: float
    v: float

    def expected(self, again: int, mean: float) -> float:
        """The mean value of a purchase of a customer who came again so often, with such a mean."""
        p, q, v = self
        return p * (v + again * mean) / (p * again + q - 1)


def fitted(counts: Mapping[Bought, int]) -> Buying:
    """Raises Unfitted."""
    many = sum(counts.values())
    repeating = sum(times for one, times in counts.items() if one.again)
    if many < CUSTOMERS_MIN or repeating < REPEATING_MIN:
        raise Unfitted(
            f"not enough data: {many} customers, of whom {repeating} came again; it takes {CUSTOMERS_MIN} and {REPEATING_MIN}"
        )
    x, last, known = (np.array([one[place] for one in counts], dtype=float) for place in range(3))
    times = np.array(list(counts.values()), dtype=float)

    def minus_likelihood(logs: Numbers) -> float:
        r, alpha, a, b = np.exp(logs)
        one = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
        two = betaln(a, b + x) - betaln(a, b)
        stays = -(r + x) * np.log(alpha + known)
        with np.errstate(divide="ignore"):
            left = np.where(
                x > 0, np.log(a) - np.log(b + np.maximum(x, 1) - 1) - (r + x) * np.log(alpha + last), -np.inf
            )
        return float(-(times * (one + two + np.logaddexp(stays, left))).sum() / many)

    return Buying(*_highest(minus_likelihood, 4))


def spending(values: Mapping[tuple[int, float], int]) -> Spending:
    """Customers by how often they came again and their mean value of these; only those above 0 count. Raises Unfitted."""
    kept = {one: times for one, times in values.items() if one[0] > 0 and one[1] > 0}
    many = sum(kept.values())
    if many < REPEATING_MIN:
        raise Unfitted(f"not enough data: {many} customers came again; it takes {REPEATING_MIN}")
    x, mean = (np.array([one[place] for one in kept], dtype=float) for place in range(2))
    times = np.array(list(kept.values()), dtype=float)

    def minus_likelihood(logs: Numbers) -> float:
        p, q, v = np.exp(logs)
        each = gammaln(p * x + q) - gammaln(p * x) - gammaln(q) + q * np.log(v)
        each += (p * x - 1) * np.log(mean) + p * x * np.log(x) - (p * x + q) * np.log(x * mean + v)
        return float(-(times * each).sum() / many)

    return Spending(*_highest(minus_likelihood, 3))


def _highest(minus_likelihood: Callable[[Numbers], float], size: int) -> tuple[float, ...]:
    """The parameters where the likelihood is highest, from several beginnings."""
    best, found = np.inf, None
    for begin in (0.0, 1.0, -1.0):
        tried = minimize(
            minus_likelihood, np.full(size, begin), method="Nelder-Mead",
            options={"maxiter": 8_000, "maxfev": 8_000, "xatol": 1e-7, "fatol": 1e-11},
        )  # fmt: skip
        if tried.success and tried.fun < best:
            best, found = float(tried.fun), tried.x
    if found is None or (found < _LOG_MIN).any() or (found > _LOG_MAX).any():
        raise Unfitted("no model fits: the likelihood has no top")
    return tuple(float(one) for one in np.exp(found))
