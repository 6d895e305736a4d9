"""A figure beside the limit that DESIGN holds it to, and the verdict: which of them are missed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median as _median


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number. Without a `limit` it is only told. `beside`: the numbers it was made of, for a reader."""

    name: str
    value: float
    unit: str = ""
    limit: float | None = None
    at_least: bool = False
    beside: str = ""

    @property
    def missed(self) -> bool:
        """Held by the number itself and not by its rounded print; a number that is none is missed."""
        if self.limit is None:
            return False
        return not (self.value >= self.limit if self.at_least else self.value <= self.limit)

    @property
    def told(self) -> str:
        return _with_unit(self.value, self.unit)

    @property
    def wanted(self) -> str:
        if self.limit is None:
            return ""
        return f"{'at least' if self.at_least else 'at most'} {_with_unit(self.limit, self.unit)}"

    @property
    def verdict(self) -> str:
        if self.limit is None:
            return ""
        return "missed" if self.missed else "kept"


@dataclass(frozen=True, slots=True)
class Chapter:
    """Figures that belong together, with a sentence on how they were measured."""

    title: str
    how: str
    figures: tuple[Figure, ...]


def missed(chapters: Iterable[Chapter]) -> list[str]:
    """A sentence for each number that is not kept; none when all are."""
    return [
        f"{figure.name}: {figure.told}, wanted {figure.wanted}"
        for chapter in chapters
        for figure in chapter.figures
        if figure.missed
    ]


def median(values: Sequence[float]) -> float:
    return float(_median(values))


def percentile(values: Sequence[float], percent: int) -> float:
    """The smallest of the values that so many percent of them do not exceed (nearest rank: always one that was measured)."""
    ranked = sorted(values)
    return ranked[max(0, math.ceil(len(ranked) * percent / 100) - 1)]


def _with_unit(value: float, unit: str) -> str:
    """Three significant places are more than two runs agree on; whole numbers stay whole.

    >>> _with_unit(0.4567, ""), _with_unit(1234.6, "ms"), _with_unit(5, "units"), _with_unit(1, "$"), _with_unit(5.2, "$")
    ('0.457', '1,235 ms', '5 units', '$1.000', '$5.200')
    """
    if unit == "$":
        return f"${value:,.3f}"
    if value == int(value) or abs(value) >= 1000:
        number = f"{value:,.0f}"
    elif abs(value) >= 100:
        number = f"{value:.1f}"
    else:
        number = f"{value:.3f}" if abs(value) < 10 else f"{value:.2f}"
    return f"{number} {unit}".rstrip()
