"""Whose card is this? Contacts become account ids through keyed hashes; no personal value is read or kept.

Whoever names a member by card, phone or e-mail asks who is one: each look-up is counted, and each report that names
nobody, so that no key can try numbers faster through another door.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.actions.caller import Caller
from shared.actions.club import Club
from shared.domain.account import MERGED, Account
from shared.domain.contacts import Contact, ContactInvalid, ContactKind, contact_canonical
from shared.domain.errors import Invalid, LookupsExhausted, MemberUnknown
from shared.domain.rulebook import Rulebook
from shared.store import keys

if TYPE_CHECKING:
    # A till that records purchases does not load the forms of those who join.
    from shared.domain.member import Lookup

# A till serves a customer every few seconds; whoever asks once a second is trying numbers.
LOOKUPS_PER_MINUTE_MAX = 60


def contact(kind: ContactKind, typed: str, book: Rulebook) -> Contact:
    """A contact as typed, in its canonical form. Raises Invalid."""
    try:
        return contact_canonical(kind, typed, book.programme.club.phone_region)
    except ContactInvalid as fault:
        raise Invalid(fault.field, fault.reason) from None


def account_id_of(club: Club, caller: Caller, known: Contact) -> str:
    """The account of a contact that a report names: a look-up in passing. A hit costs nothing more, a miss is counted.

    Raises MemberUnknown, LookupsExhausted.
    """
    check_lookups(club, caller)
    account_id = _account_id_of(club, caller, known)
    if account_id is None:
        count_lookup(club, caller)
        raise MemberUnknown(by=known.kind)
    return account_id


def check_lookups(club: Club, caller: Caller) -> None:
    """Raises LookupsExhausted for a key that used its minute up, as far as this process knows: members and strangers are
    then refused alike, else a refusal would still tell who is none."""
    if club.store.used_up(caller.key_id, _minute(club)):
        raise _exhausted()


def count_lookup(club: Club, caller: Caller) -> None:
    """Counts one look-up of the caller's key. Raises LookupsExhausted."""
    if not club.store.looked_up(caller.key_id, _minute(club), LOOKUPS_PER_MINUTE_MAX):
        raise _exhausted()


def account_of(club: Club, caller: Caller, account_id: str) -> Account:
    """An account of the caller's realm; of a membership that was merged away, the one that took it over. Raises MemberUnknown."""
    account = club.store.account(account_id) if keys.is_account_id(caller.mode, account_id) else None
    if account is None:
        raise MemberUnknown(by="member_id")
    return account if account.status != MERGED else _successor(club, caller, account)


def _successor(club: Club, caller: Caller, account: Account) -> Account:
    """Who took a membership over: its last posting says so, for nothing is posted to it any more."""
    row = club.store.posting(account.last_key)
    assert row is not None, f"the account names {account.last_key!r} as a posting, and there is none"
    return account_of(club, caller, str(row["to"]))


def any_account_of(club: Club, caller: Caller, account_id: str) -> Account:
    """An account that a row of the ledger names: a member's, or a gift certificate's. Raises MemberUnknown."""
    if not keys.is_certificate(account_id):
        return account_of(club, caller, account_id)
    account = club.store.account(account_id)
    if account is None:
        raise MemberUnknown(by="code")
    return account


def find_member(club: Club, caller: Caller, lookup: Lookup) -> Account:
    """A till looks a member up by card, phone, e-mail or ID number. Raises Invalid, LookupsExhausted, MemberUnknown."""
    known = _contact_of(lookup, club.laws.latest())
    count_lookup(club, caller)
    account_id = _account_id_of(club, caller, known)
    if account_id is None:
        raise MemberUnknown(by=known.kind)
    return account_of(club, caller, account_id)


def _account_id_of(club: Club, caller: Caller, known: Contact) -> str | None:
    return club.store.account_id_of(club.peppers.aliases(caller.mode, known.kind, known.value))


def _minute(club: Club) -> int:
    return int(club.now().timestamp()) // 60


def _exhausted() -> LookupsExhausted:
    return LookupsExhausted(per_minute=LOOKUPS_PER_MINUTE_MAX, retry_after_s=60)


def _contact_of(lookup: Lookup, book: Rulebook) -> Contact:
    try:
        return lookup.contact(book.programme.club.phone_region)
    except ContactInvalid as fault:
        raise Invalid(fault.field, fault.reason) from None
