"""What DynamoDB keeps of each table is noted once a day, for the price of a month of it."""

from __future__ import annotations

from collections.abc import Mapping

from shared.actions.close_days import JOB, yesterday_of
from shared.actions.club import Club
from shared.actions.sweep import days_to_sweep
from shared.domain.decide import ms
from shared.store.runs import last_day
from shared.store.sizes import Ask, stored_of
from shared.store.usage import put_stored


def weigh_tables(club: Club, ask: Ask, names: Mapping[str, str]) -> int:
    """Of each day that the job `kpi` has not closed yet: days that it missed weigh as much as the one on which it came again.
    `names`: physical names by table. How many days were noted. Raises Busy, Refused or Lost."""
    days = days_to_sweep(last_day(club.store.backend, JOB), yesterday_of(club))
    if days:
        stored = {table: stored_of(ask, name) for table, name in names.items()}
        for day in days:
            put_stored(club.store.backend, day, stored, ms(club.now()) // 1_000)
    return len(days)
