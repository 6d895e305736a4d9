"""`club vocabulary`: the words that a programme's conditions and formulas may use."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from club.console import out
from club.reference import SUBJECTS
from shared.domain.formulas import FUNCTIONS
from shared.domain.vocabulary import ATTRIBUTE_PREFIX


def vocabulary() -> None:
    """Print every word that conditions and formulas may use, with type, unit and example."""
    for title, terms in SUBJECTS:
        heading = Text(title.replace("`", ""))
        table = Table("word", "type", "unit", "example", title=heading, title_justify="left", box=None, pad_edge=False)
        for term in terms:
            table.add_row(*map(Text, (term.name, term.type, term.unit, term.example)))
        out.print(table)
        out.print()
    out.print(f"{ATTRIBUTE_PREFIX}<id>: each [[attribute]] that the programme declares.", markup=False)
    out.print(f"Functions of formulas: {', '.join(FUNCTIONS)}.", markup=False)
