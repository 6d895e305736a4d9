"""The packages that Lambda runs: one zip for each function, mirroring the repository, one layer of dependencies, and one of
numeric libraries for who fits models.

Built without Docker, the same to the byte wherever they are built, and only when something that goes in has changed:

    sources or requirements + target  ->  key  ->  .club/build/packages/<name>-<target>-<key>.zip

Sources travel beside their compiled form: a traceback in the log shows its lines, and an interpreter that cannot use
the compiled form still works. They are a sixth of the zipped layer, and are read only when a traceback is written.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from infra.archive import files_under, fingerprint, zip_bytes
from infra.bytecode import Version, compile_folder, interpreter_of
from infra.pruning import prune
from infra.rooms import ROOMS

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = Path("requirements/runtime.txt")
# The layers by their names: what each holds.
LAYERS: Mapping[str, Path] = {"layer": REQUIREMENTS, "numeric": Path("requirements/analyst.txt")}

# Where Lambda unpacks what we send.
FUNCTION_HOME = "/var/task"
LAYER_HOME = "/opt/python"
# Lambda's own limits, on the unpacked function with its layers.
UNPACKED_MB_MAX = 250

_INSTALL_SECONDS_MAX = 600
_OLD_PACKAGES_KEPT = 3
# What builds a package is part of what it is made of.
_BUILDERS = ("archive.py", "bytecode.py", "packaging.py")

Say = Callable[[str], None]


class PackageNotBuilt(Exception):
    """A package could not be made; the message says which and why."""


class Target(NamedTuple):
    """The machine a package will run on. `platform` is uv's name for it; None is the running interpreter's own."""

    name: str
    platform: str | None
    python: Version
    machine: str


class Package(NamedTuple):
    """One zip on disk. `sha256` is of its bytes, so equal content has an equal name at AWS too."""

    name: str
    path: Path
    sha256: str


class Packages(NamedTuple):
    """Everything one stage uploads. Without `has_bytecode` a cold start compiles what it imports."""

    target: Target
    layer: Package
    numeric: Package
    functions: dict[str, Package]
    has_bytecode: bool


# manylinux_2_28: Lambda's Amazon Linux 2023 has glibc 2.34, and the CEL wheel asks for 2.28.
AWS = Target("aws", "aarch64-manylinux_2_28", (3, 13), "aarch64")


def this_machine() -> Target:
    """The target of the local stage, whose functions run on the interpreter that builds them."""
    return Target("local", None, (sys.version_info.major, sys.version_info.minor), platform.machine())


def build_folder() -> Path:
    """Where packages and templates are put: `$CLUB_HOME/build`, by default `.club/build`."""
    return Path(os.environ.get("CLUB_HOME") or ROOT / ".club").resolve() / "build"


def build_packages(target: Target, folder: Path, root: Path = ROOT, say: Say = print) -> Packages:
    """Every package of one target, built now or found as built before. `root` is the repository."""
    interpreter = interpreter_of(target.python)
    if interpreter is None:
        say(
            f"No CPython {target.python[0]}.{target.python[1]} on this machine: the packages carry sources only "
            "and each cold start takes about twice the CPU. Install it, or name it in "
            f"CLUB_PYTHON_{target.python[0]}_{target.python[1]}."
        )
    layer, numeric = (build_layer(target, interpreter, folder, root, say, name) for name in LAYERS)
    functions = {room.name: build_function(room.name, target, interpreter, folder, root, say) for room in ROOMS}
    return Packages(target, layer, numeric, functions, has_bytecode=interpreter is not None)


def build_function(
    room: str, target: Target, interpreter: Path | None, folder: Path, root: Path = ROOT, say: Say = print
) -> Package:
    """One function's zip: `functions/__init__.py`, `functions/<room>/`, `shared/`, and what it carries."""
    sources = function_sources(room, root)
    if f"functions/{room}/handler.py" not in sources:
        raise PackageNotBuilt(f"functions/{room}/handler.py is missing, so there is nothing to package for {room}.")
    key = _key_of({name: path.read_bytes() for name, path in sources.items()}, target, interpreter, root)

    def fill(empty: Path) -> None:
        for name, path in sources.items():
            copy = empty / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
        if interpreter is not None:
            compile_folder(empty, interpreter, FUNCTION_HOME)

    return _package(room, key, target, folder, fill, say)


def build_layer(
    target: Target, interpreter: Path | None, folder: Path, root: Path = ROOT, say: Say = print, name: str = "layer"
) -> Package:
    """A layer below `python/`: pinned, hashed, prebuilt for the target, pruned."""
    requirements = root / LAYERS[name]
    if not requirements.is_file():
        raise PackageNotBuilt(f"{LAYERS[name]} is missing, so nobody knows what the layer holds.")
    inputs = {
        LAYERS[name].as_posix(): requirements.read_bytes(),
        "pruning": (root / "infra" / "pruning.py").read_bytes(),
    }
    key = _key_of(inputs, target, interpreter, root)

    def fill(empty: Path) -> None:
        _install(requirements, target, empty)
        prune(empty)
        if interpreter is not None:
            compile_folder(empty, interpreter, LAYER_HOME)
        megabytes = sum(path.stat().st_size for _, path in files_under(empty)) / 1e6
        if megabytes > UNPACKED_MB_MAX:
            raise PackageNotBuilt(
                f"The layer unpacks to {megabytes:.0f} MB; Lambda takes {UNPACKED_MB_MAX} MB at most."
            )

    return _package(name, key, target, folder, fill, say, prefix="python/")


# What fits models wants numeric libraries: no function carries what it could not import.
NUMERIC = ("shared/statistics/", "shared/actions/close_estimates.py")


def function_sources(room: str, root: Path = ROOT) -> dict[str, Path]:
    """What one function's zip holds before compiling: name in the zip to file in the repository."""
    sources = {"functions/__init__.py": root / "functions" / "__init__.py"}
    fits_models = any(one.fits_models for one in ROOMS if one.name == room)
    for part in (f"functions/{room}", "shared"):
        named = {f"{part}/{name}": path for name, path in files_under(root / part) if _travels(name)}
        sources |= {name: path for name, path in named.items() if fits_models or not name.startswith(NUMERIC)}
    for carried in (root / name for one in ROOMS if one.name == room for name in one.carries):
        if not carried.is_file():
            raise PackageNotBuilt(f"{carried.relative_to(root)} is missing, which {room} carries: run `make install`.")
        sources[f"functions/{room}/{carried.name}"] = carried
    return dict(sorted(sources.items()))


def _travels(name: str) -> bool:
    """Compiled files are made afresh, and hidden ones are an editor's."""
    return not name.endswith(".pyc") and not any(
        part.startswith(".") or part == "__pycache__" for part in name.split("/")
    )


def _key_of(inputs: Mapping[str, bytes], target: Target, interpreter: Path | None, root: Path) -> str:
    digest = hashlib.sha256(repr((target, _patch_level(interpreter))).encode())
    builders = {name: (root / "infra" / name).read_bytes() for name in _BUILDERS}
    for name, content in sorted({**inputs, **builders}.items()):
        digest.update(f"\0{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:16]


def _patch_level(interpreter: Path | None) -> str:
    """Another patch release may compile to other bytes."""
    if interpreter is None:
        return "sources only"
    asked = subprocess.run([interpreter, "-I", "-V"], capture_output=True, text=True, check=True)
    return asked.stdout.strip()


def _package(
    name: str, key: str, target: Target, folder: Path, fill: Callable[[Path], None], say: Say, prefix: str = ""
) -> Package:
    path = folder / "packages" / f"{name}-{target.name}-{key}.zip"
    if not path.is_file():
        say(f"Packing {name} for {target.name} (Python {target.python[0]}.{target.python[1]}, {target.machine})")
        with tempfile.TemporaryDirectory(prefix="club-package-") as work:
            empty = Path(work) / "content"
            empty.mkdir()
            fill(empty)
            zip_bytes(path, dict(files_under(empty)), prefix)
        _forget_old(path, f"{name}-{target.name}-*.zip")
    return Package(name, path, fingerprint(path))


def _forget_old(newest: Path, pattern: str) -> None:
    """Keep the last few, so that going back to the branch before is quick and the folder does not grow for ever."""
    others = sorted((p for p in newest.parent.glob(pattern) if p != newest), key=lambda p: p.stat().st_mtime_ns)
    for path in others[:-_OLD_PACKAGES_KEPT]:
        path.unlink(missing_ok=True)


def _install(requirements: Path, target: Target, folder: Path) -> None:
    """Unpack the pinned wheels into `folder`. Each file is checked against its hash; nothing is compiled or run."""
    wheels = ["--no-deps", "--require-hashes", "--only-binary", ":all:", "--no-compile-bytecode"]
    # Links, where the installer's cache is on the same disk: pruning then costs no copying of what it throws away.
    place = ["--link-mode", "hardlink", "--python", sys.executable, "--target", str(folder)]
    command = [sys.executable, "-m", "uv", "pip", "install", "--quiet", *wheels, *place]
    if target.platform is not None:
        command += ["--python-platform", target.platform, "--python-version", ".".join(map(str, target.python))]
    done = subprocess.run(
        [*command, "--requirements", str(requirements)],
        capture_output=True,
        text=True,
        timeout=_INSTALL_SECONDS_MAX,
        check=False,
    )
    if done.returncode != 0:
        why = done.stderr.strip().splitlines()
        raise PackageNotBuilt(f"The dependencies could not be fetched: {why[-1] if why else 'uv said nothing'}")
