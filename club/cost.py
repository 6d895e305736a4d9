"""`club cost` and `club bill`: what the club cost in a month, per member; and AWS's bill beside what was metered."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from club import aws
from club.console import Trouble, complain
from club.cost_explorer import asked, recorded
from club.prices import table_of
from club.programme import Stage
from club.report import club_of, last_day_of, print_chapter, print_month
from infra.stage import TAG
from shared.actions.close_bill import metered_in
from shared.domain.reconciliation import reconciled, unmetered
from shared.domain.voice import Voice

Month = Annotated[str, typer.Option(help="The month, as 2026-10; the last one that is over, if it is not written.")]


def cost(month: Month = "", stage: Stage = aws.LOCAL) -> None:
    """Print what a month cost: infrastructure, messages, rewards, staff; per member, by tier, source, rule and automation."""
    print_month(club_of(stage), "cost", month)


def bill(
    month: Month = "",
    kept: Annotated[
        Path | None, typer.Option("--recorded", help="An answer of Cost Explorer that was kept, as JSON.")
    ] = None,
    prices: Annotated[
        Path | None, typer.Option(help="A TOML file with prices of your own, above the product's.")
    ] = None,
    stage: Stage = aws.LOCAL,
) -> None:
    """Set AWS's bill of a month beside what was metered, service by service. It exits with 1 where something is not metered."""
    club = club_of(stage)
    book = club.laws.at(club.now())
    last = last_day_of(month, datetime.now(UTC).astimezone(book.zone).date())
    first = last.replace(day=1)
    if kept is None and stage == aws.LOCAL:
        raise Trouble("The local stage has no bill: --recorded FILE names an answer of Cost Explorer that was kept.")
    billed = recorded(kept, first, last) if kept is not None else asked(stage, first, last)
    if not billed.by_service:
        raise Trouble(
            f"Nothing on the bill has the tag {TAG}: activate it in Billing among its cost allocation tags, from when it counts."
        )
    table = table_of(book.programme.costs.region, prices)
    metered = metered_in(club.store.backend, "live", first, last, table)
    report = reconciled(billed.by_service, metered, first, last, is_estimated=billed.is_estimated)
    print_chapter(report, Voice("en", "USD"))
    if missed := unmetered(report):
        complain(f"NOT METERED: {', '.join(missed)}. What a member costs is more than `club cost` says.")
        sys.exit(1)
