"""A report as one value, whatever it tells of: sections of rows under named columns. It is told as JSON, as a file, in a terminal
or in a mail, and says the same everywhere.

What nobody can say is None: "no data", never 0 instead.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Literal, NamedTuple

from shared.domain.ledger import packed, unpacked

# What a column counts. `minor`: the currency's minor units; `share`: a part of one; `units` of a wallet, in its smallest unit;
# `by_row`: each row has its own, in its column `unit`.
Unit = Literal["text", "day", "number", "minor", "share", "units", "by_row"]
# Of a month, in the sequence in which they are read.
CHAPTERS = ("kpi", "cost", "liability", "effect", "targets", "bill", "uplift", "expected")
# A section with a row for each day: for files and charts, too long for a page.
IN_FILES = "days"
Value = str | int | Fraction | date | None


class Column(NamedTuple):
    """`decimals` of a wallet's units."""

    name: str
    unit: Unit
    decimals: int = 0


class Section(NamedTuple):
    """Each row has a value for each column."""

    name: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]

    def columns_of(self, row: tuple[Value, ...]) -> tuple[Column, ...]:
        """The columns as they are in a row, where its own unit is known."""
        own = next((value for column, value in zip(self.columns, row, strict=True) if column.name == "unit"), None)
        return tuple(
            column._replace(unit=own) if column.unit == "by_row" else column  # type: ignore[arg-type]
            for column in self.columns
        )


class Report(NamedTuple):
    """`notes` are sentences for whoever reads it: what is open still, what is not known, and why."""

    name: str
    currency: str
    first: date
    last: date
    sections: tuple[Section, ...]
    notes: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """As a row holds it for good: a closed month says the same after any release."""
        sections = [
            [
                one.name,
                [list(column) for column in one.columns],
                [[_stored(value) for value in row] for row in one.rows],
            ]
            for one in self.sections
        ]
        return packed([self.name, self.currency, self.first, self.last, sections, list(self.notes)])


def report_in(text: str) -> Report:
    """The reverse of `Report.text`."""
    name, currency, first, last, sections, notes = unpacked(text)
    read = []
    for named, columns, rows in sections:
        known = tuple(Column(*column) for column in columns)
        read.append(Section(named, known, tuple(_row(known, row) for row in rows)))
    days = date.fromisoformat(first), date.fromisoformat(last)
    return Report(name, currency, *days, tuple(read), tuple(notes))


def _stored(value: Value) -> str | int | None:
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    return value.isoformat() if isinstance(value, date) else value


def _row(columns: tuple[Column, ...], row: list[str | int | None]) -> tuple[Value, ...]:
    return tuple(_read(column, value) for column, value in zip(columns, row, strict=True))


def _read(column: Column, value: str | int | None) -> Value:
    if not isinstance(value, str) or column.unit == "text":
        return value
    return date.fromisoformat(value) if column.unit == "day" else Fraction(value)
