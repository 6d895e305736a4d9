"""`club vocabulary`: the words that a programme's conditions and formulas may use."""

from __future__ import annotations

from rich.table import Table

from club.console import out
from shared.domain.formulas import FUNCTIONS
from shared.domain.vocabulary import ATTRIBUTE_PREFIX, EVENT_TERMS, LINE_TERMS, MEMBER_TERMS, PURCHASE_TERMS

# What may be asked where, and the words that are known there.
SUBJECTS = (
    ("of a purchase: when of [[earn]]", PURCHASE_TERMS),
    ("of an event: when of [[earn]] with event", EVENT_TERMS),
    ("of the member: everywhere but in lines", MEMBER_TERMS),
    ("of a line: lines of [[earn]], exclude of [basis], formulas per line", LINE_TERMS),
)


def vocabulary() -> None:
    """Print every word that conditions and formulas may use, with type, unit and example."""
    for title, terms in SUBJECTS:
        table = Table("word", "type", "unit", "example", title=title, title_justify="left", box=None, pad_edge=False)
        for term in terms:
            table.add_row(term.name, term.type, term.unit, term.example)
        out.print(table)
        out.print()
    out.print(f"{ATTRIBUTE_PREFIX}<id>: each [[attribute]] that the programme declares.", markup=False)
    out.print(f"Functions of formulas: {', '.join(FUNCTIONS)}.", markup=False)
