"""`club load`: the operator's command. Exit code 0: all is in, 1: rows were refused, 2: nothing was sent, 3: cut off."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from club.console import complain
from club.home import here
from club.load.cdnow import ZONE as CDNOW_ZONE
from club.load.loading import WORKERS, load_cdnow, load_csv
from club.load.problems import LoadProblem, LoadStopped
from club.load.report import print_report
from club.load.where import where

CDNOW = "cdnow"
REFUSED, UNUSABLE, CUT_OFF, INTERRUPTED = 1, 2, 3, 130
WORKERS_MAX = 64


def load(
    source: Annotated[str, typer.Argument(metavar="PURCHASES.csv|cdnow", show_default=False)],
    whole: Annotated[bool, typer.Option("--all", help="cdnow: all 69,659 purchases, not the 1/10 sample.")] = False,
    as_dated: Annotated[bool, typer.Option("--as-dated", help="cdnow: keep 1997 and 1998.")] = False,
    customers: Annotated[int | None, typer.Option(min=1, help="cdnow: the first customers alone.")] = None,
    join: Annotated[
        bool, typer.Option("--join", help="CSV: unknown cards, phones and e-mails become members.")
    ] = False,
    language: Annotated[str, typer.Option(help="With --join: the new members' language.")] = "en",
    store: Annotated[str | None, typer.Option(help="Store of rows that name none [CLUB_STORE, else main].")] = None,
    time_zone: Annotated[
        str | None, typer.Option(help="Zone of times without an offset [UTC; for cdnow America/New_York].")
    ] = None,
    workers: Annotated[int, typer.Option(min=1, max=WORKERS_MAX, help="Requests at once.")] = WORKERS,
) -> None:
    zone = _zone(time_zone)
    if source == CDNOW and join:
        raise typer.BadParameter("cdnow's customers always join", param_hint="--join")
    if source != CDNOW and (whole or as_dated or customers):
        raise typer.BadParameter("these belong to `club load cdnow`", param_hint="--all, --as-dated, --customers")
    try:
        place = where(home := here(), store)
        if source == CDNOW:
            report = load_cdnow(
                *place,
                part="all" if whole else "sample",
                as_dated=as_dated,
                home=home,
                zone=zone or CDNOW_ZONE,
                customers_max=customers,
                workers=workers,
            )
        else:
            report = load_csv(Path(source), *place, join=join, language=language, home=home, zone=zone, workers=workers)
    except LoadProblem as problem:
        for line in (str(problem), *getattr(problem, "__notes__", ())):
            complain(line)
        raise typer.Exit(CUT_OFF if isinstance(problem, LoadStopped) else UNUSABLE) from None
    except KeyboardInterrupt:
        complain("Stopped. What was answered is kept: run it again to go on.")
        raise typer.Exit(INTERRUPTED) from None
    print_report(report)
    if not report.clean:
        raise typer.Exit(REFUSED)


def _zone(name: str | None) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        hint = f"{name!r} is not a time zone such as Asia/Jerusalem"
        raise typer.BadParameter(hint, param_hint="--time-zone") from None
