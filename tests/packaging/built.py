"""The packages under test, built once for a run by the code that builds the real ones, and ways to look into them."""

from __future__ import annotations

import os
import sys
import zipfile
from functools import cache
from pathlib import Path

from club.pip_settings import told_by_pip, uv_settings
from infra.packaging import AWS, Packages, Target, build_folder, build_packages, this_machine

PYTHON_313_MAGIC = 3571
MACHINES = {"aws": AWS, "local": this_machine()}


@cache
def packages(target: str) -> Packages:
    """Both targets go through `.club/build`, so a second run of the tests builds nothing."""
    # A machine behind a mirror says so to pip; `make up` hands that on to uv, and so do the tests.
    os.environ.update(uv_settings(told_by_pip(), os.environ))
    return build_packages(MACHINES[target], build_folder(), say=lambda line: print(line, file=sys.stderr))


def target(name: str) -> Target:
    return MACHINES[name]


@cache
def contents(path: Path) -> dict[str, bytes]:
    """Every file of a zip by its name in it."""
    with zipfile.ZipFile(path) as archive:
        return {entry.filename: archive.read(entry) for entry in archive.infolist()}
