"""What a member bought within a year, for conditions that no account answers: a bounded read of the ledger."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from shared.domain.account import Account
from shared.domain.lately import LATELY_DAYS, LATELY_POSTINGS_MAX, Lately, lately_in
from shared.domain.rulebook import Rulebook
from shared.store.store import Store


def read_lately(store: Store, account: Account, day: date, book: Rulebook) -> Lately:
    """The purchases of the year before a day and since. What happened within it was recorded within it or later. Raises Busy."""
    first = datetime.combine(day - timedelta(days=LATELY_DAYS - 1), time(), book.zone)
    rows = store.lately(account, ("purchase", "return"), int(first.timestamp() * 1000), LATELY_POSTINGS_MAX)
    return lately_in(rows, book)
