"""What lapsed of a member is booked, for members whom nobody touches: the sweep's verb. Called twice it books once."""

from __future__ import annotations

from collections.abc import Callable

from shared.actions.caller import Caller
from shared.actions.club import Club, attempts, seen_after_all
from shared.actions.find_member import account_of
from shared.domain.lapsing import post_expiry
from shared.domain.ledger import Row
from shared.store.backend import Contended, Unanswered
from shared.store.store import Committed, Seen


def book_expiry(club: Club, caller: Caller, account_id: str, seconds_left: Callable[[], float]) -> Row | None:
    """The row that books what has lapsed by now; None where nothing has. Raises MemberUnknown, Busy."""
    now = club.now()
    book = club.laws.at(now)
    for _ in attempts(club, seconds_left):
        posting = post_expiry(account_of(club, caller, account_id), book, now)
        if posting is None:
            return None
        try:
            outcome = club.store.commit(posting)
        except Contended:
            continue
        except Unanswered:
            outcome = seen_after_all(club, posting.key)
        if isinstance(outcome, Committed | Seen):
            return posting.row if isinstance(outcome, Committed) else outcome.row
    raise AssertionError("attempts end with Busy")
