"""`make mutants`: makes thousands of small faults in the rules of earning, tiers, ledger, redemption and returns and counts those
that no test notices.

Which files, which tests: `[tool.mutmut]` in pyproject.toml. With patterns of names, only those: `-m tests.mutation '*.limits.*'`.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple

from club.console import Step, complain, say, step
from club.home import ROOT

RESULTS = ROOT / "mutants"
# Of all mutants this share has to be noticed; what survives below it is explained in docs/decisions.md.
SHARE_MIN = 0.9
# A test failed, or pytest itself; and a mutant that runs without end is noticed by whoever waits for it.
KILLED = {1, 3}
TIMED_OUT = {24, -24, 36, 152, 255}
TROUBLE_LINES = 40

_PROGRESS = re.compile(r"(\d+)/(\d+) ")


class FileResult(NamedTuple):
    """The mutants of one file."""

    path: str
    killed: int
    survivors: tuple[str, ...]

    @property
    def total(self) -> int:
        return self.killed + len(self.survivors)

    @property
    def share(self) -> float:
        return self.killed / self.total


def main(patterns: list[str]) -> int:
    # Results of other code or other tests say nothing.
    shutil.rmtree(RESULTS, ignore_errors=True)
    with step("Testing mutants of the rules") as progress:
        trouble = _run(patterns, progress)
    if trouble:
        complain("The mutants could not be tested; the last that mutmut said:\n" + trouble)
        return 2
    return told(results(RESULTS, patterns))


def results(folder: Path, patterns: list[str]) -> list[FileResult]:
    """What became of the mutants, file by file, as mutmut left it in a folder. One that was not tested counts as survived."""
    files = []
    for meta in sorted(folder.rglob("*.py.meta")):
        found: Mapping[str, int | None] = json.loads(meta.read_text("utf-8"))["exit_code_by_key"]
        codes = {name: code for name, code in found.items() if not patterns or any(fnmatch(name, p) for p in patterns)}
        survivors = tuple(name for name, code in codes.items() if code not in KILLED | TIMED_OUT)
        if codes:
            path = str(meta.relative_to(folder).with_suffix(""))
            files.append(FileResult(path, len(codes) - len(survivors), survivors))
    return files


def told(files: list[FileResult]) -> int:
    """Prints the table and the survivors' names; the exit status: 1 where too many survived."""
    for name in (name for file in files for name in file.survivors):
        say(f"survived: {name}")
    whole = FileResult("together", sum(one.killed for one in files), sum((one.survivors for one in files), ()))
    if not whole.total:
        complain("There are no mutants of such a name.")
        return 2
    say(f"{'':32}{'killed':>8}{'survived':>10}{'total':>8}{'share':>9}")
    for one in (*files, whole):
        say(f"{one.path:32}{one.killed:>8,}{len(one.survivors):>10,}{one.total:>8,}{one.share:>9.1%}")
    if whole.share < SHARE_MIN:
        complain(f"Missed: fewer than {SHARE_MIN:.0%} of the mutants were noticed by a test.")
        return 1
    return 0


def _run(patterns: list[str], progress: Step) -> str:
    """Runs mutmut, which tells its progress on one line without end; what it said last if it failed."""
    command = [sys.executable, "-m", "mutmut", "run", *patterns]
    said: list[str] = []
    with subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "CLUB_MUTANTS": "1"},
    ) as running:
        assert running.stdout is not None
        for line in running.stdout:
            if found := _PROGRESS.search(line):
                progress.update(int(found[1]), None if patterns else int(found[2]), "mutants")
            else:
                said = [*said, line][-TROUBLE_LINES:]
    return ("".join(said) or "nothing at all") if running.returncode else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
