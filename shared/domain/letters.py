"""One letter: a template's words in the member's language, with the facts said and escaped for the channel that carries them.

    facts + frame + words --(sandboxed engine)--> Letter(subject, text, html, sender, headers)

The words are text in every channel; markup stands in `mail.html` alone. What comes from elsewhere (names, an offer's words, a
code) never becomes a template, loses what controls or reorders, and is isolated where it runs against the language.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import lru_cache
from importlib.resources.abc import Traversable
from typing import Any, Literal, NamedTuple

from jinja2 import StrictUndefined
from jinja2 import Template as Compiled
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from shared.domain.letter_frames import MARKS, Frame, sender_of
from shared.domain.letter_templates import BY_NAME, CASE, FACT_KINDS, Fact, FactKind, Manner, Template
from shared.domain.links import check_html, check_text, checked, unsubscribe_headers
from shared.domain.sms import parts
from shared.domain.text import cleaned
from shared.domain.voice import LANGUAGES, RIGHT_TO_LEFT, Voice

LetterChannel = Literal["email", "sms", "push"]

# A line that a mail program still shows whole.
SUBJECT_LENGTH_MAX = 150
NAME_LENGTH_MAX = 40
TEXT_LENGTH_MAX = 200
# Gmail shows no more of a mail.
HTML_BYTES_MAX = 102_000
# Beyond that networks drop parts, and each is billed.
SMS_PARTS_MAX = 6

_AS_EVER = Manner()
_FIRST_STRONG, _LEFT_TO_RIGHT, _POP = "\u2068", "\u2066", "\u2069"
_AGAINST = {True: frozenset({"L"}), False: frozenset({"R", "AL", "AN"})}
# Whoever joins under such a name wants our sender's good reputation for a link of their own.
_LIKE_A_LINK = re.compile(r"[/@]|\bwww\b|[^\s.。．｡][.。．｡][^\W\d_]{2}|\d[.。．｡]\d", re.IGNORECASE)


class LetterUnfit(ValueError):
    """A letter that cannot be written as asked; the sentence says why and repeats no value."""


class Shelf(NamedTuple):
    """What lies in a folder of templates: words by language, layouts by file, colours by look."""

    words: Mapping[str, Mapping[str, Any]]
    layouts: Mapping[str, str]
    looks: Mapping[str, Mapping[str, str]]


class Letter(NamedTuple):
    """What a channel carries: a text message is `text` alone, a push its `subject` above its `text`."""

    subject: str
    text: str
    html: str = ""
    sender: str = ""
    headers: Mapping[str, str] = {}


def shelf_of(folder: Traversable) -> Shelf:
    """The templates of a folder. Words with a sign of markup are refused: mail would read it, a text would show it."""
    words = {language: tomllib.loads(folder.joinpath(f"{language}.toml").read_text("utf-8")) for language in LANGUAGES}
    for language, sections in words.items():
        for name, section in sections.items():
            if any(set("<>&") & set(text) for text in _texts(section)):
                raise LetterUnfit(f"{language}.toml: [{name}] holds markup, and words are text")
    layouts = {
        name: folder.joinpath(name).read_text("utf-8") for name in ("mail.html", "mail.txt", "sms.txt", "push.txt")
    }
    return Shelf(words, layouts, tomllib.loads(folder.joinpath("looks.toml").read_text("utf-8")))


def letter(
    name: str, facts: Mapping[str, Fact], frame: Frame, channel: LetterChannel, shelf: Shelf, manner: Manner = _AS_EVER
) -> Letter:
    """The letter `name` of `TEMPLATES` for one member. `LetterUnfit` if a fact is missing or strange, `LinkElsewhere` if a link
    leads to another host than the club's."""
    template = BY_NAME[name]
    _check(template, facts)
    marketing = template.purpose == "marketing"
    if marketing and not frame.unsubscribe_link and channel != "push":
        raise LetterUnfit("marketing needs a link to unsubscribe")
    if channel == "email" and not (frame.sender_email and frame.address):
        raise LetterUnfit("mail has to say who writes, with an address")
    mark = MARKS[frame.locale_pack] if marketing else ""
    written = _written(template, facts, frame, shelf, manner, html=False)
    subject = _subject(written["subject"], mark, frame.language)
    layout = shelf.layouts["mail.txt" if channel == "email" else f"{channel}.txt"]
    text = _filled(layout, written | {"mark": mark}, html=False).strip()
    check_text(f"{subject}\n{text}", frame.link_hosts)
    if channel != "email":
        if channel == "sms" and parts(text) > SMS_PARTS_MAX:
            raise LetterUnfit(f"a text message may have {SMS_PARTS_MAX} parts, and this one has {parts(text)}")
        return Letter("" if channel == "sms" else subject, text)
    marked_up = _written(template, facts, frame, shelf, manner, html=True)
    html = _filled(shelf.layouts["mail.html"], marked_up | {"mark": mark, "subject": subject}, html=True)
    check_html(html, frame.link_hosts)
    if len(html.encode()) > HTML_BYTES_MAX:
        raise LetterUnfit(f"a mail of more than {HTML_BYTES_MAX} bytes is cut by who shows it")
    headers = unsubscribe_headers(frame.unsubscribe_link) if marketing and frame.unsubscribe_link else {}
    return Letter(subject, text, str(html), sender_of(frame), headers)


def _written(
    template: Template, facts: Mapping[str, Fact], frame: Frame, shelf: Shelf, manner: Manner, *, html: bool
) -> dict[str, Any]:
    """All that a layout may show: the facts as they are said, and the words, filled in with them."""
    section = f"{template.name}_{facts[CASE]}" if template.cases else template.name
    words = _words(shelf, frame.language, "frame", manner) | _words(shelf, frame.language, section, manner)
    said = _said(template, facts, frame, html=html)
    # Most of the short ones end with it, so it is filled in before them.
    said["tail"] = _filled(words.pop("tail"), said, html=html)
    written = {key: _filled(text, said, html=html) for key, text in words.items()}
    right_to_left = frame.language in RIGHT_TO_LEFT
    return said | written | {
        "paragraphs": [one for one in written["text"].split("\n") if one],
        "why": written[f"why_{template.purpose}"],
        "stop": written["stop"] if template.purpose == "marketing" else "",
        "language": frame.language,
        "direction": "rtl" if right_to_left else "ltr",
        "start": "right" if right_to_left else "left",
        "look": shelf.looks[manner.look],
    }  # fmt: skip


def _words(shelf: Shelf, language: str, section: str, manner: Manner) -> dict[str, str]:
    """The words of a section, in its tone and wording."""
    table = shelf.words[language][section]
    words: dict[str, str] = {key: text for key, text in table.items() if isinstance(text, str)}
    words |= table.get(manner.tone, {})
    words |= table.get(manner.variant, {})
    return words


def _said(template: Template, facts: Mapping[str, Fact], frame: Frame, *, html: bool) -> dict[str, str]:
    """Each fact as the language says it; empty, if the letter was not told."""
    voice = Voice(frame.language, frame.currency)
    say: dict[str, Callable[[Any], str]] = {
        "name": lambda text: _apart(_name(text), voice, html=html),
        "text": lambda text: _apart(cleaned(text, TEXT_LENGTH_MAX), voice, html=html),
        "code": lambda text: _apart(cleaned(text, TEXT_LENGTH_MAX), voice, html=html, is_code=True),
        "link": lambda link: checked(link, frame.link_hosts),
        "points": voice.points,
        "money": voice.money,
        "days": lambda days: voice.count("days", days),
        "day": lambda day: voice.day(_day(day)),
    }
    said = {name.removesuffix("_minor"): "" for name in FACT_KINDS}
    said |= {name.removesuffix("_minor"): say[FACT_KINDS[name]](fact) for name, fact in facts.items() if name != CASE}
    said |= {key: say["text"](getattr(frame, key)) for key in ("club", "sender", "address")}
    said["unsubscribe_link"] = say["link"](frame.unsubscribe_link) if frame.unsubscribe_link else ""
    return said | {"gift": next((said[name] for name in template.shows if said.get(name)), "")}


def _name(text: str) -> str:
    """A first name; none, where it is rather a message or a link."""
    name = cleaned(text, NAME_LENGTH_MAX + 1)
    return "" if len(name) > NAME_LENGTH_MAX or _LIKE_A_LINK.search(name) else name


def _apart(text: str, voice: Voice, *, html: bool, is_code: bool = False) -> str:
    """A text from elsewhere, so that it neither reorders the sentence nor is reordered by it. Where it runs as the language does
    nothing is put around it: in a text message two signs more are billed, and of GSM they would make UCS-2."""
    against = _AGAINST[voice.right_to_left]
    strange = any(unicodedata.bidirectional(one) in against for one in text)
    if not text or not (strange or (is_code and voice.right_to_left)):
        return text
    if html:
        return Markup('<span dir="{}">{}</span>').format("ltr" if is_code else "auto", text)
    return f"{_LEFT_TO_RIGHT if is_code else _FIRST_STRONG}{text}{_POP}"


def _subject(text: str, mark: str, language: str) -> str:
    line = " ".join(text.split())
    if len(line) > SUBJECT_LENGTH_MAX:
        line = line[: SUBJECT_LENGTH_MAX - 1].rstrip() + "…"
        # What was set apart where the line is cut ends there too.
        line += _POP * (line.count(_FIRST_STRONG) - line.count(_POP))
    if not mark:
        return line
    # The mark runs from right to left: what is behind it in English keeps its own order.
    return f"{mark}: {line}" if language in RIGHT_TO_LEFT else f"{mark}: {_LEFT_TO_RIGHT}{line}{_POP}"


def _day(fact: Fact) -> date:
    return fact if isinstance(fact, date) else date.fromisoformat(str(fact))


def _check(template: Template, facts: Mapping[str, Fact]) -> None:
    """Refuse facts that are missing, unknown to the letter, or of another kind than theirs."""
    if (facts.get(CASE) in template.cases) != bool(template.cases) or (CASE in facts and not template.cases):
        raise LetterUnfit(f"{template.name} has the cases {', '.join(template.cases) or 'none'}")
    for needed in template.needs:
        if not needed & facts.keys():
            raise LetterUnfit(f"{template.name} needs {' or '.join(sorted(needed))}")
    for name, fact in facts.items():
        if name == CASE:
            continue
        if name not in template.facts:
            raise LetterUnfit(f"{template.name} is not told {name}")
        if not _is_of_its_kind(FACT_KINDS[name], fact):
            raise LetterUnfit(f"{name} is no {FACT_KINDS[name]}")


def _is_of_its_kind(kind: FactKind, fact: Fact) -> bool:
    if kind == "day":
        try:
            return bool(_day(fact))
        except ValueError:
            return False
    if kind in ("points", "money", "days"):
        return type(fact) is int and fact >= 0
    # Of a name nothing may be left: then nobody is greeted by it.
    return isinstance(fact, str) and (kind == "name" or bool(cleaned(fact, TEXT_LENGTH_MAX)))


def _texts(table: Mapping[str, Any]) -> Iterator[str]:
    for value in table.values():
        yield from [value] if isinstance(value, str) else _texts(value)


def _filled(source: str, values: Mapping[str, Any], *, html: bool) -> str:
    """A sentence or a layout with its values. Of markup, as markup: what is filled in further is not escaped again."""
    filled = _compiled(source, html=html).render(values)
    return Markup(filled) if html else filled  # noqa: S704 - escaped by the engine, which alone made it


@lru_cache(maxsize=1_024)
def _compiled(source: str, *, html: bool) -> Compiled:
    return _environment(html=html).from_string(source)


@lru_cache(maxsize=2)
def _environment(*, html: bool) -> ImmutableSandboxedEnvironment:
    """The engine: no attribute that begins with an underscore, no file, no function, no filter; an unknown name is an error."""
    engine = ImmutableSandboxedEnvironment(
        autoescape=html, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    for known in (engine.globals, engine.filters, engine.tests):
        known.clear()
    return engine
