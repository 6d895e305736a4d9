"""`club tallies`: how much, day by day, as the relay counted it; counted anew from the ledger where that is asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, cast, get_args

import typer

from club import aws
from club.console import Trouble, complain, err, say, step
from club.programme import Stage
from club.store import tables
from infra.stage import stage_named
from shared.actions.fold_postings import Tallying
from shared.actions.recount_tallies import LEAD_MS, SETTLED_MS, recount_tallies
from shared.domain.errors import ProgrammeUnknown
from shared.settings import read_buckets
from shared.store.backend import Backend, Contended
from shared.store.keys import Mode
from shared.store.laws import Laws
from shared.store.tallies import Poison, epochs_of, poison_of, tallies_of
from shared.store.zones import Zones

# A round trip each.
DAYS_MAX = 400
TOLD_MAX = 100
# On this machine there is one clock, and nothing is under way for longer than a moment.
_LOCAL_LEAD_MS, _LOCAL_SETTLED_MS = 2_000, 2_000


def tallies(
    from_: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day; without it, a week.")
    ] = None,
    to: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The last day; without it, today.")] = None,
    mode: Annotated[str, typer.Option(help="live, or test for what test keys did.")] = "live",
    as_json: Annotated[bool, typer.Option("--json", help="Every figure of each day, as one JSON object.")] = False,
    recount: Annotated[bool, typer.Option("--recount", help="First count all of them anew from the ledger.")] = False,
    stage: Stage = aws.LOCAL,
) -> None:
    """Print what was counted day by day, and what could not be. With --recount, anew from the ledger: in a quarter of an hour."""
    if mode not in get_args(Mode):
        raise Trouble(f"There is no mode {mode!r}; there are live and test.")
    backend = tables(stage)
    if recount:
        _recount(backend, stage)
    days = _days(backend, from_, to)
    epochs = epochs_of(backend)
    found = {day.isoformat(): tallies_of(backend, cast(Mode, mode), day, epochs) for day in days}
    if as_json:
        say(json.dumps(found))
    else:
        for line in shown(found):
            say(line)
    for line in told(poison_of(backend), "was set aside"):
        complain(line)


def shown(days: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    """A line for each day on which something happened, with all of it, in the smallest units."""
    for day, figures in days.items():
        if figures:
            yield f"{day}  {', '.join(f'{name} {value:,}' for name, value in figures.items())}"


def told(some: list[Poison] | tuple[Poison, ...], how: str) -> Iterator[str]:
    for poison in some[:TOLD_MAX]:
        yield f"{poison.key or 'a posting without a key'} {how}, since {poison.why}."
    if len(some) > TOLD_MAX:
        yield f"{len(some) - TOLD_MAX:,} more {how}."


def _recount(backend: Backend, stage: str) -> None:
    local = stage_named(stage).is_local
    lead, settled = (_LOCAL_LEAD_MS, _LOCAL_SETTLED_MS) if local else (LEAD_MS, SETTLED_MS)
    tallying = Tallying(backend, Zones(backend), read_buckets(stage_named(stage).seen_buckets))
    try:
        with step("Waiting for what is under way, then counting the ledger", err) as progress:
            found = recount_tallies(
                tallying, lead_ms=lead, settled_ms=settled, heard=lambda rows: progress.update(rows, unit="postings")
            )
    except Contended:
        raise Trouble("Nothing was changed: another recount runs, or began meanwhile.") from None
    for line in told(found.uncountable, "is not counted"):
        complain(line)
    say(f"{found.postings:,} postings of {found.days:,} days are counted anew.", err)


def _days(backend: Backend, first: datetime | None, last: datetime | None) -> list[date]:
    """Raises Trouble."""
    try:
        zone = Laws(backend, seconds=60).latest().zone
    except ProgrammeUnknown:
        raise Trouble("No programme is published on this stage: `club publish FILE` does it.") from None
    until = last.date() if last is not None else datetime.now(UTC).astimezone(zone).date()
    since = first.date() if first is not None else until - timedelta(days=6)
    count = (until - since).days + 1
    if not 0 < count <= DAYS_MAX:
        raise Trouble(f"From {since} to {until} are {max(0, count)} days; there may be 1 to {DAYS_MAX}.")
    return [since + timedelta(days=number) for number in range(count)]
