"""Processes we started, remembered so surely that a stranger who got the same number is never touched.

A pid alone is not an identity: numbers are used again, and after a reboot all of them are. So a pid file also holds when
the process began, and a process is ours only while both agree.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

PROC = Path("/proc")
POLL_S = 0.1


@dataclass(frozen=True)
class Started:
    """One process of ours: its number, when it began, and the port and settings it was started with."""

    pid: int
    born: str
    port: int
    settings: str


def born(pid: int) -> str | None:
    """When that process began, in the machine's own words; None when there is no such process, or only its ashes."""
    if PROC.joinpath("self/stat").exists():
        try:
            # The name, in brackets, may hold anything; the fields are counted after it: state is the 3rd, the number of
            # threads the 20th, the start the 22nd.
            fields = PROC.joinpath(str(pid), "stat").read_text().rpartition(")")[2].split()
        except OSError:
            return None
        boot = PROC.joinpath("sys/kernel/random/boot_id").read_text().strip()
        # A process whose first thread has ended while others still do holds its files and its port until they are done.
        gone = fields[0] in "ZX" and int(fields[17]) <= 1
        return None if gone else f"{boot} {fields[19]}"
    asked = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False, timeout=30
    )
    state, _, began = asked.stdout.strip().partition(" ")
    return None if not state or state.startswith("Z") else began.strip()


def spawn(command: Sequence[str], environment: Mapping[str, str], log: Path) -> int:
    """Start a program that outlives us, in a session of its own so that Ctrl-C does not reach it; its words go to the log."""
    to_log = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    return os.posix_spawn(
        command[0],
        list(command),
        dict(environment),
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(log), to_log, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,
    )


def remember(file: Path, pid: int, port: int, settings: str) -> Started:
    """Write the pid file of a process that was just started."""
    started = Started(pid, born(pid) or "gone", port, settings)
    draft = file.with_suffix(".new")
    draft.write_text(json.dumps(asdict(started)))
    draft.replace(file)
    return started


def ours(file: Path) -> Started | None:
    """The process this pid file speaks of, if it still runs and is the one we started. A stale file is removed."""
    try:
        started = Started(**json.loads(file.read_text()))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError):
        started = Started(0, "unreadable", 0, "")
    if started.pid > 0 and born(started.pid) == started.born:
        return started
    file.unlink(missing_ok=True)
    return None


def stop(file: Path, *, patience_s: float, waiting: Callable[[], None] = lambda: None) -> bool:
    """Ask the process to end (SIGTERM) and wait until it is gone. False when it is still there after `patience_s`.

    It is never killed: a killed local AWS forgets what it acknowledged.
    """
    started = ours(file)
    if started is None:
        return True
    os.kill(started.pid, signal.SIGTERM)
    deadline = time.monotonic() + patience_s
    while born(started.pid) == started.born:
        if time.monotonic() > deadline:
            return False
        reap(started.pid)
        waiting()
        time.sleep(POLL_S)
    file.unlink(missing_ok=True)
    return True


def reap(pid: int) -> None:
    """Take in the end of a child of this very process; somebody else's child is left to its parent."""
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
