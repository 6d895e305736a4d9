"""`club job`: one run of a job of the clock, now, as its schedule would call it; what it did or found is printed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Annotated, NamedTuple

import typer
from rich.table import Table
from rich.text import Text

from club import aws
from club.automations import On, day_of, noon_of, peppers_of, said
from club.console import Trouble, complain, err, out, say, step
from club.playbooks import said_of
from club.programme import Stage, in_force
from club.report import print_chapter
from club.store import tables
from club.verify import told
from functions.scheduler.timetable import BY_NAME
from infra.stage import stage_named
from shared.actions.close_days import close_day, yesterday_of
from shared.actions.close_estimates import close_estimates
from shared.actions.close_month import close_month
from shared.actions.close_targets import close_targets
from shared.actions.club import Club
from shared.actions.forget import forget
from shared.actions.run_playbooks import intents_of, run_playbooks
from shared.actions.sweep import days_to_sweep, sweep
from shared.actions.take_census import month_before, take_census
from shared.actions.verify_accounts import verify_accounts
from shared.actions.walking import Unfinished
from shared.domain.kpi import FIGURES, figure_of
from shared.domain.rulebook import Rulebook
from shared.domain.voice import Voice
from shared.store.kpi import Closed, Counts, put_counts
from shared.store.laws import Laws
from shared.store.runs import last_day, put_last_day
from shared.store.store import Store


class Desk(NamedTuple):
    """What a run by hand is given. `day`: today, or the day that was asked for with `--on`."""

    club: Club
    book: Rulebook
    day: date
    is_asked: bool
    stage: str


def job(
    name: Annotated[str, typer.Argument(help="One of the timetable's, but for `waiting`, which runs all day.")],
    on: On = None,
    stage: Stage = aws.LOCAL,
) -> None:
    """Run one job of the clock now, as if it were noon of a day: what was done before is not done again. Of `kpi` it is the day
    that is closed."""
    if name not in RUNS:
        raise Trouble(f"There is no job {name!r}; there is {', '.join(RUNS)}.")
    book = in_force(stage)
    day = day_of(on, book)
    backend = tables(stage)
    club = Club(Store(backend), Laws(backend, 60), peppers_of(stage))
    if on is not None and name != "kpi":
        club = replace(club, now=noon_of(day, book))
    try:
        is_well = RUNS[name](Desk(club, book, day, on is not None, stage))
    except Unfinished:
        raise Trouble("DynamoDB refuses too many writes: run it again later; what was done is done.") from None
    sys.exit(0 if is_well else 1)


def _sweep(at: Desk) -> bool:
    backend = at.club.store.backend
    before = last_day(backend, "sweep")
    days = days_to_sweep(before, at.day) or [at.day]
    with step(f"Sweeping {', '.join(map(str, days))}"):
        swept = sweep(at.club, "live", days, _plenty)
    put_last_day(backend, "sweep", max(at.day, before or at.day))
    if not at.is_asked:
        # Of another day nobody can count them any more.
        put_counts(backend, Counts("live", at.day - timedelta(days=1), 0, 1, swept.members), at.club.now())
    for line in said(swept, at.book):
        say(line)
    return True


def _verify(at: Desk) -> bool:
    """As the night would: the next night proves the same again."""
    days = days_to_sweep(last_day(at.club.store.backend, "verify"), at.day) or [at.day]
    with step("Proving accounts by their postings", err):
        verified = verify_accounts(at.club, days, _plenty)
    for fault in verified.faults:
        complain(told(fault))
    whole = f"{verified.accounts:,} accounts, of which {verified.proven:,} changed or had their turn and are proven"
    say(f"{whole}: {f'{verified.broken:,} are broken' if verified.broken else 'nothing is broken'}.")
    if verified.failed:
        complain(f"{verified.failed:,} could not be read now: run it again.")
    return not verified.broken


def _kpi(at: Desk) -> bool:
    yesterday = yesterday_of(at.club)
    day = at.day if at.is_asked else yesterday
    if day > yesterday:
        raise Trouble(f"{day} is not over: {yesterday} is the last day that can be closed.")
    try:
        closed = close_day(at.club, "live", day, may_wait=day == yesterday)
    except Unfinished:
        raise Trouble(f"Nobody has counted the members at the end of {day} yet: `club job sweep` does.") from None
    out.print(shown(closed))
    say(f"{day} was closed at {datetime.fromtimestamp(closed.closed_ms // 1000, at.book.zone):%Y-%m-%d %H:%M}.")
    if closed.members is None:
        say("How many members there were was not counted in the night after it.")
    if day == yesterday:
        played = run_playbooks(at.club, "live", day, _plenty)
        for intent in intents_of(played, "live"):
            sqs = aws.client("sqs", at.stage)
            queue = sqs.get_queue_url(QueueName=stage_named(at.stage).queue("urgent"))["QueueUrl"]
            sqs.send_message(QueueUrl=queue, MessageBody=intent.text)
        for one in played:
            say(said_of(one.verdict, one.firing))
    return True


def _retention(at: Desk) -> bool:
    queue = aws.client("sqs", at.stage).get_queue_url(QueueName=stage_named(at.stage).queue("marketing"))["QueueUrl"]

    def again(text: str) -> None:
        aws.client("sqs", at.stage).send_message(QueueUrl=queue, MessageBody=text)

    with step("Forgetting"):
        forgotten = forget(at.club, again, _plenty)
    say(
        f"{forgotten.rows:,} rows are forgotten; {forgotten.messages:,} messages that waited too long went to their queue."
    )
    return True


def shown(closed: Closed) -> Table:
    """A closed day, figure by figure in the sequence in which they are explained."""
    table = Table("figure", "", "unit", "what", box=None, pad_edge=False)
    table.columns[1].justify = "right"
    places = {figure: place for place, figure in enumerate(FIGURES)}
    found = [(name, value, figure_of(name)) for name, value in closed.figures.items()]
    for name, value, figure in sorted(found, key=lambda one: (places.get(one[2], len(places)), one[0])):  # type: ignore[arg-type]
        table.add_row(Text(name), f"{value:,}", figure.unit if figure else "", figure.what if figure else "")
    return table


def _plenty() -> float:
    return 60.0


def _census(at: Desk) -> bool:
    name, last = _month_that_is_over(at)
    with step(f"Reading each member's postings, for {name}"):
        counted = take_census(at.club, "live", last, _plenty)
        while counted.on is not None:
            counted = take_census(at.club, "live", last, _plenty, counted.on)
    say(f"The members are counted for {name}: `club job month` closes it.")
    return True


def _month_that_is_over(at: Desk) -> tuple[str, date]:
    """The month before the day that was asked for. Raises Trouble: what is closed early lacks its last days for ever."""
    name, last = month_before(at.day)
    if last >= day_of(None, at.book):
        raise Trouble(
            f"{name} is not over: `--on` names a day of the month after the one that is meant, and not one to come."
        )
    return name, last


def _parts_of(at: Desk) -> int:
    """Into how many the clock cuts the census."""
    return stage_named(at.stage).parts or BY_NAME["census"].parts


def _month(at: Desk) -> bool:
    name, last = _month_that_is_over(at)
    closed = None
    # As the clock counted it, or as somebody did by hand.
    for parts in (_parts_of(at), 1):
        with suppress(Unfinished):
            closed = closed or close_month(at.club, "live", last, parts)
    if closed is None:
        raise Trouble(f"Nobody has counted the members for {name} yet: `club job census` does.")
    close_targets(at.club, "live", last)
    say(f"{name} was closed at {datetime.fromtimestamp(closed[0].closed_ms // 1000, at.book.zone):%Y-%m-%d %H:%M}.")
    say(f"`club report monthly --month {name}` shows it.")
    return True


def _estimates(at: Desk) -> bool:
    name, last = _month_that_is_over(at)
    backend = at.club.store.backend
    try:
        with step(f"Fitting what is known of {name}"):
            closed = close_estimates(backend, at.book, at.club.now(), "live", last, _parts_of(at))
    except Unfinished:
        raise Trouble(
            f"{name} is not closed, or nobody has counted the members for it: `club job census` and then `club job month` do."
        ) from None
    for chapter in closed:
        print_chapter(chapter.report, Voice("en", chapter.report.currency))
    return True


RUNS: Mapping[str, Callable[[Desk], bool]] = {
    "sweep": _sweep, "verify": _verify, "kpi": _kpi, "census": _census, "month": _month, "estimates": _estimates,
    "retention": _retention,
}  # fmt: skip
