"""The figures of days, as they were closed or as they are now, for whoever asks for the report of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from shared.actions.club import Club
from shared.domain.errors import Busy
from shared.domain.report_days import Day, report_of_days
from shared.domain.reports import Report
from shared.domain.tables import MAIN_WALLET
from shared.store.keys import Mode
from shared.store.kpi import closed_in
from shared.store.tallies import epochs_of, tallies_of

# A round trip for each day: what was told of it later is seen by its tallies alone.
DAYS_MAX = 366
# What the last words take.
_RESERVE_S = 1.0


def read_days(club: Club, mode: Mode, first: date, last: date, seconds_left: Callable[[], float]) -> Report:
    """Raises Busy, also where the days take longer than there is time."""
    backend, book = club.store.backend, club.laws.at(club.now())
    epochs = epochs_of(backend)
    closed = {
        day: one for year in range(first.year, last.year + 1) for day, one in closed_in(backend, mode, year).items()
    }
    days = []
    for on in (first + timedelta(days=number) for number in range((last - first).days + 1)):
        if seconds_left() < _RESERVE_S:
            raise Busy(what="days")
        now = tallies_of(backend, mode, on, epochs)
        before = closed.get(on)
        if before is None:
            days.append(Day(on, now, None))
            continue
        more = {name: now.get(name, 0) - before.tallies.get(name, 0) for name in {*now, *before.tallies}}
        days.append(Day(on, before.figures, {name: many for name, many in more.items() if many}))
    wallets = (MAIN_WALLET, *(wallet.id for wallet in book.programme.wallet))
    decimals = {wallet: book.decimals(wallet) for wallet in wallets}
    decimals |= {rule.automation.id: book.decimals(rule.automation.wallet) for rule in book.automations}
    return report_of_days(days, book.programme.club.currency, decimals)
