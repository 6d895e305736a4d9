"""`club playbooks`: what was decided in advance, what each would do on a day, and what each did."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from club import aws
from club.automations import peppers_of
from club.console import out, say
from club.programme import Stage, in_force
from club.store import tables
from shared.actions.club import Club
from shared.actions.read_playbooks import FIRINGS_DEFAULT, read_playbooks
from shared.domain.playbooks import Firing, Verdict
from shared.domain.sentences import Speaker
from shared.domain.told_targets import deeds_of
from shared.store.laws import Laws
from shared.store.store import Store


def playbooks(
    on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="A closed day; without it, yesterday.")
    ] = None,
    stage: Stage = aws.LOCAL,
) -> None:
    """List the playbooks, what each would do by the figures of a day, and when each fired. Nothing is written."""
    book = in_force(stage)
    backend = tables(stage)
    club = Club(Store(backend), Laws(backend, 60), peppers_of(stage))
    day = on.date() if on else club.now().astimezone(book.zone).date() - timedelta(days=1)
    if not book.programme.playbook:
        say("The programme has no [[playbook]].")
        return
    speaker = Speaker(book, "en")
    shown = read_playbooks(club, "live", book, day)
    table = Table("playbook", "when", "then", box=None, pad_edge=False)
    for one in book.programme.playbook:
        table.add_row(Text(one.id), Text(one.when), Text("; ".join(deeds_of(speaker, one))))
    out.print(table)
    say(f"\nBy the figures of {day}:")
    for came in shown:
        is_off = f"{came.rule.playbook.id} is switched off in the programme."
        say(f"  {said_of(came.verdict, came.fired) if came.verdict is not None else is_off}")
    told = sorted((firing for came in shown for firing in came.firings), key=_newest)
    say(f"\nFired until {day}:" if told else f"\nNone has fired until {day}.")
    for firing in told:
        seen = ", ".join(f"{name} = {value}" for name, value in firing.seen.items())
        say(f"  {firing.day} {firing.playbook}: {'; '.join(firing.told)} ({seen}; version {firing.version})")
    if any(came.has_older for came in shown):
        say(f"  Of each the last {FIRINGS_DEFAULT} are shown; --on an earlier day shows those before.")


def said_of(verdict: Verdict, firing: Firing | None) -> str:
    """What became of a playbook on a day, in a sentence."""
    name = verdict.rule.playbook.id
    if firing is not None:
        return f"{name} fired: {'; '.join(firing.told)}."
    return {
        "fires": f"{name} would fire.",
        "does not hold": f"{name} does not fire: {verdict.why} does not hold{_seen(verdict)}.",
        "rests": f"{name} does not fire: it rests until {verdict.why}, since it fired a short while ago.",
        "no data": f"{name} does not fire: {verdict.why} has no data.",
    }[verdict.outcome]


def _seen(verdict: Verdict) -> str:
    told = ", ".join(f"{name} is {value}" for name, value in verdict.seen.items() if name in verdict.why)
    return f", {told}" if told else ""


def _newest(firing: Firing) -> tuple[int, str]:
    return -firing.day.toordinal(), firing.playbook
