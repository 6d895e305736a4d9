"""Scores from 1 to 5 among any number of values, none of which has to be in memory: a score is 1 + the whole part of five times
the share of values that are strictly lower, so that who is alike has the same."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

FIFTHS = 5


class Fifth(NamedTuple):
    """Those of one score: how many, and from which value to which."""

    members: int
    least: int
    most: int


class Fifths(NamedTuple):
    """`above`: whoever has more than the first has a score of 2 at least, more than the second one of 3, and so on."""

    above: tuple[int, ...] = ()
    by_score: Mapping[int, Fifth] = MappingProxyType({})

    def score(self, value: int) -> int:
        return 1 + bisect_left(self.above, value)

    def cuts(self, values: Sequence[int]) -> Iterator[tuple[int, int, int]]:
        """Ascending values as slices of one score each: the score, from where, until where."""
        start = 0
        for score, limit in enumerate(self.above, 1):
            end = bisect_right(values, limit, start)
            yield score, start, end
            start = end
        yield len(self.above) + 1, start, len(values)


def grown(found: Fifths, by_score: dict[int, Fifth], run: Sequence[int], at: int, many: int) -> Fifths:
    """With one more run of ascending values, before which stand `at` of `many`. `by_score` grows with it.

    >>> grown(Fifths(), {}, [1, 2, 3, 4, 5], 0, 5).above, grown(Fifths(), {}, [7, 7, 7, 9], 0, 4).above
    ((1, 2, 3, 4), (7, 7, 7, 9))
    """
    above = list(found.above)
    while len(above) < FIFTHS - 1 and (place := _place(len(above) + 1, many) - at) < len(run):
        above.append(run[place])
    found = Fifths(tuple(above))
    for score, start, end in found.cuts(run):
        if end > start:
            before = by_score.get(score)
            least = run[start] if before is None else before.least
            by_score[score] = Fifth((before.members if before else 0) + end - start, least, run[end - 1])
    return found


def fifths_by_count(counts: Mapping[int, int]) -> Fifths:
    """Of values by how often each is there.

    >>> fifths_by_count({1: 3, 9: 1}).above
    (1, 1, 1, 9)
    """
    many, at = sum(counts.values()), 0
    above: list[int] = []
    by_score: dict[int, Fifth] = {}
    for value in sorted(counts):
        times = counts[value]
        score = 1 + len(above)
        before = by_score.get(score)
        by_score[score] = Fifth((before.members if before else 0) + times, before.least if before else value, value)
        at += times
        while len(above) < FIFTHS - 1 and _place(len(above) + 1, many) < at:
            above.append(value)
    return Fifths(tuple(above), by_score)


def _place(fifth: int, many: int) -> int:
    """Where the value stands that has to be passed: from 0, among so many."""
    return -(-many * fifth // FIFTHS) - 1
