"""Gift certificates: each is an account of its own, opened with its money and used with a code.

Its account holds the money in the wallet `certificate`, in minor units; its attributes are the amount it was made for, its
currency, and the member it was made for, if any: all of them stand in the row that opened it, under `gc`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Literal, NamedTuple

from pydantic import Field, StringConstraints

from shared.domain.account import Account, AttributeValue, Purse
from shared.domain.changes import Change, PurseChange, applied
from shared.domain.decide import ISSUED, SOLD, frame, linked, with_lapses, with_more
from shared.domain.errors import (
    CertificateInsufficient,
    CertificateUsed,
    CodeUnusable,
    CurrencyMismatch,
    Invalid,
    RedemptionExceedsTotal,
)
from shared.domain.expiry import lasts_until
from shared.domain.ledger import Leg, Posting, RowValue, legs_text, packed
from shared.domain.lots import Lot, negative, total
from shared.domain.money import AMOUNT_MINOR_MAX
from shared.domain.named import Named
from shared.domain.packing import change_out
from shared.domain.purchase import Id, StoreId
from shared.domain.redeeming import Wanted
from shared.domain.redemption import Code, Redemption
from shared.domain.rewards import hold_minutes_of
from shared.domain.rulebook import Rulebook
from shared.domain.schema import shown
from shared.domain.tables import CERTIFICATE
from shared.domain.wallet_tables import Expiry

State = Literal["unused", "partly_used", "used_up", "lapsed"]


class Certificate(Named):
    """A gift certificate that a till sells or gives. One of `member_id`, `card`, `phone`, `email`, if any, says for whom it is:
    whether nobody else may then use it is the programme's decision."""

    store: StoreId
    certificate_id: Id
    amount_minor: Annotated[int, Field(ge=1, le=AMOUNT_MINOR_MAX)]
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$"), shown("USD", "The programme's.")]


class CodeAsked(Named):
    """What is left on the certificate of a code? A certificate that was made for one member is told with that member's name
    alone, where the programme says so."""

    code: Code


class CertificatePrinted(CodeAsked):
    """The certificate of a code, to print: the whole page, or its QR code alone. `language`: one of the programme's, the first
    where none is asked for."""

    language: (
        Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$"), shown("he", "One of the programme's.")] | None
    ) = None
    format: Literal["html", "svg"] = "html"


class Issuing(NamedTuple):
    """What a certificate is made of. `given_for` is the club's account that its money comes from."""

    account_id: str
    amount_minor: int
    currency: str
    expiry: Expiry | None = None
    member_id: str = ""
    given_for: str = SOLD


def post_certificate(what: Issuing, book: Rulebook, now: datetime, *, key: str, fingerprint: bytes) -> Posting:
    """The first posting of a certificate's account: the money that it is made for."""
    today = now.astimezone(book.zone).date()
    lot = Lot(today, lasts_until(today, what.expiry, book), what.amount_minor)
    row: dict[str, RowValue] = frame("issue", book, now, key, fingerprint)
    row["gc"] = packed([what.amount_minor, what.currency, what.member_id])
    before = Account(what.account_id, today, attributes=attributes_of(what.amount_minor, what.currency, what.member_id))
    return _posting(row, before, what.amount_minor, (lot,), what.given_for, today)._replace(before=None)


def post_annulled(account: Account, book: Rulebook, now: datetime, *, key: str) -> Posting:
    """A certificate that was taken for points is given back with them. Raises CertificateUsed unless all its money is there."""
    account, lapses = with_lapses(account, book, now)
    today = now.astimezone(book.zone).date()
    amount = _amount_minor(account)
    if left_minor(account, today) != amount:
        raise CertificateUsed(amount_minor=amount)
    # No capture of its own comes back here: what it was taken for does, in the member's account.
    row: dict[str, RowValue] = frame("void", book, now, key, b"")
    row["rd"] = packed(["", amount, amount, "", CERTIFICATE])
    posting = _posting(row, account, -amount, negative(account.purses[CERTIFICATE].lots), ISSUED, today)
    return with_more(posting, lapses)


def attributes_of(amount_minor: int, currency: str, member_id: str) -> Mapping[str, AttributeValue]:
    """What a certificate's account knows of it."""
    known: dict[str, AttributeValue] = {"amount": amount_minor, "currency": currency}
    return known | ({"member": member_id} if member_id else {})


def left_minor(account: Account, today: date) -> int:
    """What can be used of a certificate: not what is held, nor what has lapsed."""
    return account.purses[CERTIFICATE].on(today, account.held(CERTIFICATE)).available


def expires_on(account: Account) -> date | None:
    """The last day of what is on a certificate, held or not."""
    held = [lot for hold in account.holds.values() for lot in hold.lots]
    return max((lot.expires_on for lot in (*account.purses[CERTIFICATE].lots, *held) if lot.expires_on), default=None)


def state_of(account: Account, today: date) -> State:
    purse = account.purses[CERTIFICATE]
    points = purse.on(today, account.held(CERTIFICATE))
    if points.available + points.held <= 0:
        return "lapsed" if points.lapsed else "used_up"
    return "unused" if points.posted == _amount_minor(account) else "partly_used"


def check_usable(account: Account, member_id: str | None, book: Rulebook, today: date) -> None:
    """Raises CodeUnusable for whatever reason there is: the answer is the same as for a code that nobody has (R4)."""
    assigned = account.attributes.get("member")
    is_foreign = assigned is not None and assigned != member_id
    if is_foreign and book.programme.policies.assigned_certificate == "member_only":
        raise CodeUnusable
    if left_minor(account, today) <= 0:
        raise CodeUnusable


def wanted(
    told: Redemption, hold_id: str, purchase_key: str, account: Account, member_id: str | None, book: Rulebook,
    now: datetime,
) -> Wanted:  # fmt: skip
    """What a redemption holds of a certificate: what it asks for, or else as much as there is and may be paid.

    Raises CodeUnusable, CurrencyMismatch, CertificateInsufficient, RedemptionExceedsTotal, Invalid.
    """
    account, _ = with_lapses(account, book, now)
    today = now.astimezone(book.zone).date()
    check_usable(account, member_id, book, today)
    currency = str(account.attributes["currency"])
    if currency != (told.currency or book.programme.club.currency):
        raise CurrencyMismatch(currency=currency)
    there, policies = left_minor(account, today), book.programme.policies
    units = there if told.units is None else told.units
    if told.total_minor is not None and units > told.total_minor:
        if told.units is not None and policies.redemption_over_total == "refuse":
            raise RedemptionExceedsTotal(requested=units, payable=told.total_minor)
        units = told.total_minor
    if units > there and policies.redeem_more_than_balance != "clamp":
        raise CertificateInsufficient(requested=units, available=there)
    units = min(units, there)
    if not units:
        raise Invalid("total_minor", "leaves nothing to pay")
    return Wanted(hold_id, CERTIFICATE, units, "", units, hold_minutes_of(None, book), purchase_key)


def _amount_minor(account: Account) -> int:
    return int(account.attributes["amount"])


def _posting(
    row: dict[str, RowValue], before: Account, units: int, moves: tuple[Lot, ...], club: str, today: date
) -> Posting:  # fmt: skip
    assert total(moves) == units, "what is posted stands in lots"
    change = Change(today, purses={CERTIFICATE: PurseChange(units, moves)})
    after = applied(before, change)
    legs = (Leg(f"{before.id}/{CERTIFICATE}", units), Leg(f"{club}/{CERTIFICATE}", -units))
    row |= {
        "a": before.id,
        "n": before.sequence + 1,
        "g": legs_text(legs),
        "d": packed([0, 0]),
        "b": balance_text(after, today),
        "x": packed(change_out(change)),
    }
    return linked(str(row["k"]), row, before, after)


def balance_text(account: Account, today: date) -> str:
    """`b` of a certificate's row: its money that is available and pending; it has no tier."""
    points = account.purses.get(CERTIFICATE, Purse()).on(today, account.held(CERTIFICATE))
    return packed([points.available, points.pending, ""])
