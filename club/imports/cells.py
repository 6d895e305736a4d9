"""Cells of other systems as values: amounts with signs and groups, days written in three ways, serial days of Excel, ids that a
spreadsheet has spoilt. Every doubt is an error with a sentence; nothing is guessed for a single row."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Literal, NamedTuple

from shared.domain.money import AMOUNT_MINOR_MAX, decimals, rounded

Dates = Literal["ymd", "dmy", "mdy"]
GUESTS = frozenset({"", "nan", "null", "none", "na", "n/a", "guest", "0", "-"})
# What a spreadsheet makes of a phone or a card with many digits: they are lost.
_SHORTENED = re.compile(r"[0-9][.,]?[0-9]*[eE]\+?[0-9]+")
_SERIAL = re.compile(r"[2-7][0-9]{4}(\.[0-9]+)?")
_SERIAL_BEGAN = datetime(1899, 12, 30)  # noqa: DTZ001  # The clock on the shop's wall: its zone comes later.
_DAY = re.compile(
    r"(?:(\d{1,4})[-/.](\d{1,2})[-/.](\d{1,4})|(\d{4})(\d{2})(\d{2}))"
    r"(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*([AaPp][Mm])?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?"
)
_DIGITS = str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩٫٬−", "01234567890123456789.,-")
# What shows in which direction letters run, and takes no place.
_MARKS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# A currency may stand before or behind it, and nothing between its digits but points, commas, apostrophes and spaces.
_SIGN = r"[^\d.,()'-]{0,6}"
_AMOUNT = re.compile(rf"{_SIGN}(\(?-?){_SIGN}(\d[\d.,'\s]*|[.,]\d+)(\)?){_SIGN}")
_NO_OFFSET = ("Z", "UTC", "GMT")
_GROUPS = re.compile(r"\d{1,3}([.,]\d{2,3})*")


class When(NamedTuple):
    """A moment as it is written: three numbers of a day, and the time. Which number is the day is told by the whole file."""

    numbers: tuple[int, int, int]
    time: tuple[int, int, int] | None
    offset: str

    @property
    def text(self) -> str:
        return ",".join(map(str, (*self.numbers, *(self.time or ())))) + (f" {self.offset}" if self.offset else "")


def when_in(text: str) -> When:
    """Raises ValueError."""
    plain = text.translate(_DIGITS).strip()
    if _SERIAL.fullmatch(plain):
        at = _SERIAL_BEGAN + timedelta(seconds=round(float(plain) * 86_400))
        return When((at.year, at.month, at.day), (at.hour, at.minute, at.second) if "." in plain else None, "")
    read = _DAY.fullmatch(plain)
    if read is None:
        raise ValueError(f"{text!r} is no day, such as 2026-11-22 or 22/11/2026 10:00")
    *days, hour, minute, second_, half, offset = read.groups()
    first, second, third = days[:3] if days[0] else days[3:]
    time = None
    if hour is not None:
        hours = int(hour) % 12 + (12 if half.lower() == "pm" else 0) if half else int(hour)
        time = (hours, int(minute), int(second_ or 0))
    return When((int(first), int(second), int(third)), time, "+00:00" if offset in _NO_OFFSET else offset or "")


def way_of(numbers: Iterable[tuple[int, int, int]]) -> Dates | None:
    """Which of the numbers is the day, by those that can be nothing else; None where the file does not tell."""
    some = list(numbers)
    if any(first > 31 for first, _, _ in some):
        return "ymd"
    if any(first > 12 for first, _, _ in some):
        return "dmy"
    return "mdy" if any(second > 12 for _, second, _ in some) else None


def instant_of(when: When, way: Dates, zone: datetime) -> datetime:
    """The moment, by the clock of the zone that `zone` bears where it names none; a day alone is its noon. Raises ValueError."""
    first, second, third = when.numbers
    year, month, day = {"ymd": (first, second, third), "dmy": (third, second, first), "mdy": (third, first, second)}[
        way
    ]
    year += 2_000 if year < 100 else 0
    hour, minute, seconds = when.time or (12, 0, 0)
    try:
        at = datetime(year, month, day, hour, minute, seconds, tzinfo=zone.tzinfo)
    except ValueError:
        raise ValueError(f"{'/'.join(map(str, when.numbers))} is no day when it is read as {way}") from None
    if when.offset:
        return datetime.fromisoformat(at.replace(tzinfo=None).isoformat() + when.offset)
    return at


def number_in(text: str, what: str) -> Decimal:
    """Raises ValueError.

    >>> number_in("₪ 1.234,50", "amount"), number_in("1,234.5", "amount"), number_in("(3.00)", "amount")
    (Decimal('1234.50'), Decimal('1234.5'), Decimal('-3.00'))
    """
    if _SHORTENED.fullmatch(text.strip()):
        raise ValueError(f"{what} {text!r} was shortened by a spreadsheet")
    found = _AMOUNT.fullmatch(_MARKS.sub("", text.translate(_DIGITS)).strip())
    if found is None or ("(" in found[1]) != bool(found[3]):
        raise ValueError(f"{what} {text!r} is no number")
    try:
        return Decimal(("-" if found[1] else "") + _plain(re.sub(r"['\s]", "", found[2])))
    except (InvalidOperation, ValueError):
        raise ValueError(f"{what} {text!r} is no number") from None


def _plain(text: str) -> str:
    """The digits with a point for the fraction alone. Three digits behind a single comma are thousands. Raises ValueError."""
    marks = [sign for sign in text if sign in ".,"]
    if not marks:
        return text
    last = marks[-1]
    whole, _, part = text.rpartition(last)
    if len(marks) == 1:
        is_group = last == "," and len(part) == 3 and 1 <= len(whole) <= 3 and not whole.startswith("0")
        return whole + ("" if is_group else ".") + part
    if len(set(marks[:-1])) > 1 or not _GROUPS.fullmatch(whole):
        raise ValueError
    # One sign throughout parts thousands; another one at the end begins the fraction.
    if last == marks[0] and len(part) != 3:
        raise ValueError
    return re.sub(r"[.,]", "", whole) + ("" if last == marks[0] else ".") + part


def minor_of(value: Decimal, currency: str) -> int:
    """In the smallest unit; a half is rounded up, once for a line. Raises ValueError."""
    numerator, denominator = value.scaleb(decimals(currency)).as_integer_ratio()
    minor = rounded(numerator, denominator, "half_up")
    if abs(minor) > AMOUNT_MINOR_MAX:
        raise ValueError(f"{value} is more than a purchase can be")
    return minor


def buyer_in(text: str) -> str:
    """ "" for a guest. Raises ValueError."""
    plain = text.translate(_DIGITS).strip()
    if plain.lower() in GUESTS:
        return ""
    if _SHORTENED.fullmatch(plain):
        raise ValueError(
            f"the buyer {text!r} was shortened by a spreadsheet: format the column as text and export again"
        )
    return plain.removesuffix(".0")
