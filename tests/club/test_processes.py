"""Only what we started is stopped, and it is asked to end, never killed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from club import processes

SLEEPS = "print('up', flush=True); import time; time.sleep(60)"
DEAF = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEPS}"


@pytest.fixture
def running() -> Iterator[list[subprocess.Popen[str]]]:
    """Programs that a test begins; they end with it."""
    begun: list[subprocess.Popen[str]] = []
    yield begun
    for process in begun:
        process.kill()
        process.communicate()


def begin(running: list[subprocess.Popen[str]], code: str) -> int:
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    running.append(process)
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    return process.pid


def test_what_we_started_is_asked_to_end_and_waited_for(tmp_path: Path, running: list[subprocess.Popen[str]]) -> None:
    pid = begin(running, SLEEPS)
    file = tmp_path / "pid"
    assert processes.remember(file, pid, 4580, "as we like it") == processes.ours(file)
    assert processes.stop(file, patience_s=10)
    assert processes.born(pid) is None
    assert not file.exists()


def test_a_stranger_that_got_the_same_number_is_left_alone(
    tmp_path: Path, running: list[subprocess.Popen[str]]
) -> None:
    pid = begin(running, SLEEPS)
    file = tmp_path / "pid"
    processes.remember(file, pid, 4580, "")
    file.write_text(json.dumps({**json.loads(file.read_text()), "born": "before the last reboot"}))
    assert processes.ours(file) is None
    assert processes.stop(file, patience_s=1)
    assert running[0].poll() is None
    assert not file.exists()


def test_one_that_does_not_end_is_reported_and_not_killed(tmp_path: Path, running: list[subprocess.Popen[str]]) -> None:
    pid = begin(running, DEAF)
    file = tmp_path / "pid"
    processes.remember(file, pid, 4580, "")
    assert not processes.stop(file, patience_s=0.3)
    assert running[0].poll() is None
    assert processes.ours(file) is not None


def test_a_pid_file_of_a_process_that_is_gone_is_cleared_away(
    tmp_path: Path, running: list[subprocess.Popen[str]]
) -> None:
    pid = begin(running, SLEEPS)
    file = tmp_path / "pid"
    processes.remember(file, pid, 4580, "")
    running[0].kill()
    running[0].wait()
    assert processes.ours(file) is None
    assert not file.exists()


@pytest.mark.parametrize("text", ["", "4711", '{"pid": 1}', '{"pid": 0, "born": "", "port": 1, "settings": ""}', "[]"])
def test_an_unreadable_pid_file_names_nobody(tmp_path: Path, text: str) -> None:
    file = tmp_path / "pid"
    file.write_text(text)
    assert processes.ours(file) is None
    assert not file.exists()


def test_a_spawned_program_has_only_the_environment_it_is_given_and_writes_to_its_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    code = "import os; print(sorted(name for name in os.environ if name != 'LC_CTYPE'), os.getsid(0) == os.getpid())"
    pid = processes.spawn([sys.executable, "-c", code], {"CLUB": "yes"}, log)
    os.waitpid(pid, 0)
    assert log.read_text() == "['CLUB'] True\n"
