"""The page and the table say every number beside its limit, and nothing about whose machine it was."""

from __future__ import annotations

import getpass
import io
import platform
from datetime import date
from pathlib import Path

from rich.console import Console

from benchmarks.figures import Chapter, Figure
from benchmarks.prices import prices
from benchmarks.report import machine, page, show

CHAPTERS = [
    Chapter(
        "Cold start",
        "Median of 15.",
        (
            Figure("Cold start CPU", 0.61, "times", 0.5, beside="ours 122 ms, tutorial 200 ms"),
            Figure("Errors", 0, limit=0),
            Figure("p50", 12.3, "ms"),
        ),
    )
]


def test_the_page_has_each_number_beside_its_limit() -> None:
    text = page(CHAPTERS, prices(), date(2026, 11, 25), "A processor, 2 cores, CPython 3.13.0")
    assert "Measured on 2026-11-25: A processor, 2 cores, CPython 3.13.0.\n" in text
    assert "| Cold start CPU | 0.610 times | at most 0.500 times | missed | ours 122 ms, tutorial 200 ms |\n" in text
    assert "| Errors | 0 | at most 0 | kept | |\n" in text
    assert "| p50 | 12.30 ms | | | |\n" in text
    assert "- Cold start CPU: 0.610 times, wanted at most 0.500 times\n" in text
    assert "make bench" in text


def test_the_page_says_so_when_every_number_is_kept() -> None:
    kept = [Chapter("Errors", "Counted.", (Figure("Errors", 0, limit=0),))]
    text = page(kept, prices(), date(2026, 11, 25), "")
    assert "Every number is kept.\n" in text
    assert "Missed" not in text


def test_prices_that_somebody_should_look_up_again_are_marked() -> None:
    assert "look again" not in page([], prices(), date(2026, 11, 25), "")
    assert page([], prices(), date(2027, 6, 1), "").count("look again") == len(prices())


def test_the_table_on_the_terminal_names_what_is_missed() -> None:
    said = io.StringIO()
    show(CHAPTERS, Console(file=said, width=80))
    row = next(line for line in said.getvalue().splitlines() if "Cold start CPU" in line)
    assert [cell.strip() for cell in row.strip("│").split("│")] == [
        "Cold start CPU", "0.610 times", "at most 0.500 times", "missed", "ours 122 ms, tutorial 200 ms",
    ]  # fmt: skip


def test_the_machine_is_told_without_names_and_paths() -> None:
    told = machine()
    assert platform.python_version() in told
    assert "cores" in told
    for private in (platform.node(), str(Path.home()), f"/{getpass.getuser()}"):
        assert private not in told
