"""Gift certificates: issued by a till or taken for points, found and used by their code.

A code is drawn from the key of what issued the certificate with a pepper, so that it is told again to whoever asks again and
stands nowhere; the table of aliases has its keyed hash. Whatever is wrong with a code is answered alike, in shape and in time,
and counted as the look-up that it is.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from shared.actions.caller import Caller
from shared.actions.club import Club
from shared.actions.find_member import account_of, any_account_of, check_lookups, count_lookup
from shared.actions.recording import (
    Committing,
    NamesMember,
    Recorded,
    Recording,
    not_of_this_key,
    owner,
    record,
)
from shared.domain.account import Account
from shared.domain.certificates import (
    Certificate,
    CodeAsked,
    Issuing,
    check_usable,
    post_annulled,
    post_certificate,
    wanted,
)
from shared.domain.codes import code_canonical, code_of, code_shown
from shared.domain.decide import ISSUED, with_lapses
from shared.domain.errors import CertificateDiffers, CodeUnusable, Invalid, MemberUnknown, RedemptionDiffers
from shared.domain.ledger import Posting, Row, packed, unpacked
from shared.domain.redeeming import post_hold
from shared.domain.redemption import Redemption
from shared.domain.reward_tables import Reward
from shared.domain.rulebook import Rulebook
from shared.domain.tables import CERTIFICATE
from shared.store import keys
from shared.store.backend import Put

_WHOSE = {"member_id", "card", "phone", "email"}


class Told(NamedTuple):
    """A certificate that was found by its code, as it is today."""

    account: Account
    today: date


def issue_certificate(club: Club, caller: Caller, told: Certificate, seconds_left: Callable[[], float]) -> Recorded:
    """A till sells or gives a certificate. Raises Invalid, StoreNotAllowed, MemberUnknown, LookupsExhausted, CertificateDiffers
    (the id is known with other content), Busy."""
    if told.store != caller.store:
        raise not_of_this_key(caller)
    now = club.now()
    book = club.laws.at(now)
    if told.currency != book.programme.club.currency:
        raise Invalid("currency", f"is not the programme's, which is {book.programme.club.currency}")
    key = keys.certificate(caller.mode, told.store, told.certificate_id)
    member_id = _member_named(club, caller, told, book)
    content = f"{member_id}#{told.model_dump_json(exclude=_WHOSE, exclude_defaults=True)}"
    fingerprint = club.peppers.fingerprint(content)
    account_id = keys.certificate_account_id(caller.mode, club.new_id())
    what = Issuing(account_id, told.amount_minor, told.currency, member_id=member_id)
    posting = post_certificate(what, book, now, key=key, fingerprint=fingerprint)
    besides = _aliases(club, caller, key, fingerprint, account_id)

    def decided(_account: Account | None) -> Committing:
        return Committing(posting, besides)

    def differs() -> CertificateDiffers:
        return CertificateDiffers(store=told.store, certificate_id=told.certificate_id)

    return record(club, caller, Recording(key, content, None, decided, differs), seconds_left)


def code_of_row(club: Club, row: Row) -> str:
    """The code of the certificate that a row issued, as people write it. Raises Busy where its pepper is not known here."""
    fingerprint = row["f"]
    assert isinstance(fingerprint, bytes)
    return code_shown(_code(club, str(row["k"]), fingerprint))


def taken_certificate(
    club: Club, caller: Caller, reward: Reward, book: Rulebook, key: str, fingerprint: bytes
) -> tuple[Posting, str, list[Put]]:
    """The certificate that a reward is: its own posting, what the capture's row says of it, and its code's aliases."""
    assert reward.amount_minor is not None, "a certificate has an amount"
    account_id = keys.certificate_account_id(caller.mode, club.new_id())
    what = Issuing(
        account_id, reward.amount_minor, book.programme.club.currency, expiry=reward.expiry, given_for=ISSUED
    )
    own_key = keys.elsewhere(key, account_id)
    posting = post_certificate(what, book, club.now(), key=own_key, fingerprint=fingerprint)
    assert posting.after is not None
    (lot,) = posting.after.purses[CERTIFICATE].lots
    last = lot.expires_on.isoformat() if lot.expires_on else None
    aliases = _aliases(club, caller, key, fingerprint, account_id)
    return posting, packed([account_id, reward.amount_minor, last]), aliases


def annulled(club: Club, caller: Caller, capture: Row, units: int, book: Rulebook, key: str) -> Posting:
    """What becomes of a certificate whose points are given back. Raises Invalid for a part of them, CertificateUsed."""
    if units != unpacked(capture["rd"])[1]:
        raise Invalid("units", "are a part of what a certificate cost, which is given back whole")
    account_id = unpacked(capture["cf"])[0]
    account = any_account_of(club, caller, account_id)
    return post_annulled(account, book, club.now(), key=keys.elsewhere(key, account_id))


def hold_by_code(
    club: Club, caller: Caller, told: Redemption, code: str, book: Rulebook, seconds_left: Callable[[], float]
) -> Recorded:
    """Raises CodeUnusable, LookupsExhausted, CurrencyMismatch, CertificateInsufficient, RedemptionExceedsTotal, MemberUnknown,
    HoldsExhausted, RedemptionDiffers, Invalid, Busy."""
    now = club.now()
    member_id = _member_named(club, caller, told, book)
    account_id = _account_id_of(club, caller, code)
    member_id = _as_certificate_knows(club, caller, member_id, account_id)
    key = keys.redemption(caller.mode, told.store, told.redemption_id)
    content = f"{account_id}#{told.model_dump_json(exclude={*_WHOSE, 'code'}, exclude_defaults=True)}"
    fingerprint = club.peppers.fingerprint(content)
    purchase_key = keys.purchase(caller.mode, told.store, told.purchase_id) if told.purchase_id is not None else ""

    def decided(account: Account | None) -> Posting:
        assert account is not None, "a code is of a certificate"
        hold_id = f"{told.store}#{told.redemption_id}"
        what = wanted(told, hold_id, purchase_key, account, member_id, book, now)
        return post_hold(what, account, book, now, key=key, fingerprint=fingerprint)

    def differs() -> RedemptionDiffers:
        return RedemptionDiffers(store=told.store, redemption_id=told.redemption_id)

    recording = Recording(key, content, account_id, decided, differs, read=_read)
    try:
        return record(club, caller, recording, seconds_left)
    except CodeUnusable:
        count_lookup(club, caller)
        raise


def find_certificate(club: Club, caller: Caller, asked: CodeAsked) -> Told:
    """Raises CodeUnusable, LookupsExhausted, MemberUnknown, Invalid."""
    now = club.now()
    book = club.laws.at(now)
    check_lookups(club, caller)
    count_lookup(club, caller)
    member_id = _member_named(club, caller, asked, book)
    account_id = _account_id_of(club, caller, asked.code)
    member_id = _as_certificate_knows(club, caller, member_id, account_id)
    account = _read(club, caller, account_id)
    account, _ = with_lapses(account, book, now)
    today = now.astimezone(book.zone).date()
    check_usable(account, member_id, book, today)
    return Told(account, today)


def _read(club: Club, caller: Caller, account_id: str) -> Account:
    try:
        return any_account_of(club, caller, account_id)
    except MemberUnknown:
        raise CodeUnusable from None


def _account_id_of(club: Club, caller: Caller, typed: str) -> str:
    """The certificate of a code. Of a code that nobody has it is one that is not there: it is asked for all the same, so that
    the answer takes as long. Raises LookupsExhausted."""
    check_lookups(club, caller)
    aliases = club.peppers.aliases(caller.mode, "certificate", code_canonical(typed))
    found = club.store.account_id_of(aliases)
    return found or keys.certificate_account_id(caller.mode, aliases[0][-keys.ACCOUNT_ID_LENGTH + 1 :])


def _member_named(club: Club, caller: Caller, told: NamesMember, book: Rulebook) -> str:
    """Who is named, "" for nobody. Raises MemberUnknown."""
    member_id = owner(club, caller, told, book)
    return account_of(club, caller, member_id).id if member_id is not None else ""


def _as_certificate_knows(club: Club, caller: Caller, member_id: str, account_id: str) -> str:
    """A member who is named, as the certificate names her: it may have been made for a membership that was merged into hers.

    Where somebody is named it asks for two accounts, whatever the code is of.
    """
    if not member_id:
        return ""
    certificate = club.store.account(account_id)
    made_for = str(certificate.attributes.get("member", "")) if certificate is not None else ""
    if made_for:
        return made_for if account_of(club, caller, made_for).id == member_id else member_id
    club.store.account(account_id)
    return member_id


def _code(club: Club, key: str, fingerprint: bytes) -> str:
    return code_of(club.peppers.drawn(fingerprint, f"certificate#{key}"))


def _aliases(club: Club, caller: Caller, key: str, fingerprint: bytes, account_id: str) -> list[Put]:
    """The keyed hashes under which a code is found: under every living pepper, as a contact is."""
    code = _code(club, key, fingerprint)
    known = club.peppers.aliases(caller.mode, "certificate", code)
    return [Put("aliases", {"k": alias, "a": account_id}, absent=True) for alias in known]
