"""A coupon or a gift certificate to print: one page of HTML with all that it needs inside it, and its code as a QR code in SVG.

The page asks nobody for anything: no script, no font, no picture from elsewhere. What stands in it is escaped.
"""

from __future__ import annotations

from datetime import date
from html import escape
from typing import NamedTuple

from shared.domain.codes import code_shown
from shared.domain.coupons import Coupon
from shared.domain.rulebook import OfferRule
from shared.domain.sentences import Speaker
from shared.domain.told_offers import coupon_terms, offer_name

# Light modules around the code, which scanners ask for.
_QUIET_MODULES = 4
# Half of A5 across, which fits on any paper; colours that are told apart when printed in grey.
_STYLE = """\
@page { size: A5 landscape; margin: 10mm }
* { box-sizing: border-box }
body { margin: 0; padding: 24px; background: #f4f1ec; color: #1d1a16;
  font: 17px/1.5 "Noto Sans", "Noto Sans Hebrew", "Noto Naskh Arabic", "Segoe UI", Tahoma, Arial, sans-serif }
main { display: grid; grid-template-columns: 1fr 190px; gap: 8px 32px; max-width: 720px; margin: 0 auto; padding: 32px;
  background: #fff; border: 2px solid #1d1a16; border-radius: 14px }
header, footer { grid-column: 1 / -1 }
header { padding-bottom: 12px; border-bottom: 1px solid #c9c1b4; font-size: 15px }
footer { padding-top: 12px; border-top: 1px solid #c9c1b4; font-size: 13px; color: #55504a }
h1 { margin: 12px 0 4px; font-size: 32px; line-height: 1.2 }
p { margin: 0 0 8px }
.last { font-weight: 600 }
figure { margin: 12px 0 0; text-align: center }
svg { display: block; width: 100%; height: auto }
.code { margin-top: 4px; font: 600 19px/1.4 ui-monospace, "DejaVu Sans Mono", Consolas, monospace; letter-spacing: 1px;
  white-space: nowrap }
@media (max-width: 560px) { main { grid-template-columns: 1fr } figure { max-width: 240px; margin: 12px auto } }
@media print { body { padding: 0; background: none } main { max-width: none; break-inside: avoid } }"""


class _Page(NamedTuple):
    """What stands on a page, as plain text."""

    club: str
    name: str
    terms: str
    last_day: str
    how: str


def coupon_page(speaker: Speaker, rule: OfferRule, coupon: Coupon, code: str) -> str:
    """The certificate of a coupon in the speaker's language, from right to left where that is read so."""
    page = _Page(
        speaker.say("printed.coupon", club=_club(speaker)),
        offer_name(speaker, rule.offer.id),
        coupon_terms(speaker, rule),
        speaker.say("printed.last_day", day=speaker.day(coupon.last_day)),
        speaker.say("printed.how"),
    )
    return _page(speaker, page, code)


def certificate_page(speaker: Speaker, minor: int, last_day: date | None, today: date, code: str) -> str:
    """A gift certificate with what is left on it today, in minor units. `last_day` None: it never ends."""
    page = _Page(
        speaker.say("printed.certificate", club=_club(speaker)),
        speaker.money(minor),
        speaker.say("printed.certificate_terms", day=speaker.day(today)),
        speaker.say("printed.certificate_last_day", day=speaker.day(last_day)) if last_day is not None else "",
        speaker.say("printed.certificate_how"),
    )
    return _page(speaker, page, code)


def _club(speaker: Speaker) -> str:
    return speaker.apart(speaker.book.programme.club.name)


def _page(speaker: Speaker, told: _Page, code: str) -> str:
    page, direction = _Page(*map(escape, told)), "rtl" if speaker.right_to_left else "ltr"
    last_day = f'<p class="last">{page.last_day}</p>' if page.last_day else ""
    return f"""\
<!doctype html>
<html lang="{speaker.language}" dir="{direction}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><title>{page.name}</title><style>{_STYLE}</style></head>
<body><main>
<header>{page.club}</header>
<section><h1>{page.name}</h1><p>{page.terms}</p>{last_day}</section>
<figure>{code_picture(code, speaker.say("printed.qr"))}<figcaption class="code" dir="ltr">{code_shown(code)}</figcaption></figure>
<footer>{page.how}</footer>
</main></body></html>
"""


def code_picture(code: str, title: str = "") -> str:
    """A canonical code as a QR code: dark on white with its quiet zone, in SVG that stands alone and within a page."""
    # A till never draws one.
    import segno

    # Letters and digits without dashes: the smallest of all codes, with room for the best correction of errors.
    drawn = segno.make_qr(code, error="m")
    side = len(drawn.matrix) + 2 * _QUIET_MODULES
    dark = "".join(
        f"M{x + _QUIET_MODULES} {y + _QUIET_MODULES}h1v1h-1z"
        for y, row in enumerate(drawn.matrix)
        for x, module in enumerate(row)
        if module
    )
    named = f'role="img" aria-label="{escape(title)}"' if title else 'role="img"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" {named} shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path fill="#000" d="{dark}"/></svg>'
    )
