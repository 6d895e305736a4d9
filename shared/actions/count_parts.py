"""The parts of a census that was taken, counted: each by itself, as its walk ends or when the month is closed, and the month from
all of them. Counting a part twice counts it once."""

from __future__ import annotations

from datetime import date

from shared.actions.club import Club
from shared.actions.walking import Unfinished
from shared.domain.census_parts import Counted, counted, part_of
from shared.store import keys
from shared.store.census import pages_in
from shared.store.census_parts import parts_in, put_part

# A part of a million members takes about so long, with the clock's share of a processor; one of 100,000 takes 10 s.
COUNT_S = 120.0


def count_part(club: Club, mode: keys.Mode, last_day: date, part: int, parts: int) -> bool:
    """False while its pages do not reach its end. Raises Busy."""
    backend, month = club.store.backend, f"{last_day:%Y-%m}"
    pages = pages_in(backend, mode, month, part, parts)
    if pages is None:
        return False
    put_part(backend, mode, month, part, parts, part_of(pages, last_day), club.now())
    return True


def is_counted(club: Club, mode: keys.Mode, last_day: date, parts: int) -> bool:
    """Whether each of its parts is. Raises Busy."""
    return not parts_in(club.store.backend, mode, f"{last_day:%Y-%m}", parts).missing


def census_of_parts(club: Club, mode: keys.Mode, last_day: date, parts: int) -> Counted:
    """The whole census. What nobody has counted of it is counted first: who is killed on the way has less to do the next time.
    Raises Unfinished while a part was not walked to its end, Busy."""
    backend, month = club.store.backend, f"{last_day:%Y-%m}"
    stored = parts_in(backend, mode, month, parts)
    if stored.missing:
        if not all(count_part(club, mode, last_day, part, parts) for part in stored.missing):
            raise Unfinished
        stored = parts_in(backend, mode, month, parts)
    return counted(stored)
