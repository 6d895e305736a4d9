"""A file as a table: CSV of any encoding and delimiter, or a sheet of a workbook; row by row, within bounds."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

import openpyxl
from charset_normalizer import from_bytes

from club.imports.lines import SPACES, Lines, head_of, rows_in, split
from club.load.problems import FileUnusable

ROWS_MAX = 10_000_000
COLUMNS_MAX = 200
CELL_CHARACTERS_MAX = 1_024
# A workbook unpacks to a few times its size: one that becomes hundreds of times as large is made to fill a disk.
UNPACKED_BYTES_MAX, UNPACKED_TIMES_MAX = 4 << 30, 200
_SAMPLE_BYTES = 1 << 18
# What older programs of Windows write in Hebrew, in Arabic and Persian, and in the west.
_OLD = ["cp1255", "cp1256", "cp1252"]
_CONTROL = re.compile("[\\x00-\\x08\\x0a-\\x1f]")
_QUOTED, _BREAK = re.compile(r'"[^"]*"'), re.compile(r"[ \t]*[\r\n]+\s*")


class Row(NamedTuple):
    """A row with the number of its first line in the file; `why` says why it cannot be read, "" for one that can."""

    number: int
    cells: list[str]
    why: str = ""


class Opened(NamedTuple):
    """`told`: how the file is read, for whoever looks."""

    header: list[str]
    rows: Iterator[Row]
    told: str


def opened(path: Path, encoding: str = "", delimiter: str = "") -> Opened:
    """Raises FileUnusable."""
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except OSError as error:
        raise FileUnusable(f"{path} cannot be read: {error.strerror or error}.") from None
    if not start:
        raise FileUnusable(f"{path} is empty.")
    return _workbook(path) if start.startswith(b"PK") else _text(path, encoding, delimiter)


def _text(path: Path, encoding: str, delimiter: str) -> Opened:
    known = encoding or encoding_of(path)
    try:
        with path.open(encoding=known, newline="") as file:
            lines = Lines(file)
            head, second = head_of(lines), lines.take()
    except (UnicodeError, LookupError) as broken:
        raise FileUnusable(
            f"{path} is not written in {known}: {broken}. Say which one it is: --encoding cp1255."
        ) from None
    text = "".join(line.text for line in head)
    if not delimiter:
        plain = _QUOTED.sub("", text)
        delimiter = max(",;\t|", key=plain.count)
        if not plain.count(delimiter):
            delimiter = SPACES
            if not len(text.split()) == len(second.text.split() if second is not None else ()) > 1:
                raise FileUnusable(
                    f"{path} has one column: the first line names columns, apart by comma, semicolon or tab."
                )
    try:
        header = _header([_plain(cell) for cell in split(text, delimiter)], path)
    except csv.Error as wrong:
        raise FileUnusable(f"The first line of {path} names no columns: {wrong}.") from None
    return Opened(header, _rows(path, known, delimiter, len(header), len(head)), f"{known}, apart by {delimiter!r}")


def encoding_of(path: Path) -> str:
    """UTF-8 where every byte is; UTF-16 by its mark; else the most likely of those that older programs write. Raises
    FileUnusable."""
    with path.open("rb") as file:
        sample = file.read(_SAMPLE_BYTES)
    if sample[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    try:
        with path.open(encoding="utf-8-sig") as text:
            while text.read(1 << 20):
                pass
    except UnicodeDecodeError:
        found = from_bytes(sample, cp_isolation=_OLD).best()
        if found is None:
            raise FileUnusable(f"{path} is no text that is known: say its encoding with --encoding.") from None
        return found.encoding
    return "utf-8-sig"


def _rows(path: Path, encoding: str, delimiter: str, width: int, head: int) -> Iterator[Row]:
    """`head`: so many lines are the header's."""
    with path.open(encoding=encoding, newline="", errors="replace") as file:
        lines = Lines(file)
        for _ in range(head):
            lines.take()
        for read in rows_in(lines, delimiter):
            if read.number > ROWS_MAX:
                raise FileUnusable(f"{path} has more than {ROWS_MAX:,} rows: split it.")
            row = Row(read.number, read.cells, read.why) if read.why else _checked(Row(read.number, read.cells), width)
            # Where a quote that nobody meant was closed by chance further down, this tells what became of the lines between.
            is_odd = row.why and read.last > read.number
            yield row._replace(why=f"{row.why}; by its quotes it reaches to row {read.last}") if is_odd else row


def _checked(row: Row, width: int) -> Row:
    row = row._replace(cells=[_plain(cell) for cell in row.cells])
    if len(row.cells) != width:
        return row._replace(why=f"has {len(row.cells)} cells, and the header has {width}")
    if any(len(cell) > CELL_CHARACTERS_MAX for cell in row.cells):
        return row._replace(why=f"has a cell of more than {CELL_CHARACTERS_MAX:,} characters")
    if any(map(_CONTROL.search, row.cells)):
        return row._replace(why="holds a control character")
    return row


def _plain(cell: str) -> str:
    """A line break within a cell is for the eye, and parts its words."""
    text = cell.strip()
    return _BREAK.sub(" ", text) if "\n" in text or "\r" in text else text


def _workbook(path: Path) -> Opened:
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > min(UNPACKED_BYTES_MAX, UNPACKED_TIMES_MAX * path.stat().st_size):
            raise FileUnusable(f"{path} would unpack to {unpacked:,} bytes: that is no workbook of purchases.")
        # `data_only`: what a formula came to when it was saved; nothing is ever worked out here. Read whole,
        # for openpyxl opens by its name only what is called a workbook; a sheet holds a million rows at most.
        book = openpyxl.load_workbook(io.BytesIO(path.read_bytes()), read_only=True, data_only=True)
    except (zipfile.BadZipFile, KeyError, OSError, ValueError) as broken:
        raise FileUnusable(f"{path} is no workbook of Excel: {broken}.") from None
    sheet = book.worksheets[0]
    found = sheet.iter_rows(values_only=True)
    first = next(found, None)
    if first is None:
        raise FileUnusable(f"{path} is empty.")
    header = _header([_plain(_cell(value)) for value in first], path)
    return Opened(header, _rows_of_sheet(found, len(header)), f"a workbook, sheet {sheet.title!r}")


def _rows_of_sheet(found: Iterator[Sequence[object]], width: int) -> Iterator[Row]:
    for number, values in enumerate(found, 2):
        cells = [_cell(value) for value in values[:width]]
        if any(cells):
            yield _checked(Row(number, cells + [""] * (width - len(cells))), width)


def _cell(value: object) -> str:
    """A cell as a text file would have it. Numbers that are whole have no point: 536365, not 536365.0."""
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _header(names: list[str], path: Path) -> list[str]:
    while names and not names[-1]:
        names.pop()
    if len(names) < 2:
        raise FileUnusable(f"{path} has one column: the first line names columns.")
    if len(names) > COLUMNS_MAX or len(set(names)) != len(names):
        raise FileUnusable(f"{path} has more than {COLUMNS_MAX} columns, or two of one name.")
    return names
