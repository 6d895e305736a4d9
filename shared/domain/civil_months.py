"""Civil months as numbers, so that the difference of two is how many months lie between them."""

from __future__ import annotations

from datetime import date


def month_of(day: date) -> int:
    """Months since the year 0."""
    return day.year * 12 + day.month - 1


def month_text(month: int) -> str:
    """A month as people write it.

    >>> month_text(month_of(date(2026, 10, 31)))
    '2026-10'
    """
    return f"{month // 12:04d}-{month % 12 + 1:02d}"


def month_in(text: str) -> int:
    """The reverse of `month_text`."""
    year, _, number = text.partition("-")
    return int(year) * 12 + int(number) - 1
