"""Who bought again, by the month of joining: also of members who bought before they joined, or long after."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from shared.domain.account import Account
from shared.domain.census import census_of
from shared.domain.census_parts import part_of
from shared.domain.cohorts import cohort_sections
from shared.domain.history import Bought, History
from tests.domain.shop import programme

LAST = date(2026, 6, 30)


def section(place: int, *members: tuple[date, tuple[date, ...]]) -> list[tuple[object, ...]]:
    book, parts = programme(), []
    for number, (joined, days) in enumerate(members):
        bought = tuple(Bought(day, str(day), "main", "", 100, 0, None, False) for day in days)
        parts.append(census_of(Account(f"M{number}", joined), History(joined, bought), LAST, book))
    return list(cohort_sections(part_of(parts, LAST).sums, LAST)[place].rows)


def test_purchases_before_joining_count_in_no_month_after_it() -> None:
    early = (date(2026, 4, 9), (date(2026, 1, 5), date(2026, 4, 20), date(2026, 6, 2)))
    assert section(1, early) == [("2026-04", 1, Fraction(1), Fraction(0), Fraction(1))]
    assert section(0, early) == [("2026-01", 1, *map(Fraction, (1, 0, 0, 1, 0, 1)))]


def test_who_first_buys_long_after_joining_is_in_the_cohort_from_the_first_day() -> None:
    slow = (date(2026, 3, 31), (date(2026, 5, 1),))
    never = (date(2026, 3, 1), ())
    assert section(1, slow, never) == [("2026-03", 2, Fraction(0), Fraction(0), Fraction(1, 2), Fraction(0))]
    assert section(0, slow, never) == [("2026-05", 1, Fraction(1), Fraction(0))]
