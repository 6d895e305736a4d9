"""Numbers and money are said as CLDR says them, whoever puts the signs in."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from babel.numbers import format_currency, format_decimal
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.money import decimals
from shared.domain.voice import LANGUAGES, Voice

# As common as dollars, without decimals, with three, without decimals in CLDR alone, with dots in its sign.
CURRENCIES = ("USD", "ILS", "EUR", "GBP", "JPY", "KWD", "IRR", "HUF", "AED", "CHF", "ISK")
PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
SPOKEN = st.sampled_from(LANGUAGES)


def as_written(text: str, language: str) -> str:
    return text.translate(PERSIAN) if language == "fa" else text


@given(SPOKEN, st.sampled_from(CURRENCIES), st.one_of(st.integers(-(10**4), 10**4), st.integers(-(10**14), 10**14)))
def test_money_is_said_as_cldr_says_it(language: str, currency: str, minor: int) -> None:
    major = Decimal(minor).scaleb(-decimals(currency))
    by_babel = format_currency(major, currency, locale=language, numbering_system="default")
    assert Voice(language, currency).money(minor) == as_written(by_babel, language)


@given(SPOKEN, st.one_of(st.integers(-(10**9), 10**9).map(lambda n: Fraction(n, 100)), st.integers(-(10**12), 10**12)))
def test_a_number_is_said_as_cldr_says_it(language: str, number: int | Fraction) -> None:
    exact = Decimal(number.numerator) / Decimal(number.denominator)
    by_babel = format_decimal(exact, "#,##0.######", language, numbering_system="default")
    assert Voice(language, "USD").number(number) == as_written(by_babel, language)


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "1,234.333333…"), ("he", "1,234.333333…"), ("fa", "۱٬۲۳۴٫۳۳۳۳۳۳…")],
)
def test_a_number_without_end_is_cut_and_marked(language: str, said: str) -> None:
    assert Voice(language, "USD").number(Fraction(3_703, 3)) == said


def test_money_stands_where_a_language_puts_it() -> None:
    assert Voice("en", "USD").money(1_234_567) == "$12,345.67"
    assert Voice("en", "JPY").money(1_234_567) == "¥1,234,567"
    assert Voice("fa", "USD").money(1_234_567) == "\u200e$\xa0۱۲٬۳۴۵٫۶۷"
