"""When nobody is written to, as spans of a member's own clock: quiet hours, Sabbath, holidays, the club's own days.

Which days are holidays is data, in the calendar each is kept in; the libraries of `calendars` say when they fall.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Literal, NamedTuple

from shared.domain.calendars import Birthday, CalendarName, month_and_day, occurs_on
from shared.domain.contact_tables import Contact

ClosedBecause = Literal["quiet_hours", "sabbath", "jewish_holiday", "iranian_holiday", "closed_day"]

RANGE_DAYS_MAX = 62
"""Two summer months; a club that is closed for longer has stopped."""
_FRIDAY = 4
_DAY = timedelta(days=1)

# Month (Nisan is the first) and day on which no work is done, as kept in Israel: Passover's first and seventh day, Pentecost, New
# Year's two days, the Day of Atonement, Tabernacles' first and eighth day. Source: Leviticus 23.
JEWISH_HOLIDAYS = frozenset({(1, 15), (1, 21), (3, 6), (7, 1), (7, 2), (7, 10), (7, 15), (7, 22)})
# Abroad the other festivals have a second day.
JEWISH_HOLIDAYS_ABROAD = JEWISH_HOLIDAYS | {(1, 16), (1, 22), (3, 7), (7, 16), (7, 23)}
# Month and day by the solar calendar: Nowruz and its three days, Republic Day, Nature Day, 14 and 15 Khordad, 22 Bahman,
# 29 Esfand and the leap day behind it. Those of the lunar calendar are announced when the moon is seen: the club writes them
# in `closed`.
IRANIAN_HOLIDAYS = frozenset(
    {(1, 1), (1, 2), (1, 3), (1, 4), (1, 12), (1, 13), (3, 14), (3, 15), (11, 22), (12, 29), (12, 30)}
)


class Closure(NamedTuple):
    """From `start` to before `end`, both by the member's own clock, without a zone."""

    because: ClosedBecause
    start: datetime
    end: datetime


class OwnDays(NamedTuple):
    """What an entry of `closed` tells: plain days, or a day of each year in its calendar."""

    first: date | None = None
    last: date | None = None
    yearly: Birthday | None = None


def closure_at(rules: Contact, local: datetime) -> Closure | None:
    """What closes a moment of the member's own clock; of several, the one that ends last."""
    found = [
        one
        for day in (local.date() - _DAY, local.date())
        for one in _beginning_on(rules, day)
        if one.start <= local < one.end
    ]
    return max(found, key=lambda one: one.end, default=None)


def days_told(text: str) -> OwnDays:
    """An entry of `closed`. Raises ValueError with a sentence.

    >>> days_told("2026-08-01/2026-08-07").last
    datetime.date(2026, 8, 7)
    """
    calendar, _, day = text.rpartition(" ")
    if calendar in ("jalali", "hebrew") or (not calendar and len(day) == 5):
        return OwnDays(yearly=_yearly(text, calendar or "gregorian", day))  # type: ignore[arg-type]
    first, slash, last = text.partition("/")
    try:
        days = OwnDays(date.fromisoformat(first), date.fromisoformat(last if slash else first))
    except ValueError:
        raise ValueError(
            f"{text!r} is no day: write 2026-12-25, 2026-08-01/2026-08-07, 12-25, jalali 01-13 or hebrew 05-09"
        ) from None
    assert days.first is not None
    assert days.last is not None
    if not timedelta(0) <= days.last - days.first < RANGE_DAYS_MAX * _DAY:
        raise ValueError(f"{text!r} must end on or after its first day, and last {RANGE_DAYS_MAX} days at most")
    return days


def _yearly(text: str, calendar: CalendarName, day: str) -> Birthday:
    month, dash, number = day.partition("-")
    try:
        if not dash or len(day) != 5:
            raise ValueError
        return Birthday(calendar=calendar, month=int(month), day=int(number))
    except ValueError:
        raise ValueError(f"{text!r} is not a day of the {calendar} year, such as 05-09") from None


def _beginning_on(rules: Contact, day: date) -> Iterator[Closure]:
    """The closures whose first moment is on a civil day, quiet hours first."""
    quiet = rules.quiet_hours
    until = _at(day if quiet.from_ < quiet.until else day + _DAY, quiet.until)
    yield Closure("quiet_hours", _at(day, quiet.from_), until)
    evening, night = _at(day, rules.rest.from_), _at(day + _DAY, rules.rest.until)
    if "sabbath" in rules.observes and day.weekday() == _FRIDAY:
        yield Closure("sabbath", evening, night)
    for kept, holidays in (
        ("jewish_holidays", JEWISH_HOLIDAYS),
        ("jewish_holidays_abroad", JEWISH_HOLIDAYS_ABROAD),
    ):
        if kept in rules.observes and month_and_day("hebrew", day + _DAY) in holidays:
            yield Closure("jewish_holiday", evening, night)
    midnights = _at(day, "00:00"), _at(day + _DAY, "00:00")
    if "iranian_holidays" in rules.observes and month_and_day("jalali", day) in IRANIAN_HOLIDAYS:
        yield Closure("iranian_holiday", *midnights)
    if any(_is_own(text, day) for text in rules.closed):
        yield Closure("closed_day", *midnights)


@lru_cache(maxsize=4_096)
def _is_own(text: str, day: date) -> bool:
    days = days_told(text)
    if days.yearly is not None:
        # 29 February is kept on the 28th in common years.
        return day in occurs_on(days.yearly, day.year, "feb_28")
    assert days.first is not None
    assert days.last is not None
    return days.first <= day <= days.last


def _at(day: date, clock: str) -> datetime:
    return datetime(day.year, day.month, day.day, int(clock[:2]), int(clock[3:]))  # noqa: DTZ001 the member's own clock
