"""Compiled modules for the packages, made by the same version of Python that will read them.

Compiling at every cold start costs more than twice the CPU. The hash in each file is never checked ("unchecked"), so
no date gets into the package and the same source gives the same bytes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

Version = tuple[int, int]

_SHOW = "import sys; print('%d.%d' % sys.version_info[:2], sys.implementation.cache_tag)"

# One fresh process compiles all files in one order: what Python shares between constants depends on what it saw before.
_COMPILE = """
import pathlib, py_compile, sys
root, home = pathlib.Path(sys.argv[1]), sys.argv[2]
for name in sorted(path.relative_to(root).as_posix() for path in root.rglob("*.py")):
    try:
        py_compile.compile(
            str(root / name), dfile=f"{home}/{name}", doraise=True, quiet=1, optimize=0,
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
        )
    except py_compile.PyCompileError as error:
        sys.exit(f"{name} cannot be compiled: {error.exc_value}")
"""
_LOOK_SECONDS_MAX = 30
_COMPILE_SECONDS_MAX = 300


class BytecodeNotMade(Exception):
    """A source file was refused by the interpreter that will run it."""


def interpreter_of(version: Version) -> Path | None:
    """A CPython of exactly this version on this machine, or None.

    Looks at the running one, at `CLUB_PYTHON_<version>`, on the path, in pyenv, and at those uv keeps. Nothing is fetched.
    """
    if sys.version_info[:2] == version and sys.implementation.name == "cpython":
        return Path(sys.executable)
    return next((path for path in _candidates(version) if _is_version(path, version)), None)


def compile_folder(folder: Path, interpreter: Path, home: str) -> None:
    """Put a `__pycache__` beside every source below `folder`; `home` is where the folder will stand when it runs."""
    done = subprocess.run(
        [interpreter, "-I", "-S", "-B", "-c", _COMPILE, folder, home],
        env={"PATH": os.defpath, "PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        timeout=_COMPILE_SECONDS_MAX,
        check=False,
    )
    if done.returncode != 0:
        raise BytecodeNotMade(done.stderr.strip() or f"{interpreter} could not compile the package.")


def _candidates(version: Version) -> Iterator[Path]:
    dotted = f"{version[0]}.{version[1]}"
    if named := os.environ.get(f"CLUB_PYTHON_{version[0]}_{version[1]}"):
        yield Path(named)
    if found := shutil.which(f"python{dotted}"):
        yield Path(found)
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    yield from sorted(pyenv.glob(f"{dotted}.*/bin/python"), reverse=True)
    asked = subprocess.run(
        [sys.executable, "-m", "uv", "python", "find", "--no-python-downloads", "--no-project", dotted],
        capture_output=True,
        text=True,
        timeout=_LOOK_SECONDS_MAX,
        check=False,
    )
    if asked.returncode == 0:
        yield Path(asked.stdout.strip())


def _is_version(path: Path, version: Version) -> bool:
    try:
        shown = subprocess.run(
            [path, "-I", "-c", _SHOW], capture_output=True, text=True, timeout=_LOOK_SECONDS_MAX, check=False
        )
    except OSError:
        return False
    # A pyenv shim may answer with another version than its name says.
    return shown.stdout.split() == [f"{version[0]}.{version[1]}", f"cpython-{version[0]}{version[1]}"]
