"""Which mutants count as noticed, and when too many were not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.mutation import FileResult, results, told


def left_behind(folder: Path, codes: dict[str, int | None]) -> Path:
    (folder / "shared").mkdir()
    (folder / "shared" / "rules.py.meta").write_text(json.dumps({"exit_code_by_key": codes}), "utf-8")
    return folder


@pytest.mark.parametrize(("code", "killed"), [(1, 1), (3, 1), (-24, 1), (0, 0), (33, 0), (None, 0), (2, 0), (-11, 0)])
def test_a_mutant_is_noticed_by_a_test_that_fails_or_never_ends_and_by_nothing_else(
    tmp_path: Path, code: int | None, killed: int
) -> None:
    (only,) = results(left_behind(tmp_path, {"rules.a": code}), [])
    assert (only.path, only.killed, only.survivors) == ("shared/rules.py", killed, () if killed else ("rules.a",))


def test_only_the_mutants_that_were_asked_for_are_counted(tmp_path: Path) -> None:
    folder = left_behind(tmp_path, {"rules.a": 0, "rules.b": 1})
    assert results(folder, ["*.b"]) == [FileResult("shared/rules.py", 1, ())]
    assert results(folder, ["*.c"]) == []


@pytest.mark.parametrize(("killed", "status"), [(90, 0), (89, 1)])
def test_nine_of_ten_mutants_have_to_be_noticed(killed: int, status: int, capsys: pytest.CaptureFixture[str]) -> None:
    names = tuple(f"rules.{number}" for number in range(100 - killed))
    assert told([FileResult("rules.py", killed, names)]) == status
    said = capsys.readouterr()
    assert f"{killed}.0%" in said.out
    assert "survived: rules.0" in said.out
    assert ("fewer than 90%" in said.err) is bool(status)


def test_no_mutants_are_no_success() -> None:
    assert told([]) == 2
