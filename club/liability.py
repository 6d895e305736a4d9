"""`club liability`: what the club owes its members at the end of a month, how it moved, and the entries of it for the books."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from club import aws
from club.console import say
from club.programme import Stage
from club.report import club_of, print_month
from shared.api.report_answers import report_sheets
from shared.api.sheets import csv_of
from shared.domain.reports import Report


def liability(
    month: Annotated[
        str, typer.Option(help="The month, as 2026-10; the last one that is over, if it is not written.")
    ] = "",
    journal: Annotated[Path | None, typer.Option(help="Write the entries for the books to this CSV file.")] = None,
    stage: Stage = aws.LOCAL,
) -> None:
    """Print what is owed in points and credit: open by last day, how it moved, breakage, deferred revenue, journal."""
    report = print_month(club_of(stage), "liability", month)
    if journal is not None:
        journal.write_text(journal_of(report), "utf-8")
        say(f"The entries are in {journal}.")


def journal_of(report: Report) -> str:
    """The entries as CSV, in the currency's own units."""
    return csv_of(report_sheets(report, "en")["journal"])
