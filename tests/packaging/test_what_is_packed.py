"""Every staged zip opened: what must be in it is in it, and nothing else."""

from __future__ import annotations

import _imp
import ast
import importlib.util
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

import pytest

from infra.bytecode import interpreter_of
from infra.packaging import NUMERIC, ROOT, UNPACKED_MB_MAX, Package
from infra.rooms import ROOMS
from tests.packaging.built import PYTHON_313_MAGIC, contents, packages, target

TARGETS = ("aws", "local")
ROOM_NAMES = tuple(room.name for room in ROOMS)
EACH_ZIP = pytest.mark.parametrize(("machine", "room"), [(m, r) for m in TARGETS for r in ROOM_NAMES])
EACH_TARGET = pytest.mark.parametrize("machine", TARGETS)

# The whole layer, package by package. A new dependency is a decision, so it is written down here too.
IN_THE_LAYER = {
    "annotated_types",
    "babel",
    "cel_expr_python",
    "idna",
    "jinja2",
    "markupsafe",
    "persiantools",
    "phonenumbers",
    "pydantic",
    "pydantic_core",
    "pyluach",
    "segno",
    "typing_extensions",
    "typing_inspection",
    "tzdata",
    "xlsxwriter",
}
# The analyst's own layer, and what its wheels bring beside them.
IN_THE_NUMERIC_LAYER = {"numpy", "numpy.libs", "scipy", "scipy.libs"}
FITS_MODELS = {"analyst"}
LAYER_MB_ZIPPED_MAX = 12
LAYER_MB_UNPACKED_MAX = 35
AARCH64, X86_64 = 0xB7, 0x3E
# Amazon Linux 2023, where Lambda runs Python 3.13, has glibc 2.34.
LAMBDA_GLIBC = (2, 34)


@EACH_ZIP
def test_a_functions_zip_holds_its_own_folder_and_shared_and_nothing_else(machine: str, room: str) -> None:
    names = contents(packages(machine).functions[room].path)
    assert {name.split("/")[0] for name in names} == {"functions", "shared"}
    assert {name.split("/")[1] for name in names if name.startswith("functions/")} <= {
        "__init__.py",
        "__pycache__",
        room,
    }
    assert f"functions/{room}/handler.py" in names
    assert "functions/__init__.py" in names
    assert not [name for name in names if "test" in name or name.startswith(("infra", "club"))]


@EACH_ZIP
def test_a_functions_zip_mirrors_the_repository_byte_for_byte(machine: str, room: str) -> None:
    packed = {
        name: body for name, body in contents(packages(machine).functions[room].path).items() if not _is_pyc(name)
    }
    here = {}
    for part in (f"functions/{room}", "shared"):
        for path in (ROOT / part).rglob("*"):
            name = path.relative_to(ROOT).as_posix()
            # What fits models stays behind where no layer has the libraries that it wants.
            if path.is_file() and path.suffix != ".pyc" and (room in FITS_MODELS or not name.startswith(NUMERIC)):
                here[name] = path.read_bytes()
    carried = [ROOT / name for one in ROOMS if one.name == room for name in one.carries]
    here |= {f"functions/{room}/{path.name}": path.read_bytes() for path in carried}
    assert packed == {**here, "functions/__init__.py": (ROOT / "functions/__init__.py").read_bytes()}


@EACH_ZIP
def test_whatever_a_function_imports_travels_with_it(machine: str, room: str) -> None:
    own = contents(packages(machine).functions[room].path)
    layer = {name.removeprefix("python/") for one in _layers(machine, room) for name in contents(one.path)}
    missing = {
        f"{name} wants {module}"
        for name, body in own.items()
        if name.endswith(".py")
        for module in _imported(ast.parse(body))
        if not _is_there(module, own, layer)
    }
    assert missing == set()


@EACH_TARGET
def test_the_words_of_every_language_travel_with_every_function(machine: str) -> None:
    for room in ROOM_NAMES:
        words = [name for name in contents(packages(machine).functions[room].path) if name.endswith(".toml")]
        assert {f"shared/domain/words/{language}.toml" for language in ("en", "fa", "he")} <= set(words)


@EACH_TARGET
def test_every_source_travels_with_its_compiled_form_for_the_python_that_will_read_it(machine: str) -> None:
    major, minor = target(machine).python
    built = packages(machine)
    # A machine without the target's CPython packs sources only, and says so; the local target is never without.
    assert built.has_bytecode is (interpreter_of(target(machine).python) is not None)
    assert built.has_bytecode or machine == "aws"
    for package in (built.layer, built.numeric, *built.functions.values()):
        files = contents(package.path)
        compiled = {name for name in files if _is_pyc(name)}
        sources = {name for name in files if name.endswith(".py")} if built.has_bytecode else set()
        assert compiled == {_compiled_name(name, f"{major}{minor}") for name in sources}
        for name in compiled:
            _check_compiled(files[name], files[_source_name(name)], _magic(machine))


@EACH_TARGET
def test_the_layer_holds_the_dependencies_below_python_and_nothing_else(machine: str) -> None:
    names = contents(packages(machine).layer.path)
    assert {name.split("/")[0] for name in names} == {"python"}
    top = {name.split("/")[1] for name in names} - {"__pycache__"}
    assert {name.removesuffix(".py") for name in top if not name.endswith(".dist-info")} == IN_THE_LAYER


@EACH_TARGET
def test_numeric_libraries_are_in_the_analysts_layer_and_nowhere_else(machine: str) -> None:
    built = packages(machine)
    names = contents(built.numeric.path)
    top = {name.split("/")[1] for name in names if name.startswith("python/")}
    assert {name for name in top if not name.endswith(".dist-info")} == IN_THE_NUMERIC_LAYER
    assert not [name for name in names if "tests" in PurePosixPath(name).parts]
    for package in (built.layer, *built.functions.values()):
        assert not [name for name in contents(package.path) if "numpy" in name or "scipy" in name]
    carries = {
        room for room in ROOM_NAMES if [n for n in contents(built.functions[room].path) if n.startswith(NUMERIC)]
    }
    assert carries == FITS_MODELS


@EACH_TARGET
def test_the_layer_carries_no_tests_no_commands_and_no_stale_lists(machine: str) -> None:
    for name in contents(packages(machine).layer.path):
        parts = set(PurePosixPath(name).parts)
        assert not parts & {"tests", "test", "bin", "ext", "geodata", "carrierdata", "examples", "bazel-project"}, name
        assert not name.endswith((".pyi", "RECORD", "INSTALLER", "REQUESTED")), name


@EACH_TARGET
def test_the_layer_speaks_the_clubs_languages_only(machine: str) -> None:
    folder = "python/babel/locale-data/"
    names = contents(packages(machine).layer.path)
    locales = {name.removeprefix(folder) for name in names if name.startswith(folder) and name.endswith(".dat")}
    assert locales == {f"{name}.dat" for name in ("root", "en", "en_US", "he", "he_IL", "fa", "fa_IR")}


@EACH_TARGET
def test_every_library_keeps_its_licence(machine: str) -> None:
    names = contents(packages(machine).layer.path) | contents(packages(machine).numeric.path)
    without = {
        folder
        for folder in {name.split("/")[1] for name in names if ".dist-info/" in name}
        if not any(name.startswith(f"python/{folder}/") and "licen" in name.lower() for name in names)
        and b"License" not in names[f"python/{folder}/METADATA"]
    }
    assert without == set()


@EACH_TARGET
def test_the_layer_stays_small_enough_to_start_quickly(machine: str) -> None:
    built = packages(machine)
    assert built.layer.path.stat().st_size < LAYER_MB_ZIPPED_MAX * 1e6
    unpacked = sum(map(len, contents(built.layer.path).values()))
    assert unpacked < LAYER_MB_UNPACKED_MAX * 1e6
    for room, package in built.functions.items():
        whole = sum(len(body) for one in (package, *_layers(machine, room)) for body in contents(one.path).values())
        assert whole < UNPACKED_MB_MAX * 1e6


def test_every_wheel_of_the_deployed_layer_is_for_arm_and_python_3_13() -> None:
    files = contents(packages("aws").layer.path) | contents(packages("aws").numeric.path)
    tags = {name: _tags(body) for name, body in files.items() if name.endswith(".dist-info/WHEEL")}
    # The libraries beside numpy and scipy came with them.
    assert len(tags) == len(IN_THE_LAYER) + len(IN_THE_NUMERIC_LAYER) // 2
    for name, found in tags.items():
        fitting = [tag for tag in found if _fits_lambda(tag)]
        assert fitting, f"{name} is for {found}"


@EACH_TARGET
def test_every_compiled_library_is_for_the_targets_processor_and_python(machine: str) -> None:
    files = contents(packages(machine).layer.path) | contents(packages(machine).numeric.path)
    libraries = {name: body for name, body in files.items() if ".so" in PurePosixPath(name).suffixes}
    compiled = {"cel_expr_python", "markupsafe", "pydantic_core", *IN_THE_NUMERIC_LAYER}
    assert {name.split("/")[1] for name in libraries} == compiled
    major, minor = target(machine).python
    processor = {"aarch64": AARCH64, "arm64": AARCH64, "x86_64": X86_64}[target(machine).machine]
    for name, body in libraries.items():
        assert body[:4] == b"\x7fELF"
        assert int.from_bytes(body[18:20], "little") == processor, name
        # What stands in a folder beside a library is C or Fortran, and knows no Python.
        is_of_no_python = name.split("/")[1].endswith(".libs")
        assert is_of_no_python or f"cpython-{major}{minor}-" in name or ".abi3." in name
        if machine == "aws":
            wanted = {tuple(map(int, found.split(b"."))) for found in re.findall(rb"GLIBC_(\d+\.\d+)", body)}
            # Some ask the C library for nothing that has a version.
            assert max(wanted, default=(0, 0)) <= LAMBDA_GLIBC, name


def _layers(machine: str, room: str) -> list[Package]:
    built = packages(machine)
    return [built.layer, built.numeric] if room in FITS_MODELS else [built.layer]


def _is_pyc(name: str) -> bool:
    return name.endswith(".pyc")


def _compiled_name(source: str, version: str) -> str:
    path = PurePosixPath(source)
    return str(path.parent / "__pycache__" / f"{path.stem}.cpython-{version}.pyc")


def _source_name(compiled: str) -> str:
    path = PurePosixPath(compiled)
    return str(path.parent.parent / f"{path.name.split('.')[0]}.py")


def _magic(machine: str) -> bytes:
    if machine == "local":
        return importlib.util.MAGIC_NUMBER
    return PYTHON_313_MAGIC.to_bytes(2, "little") + b"\r\n"


def _check_compiled(compiled: bytes, source: bytes, magic: bytes) -> None:
    assert compiled[:4] == magic
    # Bit 0: found by hash, so no date is in it; bit 1 unset: the hash is not looked at when the function starts.
    assert int.from_bytes(compiled[4:8], "little") == 0b01
    assert compiled[8:16] == _imp.source_hash(int.from_bytes(magic, "little"), source)


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are the same everywhere: from the root"
            yield node.module or ""


def _is_there(module: str, own: Mapping[str, bytes], layer: set[str]) -> bool:
    root = module.split(".")[0]
    if root in sys.stdlib_module_names:
        return True
    path = module.replace(".", "/")
    places = own if root in ("functions", "shared") else layer
    return any(
        name in places or any(place.startswith(f"{path}.cpython-") for place in places)
        for name in (f"{path}.py", f"{path}/__init__.py")
    ) or (places is layer and any(place.startswith(f"{path}/") for place in layer))


def _tags(wheel: bytes) -> list[str]:
    return [line.removeprefix("Tag: ") for line in wheel.decode().splitlines() if line.startswith("Tag: ")]


def _fits_lambda(tag: str) -> bool:
    python, abi, platform = tag.split("-")
    if platform == "any":
        return abi == "none" and "py3" in python.split(".")
    runs = (python == "cp313" and abi == "cp313") or (abi == "abi3" and python.startswith("cp3"))
    return runs and platform.startswith("manylinux") and platform.endswith("_aarch64")
