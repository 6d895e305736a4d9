"""`club report`: a month or some days in the terminal, as the API and the mail tell them, with small charts of the figures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from club import aws
from club.automations import peppers_of
from club.console import Trouble, out, say, show_whole, step
from club.programme import Stage, in_force
from club.store import tables
from shared.actions.close_month import month_now
from shared.actions.club import Club
from shared.actions.read_days import DAYS_MAX, read_days
from shared.actions.take_census import census_now
from shared.domain.census_parts import Held, counted, part_of
from shared.domain.report_letters import shown
from shared.domain.reports import CHAPTERS, IN_FILES, Report, Section, Value
from shared.domain.voice import Voice
from shared.store.laws import Laws
from shared.store.months import chapter_of, chapters_of
from shared.store.store import Store

app = typer.Typer(help="Figures of a month or of days, as tables and small charts.", no_args_is_help=True)
_BARS = " ▁▂▃▄▅▆▇█"
# A terminal is so wide; more columns are for a file.
_COLUMNS_MAX = 14


@app.command()
def monthly(
    month: Annotated[
        str, typer.Option(help="The month, as 2026-10; the last one that is over, if it is not written.")
    ] = "",
    stage: Stage = aws.LOCAL,
) -> None:
    """Print a month: as it was closed, beside the month before and the one a year before. An open one is counted now."""
    club = club_of(stage)
    today = club.now().astimezone(club.laws.at(club.now()).zone).date()
    last = last_day_of(month, today)
    chapters, is_closed = chapters_now(club, last, today)
    report = chapters[0]
    before = [
        _closed(club, day)
        for day in (last.replace(day=1) - timedelta(days=1), last_day_of(f"{last.year - 1}-{last:%m}", today))
    ]
    voice = Voice("en", report.currency)
    say(f"{last:%B %Y}, {'closed' if is_closed else 'not closed: counted from the ledger now'}.")
    out.print(_figures(report, before, voice))
    for section in report.sections[1:]:
        _print(section, voice)
    for note in report.notes:
        say(note)
    for chapter in chapters[1:]:
        print_chapter(chapter, voice)


@app.command()
def days(
    from_: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day; without it, 30 days.")
    ] = None,
    to: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The last day; without it, today.")] = None,
    stage: Stage = aws.LOCAL,
) -> None:
    """Print each figure of some days as a line of bars, with its least, its most and its last."""
    club = club_of(stage)
    until = to.date() if to is not None else club.now().astimezone(club.laws.at(club.now()).zone).date()
    since = from_.date() if from_ is not None else until - timedelta(days=29)
    if not 0 <= (until - since).days < DAYS_MAX:
        raise Trouble(f"From {since} to {until} are not 1 to {DAYS_MAX} days.")
    with step("Reading the days"):
        report = read_days(club, "live", since, until, lambda: 60.0)
    section = report.sections[0]
    table = Table("figure", "least", "most", "last", f"{since} to {until}", box=None, pad_edge=False)
    voice = Voice("en", report.currency)
    for place, column in list(enumerate(section.columns))[2:]:
        values = [row[place] for row in section.rows]
        known = [value for value in values if isinstance(value, int)]
        if known:
            told = (shown(column, value, voice) for value in (min(known), max(known), values[-1]))
            table.add_row(Text(column.name), *told, bars(values))
    out.print(table)
    for note in report.notes:
        say(note)


def bars(values: Sequence[Value]) -> str:
    """A line of bars, each as high as its value beside the highest; a dot where nobody knows.

    >>> bars([0, 4, None, 8])
    ' ▄·█'
    """
    numbers = [Fraction(value) if isinstance(value, int | Fraction) else None for value in values]
    most = max((number for number in numbers if number is not None), default=Fraction(0))
    steps = len(_BARS) - 1
    return "".join(
        "·" if number is None else _BARS[max(0, round(number / most * steps)) if most > 0 else 0] for number in numbers
    )


def club_of(stage: str) -> Club:
    """The club of a stage, with its law. Raises Trouble where none is published."""
    in_force(stage)
    backend = tables(stage)
    return Club(Store(backend), Laws(backend, 60), peppers_of(stage))


def last_day_of(month: str, today: date) -> date:
    """The last day of a month as it was typed; of the last one that is over, where none was. Raises Trouble."""
    if not month:
        return today.replace(day=1) - timedelta(days=1)
    try:
        first = datetime.strptime(month, "%Y-%m").date()  # noqa: DTZ007  # A civil month has no zone.
    except ValueError:
        raise Trouble(f"{month!r} is not a month, such as 2026-10.") from None
    return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def chapters_now(club: Club, last: date, today: date) -> tuple[list[Report], bool]:
    """The chapters of a month as they were closed, else as they are now: until today, where it is not over."""
    closed = chapters_of(club.store.backend, "live", f"{last:%Y-%m}", CHAPTERS)
    if closed:
        return [one.report for one in closed], True
    if last.replace(day=1) > today:
        raise Trouble(f"{last:%Y-%m} has not begun.")
    last = min(last, today)
    with step("Reading each member's postings") as progress:
        members = census_now(club, "live", last, lambda members: progress.update(members, unit="members"))
        census = counted(Held([part_of(members, last)]))
    return month_now(club, "live", last, census), False


def print_month(club: Club, name: str, month: str) -> Report:
    """One chapter of a month as it was typed, printed, and given back. Raises Trouble."""
    today = datetime.now(UTC).astimezone(club.laws.at(club.now()).zone).date()
    chapters, is_closed = chapters_now(club, last_day_of(month, today), today)
    report = next((one for one in chapters if one.name == name), None)
    if report is None:
        raise Trouble(f"{month} was closed before there was such a chapter.")
    say(f"{report.last:%B %Y}, {'closed' if is_closed else 'not closed: counted from the ledger now'}.")
    print_chapter(report, Voice("en", report.currency))
    return report


def _closed(club: Club, last: date) -> Report | None:
    chapter = chapter_of(club.store.backend, "live", f"{last:%Y-%m}", CHAPTERS[0])
    return chapter.report if chapter is not None else None


def _figures(report: Report, before: Sequence[Report | None], voice: Voice) -> Table:
    """Each figure beside those of the months before; what these do not tell is left empty."""
    table = Table("figure", f"{report.first:%Y-%m}", "a month before", "a year before", "", box=None, pad_edge=False)
    for column in table.columns[1:4]:
        column.justify = "right"
    known = [{row[0]: row[2] for row in one.sections[0].rows} if one is not None else {} for one in before]
    section = report.sections[0]
    for row in section.rows:
        kind = section.columns_of(row)[2]
        cells = [shown(kind, row[2], voice)]
        cells += [shown(kind, one[row[0]], voice) if row[0] in one else "" for one in known]
        values = [known[1].get(row[0]), known[0].get(row[0]), row[2]]
        table.add_row(Text(str(row[0])), *cells, bars(values) if any(known) else "")
    return table


def _print_days(section: Section, voice: Voice) -> None:
    """Each figure of which anything happened as a line of bars, a bar a day."""
    table = Table("day by day", "in all", "", box=None, pad_edge=False)
    table.columns[1].justify = "right"
    for place, column in list(enumerate(section.columns))[1:]:
        values = [row[place] for row in section.rows]
        if any(values):
            whole = sum(value for value in values if isinstance(value, int))
            table.add_row(Text(column.name), shown(column, whole, voice), bars(values))
    out.print()
    out.print(table)


def print_chapter(report: Report, voice: Voice) -> None:
    say(f"\n{report.name.upper()}")
    for section in report.sections:
        _print(section, voice)
    for note in report.notes:
        say(note)


def _print(section: Section, voice: Voice) -> None:
    if not section.rows:
        return
    if section.name == IN_FILES:
        _print_days(section, voice)
        return
    say(f"\n{section.name.replace('_', ' ')}")
    columns = section.columns[:_COLUMNS_MAX]
    table = Table(*(column.name.removeprefix("month_") for column in columns), box=None, pad_edge=False)
    for shown_column in table.columns:
        shown_column.no_wrap = True
    for shown_column in table.columns[1:]:
        shown_column.justify = "right"
    for row in section.rows:
        kinds = section.columns_of(row)
        table.add_row(*(Text(shown(*pair, voice)) for pair in list(zip(kinds, row, strict=True))[:_COLUMNS_MAX]))
    show_whole(table)
