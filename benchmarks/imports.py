"""`club import` beside `club load`: as many purchases straight at the tables as through the HTTP API, by turns, into one club."""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from zoneinfo import ZoneInfo

from benchmarks import report, stack
from benchmarks.figures import Chapter, Figure, median
from club.automations import peppers_of
from club.console import Trouble, out, step
from club.home import ROOT, Home
from club.imports.applying import WORKERS, Who, applied
from club.imports.columns import PURCHASES, columns_of
from club.imports.gathering import Gathering, How, Rejected
from club.imports.tables import opened
from club.load.loading import load_csv
from club.load.where import where
from club.programme import in_force
from club.store import tables
from shared.actions.club import Club
from shared.store.laws import Laws
from shared.store.store import Store

# Each way so many files, one after the other in turn, each of buyers of its own.
TURNS, BUYERS, PURCHASES_EACH = 3, 50, 10
_HEADER = ("purchase_id", "occurred_at", "currency", "amount", "card", "store", "sku", "category", "quantity")
_STORE, _STAGE, _UTC = "main", "local", ZoneInfo("UTC")

Way = Callable[[Path], int]


def measured(home: Home) -> Chapter:
    """Into the club of this home. Raises Trouble where a purchase of a file is missing afterwards."""
    ways: dict[str, Way] = {"load": lambda path: _loaded(path, home), "import": _imported}
    rates: dict[str, list[float]] = {name: [] for name in ("load", "import", "load again", "import again")}
    with tempfile.TemporaryDirectory() as folder:
        for turn in range(TURNS):
            for name, way in ways.items():
                path = _file(Path(folder), f"{name}-{turn}")
                for which in (name, f"{name} again"):
                    began = monotonic()
                    done = way(path)
                    rates[which].append(done / (monotonic() - began))
                    if done != BUYERS * PURCHASES_EACH:
                        raise Trouble(f"Of {path.name} {done:,} purchases are in, of {BUYERS * PURCHASES_EACH:,}.")
    return _chapter({name: median(told) for name, told in rates.items()})


def _chapter(rates: dict[str, float]) -> Chapter:
    return Chapter(
        "Import",
        f"`club import` (straight at the tables, {WORKERS} buyers at once) beside `club load` (the HTTP API, {WORKERS} requests "
        f"at once): CSV files of one form, {BUYERS} buyers who join with their first purchase, {PURCHASES_EACH} purchases "
        f"each, {TURNS} files each way by turns into one local club; the median, from reading the file to its last answer. "
        f"Again: the same file once more, of which nothing is new. {os.cpu_count()} processors had a load of "
        f"{os.getloadavg()[0]:.1f} meanwhile, with whatever else ran there.",
        (
            Figure("Purchases a second by `club import`", rates["import"]),
            Figure("Purchases a second by `club load`", rates["load"]),
            Figure("Import beside the HTTP path", rates["import"] / rates["load"], "times"),
            Figure("Known purchases a second by `club import`", rates["import again"]),
            Figure("Known purchases a second by `club load`", rates["load again"]),
            Figure("100,000 purchases by `club import`", 100_000 / rates["import"] / 60, "minutes"),
        ),
    )


def _file(folder: Path, name: str) -> Path:
    path, first = folder / f"{name}.csv", datetime.now(UTC).replace(microsecond=0) - timedelta(days=60)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_HEADER)
        for number in range(PURCHASES_EACH):
            for buyer in range(BUYERS):
                at = first + timedelta(days=number, seconds=buyer)
                row = (f"{name}-{buyer}-{number}", at.isoformat(), "USD", "29.90", f"{name}-{buyer}", _STORE, "CD-1")
                writer.writerow((*row, "music", 2))
    return path


def _loaded(path: Path, home: Home) -> int:
    told = load_csv(path, *where(home, environment={}), join=True, home=home, workers=WORKERS)
    return told.accepted + told.repeated


def _imported(path: Path) -> int:
    """As the command does it, without its prints."""
    book, sheet = in_force(_STAGE), opened(path)
    columns = columns_of(sheet.header, PURCHASES, {}, ())
    gathering = Gathering(path.with_suffix(".sqlite"), columns, How(_STORE, book.programme.club.currency, _UTC, None))
    for row in sheet.rows:
        gathering.add(row)
    gathering.settle()
    things = [one for one in gathering.things() if not isinstance(one, Rejected)]
    club = Club(Store(tables(_STAGE)), Laws(tables(_STAGE), 60), peppers_of(_STAGE))
    counts = applied(club, things, Who("card", joins=True, language="en")).counts
    return counts["purchases"] + counts["known"]


def main() -> None:
    with stack.own_club() as (home, _), step("Import beside the HTTP path"):
        chapter = measured(home)
    report.show([chapter], out)
    page = ROOT / "docs" / "performance.md"
    page.write_text(report.with_chapter(page.read_text("utf-8"), chapter), "utf-8")


if __name__ == "__main__":
    main()
