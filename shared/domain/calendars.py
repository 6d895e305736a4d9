"""Birthdays in the calendar a member keeps them in (Gregorian, Jalali which is Iran's, Hebrew), and when they fall.

The libraries are imported where they are used: a purchase never asks for a birthday and must not pay for them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

CalendarName = Literal["gregorian", "jalali", "hebrew"]
# Where a leap day's birthday goes in a year without one. Named after 29 February; 30 Esfand follows the same choice.
LeapDayPolicy = Literal["feb_28", "mar_1"]

BORN_ON_MIN = date(1900, 1, 1)
AGE_YEARS_MAX = 120
# The published table of Jalali leap years (University of Tehran, 1206 to 1498) ends in 2119.
CIVIL_YEAR_MAX = 2100


class Birthday(BaseModel):
    """A day of a month, and the year for those who say it.

    Jalali months run from 1 Farvardin to 12 Esfand. Hebrew months are counted from Nisan, as in Leviticus 23: 1 Nisan,
    7 Tishrei, 12 Adar (Adar I in a leap year), 13 Adar II. A Hebrew day is named by its daytime; the evening before
    belongs to it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)

    calendar: CalendarName = "gregorian"
    year: int | None = None
    month: Annotated[int, Field(ge=1, le=13)]
    day: Annotated[int, Field(ge=1, le=31)]

    @model_validator(mode="after")
    def _a_real_date(self) -> Self:
        years = _YEARS[self.calendar]
        if self.year is not None and not BORN_ON_MIN.year + years[0] <= self.year <= CIVIL_YEAR_MAX + years[-1]:
            raise ValueError(f"the year is not one of the {self.calendar} calendar in which a member can be born")
        try:
            born = _day(self.calendar, self.year or _FULLEST_YEAR[self.calendar], self.month, self.day)
        except ValueError:
            raise ValueError(f"there is no such day in the {self.calendar} calendar") from None
        if self.year is not None and born < BORN_ON_MIN:
            raise ValueError("the day is before 1900")
        return self


def born_on(birthday: Birthday) -> date | None:
    """The Gregorian date of birth; None if the member keeps the year private."""
    if birthday.year is None:
        return None
    return _day(birthday.calendar, birthday.year, birthday.month, birthday.day)


def check_birthday(birthday: Birthday, today: date) -> None:
    """Raises ValueError with a sentence if the member is not born yet or over 120; `today` in the programme's zone."""
    born = born_on(birthday)
    if born is None:
        return
    if born > today:
        raise ValueError("the birthday is in the future")
    if (born.year + AGE_YEARS_MAX, born.month, born.day) < (today.year, today.month, today.day):
        raise ValueError(f"the birthday is more than {AGE_YEARS_MAX} years ago")


def occurs_on(birthday: Birthday, civil_year: int, leap_day: LeapDayPolicy) -> tuple[date, ...]:
    """The days of a Gregorian year on which the birthday falls, ascending, none before the birth.

    One in the Gregorian calendar. A Hebrew birthday in Tevet or a Jalali one on 10 or 11 Dey may fall on none or on
    two of them, since its own year is not ours: a yearly benefit has to say which year it counts.
    """
    assert BORN_ON_MIN.year <= civil_year <= CIVIL_YEAR_MAX, "a birthday is asked for a year beyond the tables"
    born = born_on(birthday)
    falls = (_anniversary(birthday, civil_year + years, leap_day) for years in _YEARS[birthday.calendar])
    return tuple(day for day in falls if day.year == civil_year and (born is None or day >= born))


@lru_cache(maxsize=4_096)
def month_and_day(calendar: CalendarName, day: date) -> tuple[int, int]:
    """Where a Gregorian day stands in another calendar; a Hebrew day that began on the evening before counts for its daytime."""
    if calendar == "gregorian":
        return day.month, day.day
    if calendar == "jalali":
        from persiantools.jdatetime import JalaliDate

        jalali = JalaliDate(day)  # type: ignore[no-untyped-call]
        return jalali.month, jalali.day
    from pyluach.dates import HebrewDate

    hebrew = HebrewDate.from_pydate(day)
    return hebrew.month, hebrew.day


# What to add to a Gregorian year to name the years of a calendar that touch it, the earlier first.
_YEARS: dict[CalendarName, tuple[int, ...]] = {"gregorian": (0,), "jalali": (-622, -621), "hebrew": (3760, 3761)}

# A year that has every day its calendar can have: a birthday without a year is real if it exists there. 5776 had
# thirteen months, and 30 days in Heshvan, Kislev and Adar I.
_FULLEST_YEAR: dict[CalendarName, int] = {"gregorian": 2000, "jalali": 1403, "hebrew": 5776}

_ADAR, _ADAR_II = 12, 13


def _jalali_day(year: int, month: int, day: int) -> date:
    from persiantools.jdatetime import JalaliDate

    return JalaliDate(year, month, day).to_gregorian()  # type: ignore[no-untyped-call]


def _hebrew_day(year: int, month: int, day: int) -> date:
    from pyluach.dates import HebrewDate

    gregorian: date = HebrewDate(year, month, day).to_pydate()
    return gregorian


_DAY: dict[CalendarName, Callable[[int, int, int], date]] = {
    "gregorian": date,
    "jalali": _jalali_day,
    "hebrew": _hebrew_day,
}


def _day(calendar: CalendarName, year: int, month: int, day: int) -> date:
    return _DAY[calendar](year, month, day)


def _anniversary(birthday: Birthday, year: int, leap_day: LeapDayPolicy) -> date:
    """The birthday in one year of its own calendar."""
    if birthday.calendar == "hebrew":
        # Counted from the first of the month, so that a 30th which this year lacks is the first of the next month: the
        # year is complete only then. Source: Dershowitz and Reingold, Calendrical Calculations, "Hebrew birthday".
        return _hebrew_day(year, _hebrew_month(birthday, year), 1) + timedelta(days=birthday.day - 1)
    try:
        return _day(birthday.calendar, year, birthday.month, birthday.day)
    except ValueError:
        eve = _day(birthday.calendar, year, birthday.month, birthday.day - 1)
        return eve if leap_day == "feb_28" else eve + timedelta(days=1)


def _hebrew_month(birthday: Birthday, year: int) -> int:
    """Adar's birthdays move to where Adar is: Adar and Adar II to the last month of the year, Adar I to the twelfth.

    Month 12 without a year is taken for the Adar of a common year (12 years of 19), unless it is a 30th: only Adar I
    has one.
    """
    if birthday.month < _ADAR:
        return birthday.month
    adar_i = birthday.month == _ADAR and (birthday.day == 30 if birthday.year is None else _has_adar_ii(birthday.year))
    return _ADAR_II if _has_adar_ii(year) and not adar_i else _ADAR


def _has_adar_ii(hebrew_year: int) -> bool:
    """Seven years of nineteen have thirteen months."""
    return (7 * hebrew_year + 1) % 19 < 7
