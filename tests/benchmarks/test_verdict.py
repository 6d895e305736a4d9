"""The benchmark fails for each number that is missed, and says which."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.__main__ import told
from benchmarks.figures import Chapter, Figure, missed

KEPT = Figure("Warm CPU", 0.29, "times", 0.3)
MISSED = Figure("Cold start CPU", 0.5004, "times", 0.5)
SLOW = Figure("Purchases a second", 0.55, "times", 0.6, at_least=True)
ONLY_TOLD = Figure("p50", 7_000, "ms")


def chapter(*figures: Figure) -> Chapter:
    return Chapter("What it takes", "Counted by hand.", figures)


def test_each_missed_number_is_named_with_what_was_wanted() -> None:
    assert missed([chapter(KEPT, MISSED), chapter(SLOW, ONLY_TOLD)]) == [
        "Cold start CPU: 0.500 times, wanted at most 0.500 times",
        "Purchases a second: 0.550 times, wanted at least 0.600 times",
    ]


def test_a_number_exactly_at_its_limit_is_kept() -> None:
    at_most, at_least = Figure("a", 300, "bytes", 300), Figure("b", 0.6, "times", 0.6, at_least=True)
    assert missed([chapter(at_most, at_least)]) == []


def test_what_could_not_be_measured_is_missed() -> None:
    nothing = float("nan")
    assert Figure("a", nothing, "ms", 1).missed
    assert Figure("b", nothing, "ms", 1, at_least=True).missed


@pytest.mark.parametrize(("figures", "status"), [((KEPT, ONLY_TOLD), 0), ((KEPT, MISSED, SLOW), 1)])
def test_the_command_fails_when_a_number_is_missed(
    figures: tuple[Figure, ...], status: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "performance.md"
    assert told([chapter(*figures)], page) == status
    complaints = [line for line in capsys.readouterr().err.splitlines() if line.startswith("Missed: ")]
    assert [line.removeprefix("Missed: ").partition(":")[0] for line in complaints] == [
        figure.name for figure in figures if figure.missed
    ]
    assert page.read_text("utf-8").startswith("# Performance\n")
