"""A member's history from the ledger: all postings of the account, and of the memberships that became this one."""

from __future__ import annotations

from collections.abc import Iterator

from shared.actions.club import Club
from shared.domain.account import Account
from shared.domain.history import History, history_of
from shared.domain.ledger import Row, unpacked

# Memberships that became one another are few: a chain that is longer is a mistake of ours.
MERGED_MAX = 50


def read_history(club: Club, account: Account) -> History:
    """Two round trips for each hundred postings. Raises Busy."""
    return history_of(account.joined_on, _rows(club, account), club.laws.version)


def _rows(club: Club, account: Account) -> Iterator[Row]:
    waiting, seen = [account], {account.id}
    while waiting:
        for row in club.store.story(waiting.pop()):
            yield row
            left = _left(row)
            if left is not None and left not in seen:
                seen.add(left)
                assert len(seen) <= MERGED_MAX, f"{account.id} came of more than {MERGED_MAX} memberships"
                found = club.store.account(left)
                waiting += [found] if found is not None else []


def _left(row: Row) -> str | None:
    """The membership that became this one, of the posting of a merge on the one that stayed."""
    return str(unpacked(row["wy"])[-1]) if row["c"] == "merge" and "to" not in row else None
