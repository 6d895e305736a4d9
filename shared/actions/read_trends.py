"""The figures of closed days and months as series, and what moved one of them between two spans of days."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from fractions import Fraction

from shared.actions.close_month import KPI
from shared.actions.close_targets import figures_of
from shared.actions.club import Club
from shared.actions.read_history import read_history
from shared.domain.account import MERGED
from shared.domain.kpi import adds_up, value_in
from shared.domain.moved import Span, Sums, happened, more, sums_of
from shared.domain.targets import LASTING, UNITS
from shared.domain.tiers import tiers_on
from shared.domain.trends import DAYS_OF_WEEK, POINTS_MAX, By, Trend, changes_of, trend_of, weeks_of
from shared.store import keys
from shared.store.kpi import closed_in
from shared.store.months import chapter_of
from shared.store.rows import account_if_readable

Days = Mapping[date, Mapping[str, int]]


def closed_days(
    club: Club, mode: keys.Mode, last: date, days: int = POINTS_MAX["day"]
) -> dict[date, Mapping[str, int]]:
    """The figures of closed days until one, in their sequence: a round trip for each year. Raises Busy."""
    first = last - timedelta(days=days - 1)
    told: dict[date, Mapping[str, int]] = {}
    for year in range(first.year, last.year + 1):
        found = closed_in(club.store.backend, mode, year)
        told |= {day: found[day].figures for day in sorted(found) if first <= day <= last}
    return told


def trend_of_days(days: Days, name: str) -> Trend:
    """The trend of a figure by closed days, of what there is at their ends by its changes. Until it is first told the club did
    not know it: a rise from nothing is none."""
    known = _known(days, name)
    return trend_of(known if adds_up(name) else changes_of(known), "day")


def read_trend(club: Club, mode: keys.Mode, name: str, by: By, last: date) -> Trend:
    """Of a figure of days by day or week, or of one of months by month, as they were closed. Raises Busy."""
    if by == "month":
        months = _months(club, mode, name, last)
        return trend_of(changes_of(months) if is_of_changes(name, by) else months, by)
    if by == "day":
        return trend_of_days(closed_days(club, mode, last), name)
    days = closed_days(club, mode, last, POINTS_MAX["week"] * DAYS_OF_WEEK)
    weeks = weeks_of(_known(days, name), adds_up=adds_up(name))
    return trend_of(weeks if adds_up(name) else changes_of(weeks), by)


def is_of_changes(name: str, by: By) -> bool:
    """Whether a figure is of what there is, so that its changes are looked at."""
    return name in LASTING and UNITS[name] == "number" and name != "rhythm_days" if by == "month" else not adds_up(name)


def read_moved(
    club: Club, mode: keys.Mode, figure: str, before: Span, after: Span, heard: Callable[[int], None] = lambda _: None
) -> Sums:
    """Reads each member's postings. Of a membership that became another one the other tells. Raises Busy."""
    sums: Sums = {}
    members = 0
    for row in club.store.backend.scanned("accounts"):
        account = account_if_readable(row) if keys.is_account_id(mode, row["a"]) else None
        if account is None or account.status == MERGED:
            continue
        members += 1
        heard(members)
        tier = tiers_on(account, after.last, club.laws.at(club.now())).get("", "")
        told = read_history(club, account)
        some = happened([*told.rows, *told.others], told.history, figure, club.laws.version)
        sums = more(sums, sums_of(some, told.history, tier, before, after))
    return sums


def _known(days: Days, name: str) -> list[tuple[date, int]]:
    known = [(day, value) for day, figures in days.items() if (value := value_in(figures, name)) is not None]
    first = next((at for at, (_, value) in enumerate(known) if value), len(known))
    return known[first:]


def _months(club: Club, mode: keys.Mode, name: str, last: date) -> list[tuple[date, int | Fraction]]:
    told: list[tuple[date, int | Fraction]] = []
    on = last.replace(day=1)
    for _ in range(POINTS_MAX["month"]):
        chapter = chapter_of(club.store.backend, mode, f"{on:%Y-%m}", KPI)
        value = figures_of(chapter.report).get(name) if chapter is not None else None
        if isinstance(value, int | Fraction):
            told.append((on, value))
        on = (on - timedelta(days=1)).replace(day=1)
    return told[::-1]
