"""The offers that stand open to one member: those that everybody has, and the member's own with their codes."""

from __future__ import annotations

from shared.actions.caller import Caller
from shared.actions.club import Club
from shared.actions.coupons import code_of_coupon, uses
from shared.actions.find_member import account_of
from shared.actions.take_offers import left_now
from shared.domain.account import Account
from shared.domain.coupons import Coupon, coupons_on
from shared.domain.errors import CouponUnknown
from shared.domain.offers import in_the_way
from shared.domain.rulebook import OfferRule, Rulebook
from shared.domain.standing import Standing
from shared.domain.tiers import tiers_on
from shared.domain.vocabulary import Scene


def offers_for(club: Club, caller: Caller, member_id: str) -> tuple[Account, list[Standing], Rulebook]:
    """What a member may use or may hope for, in the order of the programme. What is over, switched off or used up by the member
    is left out, and so is what needs a code that everybody shares. Raises MemberUnknown, Busy."""
    book = club.laws.at(club.now())
    at = club.now().astimezone(book.zone)
    account = account_of(club, caller, member_id)
    # Who is no active member is offered what guests are.
    whose = account if not account.status else Account("", at.date())
    coupons = _open_coupons(club, caller, whose, book)
    listed = [rule for rule in book.offers if rule.offer.enabled and not _is_over(rule, at.date().isoformat())]
    listed = [rule for rule in listed if rule.offer.is_open or any(one.offer == rule.offer.id for one, _ in coupons)]
    left = left_now(
        club, caller.mode, [one.offer.id for one in listed], {one.offer: one.id for one, _ in coupons}, book
    )
    scene = Scene(at, whose, tiers_on(whose, at.date(), book))
    found: list[Standing] = []
    for rule in listed:
        why = in_the_way(rule, scene, book, left)
        own = [Standing(rule, why, *one) for one in coupons if one[0].offer == rule.offer.id]
        found += own if rule.offer.personal else [Standing(rule, why)]
    return account, found, book


def coupon_for(club: Club, caller: Caller, member_id: str, coupon_id: str) -> tuple[Account, Standing, Rulebook]:
    """One coupon of a member's that is open. Raises MemberUnknown, CouponUnknown, Busy."""
    account, found, book = offers_for(club, caller, member_id)
    own = next((one for one in found if one.coupon is not None and one.coupon.id == coupon_id), None)
    if own is None:
        raise CouponUnknown(field="coupon", reason="is of no coupon that this member can use")
    return account, own, book


def _open_coupons(club: Club, caller: Caller, account: Account, book: Rulebook) -> list[tuple[Coupon, str]]:
    """With their codes: those that were not used, whose day is not over, and whose pepper still lives."""
    if not account.id or not book.personal_offers:
        return []
    known = coupons_on(account, club.now().astimezone(book.zone).date())
    coded = [(one, code_of_coupon(club, caller.mode, account, one)) for one in known]
    used = uses(club, caller.mode, account, known)
    return [(one, code) for (one, code), use in zip(coded, used, strict=True) if code and not use.purchase_key]


def _is_over(rule: OfferRule, today: str) -> bool:
    return rule.offer.until is not None and rule.offer.until.isoformat()[:10] < today
