"""On a machine that lacks something, make says what in one clear sentence and fails."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from club.home import ROOT


def make(*words: str) -> subprocess.CompletedProcess[str]:
    """As a person runs it, also when these tests are run by make themselves."""
    environment = {
        name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")
    }
    return subprocess.run(["make", *words], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_a_machine_without_python_is_told_so(tmp_path: Path) -> None:
    done = make("up", "PYTHON=python-of-another-world", f"VENV={tmp_path}/venv")
    assert done.returncode != 0
    assert "Python is missing: install Python 3.11 or newer" in done.stderr


def test_a_python_that_is_too_old_is_named(tmp_path: Path) -> None:
    old = tmp_path / "python3.9"
    # Answers every question about its version as an old one would: with no.
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    done = make("test", f"PYTHON={old}", f"VENV={tmp_path}/venv")
    assert done.returncode != 0
    assert f"Python 3.11 or newer is needed, and {old} is older" in done.stderr


def test_stopping_what_was_never_started_is_no_error(tmp_path: Path) -> None:
    done = make("down", f"VENV={tmp_path}/venv")
    assert (done.returncode, done.stdout) == (0, "Nothing to stop: the club was never started here.\n")


@pytest.mark.parametrize("target", ["up", "down", "test", "laws-long", "fmt", "install", "bench", "mutants", "pins"])
def test_help_lists_every_target(target: str) -> None:
    assert any(line.split()[:2] == ["make", target] for line in make("help").stdout.splitlines())


def test_another_interpreter_gets_an_environment_of_its_own() -> None:
    assert ".venv-python3.13/bin/ruff" in make("-n", "test", "PYTHON=python3.13").stdout
