"""Long steps show that they live, on a terminal and in a log."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from club import console


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What a log that is no terminal would hold."""
    lines = io.StringIO()
    monkeypatch.setattr(console, "out", Console(file=lines, highlight=False, soft_wrap=True))
    return lines


def test_in_a_log_a_step_is_plain_lines_without_colour(log: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "PLAIN_LINE_EVERY_S", 0.0)
    with console.step("Loading [the demo]") as step:
        step.update(1_200, 6_919)
    first, second, last = log.getvalue().splitlines()
    assert (first, second) == ("Loading [the demo] ...", "  Loading [the demo]: 1,200 of 6,919")
    assert last.startswith("Loading [the demo]: done in ")
    assert "\x1b" not in log.getvalue()


def test_a_log_is_not_flooded(log: io.StringIO) -> None:
    with console.step("Loading") as step:
        for done in range(1_000):
            step.update(done, 1_000)
    assert len(log.getvalue().splitlines()) == 2


def test_a_step_that_fails_is_not_called_done(log: io.StringIO) -> None:
    with pytest.raises(console.Trouble), console.step("Deploying"):
        raise console.Trouble("No.")
    assert log.getvalue() == "Deploying ...\n"


def test_on_a_terminal_a_step_is_one_living_line(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.StringIO()
    monkeypatch.setattr(console, "out", Console(file=screen, force_terminal=True, width=100))
    with console.step("Loading") as step:
        step.update(1_200, 6_919)
    assert "1,200 of 6,919" in screen.getvalue()
    assert "Loading: done in " in screen.getvalue().splitlines()[-1]
