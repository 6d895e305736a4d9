"""`club trends`: did a figure rise or fall by more than noise, what moved it, and where it stands beside targets and budget."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Annotated, cast, get_args

import typer
from rich.table import Table
from rich.text import Text

from club import aws
from club.automations import peppers_of
from club.console import Trouble, out, say, step
from club.programme import Stage, in_force
from club.store import tables
from shared.actions.close_targets import targets_now
from shared.actions.club import Club
from shared.actions.read_trends import closed_days, is_of_changes, read_moved, read_trend, trend_of_days
from shared.domain.kpi import figure_of
from shared.domain.money import exact_text
from shared.domain.months import KPIS
from shared.domain.moved import SPLITS, Span, Sums, parts_of, unsplit_because, whole_of
from shared.domain.report_letters import shown
from shared.domain.trends import BASELINE_MIN, DAYS_OF_WEEK, JUDGED, WEEKS_MIN, By, Point, Trend
from shared.domain.trends import whole_of as rounded_of
from shared.domain.voice import Voice
from shared.store.laws import Laws
from shared.store.store import Store

# As many points as a terminal shows beneath each other, and as wide a bar.
SHOWN_MAX, BAR_WIDTH = 30, 40
_WAYS = {"rise": "rose", "fall": "fell"}
_SIGNS = {"rise": "▲", "fall": "▼", "none": ""}


def trends(
    figure: Annotated[str | None, typer.Argument(help="A figure of `club kpis`; without one, all that turned.")] = None,
    by: Annotated[str, typer.Option(help="day, week or month.")] = "day",
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The last day; without it, yesterday.")
    ] = None,
    moved: Annotated[
        bool,
        typer.Option("--moved", help="Also split four weeks, or a month, against those before, by members' postings."),
    ] = False,
    stage: Stage = aws.LOCAL,
) -> None:
    """Show whether a figure rose or fell by more than noise, with a chart; without one, targets, budget and all that turned."""
    if by not in get_args(By):
        raise Trouble(f"--by is one of {', '.join(get_args(By))}.")
    in_force(stage)
    backend = tables(stage)
    club = Club(Store(backend), Laws(backend, 60), peppers_of(stage))
    book = club.laws.at(club.now())
    last = until.date() if until else club.now().astimezone(book.zone).date() - timedelta(days=1)
    if figure is None:
        _overview(club, last, Voice("en", book.programme.club.currency))
        return
    is_known = any(kpi.name == figure for kpi in KPIS) if by == "month" else figure_of(figure) is not None
    if not is_known:
        raise Trouble(
            f"There is no figure {figure!r} of a {'month' if by == 'month' else 'day'}: `club kpis` lists them."
        )
    if moved and (why := unsplit_because(figure)):
        raise Trouble(f"What moved {figure} is not told by members' postings: {why}.")
    trend = read_trend(club, "live", figure, cast(By, by), last)
    for line in chart(trend):
        say(line)
    say(sentence(called(figure, cast(By, by)), trend, cast(By, by)))
    if moved:
        _moved(club, figure, *spans_of(last, cast(By, by)))


def called(figure: str, by: By) -> str:
    return f"the change of {figure}" if is_of_changes(figure, by) else figure


def chart(trend: Trend) -> Iterator[str]:
    """The last points beneath each other, each with a bar and its marks."""
    points = trend.points[-SHOWN_MAX:]
    most = max((point.value for point in points), default=Fraction(0))
    width = max((len(_number(point.value)) for point in points), default=0)
    for point in points:
        length = rounded_of(point.value * BAR_WIDTH * most**-1) if most > 0 and point.value > 0 else 0
        told = "; ".join(f"{_SIGNS[way]} {mark}" for mark, way in point.marks)
        yield f"{point.on} {_number(point.value):>{width}} {'█' * length}  {told}".rstrip()


def sentence(figure: str, trend: Trend, by: By) -> str:
    """What the last point says, in words."""
    if trend.why == "few":
        least = (WEEKS_MIN * DAYS_OF_WEEK if by == "day" else BASELINE_MIN) + JUDGED
        return f"Not enough data: {figure} is known of {len(trend.points)} {by}s, and {least} are needed to tell noise from news."
    if trend.why == "sparse":
        return f"Not enough data: {figure} is 0 on half of its {by}s or more, so each other one would look like news."
    last = trend.points[-1]
    low, high = _usual(trend, last)
    told = f"{_number(last.value)} in the {by} of {last.on}, where {_number(low)} to {_number(high)} are usual"
    if not last.marks:
        return f"{figure} is as usual: {told}."
    marks = ", ".join(dict.fromkeys(mark for mark, _ in last.marks))
    return f"{figure} {_WAYS[last.marks[0][1]]} by more than noise: {told} ({marks})."


def told_moved(sums: Sums, figure: str, before: Span, after: Span) -> Iterator[str]:
    whole = whole_of(sums)
    yield (
        f"\n{figure} of members: {whole.after:,} from {after.first} to {after.last}, {whole.before:,} from {before.first} to"
        f" {before.last}: {whole.change:+,}. Each split below adds up to it."
    )
    for split in SPLITS:
        parts = parts_of(sums, split)
        if parts and all(part.name is None for part in parts):
            yield f"  by {split}: not known, for what {figure} counts is told without a {split}"
            continue
        told = [f"{_called(part.name)} {part.change:+,} ({part.before:,} → {part.after:,})" for part in parts]
        yield f"  by {split}: {'; '.join(told) or 'nothing'}"


def _called(name: str | None) -> str:
    return "not told" if name is None else name or "none"


def _usual(trend: Trend, point: Point) -> tuple[Fraction, Fraction]:
    """The limits as they are on the point's own day of the week; what is counted is never below nothing."""
    assert trend.low is not None
    assert trend.high is not None
    effect = point.value - point.adjusted
    low, high = trend.low + effect, trend.high + effect
    # Of changes some are below nothing.
    is_count = all(one.value >= 0 for one in trend.points)
    return (max(Fraction(0), low), max(Fraction(0), high)) if is_count else (low, high)


def _number(value: Fraction) -> str:
    """Whole where it is large: limits are no exact promise."""
    if value.denominator == 1 or abs(value) >= 10:
        return f"{rounded_of(value):,}"
    return exact_text(rounded_of(value * 1_000), 1_000)


def _overview(club: Club, last: date, voice: Voice) -> None:
    closed = last.replace(day=1) - timedelta(days=1)
    report = targets_now(club, "live", closed)
    for section in report.sections:
        if section.rows:
            say(f"{section.name} of {closed:%Y-%m}")
            table = Table(*(column.name for column in section.columns), box=None, pad_edge=False)
            for row in section.rows:
                pairs = zip(section.columns_of(row), row, strict=True)
                table.add_row(*(Text(shown(kind, value, voice)) for kind, value in pairs))
            out.print(table)
    days = closed_days(club, "live", last)
    turned = []
    for name in sorted({name for figures in days.values() for name in figures}):
        trend = trend_of_days(days, name)
        if trend.way in _WAYS:
            turned.append(sentence(called(name, "day"), trend, "day"))
    say(f"Of {len(days):,} closed days until {last}:")
    for line in turned or ["nothing rose or fell by more than noise, as far as there is enough data."]:
        say(f"  {line}")


def spans_of(last: date, by: By) -> tuple[Span, Span]:
    """What is set beside each other: four weeks and the four before, which have the same weekdays; or the last month that is over
    and the one before it."""
    if by != "month":
        days = 4 * DAYS_OF_WEEK
        after = Span(last - timedelta(days=days - 1), last)
        return Span(after.first - timedelta(days=days), after.first - timedelta(days=1)), after
    end = (last + timedelta(days=1)).replace(day=1) - timedelta(days=1)
    after = Span(end.replace(day=1), end)
    end = after.first - timedelta(days=1)
    return Span(end.replace(day=1), end), after


def _moved(club: Club, figure: str, before: Span, after: Span) -> None:
    with step("Reading each member's postings") as progress:
        sums = read_moved(club, "live", figure, before, after, lambda members: progress.update(members, unit="members"))
    for line in told_moved(sums, figure, before, after):
        say(line)
