"""Tables as files that a spreadsheet opens: CSV and XLSX. Only reports load it."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
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


def xlsx_of(rows: Sequence[Sequence[Cell]], made_at: datetime, *, right_to_left: bool) -> bytes:
    """A workbook of one sheet, whose first row is its heading."""
    # It takes as long to load as all the rest of the office: whoever asks for JSON does not wait for it.
    from xlsxwriter import Workbook

    kept = io.BytesIO()
    book = Workbook(kept, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": made_at.replace(tzinfo=None)})
    sheet = book.add_worksheet()
    if right_to_left:
        sheet.right_to_left()
    heading, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
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
