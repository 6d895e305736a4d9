"""A coupon to print: what stands on it, in which direction it is read, and a QR code that is the code."""

import re
from datetime import date
from xml.etree import ElementTree as ET

import pytest
import segno

from shared.domain.codes import code_canonical
from shared.domain.coupons import Coupon
from shared.domain.printed import certificate_page, code_picture, coupon_page
from shared.domain.sentences import Speaker
from tests.domain.shop import BASE, programme

CODE = "CSYAJ6NHDKCH"
COUPON = Coupon("fifth", "back.2026-11-24", date(2026, 12, 24), 1)
OFFER = '[[offer]]\nid = "fifth"\npercent = 20\npersonal = true\nvalid_days = 30\n'
NAMES = 'name = { en = "A fifth <b>off</b> & more", he = "עשרים אחוז", fa = "یک‌پنجم" }'


def page(language):
    book = programme(BASE, OFFER + NAMES)
    return coupon_page(Speaker(book, language), book.offer("fifth"), COUPON, CODE)


@pytest.mark.parametrize(
    ("language", "direction", "said"),
    [
        ("en", "ltr", "To be used by December 24, 2026, once."),
        ("he", "rtl", "לשימוש עד 24 בדצמבר 2026, פעם אחת."),
        ("fa", "rtl", "تا ۲۴ دسامبر ۲۰۲۶ و یک بار قابل استفاده است."),
    ],
)
def test_a_coupon_says_what_it_is_until_when_and_its_code_in_the_members_language(language, direction, said):
    told = page(language)
    assert f'<html lang="{language}" dir="{direction}">' in told
    assert said in re.sub("[\u2066-\u2069\u200e\u200f]", "", told)
    assert '<figcaption class="code" dir="ltr">CSYA-J6NH-DKCH</figcaption>' in told.replace("\n", "")


@pytest.mark.parametrize(
    ("language", "direction", "said"),
    [
        ("en", "ltr", ["Gift certificate of Rimon", "$12.34", "on it on November 27, 2026", "by December 24, 2026."]),
        ("he", "rtl", ["שובר מתנה של Rimon", "12.34", "ביום 27 בנובמבר 2026", "לשימוש עד 24 בדצמבר 2026."]),
        ("fa", "rtl", ["کارت هدیهٔ Rimon", "۱۲٫۳۴", "در ۲۷ نوامبر ۲۰۲۶", "تا ۲۴ دسامبر ۲۰۲۶ قابل استفاده است."]),
    ],
)
def test_a_gift_certificate_says_what_is_left_on_it_until_when_and_its_code(language, direction, said):
    speaker = Speaker(programme(BASE), language)
    told = certificate_page(speaker, 1_234, date(2026, 12, 24), date(2026, 11, 27), CODE)
    plain = re.sub("[\u2066-\u2069\u200e\u200f]", "", told)
    assert f'<html lang="{language}" dir="{direction}">' in told
    assert [one for one in said if one not in plain] == []
    assert "CSYA-J6NH-DKCH" in told
    endless = certificate_page(speaker, 1_234, None, date(2026, 11, 27), CODE)
    assert ('class="last"' in told, 'class="last"' in endless) == (True, False)


def test_what_the_programme_says_is_text_and_never_markup():
    told = page("en")
    assert "A fifth &lt;b&gt;off&lt;/b&gt; &amp; more" in told
    assert "<b>" not in told


def test_a_page_asks_nobody_for_anything():
    told = page("he")
    assert not re.search(r"<script|<link|<img|@import|url\(|src=|href=", told)
    assert set(re.findall(r"https?://[^\"]*", told)) == {"http://www.w3.org/2000/svg"}


def test_the_picture_is_the_qr_code_of_the_code_with_its_quiet_zone():
    drawn = ET.fromstring(code_picture(CODE, 'read "me"'))
    side = int(drawn.attrib["viewBox"].split()[2])
    white, black = drawn
    assert (white.attrib["d"], drawn.attrib["aria-label"]) == (f"M0 0h{side}v{side}H0z", 'read "me"')
    dark = {(int(x), int(y)) for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", black.attrib["d"])}
    expected = segno.make_qr(CODE, error="m").matrix
    assert side == len(expected) + 8
    assert dark == {(x + 4, y + 4) for y, row in enumerate(expected) for x, module in enumerate(row) if module}
    assert code_canonical(CODE) == CODE


def test_a_code_fits_the_smallest_of_all_qr_codes():
    assert segno.make_qr(CODE, error="m").designator in ("1-H", "1-Q")
