"""Names and identifiers at the door: what is one text is stored as one, and what hides or reorders is refused."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.text import ascii_digits, clean_id, clean_text, cleaned

HIDDEN = {
    "nul": "\0",
    "newline": "\n",
    "carriage return": "\r",
    "tab": "\t",
    "delete": "\x7f",
    "right-to-left override": "\u202e",
    "right-to-left mark": "\u200f",
    "isolate": "\u2066",
    "zero-width space": "\u200b",
    "byte order mark": "\ufeff",
    "line separator": "\u2028",
    "lone surrogate": "\ud800",
    "private use": "\ue000",
    "no character": "\uffff",
    "Hangul filler": "\u3164",
    "blank Braille": "\u2800",
    "tag letter": "\U000e0041",
}


@pytest.mark.parametrize("hidden", HIDDEN.values(), ids=HIDDEN.keys())
@pytest.mark.parametrize("clean", [clean_text, clean_id])
def test_what_hides_or_reorders_is_refused_wherever_it_stands(clean, hidden):
    for text in (f"ab{hidden}cd", f"abcd{hidden}", f"{hidden}abcd"):
        with pytest.raises(ValueError, match="must"):
            clean(text, 64)


@pytest.mark.parametrize("text", ["", " ", "   ", "\u00a0\u3000", "\u200d", "\u200c \u200c", "\u0301"])
def test_a_text_that_shows_nothing_is_empty(text):
    with pytest.raises(ValueError, match="must not be empty"):
        clean_text(text, 64)


def test_a_persian_name_keeps_the_joiner_that_its_spelling_needs():
    assert clean_text("  علی\u200cرضا\u200c ", 64) == "علی\u200cرضا"


def test_an_emoji_family_stays_one_family():
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
    assert clean_text(family, 64) == family


def test_every_kind_and_run_of_spaces_is_one_space():
    assert clean_text("\u3000Noa\u00a0 \u2009Levi ", 64) == "Noa Levi"


def test_the_last_character_that_fits_is_accepted_and_the_next_refused():
    for clean in (clean_text, clean_id):
        assert clean("א" * 64, 64) == "א" * 64
        with pytest.raises(ValueError, match="at most 64 characters"):
            clean("א" * 65, 64)


def test_length_is_counted_after_composing():
    assert clean_id("e\u0301" * 64, 64) == "é" * 64
    four_to_one = unicodedata.normalize("NFD", "\u1f82")
    assert len(four_to_one) == 4
    assert clean_text(four_to_one * 64, 64) == "\u1f82" * 64


def test_a_heap_of_marks_is_refused_unread():
    with pytest.raises(ValueError, match="at most 64 characters"):
        clean_text("a" + "\u0301\u0323" * 500_000, 64)


@pytest.mark.parametrize("good", ["A-1001", "1", "a.b_c:d-e", "٣-۴", "קנייה-7", "नमस्ते", "9007199254740993"])
def test_an_id_of_letters_digits_and_four_marks_is_kept_as_it_is(good):
    assert clean_id(good, 64) == good


@pytest.mark.parametrize(
    "bad",
    [
        "",
        " ",
        " A",
        "A ",
        "A 1",
        "#1",
        "a#b",
        "a|b",
        "a/b",
        "../admin",
        ".a",
        "-a",
        "_a",
        ":a",
        "a😀",
        "a²",
        "a\u200cb",
        "a\ufe0f",
        "\u0301a",
        "-א",
    ],
)
def test_an_id_of_anything_else_is_refused(bad):
    with pytest.raises(ValueError, match="must"):
        clean_id(bad, 64)


@given(st.text(max_size=40))
def test_a_clean_text_is_clean_and_its_composed_and_decomposed_twins_are_one(text):
    try:
        clean = clean_text(text, 200)
    except ValueError:
        return
    assert clean_text(clean, 200) == clean
    assert clean_text(unicodedata.normalize("NFD", text), 200) == clean
    assert clean_text(unicodedata.normalize("NFC", text), 200) == clean


@given(st.text(st.characters(categories=["L", "M", "Nd"], include_characters="-_.:"), max_size=40))
def test_a_clean_id_is_clean_and_its_composed_and_decomposed_twins_are_one(text):
    try:
        clean = clean_id(text, 200)
    except ValueError:
        return
    assert clean_id(clean, 200) == clean
    assert clean_id(unicodedata.normalize("NFD", text), 200) == clean


@given(st.integers(min_value=0, max_value=10**18))
def test_a_number_reads_the_same_in_the_digits_of_three_scripts(number):
    latin = str(number)
    for zero in (0x06F0, 0x0660, 0xFF10):
        assert ascii_digits("".join(chr(zero + int(digit)) for digit in latin)) == latin


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        ("N\r\nBcc: a", "N Bcc: a"),
        (" a\tb\u2028c\x85d ", "a b c d"),
        ("\u202eexe\u2069\x00\x1b\ud800\ufeff", "exe"),
        ("a\u3164b\u2800", "ab"),
        ("علی\u200cرضا", "علی\u200cرضا"),
        ("\u200c\u200d", ""),
        ("x" * 10, "x" * 10),
        ("x" * 11, "x" * 9 + "…"),
        ("x" * 8 + " yyy", "x" * 8 + "…"),
    ],
)
def test_a_text_on_its_way_out_is_one_line_of_what_people_read(raw, line):
    assert cleaned(raw, 10) == line


@given(st.text(max_size=200), st.integers(min_value=1, max_value=50))
def test_whatever_it_was_it_is_one_line_that_controls_nothing(text, length_max):
    line = cleaned(text, length_max)
    assert len(line) <= length_max
    assert len(line.splitlines()) <= 1
    assert not {unicodedata.category(one) for one in line} & {"Cc", "Cs", "Co", "Zl", "Zp"}
    assert cleaned(line, length_max) == line
