"""`club import`: purchases of another system's file, as it is: CSV in any encoding or an Excel sheet, one row a line of a
purchase."""

from __future__ import annotations

import csv
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, cast, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer
from rich.table import Table

from club import aws
from club.automations import peppers_of
from club.console import Trouble, out, say, step
from club.imports.applying import WORKERS, Imported, Who, applied, body_of
from club.imports.cells import Dates
from club.imports.columns import MEMBERS, PURCHASES, columns_of, said_in
from club.imports.gathering import Back, Gathering, How, Rejected, Sale
from club.imports.members import Reading, joined, people_in
from club.imports.tables import Opened, opened
from club.programme import Stage, in_force
from club.store import tables
from shared.actions.club import Club
from shared.api.sheets import safe
from shared.domain.contacts import ContactKind
from shared.domain.rulebook import Rulebook
from shared.store.laws import Laws
from shared.store.store import Store

_NEEDED = (("occurred_at",), ("amount", "unit_price"))
_SHOWN = 5
_TOLD_EVERY = 10_000
_REFUSED = 1


def import_file(
    file: Annotated[Path, typer.Argument(help="A CSV file or an Excel workbook.", show_default=False)],
    map_: Annotated[
        str, typer.Option("--map", help="Columns that have other names: Invoice=purchase_id,Client=buyer.")
    ] = "",
    buyer_is: Annotated[str, typer.Option(help="What a buyer of the file is: card, phone or email.")] = "card",
    join: Annotated[bool, typer.Option("--join", help="Buyers whom nobody knows become members.")] = False,
    language: Annotated[str, typer.Option(help="With --join: the new members' language; the programme's first.")] = "",
    store: Annotated[str, typer.Option(help="Store of rows that name none.")] = "main",
    dates: Annotated[str, typer.Option(help="How days are written: ymd, dmy or mdy; the file tells, mostly.")] = "",
    time_zone: Annotated[str, typer.Option(help="Zone of times without an offset; the club's own.")] = "",
    encoding: Annotated[str, typer.Option(help="Such as cp1255; the file tells, mostly.")] = "",
    members: Annotated[bool, typer.Option("--members", help="The file is of people and not of purchases.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show how the file is read, and write nothing.")] = False,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Buyers at once.")] = WORKERS,
    stage: Stage = aws.LOCAL,
) -> None:
    """Import purchases and returns, or members, straight into the tables. Repeated, it changes nothing; killed, it is run
    again."""
    book = in_force(stage)
    if buyer_is not in ("card", "phone", "email"):
        raise Trouble(f"--buyer-is {buyer_is}: a buyer is found by card, phone or email.")
    if dates and dates not in get_args(Dates):
        raise Trouble(f"--dates {dates}: days are written ymd, dmy or mdy.")
    if members:
        _people(file, opened(file, encoding), map_, Reading(store, _zone(time_zone, book), cast(Dates, dates) if dates else None,
                language or book.programme.club.languages[0]), stage, workers, dry_run=dry_run)  # fmt: skip
        return
    how = How(store, book.programme.club.currency, _zone(time_zone, book), cast(Dates, dates) if dates else None)
    with tempfile.TemporaryDirectory() as folder:
        sheet = opened(file, encoding)
        columns = columns_of(sheet.header, PURCHASES, said_in(map_), _NEEDED)
        say(
            f"{file}: {sheet.told}. "
            + ", ".join(f"{what} = {sheet.header[place]}" for what, place in columns.items())
            + "."
        )
        gathering = Gathering(Path(folder) / "rows.sqlite", columns, how)
        rejected = _gathered(sheet, gathering)
        say(f"Days are read as {gathering.settle()}.")
        things = list(_told_apart(gathering.things(), rejected))
        if dry_run:
            _shown(things, book)
        else:
            who = Who(cast(ContactKind, buyer_is), join, language or book.programme.club.languages[0])
            began = time.monotonic()
            with step("Recording purchases and returns") as progress:
                imported = applied(
                    Club(Store(tables(stage)), Laws(tables(stage), 60), peppers_of(stage)), things, who,
                    lambda done: progress.update(done, len(things), "purchases and returns"), workers,
                )  # fmt: skip
            _summed(imported, len(things), time.monotonic() - began)
            rejected += imported.rejected
    _end(file, sheet.header, rejected)


def _people(
    file: Path, sheet: Opened, map_: str, reading: Reading, stage: str, workers: int, *, dry_run: bool
) -> None:  # fmt: skip
    """People join; those whom the club knows already stay as they are."""
    columns = columns_of(sheet.header, MEMBERS, said_in(map_), (("card", "phone", "email"),))
    say(
        f"{file}: {sheet.told}. "
        + ", ".join(f"{what} = {sheet.header[place]}" for what, place in columns.items())
        + "."
    )
    people, rejected = people_in(sheet.rows, columns, reading)
    if dry_run:
        say(f"Nothing was written. The file has {len(people):,} people who can join.")
    else:
        began = time.monotonic()
        with step("Letting them join") as progress:
            imported = joined(
                Club(Store(tables(stage)), Laws(tables(stage), 60), peppers_of(stage)), people, reading.store,
                lambda done: progress.update(done, len(people), "people"), workers,
            )  # fmt: skip
        _summed(imported, len(people), time.monotonic() - began)
        rejected += imported.rejected
    _end(file, sheet.header, rejected)


def _end(file: Path, header: list[str], rejected: list[Rejected]) -> None:
    if rejected:
        kept = file.with_name(f"{file.name}.rejected.csv")
        kept.write_text(rejects(rejected, header), "utf-8-sig")
        say(f"{len(rejected):,} were rejected: {kept} says which rows, and why.")
        sys.exit(_REFUSED)


def _gathered(sheet: Opened, gathering: Gathering) -> list[Rejected]:
    rejected = []
    with step("Reading the file") as progress:
        for row in sheet.rows:
            if (wrong := gathering.add(row)) is not None:
                rejected.append(wrong)
            if gathering.rows % _TOLD_EVERY == 0:
                progress.update(gathering.rows, unit="rows")
    if not gathering.rows:
        raise Trouble("The file has a header and no rows: there is nothing to import.")
    return rejected


def _told_apart(things: Iterable[Sale | Back | Rejected], rejected: list[Rejected]) -> Iterator[Sale | Back]:
    for one in things:
        if isinstance(one, Rejected):
            rejected.append(one)
        else:
            yield one


def rejects(rejected: list[Rejected], header: list[str]) -> str:
    """As CSV: the row's number, the column, a code, the reason, and the row as it was."""
    from io import StringIO

    made = StringIO()
    writer = csv.writer(made, lineterminator="\n")
    writer.writerow(["row", "column", "code", "reason", *map(safe, header)])
    for one in sorted(rejected):
        writer.writerow([one.row, one.column, one.code, safe(one.reason), *map(safe, one.cells)])
    return made.getvalue()


def _shown(things: list[Sale | Back], book: Rulebook) -> None:
    sales = [one for one in things if isinstance(one, Sale)]
    backs = [one for one in things if isinstance(one, Back)]
    unplaced = sum(1 for one in backs if not one.purchase_id)
    buyers = len({one.buyer for one in things if one.buyer})
    say(
        f"Nothing was written. The file has {len(sales):,} purchases, {sum(1 for one in sales if not one.buyer):,} of guests; "
        f"{len(backs):,} returns, {unplaced:,} of no purchase that can be told; {buyers:,} buyers."
    )
    table = Table("row", "purchase", "buyer", "when", "lines", "total", box=None, pad_edge=False)
    for one in sales[:_SHOWN]:
        when, total = f"{one.at:%Y-%m-%d %H:%M}", f"{body_of(one, None, book)['total_minor']:,}"
        table.add_row(str(one.row), one.purchase_id, one.buyer or "guest", when, str(len(one.lines)), total)
    out.print(table)


def _summed(imported: Imported, many: int, took: float) -> None:
    counts = imported.counts
    names = ("purchases", "returns", "parked", "known", "joined", "guests")
    told = ", ".join(f"{name} {counts[name]:,}" for name in names if counts[name])
    say(f"{told or 'Nothing new'}; {many / max(took, 0.001):,.0f} a second.")


def _zone(name: str, book: Rulebook) -> ZoneInfo:
    try:
        return ZoneInfo(name) if name else book.zone
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Trouble(f"--time-zone {name!r} is not a zone, such as Asia/Jerusalem.") from None
