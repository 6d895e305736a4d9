"""`club kpis`: every figure of a month, with its unit, what it counts and of what it is a share."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from club.console import out, say
from shared.domain.kpi import FIGURES
from shared.domain.months import KPIS, TABLES

_UNITS = {"minor": "minor units", "number": "", "share": "share", "units": "points, in their smallest unit"}


def kpis() -> None:
    """Print what each figure of a month and of a day means: unit, what is counted, what it is divided by."""
    say(
        "Of a month. Days are civil days of the club's zone. Where there is nothing to divide by there is no data, and never 0."
    )
    table = Table("figure", "unit", "what it counts", "divided by", box=None, pad_edge=False)
    for kpi in KPIS:
        table.add_row(Text(kpi.name), _UNITS[kpi.unit], Text(kpi.what), Text(kpi.of))
    out.print(table)
    table = Table("table", "what it counts", "shares are of", box=None, pad_edge=False)
    for name, what, of in TABLES:
        table.add_row(Text(name), Text(what), Text(of))
    out.print()
    out.print(table)
    say("\nOf a day.")
    table = Table("figure", "unit", "what it counts", box=None, pad_edge=False)
    for figure in FIGURES:
        table.add_row(Text(figure.name), figure.unit, Text(figure.what))
    out.print(table)
