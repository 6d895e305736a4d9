"""What the API tells of the club's offers: what each takes off a purchase, and why another one does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.domain.ledger import Row, unpacked
from shared.domain.offers import Applied, Offered, Silent
from shared.domain.rulebook import Rulebook
from shared.domain.sentences import Speaker
from shared.domain.told_offers import applied, silent

if TYPE_CHECKING:
    from shared.api import shapes

# There may be codes that are for few: one that nobody gave is not told of, nor is what is switched off.
_UNTOLD = ("code", "disabled")


def offers_told(row: Row) -> list[shapes.OfferTold]:
    """What offers took off a purchase, of its row."""
    return [_taken(*one) for one in unpacked(row["of"])]


def offers_said(row: Row, speaker: Speaker) -> list[str]:
    return [applied(speaker, *one[:3]) for one in unpacked(row["of"])]


def quoted_offers(answer: shapes.QuoteAnswer, offered: Offered, row: Row, book: Rulebook) -> shapes.QuoteAnswer:
    """The answer to a quote with what offers take off which line, and which do not apply."""
    speaker = Speaker(book, str(row.get("la", book.programme.club.languages[0])))
    answer["offers_applied"] = [_applied(one, speaker) for one in offered.applied]
    answer["offers_not_applied"] = [_silent(one, speaker) for one in offered.silent if one.why not in _UNTOLD]
    return answer


def _taken(offer: str, minor: int, free_units: int, coupon: str = "") -> shapes.OfferTold:
    told: shapes.OfferTold = {"offer": offer, "discount_minor": minor, "free_units": free_units}
    if coupon:
        told["coupon"] = coupon
    return told


def _applied(one: Applied, speaker: Speaker) -> shapes.OfferApplied:
    return {
        **_taken(one.offer, one.minor, one.free_units, one.coupon),
        "lines": [{"line": at, "discount_minor": minor} for at, minor in enumerate(one.by_line) if minor],
        "sentence": applied(speaker, one.offer, one.minor, one.free_units, lowered=one.lowered),
    }


def _silent(one: Silent, speaker: Speaker) -> shapes.OfferNotApplied:
    return {"offer": one.offer, "why": one.why, "sentence": silent(speaker, one)}
