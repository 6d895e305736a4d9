"""What the club writes: in each language, by each channel, harmless whatever a member is called, and by the law of marketing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from email.header import decode_header, make_header
from html.parser import HTMLParser
from itertools import product
from typing import get_args

import pytest
from jinja2.exceptions import SecurityError, TemplateAssertionError, UndefinedError

from shared.domain import sms
from shared.domain.letter_frames import frame_of, sender_of
from shared.domain.letter_templates import BY_NAME, TEMPLATES, Look, Manner, Tone, Variant, variant_of
from shared.domain.letters import LetterUnfit, Shelf, letter, shelf_of
from shared.domain.links import LinkElsewhere
from shared.domain.text import cleaned
from shared.domain.voice import LANGUAGES
from tests.domain.letterbox import CHANNELS, FACTS, FOLDER, OUT, SHELF, facts, frame, written
from tests.domain.shop import BASE, programme

CASES = [(name, case) for name, one in sorted(BY_NAME.items()) for case in one.cases or ("",)]
EVERY = pytest.mark.parametrize(("name", "case", "language"), [(*c, lang) for c in CASES for lang in LANGUAGES])
MANNERS = [Manner(*each) for each in product(get_args(Tone), get_args(Look), get_args(Variant))]
ISOLATES = "\u2066\u2067\u2068\u2069"
# What somebody once joined under, and what it must not become.
NASTY = (
    "<script>alert(1)</script>", "{{7*7}}", "{{ club.__class__ }}", "{% for a in b %}", "%s%n", "{0.__class__}",
    "=HYPERLINK('x')", "a\r\nBcc: all", "a\nSubject: b", "\u202eexe gnp", 'x" onclick="y', "&lt;b&gt;", "نوآ Noa נועה",
    "\u2069\u2066 outside", "\x00\x1b[2J", "\ud800",
)  # fmt: skip


class _Read(HTMLParser):
    """The tags of a page, its text, and each element's direction."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.shown = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.shown += data


def sections() -> Iterator[str]:
    for one in BY_NAME.values():
        yield from one.sections


@EVERY
def test_every_letter_is_written_in_every_language_by_every_channel(name: str, case: str, language: str) -> None:
    for channel, manner in product(CHANNELS, MANNERS):
        one = written(name, channel, language, manner, case=case)
        assert one.text.strip()
        assert bool(one.subject) == (channel != "sms")
        assert one.html.startswith("<!DOCTYPE html>") == (channel == "email")
        whole = one.subject + one.text + one.html
        assert not re.search(r"\{\{|\{%|None|Undefined|<built-in", whole)
        assert "  " not in one.subject + one.text


@EVERY
def test_a_letter_that_is_told_no_more_than_it_needs_is_whole_too(name: str, case: str, language: str) -> None:
    needed = {min(one) for one in BY_NAME[name].needs}
    bare = {key: FACTS[key] for key in needed} | ({"case": case} if case else {})
    for channel in CHANNELS:
        one = letter(name, bare, frame(language), channel, SHELF)
        assert not re.search(r"[:：]\s*[.،,]|\s[.,،!?]|\(\)|: *\n\n\n", one.text.replace(OUT, "")), one.text
    assert "<a href" in one.html or channel == "push"


def test_the_folder_holds_the_words_of_every_template_in_every_language_and_no_others() -> None:
    english = SHELF.words["en"]
    for language in LANGUAGES:
        words = SHELF.words[language]
        assert set(words) == {"frame", *sections()}, language
        for section, table in words.items():
            assert set(table) == set(english[section]), f"{language}: [{section}]"
            for key, text in table.items():
                inner = english[section][key]
                assert isinstance(text, str) == isinstance(inner, str)
                if isinstance(text, dict):
                    assert set(text) == set(inner), f"{language}: [{section}.{key}]"
                    assert set(text) <= set(table), "a tone says what nobody asks for"


def test_the_words_of_a_letter_name_the_same_facts_in_every_language() -> None:
    def named(table: object) -> dict[str, set[str]]:
        assert isinstance(table, dict)
        texts = {key: text for key, text in table.items() if isinstance(text, str)}
        return {key: set(re.findall(r"\{\{ (\w+) \}\}", text)) - {"club"} for key, text in texts.items()}

    for section, language in product(("frame", *sections()), ("he", "fa")):
        theirs, ours = SHELF.words[language][section], SHELF.words["en"][section]
        known = next((one.facts for one in BY_NAME.values() if section in one.sections), frozenset(FACTS))
        assert set().union(*named(ours).values()) <= {name.removesuffix("_minor") for name in known} | {"gift", "tail"}
        assert named(theirs) == named(ours), f"{language}: [{section}]"
        assert named(theirs["plain"]) == named(ours["plain"]), f"{language}: [{section}.plain]"


def test_hebrew_and_persian_are_not_left_in_english() -> None:
    for language, section in product(("he", "fa"), ("frame", *sections())):
        ours, theirs = SHELF.words["en"][section], SHELF.words[language][section]
        for key, text in theirs.items():
            assert text != ours[key], f"{language}: [{section}] {key}"


def test_the_tone_the_wording_and_the_look_are_heard_and_seen() -> None:
    for name, case in CASES:
        letters = {manner: written(name, manner=manner, case=case) for manner in MANNERS}
        assert len({one.text for one in letters.values()}) >= 2, name
        assert len({one.subject for one in letters.values()}) >= 2, name
        assert len({one.html for one in letters.values()}) == len(MANNERS), name


def test_a_member_always_gets_the_same_wording_and_about_half_get_each() -> None:
    members = [f"M-{number}" for number in range(2_000)]
    drawn = [variant_of("birthday", one) for one in members]
    assert drawn == [variant_of("birthday", one) for one in members]
    assert 900 < drawn.count("b") < 1_100
    assert drawn != [variant_of("win-back", one) for one in members]


# Escaping, M8.


@pytest.mark.parametrize("name", NASTY)
def test_whatever_a_member_is_called_is_harmless_in_a_mail(name: str) -> None:
    plain, nasty = written("birthday"), written("birthday", first_name=name)
    page, read = _Read(plain.html), _Read(nasty.html)
    assert [tag for tag in read.tags if tag != "span"] == page.tags
    assert {key for key, _ in read.attributes} <= {key for key, _ in page.attributes} | {"dir"}
    expected = cleaned(name, 200)
    assert "/" in expected or f"Hi {expected or 'there'}," in read.shown
    nasty.html.encode()
    for line in (nasty.subject, nasty.sender, *nasty.headers.values()):
        assert not re.search(r"[\r\n\x00]", line)


@pytest.mark.parametrize("name", NASTY)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("channel", CHANNELS)
def test_whatever_a_member_is_called_is_text_and_nothing_else(name: str, language: str, channel: str) -> None:
    manner = Manner(variant="b")
    plain = written("birthday", channel, language, manner, first_name="Noa")  # type: ignore[arg-type]
    nasty = written("birthday", channel, language, manner, first_name=name)  # type: ignore[arg-type]
    assert "49" not in nasty.text + nasty.subject
    assert nasty.text.count("\n") == plain.text.count("\n")
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202a-\u202e]", nasty.text + nasty.subject)
    # What is isolated is closed again, so that a name cannot turn round what is behind it.
    for text in (nasty.text, nasty.subject):
        depth = 0
        for sign in (one for one in text if one in ISOLATES):
            depth += -1 if sign == "\u2069" else 1
            assert depth in (0, 1)
        assert depth == 0


@pytest.mark.parametrize(
    ("name", "fact"),
    [("after_purchase", "offer"), ("after_purchase", "code"), ("repurchase", "product"), ("tier", "tier")],
)
def test_what_a_letter_is_told_is_escaped_as_a_name_is(name: str, fact: str) -> None:
    nasty = written(name, **{fact: "<i>{{7*7}}</i>\r\nX: 1"})
    assert "i" not in _Read(nasty.html).tags
    assert "&lt;i&gt;{{7*7}}&lt;/i&gt; X: 1" in nasty.html
    assert "<i>{{7*7}}</i> X: 1" in nasty.text
    assert "\n" not in nasty.subject


def test_the_clubs_own_name_and_address_are_escaped_and_stay_out_of_headers() -> None:
    strange = frame(club="A & B <c>", sender='Evil\r\nBcc: x@y.z "q"', address="1 <b>\nStreet")
    one = letter("birthday", facts("birthday"), strange, "email", SHELF)
    assert "A &amp; B &lt;c&gt;" in one.html
    assert "1 &lt;b&gt; Street" in one.html
    assert "\r" not in one.sender
    assert "\n" not in one.sender
    assert one.sender.count("<") == 1


@pytest.mark.parametrize("name", ["רימון תקליטים", "رکوردهای ریمون " * 6])
def test_a_senders_name_in_hebrew_or_persian_is_encoded_on_one_line(name: str) -> None:
    line = sender_of(frame(sender=name))
    assert line.isascii()
    assert "\n" not in line
    assert line.endswith(" <club@rimon.example.com>")
    assert all(len(word) <= 75 for word in line.split(" "))
    assert str(make_header(decode_header(line.rpartition(" ")[0]))) == cleaned(name, 200)


@pytest.mark.parametrize(
    "name",
    [
        "evil.example", "http://evil.example", "www.evil", "a@b", "Free money: evil.example/x", "evil。example", "1.2.3.4",
        "x" * 41,
    ],
)  # fmt: skip
def test_who_joins_as_a_link_is_greeted_without_a_name(name: str) -> None:
    for channel in CHANNELS:
        assert written("birthday", channel, first_name=name) == written("birthday", channel, first_name=None)


@pytest.mark.parametrize("name", ["Dr. Noa", "J.R.R. Tolkien", "O'Neill", "Anne-Marie", "נועה", "علی‌رضا", "Ng"])
def test_people_are_greeted_by_their_names(name: str) -> None:
    assert f"Hi {name}," in written("birthday", first_name=name).text.translate(dict.fromkeys(map(ord, ISOLATES)))


def test_a_name_that_runs_against_the_language_is_set_apart() -> None:
    manner = Manner(variant="b")
    assert (
        written("birthday", manner=manner, first_name="נועה").subject == "\u2068נועה\u2069, your birthday gift is here"
    )
    assert "היי \u2068Noa\u2069," in written("birthday", "email", "he", first_name="Noa").text
    assert "היי נועה," in written("birthday", "email", "he", first_name="נועה").text
    assert 'Hi <span dir="auto">נועה</span>,' in written("birthday", first_name="נועה").html


def test_a_subject_that_is_too_long_is_cut_and_what_was_set_apart_in_it_ends_there() -> None:
    assert written("repurchase", product="x" * 200).subject == "Time for " + "x" * 140 + "…"
    cut = written("repurchase", product="א" * 200).subject
    assert cut == "Time for \u2068" + "א" * 139 + "…\u2069"


# The engine.


def shelf_with(subject: str) -> Shelf:
    words = {language: dict(sections) for language, sections in SHELF.words.items()}
    words["en"]["birthday"] = words["en"]["birthday"] | {"subject": subject}
    return SHELF._replace(words=words)


@pytest.mark.parametrize(
    "trick",
    [
        "{{ club.__class__ }}",
        "{{ club.__class__.__mro__[1].__subclasses__() }}",
        "{{ ''['__class__'] }}",
        "{{ '{0.__class__}'.format(club) }}",
        "{{ self.__init__.__globals__ }}",
        "{{ look.clear() }}",
    ],
)
def test_a_template_reaches_nothing_but_its_values(trick: str) -> None:
    with pytest.raises((SecurityError, UndefinedError)):
        letter("birthday", facts("birthday"), frame(), "sms", shelf_with(trick))


@pytest.mark.parametrize("name", ["nobody", "range(9)", "lipsum()", "cycler", "namespace"])
def test_a_name_that_a_template_invents_is_an_error_and_not_a_gap(name: str) -> None:
    with pytest.raises(UndefinedError):
        letter("birthday", facts("birthday"), frame(), "sms", shelf_with("{{ " + name + " }}"))


@pytest.mark.parametrize("name", ["safe", "attr('x')", "map('upper')", "e"])
def test_a_template_cannot_lift_the_escaping(name: str) -> None:
    with pytest.raises(TemplateAssertionError):
        letter("birthday", facts("birthday"), frame(), "sms", shelf_with("{{ first_name|" + name + " }}"))


def test_words_with_markup_are_refused_where_they_are_read(tmp_path: object) -> None:
    folder = tmp_path
    for file in FOLDER.iterdir():
        (folder / file.name).write_text(file.read_text("utf-8"), "utf-8")  # type: ignore[operator]
    page = folder / "he.toml"  # type: ignore[operator]
    page.write_text(page.read_text("utf-8").replace('יום הולדת שמח!"', '<b>יום הולדת</b>"'), "utf-8")
    with pytest.raises(LetterUnfit, match=r"he\.toml: \[birthday\] holds markup"):
        shelf_of(folder)  # type: ignore[arg-type]


# Marketing, M5 and T12.


@pytest.mark.parametrize("name", sorted(TEMPLATES))
@pytest.mark.parametrize("language", LANGUAGES)
def test_marketing_mail_can_be_unsubscribed_and_says_who_writes(name: str, language: str) -> None:
    one = written(name, "email", language)
    if BY_NAME[name].purpose == "marketing":
        assert one.headers == {
            "List-Unsubscribe": f"<{OUT}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
    else:
        assert one.headers == {}
    assert f'<a href="{OUT}"' in one.html
    assert OUT in one.text
    assert one.sender == "Rimon Records <club@rimon.example.com>"
    for body in (one.html, one.text):
        assert "1 Orchard Street, New York" in body
        assert "Rimon Records" in body


def test_marketing_without_a_way_out_is_not_written() -> None:
    for channel in ("email", "sms"):
        with pytest.raises(LetterUnfit, match="unsubscribe"):
            letter("birthday", facts("birthday"), frame(unsubscribe_link=None), channel, SHELF)  # type: ignore[arg-type]
    assert letter("welcome", facts("welcome"), frame(unsubscribe_link=None), "email", SHELF).headers == {}


def test_mail_that_does_not_say_who_writes_is_not_written() -> None:
    for missing in ("sender_email", "address"):
        with pytest.raises(LetterUnfit, match="who writes"):
            letter("birthday", facts("birthday"), frame(**{missing: ""}), "email", SHELF)


def test_the_frame_of_a_letter_is_what_the_programme_says_of_contact() -> None:
    contact = (
        'sender_email = "a@b.example"\nsender_address = "Road 1"\nlink_hosts = ["b.example"]\nlocale_pack = "israel"'
    )
    book = programme(BASE, f"[contact]\n{contact}")
    made = frame_of(book.programme, "he", OUT, ["rimon.example.com"])
    assert made.sender == made.club == book.programme.club.name
    assert made[2:] == ("a@b.example", "Road 1", "USD", "he", ("b.example", "rimon.example.com"), OUT, "israel")


@pytest.mark.parametrize("name", sorted(TEMPLATES))
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("channel", CHANNELS)
def test_in_israel_an_advertisement_begins_with_the_word(name: str, language: str, channel: str) -> None:
    one = letter(name, facts(name), frame(language, locale_pack="israel"), channel, SHELF)  # type: ignore[arg-type]
    is_marketing = BY_NAME[name].purpose == "marketing"
    assert one.text.startswith("פרסומת") is is_marketing
    if channel != "sms":
        assert one.subject.startswith("פרסומת") is is_marketing
    if channel == "email":
        assert (">פרסומת<" in one.html) is is_marketing
    if channel != "sms" and is_marketing and language == "en":
        assert re.fullmatch("פרסומת: \u2066[^\u2066-\u2069]+\u2069", one.subject)
    plain = letter(name, facts(name), frame(language), channel, SHELF)  # type: ignore[arg-type]
    assert "פרסומת" not in plain.subject + plain.text.replace("דברי פרסומת", "")


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/gift",
        "http://rimon.example.com/gift",
        "https://rimon.example.com@evil.example/",
        "https://rimon.example.com.evil.example/",
        "https://evil.example\\@rimon.example.com/",
        "https://rimon.example.com:8443/",
        "javascript:alert(1)",
        "//evil.example/x",
        "https://rimon.example.com/\r\nX: 1",
        "https://[rimon.example.com/",
        "https://rimоn.example.com/",
    ],
)
def test_a_link_that_leads_elsewhere_is_refused(link: str) -> None:
    with pytest.raises(LinkElsewhere):
        written("birthday", link=link)
    with pytest.raises(LinkElsewhere):
        letter("birthday", facts("birthday"), frame(unsubscribe_link=link), "email", SHELF)


def test_a_link_elsewhere_is_refused_where_it_would_not_be_seen_too() -> None:
    with pytest.raises(LinkElsewhere):
        written("birthday", "sms", link="https://evil.example/gift")
    with pytest.raises(LinkElsewhere):
        letter("welcome", facts("welcome"), frame(unsubscribe_link="https://evil.example/u"), "push", SHELF)


def test_a_mail_that_would_be_cut_is_not_written() -> None:
    long = SHELF._replace(layouts={**SHELF.layouts, "mail.html": SHELF.layouts["mail.html"] + "x" * 102_000})
    with pytest.raises(LetterUnfit, match="more than 102000 bytes"):
        letter("birthday", facts("birthday"), frame(), "email", long)


def test_the_refusal_of_a_link_names_where_it_would_have_led() -> None:
    with pytest.raises(LinkElsewhere, match=r"leads to evil\.example, which is none of link_hosts"):
        written("birthday", link="https://evil.example/gift")


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_link_within_an_offers_words_is_refused_too(channel: str) -> None:
    with pytest.raises(LinkElsewhere):
        written("after_purchase", channel, offer="10% at HTTPS://evil.example/now.")  # type: ignore[arg-type]
    assert written("after_purchase", channel, offer="10% at https://rimon.example.com/now.")  # type: ignore[arg-type]


def test_a_layout_that_loads_from_elsewhere_is_refused() -> None:
    pixel = SHELF.layouts["mail.html"].replace("</body>", "<img src='//tracker.example/p.gif'></body>")
    with pytest.raises(LinkElsewhere):
        letter(
            "birthday",
            facts("birthday"),
            frame(),
            "email",
            SHELF._replace(layouts={**SHELF.layouts, "mail.html": pixel}),
        )


# What the languages ask for.


@EVERY
def test_a_mail_runs_as_its_language_does(name: str, case: str, language: str) -> None:
    page = written(name, "email", language, case=case).html
    direction, start = ("ltr", "left") if language == "en" else ("rtl", "right")
    assert f'<html lang="{language}" dir="{direction}">' in page
    assert f"text-align:{start}" in page
    assert f"text-align:{'left' if start == 'right' else 'right'}" not in page


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_numbers_money_and_days_are_persian_in_persian(name: str) -> None:
    said = {"offer": "تخفیف", "code": "RMN-XW"}
    told = {key: fact for key, fact in (facts(name) | said).items() if key in facts(name)}
    bare = letter(name, told, frame("fa"), "push", SHELF)
    assert not re.search(r"[0-9]", bare.subject + bare.text)
    points = written("expiring", "email", "fa")
    assert "۱٬۲۰۰ امتیاز" in points.html
    assert "۲۰ آوریل ۲۰۲۷" in points.html
    assert "۱۲٫۵۰" in points.html


def test_numbers_money_and_days_are_said_by_the_language() -> None:
    hebrew = written("expiring", "email", "he", points=2, days=2).text
    assert "שתי נקודות" in hebrew
    assert "יומיים" in hebrew
    assert "20 באפריל 2027" in hebrew
    assert "$12.50" in written("expiring", "email", "en").text
    assert written("expiring", "sms", ends_on="2027-04-20") == written("expiring", "sms", ends_on=date(2027, 4, 20))


def test_a_code_reads_from_left_to_right_in_every_language() -> None:
    for language in ("he", "fa"):
        one = written("after_purchase", "email", language, code="4821-9931")
        assert "\u20664821-9931\u2069" in one.text
        assert '<span dir="ltr">4821-9931</span>' in one.html


def test_a_text_message_in_hebrew_or_persian_begins_in_its_own_direction() -> None:
    # A phone takes the direction of a text from its first letter that is not isolated, and the club's name is Latin.
    for language in ("he", "fa"):
        assert written("birthday", "sms", language).text.startswith("\u2068Rimon Records\u2069: ")


@EVERY
def test_a_text_message_is_short_and_says_how_to_stop(name: str, case: str, language: str) -> None:
    one = written(name, "sms", language, case=case)
    assert sms.parts(one.text) <= 3
    assert one.text.endswith(OUT) is (BY_NAME[name].purpose == "marketing")
    if language == "en":
        assert sms.encoding(one.text) == "gsm"
        assert sms.parts(one.text) <= 2


def test_a_text_message_that_would_cost_a_fortune_is_refused() -> None:
    long = "https://rimon.example.com/" + "a" * 500
    with pytest.raises(LetterUnfit, match="may have 6 parts"):
        letter("birthday", facts("birthday"), frame("fa", unsubscribe_link=long), "sms", SHELF)


# Facts.


@pytest.mark.parametrize(
    ("name", "more", "why"),
    [
        ("birthday", {"points": None}, ""),
        ("expiring", {"ends_on": None}, "needs ends_on"),
        ("after_purchase", {"code": None}, "needs code"),
        ("birthday", {"balance": 5}, "is not told balance"),
        ("birthday", {"points": -1}, "points is no points"),
        ("birthday", {"points": "12"}, "points is no points"),
        ("birthday", {"points": True}, "points is no points"),
        ("expiring", {"ends_on": "soon"}, "ends_on is no day"),
        ("after_purchase", {"offer": "\x00"}, "offer is no text"),
        ("after_purchase", {"offer": 5}, "offer is no text"),
        ("birthday", {"case": "reached"}, "has the cases none"),
        ("tier", {"case": "lost"}, "has the cases reached, at_risk"),
    ],
)
def test_a_letter_with_facts_that_do_not_fit_is_not_written(name: str, more: dict[str, object], why: str) -> None:
    told = {key: fact for key, fact in (facts(name) | more).items() if fact is not None}
    if not why:
        told.pop("offer")
        why = "needs offer or points"
    with pytest.raises(LetterUnfit, match=why):
        letter(name, told, frame(), "email", SHELF)  # type: ignore[arg-type]


def test_a_refused_letter_repeats_nothing_of_its_facts() -> None:
    with pytest.raises(LetterUnfit) as refusal:
        written("birthday", first_name=4_711_4711)
    assert "4711" not in str(refusal.value)
