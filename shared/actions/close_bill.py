"""The bill of a month beside what was metered in it: a chapter of the month, written once, when AWS has made the bill."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from fractions import Fraction

from shared.actions.club import Club
from shared.domain.costs_told import metered_by_service, together
from shared.domain.prices import Price, prices
from shared.domain.reconciliation import reconciled
from shared.store import keys
from shared.store.backend import Backend
from shared.store.cost_explorer import Ask, billed
from shared.store.months import Chapter, chapter_of, close_chapter
from shared.store.tallies import epochs_of, tallies_of
from shared.store.usage import used_in

BILL = "bill"


def close_bill(club: Club, mode: keys.Mode, ask: Ask, tag: str, stage: str, last_day: date) -> Chapter | None:
    """As it is or was closed; what is closed is not asked for again. None where nothing on the bill has the club's tag. Raises
    BillUnreadable, Busy, and what `ask` raises."""
    backend, first, month = club.store.backend, last_day.replace(day=1), f"{last_day:%Y-%m}"
    known = chapter_of(backend, mode, month, BILL)
    if known is not None:
        return known
    bill = billed(ask, tag, stage, first, last_day)
    if not bill.by_service:
        return None
    table = prices(club.laws.at(club.now()).programme.costs.region)
    metered = metered_in(backend, mode, first, last_day, table)
    report = reconciled(bill.by_service, metered, first, last_day, is_estimated=bill.is_estimated)
    return close_chapter(backend, mode, month, report, club.now())


def metered_in(
    backend: Backend, mode: keys.Mode, first: date, last: date, table: Mapping[str, Price]
) -> dict[str, Fraction]:
    """US dollars by the service's name on the bill, of the days from `first` to `last` of one month. Raises Busy."""
    epochs, sums = epochs_of(backend), dict[str, int]()
    for number in range((last - first).days + 1):
        for name, more in tallies_of(backend, mode, first + timedelta(days=number), epochs).items():
            sums[name] = sums.get(name, 0) + more
    return metered_by_service(together(sums, used_in(backend, first)), table, first)
