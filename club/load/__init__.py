"""Loads real purchases into a club through its HTTP API: `club load PURCHASES.csv`, `club load cdnow`.

PURCHASES.csv is UTF-8, with commas, semicolons or tabs. The first line names the columns, in any order:

    purchase_id    the shop's own number; rows that follow each other
                   with the same one are the lines of one purchase
    occurred_at    2026-11-22T10:00:00+02:00; without an offset it is
                   in --time-zone, a day alone is its noon
    currency       USD
    amount         12.50, the price of the line; or instead of it
    amount_minor   1250, the same in the currency's smallest unit
    member_id      whose purchase it is: one or more of these columns,
    card           at most one of them filled for a purchase, none for
    phone          a guest
    email
    store          optional; else --store
    channel, sku, category, quantity
                   optional; sku is "sale" and quantity 1 when missing

A row is one line of the file; a cell that looks like a formula is text. A row that cannot be read is refused with its
line and a reason, and the rest goes on; a purchase with such a row is refused whole.

`cdnow` is the public log of a music shop, moved in time so that its last day is yesterday. `make install` brings it;
elsewhere CLUB_DATA says where the package `lifetimes` 0.11.3 was unpacked.

The answers to all rows are written to report.csv in .club/progress/. A load that was cut off goes on where it was when
the same command is given again; a load that ended is sent again from its first row, and the club repeats its answers.
"""

from __future__ import annotations

import typer

from club.load.command import load
from club.load.loading import load_cdnow, load_csv
from club.load.problems import LoadProblem
from club.load.report import Report, print_report

__all__ = ["HELP", "LoadProblem", "Report", "app", "load", "load_cdnow", "load_csv", "print_report"]

# For `main.command("load", help=HELP)(load)`: sentences flow with the terminal's width, the columns (\b) do not.
HELP = "\n\n".join(
    "\b\n" + block if block.startswith(" ") else " ".join(block.split()) for block in (__doc__ or "").split("\n\n")
)

# The same command on its own.
app = typer.Typer(add_completion=False)
app.command("load", help=HELP)(load)
