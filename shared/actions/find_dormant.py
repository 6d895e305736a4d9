"""The dormant members of the club, a part of the accounts at a time: as many as there is time and room for in one answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from shared.actions.club import Club
from shared.actions.cursors import opened, sealed
from shared.domain.dormant import Dormant, DormantRule, dormant_as_of
from shared.domain.errors import Busy
from shared.domain.rulebook import Rulebook
from shared.store.keys import Mode, is_account_id
from shared.store.rows import account_of

# About a megabyte of JSON; an answer may have six.
ROWS_MAX = 5_000
# Left for making a file of them.
_RESERVE_S = 6.0


class Part(NamedTuple):
    """The dormant among some of the accounts, who spent most first. `cursor` leads to the accounts that were not read yet."""

    found: list[Dormant]
    accounts: int
    cursor: str | None
    today: date
    book: Rulebook


def find_dormant(
    club: Club, mode: Mode, rule: DormantRule, cursor: str | None, seconds_left: Callable[[], float],
    rows_max: int = ROWS_MAX,
) -> Part:  # fmt: skip
    """Raises CursorInvalid; Busy where there is no time for a single account."""
    name = f"dormant#{mode}#{rule.silent_days}#{rule.purchases_min}"
    after = (
        opened(club, name, cursor, "a dormant report of the same days and purchases") if cursor is not None else None
    )
    book = club.laws.at(club.now())
    today = club.now().astimezone(book.zone).date()
    found: list[Dormant] = []
    accounts, last, is_whole = 0, "", True
    for row in club.store.backend.scanned("accounts", after={"a": after} if after else None):
        if len(found) >= rows_max or seconds_left() < _RESERVE_S:
            is_whole = False
            break
        last = row["a"]
        if not is_account_id(mode, last):
            continue
        accounts += 1
        one = dormant_as_of(account_of(row), today, rule, book)
        if one is not None:
            found.append(one)
    if not is_whole and not last:
        raise Busy(what="accounts")
    found.sort(key=lambda one: (-one.spend_minor, one.member_id))
    return Part(found, accounts, None if is_whole else sealed(club, name, last), today, book)
