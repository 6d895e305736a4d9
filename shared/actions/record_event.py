"""A storefront reports what a member did: points for it, once per store, kind and source id."""

from __future__ import annotations

from collections.abc import Callable

from shared.actions.caller import Caller
from shared.actions.club import Club
from shared.actions.recording import Committing, Recorded, Recording, check_member, content_of, law_of, owner, record
from shared.domain.account import Account
from shared.domain.decide import is_behind, post_event
from shared.domain.errors import BeforeJoining, EventDiffers, Invalid
from shared.domain.event import Event
from shared.domain.ledger import Posting
from shared.store import keys


def record_event(club: Club, caller: Caller, event: Event, seconds_left: Callable[[], float]) -> Recorded:
    """Raises Invalid, StoreNotAllowed, MemberUnknown, MemberNotActive, EventDiffers, Busy."""
    book = law_of(club, caller, event)
    known = [one.id for one in book.programme.event]
    if event.kind not in known:
        raise Invalid("kind", "is no [[event]] of the programme", kinds=known)
    key = keys.event(caller.mode, event.store, event.kind, event.source_id)
    account_id = owner(club, caller, event, book)
    content = content_of(event, account_id)
    fingerprint = club.peppers.fingerprint(content)

    def decided(account: Account | None) -> Posting | Committing:
        assert account is not None, "an event names its member"
        if not check_member(account, event, book):
            # An activity has no guest to be recorded for.
            raise BeforeJoining("occurred_at", f"is before the member joined on {account.joined_on}")
        if is_behind(account, event.occurred_at, key, book, club.now()):
            from shared.actions.late import told_again
            from shared.domain.telling import News

            return told_again(club, account, [News(event, key, fingerprint, book)], book)
        if not book.stocked:
            return post_event(event, account, book, club.now(), key=key, fingerprint=fingerprint)
        from shared.store.shelves import Shelves

        shelves = Shelves(club.store.backend, caller.mode, book)
        posting = post_event(event, account, book, club.now(), key=key, fingerprint=fingerprint, shelves=shelves.read)
        return Committing(posting, shelves.after(posting))

    def differs() -> EventDiffers:
        return EventDiffers(store=event.store, kind=event.kind, source_id=event.source_id)

    return record(club, caller, Recording(key, content, account_id, decided, differs), seconds_left)
