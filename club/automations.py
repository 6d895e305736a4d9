"""`club automations`: who would be due on a day, why, and what that costs; nothing is written. `club job`: one run, for real."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, NamedTuple

import typer
from rich.table import Table
from rich.text import Text

from club import aws
from club.console import Trouble, out, say, step
from club.programme import Stage, in_force
from club.rehearsal import Copy, End, Rehearsal
from club.store import tables
from infra.stage import stage_named
from shared.actions.club import Club
from shared.actions.sweep import Swept, days_to_sweep, dues, sweep
from shared.domain.account import Account
from shared.domain.automations import Due
from shared.domain.rulebook import Rulebook
from shared.domain.sentences import Speaker
from shared.domain.switched import Switched
from shared.domain.voice import Voice
from shared.store.backend import Put, TableName
from shared.store.keys import is_account_id
from shared.store.laws import Laws
from shared.store.peppers import Peppers
from shared.store.rows import account_of
from shared.store.runs import last_day, put_last_day
from shared.store.store import Store
from shared.store.switched import switched_of

JOBS = ("sweep",)
# What a sweep and the post read; where an automation asks for purchases, the ledger too.
COPIED: tuple[TableName, ...] = ("accounts", "club", "limits", "people", "post")
# Members that are named one by one; of more the counts are told.
NAMED_MAX = 20
On = Annotated[
    str | None, typer.Option("--on", help="A civil day of the club's zone, such as 2027-03-21; today without it.")
]


class Cost(NamedTuple):
    """What an automation would do on a day: members, of whom so many are held out, and what is given, in minor units."""

    due: int
    held_out: int
    units: int
    worth_minor: int


def automations(
    on: On = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Nothing is written: this command never writes.")] = True,
    stage: Stage = aws.LOCAL,
) -> None:
    """List who would be due for each automation on a day, why, and what it would cost. Nothing is written."""
    if not dry_run:
        raise Trouble("Nothing is ever written here: `club job sweep` runs the automations for real.")
    book = in_force(stage)
    day = day_of(on, book)
    if not book.automations:
        raise Trouble("The programme has no [[automation]].")
    with step("Reading the accounts"):
        accounts = list(members(stage))
    switched = switched_of(tables(stage), "live")
    found = list(dues(accounts, [day], book, Store(tables(stage)), switched.off))
    speaker = Speaker(book, "en")
    for rule in book.automations:
        say(speaker.automation(rule))
        for line in of_staff(rule.automation.id, switched):
            say(line)
    out.print(table(costs(found, book), book))
    for line in named(found):
        say(line)


def job(
    name: Annotated[str, typer.Argument(help=f"One of {', '.join(JOBS)}.")], on: On = None, stage: Stage = aws.LOCAL
) -> None:
    """Run one job of the clock now, as if it were noon of a day: what was done before is not done again."""
    if name not in JOBS:
        raise Trouble(f"There is no job {name!r}; there is {', '.join(JOBS)}.")
    book = in_force(stage)
    day = day_of(on, book)
    backend = tables(stage)
    club = Club(Store(backend), Laws(backend, 60), peppers_of(stage))
    if on is not None:
        club = replace(club, now=noon_of(day, book))
    before = last_day(club.store.backend, name)
    days = days_to_sweep(before, day) or [day]
    with step(f"Sweeping {', '.join(str(one) for one in days)}"):
        swept = sweep(club, "live", days, lambda: 60.0)
    put_last_day(club.store.backend, name, max(day, before or day))
    for line in said(swept, book):
        say(line)


def peppers_of(stage: str) -> Peppers:
    found = aws.client("ssm", stage).get_parameter(Name=stage_named(stage).peppers, WithDecryption=True)
    return Peppers(found["Parameter"].get("Value", ""))


def day_of(text: str | None, book: Rulebook) -> date:
    if text is None:
        return datetime.now(book.zone).date()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Trouble(f"{text!r} is no day, such as 2027-03-21.") from None


def members(stage: str) -> Iterator[Account]:
    return (account_of(row) for row in tables(stage).scanned("accounts") if is_account_id("live", row["a"]))


def costs(found: Iterable[tuple[Account, Due]], book: Rulebook) -> dict[str, Cost]:
    told = {rule.automation.id: Cost(0, 0, 0, 0) for rule in book.automations}
    for _, due in found:
        one, old = due.rule.automation, told[due.rule.automation.id]
        units = 0 if due.arm == "held_out" else due.units
        rules = book.wallet(one.wallet)
        worth = units * rules.value_minor // 10**rules.decimals
        told[one.id] = Cost(
            old.due + 1, old.held_out + (due.arm == "held_out"), old.units + units, old.worth_minor + worth
        )
    return told


def of_staff(automation_id: str, switched: Switched) -> Iterator[str]:
    """Of one that staff switched off: who, when and why."""
    word = switched.words.get(automation_id)
    if word is not None and not word.enabled:
        yield f"  Switched off by {word.actor} on {word.at[:10]}: {word.reason}"


def table(told: dict[str, Cost], book: Rulebook) -> Table:
    voice = Voice("en", book.programme.club.currency)
    shown = Table("automation", "due", "held out", "gives", "worth", box=None, pad_edge=False)
    for name, cost in told.items():
        shown.add_row(
            Text(name), f"{cost.due:,}", f"{cost.held_out:,}", f"{cost.units:,}", voice.money(cost.worth_minor)
        )
    return shown


def named(found: list[tuple[Account, Due]]) -> Iterator[str]:
    """The first members one by one, with the figures that their conditions read."""
    for account, due in found[:NAMED_MAX]:
        arm = "held out" if due.arm == "held_out" else f"gets {_gift(due)}"
        yield f"{account.id}: {due.rule.automation.id}, {arm}"
    if len(found) > NAMED_MAX:
        yield f"and {len(found) - NAMED_MAX:,} more."


def _gift(due: Due) -> str:
    units = [f"{due.units:,}"] if due.units or not due.offer else []
    return " and ".join([*units, *([f"a coupon for {due.offer}"] if due.offer else [])])


def said(swept: Swept, book: Rulebook) -> Iterator[str]:
    yield f"{swept.accounts:,} accounts; the night booked something for {swept.nights:,} of them."
    for rule in book.automations:
        name = rule.automation.id
        if any(name in some for some in (swept.due, swept.over_budget)):
            due, held_out = swept.due.get(name, 0), swept.held_out.get(name, 0)
            coupons = f" and {due - held_out:,} coupons" if rule.automation.offer is not None else ""
            yield (
                f"{name}: due {due:,}, held out {held_out:,}, gave {swept.units.get(name, 0):,}{coupons}, over its budget "
                f"{swept.over_budget.get(name, 0):,}."
            )
    if swept.failed:
        yield f"{swept.failed:,} accounts could not be done now: run it again, and they are."


def year(
    number: Annotated[int, typer.Argument(metavar="YEAR", min=2024, max=2099, help="A civil year.")],
    stage: Stage = aws.LOCAL,
) -> None:
    """Move a clock day by day through a year of the club, and print what it would grant and send. Nothing is written."""
    book = in_force(stage)
    copy = copied(stage, (*COPIED, "ledger") if book.ledger_automations else COPIED)
    together = Swept()
    first, last = date(number, 1, 1), date(number, 12, 31)
    rehearsal = Rehearsal(copy, book, peppers_of(stage), first)
    with step(f"Moving through {number}") as progress:
        for day in (first + timedelta(days=more) for more in range((last - first).days + 1)):
            together = together.more(rehearsal.day(day))
            progress.update((day - first).days + 1, (last - first).days + 1, "days")
    for line in said(together, book):
        say(line)
    if rehearsal.ends:
        out.print(of_messages(rehearsal.ends))


def of_messages(ends: Counter[End]) -> Table:
    """How the messages of each automation would end, the sent ones first."""
    shown = Table("messages of", "", "by", "why", "", box=None, pad_edge=False)
    for end, count in sorted(ends.items(), key=lambda one: (one[0].source, one[0].state != "SENT", -one[1])):
        why = "" if end.channel else end.reason
        shown.add_row(Text(end.source), end.state.lower(), end.channel, why, f"{count:,}")
    return shown


def copied(stage: str, names: tuple[TableName, ...] = COPIED) -> Copy:
    """What a sweep and the post read of a stage, as rows in memory: what is written there is written nowhere."""
    copy = Copy()
    with step("Copying the accounts"):
        for name in names:
            for row in tables(stage).scanned(name):
                copy.write([Put(name, row)])
    return copy


def noon_of(day: date, book: Rulebook) -> Callable[[], datetime]:
    at = datetime.combine(day, time(12), book.zone).astimezone(UTC)
    return lambda: at
