"""How a language says things: the words of `words/<language>.toml`; numbers, money, dates and plurals as CLDR has them, by Babel.

In languages written from right to left, whatever comes from elsewhere (names, conditions, ids) is isolated so that it cannot
reorder the rest.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from importlib import resources
from typing import Any

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.numbers import (
    format_currency,
    format_decimal,
    get_currency_precision,
    get_decimal_symbol,
    get_group_symbol,
)

from shared.domain.money import decimals, exact_text, rounded

LANGUAGES = ("en", "he", "fa")
RIGHT_TO_LEFT = frozenset({"he", "fa"})
# Of the smallest unit of a currency: so many digits behind it are looked at, until two of them are not 0.
_FINER_MAX, _TWO_DIGITS = 6, 10
_ISOLATE, _POP = "\u2068", "\u2069"
# CLDR gives Persian its separators through Babel, but Babel leaves the digits Latin.
_DIGITS: dict[str, dict[int, int | str]] = {
    "fa": {ord(latin): persian for latin, persian in zip("0123456789", "۰۱۲۳۴۵۶۷۸۹", strict=True)}
}


@lru_cache(maxsize=len(LANGUAGES))
def words(language: str) -> dict[str, Any]:
    text = resources.files("shared.domain").joinpath(f"words/{language}.toml").read_text("utf-8")
    return tomllib.loads(text)


class Voice:
    """One language, and the currency that amounts are in."""

    def __init__(self, language: str, currency: str) -> None:
        self.language, self.currency = language, currency

    @property
    def right_to_left(self) -> bool:
        return self.language in RIGHT_TO_LEFT

    def say(self, path: str, **values: str) -> str:
        section, _, key = path.partition(".")
        return str(words(self.language)[section][key]).format(**values)

    def apart(self, text: str) -> str:
        return f"{_ISOLATE}{text}{_POP}" if self.right_to_left else text

    def count(self, noun: str, number: int | Fraction) -> str:
        forms = words(self.language)["count"][noun]
        form = _plural(self.language, number.numerator) if number.denominator == 1 else "other"
        return str(forms.get(form, forms["other"])).format(n=self.number(number))

    def points(self, points: int | Fraction) -> str:
        return self.count("points", points)

    def number(self, number: int | Fraction) -> str:
        if number.denominator == 1 and number >= 0:
            return f"{number.numerator:,}".translate(_signs(self.language))
        text = exact_text(number.numerator, number.denominator)
        if text[0] == "-":
            return self._digits(_babels_number(self.language, text.rstrip("…")) + ("…" if text[-1] == "…" else ""))
        whole, point, rest = text.partition(".")
        return f"{int(whole):,}{point}{rest}".translate(_signs(self.language))

    def money(self, minor: int) -> str:
        places, before, behind = _frame(self.language, self.currency)
        if minor < 0 or places != decimals(self.currency):
            return self._digits(_babels_money(self.language, self.currency, minor))
        whole, rest = divmod(minor, 10**places)
        text = f"{whole:,}.{rest:0{places}}" if places else f"{whole:,}"
        return before + text.translate(_signs(self.language)) + behind

    def part_of_money(self, minor: Fraction) -> str:
        """What is less than the smallest unit, by its first two digits; below a millionth of that unit it is nothing."""
        for more in range(1, _FINER_MAX + 1):
            digits = rounded(minor.numerator * 10**more, minor.denominator, "half_up")
            if abs(digits) >= _TWO_DIGITS:
                return self._digits(_babels_money(self.language, self.currency, digits, more))
        return self.money(0)

    def day(self, day: date) -> str:
        return _day(self.language, day)

    def day_of_year(self, month: int, day: int) -> str:
        """A day of any year, such as 31 March."""
        # A leap year, so that 29 February is a day.
        return self._digits(format_skeleton("MMMMd", date(2024, month, day), locale=_locale(self.language)))

    def clock(self, time: str) -> str:
        """A time of day such as 21:00."""
        return self._digits(time)

    def listed(self, parts: list[str]) -> str:
        """One of them or another."""
        return str(words(self.language)["join"]["or"]).join(parts)

    def together(self, parts: list[str]) -> str:
        """Each of them."""
        return str(words(self.language)["join"]["and"]).join(parts)

    def _digits(self, text: str) -> str:
        return text.translate(_DIGITS.get(self.language, {}))


@lru_cache(maxsize=len(LANGUAGES))
def _locale(language: str) -> Locale:
    return Locale.parse(language)


@lru_cache(maxsize=2_000)
def _plural(language: str, number: int) -> str:
    """The form in which a language counts so many."""
    return str(_plural_rule(language)(number))


@lru_cache(maxsize=len(LANGUAGES))
def _plural_rule(language: str) -> Callable[[int], str]:
    rule: Callable[[int], str] = _locale(language).plural_form
    return rule


# Babel reads a locale's data anew for each number: a tenth of a till's answer was that. What is the same for all numbers is asked
# once, here; what is rare (less than nothing, currencies whose decimals CLDR counts otherwise) is left to Babel.


@lru_cache(maxsize=len(LANGUAGES))
def _signs(language: str) -> dict[int, int | str]:
    """From the signs and digits of English to those of a language."""
    locale = _locale(language)
    group = get_group_symbol(locale, numbering_system="default")
    point = get_decimal_symbol(locale, numbering_system="default")
    signs: dict[int, int | str] = {ord(","): group, ord("."): point}
    return signs | _DIGITS.get(language, {})


@lru_cache(maxsize=64)
def _frame(language: str, currency: str) -> tuple[int, str, str]:
    """The decimals of a currency by CLDR, and what stands before and behind an amount of it."""
    one = format_currency(1, currency, locale=_locale(language), numbering_system="default")
    digits = [place for place, sign in enumerate(one) if sign.isdigit()]
    return get_currency_precision(currency), one[: digits[0]], one[digits[-1] + 1 :]


def _babels_number(language: str, text: str) -> str:
    return format_decimal(Decimal(text), "#,##0.######", _locale(language), numbering_system="default")


def _babels_money(language: str, currency: str, minor: int, finer: int = 0) -> str:
    """`finer`: so many digits of `minor` stand behind the smallest unit."""
    major = Decimal(minor).scaleb(-decimals(currency) - finer)
    return format_currency(
        major, currency, locale=_locale(language), numbering_system="default", decimal_quantization=not finer
    )


@lru_cache(maxsize=512)
def _day(language: str, day: date) -> str:
    return format_date(day, "long", locale=_locale(language)).translate(_DIGITS.get(language, {}))
