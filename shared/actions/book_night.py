"""The night of one member, booked: the sweep's verb. Called twice it books once."""

from __future__ import annotations

from collections.abc import Callable

from shared.actions.caller import Caller
from shared.actions.club import Club, attempts, seen_after_all
from shared.actions.find_member import account_of
from shared.domain.ledger import Row
from shared.domain.night import night
from shared.store.backend import Contended, Unanswered
from shared.store.store import Committed, Seen


def book_night(club: Club, caller: Caller, account_id: str, seconds_left: Callable[[], float]) -> tuple[Row, ...]:
    """The rows of what the night does, those written last first; none where it does nothing. Raises MemberUnknown, Busy."""
    now = club.now()
    book = club.laws.at(now)
    for _ in attempts(club, seconds_left):
        posting = night(account_of(club, caller, account_id), book, now).posting
        if posting is None:
            return ()
        try:
            outcome = club.store.commit(posting)
        except Contended:
            continue
        except Unanswered:
            outcome = seen_after_all(club, posting.key)
        if isinstance(outcome, Committed):
            return (posting.row, *posting.more)
        if isinstance(outcome, Seen):
            return (outcome.row,)
    raise AssertionError("attempts end with Busy")
