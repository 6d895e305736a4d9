"""The interpreter that compiles is of the version that will read; another one is never taken for it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from infra.bytecode import BytecodeNotMade, compile_folder, interpreter_of

HERE = (sys.version_info.major, sys.version_info.minor)
NOWHERE = (3, 99)


def test_the_running_interpreter_compiles_for_itself() -> None:
    assert interpreter_of(HERE) == Path(sys.executable)


def test_a_version_that_no_machine_has_is_not_found() -> None:
    assert interpreter_of(NOWHERE) is None


@pytest.mark.parametrize("named", [sys.executable, "/no/such/python"])
def test_an_interpreter_that_is_named_but_is_another_is_not_believed(
    monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    monkeypatch.setenv("CLUB_PYTHON_3_99", named)
    assert interpreter_of(NOWHERE) is None


def test_a_source_that_the_target_cannot_read_stops_the_build_by_name(tmp_path: Path) -> None:
    (tmp_path / "till.py").write_text("def ring(: pass\n")
    with pytest.raises(BytecodeNotMade, match=r"till\.py cannot be compiled"):
        compile_folder(tmp_path, Path(sys.executable), "/var/task")


def test_compiled_files_name_the_place_they_will_run_at_and_not_where_they_were_made(tmp_path: Path) -> None:
    (tmp_path / "till.py").write_text("def ring() -> int:\n    return 1\n")
    compile_folder(tmp_path, Path(sys.executable), "/var/task")
    (compiled,) = (tmp_path / "__pycache__").iterdir()
    assert b"/var/task/till.py" in compiled.read_bytes()
    assert str(tmp_path).encode() not in compiled.read_bytes()
