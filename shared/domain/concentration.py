"""How much of a whole a few members bring: the share of the top fifth, and Gini's coefficient. Exact, and None where there is
nothing to share. Values come in ascending runs, none of which has to be held: how many there are is known before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import count
from operator import mul
from typing import NamedTuple

from shared.domain.fifths import Fifth, Fifths, grown

TOP = Fraction(1, 5)


class Spread(NamedTuple):
    """How values spread over members: `ranked` is the sum of each value times its place, from 1 for the lowest."""

    many: int = 0
    whole: int = 0
    top: int = 0
    ranked: int = 0
    fifths: Fifths = Fifths()

    @property
    def top_share(self) -> Fraction | None:
        """What the fifth with most brings, of all. A fifth of seven members is two: it is rounded up."""
        return Fraction(self.top, self.whole) if self.whole > 0 else None

    @property
    def gini(self) -> Fraction | None:
        """0: each brings the same; towards 1: one brings all. Half of the mean difference between two members, over the mean;
        over all pairs, each with itself too (C. Gini, Variabilità e mutabilità, 1912)."""
        if self.whole <= 0:
            return None
        return Fraction(2 * self.ranked - (self.many + 1) * self.whole, self.many * self.whole)


def spread_of(runs: Iterable[Sequence[int]], many: int) -> Spread:
    """Of values that ascend, run after run, so many in all."""
    whole = top = ranked = at = 0
    below_top = many - -(-many * TOP.numerator // TOP.denominator)
    fifths = Fifths()
    by_score: dict[int, Fifth] = {}
    for run in filter(None, runs):
        whole += sum(run)
        ranked += sum(map(mul, run, count(at + 1)))
        top += sum(run[max(0, below_top - at) :])
        fifths = grown(fifths, by_score, run, at, many)
        at += len(run)
    assert at == many, f"{at} values, and {many} were told of"
    return Spread(many, whole, top, ranked, fifths._replace(by_score=by_score))


def top_share(values: Sequence[int]) -> Fraction | None:
    """
    >>> top_share([1, 1, 1, 1, 6]), top_share([]), top_share([0, 0])
    (Fraction(3, 5), None, None)
    """
    return spread_of([sorted(values)], len(values)).top_share


def gini(values: Sequence[int]) -> Fraction | None:
    """
    >>> gini([5, 5]), gini([0, 1]), gini([0])
    (Fraction(0, 1), Fraction(1, 2), None)
    """
    return spread_of([sorted(values)], len(values)).gini
