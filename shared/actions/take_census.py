"""The census of a month that is over: each member's postings are read once, and one line of figures is kept of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import NamedTuple

from shared.actions.club import Club
from shared.actions.count_parts import COUNT_S, count_part
from shared.actions.read_history import read_history
from shared.actions.walking import ENOUGH_S, WHOLE, Place, Seconds, Unfinished
from shared.domain.account import Account
from shared.domain.census import Census, all_of, census_of
from shared.domain.errors import Busy, ProgrammeUnknown
from shared.domain.owed import UNCOUNTED, end_of, owed_of
from shared.domain.proving import recorded_by
from shared.domain.rebuilding import rebuilt
from shared.store import keys
from shared.store.census import PAGE_LINES_MAX, PAGE_NAMES_MAX, put_page
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
    """The members of a part behind a place, as many as there is time for; one at least. At the end of the part it is counted.
    Raises Unfinished where DynamoDB does not answer: the part comes again from this place."""
    backend, month = club.store.backend, f"{last_day:%Y-%m}"
    after, last, members = place.after, place.after, 0
    held: list[Census] = []
    names = set[tuple[str, ...]]()

    def kept(on: str | None) -> None:
        put_page(backend, mode, month, place.part, place.parts, after, all_of(held), on, club.now())

    try:
        for row in backend.scanned("accounts", place.part, place.parts, {"a": after} if after else None):
            # A page of members who bought much takes longer than a minute: it ends where the time does.
            is_late = last != place.after and seconds_left() < ENOUGH_S
            if len(held) >= page_lines or len(names) >= PAGE_NAMES_MAX or is_late:
                kept(last)
                after, held, names = last, [], set()
                if is_late:
                    return Counted(place._replace(after=after), members)
            last = str(row["a"])
            account = account_if_readable(row) if keys.mode_of("", last) == mode else None
            if account is not None:
                held.append(_counted(club, account, last_day))
                names |= held[-1].owed.keys()
                members += 1
        if last != place.after and seconds_left() < COUNT_S:
            # The next message finds nobody, and has all of its time.
            kept(last)
            return Counted(place._replace(after=last), members)
        kept(None)
        count_part(club, mode, last_day, place.part, place.parts)
    except Busy:
        raise Unfinished from None
    return Counted(None, members)


def census_now(
    club: Club, mode: keys.Mode, last_day: date, heard: Callable[[int], None] = lambda _: None
) -> Iterator[Census]:  # fmt: skip
    """Of each member, until a day, and nothing is written: for whoever looks at a month that is open. Raises Busy."""
    members = 0
    for row in club.store.backend.scanned("accounts"):
        account = account_if_readable(row) if keys.mode_of("", row["a"]) == mode else None
        if account is not None:
            members += 1
            yield _counted(club, account, last_day)
            heard(members)


def _counted(club: Club, account: Account, last_day: date) -> Census:
    """What one account adds. A gift certificate is nobody's, and owed all the same."""
    book, is_certificate = club.laws.at(club.now()), keys.is_certificate(account.id)
    try:
        told = read_history(club, account)
        rows, _ = recorded_by(told.rows, account.sequence, end_of(last_day, book.zone))
        census = Census() if is_certificate else census_of(account, told.history, last_day, book)
        if not rows:
            return census
        then = rebuilt(rows, club.laws.version, account)
        return census._replace(owed=owed_of(rows, then, last_day, book.zone, is_certificate=is_certificate))
    # One account whose ledger is broken keeps nobody from a closed month: it is told, and the nightly proof rings.
    except (AssertionError, LookupError, ProgrammeUnknown, TypeError, ValueError):
        return Census(owed={UNCOUNTED: 1})
