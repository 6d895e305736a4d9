"""A birthday is kept in the member's own calendar and falls on the day on which their family congratulates."""

import subprocess
import sys
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from persiantools.jdatetime import JalaliDate
from pydantic import ValidationError
from pyluach.dates import GregorianDate

from shared.domain.calendars import Birthday, born_on, check_birthday, occurs_on

TODAY = date(2026, 11, 22)

# The day in the Gregorian, the Persian (astronomical) and the Hebrew calendar.
SAMPLE_DATES = [
    (date(1903, 4, 19), None, (5663, 1, 22)),
    (date(1929, 8, 25), (1308, 6, 3), (5689, 5, 19)),
    (date(1941, 9, 29), (1320, 7, 7), (5702, 7, 8)),
    (date(1943, 4, 19), (1322, 1, 29), (5703, 1, 14)),
    (date(1943, 10, 7), (1322, 7, 14), (5704, 7, 8)),
    (date(1992, 3, 17), (1370, 12, 27), (5752, 13, 12)),
    (date(1996, 2, 25), (1374, 12, 6), (5756, 12, 5)),
    (date(2038, 11, 10), (1417, 8, 19), (5799, 8, 12)),
    (date(2094, 7, 18), (1473, 4, 28), (5854, 5, 5)),
]


def birthday(calendar, year, month, day):
    return Birthday(calendar=calendar, year=year, month=month, day=day)


@pytest.mark.parametrize(("gregorian", "jalali", "hebrew"), SAMPLE_DATES)
def test_the_sample_dates_of_the_book_are_met(gregorian, jalali, hebrew):
    """Source: Dershowitz and Reingold, Calendrical Calculations, appendix "Sample Data"; also tested by ICU4X."""
    assert born_on(birthday("gregorian", gregorian.year, gregorian.month, gregorian.day)) == gregorian
    assert born_on(birthday("hebrew", *hebrew)) == gregorian
    if jalali:
        assert born_on(birthday("jalali", *jalali)) == gregorian


@pytest.mark.parametrize(
    ("jalali", "gregorian"),
    [
        ((1354, 12, 30), date(1976, 3, 20)),
        ((1375, 12, 30), date(1997, 3, 20)),
        ((1399, 12, 30), date(2021, 3, 20)),
        ((1403, 1, 1), date(2024, 3, 20)),
        ((1403, 12, 30), date(2025, 3, 20)),
        ((1404, 1, 1), date(2025, 3, 21)),
        ((1405, 1, 1), date(2026, 3, 21)),
    ],
)
def test_nowruz_and_the_leap_day_fall_as_the_iranian_almanac_says(jalali, gregorian):
    """Source: the yearly almanac of the Calendar Center, Institute of Geophysics, University of Tehran."""
    assert born_on(birthday("jalali", *jalali)) == gregorian


def test_30_esfand_exists_in_the_leap_years_of_the_iranian_table_and_in_no_other():
    """Source: Calendar Center, Institute of Geophysics, University of Tehran: leap years from 1206 to 1498."""
    five_years_after_the_last_leap_year = {1309, 1342, 1375, 1408, 1441}
    leap_years = {1304}
    while max(leap_years) < 1441:
        last = max(leap_years)
        leap_years.add(last + 5 if last + 5 in five_years_after_the_last_leap_year else last + 4)
    for year in range(1304, 1442):
        if year in leap_years:
            assert born_on(birthday("jalali", year, 12, 30)) is not None
        else:
            with pytest.raises(ValidationError, match="no such day"):
                birthday("jalali", year, 12, 30)


@pytest.mark.parametrize(
    ("hebrew", "gregorian"),
    [
        ((5708, 9, 16), date(1947, 11, 29)),
        ((5708, 2, 5), date(1948, 5, 14)),
        ((5784, 13, 14), date(2024, 3, 24)),
        ((5786, 7, 1), date(2025, 9, 23)),
        ((5787, 7, 1), date(2026, 9, 12)),
        ((5787, 9, 25), date(2026, 12, 5)),
    ],
)
def test_hebrew_days_fall_as_the_luah_says(hebrew, gregorian):
    """Source: the luah: UN vote 16 Kislev, independence 5 Iyar 5708; Purim 5784; 1 Tishrei; 25 Kislev 5787."""
    assert born_on(birthday("hebrew", *hebrew)) == gregorian


@pytest.mark.parametrize(
    ("calendar", "year", "month", "day"),
    [
        ("gregorian", 2023, 2, 29),
        ("gregorian", 1900, 2, 29),
        ("gregorian", None, 2, 30),
        ("gregorian", 2023, 4, 31),
        ("gregorian", 2023, 13, 1),
        ("gregorian", None, 13, 1),
        ("gregorian", 2023, 0, 1),
        ("gregorian", 2023, 1, 0),
        ("gregorian", 2023, 1, 32),
        ("gregorian", 2023, -1, 1),
        ("jalali", 1402, 12, 30),
        ("jalali", 1403, 7, 31),
        ("jalali", None, 7, 31),
        ("jalali", None, 12, 31),
        ("jalali", 1403, 13, 1),
        ("hebrew", 5785, 13, 1),
        ("hebrew", 5785, 12, 30),
        ("hebrew", 5784, 13, 30),
        ("hebrew", 5786, 2, 30),
        ("hebrew", None, 1, 31),
        ("hebrew", None, 13, 30),
    ],
)
def test_a_day_that_does_not_exist_is_refused(calendar, year, month, day):
    with pytest.raises(ValidationError):
        birthday(calendar, year, month, day)


@pytest.mark.parametrize(
    ("calendar", "year", "month", "day"),
    [
        ("gregorian", 1899, 12, 31),
        ("gregorian", 1, 1, 1),
        ("gregorian", 0, 1, 1),
        ("gregorian", -5, 1, 1),
        ("gregorian", 1369, 3, 1),
        ("gregorian", 9999, 12, 31),
        ("gregorian", 10**30, 1, 1),
        ("jalali", 1278, 10, 10),
        ("jalali", 1990, 1, 1),
        ("jalali", 9377, 1, 1),
        ("hebrew", 5660, 10, 29),
        ("hebrew", 1990, 1, 1),
        ("hebrew", 9999, 1, 1),
    ],
)
def test_a_year_before_1900_or_of_another_calendar_is_refused(calendar, year, month, day):
    with pytest.raises(ValidationError, match=r"before 1900|not one of the"):
        birthday(calendar, year, month, day)


def test_the_first_day_of_1900_is_accepted_in_each_calendar():
    first = date(1900, 1, 1)
    for day in (("gregorian", 1900, 1, 1), ("jalali", 1278, 10, 11), ("hebrew", 5660, 11, 1)):
        assert born_on(birthday(*day)) == first


@pytest.mark.parametrize(
    "body",
    [
        {"month": 1},
        {"day": 1},
        {"month": "1", "day": 1},
        {"month": 1.0, "day": 1},
        {"month": True, "day": 1},
        {"month": 1, "day": 1, "year": "1990"},
        {"month": 1, "day": 1, "calendar": "julian"},
        {"month": 1, "day": 1, "hour": 3},
        [],
        "1990-01-01",
    ],
)
def test_a_birthday_of_another_shape_is_refused(body):
    with pytest.raises(ValidationError):
        Birthday.model_validate(body)


def test_a_refusal_does_not_print_the_birthday():
    with pytest.raises(ValidationError) as refusal:
        birthday("gregorian", 1987, 2, 29)
    assert "1987" not in str(refusal.value)
    assert "29" not in str(refusal.value)


def test_the_year_may_stay_private():
    private = Birthday(month=6, day=15)
    assert private.calendar == "gregorian"
    assert born_on(private) is None
    check_birthday(private, TODAY)
    assert occurs_on(private, 2026, "feb_28") == (date(2026, 6, 15),)


def test_a_birthday_of_today_is_accepted_and_one_of_tomorrow_refused():
    for calendar, today, tomorrow in (
        ("gregorian", (2026, 11, 22), (2026, 11, 23)),
        ("jalali", (1405, 9, 1), (1405, 9, 2)),
        ("hebrew", (5787, 9, 12), (5787, 9, 13)),
    ):
        assert born_on(birthday(calendar, *today)) == TODAY
        check_birthday(birthday(calendar, *today), TODAY)
        with pytest.raises(ValueError, match="in the future"):
            check_birthday(birthday(calendar, *tomorrow), TODAY)


def test_120_years_to_the_day_are_accepted_and_a_day_more_is_refused():
    check_birthday(birthday("gregorian", 1906, 11, 22), TODAY)
    with pytest.raises(ValueError, match="more than 120 years"):
        check_birthday(birthday("gregorian", 1906, 11, 21), TODAY)
    check_birthday(birthday("gregorian", 1904, 2, 29), date(2024, 2, 29))
    with pytest.raises(ValueError, match="more than 120 years"):
        check_birthday(birthday("gregorian", 1904, 2, 29), date(2024, 3, 1))


def test_a_birthday_on_29_february_is_kept_by_the_clubs_policy_in_common_years():
    leapling = birthday("gregorian", 2000, 2, 29)
    assert occurs_on(leapling, 2024, "feb_28") == occurs_on(leapling, 2024, "mar_1") == (date(2024, 2, 29),)
    assert occurs_on(leapling, 2026, "feb_28") == (date(2026, 2, 28),)
    assert occurs_on(leapling, 2026, "mar_1") == (date(2026, 3, 1),)
    assert occurs_on(leapling, 2100, "mar_1") == (date(2100, 3, 1),)


def test_a_birthday_on_30_esfand_follows_the_same_policy():
    leapling = birthday("jalali", 1399, 12, 30)
    assert occurs_on(leapling, 2025, "feb_28") == (date(2025, 3, 20),)
    assert occurs_on(leapling, 2026, "feb_28") == (date(2026, 3, 20),)
    assert occurs_on(leapling, 2026, "mar_1") == (date(2026, 3, 21),)


@pytest.mark.parametrize("policy", ["feb_28", "mar_1"])
def test_each_of_366_gregorian_birthdays_falls_once_in_every_year(policy):
    for number in range(366):
        day = date(2024, 1, 1) + timedelta(days=number)
        member = Birthday(month=day.month, day=day.day)
        for year in range(2024, 2041):
            (falls,) = occurs_on(member, year, policy)
            assert falls.year == year
            assert (falls.month, falls.day) == (day.month, day.day) or (day.month, day.day) == (2, 29)


def test_nobody_has_a_birthday_before_being_born():
    member = birthday("gregorian", 2010, 5, 5)
    assert occurs_on(member, 2009, "feb_28") == ()
    assert occurs_on(member, 2010, "feb_28") == (date(2010, 5, 5),)


def test_a_jalali_birthday_on_11_dey_falls_twice_in_2024_and_not_in_2025():
    """11 Dey is day 287 of its year; Nowruz 1402 and 1404 were on 21 March, 1403 on 20 March."""
    member = Birthday(calendar="jalali", month=10, day=11)
    assert [occurs_on(member, year, "feb_28") for year in (2023, 2024, 2025, 2026)] == [
        (date(2023, 1, 1),),
        (date(2024, 1, 1), date(2024, 12, 31)),
        (),
        (date(2026, 1, 1),),
    ]


def test_a_hebrew_birthday_in_tevet_may_fall_twice_or_not_at_all():
    """Source: the luah, which prints 10 Tevet as a fast."""
    member = Birthday(calendar="hebrew", month=10, day=10)
    assert [occurs_on(member, year, "feb_28") for year in (2020, 2021, 2022, 2023, 2024, 2025)] == [
        (date(2020, 1, 7), date(2020, 12, 25)),
        (date(2021, 12, 14),),
        (),
        (date(2023, 1, 3), date(2023, 12, 22)),
        (),
        (date(2025, 1, 10), date(2025, 12, 30)),
    ]


# By the luah 5784 and 5787 are leap years, 5785 and 5786 are not; Heshvan and Kislev have 30 days each in 5776 and
# 5787, 29 each in 5781.
@pytest.mark.parametrize(
    ("born", "civil_year", "falls"),
    {
        "born in Adar, kept in Adar II of a leap year": ((5785, 12, 14), 2027, (5787, 13, 14)),
        "born in Adar, kept in Adar of a common year": ((5785, 12, 14), 2026, (5786, 12, 14)),
        "born in Adar I, kept in Adar I of a leap year": ((5784, 12, 14), 2027, (5787, 12, 14)),
        "born in Adar I, kept in Adar of a common year": ((5784, 12, 14), 2026, (5786, 12, 14)),
        "born in Adar II, kept in Adar II of a leap year": ((5784, 13, 14), 2027, (5787, 13, 14)),
        "born in Adar II, kept in Adar of a common year": ((5784, 13, 14), 2026, (5786, 12, 14)),
        "born on 30 Adar I, kept on 30 Adar I of a leap year": ((5784, 12, 30), 2027, (5787, 12, 30)),
        "born on 30 Adar I, kept on 1 Nisan of a common year": ((5784, 12, 30), 2026, (5786, 1, 1)),
        "born on 30 Heshvan, kept on 1 Kislev when Heshvan is short": ((5776, 8, 30), 2020, (5781, 9, 1)),
        "born on 30 Heshvan, kept on it when Heshvan is full": ((5776, 8, 30), 2026, (5787, 8, 30)),
        "born on 30 Kislev, kept on 1 Tevet when Kislev is short": ((5776, 9, 30), 2020, (5781, 10, 1)),
        "born on 30 Kislev, kept on it when Kislev is full": ((5776, 9, 30), 2026, (5787, 9, 30)),
        "Adar without a year is kept in Adar II": ((None, 12, 14), 2027, (5787, 13, 14)),
        "Adar II without a year is kept in Adar II": ((None, 13, 14), 2027, (5787, 13, 14)),
        "30 Adar without a year was Adar I": ((None, 12, 30), 2027, (5787, 12, 30)),
    }.values(),
)
def test_a_hebrew_birthday_is_kept_by_the_rule_for_coming_of_age(born, civil_year, falls):
    """Source: Wikibooks, Mathematics of the Jewish Calendar, Anniversaries; Calendrical Calculations."""
    assert born_on(birthday("hebrew", *falls)) in occurs_on(birthday("hebrew", *born), civil_year, "feb_28")


def test_the_older_of_two_children_of_5746_may_be_congratulated_later():
    """Source: Wikibooks, Anniversaries: 16 Adar I and 2 Adar II 5746 are 16 and 2 Adar in 5759, which has one Adar."""
    older, younger = birthday("hebrew", 5746, 12, 16), birthday("hebrew", 5746, 13, 2)
    assert born_on(older) < born_on(younger)
    assert occurs_on(older, 1999, "feb_28") == (born_on(birthday("hebrew", 5759, 12, 16)),)
    assert occurs_on(younger, 1999, "feb_28") == (born_on(birthday("hebrew", 5759, 12, 2)),)


@pytest.mark.parametrize("calendar", ["jalali", "hebrew"])
def test_over_nineteen_years_a_birthday_falls_once_in_each_year_of_its_own_calendar(calendar):
    for month, day in ((1, 1), (7, 1), (8, 30), (9, 30), (10, 10), (10, 11), (12, 29)):
        member = Birthday(calendar=calendar, month=month, day=day)
        days = [falls for year in range(2000, 2101) for falls in occurs_on(member, year, "feb_28")]
        gaps = [(later - earlier).days for earlier, later in pairwise(days)]
        assert days == sorted(set(days))
        assert 100 <= len(days) <= 102
        assert set(gaps) <= ({365, 366} if calendar == "jalali" else set(range(353, 386)))


@given(born=st.dates(date(1907, 1, 1), TODAY), year=st.integers(1907, 2100))
def test_every_jalali_birthday_exists_and_returns_on_its_own_day_or_the_leap_days_neighbour(born, year):
    own = JalaliDate(born)
    member = birthday("jalali", own.year, own.month, own.day)
    check_birthday(member, TODAY)
    assert born_on(member) == born
    assert born in occurs_on(member, born.year, "mar_1")
    for falls in occurs_on(member, year, "mar_1"):
        there = JalaliDate(falls)
        assert (there.month, there.day) == (own.month, own.day) or (own.month, own.day, there.month, there.day) == (
            12,
            30,
            1,
            1,
        )


@given(born=st.dates(date(1907, 1, 1), TODAY), year=st.integers(1907, 2100))
def test_every_hebrew_birthday_exists_and_returns_on_its_own_day_or_as_the_first_for_a_30th(born, year):
    own_year, own_month, own_day = GregorianDate.from_pydate(born).to_heb().tuple()
    member = birthday("hebrew", own_year, own_month, own_day)
    check_birthday(member, TODAY)
    assert born_on(member) == born
    assert born in occurs_on(member, born.year, "feb_28")
    for falls in occurs_on(member, year, "feb_28"):
        _, month, day = GregorianDate.from_pydate(falls).to_heb().tuple()
        same_month = month == own_month or {month, own_month} == {12, 13}
        assert (same_month and day == own_day) or (own_day == 30 and day == 1 and month == own_month % 12 + 1)


def test_a_purchase_does_not_pay_for_the_calendars():
    code = (
        "import sys; from shared.domain.calendars import Birthday, occurs_on; "
        "occurs_on(Birthday(month=2, day=29), 2026, 'feb_28'); "
        "sys.exit('persiantools' in sys.modules or 'pyluach' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
