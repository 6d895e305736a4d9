"""Packages are the same to the byte wherever they are built, and built again only when something that goes in changed."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

from infra.bytecode import interpreter_of
from infra.packaging import (
    AWS,
    LAYERS,
    REQUIREMENTS,
    ROOT,
    PackageNotBuilt,
    Target,
    build_function,
    build_layer,
    this_machine,
)
from infra.rooms import ROOMS
from tests.packaging.built import contents, packages

ROOM = ROOMS[0].name


@pytest.fixture
def other_checkout(tmp_path: Path) -> Path:
    """The repository again, under another name, with other dates and other permissions."""
    copy = tmp_path / "a checkout by somebody else"
    for part in ("functions", "shared", "infra", "requirements"):
        shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
    for carried in (one for room in ROOMS for one in room.carries):
        (copy / carried).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / carried, copy / carried)
    for path in copy.rglob("*"):
        if path.is_file():
            os.utime(path, (1_000_000_000, 1_000_000_000))
            path.chmod(0o600)
    return copy


@pytest.mark.parametrize("machine", [AWS, this_machine()], ids=["aws", "local"])
def test_a_function_built_from_another_checkout_is_the_same_to_the_byte(
    machine: Target, other_checkout: Path, tmp_path: Path
) -> None:
    interpreter = interpreter_of(machine.python)
    here = build_function(ROOM, machine, interpreter, tmp_path / "here", say=_nothing)
    there = build_function(ROOM, machine, interpreter, tmp_path / "there", root=other_checkout, say=_nothing)
    assert here.path.read_bytes() == there.path.read_bytes()
    assert here.path.name == there.path.name


@pytest.mark.parametrize("layer", LAYERS)
def test_a_deployed_layer_built_again_is_the_same_to_the_byte(other_checkout: Path, tmp_path: Path, layer: str) -> None:
    again = build_layer(AWS, interpreter_of(AWS.python), tmp_path / "again", other_checkout, _nothing, layer)
    built = {"layer": packages("aws").layer, "numeric": packages("aws").numeric}[layer]
    assert again.sha256 == built.sha256
    assert again.path.read_bytes() == built.path.read_bytes()


def test_nothing_is_built_again_while_nothing_changes_and_a_change_builds_its_own_package_only(
    other_checkout: Path, tmp_path: Path
) -> None:
    machine, folder = this_machine(), tmp_path / "build"
    interpreter = interpreter_of(machine.python)
    said: list[str] = []

    def build(room: str) -> str:
        return build_function(room, machine, interpreter, folder, root=other_checkout, say=said.append).sha256

    first = {room.name: build(room.name) for room in ROOMS}
    assert len(said) == len(ROOMS)
    assert {room.name: build(room.name) for room in ROOMS} == first
    assert len(said) == len(ROOMS)

    handler = other_checkout / "functions" / ROOM / "handler.py"
    handler.write_text(handler.read_text() + "\nCHANGED = True\n")
    second = {room.name: build(room.name) for room in ROOMS}
    assert [room for room in second if second[room] != first[room]] == [ROOM]
    assert len(said) == len(ROOMS) + 1


def test_other_requirements_make_another_layer(other_checkout: Path, tmp_path: Path) -> None:
    requirements = other_checkout / REQUIREMENTS
    requirements.write_text(_pin_of("annotated-types", requirements.read_text()))
    layer = build_layer(this_machine(), interpreter_of(this_machine().python), tmp_path, other_checkout, _nothing)
    assert layer.path.name != packages("local").layer.path.name
    assert layer.path.stat().st_size < 100_000


@pytest.mark.parametrize(
    ("hash_there", "hash_here"),
    [(r"sha256:[0-9a-f]{64}", "sha256:" + "0" * 64), (r" \\\n +--hash=\S+", "")],
    ids=["another wheel", "any wheel"],
)
def test_a_wheel_that_is_not_the_pinned_one_is_refused(
    other_checkout: Path, tmp_path: Path, hash_there: str, hash_here: str
) -> None:
    requirements = other_checkout / REQUIREMENTS
    requirements.write_text(re.sub(hash_there, hash_here, _pin_of("annotated-types", requirements.read_text())))
    with pytest.raises(PackageNotBuilt, match="could not be fetched"):
        build_layer(this_machine(), None, tmp_path, other_checkout, _nothing)
    assert not list(tmp_path.glob("packages/*"))


def test_a_function_without_a_handler_is_not_packed(other_checkout: Path, tmp_path: Path) -> None:
    (other_checkout / "functions" / ROOM / "handler.py").unlink()
    with pytest.raises(PackageNotBuilt, match=f"functions/{ROOM}/handler.py is missing"):
        build_function(ROOM, this_machine(), None, tmp_path, other_checkout, _nothing)


def test_a_function_that_carries_what_is_not_there_is_not_packed(other_checkout: Path, tmp_path: Path) -> None:
    room = next(room for room in ROOMS if room.carries)
    (other_checkout / room.carries[0]).unlink()
    with pytest.raises(PackageNotBuilt, match=f"{room.carries[0]} is missing, which {room.name} carries"):
        build_function(room.name, this_machine(), None, tmp_path, other_checkout, _nothing)


def test_without_the_targets_python_the_package_carries_sources_alone(other_checkout: Path, tmp_path: Path) -> None:
    package = build_function(ROOM, AWS, None, tmp_path, other_checkout, _nothing)
    names = set(contents(package.path))
    assert f"functions/{ROOM}/handler.py" in names
    assert not [name for name in names if name.endswith(".pyc")]


def _nothing(_line: str) -> None:
    """Building says what it does; these tests look at what it did."""


def _pin_of(name: str, requirements: str) -> str:
    """One requirement with its hashes, out of the whole file."""
    found = re.search(rf"^{name}==[^\\\n]*(?:\\\n +--hash=\S+ ?)+", requirements, re.MULTILINE)
    assert found is not None
    return found[0] + "\n"
