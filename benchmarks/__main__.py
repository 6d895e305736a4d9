"""`make bench`: measures everything in one run, writes `docs/performance.md` and from it `docs/cost.md`, and fails when a
number of DESIGN is missed."""

from __future__ import annotations

import os
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import (
    after,
    counting,
    cpu,
    functions,
    imports,
    load,
    million,
    month,
    posting,
    proof,
    report,
    sizes,
    stack,
    sweep,
    template,
    wire,
)
from benchmarks.cost_page import write as write_cost
from benchmarks.figures import Chapter, missed
from benchmarks.members import enrolled
from benchmarks.prices import bill, prices
from club.console import Trouble, complain, out, step
from club.home import ROOT, Home
from club.pip_settings import told_by_pip, uv_settings
from club.up import OpenClub
from infra.packaging import AWS, build_folder, build_packages

PAGE = ROOT / "docs" / "performance.md"


def main() -> None:
    try:
        chapters = measured()
    except Trouble as trouble:
        complain(str(trouble))
        sys.exit(1)
    status = told(chapters, PAGE)
    write_cost()
    sys.exit(status)


def told(chapters: list[Chapter], page: Path) -> int:
    """Shows and writes what was measured; the exit status, after naming each number that is missed."""
    report.show(chapters, out)
    page.write_text(report.page(chapters, prices(), datetime.now(UTC).date(), report.machine()), "utf-8")
    faults = missed(chapters)
    for fault in faults:
        complain(f"Missed: {fault}")
    return 1 if faults else 0


def measured() -> list[Chapter]:
    with stack.own_club() as (home, club):
        return _measured(home, club)


def _measured(home: Home, club: OpenClub) -> list[Chapter]:
    # A machine behind a mirror says so to pip; the packages for AWS are fetched from there as well.
    os.environ.update(uv_settings(told_by_pip(), os.environ))
    deployed = build_packages(AWS, build_folder())
    with step("Members with two years of purchases"):
        members = enrolled(club, load.CROWD * 2)
        functions.make_tables(stack.client(club, "dynamodb"))
    with tempfile.TemporaryDirectory() as folder:
        compared = functions.unpacked(stack.packages(home), functions.STAGE.peppers, Path(folder))
        endpoint, port = club.running.endpoint, club.running.port
        with step("Deciding"):
            deciding = posting.measured()
        with step("Cold starts"):
            starts, cold_ms = cpu.cold(compared, endpoint, members[0])
        with step("Invocations"):
            invocations, warm_ms = cpu.warm(compared, endpoint, members[0])
        with step("What a purchase costs"):
            on_the_line, cost = wire.counted(compared, port, members)
        with step("What counting it costs"):
            in_tallies, counted = counting.measured(port)
        with step("What comes after a purchase"):
            afterwards = after.measured(compared, port, enrolled(club, 1)[0])
    with step("Import beside the HTTP path"):
        imported = imports.measured(home)
    with step("Proving"):
        proving = proof.measured()
    with step("A night of 100,000 members"):
        night = sweep.measured()
    with step("A month of 1,000,000 members"):
        closing = month.measured()
    with step("Through the whole local stack"):
        load.put_others_behind_the_gate(club)
        through = load.measured(club, members)
    table = prices()
    with step("Prices"):
        resources = template.synthesised(deployed)
        billed = bill(table, million.items(cost, warm_ms, cold_ms, counted))
    return [
        through,
        starts,
        invocations,
        deciding,
        on_the_line,
        in_tallies,
        afterwards,
        proving,
        night,
        closing,
        imported,
        million.chapter(billed),
        template.chapter(table, resources, billed, cost),
        sizes.measured(deployed),
    ]


if __name__ == "__main__":
    main()
