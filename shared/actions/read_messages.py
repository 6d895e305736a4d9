"""What the club said to a member, or wanted to: every message with what became of it, the newest first."""

from __future__ import annotations

from typing import NamedTuple

from shared.actions.caller import Caller
from shared.actions.club import Club
from shared.actions.cursors import opened, sealed
from shared.actions.find_member import account_of
from shared.domain.account import Account
from shared.domain.rulebook import Rulebook
from shared.domain.said import Said
from shared.store.post import messages_of


class Page(NamedTuple):
    """A page of messages; `cursor` leads to the next."""

    account: Account
    said: list[Said]
    cursor: str | None
    book: Rulebook


def read_messages(club: Club, caller: Caller, member_id: str, cursor: str | None, limit: int) -> Page:
    """Raises MemberUnknown, CursorInvalid, Busy. All of a member's messages are read for a page: caps and the time that they are
    kept bound how many there are, and an id tells when it was asked for."""
    account = account_of(club, caller, member_id)
    name = f"messages#{account.id}"
    before = opened(club, name, cursor, "this member's messages") if cursor is not None else None
    said = [one for one in messages_of(club.store.backend, account.id) if before is None or one.intent.id < before]
    page = said[:limit]
    return Page(
        account, page, sealed(club, name, page[-1].intent.id) if len(said) > limit else None, club.laws.at(club.now())
    )
