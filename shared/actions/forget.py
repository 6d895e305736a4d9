"""The night's tidying: rows that nobody needs any more and that no time to live takes away. `shared/store/retention.py` says of
all rows how long they are kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import get_args

from shared.actions.club import Club
from shared.actions.sweep import days_to_sweep
from shared.actions.walking import ENOUGH_S, Seconds, Unfinished
from shared.domain.decide import ms
from shared.store import keys
from shared.store.backend import TRANSACTION_PUTS_MAX, Backend, Drop, Item
from shared.store.post import QUARTER_MINUTES, WAITED_DAYS_MAX, drop_waiting, quarter_of, waiting_at
from shared.store.runs import last_day, put_last_day
from shared.store.tallies import POISON_KEPT_DAYS, epochs_of, old_poison, silent_parts

JOB = "retention"
# Of waiting messages each day is looked at once: what the job missed for longer than this is not looked at again.
CATCH_UP_DAYS_MAX = 31
# Each night looks at a 28th of the days of tallies, so far back as a programme may take what comes late.
_TURNS, _TALLIES_DAYS = 28, 3_660
_QUARTERS_A_DAY = 24 * 60 // QUARTER_MINUTES


@dataclass
class Forgotten:
    """Days that were worked off, messages handed over once more, rows taken away."""

    days: int = 0
    messages: int = 0
    rows: int = 0


def forget(club: Club, again: Callable[[str], None], seconds_left: Seconds) -> Forgotten:
    """The days since the last run, oldest first. A message goes to `again` before its row goes. Raises Unfinished where the time
    is over: the days that were done stay done."""
    backend, now = club.store.backend, club.now()
    today = now.astimezone(club.laws.at(now).zone).date()
    forgotten = Forgotten()
    for day in days_to_sweep(last_day(backend, JOB), today, CATCH_UP_DAYS_MAX):
        if seconds_left() < ENOUGH_S:
            raise Unfinished
        for row in _waited(backend, day - timedelta(days=WAITED_DAYS_MAX + 1)):
            again(row["b"])
            backend.write([drop_waiting(row)])
            forgotten.messages += 1
        forgotten.rows += _dropped(backend, list(_silent(backend, day)))
        put_last_day(backend, JOB, day)
        forgotten.days += 1
    forgotten.rows += _dropped(backend, old_poison(backend, ms(now - timedelta(days=POISON_KEPT_DAYS))))
    return forgotten


def _waited(backend: Backend, day: date) -> Iterator[Item]:
    """What still waits for a quarter of that day, which is long over: it was put there after the quarter was worked off."""
    first = quarter_of(datetime.combine(day, time(), UTC))
    for quarter in range(first, first + _QUARTERS_A_DAY):
        yield from waiting_at(backend, quarter)


def _silent(backend: Backend, day: date) -> Iterator[Drop]:
    epochs = epochs_of(backend)
    if epochs.whole:
        for back in range(0, _TALLIES_DAYS, _TURNS):
            for mode in get_args(keys.Mode):
                yield from silent_parts(backend, mode, day - timedelta(days=back), epochs)


def _dropped(backend: Backend, drops: Sequence[Drop]) -> int:
    for at in range(0, len(drops), TRANSACTION_PUTS_MAX):
        backend.write(drops[at : at + TRANSACTION_PUTS_MAX])
    return len(drops)
