"""`club effect`: what automations, campaigns and the club as a whole did to what members buy, with the doubt of it and in a
sentence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from club import aws
from club.console import Trouble, say, show_whole
from club.programme import Stage
from club.report import chapters_now, club_of, last_day_of
from shared.actions.publish_worths import publish_worths
from shared.domain.effect_report import effects_in
from shared.domain.effects import CLUB, WINDOW_DAYS
from shared.domain.voice import Voice
from shared.statistics.told_effects import CLUB_UNKNOWN, Told, effects_told, sentence, shares_of, worths_of


def effect(
    month: Annotated[
        str, typer.Option(help="Until the end of this month, as 2026-10; the last one that is over.")
    ] = "",
    publish: Annotated[
        bool, typer.Option("--publish", help="Let messages be ranked by the margin that they were measured to bring.")
    ] = False,
    stage: Stage = aws.LOCAL,
) -> None:
    """Tell what automations did to visits, conversion, spend and margin: members as assigned, treated against held out."""
    club = club_of(stage)
    book = club.laws.at(club.now())
    today = datetime.now(UTC).astimezone(book.zone).date()
    chapters, _ = chapters_now(club, last_day_of(month, today), today)
    report = next((one for one in chapters if one.name == "effect"), None)
    if report is None:
        raise Trouble(f"{month} was closed before there was such a chapter.")
    found = list(effects_told(effects_in(report), shares_of(book)))
    voice = Voice("en", report.currency)
    say(f"Within {WINDOW_DAYS} days after each member was due, once a year; until {report.last}.")
    show_whole(shown(found, voice))
    for one in found:
        if one.outcome == "spend":
            say(sentence(one, voice))
    if not any(one.automation == CLUB for one in found):
        say(CLUB_UNKNOWN)
    if publish:
        worths = worths_of(found, book)
        publish_worths(club.store.backend, "live", worths)
        for name, worth in worths.items():
            say(f"A message of {name} is worth {voice.money(worth)} from now on, as it was measured.")
        if not worths:
            say("No message was measured well enough: each is worth what the programme declares.")


def shown(found: Sequence[Told], voice: Voice) -> Table:
    table = Table(
        "automation", "outcome", "treated", "held out", "difference", "95% interval", "p", "read any day", "smallest seen",
        box=None, pad_edge=False,
    )  # fmt: skip
    for column in table.columns[2:]:
        column.justify = "right"
    for one in found:
        row: list[Text | str] = [Text(one.automation), one.outcome, f"{one.treated:,}", f"{one.held_out:,}"]
        if one.effect is None:
            table.add_row(*row, Text(one.why))
            continue
        it = one.effect

        def told(value: float, outcome: str = one.outcome) -> str:
            return amount(value, outcome, voice)

        table.add_row(
            *row, told(it.difference), f"{told(it.low)} to {told(it.high)}", f"{it.p:.4f}",
            f"{told(it.ever_low)} to {told(it.ever_high)}", told(it.smallest),
        )  # fmt: skip
    return table


def amount(value: float, outcome: str, voice: Voice) -> str:
    if outcome in ("spend", "margin"):
        return voice.money(round(value))
    return f"{value * 100:+.2f} of 100" if outcome == "conversion" else f"{value:+.3f}"
