"""A report as one value, whatever it tells of: sections of rows under named columns. It is told as JSON, as a file, in a terminal
or in a mail, and says the same everywhere.

What nobody can say is None: "no data", never 0 instead.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Literal, NamedTuple

# What a column counts. `minor`: the currency's minor units; `share`: a part of one; `units` of a wallet, in its smallest unit.
Unit = Literal["text", "day", "number", "minor", "share", "units"]
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


class Report(NamedTuple):
    """`notes` are sentences for whoever reads it: what is open still, what is not known, and why."""

    name: str
    currency: str
    first: date
    last: date
    sections: tuple[Section, ...]
    notes: tuple[str, ...] = ()
