"""Breakage of a month stands beside the income, once, and where nobody can tell it, as no data."""

from __future__ import annotations

import random
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple

import pytest

from shared.domain.breakage_told import FIRST, NOT_TOLD, UNLEARNED, Breakage, breakage_of, never_used
from shared.domain.civil_months import month_of, month_text
from shared.domain.costs import report_of_cost
from shared.domain.liability import Told, report_of_liability
from shared.domain.owed import Owed
from shared.domain.prices import prices
from shared.domain.reports import Report, report_in
from shared.domain.rulebook import Rulebook
from tests.domain.shop import BASE, programme
from tests.domain.test_costs import section, told

DECLARED = '[liability]\nexpected_percent = 90\nexpected_because = "as in the years before"\n'
JANUARY = month_of(date(2025, 1, 1))


class Point(NamedTuple):
    """One point: when it was given, and when and how it ends."""

    given: int
    ends: int
    how: str


def points(seed: int) -> list[Point]:
    chance = random.Random(seed)
    return [
        Point(given, given + chance.randrange(4), chance.choice(("used", "used", "expired", "back")))
        for given in range(JANUARY, JANUARY + 8) for _ in range(chance.randrange(60))
    ]  # fmt: skip


def owed_at(known: list[Point], month: int) -> Owed:
    """As the census counts them at the end of a month."""
    owed: Owed = {}
    for point in known:
        if point.given <= month:
            owed["cohort", str(point.given), "given"] = owed.get(("cohort", str(point.given), "given"), 0) + 1
            if point.ends <= month:
                place = "cohort", str(point.given), point.how
                owed[place] = owed.get(place, 0) + 1
    return owed


def closed(known: list[Point], month: int, book: Rulebook) -> Report:
    last = date(month // 12, month % 12 + 1, 28)
    # As a closed month is read again.
    return report_in(report_of_liability(Told(owed_at(known, month), last, {}), book).text)


@pytest.mark.parametrize("seed", range(8))
def test_the_months_together_are_what_was_never_used_point_by_point(seed: int) -> None:
    known, book = points(seed), programme(BASE + DECLARED)
    value = Fraction(book.programme.points.value_minor)

    def by_hand(month: int) -> Fraction:
        sums = Fraction(0)
        for point in known:
            if point.given <= month:
                is_over = point.ends <= month
                sums += (point.how == "expired") if is_over else Fraction(1, 10)
        return sums * value

    before, sums = None, Fraction(0)
    for month in range(JANUARY, JANUARY + 12):
        now = closed(known, month, book)
        found = breakage_of(now, before, book)
        if before is None:
            assert found == FIRST
        else:
            assert found.minor == by_hand(month) - by_hand(month - 1)
            sums += found.minor or 0
        before = now
    # In the end nothing is open: what lapsed is known, and each of it was told once.
    lapsed = sum(point.how == "expired" for point in known)
    assert sums == lapsed * value - by_hand(JANUARY)


def test_what_was_not_told_for_a_while_is_told_with_the_next_that_can_be() -> None:
    known, book = points(1), programme(BASE + DECLARED)
    one, two, three = (closed(known, JANUARY + n, book) for n in (1, 2, 3))
    by_month = [breakage_of(two, one, book).minor, breakage_of(three, two, book).minor]
    assert None not in by_month
    assert breakage_of(three, one, book).minor == sum(minor or 0 for minor in by_month)


def test_where_breakage_is_not_learned_yet_there_is_no_data_and_a_reason() -> None:
    known, book = points(2), programme(BASE)
    now = closed(known, JANUARY + 3, book)
    assert never_used(now) is None
    assert breakage_of(now, closed(known, JANUARY + 2, programme(BASE + DECLARED)), book) == UNLEARNED
    report = report_of_cost(told(), book, prices(), UNLEARNED)
    assert row_of(report)["minor"] is None
    assert section(report, "per_member")[0]["breakage"] is None
    assert any(note.startswith("Breakage: no data, since how points end") for note in report.notes)


def row_of(report: Report) -> dict[str, Any]:
    (row,) = (one for one in section(report, "cost") if one["what"] == "breakage")
    return row


def test_breakage_is_told_beside_the_income_and_changes_no_sum() -> None:
    book = programme(BASE)
    without, having = (report_of_cost(told(), book, prices(), one) for one in (NOT_TOLD, Breakage(Fraction(900))))
    assert (row_of(having)["of"], row_of(having)["minor"]) == ("points", 900)
    for before, after in zip(section(without, "per_member"), section(having, "per_member"), strict=True):
        many = after["members"]
        assert after.pop("breakage") == (Fraction(900, many) if many else None)
        before.pop("breakage")
        assert before == after
    assert any("was never a cost" in note for note in having.notes)


def test_months_that_are_no_longer_told_one_by_one_do_not_make_breakage() -> None:
    """A club of more than ten years: the oldest month falls out of the chapter, and nothing happens to it."""
    book = programme(BASE + DECLARED)
    known = [Point(JANUARY + n, JANUARY + n + 1, "expired") for n in range(130)]
    months = [closed(known, JANUARY + n, book) for n in (125, 126)]
    assert month_text(JANUARY + 6) in (never_used(months[0]) or {})
    assert month_text(JANUARY + 6) not in (never_used(months[1]) or {})
    # One more was given, of which a tenth is expected to lapse; the one before it lapsed for sure.
    assert breakage_of(months[1], months[0], book).minor == book.programme.points.value_minor
