"""The first line of a purchases file: which delimiter, which columns, and what is wrong with it."""

from __future__ import annotations

import csv

from club.load.plan import WHO
from club.load.problems import FileUnusable

DELIMITERS = ",;\t"
REQUIRED = ("purchase_id", "occurred_at", "currency")
AMOUNTS = ("amount", "amount_minor")
OPTIONAL = ("store", "channel", "sku", "category", "quantity")
COLUMNS = (*REQUIRED, *AMOUNTS, *WHO, *OPTIONAL)


def header_of(text: str) -> tuple[str, tuple[str, ...]]:
    """The delimiter and the columns in their order. Raises FileUnusable with what is missing, unknown or twice."""
    try:
        delimiter = csv.Sniffer().sniff(text, DELIMITERS).delimiter
        columns = tuple(cell.strip().lower() for cell in next(csv.reader([text], delimiter=delimiter, strict=True)))
    except (csv.Error, StopIteration):
        raise _wrong("it must name its columns, separated by a comma, a semicolon or a tab") from None
    if unknown := [name for name in columns if name not in COLUMNS]:
        raise _wrong(f"unknown column {', '.join(map(repr, unknown))}; the columns are {', '.join(COLUMNS)}")
    if twice := sorted({name for name in columns if columns.count(name) > 1}):
        raise _wrong(f"column {', '.join(twice)} stands there twice")
    if missing := [name for name in REQUIRED if name not in columns]:
        raise _wrong(f"column {', '.join(missing)} is missing")
    if sum(name in columns for name in AMOUNTS) != 1:
        raise _wrong("exactly one of the columns amount (12.50) and amount_minor (1250) must be there")
    if not any(name in columns for name in WHO):
        raise _wrong(f"one of the columns {', '.join(WHO)} must be there; its cell is empty for a guest")
    return delimiter, columns


def _wrong(reason: str) -> FileUnusable:
    return FileUnusable(f"Line 1 is not the header of a purchases file: {reason}.")
