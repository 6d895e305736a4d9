"""Days on which nobody is written to, against the calendars as they are printed, 2024 to 2040."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from shared.domain.calendars import month_and_day
from shared.domain.closed_days import closure_at, days_told
from tests.domain.post import rules

# The first day of the Jewish year and the first of Passover; Passover is 163 days before New Year.
NEW_YEARS = (
    "2024-10-03 2025-09-23 2026-09-12 2027-10-02 2028-09-21 2029-09-10 2030-09-28 2031-09-18 2032-09-06 2033-09-24 2034-09-14 "
    "2035-10-04 2036-09-22 2037-09-10 2038-09-30 2039-09-19 2040-09-08"
).split()
PASSOVERS = (
    "2024-04-23 2025-04-13 2026-04-02 2027-04-22 2028-04-11 2029-03-31 2030-04-18 2031-04-08 2032-03-27 2033-04-14 2034-04-04 "
    "2035-04-24 2036-04-12 2037-03-31 2038-04-20 2039-04-09 2040-03-29"
).split()
NOWRUZ = (
    "2024-03-20 2025-03-21 2026-03-21 2027-03-21 2028-03-20 2029-03-20 2030-03-21 2031-03-21 2032-03-20 2033-03-20 2034-03-21 "
    "2035-03-21 2036-03-20 2037-03-20 2038-03-21 2039-03-21 2040-03-20"
).split()
# Nothing else is closed at noon.
BY_NIGHT = {"from": "23:00", "until": "06:00"}


def because(day: str | date, clock: str = "12:00", **keys: object) -> str | None:
    closure = closure_at(rules(quiet_hours=BY_NIGHT, **keys), datetime.fromisoformat(f"{day}T{clock}"))
    return closure and closure.because


def closed_days(year: int, **keys: object) -> list[date]:
    """The days of a year on which noon is closed."""
    days = (date(year, 1, 1) + timedelta(days=day) for day in range(366))
    return [day for day in days if day.year == year and because(day, **keys)]


@pytest.mark.parametrize("day", NEW_YEARS)
def test_the_jewish_new_year_has_two_days_and_atonement_is_on_the_tenth(day: str) -> None:
    first = date.fromisoformat(day)
    closed = [n for n in range(12) if because(first + timedelta(days=n), observes=("jewish_holidays",))]
    assert closed == [0, 1, 9]
    assert because(first - timedelta(days=1), "14:59", observes=("jewish_holidays",)) is None
    assert because(first - timedelta(days=1), "15:00", observes=("jewish_holidays",)) == "jewish_holiday"
    assert because(first + timedelta(days=1), "21:00", observes=("jewish_holidays",)) is None


@pytest.mark.parametrize("day", PASSOVERS)
def test_passover_closes_its_first_and_seventh_day_and_abroad_also_the_day_after_each(day: str) -> None:
    first = date.fromisoformat(day)
    week = [first + timedelta(days=n) for n in range(9)]
    assert [n for n, one in enumerate(week) if because(one, observes=("jewish_holidays",))] == [0, 6]
    assert [n for n, one in enumerate(week) if because(one, observes=("jewish_holidays_abroad",))] == [0, 1, 6, 7]


@pytest.mark.parametrize("day", NOWRUZ)
def test_nowruz_is_the_first_of_farvardin(day: str) -> None:
    first = date.fromisoformat(day)
    assert month_and_day("jalali", first) == (1, 1)
    assert [n for n in range(5) if because(first + timedelta(days=n), observes=("iranian_holidays",))] == [0, 1, 2, 3]
    assert because(first, closed=("jalali 01-01",)) == "closed_day"
    assert because(first - timedelta(days=1), closed=("jalali 01-01",)) is None


@pytest.mark.parametrize("year", range(2024, 2041))
def test_a_year_has_its_eight_holidays_in_israel_thirteen_abroad_and_ten_in_iran(year: int) -> None:
    assert len(closed_days(year, observes=("jewish_holidays",))) == 8
    assert len(closed_days(year, observes=("jewish_holidays_abroad",))) == 13
    assert len(closed_days(year, observes=("iranian_holidays",))) in (10, 11)
    assert len(closed_days(year, closed=("hebrew 05-09", "jalali 01-13", "12-25", "02-29"))) == 4


@pytest.mark.parametrize("year", range(2024, 2041))
def test_every_saturday_is_a_sabbath(year: int) -> None:
    days = closed_days(year, observes=("sabbath",))
    assert {day.weekday() for day in days} == {5}
    assert len(days) in (52, 53)


def test_sabbath_lasts_from_friday_afternoon_to_saturday_night() -> None:
    hours = {"observes": ("sabbath",), "rest": {"from": "16:30", "until": "19:00"}}
    told = [("2026-11-27", "16:29"), ("2026-11-27", "16:30"), ("2026-11-28", "18:59"), ("2026-11-28", "19:00")]
    assert [because(day, clock, **hours) for day, clock in told] == [None, "sabbath", "sabbath", None]


@pytest.mark.parametrize(
    ("text", "closed", "first_open"),
    [
        ("2026-12-25", "2026-12-25", "2026-12-26"),
        ("2026-08-01/2026-08-07", "2026-08-07", "2026-08-08"),
        ("12-25", "2031-12-25", "2031-12-26"),
        # Purim is in the second Adar of a leap year; Tisha b'Av; Nature Day.
        ("hebrew 12-14", "2027-03-23", "2027-02-21"),
        ("hebrew 05-09", "2026-07-23", "2026-07-24"),
        ("jalali 01-13", "2027-04-02", "2027-04-03"),
        ("02-29", "2027-02-28", "2027-03-01"),
    ],
)
def test_the_clubs_own_days_are_told_in_the_calendar_they_are_kept_in(text: str, closed: str, first_open: str) -> None:
    assert because(closed, closed=(text,)) == "closed_day"
    assert because(closed, "00:00", closed=(text,)) is not None
    assert because(first_open, closed=(text,)) is None


@pytest.mark.parametrize(
    "text",
    ["", "tomorrow", "2026-13-01", "2026-02-30", "13-01", "02-30", "jalali 13-01", "jalali 07-31", "hebrew 14-01", "hebrew 02-30",
     "mayan 01-01", "2026-08-07/2026-08-01", "2026-01-01/2026-12-31", "2026-08-01/", "jalali 1-1", "hebrew 0x-01"],
)  # fmt: skip
def test_a_day_that_is_none_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"no day|not a day|must end on"):
        days_told(text)
