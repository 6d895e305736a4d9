"""What became of a load: counts, money and points as a value, as a table for people, and row by row as CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from club.console import out
from club.load.client import Outcome
from club.load.notebook import Notebook
from shared.domain.money import decimals

FILE = "report.csv"
REASONS_SHOWN_MAX = 12
LINES_SHOWN_MAX = 5
# A spreadsheet would run such a cell as a formula; the apostrophe makes it text.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class Refusal(NamedTuple):
    """One kind of refusal: how many, an example of the reason, and the first lines."""

    code: str
    rows: int
    reason: str
    lines: tuple[int, ...]


class Report(NamedTuple):
    """One load, counted. Money is what the file says in minor units by currency; points are what the club answered."""

    title: str
    purchases: int
    buyers: int
    guests: int
    money_minor: dict[str, int]
    accepted: int
    repeated: int
    refused: int
    open: int
    members_joined: int
    members_known: int
    points_accepted: int
    points_repeated: int
    refusals: tuple[Refusal, ...]
    rows_csv: Path
    retries: int = 0
    seconds: float = 0.0

    @property
    def points(self) -> int:
        """All points the club has issued for this file's purchases."""
        return self.points_accepted + self.points_repeated

    @property
    def clean(self) -> bool:
        """Everything is in the club: nothing refused, nothing left to send."""
        return not self.refused and not self.open


def report_of(notebook: Notebook, title: str, retries: int, seconds: float) -> Report:
    """Count the notebook and write its rows beside it."""
    counts = {str(outcome): (_whole(count), _whole(points)) for outcome, count, points in notebook.ask(_BY_OUTCOME)}
    joined = {str(how): _whole(count) for how, count in notebook.ask(_BY_JOIN)}
    (buyers, guests), *_ = notebook.ask(_BUYERS)
    money = {str(currency): _whole(total) for currency, total in notebook.ask(_MONEY)}
    (total,), *_ = notebook.ask("SELECT count(*) FROM purchases")
    taken: dict[Outcome, tuple[int, int]] = {
        outcome: counts.get(outcome, (0, 0)) for outcome in ("accepted", "repeated", "refused")
    }
    return Report(
        title=title,
        purchases=_whole(total),
        buyers=_whole(buyers),
        guests=_whole(guests),
        money_minor=money,
        accepted=taken["accepted"][0],
        repeated=taken["repeated"][0],
        refused=taken["refused"][0],
        open=counts.get("None", (0, 0))[0],
        members_joined=joined.get("accepted", 0),
        members_known=joined.get("repeated", 0) + joined.get("known", 0),
        points_accepted=taken["accepted"][1],
        points_repeated=taken["repeated"][1],
        refusals=tuple(
            Refusal(str(code), _whole(count), str(reason), _first_lines(notebook, str(code)))
            for code, count, reason in notebook.ask(_REFUSALS)
        ),
        rows_csv=_write_rows(notebook),
        retries=retries,
        seconds=seconds,
    )


def print_report(report: Report, console: Console = out) -> None:
    table = Table(title=escape(report.title), title_justify="left", show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for name, value in _facts(report):
        table.add_row(name, value)
    console.print(table)
    if report.refusals:
        refusals = Table(title="Refused", title_justify="left")
        for name in ("code", "rows", "reason", "lines"):
            refusals.add_column(name, overflow="fold")
        for each in report.refusals[:REASONS_SHOWN_MAX]:
            lines = ", ".join(map(str, each.lines)) + (" …" if each.rows > len(each.lines) else "")
            refusals.add_row(escape(each.code), f"{each.rows:,}", escape(each.reason), lines)
        console.print(refusals)
    console.print(f"Every row and its answer: {report.rows_csv}", markup=False, soft_wrap=True)


def _facts(report: Report) -> Iterable[tuple[str, str]]:
    yield "purchases", f"{report.purchases:,}"
    yield "buyers", f"{report.buyers:,}" + (f" and {report.guests:,} guests" if report.guests else "")
    for currency, minor in report.money_minor.items():
        digits = decimals(currency)
        whole, part = divmod(minor, 10**digits)
        yield f"money, {escape(currency)}", f"{whole:,}" + (f".{part:0{digits}d}" if digits else "")
    yield "accepted", f"{report.accepted:,}"
    yield "repeated", f"{report.repeated:,}"
    yield "refused", f"{report.refused:,}"
    if report.open:
        yield "not sent yet", f"{report.open:,}"
    yield "members joined, known before", f"{report.members_joined:,}, {report.members_known:,}"
    yield "points issued", f"{report.points:,}"
    yield "  of these by purchases repeated", f"{report.points_repeated:,}"
    if report.seconds:
        yield "seconds, retries", f"{report.seconds:,.1f}, {report.retries:,}"


def _write_rows(notebook: Notebook) -> Path:
    path = notebook.folder / FILE
    unfinished = path.with_suffix(".part")
    with unfinished.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("line", "purchase_id", "outcome", "points", "code", "reason"))
        for row in notebook.each(_ROWS):
            writer.writerow(["" if cell is None else _safe(str(cell)) for cell in row])
    unfinished.replace(path)
    return path


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell


def _first_lines(notebook: Notebook, code: str) -> tuple[int, ...]:
    question = "SELECT line FROM purchases WHERE code = ? ORDER BY line LIMIT ?"
    return tuple(_whole(line) for (line,) in notebook.ask(question, code, LINES_SHOWN_MAX))


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0


_BY_OUTCOME = "SELECT outcome, count(*), coalesce(sum(points), 0) FROM purchases GROUP BY outcome"
_BY_JOIN = "SELECT joined, count(*) FROM buyers WHERE joined IS NOT NULL GROUP BY joined"
_BUYERS = "SELECT coalesce(sum(kind <> 'guest'), 0), coalesce(sum(kind = 'guest'), 0) FROM buyers"
_MONEY = "SELECT currency, sum(total_minor) FROM purchases WHERE body IS NOT NULL GROUP BY currency ORDER BY currency"
_REFUSALS = """
SELECT code, count(*), min(reason) FROM purchases WHERE outcome = 'refused' GROUP BY code ORDER BY count(*) DESC, code
"""
_ROWS = "SELECT line, purchase_id, coalesce(outcome, 'not sent'), points, code, reason FROM purchases ORDER BY line"
