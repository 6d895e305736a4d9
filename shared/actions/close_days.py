"""Closes days: the figures of each are written once, hours after it ended, and never changed. What is told later of such a day is
in its tallies, and not here."""

from __future__ import annotations

from datetime import date, timedelta

from shared.actions.club import Club
from shared.actions.sweep import days_to_sweep
from shared.actions.walking import Unfinished
from shared.domain.decide import ms
from shared.store import keys
from shared.store.kpi import Closed, close, closed_on, members_at
from shared.store.runs import last_day, put_last_day
from shared.store.tallies import epochs_of, tallies_of

JOB = "kpi"


def close_days(club: Club, mode: keys.Mode) -> list[Closed]:
    """The days that ended since the last one that was closed, oldest first, at most a week of them. Raises Unfinished while the
    sweep of this morning has not counted all members; of earlier days that were not counted nobody knows any more."""
    backend = club.store.backend
    yesterday = yesterday_of(club)
    closed = []
    for day in days_to_sweep(last_day(backend, JOB), yesterday):
        closed.append(close_day(club, mode, day, may_wait=day == yesterday))
        put_last_day(backend, JOB, day)
    return closed


def close_day(club: Club, mode: keys.Mode, day: date, *, may_wait: bool = False) -> Closed:
    """One day that is over, as it is or was closed. Raises Unfinished."""
    backend = club.store.backend
    before = closed_on(backend, mode, day)
    if before is not None:
        return before
    members = members_at(backend, mode, day)
    if members is None and may_wait:
        raise Unfinished
    tallies = tallies_of(backend, mode, day, epochs_of(backend))
    return close(backend, Closed(mode, day, ms(club.now()), tallies, members))


def yesterday_of(club: Club) -> date:
    """The last civil day that is over in the club's zone."""
    return club.now().astimezone(club.laws.at(club.now()).zone).date() - timedelta(days=1)
