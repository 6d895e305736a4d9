"""Letters to nobody: the shipped templates with facts of a made-up member, one by one or all on a sheet to be drawn."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date
from functools import cache
from html import escape
from typing import NamedTuple

from club.home import ROOT
from shared.domain.letter_frames import frame_of
from shared.domain.letter_templates import BY_NAME, CASE, Fact, Manner
from shared.domain.letters import Letter, LetterChannel, Shelf, letter, shelf_of
from shared.domain.programme import Programme
from shared.domain.voice import LANGUAGES, RIGHT_TO_LEFT

TEMPLATES_FOLDER = ROOT / "functions" / "notify" / "templates"
_SAID: dict[str, dict[str, Fact]] = {
    "en": {"first_name": "Noa", "offer": "20% off your next record", "product": "record sleeves", "tier": "Gold"},
    "he": {"first_name": "נועה", "offer": "20% הנחה על התקליט הבא", "product": "עטיפות לתקליטים", "tier": "זהב"},
    "fa": {"first_name": "شیرین", "offer": "۲۰٪ تخفیف برای صفحهٔ بعدی", "product": "جلد صفحه", "tier": "طلایی"},
}
_COUNTED: dict[str, Fact] = {
    "code": "RMN7-4KQ2-XWHC",
    "points": 1_200,
    "worth_minor": 1_200,
    "missing_minor": 4_990,
    "days": 30,
    "ends_on": date(2027, 4, 20),
}
# A picture for each language; what they show is hashed, so that a stale one is noticed without a browser.
SHOWN_AT = 0.62
_MAIL_WIDTH, _MAIL_HEIGHT, _GAP, _COLUMNS = 560, 740, 20, 4


class Sheet(NamedTuple):
    """All letters of a language on one page, and how large it is in pixels."""

    html: str
    width: int
    height: int


@cache
def shelf() -> Shelf:
    return shelf_of(TEMPLATES_FOLDER)


def sample(
    name: str, programme: Programme, language: str, channel: LetterChannel, manner: Manner, case: str | None = None
) -> Letter:
    """A letter as the made-up member would get it, with links to the first host of the programme, or to example.com."""
    host = next(iter(programme.contact.link_hosts), "example.com")
    template = BY_NAME[name]
    facts = {key: fact for key, fact in (_SAID[language] | _COUNTED).items() if key in template.facts}
    if "points" in facts:
        # A gift is one or the other.
        facts.pop("offer", None)
    if "points" in facts and not any("code" in need for need in template.needs):
        facts.pop("code", None)
    facts["link"] = f"https://{host}/"
    if template.cases:
        facts[CASE] = case or template.cases[0]
    frame = frame_of(programme, language, f"https://{host}/u/sample", [host])
    return letter(name, facts, frame, channel, shelf(), manner)


def sheet(programme: Programme, language: str) -> Sheet:
    """The mails of a language beside each other, in both looks."""
    mails = [(name, case) for name, one in BY_NAME.items() for case in one.cases or (None,)]
    cells = "\n".join(
        _cell(sample(name, programme, language, "email", Manner(look="calm" if number % 2 else "bright"), case).html)
        for number, (name, case) in enumerate(mails)
    )
    rows = -(-len(mails) // _COLUMNS)
    wide, high = round(_MAIL_WIDTH * SHOWN_AT), round(_MAIL_HEIGHT * SHOWN_AT)
    width, height = _COLUMNS * (wide + _GAP) + _GAP, rows * (high + _GAP) + _GAP
    direction = "rtl" if language in RIGHT_TO_LEFT else "ltr"
    style = (
        f"body{{margin:{_GAP}px;display:grid;grid-template-columns:repeat({_COLUMNS},{wide}px);gap:{_GAP}px;background:#fff}}"
        f"div{{width:{wide}px;height:{high}px;overflow:hidden}}"
        f"iframe{{border:0;width:{_MAIL_WIDTH}px;height:{_MAIL_HEIGHT}px;transform:scale({SHOWN_AT});"
        f"transform-origin:top {'right' if direction == 'rtl' else 'left'}}}"
    )
    page = f'<!DOCTYPE html>\n<html dir="{direction}"><meta charset="utf-8"><style>{style}</style>\n{cells}\n</html>\n'
    return Sheet(page, width, height)


def fingerprints(programme: Programme) -> str:
    """What the pictures show, a line for each language, as sha256sum would write it of the sheets."""
    return "".join(f"{line}\n" for line in _lines(programme))


def _lines(programme: Programme) -> Iterator[str]:
    for language in LANGUAGES:
        yield f"{hashlib.sha256(sheet(programme, language).html.encode()).hexdigest()}  mails-{language}.html"


def _cell(page: str) -> str:
    return f'<div><iframe scrolling="no" srcdoc="{escape(page)}"></iframe></div>'
