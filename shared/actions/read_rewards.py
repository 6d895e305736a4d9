"""The rewards of full cards as they stand now: the member's own, those that wait for their day, and those that the club owes."""

from __future__ import annotations

from shared.actions.club import Club
from shared.domain.account import Account
from shared.domain.errors import MemberUnknown
from shared.domain.goals import Held, rewards_on
from shared.domain.rulebook import Rulebook
from shared.store import keys
from shared.store.shelves import Shelves


def rewards_of(club: Club, mode: keys.Mode, account_id: str) -> dict[str, Held]:
    """By wallet, of each card of the law in force. Raises MemberUnknown."""
    account = club.store.account(account_id)
    if account is None:
        raise MemberUnknown
    return rewards_held(club, mode, account, club.laws.at(club.now()))


def rewards_held(club: Club, mode: keys.Mode, account: Account, book: Rulebook) -> dict[str, Held]:
    """As `rewards_of`, of an account that was read. A shelf is asked only where the member waits for a turn."""
    today = club.now().astimezone(book.zone).date()
    purses = {name: purse for name, purse in account.purses.items() if name in book.goals}
    in_line = [
        name for name, purse in purses.items() if name in book.stocked and any(one.turn for one in purse.waiting)
    ]
    shelves = Shelves(club.store.backend, mode, book, in_line).read if in_line else {}
    return {name: rewards_on(purse, today, shelves.get(name)) for name, purse in purses.items()}
