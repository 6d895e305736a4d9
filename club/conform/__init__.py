"""`club conform FILE`: cases of other systems, put to this club's own rules and operations."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from club.conform.cases import Case, cases_of
from club.conform.judge import Verdict, silent, verdict
from club.console import say
from club.home import ROOT

CASES = ROOT / "tests" / "conformance" / "cases.json"
KINDS = ("universal", "policy", "regression")


def conform(
    path: Annotated[Path, typer.Argument(help="A file of conformance cases.")] = CASES,
    group: Annotated[str | None, typer.Option(help="Only these groups, with commas between.")] = None,
) -> None:
    """Run conformance cases: a line for each that fails with expected and got, then how many of each kind pass.

    Beside it stands the same for an engine that does nothing, so that the rate is honest. Exit 1 when any case fails.
    """
    cases = [case for case in cases_of(path) if group is None or case.group in group.split(",")]
    verdicts = [(case, verdict(case)) for case in cases]
    for case, told in verdicts:
        if not told.passed:
            say(f"{case.id} ({case.group}, {case.portability}): {told.why}")
    say(rates(verdicts))
    say(f"an engine that does nothing: {rates([(case, silent(case)) for case in cases])}")
    if not all(told.passed for _, told in verdicts):
        sys.exit(1)


def rates(verdicts: list[tuple[Case, Verdict]]) -> str:
    """`universal P/T · policy P/T · regression P/T`."""
    parts = []
    for kind in KINDS:
        of_kind = [told for case, told in verdicts if case.portability == kind]
        parts.append(f"{kind} {sum(told.passed for told in of_kind)}/{len(of_kind)}")
    return " · ".join(parts)
