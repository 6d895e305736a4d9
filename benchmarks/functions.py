"""The three handlers that are compared, each packaged, unpacked and given its world: ours, the tutorial's, the floor's.

Ours is the deployed zip and layer. The other two are compiled in the same way; the tutorial's dependencies stand in a folder of
their own, whole, as its documentation has them installed.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO, Any, NamedTuple, Self

from benchmarks.shop import Json
from benchmarks.stack import aws_environment
from club.console import Trouble
from infra.bytecode import compile_folder, interpreter_of
from infra.packaging import FUNCTION_HOME, LAYER_HOME, Packages, this_machine
from infra.rooms import ROOMS
from infra.stage import stage_named

HERE = Path(__file__).resolve().parent
OURS, TUTORIAL, FLOOR = "ours", "tutorial", "floor"
ROOM = next(room for room in ROOMS if room.name == "purchase")
STAGE = stage_named("local")
TABLE, SEEN_TABLE = "bench-purchases", "bench-seen"


class Function(NamedTuple):
    """One handler as it stands on disk, with its environment but for the address of AWS."""

    name: str
    handler: str
    paths: tuple[Path, ...]
    variables: dict[str, str]


class Answered(NamedTuple):
    """What one round of invocations gave: statuses and CPU of each, and what was said to the log."""

    statuses: list[int]
    cpu_us: list[float]
    bodies: list[str]
    process_cpu_ms: float


def unpacked(packages: Packages, peppers: str, folder: Path) -> dict[str, Function]:
    """All three, unpacked below `folder`. Raises Trouble when the tutorial's dependencies are not installed."""
    task, layer = folder / "task", folder / "opt"
    for package, place in ((packages.functions[ROOM.name], task), (packages.layer, layer)):
        with zipfile.ZipFile(package.path) as archive:
            archive.extractall(place)
    variables = {
        "CLUB_STAGE": STAGE.name,
        "CLUB_TABLES": json.dumps({table: STAGE.table(table) for table in ROOM.tables}),
        "CLUB_PEPPERS": peppers,
        "CLUB_PROGRAMME_SECONDS": str(stage_named("prod").programme_seconds),
        "LAMBDA_TASK_ROOT": str(task),
    }
    tables = {"TABLE_NAME": TABLE, "IDEMPOTENCY_TABLE_NAME": SEEN_TABLE}
    # As Lambda says it when tracing is off: the tracer is asked at each request and keeps nothing.
    traced = {
        "LAMBDA_TASK_ROOT": FUNCTION_HOME,
        "_X_AMZN_TRACE_ID": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0",
    }
    return {
        OURS: Function(OURS, ROOM.handler, (task, layer / "python"), variables),
        TUTORIAL: Function(
            TUTORIAL, "tutorial.handler", (_compiled(TUTORIAL, folder), _dependencies()), {**tables, **traced}
        ),
        FLOOR: Function(FLOOR, "floor.handler", (_compiled(FLOOR, folder),), tables),
    }


def _compiled(name: str, folder: Path) -> Path:
    task = folder / name
    task.mkdir()
    shutil.copy(HERE / f"{name}.py", task)
    _compile(task, FUNCTION_HOME)
    return task


def _dependencies() -> Path:
    """The tutorial's dependencies, compiled once where `make bench` put them."""
    folder = Path(sys.prefix) / "bench"
    if not folder.is_dir():
        raise Trouble("The tutorial's dependencies are not installed here: run `make bench`.")
    compiled = folder / ".compiled"
    if not compiled.exists():
        _compile(folder, LAYER_HOME)
        compiled.touch()
    return folder


def _compile(folder: Path, home: str) -> None:
    interpreter = interpreter_of(this_machine().python)
    assert interpreter is not None, "the running interpreter is one of them"
    compile_folder(folder, interpreter, home)


class Process(AbstractContextManager["Process"]):
    """A function started in a fresh interpreter that sees its own package and nothing else, and kept as Lambda keeps it."""

    def __init__(self, function: Function, endpoint: str, log: IO[bytes] | int = subprocess.DEVNULL) -> None:
        environment = {**aws_environment(endpoint, function.name, ROOM.memory_mb), **function.variables}
        read, write = _pipe()
        self._process = subprocess.Popen(
            [
                sys.executable, "-I", "-S", "-B", str(HERE / "child.py"), str(write.fileno()), function.handler,
                *map(str, function.paths),
            ],
            env=environment, cwd=function.paths[0], stdin=subprocess.PIPE, stdout=log,
            pass_fds=(write.fileno(),),
        )  # fmt: skip
        write.close()
        self._answers = read
        self._function = function
        self.started: dict[str, float] = self._told()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=30)
        self._answers.close()

    def handle(self, events: Sequence[Json]) -> Answered:
        """Handle them one after the other. Raises Trouble unless each is answered with 201: other costs are not a purchase's."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(events).encode() + b"\n")
        self._process.stdin.flush()
        told = self._told()
        results = told["results"]
        answered = Answered(
            [one["status"] for one in results], [one["cpu_us"] for one in results],
            [one["body"] for one in results], told["cpu_ms"],
        )  # fmt: skip
        if wrong := [one["body"] for one in results if one["status"] != 201]:
            raise Trouble(f"{self._function.name} did not take a purchase: {wrong[0][:300]}")
        return answered

    def _told(self) -> Any:
        line = self._answers.readline()
        if not line:
            raise Trouble(
                f"The process of {self._function.name} ended before it answered (exit {self._process.wait(30)})."
            )
        return json.loads(line)


def _pipe() -> tuple[IO[str], IO[str]]:
    read, write = os.pipe()
    return os.fdopen(read), os.fdopen(write, "w")


def make_tables(dynamodb: Any) -> None:
    """The tables of the tutorial and of the floor, beside the club's own."""
    for name, key in ((TABLE, "pk"), (SEEN_TABLE, "id")):
        dynamodb.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
