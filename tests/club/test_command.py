"""The operator's command says what is wrong in one sentence, on standard error, and ends with a non-zero code."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from club.home import ROOT


def club(home: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "club", *words],
        cwd=ROOT,
        env={**os.environ, "CLUB_HOME": str(home), **settings},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_port_in_use_is_one_sentence_that_names_it(tmp_path: Path) -> None:
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        port = stranger.getsockname()[1]
        done = club(tmp_path, "up", CLUB_PORT=str(port))
    assert done.returncode == 1
    assert done.stderr.startswith(f"Port {port} is in use by another program: ")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("port", ["abc", "0", "80", "65536", "-1", "٤٥٨٠"])
def test_a_port_that_is_none_is_said_so(tmp_path: Path, port: str) -> None:
    done = club(tmp_path, "up", CLUB_PORT=port)
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "a port is a number from 1024 to 65535" in done.stderr


def test_a_command_for_a_club_that_does_not_run_says_how_to_start_it(tmp_path: Path) -> None:
    done = club(tmp_path, "key", "list")
    assert done.returncode == 1
    assert done.stderr == "The club is not running on this machine: start it with `make up`.\n"


def test_stopping_a_club_that_does_not_run_is_no_error(tmp_path: Path) -> None:
    done = club(tmp_path / "never", "down")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Nothing to stop")


def test_the_command_lists_what_it_can_do(tmp_path: Path) -> None:
    done = club(tmp_path, "--help")
    assert done.returncode == 0
    for command in ("up", "down", "load", "check", "publish", "rules", "key"):
        assert f" {command} " in done.stdout
