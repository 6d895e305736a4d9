"""A short message is billed by parts, and the alphabet decides how long a part is."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.sms import GSM_BASIC, GSM_EXTENSION, cost_minor, country_of, encoding, may_be_texted, parts


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0), ("a" * 160, 1), ("a" * 161, 2), ("a" * 306, 2), ("a" * 307, 3),
        ("א" * 70, 1), ("א" * 71, 2), ("א" * 134, 2), ("א" * 135, 3),
        ("پ" * 70, 1), ("پ" * 71, 2), ("a" * 69 + "ی", 1), ("a" * 70 + "ی", 2),
        # The euro sign and the braces are in the GSM alphabet, by an escape.
        ("€" * 80, 1), ("€" * 80 + "a", 2), ("a" * 159 + "€", 2), ("{" * 81, 2),
        # An emoji is two units of UCS-2, and one of them is enough to leave the GSM alphabet.
        ("😀" * 35, 1), ("😀" * 36, 2), ("a" * 160 + "😀", 3), ("é" * 160, 1), ("ê" * 71, 2),
    ],
)  # fmt: skip
def test_a_message_has_as_many_parts_as_the_network_bills(text: str, count: int) -> None:
    assert parts(text) == count


def test_an_escape_and_its_septet_stay_in_one_part() -> None:
    # 152 letters leave one septet free, which a euro sign cannot use: it begins the next part.
    assert parts("a" * 152 + "€" + "a" * 151) == 2
    assert parts("a" * 152 + "€" + "a" * 152) == 3


def test_the_halves_of_an_emoji_stay_in_one_part() -> None:
    assert parts("א" * 66 + "😀" + "א" * 65) == 2
    assert parts("א" * 66 + "😀" + "א" * 66) == 3


def test_the_alphabet_has_the_characters_of_its_table() -> None:
    # 128 places, of which one is the escape itself.
    assert len(GSM_BASIC) == 127
    assert len(GSM_EXTENSION) == 10
    assert not GSM_BASIC & GSM_EXTENSION


@pytest.mark.parametrize(
    ("text", "kind"), [("Hello, 5 € off", "gsm"), ("שלום", "ucs2"), ("سلام", "ucs2"), ("`", "ucs2"), ("Ç", "gsm"), ("ç", "ucs2")]
)  # fmt: skip
def test_one_character_beyond_the_alphabet_decides_for_all(text: str, kind: str) -> None:
    assert encoding(text) == kind


def test_a_message_costs_its_parts() -> None:
    assert cost_minor("א" * 71, Fraction("2.5")) == 5


@given(st.text(alphabet="aא€😀\n", max_size=500), st.sampled_from("aא€😀"))
def test_a_longer_message_never_has_fewer_parts(text: str, more: str) -> None:
    assert parts(text) <= parts(text + more)


@given(st.text(alphabet="a€", max_size=700))
def test_no_part_holds_more_than_it_can(text: str) -> None:
    septets = len(text) + text.count("€")
    assert septets <= (160 if parts(text) <= 1 else 153 * parts(text))


@pytest.mark.parametrize(
    ("number", "country"),
    [("+972502345678", "IL"), ("+989123456789", "IR"), ("+12015550123", "US"), ("+8816123456789", None), ("5", None)],
)
def test_a_number_belongs_to_its_country(number: str, country: str | None) -> None:
    assert country_of(number) == country


def test_only_the_countries_of_the_programme_are_texted() -> None:
    assert may_be_texted("+972502345678", ["IL"])
    assert not may_be_texted("+972502345678", ["US"])
    assert not may_be_texted("+8816123456789", ["US", "IL"])
