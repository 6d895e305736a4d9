"""A till asks whether a coupon can be used now, and what it would take off. Nothing is written but that somebody guessed."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from shared.actions.caller import Caller
from shared.actions.club import Club
from shared.actions.coupons import coupons_coded, uses
from shared.actions.find_member import account_of, check_lookups, count_lookup
from shared.actions.record_purchase import Quoted, quote_purchase
from shared.actions.recording import law_of, not_of_this_key, owner
from shared.domain.account import Account
from shared.domain.coupon_asked import CouponAsked
from shared.domain.coupons import Coupon
from shared.domain.errors import CodeUnusable
from shared.domain.rulebook import OfferRule, Rulebook

# What is asked of a code that leads nowhere, so that it is asked as much as of one that leads somewhere (R4).
_NOWHERE = Coupon("", ".", date.min, 0)


class Validated(NamedTuple):
    """A coupon that can be used, and the quote of the purchase that it was asked for with."""

    account: Account
    coupon: Coupon
    rule: OfferRule
    book: Rulebook
    quoted: Quoted | None


def validate_coupon(club: Club, caller: Caller, asked: CouponAsked) -> Validated:
    """Raises CodeUnusable whatever is wrong with the code, LookupsExhausted, MemberUnknown, StoreNotAllowed, Invalid, and what
    a quote raises."""
    if asked.store != caller.store:
        raise not_of_this_key(caller)
    check_lookups(club, caller)
    now = club.now()
    book = club.laws.at(now) if asked.purchase is None else law_of(club, caller, asked.purchase)
    at = now if asked.purchase is None else asked.purchase.occurred_at
    member_id = owner(club, caller, asked, book)
    assert member_id is not None, "the request names a member"
    account = account_of(club, caller, member_id)
    try:
        coupon, rule = _usable(club, caller, account, asked.code, at.astimezone(book.zone).date(), book)
    except CodeUnusable:
        count_lookup(club, caller)
        raise
    if asked.purchase is None:
        return Validated(account, coupon, rule, book, None)
    whose = {"member_id": account.id, "card": None, "phone": None, "email": None}
    codes = {"codes": (*asked.purchase.codes, asked.code)}
    quoted = quote_purchase(club, caller, asked.purchase.model_copy(update=whose | codes))
    return Validated(account, coupon, rule, book, quoted)


def _usable(
    club: Club, caller: Caller, account: Account, code: str, day: date, book: Rulebook
) -> tuple[Coupon, OfferRule]:
    """Raises CodeUnusable."""
    coded = coupons_coded(club, caller.mode, account, [code], day)
    coupon = next(iter(coded), _NOWHERE)
    (use,) = uses(club, caller.mode, account, [coupon])
    rule = book.offer(coupon.offer)
    if rule is None or not (rule.offer.personal and rule.offer.enabled) or account.status or use.purchase_key:
        raise CodeUnusable
    return coupon, rule
