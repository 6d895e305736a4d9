"""Staff let points live longer, or bring back what had lapsed: once, with a reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from shared.actions.adjust_balance import counted_alone
from shared.actions.club import Club
from shared.actions.find_member import account_of
from shared.actions.recording import Committing, Recorded, Recording, record
from shared.actions.staff import Staff
from shared.domain.account import Account
from shared.domain.decide import POSTINGS_MAX
from shared.domain.errors import AdjustmentDiffers, Invalid
from shared.domain.lapsing import expiry_key_of
from shared.domain.ledger import Posting, Row
from shared.domain.rulebook import Rulebook
from shared.domain.staff_requests import Extension, Reinstatement
from shared.domain.staffing import post_extension, post_reinstatement
from shared.domain.story import still_lapsed
from shared.domain.tables import MAIN_WALLET
from shared.store import keys

_TOO_MUCH = "more than one person may bring back alone: ask for an adjustment of as many, which a second one approves"
Seconds = Callable[[], float]


def extend_points(club: Club, staff: Staff, told: Extension, seconds_left: Seconds) -> Recorded:
    """Raises Invalid, MemberUnknown, AdjustmentDiffers (the id is known with other content), Busy."""
    book = club.laws.at(club.now())
    if told.wallet not in (MAIN_WALLET, *(one.id for one in book.programme.wallet)):
        raise Invalid("wallet", "is no [[wallet]] of the programme")
    key, content = keys.extension(staff.mode, told.extension_id), told.model_dump_json(exclude_defaults=True)
    fingerprint = club.peppers.fingerprint(content)
    why = (told.reason, staff.actor, "")

    check_last_day(told.expires_on, club, book)

    def decided(account: Account | None) -> Posting:
        assert account is not None
        return post_extension(
            told.wallet,
            told.last_day,
            told.expires_on,
            why,
            account,
            book,
            club.now(),
            key=key,
            fingerprint=fingerprint,
        )

    def differs() -> AdjustmentDiffers:
        return AdjustmentDiffers(adjustment_id=told.extension_id)

    return record(club, staff.caller, Recording(key, content, told.member_id, decided, differs), seconds_left)


def reinstate_points(club: Club, staff: Staff, told: Reinstatement, seconds_left: Seconds) -> Recorded:
    """What one entry booked as lapsed comes back, once, as far as no return took it and no late report says otherwise. Raises
    Invalid, MemberUnknown, AdjustmentDiffers (it came back before, otherwise), Busy."""
    book = club.laws.at(club.now())
    member = account_of(club, staff.caller, told.member_id)
    expiry = club.store.posting(expiry_key_of(told.member_id, told.sequence))
    if expiry is None:
        raise Invalid("sequence", "is of no entry of this member that booked lapsed points")
    key, content = keys.reinstatement(str(expiry["k"])), told.model_dump_json(exclude_defaults=True)
    fingerprint = club.peppers.fingerprint(content)
    why = (told.reason, staff.actor, "")
    check_last_day(told.expires_on, club, book)

    def decided(account: Account | None) -> Committing:
        assert account is not None
        whose = account if account.id == told.member_id else club.store.account(told.member_id)
        assert whose is not None, "it has an entry"
        back = _still_lapsed(club, expiry, whose, book)
        counts = counted_alone(club, staff, back, book)
        if counts is None:
            raise Invalid("sequence", f"lapsed {max(back.values())} units, {_TOO_MUCH}")
        posting = post_reinstatement(
            back, told.expires_on, why, account, book, club.now(), key=key, fingerprint=fingerprint
        )
        return Committing(posting, counts)

    def differs() -> AdjustmentDiffers:
        return AdjustmentDiffers(adjustment_id=str(told.sequence))

    return record(club, staff.caller, Recording(key, content, member.id, decided, differs), seconds_left)


def check_last_day(last: date, club: Club, book: Rulebook) -> None:
    """Raises Invalid where points would live longer than staff may let them."""
    days = book.programme.staff.extension_days_max
    if last > club.now().astimezone(book.zone).date() + timedelta(days=days):
        raise Invalid("expires_on", f"is more than {days} days from now, the longest that staff may let points live")


def _still_lapsed(club: Club, expiry: Row, account: Account, book: Rulebook) -> Mapping[str, int]:
    """Raises Invalid where nothing of it is, or where the account is too long to be told again."""
    if account.sequence > POSTINGS_MAX:
        raise Invalid("member_id", f"has more than {POSTINGS_MAX} entries: what of them is still lapsed cannot be told")
    back = still_lapsed(expiry, account, club.store.story(account), club.laws.version, book, club.now())
    if not back:
        raise Invalid("sequence", "is of points that a return took since, or that never lapsed after all")
    return back
