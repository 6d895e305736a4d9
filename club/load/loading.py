"""One load from beginning to end: read the source, plan it in the notebook, send what is open, report.

A load that was cut off goes on where it was; a load that ended is, when asked for again, sent again from the first
row, and the club answers every row as repeated. Both are safe: the club knows a purchase by store and id for ever.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from time import monotonic
from typing import NamedTuple
from zoneinfo import ZoneInfo

from club.console import say, step
from club.home import Home, here
from club.load import cdnow, csvfile, textfile
from club.load.cdnow import Part
from club.load.client import Club
from club.load.notebook import Notebook
from club.load.plan import Joining, Plan
from club.load.problems import ClubHoldsOther, LoadProblem
from club.load.report import Report, report_of
from club.load.sender import send

WORKERS = 8
# Raised when what a plan holds changes, so that an older notebook is not taken for it.
PLAN_FORMAT = 1
TITLES: dict[Part, str] = {"sample": "CDNOW, the published sample", "all": "CDNOW, the whole log"}


class _Source(NamedTuple):
    """What to load: `name` is its folder, `identity` whatever changes a single byte of a request."""

    name: str
    title: str
    identity: dict[str, object]
    plan: Callable[[], Plan]
    joining: Joining | None
    prove_first: bool


def load_cdnow(
    url: str,
    key: str,
    store: str,
    *,
    part: Part = "sample",
    as_dated: bool = False,
    home: Home | None = None,
    zone: ZoneInfo = cdnow.ZONE,
    today: date | None = None,
    customers_max: int | None = None,
    workers: int = WORKERS,
    once: bool = False,
) -> Report:
    """Load the CDNOW log, or its first `customers_max` customers, through the club's HTTP API.

    The club itself remembers by how many days the log was moved: when it has the log's first purchase, the same move
    is made again, on any later day and from any machine. `once`: send nothing when this load ended well and the club
    still has it. Raises LoadProblem; rows that the club refuses are in the report.
    """
    log = cdnow.rows(cdnow.folder(), part, customers_max)
    club = Club(url, key, workers)
    shift = _shift(club, store, log[0], zone, as_dated, today or datetime.now(zone).date())
    source = _Source(
        f"cdnow-{part}" + (f"-{customers_max}" if customers_max else ""),
        TITLES[part],
        {"zone": zone.key, "shift_days": shift, "customers_max": customers_max},
        lambda: cdnow.purchases(log, store, zone, shift),
        cdnow.join_of,
        prove_first=True,
    )
    return _load(source, club, store, home or here(), workers, once)


def load_csv(
    path: Path,
    url: str,
    key: str,
    store: str,
    *,
    join: bool = False,
    language: str = "en",
    home: Home | None = None,
    zone: ZoneInfo | None = None,
    workers: int = WORKERS,
) -> Report:
    """Load a file of purchases in our own CSV.

    `join`: cards, phones and e-mails that the club does not know become members first, of this `language`.
    Raises LoadProblem before anything is sent when the file is unusable; single rows that are, are in the report.
    """
    wall = zone or ZoneInfo("UTC")
    digest = textfile.fingerprint(path)
    stem = re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-")[:40] or "purchases"
    source = _Source(
        f"{stem}-{digest[:8]}",
        path.name,
        {"sha256": digest, "zone": wall.key, "join": language if join else None},
        lambda: csvfile.purchases_in(path, csvfile.Reading(store, wall)),
        partial(csvfile.join_of, language) if join else None,
        prove_first=False,
    )
    return _load(source, Club(url, key, workers), store, home or here(), workers, once=False)


def _load(source: _Source, club: Club, store: str, home: Home, workers: int, once: bool) -> Report:
    begun = monotonic()
    identity = {**source.identity, "format": PLAN_FORMAT, "url": club.url, "store": store}
    with Notebook(home.made().progress / source.name, identity) as notebook:
        if notebook.planned:
            _look_back(notebook, club, once)
        else:
            notebook.plan(source.plan())
        notebook.note("finished", "no")
        try:
            _send(source, notebook, club, workers)
            notebook.note("finished", "yes")
        except LoadProblem as problem:
            total, done = notebook.sendable()
            problem.add_note(f"{done:,} of {total:,} purchases were answered and are kept: run it again to go on.")
            raise
        finally:
            report = report_of(notebook, source.title, club.retries, monotonic() - begun)
    return report


def _send(source: _Source, notebook: Notebook, club: Club, workers: int) -> None:
    total, done = notebook.sendable()
    prove_first = source.prove_first and not done
    with step(f"Loading {source.title}") as shown:

        def on_answer() -> None:
            nonlocal done
            done += 1
            shown.update(done, total)

        shown.update(done, total)
        send(notebook, club, source.joining, workers, on_answer, prove_first)


def _look_back(notebook: Notebook, club: Club, once: bool) -> None:
    """Decide what of an earlier run still holds: the club may have been emptied or put back since."""
    if notebook.fact("finished") == "yes" and not once:
        notebook.forget("accepted", "repeated", "refused")
        return
    # A refusal is decided afresh each time.
    notebook.forget("refused")
    last = notebook.last_taken()
    if last and club.purchase_at(*last) is None:
        say("The club no longer has what an earlier run sent: every row is sent again.")
        notebook.forget("accepted", "repeated")


def _shift(club: Club, store: str, first: cdnow.Row, zone: ZoneInfo, as_dated: bool, today: date) -> int:
    """By how many days to move the log: as the club has it, else so that its last day is yesterday, or not at all."""
    recorded = club.purchase_at(store, str(first.number))
    if recorded is None:
        return 0 if as_dated else cdnow.shift_days(today)
    there = cdnow.shift_of(recorded, first, zone)
    if there is None:
        raise ClubHoldsOther(
            f"Store {store} has a purchase {first.number} of {recorded.astimezone(UTC).isoformat()}, and that is not noon"
            f" in {zone.key}: the log was loaded with another time zone, or this purchase is not the log's."
        )
    if as_dated and there:
        raise ClubHoldsOther(f"The club has this log moved by {there:,} days already: load it without --as-dated.")
    if not as_dated and not there:
        raise ClubHoldsOther("The club has this log with its own dates of 1997 and 1998: load it with --as-dated.")
    if not as_dated and there != cdnow.shift_days(today):
        say(f"The club has this log already, up to {cdnow.LAST_DAY + timedelta(days=there)}: its dates are kept.")
    return there
