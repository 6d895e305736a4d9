"""The account: the one slim row that decisions need. It carries no personal data beyond day and month of birth.

Time is a function: what is usable, pending or lapsed is computed from the lots and a date, never rewritten by a job.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from datetime import date, timedelta
from operator import itemgetter
from types import MappingProxyType
from typing import Any, NamedTuple

from shared.domain.lots import Lot, between, total
from shared.domain.tables import MAIN_WALLET

# Rolling windows are exact to the day for up to a year, also on the day of a purchase that comes three months late; monthly
# figures go back two years.
WINDOW_DAYS_MAX = 366
DAYS_KEPT = WINDOW_DAYS_MAX + 92
MONTHS_KEPT = 24

AttributeValue = int | str | bool


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
# The status of a membership that another one took over.
MERGED = "merged"
# Where an account notes its tags, beside what was used.
TAG = "tag:"


class Points(NamedTuple):
    """A balance on one day: `posted` is the sum of all entries, of which `lapsed` is past its last day but not yet booked, and
    `held` is kept for redemptions that are not captured yet. `available` is below zero where there is a debt."""

    posted: int
    available: int
    pending: int
    lapsed: int
    held: int = 0

    @property
    def balance(self) -> int:
        """What is available and what is pending."""
        return self.posted - self.lapsed - self.held


class Hold(NamedTuple):
    """A redemption that is not captured yet: the parts of lots it keeps, with their own days, and until when it does.

    `owed` are those of the last parts that were not there when it began: points to come fill them first. `reward` is what it is
    for, "" for a payment.
    """

    wallet: str
    until_ms: int
    lots: tuple[Lot, ...]
    owed: int = 0
    reward: str = ""

    @property
    def units(self) -> int:
        return total(self.lots)

    @property
    def kept(self) -> tuple[Lot, ...]:
        """The parts that were there: what goes back when nothing is taken."""
        return between(self.lots, 0, self.units - self.owed) if self.owed else self.lots


class Waiting(NamedTuple):
    """Rewards of a full card that are not the member's yet: so many of them, that took `value` units each and `cost` together.

    Until `due_on` a return takes them back. `turn` is the place in line of the first of them where the club had none left, 0
    where it had. `version` of the programme gave them; `after_end` is what its card says of them, "" where it says nothing.
    """

    due_on: date
    rewards: int
    value: int
    cost: int
    turn: int = 0
    version: int = 0
    after_end: str = ""

    @property
    def slush(self) -> int:
        """What they took beyond their worth."""
        return self.cost - self.rewards * self.value


class Purse(NamedTuple):
    """A wallet beside the points: its balance, its lots, how often its goal was reached, and which rewards of that wait."""

    posted: int = 0
    lots: tuple[Lot, ...] = ()
    completed: int = 0
    waiting: tuple[Waiting, ...] = ()

    def on(self, today: date, held: int = 0) -> Points:
        """The balance as it stands on a civil day of the club's zone. `held` is what holds keep of it."""
        return balance_on(self.posted, self.lots, today, held)


# Months and days are kept in the order of their first field.
_PLACE = itemgetter(0)
# A purchase as the account counts it: what was spent, and the store.
Bought = tuple[int, str]
_NONE: Mapping[str, Any] = MappingProxyType({})
# Where something stands in time: its instant in ms since 1970, then purchases and events before returns, then by the length of
# the key and the key, so that `A-9` comes before `A-10`.
Place = tuple[int, bool, int, str]
NOWHERE: Place = (0, False, 0, "")


def place_of(at_ms: int, key: str) -> Place:
    """Where a purchase, an event or a return stands in time."""
    return (at_ms, key.startswith(("return#", "test!return#")), len(key), key)


class Account(NamedTuple):
    """One member's account after `sequence` postings. `last_hash` and `last_key` are those of the newest posting."""

    id: str
    joined_on: date
    sequence: int = 0
    last_key: str = ""
    last_hash: bytes = b""
    posted: int = 0
    lots: tuple[Lot, ...] = ()
    language: str = ""
    birthday: tuple[str, int, int] | None = None
    attributes: Mapping[str, AttributeValue] = _NONE
    purchases: int = 0
    spend_minor: int = 0
    points_earned: int = 0
    months: tuple[Month, ...] = ()
    days: tuple[Day, ...] = ()
    status: str = ""
    # Where the person joined, in the shop's own short code; empty where nobody said.
    source: str = ""
    purses: Mapping[str, Purse] = _NONE
    standings: Mapping[str, Standing] = _NONE
    # By rule, then by period: `2026-11-24`, `2026-11`, `2026`, `` for ever; `last` holds the ordinal of the day it last gave.
    used: Mapping[str, Mapping[str, Used]] = _NONE
    # Purchases by store, of the stores with most.
    stores: Mapping[str, int] = _NONE
    # By redemption: what is kept for it.
    holds: Mapping[str, Hold] = _NONE
    # Where the newest purchase, event or return stands in time: what comes before it is told late.
    newest: Place = NOWHERE
    # Whether what came late has corrected what was posted before: a posting's row alone no longer says what it gave.
    retold: bool = False
    # What a newer release wrote into the row and this one does not know: it survives a rewrite.
    unknown: Mapping[str, object] = _NONE

    @property
    def tags(self) -> list[str]:
        """What automations noted of the member, sorted."""
        return sorted(name.removeprefix(TAG) for name, given in self.used.items() if name.startswith(TAG) and given)

    def points_on(self, today: date) -> Points:
        """The balance as it stands on a civil day of the club's zone."""
        return balance_on(self.posted, self.lots, today, self.held(MAIN_WALLET) if self.holds else 0)

    def held(self, wallet: str) -> int:
        """Units of a wallet that holds keep."""
        return sum([hold.units for hold in self.holds.values() if hold.wallet == wallet])

    def pending_on(self, today: date) -> tuple[Lot, ...]:
        """Lots that cannot be used yet, soonest first."""
        return tuple(lot for lot in self.lots if lot.usable_on > today and lot.points)

    def next_expiry(self, today: date) -> Lot | None:
        """The lot that will lapse first, or None. Lots are kept in the order of their last day."""
        open_lots = (lot for lot in self.lots if lot.points and lot.expires_on is not None and lot.expires_on >= today)
        return min(open_lots, key=lambda lot: lot.expires_on or date.max, default=None)

    def expiring_within(self, today: date, days: int, *, living_days: int = 0) -> int:
        """Units of the points that can be used and have their last day today or within so many days; held ones apart. Those that
        were given for less than `living_days` are left out: whoever was given them was told so."""
        last, living = today + timedelta(days=days), timedelta(days=living_days)
        return sum([
            points for first, end, points in self.lots
            if end is not None and first <= today <= end <= last and end - first >= living
        ])  # fmt: skip

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


def balance_on(posted: int, lots: tuple[Lot, ...], today: date, held: int = 0) -> Points:
    """What of a balance is available, pending and lapsed on a day."""
    pending = lapsed = 0
    for usable_on, expires_on, points in lots:
        if usable_on > today:
            pending += points
        elif expires_on is not None and expires_on < today:
            lapsed += points
    return Points(posted, posted - pending - lapsed - held, pending, lapsed, held)


def with_month(months: tuple[Month, ...], on: date, purchases: int, spend_minor: int, points: int) -> tuple[Month, ...]:
    """The months with more in one of them. One that was undone to the last is no month of its own any more."""
    ordinal = on.year * 12 + on.month - 1
    at = bisect_left(months, ordinal, key=_PLACE)
    known = at < len(months) and months[at].ordinal == ordinal
    old = months[at] if known else Month(ordinal, 0, 0, 0)
    new = Month(ordinal, old.purchases + purchases, old.spend_minor + spend_minor, old.points_earned + points)
    if not (new[1] or new[2] or new[3]):
        return (*months[:at], *months[at + known :])
    together = (*months[:at], new, *months[at + known :])
    return together[bisect_left(together, together[-1].ordinal - MONTHS_KEPT + 1, key=_PLACE) :]


def with_day(days: tuple[Day, ...], on: date, purchases: int, spend_minor: int, points: int) -> tuple[Day, ...]:
    """As `with_month`, by the day."""
    at = bisect_left(days, on, key=_PLACE)
    known = at < len(days) and days[at].on == on
    old = days[at] if known else Day(on, 0, 0)
    new = Day(on, old.purchases + purchases, old.spend_minor + spend_minor, old.points_earned + points)
    if not (new[1] or new[2] or new[3]):
        return (*days[:at], *days[at + known :])
    together = (*days[:at], new, *days[at + known :])
    return together[bisect_left(together, together[-1].on - timedelta(days=DAYS_KEPT - 1), key=_PLACE) :]


def with_store(stores: Mapping[str, int], store: str, purchases: int = 1) -> Mapping[str, int]:
    """How often each store was bought in, with more or fewer purchases in one of them."""
    counts = {**stores, store: stores.get(store, 0) + purchases}
    if counts[store] <= 0:
        del counts[store]
    elif len(counts) > STORES_KEPT:
        # The newcomer stays: it is where the member is now.
        del counts[min((one for one in counts if one != store), key=lambda one: (counts[one], one))]
    return counts
