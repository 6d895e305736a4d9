"""What the API answers about the offers of one member and about a coupon. Only they load it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from shared.domain.account import Account
from shared.domain.codes import code_shown
from shared.domain.coupons import Coupon
from shared.domain.ledger import Row, unpacked
from shared.domain.offers import Offered, Silent
from shared.domain.rulebook import OfferRule, Rulebook
from shared.domain.sentences import Speaker
from shared.domain.standing import Standing
from shared.domain.told_offers import applied, coupon, offer, offer_name, silent

# What a coupon can be asked for as, and what that is called.
PAGES = {"html": "text/html; charset=utf-8", "svg": "image/svg+xml"}

if TYPE_CHECKING:
    from shared.api import shapes


def offers_answer(account: Account, found: Sequence[Standing], book: Rulebook) -> shapes.OffersAnswer:
    """What stands open to one member, in the member's language."""
    speaker = _speaker(account, book)
    return {"member_id": account.id, "offers": [_standing(one, speaker) for one in found]}


def coupon_answer(
    account: Account, found: Coupon, rule: OfferRule, book: Rulebook, row: Row | None, offered: Offered | None
) -> shapes.CouponAnswer:
    """A coupon that can be used. `row` and `offered` are those of the quote that was asked for with it."""
    speaker = _speaker(account, book)
    answer: shapes.CouponAnswer = {
        "coupon": {
            "member_id": account.id,
            "offer": found.offer,
            "name": offer_name(speaker, found.offer),
            "sentence": coupon(speaker, rule),
            "expires_on": found.last_day.isoformat(),
        }
    }
    if row is not None and offered is not None:
        answer["purchase"] = _on_purchase(found.offer, row, offered, speaker)
    return answer


def coupon_printed(account: Account, own: Standing, book: Rulebook, kind: str) -> str:
    """A member's coupon to print, or its QR code alone."""
    from shared.domain.printed import code_picture, coupon_page

    assert own.coupon is not None, "it is of a coupon"
    if kind == "svg":
        return code_picture(own.code)
    return coupon_page(_speaker(account, book), own.rule, own.coupon, own.code)


def _on_purchase(offer_id: str, row: Row, offered: Offered, speaker: Speaker) -> shapes.CouponOnPurchase:
    taken = next((one for one in offered.applied if one.offer == offer_id), None)
    why = next((one for one in offered.silent if one.offer == offer_id), None)
    return {
        "discount_minor": taken.minor if taken else 0,
        "free_units": taken.free_units if taken else 0,
        "total_minor": unpacked(row["s"])[0],
        "currency": speaker.book.programme.club.currency,
        "sentence": applied(speaker, offer_id, taken.minor, taken.free_units) if taken else _in_the_way(why, speaker),
    }


def _in_the_way(why: Silent | None, speaker: Speaker) -> str:
    assert why is not None, "an offer applies, or says why it does not"
    return silent(speaker, why)


def _standing(one: Standing, speaker: Speaker) -> shapes.OfferStanding:
    rule = one.rule
    own: shapes.CouponHeld | None = None
    if one.coupon is not None:
        own = {"coupon": one.coupon.id, "code": code_shown(one.code), "expires_on": one.coupon.last_day.isoformat()}
    return {
        "offer": rule.offer.id,
        "name": offer_name(speaker, rule.offer.id),
        "sentence": offer(speaker, rule) if own is None else coupon(speaker, rule),
        "coupon": own,
        "can_be_used": one.why is None,
        # What is switched off, or needs a code that was not given, is not told of at all.
        "why_not": cast("shapes.OfferObstacle | None", one.why),
        "in_the_way": silent(speaker, Silent(rule.offer.id, one.why)) if one.why is not None else None,
    }


def _speaker(account: Account, book: Rulebook) -> Speaker:
    return Speaker(book, account.language or book.programme.club.languages[0])
