"""A till reports a purchase: decide, commit, and give the first answer for ever. A quote is the same, not committed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.actions.caller import Caller
from shared.actions.club import Club, attempts, seen_after_all
from shared.actions.find_member import account_id_of, account_of, contact
from shared.domain.account import Account
from shared.domain.contacts import ContactKind
from shared.domain.decide import post_guest_purchase, post_purchase
from shared.domain.errors import Invalid, PurchaseDiffers, PurchaseUnknown, StoreNotAllowed
from shared.domain.ledger import Posting, Row
from shared.domain.purchase import ID_LENGTH_MAX, Purchase
from shared.domain.rulebook import Rulebook
from shared.domain.text import clean_id
from shared.store import keys
from shared.store.backend import Contended, Unanswered
from shared.store.store import Committed, Seen, Stale

# Tills' clocks run a little ahead (F28); more than this is a wrong date.
AHEAD_MAX = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A posting's row as it stands in the ledger. `replayed`: it was there before."""

    row: Row
    replayed: bool


def record_purchase(club: Club, caller: Caller, purchase: Purchase, seconds_left: Callable[[], float]) -> Recorded:
    """Raises Invalid, StoreNotAllowed, MemberUnknown, PurchaseDiffers (the id is known with other content), Busy."""
    book = _checked(club, caller, purchase)
    key = keys.purchase(caller.mode, purchase.store, purchase.purchase_id)
    account_id = _owner(club, caller, purchase, book)
    content = _content(purchase, account_id)
    fingerprint = club.peppers.fingerprint(content)
    account: Account | None = None
    for _ in attempts(club, seconds_left):
        try:
            if account is None and account_id is not None:
                account = account_of(club, caller, account_id)
            posting = _decided(purchase, account, book, club.now(), key, fingerprint)
            outcome = club.store.commit(posting)
        except Contended:
            account = None
            continue
        except Unanswered:
            outcome = seen_after_all(club, key)
        match outcome:
            case Committed():
                return Recorded(posting.row, replayed=False)
            case Seen(row):
                if not club.peppers.same(_bytes(row["f"]), content):
                    raise PurchaseDiffers(store=purchase.store, purchase_id=purchase.purchase_id)
                return Recorded(row, replayed=True)
            case Stale(newer):
                account = newer
    raise AssertionError("attempts end with Busy")


def quote_purchase(club: Club, caller: Caller, purchase: Purchase) -> Row:
    """What recording this purchase now would post. Writes nothing. Raises as `record_purchase` does."""
    book = _checked(club, caller, purchase)
    key = keys.purchase(caller.mode, purchase.store, purchase.purchase_id)
    account_id = _owner(club, caller, purchase, book)
    account = account_of(club, caller, account_id) if account_id is not None else None
    return _decided(purchase, account, book, club.now(), key, b"").row


def recorded_purchase(club: Club, caller: Caller, store: str, purchase_id: str) -> Row:
    """Raises StoreNotAllowed, Invalid, PurchaseUnknown."""
    try:
        known = clean_id(purchase_id, ID_LENGTH_MAX)
    except ValueError as fault:
        raise Invalid("purchase_id", str(fault)) from None
    if store != caller.store:
        raise StoreNotAllowed(store=store[:ID_LENGTH_MAX], allowed=caller.store)
    row = club.store.posting(keys.purchase(caller.mode, store, known))
    if row is None:
        raise PurchaseUnknown(store=store, purchase_id=known)
    return row


def _checked(club: Club, caller: Caller, purchase: Purchase) -> Rulebook:
    """The law of the purchase's own time, after the checks that need no member."""
    if purchase.store != caller.store:
        raise StoreNotAllowed(store=purchase.store, allowed=caller.store)
    if purchase.occurred_at > club.now() + AHEAD_MAX:
        raise Invalid("occurred_at", "is in the future")
    book = club.laws.at(purchase.occurred_at)
    if purchase.currency != book.programme.club.currency:
        raise Invalid("currency", f"is not the programme's, which is {book.programme.club.currency}")
    return book


def _owner(club: Club, caller: Caller, purchase: Purchase, book: Rulebook) -> str | None:
    """The account that the purchase names, None for a guest."""
    if purchase.member_id is not None:
        return purchase.member_id
    kinds: tuple[ContactKind, ...] = ("card", "phone", "email")
    for kind in kinds:
        typed = getattr(purchase, kind)
        if typed is not None:
            return account_id_of(club, caller, contact(kind, typed, book))
    return None


def _decided(
    purchase: Purchase, account: Account | None, book: Rulebook, now: datetime, key: str, fingerprint: bytes
) -> Posting:
    if account is None:
        return post_guest_purchase(purchase, book, now, key=key, fingerprint=fingerprint)
    if purchase.occurred_at.astimezone(book.zone).date() < account.joined_on:
        raise Invalid("occurred_at", f"is before the member joined on {account.joined_on}")
    return post_purchase(purchase, account, book, now, key=key, fingerprint=fingerprint)


def _content(purchase: Purchase, account_id: str | None) -> str:
    """What makes two reports the same purchase: everything but how the member was named.

    A new field with a default does not change it, so that a replay across releases is still a replay.
    """
    body = purchase.model_dump_json(exclude={"member_id", "card", "phone", "email"}, exclude_defaults=True)
    return f"{account_id or ''}#{body}"


def _bytes(value: object) -> bytes:
    assert isinstance(value, bytes)
    return value
