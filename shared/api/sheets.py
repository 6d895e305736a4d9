"""Tables as files that a spreadsheet opens: CSV and XLSX. Only reports load it."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

Cell = str | int | Decimal | date
FileFormat = Literal["csv", "xlsx"]
CONTENT_TYPES: dict[FileFormat, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
# A spreadsheet takes a text that begins so for a formula (X9). Numbers of ours stay numbers.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
# Without it Excel reads Hebrew and Persian as something else.
_BOM = "\ufeff"
_WIDTH = 18
# Of the name of a sheet, as Excel has it.
_NAME_LENGTH_MAX = 31


def safe(text: str) -> str:
    """A text that no spreadsheet runs.

    >>> safe("=1+1"), safe("gold")
    ("'=1+1", 'gold')
    """
    return f"'{text}" if text.startswith(_FORMULA) else text


def csv_of(rows: Sequence[Sequence[Cell]]) -> str:
    made = io.StringIO(newline="")
    made.write(_BOM)
    csv.writer(made).writerows([safe(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return made.getvalue()


def csv_of_sheets(sheets: Mapping[str, Sequence[Sequence[Cell]]]) -> str:
    """Several tables in one file, each under its name, with an empty row between them."""
    rows: list[Sequence[Cell]] = []
    for name, table in sheets.items():
        rows += [[], [name], *table] if rows else [[name], *table]
    return csv_of(rows)


def xlsx_of(rows: Sequence[Sequence[Cell]], made_at: datetime, *, right_to_left: bool) -> bytes:
    """A workbook of one sheet, whose first row is its heading."""
    return xlsx_of_sheets({"": rows}, made_at, right_to_left=right_to_left)


def xlsx_of_sheets(sheets: Mapping[str, Sequence[Sequence[Cell]]], made_at: datetime, *, right_to_left: bool) -> bytes:
    """A workbook with a sheet for each table, whose first row is its heading. Names have 31 letters at most."""
    # It takes as long to load as all the rest of the office: whoever asks for JSON does not wait for it.
    from xlsxwriter import Workbook

    kept = io.BytesIO()
    book = Workbook(kept, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": made_at.replace(tzinfo=None)})
    heading, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name[:_NAME_LENGTH_MAX] or None)
        if right_to_left:
            sheet.right_to_left()
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, max(map(len, rows)) - 1, _WIDTH)
        for at, row in enumerate(rows):
            for place, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(at, place, safe(cell), heading if at == 0 else None)
                elif isinstance(cell, date):
                    sheet.write_datetime(at, place, cell, day)
                else:
                    sheet.write_number(at, place, cell)
    book.close()
    return kept.getvalue()
