"""CPU of a start and of an invocation: ours, the tutorial's and the floor's, in turns, each in processes of its own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack

from benchmarks.figures import Chapter, Figure, median
from benchmarks.functions import FLOOR, OURS, TUTORIAL, Function, Process
from benchmarks.members import Member
from benchmarks.shop import LINES_USUAL, Json, event, lines, purchase

STARTS = 15
ROUNDS, INVOCATIONS = 8, 60
# Caches fill and rare paths are met before it counts.
WARM_UP = 60

COLD_RATIO_MAX, WARM_RATIO_MAX = 0.5, 0.3


def cold(functions: Mapping[str, Function], endpoint: str, member: Member) -> tuple[Chapter, float]:
    """From nothing to the first purchase answered. The interpreter's own start is in it: the till waits for that too, and as it
    is the same for all, leaving it in is the stricter way to count. The figures, and ours until answered in milliseconds."""
    bare: list[float] = []
    ready: defaultdict[str, list[float]] = defaultdict(list)
    answered: defaultdict[str, list[float]] = defaultdict(list)
    for _ in range(STARTS):
        for name, function in functions.items():
            with Process(function, endpoint) as process:
                first = process.handle(_events(member, [1]))
            bare.append(process.started["bare_ms"])
            ready[name].append(process.started["ready_ms"])
            answered[name].append(first.process_cpu_ms)
    chapter = Chapter(
        "Cold start",
        f"User and system CPU of a fresh process, median of {STARTS} each, in turns; the bare interpreter "
        f"({median(bare):.0f} ms) is in all of them. Started: the handler is imported. Answered: the first purchase too.",
        (
            Figure("Cold start CPU until the first answer, beside the tutorial", *_ratio(answered, TUTORIAL),
                   limit=COLD_RATIO_MAX, beside=_beside(answered, "ms")),
            Figure("Cold start CPU until started, beside the tutorial", *_ratio(ready, TUTORIAL), limit=COLD_RATIO_MAX,
                   beside=_beside(ready, "ms")),
            Figure("Cold start CPU until the first answer", median(answered[OURS]), "ms"),
        ),
    )  # fmt: skip
    return chapter, median(answered[OURS])


def warm(functions: Mapping[str, Function], endpoint: str, member: Member) -> tuple[Chapter, float]:
    """The figures, and our CPU for one purchase in milliseconds."""
    took: defaultdict[str, list[float]] = defaultdict(list)
    with ExitStack() as stack:
        processes = {name: stack.enter_context(Process(one, endpoint)) for name, one in functions.items()}
        for process in processes.values():
            process.handle(_events(member, range(WARM_UP)))
        for round_ in range(1, ROUNDS + 1):
            baskets = range(round_ * INVOCATIONS, (round_ + 1) * INVOCATIONS)
            for name, process in processes.items():
                took[name] += process.handle(_events(member, baskets)).cpu_us
    chapter = Chapter(
        "An invocation",
        f"CPU of the process while the handler works on a purchase of {LINES_USUAL} lines by member id, median of "
        f"{ROUNDS * INVOCATIONS} each in rounds of {INVOCATIONS} by turns.",
        (
            Figure("Warm CPU of a purchase, beside the tutorial", *_ratio(took, TUTORIAL), limit=WARM_RATIO_MAX,
                   beside=_beside(took, "µs")),
            Figure("Warm CPU of a purchase, beside the floor", *_ratio(took, FLOOR)),
            Figure("Warm CPU of a purchase", median(took[OURS]), "µs"),
        ),
    )  # fmt: skip
    return chapter, median(took[OURS]) / 1000


def _ratio(figures: Mapping[str, Sequence[float]], other: str) -> tuple[float, str]:
    return median(figures[OURS]) / median(figures[other]), "times"


def _beside(figures: Mapping[str, Sequence[float]], unit: str) -> str:
    return ", ".join(f"{name} {median(values):,.0f} {unit}" for name, values in figures.items())


def _events(member: Member, baskets: Iterable[int]) -> list[Json]:
    """A purchase of each basket: the same for every function, and no two of them alike."""
    return [event(purchase(lines(LINES_USUAL, seed=basket), member_id=member.id)) for basket in baskets]
