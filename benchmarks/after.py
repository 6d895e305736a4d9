"""What comes after a purchase: a return, a hold, a capture. Units, round trips, and CPU beside the bare transaction's."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from benchmarks.figures import Chapter, Figure, median
from benchmarks.functions import FLOOR, OURS, Function, Process
from benchmarks.members import Member
from benchmarks.meter import Meter
from benchmarks.shop import LINES_USUAL, STORE, Json, event, lines, purchase

ROUNDS, TIMES = 6, 20
# Caches fill and rare paths are met before it counts.
WARM_UP = 20
# The demo's programme lets points pay by the hundred; only one of them is taken each time, so that they last.
_UNITS, _TAKEN = 100, 1
_TOTAL_MINOR = 10_000

_RETURNS, _REDEMPTIONS = "POST /v1/returns", "POST /v1/redemptions"
_CAPTURE = "POST /v1/redemptions/{redemption_id}/capture"


class Visit(NamedTuple):
    """What a member does at the till, one request after the other, each by its name."""

    requests: tuple[tuple[str, Json], ...]


def visits(member: Member, begin: datetime) -> Iterator[Visit]:
    """Visits without end, each after the one before: a purchase, the return of it, a hold of points, its capture in part."""
    at = begin
    while True:
        at += timedelta(seconds=2)
        bought = purchase(lines(LINES_USUAL), at, member_id=member.id)
        name = f"A-{secrets.token_hex(4)}"
        back: Json = {
            "store": STORE, "return_id": name, "purchase_id": bought["purchase_id"],
            "occurred_at": (at + timedelta(seconds=1)).isoformat(timespec="seconds"),
        }  # fmt: skip
        hold: Json = {
            "store": STORE,
            "redemption_id": name,
            "member_id": member.id,
            "units": _UNITS,
            "total_minor": _TOTAL_MINOR,
        }
        yield Visit(
            (
                ("purchase", event(bought)),
                ("return", event(back, _RETURNS)),
                ("hold", event(hold, _REDEMPTIONS)),
                ("capture", event({"units": _TAKEN}, _CAPTURE, redemption_id=name)),
            )
        )


def measured(functions: Mapping[str, Function], port: int, member: Member) -> Chapter:
    """The figures of one member whose account is of two years."""
    going = visits(member, datetime.now(UTC) - timedelta(hours=2))
    took: defaultdict[str, list[float]] = defaultdict(list)
    figures: list[Figure] = []
    with (
        Meter(port) as meter,
        Process(functions[OURS], meter.endpoint) as ours,
        Process(functions[FLOOR], meter.endpoint) as floor,
    ):
        for _ in range(WARM_UP):
            visit = next(going)
            ours.handle([told for _, told in visit.requests])
            floor.handle([visit.requests[0][1]])
        for _ in range(ROUNDS * TIMES):
            visit = next(going)
            for (name, _told), cpu_us in zip(
                visit.requests, ours.handle([told for _, told in visit.requests]).cpu_us, strict=True
            ):
                took[name].append(cpu_us)
            took[FLOOR] += floor.handle([visit.requests[0][1]]).cpu_us
        for name, told in next(going).requests:
            meter.begin()
            ours.handle([told])
            count = meter.count
            figures += [
                Figure(
                    f"Write units of a {name}", count.write_units, "units", beside=f"{count.bytes_sent:,} bytes sent"
                ),
                Figure(f"Read units of a {name}", count.read_units, "units"),
                Figure(
                    f"Round trips of a {name}", len(count.operations), "requests", beside=", ".join(count.operations)
                ),
            ]
    bare = median(took[FLOOR])
    figures += [
        Figure(f"Warm CPU of a {name}, beside the floor", median(took[name]) / bare, "times",
               beside=f"{name} {median(took[name]):,.0f} µs, floor {bare:,.0f} µs")
        for name in took if name != FLOOR
    ]  # fmt: skip
    return Chapter(
        "What comes after a purchase",
        f"A purchase of {LINES_USUAL} lines by member id, its return whole, a hold of {_UNITS} points for a payment, its capture "
        f"in part, {ROUNDS * TIMES} times one after the other; medians of CPU, in turns with the floor (one signed "
        "transaction of two rows). The purchase stands here for comparison.",
        tuple(figures),
    )
