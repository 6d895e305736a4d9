"""What one purchase sends, writes, reads and logs, counted between the packaged function and the local AWS."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from typing import NamedTuple

from benchmarks.figures import Chapter, Figure
from benchmarks.functions import FLOOR, OURS, TUTORIAL, Function, Process
from benchmarks.members import Member
from benchmarks.meter import Meter
from benchmarks.shop import LINES_USUAL, SKUS, event, lines, purchase
from infra.api import ACCESS_LOG

# Write units at most, by lines at most. A purchase that touches no shared counter.
WRITE_UNITS_MAX = {1: 5, 10: 5, 25: 7, 50: 9}
READ_UNITS_MAX = {"member_id": 1, "card": 2}
ROUND_TRIPS_MAX = {"member_id": 2, "card": 3}
LOG_BYTES_MAX = 300
ACCOUNT_BYTES_MAX = 1024

# What the gateway puts in for its variables, at the length that it has.
_ACCESS = {
    "$context.requestId": "JKJaXmPLvHcESHA=",
    "$context.requestTimeEpoch": "1795326451543",
    "$context.routeKey": "POST /v1/purchases",
    "$context.status": "201",
    "$context.responseLatency": "123",
    "$context.integrationLatency": "123",
    "$context.authorizer.error": "-",
    "$context.integrationErrorMessage": "-",
}
_NAMED = {"member_id": "by member id", "card": "by card"}


class Cost(NamedTuple):
    """The dearest of several purchases of one kind."""

    round_trips: int
    write_units: int
    read_units: int
    bytes_sent: int
    log_bytes: int


def access_line_bytes() -> int:
    """The gateway's line in the access log for one purchase."""
    line = {name: _ACCESS[variable] for name, variable in ACCESS_LOG.items()}
    return len(json.dumps(line, separators=(",", ":"))) + 1


def counted(functions: Mapping[str, Function], port: int, members: list[Member]) -> tuple[Chapter, Cost]:
    """The figures, and the cost that the bill is made from: ten lines, by card."""
    costs = _costs(functions[OURS], port, members)
    figures = [
        Figure(f"Write units, {count} line{'s' * (count > 1)}, {_NAMED[who]}", cost.write_units, "units",
               WRITE_UNITS_MAX[count], beside=f"{cost.bytes_sent:,} bytes sent")
        for (count, who), cost in costs.items()
    ]  # fmt: skip
    for who, named in _NAMED.items():
        of_these = [cost for (_, one), cost in costs.items() if one == who]
        figures += [
            Figure(
                f"Read units {named}, at most", max(one.read_units for one in of_these), "units", READ_UNITS_MAX[who]
            ),
            Figure(
                f"Round trips {named}, at most",
                max(one.round_trips for one in of_these),
                "requests",
                ROUND_TRIPS_MAX[who],
            ),
        ]
    access, longest = access_line_bytes(), max(cost.log_bytes for cost in costs.values())
    figures += [
        Figure("Log bytes of a purchase", longest + access, "bytes", LOG_BYTES_MAX,
               beside=f"function {longest}, gateway's access line {access}"),
        Figure("Account row after 24 months", max(member.row_bytes for member in members), "bytes", ACCOUNT_BYTES_MAX),
    ]  # fmt: skip
    figures += [_for_comparison(functions[name], port, members[0]) for name in (TUTORIAL, FLOOR)]
    chapter = Chapter(
        "What a purchase costs",
        "Counted on the line between the packaged function and DynamoDB; write units as DynamoDB answers them, read units "
        "from the rows by AWS's rule; the dearest of three ways to name what is sold.",
        tuple(figures),
    )
    return chapter, costs[10, "card"]


def _costs(function: Function, port: int, members: list[Member]) -> dict[tuple[int, str], Cost]:
    costs = {}
    with (
        tempfile.TemporaryFile() as log,
        Meter(port) as meter,
        Process(function, meter.endpoint, log.fileno()) as process,
    ):
        process.handle([event(purchase(lines(1), card=members[0].card))])
        for count in WRITE_UNITS_MAX:
            for who in ROUND_TRIPS_MAX:
                seen = []
                for member, skus in zip(members, SKUS, strict=False):
                    bought = purchase(lines(count, skus)) | {who: member.card if who == "card" else member.id}
                    logged = log.seek(0, 2)
                    meter.begin()
                    process.handle([event(bought)])
                    sent = meter.count
                    seen.append((len(sent.operations), sent.write_units, sent.read_units, sent.bytes_sent,
                                 log.seek(0, 2) - logged))  # fmt: skip
                costs[count, who] = Cost(*map(max, zip(*seen, strict=True)))
    return costs


def _for_comparison(function: Function, port: int, member: Member) -> Figure:
    with (
        tempfile.TemporaryFile() as log,
        Meter(port) as meter,
        Process(function, meter.endpoint, log.fileno()) as process,
    ):
        process.handle([event(purchase(lines(LINES_USUAL), member_id=member.id))])
        meter.begin()
        logged = log.seek(0, 2)
        process.handle([event(purchase(lines(LINES_USUAL), member_id=member.id))])
        beside = (
            f"{len(meter.count.operations)} requests, {meter.count.bytes_sent:,} bytes sent, "
            f"{log.seek(0, 2) - logged:,} log bytes"
        )
        return Figure(
            f"For comparison, the {function.name}: write units, {LINES_USUAL} lines", meter.count.write_units, "units",
            beside=beside,
        )  # fmt: skip
