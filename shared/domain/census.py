"""The census of a month: one line for each member, with what a month's figures are counted from. Lines name nobody; those of any
parts of the club together are those of the whole, in whatever sequence they come.

A purchase counts on its own day, and only what of it was kept: one that came back whole counts no more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from types import MappingProxyType
from typing import NamedTuple

from shared.domain.account import MERGED, Account
from shared.domain.automations import is_held_out_of_all
from shared.domain.civil_months import month_of
from shared.domain.effects import effects_of
from shared.domain.history import Bought, History
from shared.domain.kpi import ACTIVE_DAYS
from shared.domain.owed import Owed
from shared.domain.rulebook import Rulebook
from shared.domain.sources import sources_of
from shared.domain.sums import added
from shared.domain.tiers import tiers_on

# Months after the first purchase of which it is known whether the member bought in them.
MONTHS_KNOWN = 60


class Line(NamedTuple):
    """One member at the end of a month. Days are ordinals, 0 for none. What ends in `_12m` is of the 365 days until that end;
    `margin_12m_minor` is None where one of these purchases has goods whose cost nobody knows. `months`: bit k is 1 where the
    member bought in the k-th month after that of the first purchase. `was_active`: at the end of the month before;
    `came_back`: bought within the month after a silence of 365 days. `again_minor`: spent after the first day of all."""

    joined: int
    first: int = 0
    last: int = 0
    purchases: int = 0
    days: int = 0
    spend_minor: int = 0
    purchases_12m: int = 0
    spend_12m_minor: int = 0
    margin_12m_minor: int | None = 0
    purchases_month: int = 0
    months: int = 0
    was_active: bool = False
    came_back: bool = False
    tier: str = ""
    again_minor: int = 0


class Census(NamedTuple):
    """Lines; how often which number of days lay between two days of one member's purchases; what is owed to all of them; what
    became of those who were due for automations; and what members of each source did."""

    lines: tuple[Line, ...] = ()
    gaps: Mapping[int, int] = MappingProxyType({})
    # Nobody adds to these: sums are made anew.
    owed: Owed = {}  # noqa: RUF012
    effects: Owed = {}  # noqa: RUF012
    sources: Owed = {}  # noqa: RUF012


def all_of(parts: Sequence[Census]) -> Census:
    """Any parts of a census as one."""
    lines = tuple(line for part in parts for line in part.lines)
    gaps = added(part.gaps for part in parts)
    owed, effects, sources = (added(getattr(part, name) for part in parts) for name in ("owed", "effects", "sources"))
    return Census(lines, gaps, owed, effects, sources)


def census_of(account: Account, history: History, last_day: date, book: Rulebook) -> Census:
    """One member's part; none of who joined later, and of a membership that another one took over."""
    if account.status == MERGED or account.joined_on > last_day:
        return Census()
    effects = effects_of(history, last_day, held_out_of_all=_held_out(account, book))
    sources = sources_of(account, history, last_day)
    bought = [one for one in history.bought if one.on <= last_day]
    tier = tiers_on(account, last_day, book).get("", "") or ""
    if not bought:
        return Census((Line(account.joined_on.toordinal(), tier=tier),), effects=effects, sources=sources)
    days = sorted({one.on for one in bought})
    month_began = last_day.replace(day=1)
    year = [one for one in bought if one.on > last_day - timedelta(days=ACTIVE_DAYS)]
    margins = [one.margin_minor for one in year]
    line = Line(
        account.joined_on.toordinal(),
        days[0].toordinal(),
        days[-1].toordinal(),
        len(bought),
        len(days),
        sum(one.kept_minor for one in bought),
        len(year),
        sum(one.kept_minor for one in year),
        None if None in margins else sum(margin for margin in margins if margin is not None),
        sum(1 for one in bought if one.on >= month_began),
        _bits(bought),
        _is_active(days, month_began - timedelta(days=1)),
        _came_back(days, month_began),
        tier,
        sum(one.kept_minor for one in bought if one.on > days[0]),
    )
    gaps: dict[int, int] = {}
    for before, after in pairwise(days):
        gaps[(after - before).days] = gaps.get((after - before).days, 0) + 1
    return Census((line,), gaps, effects=effects, sources=sources)


def _held_out(account: Account, book: Rulebook) -> bool | None:
    return is_held_out_of_all(account.id, book) if book.programme.club.holdout else None


def _bits(bought: Sequence[Bought]) -> int:
    first = month_of(min(one.on for one in bought))
    bits = 0
    for one in bought:
        after = month_of(one.on) - first
        bits |= 1 << after if after < MONTHS_KNOWN else 0
    return bits


def _is_active(days: Sequence[date], on: date) -> bool:
    return any(on - timedelta(days=ACTIVE_DAYS) < day <= on for day in days)


def _came_back(days: Sequence[date], month_began: date) -> bool:
    """Whether one of the month's purchases ended a silence in which the member had become dormant."""
    pairs = pairwise(days)
    return any(after >= month_began and (after - before).days > ACTIVE_DAYS for before, after in pairs)
