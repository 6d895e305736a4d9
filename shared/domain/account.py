"""The account: the one slim row that decisions need. It carries no personal data beyond day and month of birth.

Time is a function: what is usable, pending or lapsed is computed from the lots and a date, never rewritten by a job.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import NamedTuple, TypeVar

# Rolling windows are exact to the day for up to a year, also on the day of a purchase that comes three months late; monthly
# figures go back two years.
WINDOW_DAYS_MAX = 366
DAYS_KEPT = WINDOW_DAYS_MAX + 92
MONTHS_KEPT = 24

AttributeValue = int | str | bool


class Lot(NamedTuple):
    """Points with one first day of use and one last day. `points` is what is left; an empty lot stays until its last day."""

    usable_on: date
    expires_on: date | None
    points: int


class Month(NamedTuple):
    """One civil month in the club's zone; `ordinal` is year * 12 + month - 1."""

    ordinal: int
    purchases: int
    spend_minor: int
    points_earned: int


class Day(NamedTuple):
    """One civil day with a purchase, or with points where the programme counts them by day."""

    on: date
    purchases: int
    spend_minor: int
    points_earned: int = 0


class Purse(NamedTuple):
    """A wallet beside the points: its balance, its lots, and how often its goal was reached."""

    posted: int = 0
    lots: tuple[Lot, ...] = ()
    completed: int = 0


class Standing(NamedTuple):
    """A tier of one set as it was on a day: held since when, no longer earned since when. `manual` is the tier staff gave."""

    tier: str
    since: date
    on: date
    below_since: date | None = None
    manual: str = ""


# What a rule gave within one period: how often, and how much in the wallet's smallest unit.
Used = tuple[int, int]
STORES_KEPT = 12


class Points(NamedTuple):
    """A balance on one day: `posted` is the sum of all entries, of which `lapsed` is past its last day but not yet booked."""

    posted: int
    available: int
    pending: int
    lapsed: int

    @property
    def balance(self) -> int:
        return self.posted - self.lapsed


@dataclass(frozen=True, slots=True)
class Account:
    """One member's account after `sequence` postings. `last_hash` and `last_key` are those of the newest posting."""

    id: str
    joined_on: date
    sequence: int = 0
    last_key: str = ""
    last_hash: bytes = b""
    posted: int = 0
    lots: tuple[Lot, ...] = ()
    tier: str = ""
    language: str = ""
    birthday: tuple[str, int, int] | None = None
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict)
    purchases: int = 0
    spend_minor: int = 0
    points_earned: int = 0
    months: tuple[Month, ...] = ()
    days: tuple[Day, ...] = ()
    status: str = ""
    purses: Mapping[str, Purse] = field(default_factory=dict)
    standings: Mapping[str, Standing] = field(default_factory=dict)
    # By rule, then by period: `2026-11-24`, `2026-11`, `2026`, `` for ever; `last` holds the ordinal of the day it last gave.
    used: Mapping[str, Mapping[str, Used]] = field(default_factory=dict)
    # Purchases by store, of the stores with most.
    stores: Mapping[str, int] = field(default_factory=dict)
    # What a newer release wrote into the row and this one does not know: it survives a rewrite.
    unknown: Mapping[str, object] = field(default_factory=dict)

    def points_on(self, today: date) -> Points:
        """The balance as it stands on a civil day of the club's zone."""
        available, pending, lapsed = self.posted, 0, 0
        for usable_on, expires_on, points in self.lots:
            if usable_on > today:
                pending += points
            elif expires_on is not None and expires_on < today:
                lapsed += points
        return Points(self.posted, available - pending - lapsed, pending, lapsed)

    def pending_on(self, today: date) -> tuple[Lot, ...]:
        """Lots that cannot be used yet, soonest first."""
        return tuple(lot for lot in self.lots if lot.usable_on > today and lot.points)

    def next_expiry(self, today: date) -> Lot | None:
        """The lot that will lapse first, or None. Lots are kept in the order of their last day."""
        open_lots = (lot for lot in self.lots if lot.points and lot.expires_on is not None and lot.expires_on >= today)
        return min(open_lots, key=lambda lot: lot.expires_on or date.max, default=None)

    def bought_within(self, today: date, days: int) -> tuple[int, int]:
        """Purchases and spend of the last `days` civil days, today included. `days` is at most WINDOW_DAYS_MAX."""
        after = today - timedelta(days=days)
        purchases = spend_minor = 0
        for day in reversed(self.days):
            if day.on <= after:
                break
            if day.on <= today:
                purchases += day.purchases
                spend_minor += day.spend_minor
        return purchases, spend_minor

    def last_purchase_on(self, today: date) -> date | None:
        return max((day.on for day in self.days if day.on <= today and day.purchases), default=None)

    def after_purchase(self, on: date, spend_minor: int, store: str = "") -> Account:
        """The same account with one more purchase of civil day `on`, points apart. The caller sets sequence, key and hash."""
        return replace(
            self,
            purchases=self.purchases + 1,
            spend_minor=self.spend_minor + spend_minor,
            months=_with_month(self.months, on, 1, spend_minor, 0),
            days=_with_day(self.days, on, 1, spend_minor, 0),
            stores=_with_store(self.stores, store) if store else self.stores,
        )

    def after_points(self, on: date, points: int, lot: Lot | None, today: date, *, by_day: bool = False) -> Account:
        """The same account with points earned on civil day `on`. `by_day`: the programme asks for points by the day."""
        if not points:
            return replace(self, lots=merged(self.lots, today))
        return replace(
            self,
            posted=self.posted + points,
            lots=merged(self.lots if lot is None else (*self.lots, lot), today),
            points_earned=self.points_earned + points,
            months=_with_month(self.months, on, 0, 0, points),
            days=_with_day(self.days, on, 0, 0, points) if by_day else self.days,
        )


def merged(lots: tuple[Lot, ...], today: date) -> tuple[Lot, ...]:
    """Lots that have become usable and share their last day are one lot: the row stays small.

    Ordered by last day, then by first.
    """
    by_days: dict[tuple[date, date | None], Lot] = {}
    for lot in lots:
        last = lot.expires_on or date.max
        place = (last, None if lot.usable_on <= today else lot.usable_on)
        twin = by_days.get(place)
        if twin is not None:
            lot = Lot(min(twin.usable_on, lot.usable_on), lot.expires_on, twin.points + lot.points)
        by_days[place] = lot
    return tuple(sorted(by_days.values(), key=lambda lot: (lot.expires_on or date.max, lot.usable_on)))


def without(lots: tuple[Lot, ...], points: int) -> tuple[Lot, ...]:
    """Lots less so many points, those that lapse first used first; there are as many in them."""
    left, rest = [], points
    for lot in lots:
        taken = min(rest, lot.points)
        rest -= taken
        left.append(lot._replace(points=lot.points - taken))
    assert rest == 0, "more points were taken than the lots hold"
    return tuple(lot for lot in left if lot.points)


def _with_month(
    months: tuple[Month, ...], on: date, purchases: int, spend_minor: int, points: int
) -> tuple[Month, ...]:
    ordinal = on.year * 12 + on.month - 1
    old = next((month for month in reversed(months) if month.ordinal == ordinal), Month(ordinal, 0, 0, 0))
    new = Month(ordinal, old.purchases + purchases, old.spend_minor + spend_minor, old.points_earned + points)
    newest = max(ordinal, months[-1].ordinal) if months else ordinal
    return _kept(months, old, new, newest - MONTHS_KEPT)


def _with_day(days: tuple[Day, ...], on: date, purchases: int, spend_minor: int, points: int) -> tuple[Day, ...]:
    old = next((day for day in reversed(days) if day.on == on), Day(on, 0, 0))
    new = Day(on, old.purchases + purchases, old.spend_minor + spend_minor, old.points_earned + points)
    newest = max(on, days[-1].on) if days else on
    return _kept(days, old, new, newest - timedelta(days=DAYS_KEPT))


def _with_store(stores: Mapping[str, int], store: str) -> Mapping[str, int]:
    counts = {**stores, store: stores.get(store, 0) + 1}
    if len(counts) > STORES_KEPT:
        # The newcomer stays: it is where the member is now.
        del counts[min((one for one in counts if one != store), key=lambda one: (counts[one], one))]
    return counts


FigureRow = TypeVar("FigureRow", Month, Day)


def _kept(rows: tuple[FigureRow, ...], old: FigureRow, new: FigureRow, before: int | date) -> tuple[FigureRow, ...]:
    """The rows with one replaced or added, in order, without those that are as old as `before`."""
    others: list[FigureRow] = [row for row in rows if row[0] != old[0]]
    others.append(new)
    return tuple(sorted(row for row in others if row[0] > before))  # type: ignore[operator]
