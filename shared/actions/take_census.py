"""The census of a month that is over: each member's postings are read once, and one line of figures is kept of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import NamedTuple

from shared.actions.club import Club
from shared.actions.read_history import read_history
from shared.actions.walking import ENOUGH_S, WHOLE, Place, Seconds, Unfinished
from shared.domain.census import Census, census_of
from shared.domain.errors import Busy
from shared.store import keys
from shared.store.census import PAGE_LINES_MAX, put_page
from shared.store.rows import account_if_readable


class Counted(NamedTuple):
    """Where to go on, None at the end of the part; and how many members were counted on the way."""

    on: Place | None
    members: int


def month_before(today: date) -> tuple[str, date]:
    """The last month that is over, as it is called, and its last day."""
    last = today.replace(day=1) - timedelta(days=1)
    return f"{last:%Y-%m}", last


def take_census(
    club: Club, mode: keys.Mode, last_day: date, seconds_left: Seconds, place: Place = WHOLE, page_lines: int = PAGE_LINES_MAX
) -> Counted:  # fmt: skip
    """The members of a part behind a place, as many as there is time for; one page at least. Raises Unfinished where DynamoDB
    does not answer: the part comes again from this place."""
    book, backend, month = club.laws.at(club.now()), club.store.backend, f"{last_day:%Y-%m}"
    after, last, members = place.after, place.after, 0
    held: list[Census] = []

    def kept(on: str | None) -> None:
        put_page(backend, mode, month, place.part, place.parts, after, _together(held), on, club.now())

    try:
        for row in backend.scanned("accounts", place.part, place.parts, {"a": after} if after else None):
            if len(held) >= page_lines:
                kept(last)
                after, held = last, []
                if seconds_left() < ENOUGH_S:
                    return Counted(place._replace(after=after), members)
            last = str(row["a"])
            account = account_if_readable(row) if keys.is_account_id(mode, last) else None
            if account is not None:
                held.append(census_of(account, read_history(club, account), last_day, book))
                members += 1
        kept(None)
    except Busy:
        raise Unfinished from None
    return Counted(None, members)


def census_now(club: Club, mode: keys.Mode, last_day: date, heard: Callable[[int], None] = lambda _: None) -> Census:
    """Of all members, until a day, and nothing is written: for whoever looks at a month that is open. Raises Busy."""
    book, held = club.laws.at(club.now()), list[Census]()
    for row in club.store.backend.scanned("accounts"):
        account = account_if_readable(row) if keys.is_account_id(mode, row["a"]) else None
        if account is not None:
            held.append(census_of(account, read_history(club, account), last_day, book))
            heard(len(held))
    return _together(held)


def _together(held: list[Census]) -> Census:
    gaps: dict[int, int] = {}
    for one in held:
        for days, times in one.gaps.items():
            gaps[days] = gaps.get(days, 0) + times
    return Census(tuple(line for one in held for line in one.lines), gaps)
