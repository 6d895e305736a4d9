"""A member's story, newest first: every posting with its change and the balance after it, and what has lapsed unbooked."""

from __future__ import annotations

from dataclasses import dataclass

from shared.actions.caller import Caller
from shared.actions.club import Club
from shared.actions.cursors import opened, sealed
from shared.actions.find_member import account_of
from shared.domain.account import Account
from shared.domain.ledger import Row
from shared.domain.lots import Lot

LIMIT_DEFAULT = 25
LIMIT_MAX = 100


@dataclass(frozen=True, slots=True)
class Statement:
    """A page of postings. `lapsed` are lots past their last day, told on the first page only; `cursor` leads to the next."""

    account: Account
    rows: list[Row]
    lapsed: tuple[Lot, ...]
    cursor: str | None


def read_statement(club: Club, caller: Caller, account_id: str, cursor: str | None, limit: int) -> Statement:
    """Raises MemberUnknown, CursorInvalid."""
    account = account_of(club, caller, account_id)
    before = int(opened(club, account_id, cursor, "this member's statement")) if cursor is not None else None
    rows = club.store.entries(account_id, before, limit)
    if before is None:
        # The index may be a moment behind the account: what it does not show yet is read along the chain.
        newest = int(rows[0]["n"]) if rows else 0
        rows = [*club.store.postings_down_to(account, newest), *rows][:limit]
    last = int(rows[-1]["n"]) if rows else 1
    today = club.now().astimezone(club.laws.latest().zone).date()
    lapsed = tuple(lot for lot in account.lots if lot.points and lot.expires_on is not None and lot.expires_on < today)
    return Statement(
        account, rows, lapsed if cursor is None else (), sealed(club, account_id, str(last)) if last > 1 else None
    )
