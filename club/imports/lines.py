"""Lines of a text file become rows of cells as RFC 4180 has it: a cell between quotes may hold line breaks. A quote that is never
closed, or closed where it cannot be, spoils the line on which it opens and no other."""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple, TextIO

# Of one line, and of all lines of one row: so far an open quote is followed, and so much of a file is ever held.
ROW_CHARACTERS_MAX = 65_536
# Columns of a fixed width, as older programs print them.
SPACES = " "
_ENDS = ("\n", "\r")


class Line(NamedTuple):
    """`number` begins with 1; of a line that `is_long` the rest is lost."""

    number: int
    text: str
    is_long: bool


class Read(NamedTuple):
    """A row with its first and last line; `why` says why it is none, and `cells` is then its first line."""

    number: int
    last: int
    cells: list[str]
    why: str = ""


class Lines:
    """The lines of a file one after the other. What was looked at can be given back."""

    def __init__(self, file: TextIO) -> None:
        self._file, self._ahead, self._number = file, deque[Line](), 0

    def take(self) -> Line | None:
        if self._ahead:
            return self._ahead.popleft()
        text = self._file.readline(ROW_CHARACTERS_MAX)
        if not text:
            return None
        self._number += 1
        is_long = len(text) == ROW_CHARACTERS_MAX and not text.endswith(_ENDS)
        rest = text
        while is_long and rest and not rest.endswith(_ENDS):
            rest = self._file.readline(ROW_CHARACTERS_MAX)
        return Line(self._number, text, is_long)

    def give_back(self, lines: Sequence[Line]) -> None:
        self._ahead.extendleft(reversed(lines))


def head_of(lines: Lines) -> list[Line]:
    """The lines of the first row, before anybody knows what its cells are apart by: as many as close its quotes."""
    taken: list[Line] = []
    quotes = characters = 0
    while (line := lines.take()) is not None:
        taken.append(line)
        quotes, characters = quotes + line.text.count('"'), characters + len(line.text)
        if quotes % 2 == 0:
            return taken
        if line.is_long or characters > ROW_CHARACTERS_MAX:
            break
    lines.give_back(taken[1:])
    return taken[:1]


def rows_in(lines: Lines, delimiter: str) -> Iterator[Read]:
    """Each row; lines that hold nothing are none."""
    while (first := lines.take()) is not None:
        if first.is_long:
            yield Read(first.number, first.number, [], f"is longer than {ROW_CHARACTERS_MAX:,} characters")
        elif first.text.strip(f"{delimiter} \r\n"):
            yield _row(first, lines, delimiter)


def split(text: str, delimiter: str) -> list[str]:
    """The cells of a whole row. Raises csv.Error."""
    lines = io.StringIO(text, newline="")
    return text.split() if delimiter == SPACES else next(csv.reader(lines, delimiter=delimiter, strict=True))


def _row(first: Line, lines: Lines, delimiter: str) -> Read:
    if delimiter == SPACES:
        return Read(first.number, first.number, first.text.split())
    more: list[Line] = []
    try:
        cells = next(csv.reader(chain([first.text], _following(first, lines, more)), delimiter=delimiter, strict=True))
    except csv.Error as wrong:
        lines.give_back(more)
        why = f"has a quote that is not closed or stands in a wrong place ({wrong})"
        return Read(first.number, first.number, [first.text.rstrip("\r\n")], why)
    return Read(first.number, more[-1].number if more else first.number, cells)


def _following(first: Line, lines: Lines, more: list[Line]) -> Iterator[str]:
    """Further lines, as long as somebody asks for them and they are of one row's length; `more` has those that were taken."""
    characters = len(first.text)
    while (line := lines.take()) is not None:
        more.append(line)
        characters += len(line.text)
        if line.is_long or characters > ROW_CHARACTERS_MAX:
            return
        yield line.text
