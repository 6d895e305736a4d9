"""Whose card is this? Contacts become account ids through keyed hashes; no personal value is read or kept."""

from __future__ import annotations

from shared.actions.caller import Caller
from shared.actions.club import Club
from shared.domain.account import Account
from shared.domain.contacts import Contact, ContactInvalid, ContactKind, contact_canonical
from shared.domain.errors import Invalid, LookupsExhausted, MemberUnknown
from shared.domain.member import Lookup
from shared.domain.rulebook import Rulebook
from shared.store import keys

# A till serves a customer every few seconds; whoever asks once a second is trying numbers.
LOOKUPS_PER_MINUTE_MAX = 60


def contact(kind: ContactKind, typed: str, book: Rulebook) -> Contact:
    """A contact as typed, in its canonical form. Raises Invalid."""
    try:
        return contact_canonical(kind, typed, book.programme.club.phone_region)
    except ContactInvalid as fault:
        raise Invalid(fault.field, fault.reason) from None


def account_id_of(club: Club, caller: Caller, known: Contact) -> str:
    """The account that a contact belongs to. Raises MemberUnknown."""
    account_id = club.store.account_id_of(club.peppers.aliases(caller.mode, known.kind, known.value))
    if account_id is None:
        raise MemberUnknown(by=known.kind)
    return account_id


def account_of(club: Club, caller: Caller, account_id: str) -> Account:
    """An account of the caller's realm. Raises MemberUnknown."""
    account = club.store.account(account_id) if keys.is_account_id(caller.mode, account_id) else None
    if account is None:
        raise MemberUnknown(by="member_id")
    return account


def find_member(club: Club, caller: Caller, lookup: Lookup) -> Account:
    """A till looks a member up by card, phone, e-mail or ID number. Raises Invalid, LookupsExhausted, MemberUnknown."""
    known = _contact_of(lookup, club.laws.latest())
    minute = int(club.now().timestamp()) // 60
    if not club.store.looked_up(caller.key_id, minute, LOOKUPS_PER_MINUTE_MAX):
        raise LookupsExhausted(per_minute=LOOKUPS_PER_MINUTE_MAX, retry_after_s=60)
    return account_of(club, caller, account_id_of(club, caller, known))


def _contact_of(lookup: Lookup, book: Rulebook) -> Contact:
    try:
        return lookup.contact(book.programme.club.phone_region)
    except ContactInvalid as fault:
        raise Invalid(fault.field, fault.reason) from None
