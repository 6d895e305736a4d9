"""Many ascending streams as one, with one piece of each in memory: what is counted from ascending values needs no more."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence


def ascending(streams: Iterable[Iterator[Sequence[int]]]) -> Iterator[list[int]]:
    """The values of all streams as runs that ascend. Each stream is of pieces, within and between which values ascend.

    >>> list(ascending([iter([[1, 5], [5, 9]]), iter([[], [2, 7]])]))
    [[1, 2, 5], [5, 7], [9]]
    """
    heads = [(piece, 0, stream) for stream in streams if (piece := _next(stream)) is not None]
    while heads:
        # Until there nothing comes that is not in memory.
        bound = min(piece[-1] for piece, _, _ in heads)
        run: list[int] = []
        left = []
        for piece, start, stream in heads:
            end = bisect_right(piece, bound, start)
            run += piece[start:end]
            if end < len(piece):
                left.append((piece, end, stream))
            elif (following := _next(stream)) is not None:
                left.append((following, 0, stream))
        heads = left
        run.sort()
        yield run


def _next(stream: Iterator[Sequence[int]]) -> Sequence[int] | None:
    return next((piece for piece in stream if piece), None)
