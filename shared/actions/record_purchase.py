"""A till reports a purchase: decide, commit, and give the first answer for ever. A quote is the same, not committed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from shared.actions.caller import Caller
from shared.actions.club import Club
from shared.actions.find_member import account_of
from shared.actions.recording import (
    Committing,
    Recorded,
    Recording,
    check_member,
    content_of,
    law_of,
    not_of_this_key,
    owner,
    record,
)
from shared.domain.account import Account
from shared.domain.decide import NO_SHELVES, Shelves, is_behind, post_guest_purchase, post_purchase
from shared.domain.errors import Invalid, PurchaseDiffers, PurchaseRepeated, PurchaseUnknown
from shared.domain.ledger import Posting, Row
from shared.domain.purchase import ID_LENGTH_MAX, Purchase
from shared.domain.rulebook import Rulebook
from shared.domain.text import clean_id
from shared.store import keys
from shared.store.backend import Put

if TYPE_CHECKING:
    from shared.domain.offers import Offered


def record_purchase(club: Club, caller: Caller, purchase: Purchase, seconds_left: Callable[[], float]) -> Recorded:
    """Raises Invalid, StoreNotAllowed, MemberUnknown, MemberNotActive, PurchaseDiffers (the id is known with other content),
    PurchaseRepeated (where the programme refuses repetitions), Busy."""
    book = _law_of(club, caller, purchase)
    key = keys.purchase(caller.mode, purchase.store, purchase.purchase_id)
    account_id = owner(club, caller, purchase, book)
    content = content_of(purchase, account_id)
    fingerprint = club.peppers.fingerprint(content)

    def decided(account: Account | None) -> Posting | Committing:
        if purchase.offers:
            from shared.actions.take_offers import taken_offers

            puts = taken_offers(club, caller.mode, purchase, account, book)
            made = undecided(account)
            made = made if isinstance(made, Committing) else Committing(made)
            return made._replace(besides=(*made.besides, *puts))
        return undecided(account)

    def undecided(account: Account | None) -> Posting | Committing:
        if not book.stocked:
            return _decided(club, purchase, account, book, key, fingerprint)
        from shared.store.shelves import Shelves as Stored

        shelves = Stored(club.store.backend, caller.mode, book)
        posting = _decided(club, purchase, account, book, key, fingerprint, shelves.read)
        return Committing(posting, shelves.after(posting))

    def differs() -> PurchaseDiffers:
        return PurchaseDiffers(store=purchase.store, purchase_id=purchase.purchase_id)

    def waited_for(account: Account | None, stub: Row) -> Committing:
        from shared.actions.awaited import awaited

        member = account if account is not None and check_member(account, purchase, book) else None
        _check_top_ups(purchase, member, book)
        uses = list[Put]()
        if purchase.offers:
            from shared.actions.take_offers import taken_offers

            uses = taken_offers(club, caller.mode, purchase, member, book)
        return awaited(club, caller, purchase, member, stub, book, key, fingerprint, uses)

    recorded = record(club, caller, Recording(key, content, account_id, decided, differs, waited_for), seconds_left)
    policy = book.programme.policies.duplicate_request
    if recorded.replayed and policy == "refuse":
        raise PurchaseRepeated(store=purchase.store, purchase_id=purchase.purchase_id)
    return replace(recorded, ignored=recorded.replayed and policy == "ignore")


class Quoted(NamedTuple):
    """What recording a purchase now would post, and what the club's offers do to it."""

    row: Row
    offered: Offered | None


def quote_purchase(club: Club, caller: Caller, purchase: Purchase) -> Quoted:
    """What recording this purchase now would post, after the offers of the club unless it names them itself. Writes nothing.
    Raises as `record_purchase` does."""
    book = _law_of(club, caller, purchase)
    key = keys.purchase(caller.mode, purchase.store, purchase.purchase_id)
    account_id = owner(club, caller, purchase, book)
    account = account_of(club, caller, account_id) if account_id is not None else None
    offered = None
    if book.programme.offer:
        from shared.actions.take_offers import offered_now, taken_offers
        from shared.domain.discounting import discounted

        if purchase.offers:
            taken_offers(club, caller.mode, purchase, account, book)
        else:
            offered = offered_now(club, caller.mode, purchase, account, book)
            purchase = discounted(purchase, offered)
    if not book.stocked:
        return Quoted(_decided(club, purchase, account, book, key, b"").row, offered)
    from shared.store.shelves import Shelves as Stored

    shelves = Stored(club.store.backend, caller.mode, book).read
    return Quoted(_decided(club, purchase, account, book, key, b"", shelves).row, offered)


def recorded_purchase(club: Club, caller: Caller, store: str, purchase_id: str) -> Row:
    """Raises StoreNotAllowed, Invalid, PurchaseUnknown."""
    try:
        known = clean_id(purchase_id, ID_LENGTH_MAX)
    except ValueError as fault:
        raise Invalid("purchase_id", str(fault)) from None
    if store != caller.store:
        raise not_of_this_key(caller)
    row = club.store.posting(keys.purchase(caller.mode, store, known))
    if row is None or row["c"] == "parked":
        raise PurchaseUnknown(field="purchase_id", reason="is of no purchase that this store reported")
    return row


def _law_of(club: Club, caller: Caller, purchase: Purchase) -> Rulebook:
    book = law_of(club, caller, purchase)
    if purchase.currency != book.programme.club.currency:
        raise Invalid("currency", f"is not the programme's, which is {book.programme.club.currency}")
    return book


def _check_top_ups(purchase: Purchase, member: Account | None, book: Rulebook) -> None:
    """Raises Invalid where money was paid for a wallet, and nobody has it."""
    if member is None and book.topped_up is not None:
        for at, line in enumerate(purchase.lines):
            if line.kind == "top_up":
                raise Invalid(f"lines.{at}.kind", "is a top-up, and the purchase is of no member who has a wallet")


def _decided(
    club: Club,
    purchase: Purchase,
    account: Account | None,
    book: Rulebook,
    key: str,
    fingerprint: bytes,
    shelves: Shelves = NO_SHELVES,
) -> Posting:
    if account is None or not check_member(account, purchase, book):
        _check_top_ups(purchase, None, book)
        return post_guest_purchase(purchase, book, club.now(), key=key, fingerprint=fingerprint)
    if is_behind(account, purchase.occurred_at, key, book, club.now()):
        from shared.actions.late import told_again
        from shared.domain.telling import News

        return told_again(club, account, [News(purchase, key, fingerprint, book)], book)
    return post_purchase(purchase, account, book, club.now(), key=key, fingerprint=fingerprint, shelves=shelves)
