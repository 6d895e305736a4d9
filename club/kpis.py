"""`club kpis`: every figure of a month, with its unit, what it counts and of what it is a share."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from club.console import out, say
from shared.domain.kpi import FIGURES
from shared.domain.months import KPIS, TABLES

_UNITS = {"minor": "minor units", "number": "number", "share": "share", "units": "points"}


def kpis() -> None:
    """Print what each figure of a month and of a day means: unit, what is counted, what it is divided by."""
    say(
        "Of a month. Days are civil days of the zone that is named: [club] time_zone of the programme by which a posting was "
        "decided. Money is in minor units, points in their smallest unit. Where there is nothing to divide by there is no data, "
        "and never 0."
    )
    table = _table("figure", "unit", "zone", "what it counts")
    for kpi in KPIS:
        told = f"{kpi.what}, divided by {kpi.of}" if kpi.of else kpi.what
        table.add_row(Text(kpi.name), _UNITS[kpi.unit], Text(kpi.zone), Text(told))
    out.print(table)
    table = _table("table", "what it counts", "shares are of")
    for name, what, of in TABLES:
        table.add_row(Text(name), Text(what), Text(of))
    out.print()
    out.print(table)
    say("\nOf a day.")
    table = _table("figure", "unit", "what it counts")
    for figure in FIGURES:
        table.add_row(Text(figure.name), figure.unit, Text(figure.what))
    out.print(table)


def _table(*names: str) -> Table:
    """Names of figures stand whole in a narrow terminal too: they are what other commands ask for."""
    table = Table(*names, box=None, pad_edge=False)
    table.columns[0].no_wrap = True
    table.columns[0].min_width = max(len(kpi.name) for kpi in KPIS)
    return table
