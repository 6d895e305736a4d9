"""Lambda's Runtime API for one invocation, and a clean interpreter that runs a package under AWS's own client of it.

The interpreter sees what a function sees on Lambda and no more: the unpacked zip, the unpacked layer, and the runtime
client. The environment the tests run in is hidden from it (`-I -S`), so a forgotten dependency is missing here too.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import threading
import time
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple, Self

from infra.packaging import Packages
from infra.rooms import ROOMS
from infra.stage import STAGES

# What Lambda itself puts beside the runtime client.
RUNTIME_MODULES = ("awslambdaric", "runtime_client", "simplejson", "snapshot_restore_py")
REQUEST_ID = "8476a536-e9f4-11e8-9739-2dfe598c3fcd"
ANSWER_SECONDS_MAX = 60

_START = "import sys; sys.path[:0] = sys.argv[1:4]; from awslambdaric.__main__ import main; main(sys.argv[3:])"


class Machine(NamedTuple):
    """One function unpacked as Lambda unpacks it."""

    room: str
    task: Path
    layer: Path
    runtime: Path


class Outcome(NamedTuple):
    """What the function answered, or the error it reported instead; `said` is its log."""

    answer: Any
    error: Any
    said: str


def unpack(packages: Packages, folder: Path) -> dict[str, Machine]:
    """Every function in a folder of its own; its layers and the runtime client beside them, which nobody writes to."""
    for opt, layers in (("opt", [packages.layer]), ("opt-numeric", [packages.layer, packages.numeric])):
        for layer in layers:
            with zipfile.ZipFile(layer.path) as archive:
                archive.extractall(folder / opt)
    numeric = {room.name for room in ROOMS if room.fits_models}
    runtime = folder / "runtime"
    runtime.mkdir()
    for name in RUNTIME_MODULES:
        found = importlib.util.find_spec(name)
        assert found is not None, name
        assert found.origin is not None, name
        origin = Path(found.origin)
        if found.submodule_search_locations:
            shutil.copytree(origin.parent, runtime / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(origin, runtime)
    machines = {}
    for room, package in packages.functions.items():
        opt = folder / ("opt-numeric" if room in numeric else "opt")
        machines[room] = Machine(room, folder / room, opt / "python", runtime)
        with zipfile.ZipFile(package.path) as archive:
            archive.extractall(machines[room].task)
    return machines


def run_python(machine: Machine, code: str, *flags: str) -> subprocess.CompletedProcess[str]:
    """Run a few lines in the function's own world, without the runtime client."""
    paths = f"import sys; sys.path[:0] = [{str(machine.task)!r}, {str(machine.layer)!r}]\n"
    return subprocess.run(
        [sys.executable, "-I", "-S", "-B", *flags, "-c", paths + code],
        env=environment(machine.room),
        cwd=machine.task,
        capture_output=True,
        text=True,
        timeout=ANSWER_SECONDS_MAX,
        check=False,
    )


def invoke(machine: Machine, event: dict[str, Any]) -> Outcome:
    """One cold start and one invocation."""
    api = RuntimeApi(event)
    handler = next(room.handler for room in ROOMS if room.name == machine.room)
    paths = [str(machine.task), str(machine.layer), str(machine.runtime)]
    with api, subprocess.Popen(
        [sys.executable, "-I", "-S", "-B", "-c", _START, *paths, handler],
        env={**environment(machine.room), "AWS_LAMBDA_RUNTIME_API": api.address, "LAMBDA_TASK_ROOT": str(machine.task)},
        cwd=machine.task,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:  # fmt: skip
        deadline = time.monotonic() + ANSWER_SECONDS_MAX
        while not api.answered.wait(0.05) and process.poll() is None and time.monotonic() < deadline:
            pass
        process.kill()
        said, _ = process.communicate()
    return Outcome(api.answer, api.error, said)


def environment(room: str) -> dict[str, str]:
    """What the stack gives the function. The address of AWS is a closed door: these invocations need no AWS."""
    stage = STAGES["local"]
    tables = next(room_.tables for room_ in ROOMS if room_.name == room)
    return {
        "PATH": os.defpath,
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "nobody",
        "AWS_SECRET_ACCESS_KEY": "nothing",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_LAMBDA_FUNCTION_NAME": stage.function(room),
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "CLUB_STAGE": stage.name,
        "CLUB_TABLES": json.dumps({table: stage.table(table) for table in tables}),
        "CLUB_PEPPERS": stage.peppers,
        "CLUB_PROGRAMME_SECONDS": "2",
    }


class RuntimeApi(ThreadingHTTPServer):
    """Hands out one event and keeps what comes back. A second event never comes, as on a quiet day."""

    daemon_threads = True

    def __init__(self, event: dict[str, Any]) -> None:
        super().__init__(("127.0.0.1", 0), _Door)
        self.event: dict[str, Any] | None = event
        self.answer: Any = None
        self.error: Any = None
        self.answered = threading.Event()
        self.closed = threading.Event()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closed.set()
        self.shutdown()
        self.server_close()


class _Door(BaseHTTPRequestHandler):
    server: RuntimeApi
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        event, self.server.event = self.server.event, None
        if event is None:
            self.server.closed.wait(ANSWER_SECONDS_MAX)
            return
        body = json.dumps(event).encode()
        self.send_response(200)
        for name, value in {
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            "Lambda-Runtime-Aws-Request-Id": REQUEST_ID,
            "Lambda-Runtime-Deadline-Ms": str(int(time.time() * 1000) + 10_000),
            "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:000000000000:function:club",
            "Lambda-Runtime-Trace-Id": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0",
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path.endswith(f"/invocation/{REQUEST_ID}/response"):
            self.server.answer = body
        else:
            self.server.error = body
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()
        self.server.answered.set()

    def log_message(self, *_: object) -> None:
        pass
