"""A member's story, newest first: every posting with its change and the balance after it, and what has lapsed unbooked."""

from __future__ import annotations

import base64
import hmac
from dataclasses import dataclass

from shared.actions.caller import Caller
from shared.actions.club import Club
from shared.actions.find_member import account_of
from shared.domain.account import Account
from shared.domain.errors import CursorInvalid
from shared.domain.ledger import Row
from shared.domain.lots import Lot

LIMIT_DEFAULT = 25
LIMIT_MAX = 100
_NOT_OURS = "must be the next_cursor of this member's statement, unchanged"


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
    before = _opened(club, account_id, cursor) if cursor is not None else None
    rows = club.store.entries(account_id, before, limit)
    if before is None:
        # The index may be a moment behind the account: what it does not show yet is read along the chain.
        newest = int(rows[0]["n"]) if rows else 0
        rows = [*club.store.postings_down_to(account, newest), *rows][:limit]
    last = int(rows[-1]["n"]) if rows else 1
    today = club.now().astimezone(club.laws.latest().zone).date()
    lapsed = tuple(lot for lot in account.lots if lot.points and lot.expires_on is not None and lot.expires_on < today)
    return Statement(
        account, rows, lapsed if cursor is None else (), _sealed(club, account_id, last) if last > 1 else None
    )


def _sealed(club: Club, account_id: str, before: int) -> str:
    text = f"{before}.{club.peppers.signed(f'{account_id}.{before}')}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _opened(club: Club, account_id: str, cursor: str) -> int:
    """The sequence that a cursor of this member stands for. Raises CursorInvalid for any other text."""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
    except ValueError:
        raise CursorInvalid(field="cursor", reason=_NOT_OURS) from None
    before = text.partition(".")[0]
    # Made again and compared whole: a decoder forgives letters that nobody gave out.
    if not (
        before.isdecimal() and hmac.compare_digest(cursor.encode(), _sealed(club, account_id, int(before)).encode())
    ):
        raise CursorInvalid(field="cursor", reason=_NOT_OURS)
    return int(before)
