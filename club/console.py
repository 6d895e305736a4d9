"""What the operator sees: steps with their progress, and trouble in one clear sentence.

On a terminal a step is one living line; in a log it is a plain line when it starts, now and then, and when it ends.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.markup import escape
from rich.measure import Measurement
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

# In a log a line every ten seconds says "alive" without drowning what matters.
PLAIN_LINE_EVERY_S = 10.0
# Wider than any table of ours.
_WIDTH_MAX = 1_000


class Trouble(Exception):
    """Something the operator can mend; the message is one clear sentence that says what, and what to do."""


class Step(Protocol):
    """A running step, told how far it has come."""

    def update(self, done: int, total: int | None = None, unit: str = "") -> None: ...


class _LivingLine:
    def __init__(self, progress: Progress, title: str) -> None:
        self._progress = progress
        self._task = progress.add_task(escape(title), total=None, count="")

    def update(self, done: int, total: int | None = None, unit: str = "") -> None:
        self._progress.update(self._task, completed=done, total=total, count=_count(done, total, unit))


class _PlainLines:
    def __init__(self, title: str, console: Console) -> None:
        self._title, self._console = title, console
        self._said_at = time.monotonic()

    def update(self, done: int, total: int | None = None, unit: str = "") -> None:
        if time.monotonic() - self._said_at >= PLAIN_LINE_EVERY_S:
            self._said_at = time.monotonic()
            say(f"  {self._title}: {_count(done, total, unit)}", self._console)


def _count(done: int, total: int | None, unit: str) -> str:
    return (f"{done:,} of {total:,} {unit}" if total else f"{done:,} {unit}").rstrip()


@contextmanager
def step(title: str, console: Console | None = None) -> Iterator[Step]:
    """Show that something long runs; afterwards one line with what it took. Trouble inside passes through untouched.

    `console` is `err` where what the command prints is read by another program.
    """
    console = console or out
    began = time.monotonic()
    if console.is_terminal:
        bar = BarColumn(bar_width=30)
        columns = (
            SpinnerColumn(), TextColumn("{task.description}"), bar, TextColumn("{task.fields[count]}"), TimeElapsedColumn()
        )  # fmt: skip
        with Progress(*columns, console=console, transient=True) as progress:
            yield _LivingLine(progress, title)
    else:
        say(f"{title} ...", console)
        yield _PlainLines(title, console)
    say(f"{title}: done in {time.monotonic() - began:.1f} s", console)


def say(line: str, console: Console | None = None) -> None:
    """One line for the operator, exactly as written."""
    (console or out).print(line, markup=False)


def show_whole(table: Table, console: Console | None = None) -> None:
    """A table of figures with every digit, however narrow the terminal is: a line that is too long goes on below."""
    console = console or out
    for column in table.columns:
        column.no_wrap = True
    table.width = Measurement.get(console, console.options.update(max_width=_WIDTH_MAX), table).maximum
    console.print(table, crop=False)


def complain(sentence: str) -> None:
    """One sentence on standard error, exactly as written."""
    err.print(sentence, markup=False, style="red")
