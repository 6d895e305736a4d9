"""A member's history from the ledger: all postings of the account, and of the memberships that became this one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from shared.actions.club import Club
from shared.domain.account import Account
from shared.domain.history import History, history_of
from shared.domain.ledger import Row, unpacked

# Memberships that became one another are few: a chain that is longer is a mistake of ours.
MERGED_MAX = 50


class Told(NamedTuple):
    """The account's own postings, oldest first; the history that they tell with those of memberships that became this one; and
    the postings of these."""

    rows: list[Row]
    history: History
    others: list[Row]


def read_history(club: Club, account: Account) -> Told:
    """Two round trips for each hundred postings. Raises Busy."""
    own = club.store.story(account)
    others = list(_of_others(club, account, own))
    return Told(own, history_of(account.joined_on, [*own, *others], club.laws.version), others)


def _of_others(club: Club, account: Account, own: list[Row]) -> Iterator[Row]:
    waiting, seen = [own], {account.id}
    while waiting:
        for row in waiting.pop():
            left = _left(row)
            if left is None or left in seen:
                continue
            seen.add(left)
            assert len(seen) <= MERGED_MAX, f"{account.id} came of more than {MERGED_MAX} memberships"
            found = club.store.account(left)
            rows = club.store.story(found) if found is not None else []
            yield from rows
            waiting.append(rows)


def _left(row: Row) -> str | None:
    """The membership that became this one, of the posting of a merge on the one that stayed."""
    return str(unpacked(row["wy"])[-1]) if row["c"] == "merge" and "to" not in row else None
