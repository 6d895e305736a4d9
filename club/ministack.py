"""The local AWS: one MiniStack process on loopback, its state in `.club/state`, IAM enforced.

It keeps its state at a clean stop only. So it is always asked to end and waited for, and a start can tell whether the run
before it ended well.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import socket
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from club import processes
from club.console import Step, Trouble, step
from club.home import ROOT, Home, shown

HOST = "127.0.0.1"
REGION = "us-east-1"

# Reading or writing a quarter of a million items takes a minute; ten mean that something is wrong.
PATIENCE_S = 600.0
PORT_FREED_S = 3.0


@dataclass(frozen=True)
class Running:
    """A local AWS that runs. `state_lost`: the run before it ended without keeping what it held."""

    port: int
    pid: int
    state_lost: bool = False

    @property
    def endpoint(self) -> str:
        return f"http://{HOST}:{self.port}"


def running(home: Home) -> Running | None:
    """The local AWS of this home, if it runs."""
    started = processes.ours(home.ministack_pid)
    return Running(started.port, started.pid) if started else None


def start(home: Home, port: int) -> Running:
    """Start it, or find it running on that port with these settings; one that runs otherwise is stopped cleanly first."""
    home.made()
    settings = _settings(home, port)
    print_of_settings = _fingerprint(settings)
    before = processes.ours(home.ministack_pid)
    if before is not None and before.settings == print_of_settings:
        if not _answers(port):
            with step("Waiting for the local AWS") as waiting:
                _wait_until_ready(home, port, before.pid, waiting)
        return Running(port, before.pid)
    # Asked before the one that runs is stopped: a port that cannot be had closes no club that answers.
    if before is None or before.port != port:
        _refuse_taken_port(port)
    if before is not None:
        stop(home)
        _refuse_taken_port(port)
    state_lost = _ended_badly(home)
    _empty_scratch(home)
    with step("Starting the local AWS") as waiting:
        _unkept(home).touch()
        pid = processes.spawn([str(interpreter()), "-m", "ministack"], settings, home.ministack_log)
        processes.remember(home.ministack_pid, pid, port, print_of_settings)
        _wait_until_ready(home, port, pid, waiting)
    return Running(port, pid, state_lost)


def stop(home: Home) -> bool:
    """Stop it and wait until it has kept its state. False when none ran."""
    if processes.ours(home.ministack_pid) is None:
        return False
    with step("Stopping the local AWS, which keeps what it holds") as waiting:
        began = time.monotonic()
        gone = processes.stop(
            home.ministack_pid,
            patience_s=PATIENCE_S,
            waiting=lambda: waiting.update(int(time.monotonic() - began), unit="s"),
        )
    if not gone:
        raise Trouble(
            f"The local AWS is still keeping its state after {PATIENCE_S:.0f} s: wait, then `make down` again."
        )
    if not _ended_badly(home):
        _unkept(home).unlink(missing_ok=True)
    _empty_scratch(home)
    return True


def interpreter() -> Path:
    """The interpreter of MiniStack's own environment, which stands beside the one that runs this. It runs the Lambdas too."""
    ours = Path(sys.prefix)
    found = ours.with_name(f"{ours.name}-ministack") / "bin" / "python"
    if not found.exists():
        raise Trouble("The local AWS is not installed here: run `make install`.")
    return found


def _settings(home: Home, port: int) -> dict[str, str]:
    """Its whole environment: nothing of the operator's own reaches it, above all no real AWS key.

    The Lambdas inherit these, so time is UTC, as it is on AWS.
    """
    return {
        "BIND_HOST": HOST,
        "GATEWAY_PORT": str(port),
        "PERSIST_STATE": "1",
        "STATE_DIR": str(home.state),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(home.state / "s3"),
        "AUTH": "true",
        "MINISTACK_REGION": REGION,
        "LOG_LEVEL": "WARNING",
        # Doors that open on every interface, and a Docker that is none of our business.
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": f"unix://{home.folder}/no-docker",
        "LAMBDA_EXECUTOR": "local",
        "TMPDIR": str(home.scratch),
        "HOME": str(home.scratch),
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
    }


def _fingerprint(settings: dict[str, str]) -> str:
    """The settings, the interpreter and MiniStack's own version in one short word."""
    pins = (ROOT / "requirements" / "ministack.txt").read_bytes()
    told = json.dumps([settings, str(interpreter()), hashlib.sha256(pins).hexdigest()], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _refuse_taken_port(port: int) -> None:
    """Raise when somebody has the port. A server that has just ended may hold it a moment longer: nobody answers there."""
    deadline = time.monotonic() + PORT_FREED_S
    while True:
        try:
            return _try_port(port)
        except OSError as refusal:
            with socket.socket() as caller:
                somebody_answers = caller.connect_ex((HOST, port)) == 0
            if somebody_answers or time.monotonic() > deadline:
                raise Trouble(
                    f"Port {port} is in use by another program: stop that program, or choose another port, for example "
                    f"`CLUB_PORT={port + 1 if port < 65535 else port - 1} make up`."
                ) from refusal
        time.sleep(processes.POLL_S)


def _try_port(port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as door:
        # As a server would: connections of a server that is gone, still lingering, do not count as taken.
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind((HOST, port))


def _wait_until_ready(home: Home, port: int, pid: int, waiting: Step) -> None:
    began = time.monotonic()
    while not _answers(port):
        processes.reap(pid)
        if processes.ours(home.ministack_pid) is None:
            raise Trouble(
                f"The local AWS ended while it started; its last words were: {_last_words(home)} "
                f"(all of them: {shown(home.ministack_log)})"
            )
        if time.monotonic() - began > PATIENCE_S:
            raise Trouble(f"The local AWS does not answer on port {port}; see {shown(home.ministack_log)}.")
        waiting.update(int(time.monotonic() - began), unit="s")
        time.sleep(processes.POLL_S)


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/_ministack/ready")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _last_words(home: Home) -> str:
    lines = home.ministack_log.read_text(errors="replace").strip().splitlines() if home.ministack_log.exists() else []
    return lines[-1].strip() if lines else "nothing"


def _empty_scratch(home: Home) -> None:
    """Each Lambda worker unpacked its layer there: tens of thousands of files, which a slow disk takes minutes to delete.

    So they are set aside at once and deleted meanwhile, by a process that ends with its work.
    """
    if not any(home.scratch.iterdir()):
        return
    home.scratch.rename(home.folder / f"old-{time.time_ns()}")
    home.made()
    old = [str(folder) for folder in home.folder.glob("old-*")]
    processes.spawn(["/usr/bin/env", "nice", "rm", "-rf", *old], _settings(home, 0), home.ministack_log)


def _unkept(home: Home) -> Path:
    """A note laid down at a start: from here on there is something that a stop has to keep."""
    return home.folder / "unkept"


def _ended_badly(home: Home) -> bool:
    """True if a run laid down its note and not everything it held was written after that (killed, or the machine went dark).

    Read from the state itself, so that a clean end by other hands (a shutdown of the machine) is known for one.
    """
    note = _unkept(home)
    if not note.exists():
        return False
    begun_ns = note.stat().st_mtime_ns
    kept = list(home.state.glob("*.json"))
    return not kept or any(file.stat().st_mtime_ns <= begun_ns for file in kept)
