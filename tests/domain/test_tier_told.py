"""What a member is told of a tier: since when, until when, what follows, what counts and what is missing."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from shared.domain.account import Day, Month, Standing
from shared.domain.lots import Lot
from shared.domain.rulebook import Rulebook
from shared.domain.tiers import Held, held_on
from tests.domain.ladder import LADDER, START, club, followed, spent, told
from tests.domain.shop import BASE, member, points, programme, tier, with_purchase


def names(one: Held) -> tuple[str | None, str | None, str | None]:
    """The tier, the one that would follow, and the one above."""
    tier_id, after, above = (found.id if found else None for found in (one.tier, one.after, one.next))
    return tier_id, after, above


def test_whoever_bought_nothing_is_told_what_the_first_tier_asks_for() -> None:
    one = told(member(), START, club(window_days=30, grace_days=10, keep_days=60))
    assert names(one) == (None, None, "bronze")
    assert one[:1] + one[2:4] + one[5:7] + one[8:] == ("", None, None, None, 0, 100)


def test_a_member_at_the_top_is_told_the_whole_of_it() -> None:
    """The window ends with 30 January, and ten days of grace follow."""
    book = club(window_days=30, grace_days=10)
    one = told(followed(spent((START, 350)), book, START), date(2026, 1, 5), book)
    assert one == Held("", book.tier("gold"), START, date(2026, 2, 9), None, None, Decimal(350), None, Decimal(0))


def test_the_tier_that_follows_is_the_one_that_the_rest_still_earns() -> None:
    """2.00 of New Year's Day leave the 30 days on 31 January; the 1.00 of the 11th stays ten days longer."""
    book = club(window_days=30)
    dana = spent((START, 200), (date(2026, 1, 11), 100))
    one = told(dana, date(2026, 1, 11), book)
    assert names(one) == ("gold", "bronze", None)
    assert one.until == date(2026, 1, 30)
    one = told(dana, date(2026, 1, 31), book)
    assert names(one) == ("bronze", None, "silver")
    assert (one.until, one.missing) == (date(2026, 2, 9), 100)


def test_a_tier_of_a_fixed_time_is_told_with_its_last_day() -> None:
    book = club(window_days=10, keep_days=30)
    dana = followed(spent((START, 200)), book, START)
    for day in (START, date(2026, 1, 31)):
        one = told(dana, day, book)
        assert (one.since, one.kept_until, one.until) == (START, date(2026, 1, 31), date(2026, 1, 31))
    over = told(dana, date(2026, 2, 1), book)
    assert (over.tier, over.since, over.kept_until, over.until) == (None, None, None, None)


def test_a_tier_without_a_fixed_time_is_told_without_its_last_day() -> None:
    book = club(window_days=10, grace_days=3)
    assert told(followed(spent((START, 200)), book, START), START, book).kept_until is None


def test_a_fixed_time_that_ends_before_the_window_ends_nothing() -> None:
    book = club(window_days=60, keep_days=30)
    one = told(followed(spent((START, 200)), book, START), START, book)
    assert (one.kept_until, one.until) == (date(2026, 1, 31), date(2026, 3, 1))


@pytest.mark.parametrize(("cents", "above", "missing"), [(100, "silver", 200), (200, "gold", 300), (300, None, 0)])
def test_a_tier_that_is_only_kept_leaves_all_of_the_next_one_to_be_earned(
    cents: int, above: str | None, missing: int
) -> None:
    """Twenty days later nothing of it counts any more; what the tier below asks for is not asked again."""
    book = club(window_days=10, keep_days=30)
    one = told(followed(spent((START, cents)), book, START), date(2026, 1, 20), book)
    assert names(one)[2] == above
    assert (one.value, one.missing) == (0, missing)


def test_a_tier_that_begins_next_month_is_told_beforehand() -> None:
    """Silver is reached already: what is missing is missing to gold."""
    book = club(window="calendar_month", starts="next_period", valid="period")
    dana = followed(spent((date(2026, 3, 10), 200)), book, date(2026, 3, 10))
    one = told(dana, date(2026, 3, 20), book)
    assert names(one) == (None, "silver", "gold")
    assert (one.since, one.until, one.value, one.missing) == (None, date(2026, 3, 31), 200, 100)
    one = told(dana, date(2026, 4, 2), book)
    assert names(one) == ("silver", None, "gold")
    assert (one.since, one.until, one.missing) == (date(2026, 4, 1), date(2026, 4, 30), 300)


@pytest.mark.parametrize(("grace", "since"), [(0, None), (3, START)])
def test_only_a_set_that_remembers_can_say_since_when_a_tier_is_held(grace: int, since: date | None) -> None:
    book = club(window_days=60, grace_days=grace)
    one = told(followed(spent((START, 300)), book, START), date(2026, 1, 20), book)
    assert (one.tier, one.since) == (book.tier("gold"), since)


def test_a_tier_for_ever_has_no_last_day() -> None:
    one = told(spent((START, 300)), date(2026, 6, 1), club(window="lifetime"))
    assert (one.tier and one.tier.id, one.until, one.after) == ("gold", None, None)


@pytest.mark.parametrize(
    ("window", "joined", "reached", "last_of_period", "last_of_next"),
    [
        ("calendar_month", START, date(2026, 3, 10), date(2026, 3, 31), date(2026, 4, 30)),
        ("calendar_month", START, date(2026, 12, 31), date(2026, 12, 31), date(2027, 1, 31)),
        ("calendar_month", START, date(2028, 1, 31), date(2028, 1, 31), date(2028, 2, 29)),
        ("calendar_year", START, date(2026, 5, 15), date(2026, 12, 31), date(2027, 12, 31)),
        ("calendar_year", date(2024, 7, 9), date(2027, 12, 31), date(2027, 12, 31), date(2028, 12, 31)),
        ("anniversary", date(2024, 7, 9), date(2026, 5, 15), date(2026, 7, 8), date(2027, 7, 8)),
        ("anniversary", date(2024, 7, 9), date(2026, 7, 9), date(2027, 7, 8), date(2028, 7, 8)),
        # Who joined on 29 February begins a year on the 28th, and on the 29th where there is one.
        ("anniversary", date(2024, 2, 29), date(2026, 5, 15), date(2027, 2, 27), date(2028, 2, 28)),
        # Cycles of 90 days from New Year: to 31 March, to 29 June.
        ("cycle", START, date(2026, 2, 10), date(2026, 3, 31), date(2026, 6, 29)),
        ("cycle", START, date(2026, 4, 1), date(2026, 6, 29), date(2026, 9, 27)),
    ],
)
@pytest.mark.parametrize("valid", ["period", "next_period"])
def test_a_tier_of_a_period_is_held_to_the_end_of_it_or_of_the_next_one(
    window: str, joined: date, reached: date, last_of_period: date, last_of_next: date, valid: str
) -> None:
    book = club(window=window, window_days=90, valid=valid)
    dana = followed(spent((reached, 300), joined_on=joined), book, reached)
    last = last_of_period if valid == "period" else last_of_next
    for day in {reached, last_of_period, last}:
        one = told(dana, day, book)
        assert (one.tier, one.since, one.until, one.after) == (book.tier("gold"), reached, last, None)
    assert told(dana, last + timedelta(days=1), book).tier is None


# -- what counts ---------------------------------------------------------------------------------------------

# Seven purchases; the days of the first are forgotten by now, and only its month is known.
DANA = member(
    joined_on=date(2024, 5, 10),
    posted=95,
    lots=(Lot(START, None, 60), Lot(START, date(2026, 3, 19), 5), Lot(START, date(2026, 3, 20), 30)),
    purchases=7,
    spend_minor=9700,
    points_earned=970,
    days=(
        Day(date(2025, 1, 10), 1, 3000, 300),
        Day(date(2025, 12, 1), 1, 1000, 100),
        Day(date(2026, 1, 20), 1, 100, 10),
        Day(date(2026, 3, 1), 1, 200, 20),
        Day(date(2026, 3, 10), 2, 400, 40),
    ),
    months=(
        Month(2024 * 12 + 5, 1, 5000, 500),
        Month(2025 * 12 + 0, 1, 3000, 300),
        Month(2025 * 12 + 11, 1, 1000, 100),
        Month(2026 * 12 + 0, 1, 100, 10),
        Month(2026 * 12 + 2, 3, 600, 60),
    ),
)


@pytest.mark.parametrize(
    ("window", "days", "purchases", "spend", "earned"),
    [
        ("rolling", 20, 3, 600, 60),
        ("rolling", 19, 2, 400, 40),
        ("rolling", 11, 2, 400, 40),
        ("rolling", 10, 0, 0, 0),
        ("calendar_month", 365, 3, 600, 60),
        ("calendar_year", 365, 4, 700, 70),
        # The year of membership began on 10 May 2025.
        ("anniversary", 365, 5, 1700, 170),
        # Day 679 since joining: the cycle of 50 days began on 19 February, that of 85 on 26 December.
        ("cycle", 50, 3, 600, 60),
        ("cycle", 85, 4, 700, 70),
        ("lifetime", 365, 7, 9700, 970),
    ],
)
def test_what_counts_is_what_was_bought_within_the_window(
    window: str, days: int, purchases: int, spend: int, earned: int
) -> None:
    for basis, value in (("purchases", purchases), ("spend", spend), ("points", earned)):
        rules = f'[tiers]\nbasis = "{basis}"\nwindow = "{window}"\nwindow_days = {days}'
        book = programme(rules, '[[tier]]\nid = "top"\nat_least = 1_000_000', BASE)
        assert told(DANA, date(2026, 3, 20), book).value == value


def counting_points(basis: str, *tables: str, **keys: str | int) -> Rulebook:
    """A ladder of 5, 50 and 90 points."""
    rules = "\n".join(
        f"{key} = {value}" if isinstance(value, int) else f'{key} = "{value}"' for key, value in keys.items()
    )
    ladder = (f'[[tier]]\nid = "of-{points}"\nat_least = {points}' for points in (5, 50, 90))
    return programme(*tables, f'[tiers]\nbasis = "{basis}"\n{rules}', *ladder, BASE)


@pytest.mark.parametrize(("day", "value"), [(19, 95), (20, 90), (21, 60)])
def test_points_in_hand_count_until_their_last_day(day: int, value: int) -> None:
    assert told(DANA, date(2026, 3, day), counting_points("balance")).value == value


@pytest.mark.parametrize(("basis", "value"), [("balance", "9.0"), ("points", "97.0")])
def test_points_with_decimals_count_as_points(basis: str, value: str) -> None:
    book = counting_points(basis, points(decimals=1), window="lifetime")
    assert told(DANA, date(2026, 3, 20), book).value == Decimal(value)


def test_a_tier_of_points_in_hand_ends_when_points_lapse() -> None:
    """90 points on the 20th, of which 30 lapse with that day."""
    one = told(DANA, date(2026, 3, 20), counting_points("balance"))
    assert names(one) == ("of-90", "of-50", None)
    assert one.until == date(2026, 3, 20)


def test_points_in_hand_have_no_periods_whatever_window_is_written() -> None:
    one = told(DANA, date(2026, 3, 21), counting_points("balance", window="calendar_year"))
    assert names(one) == ("of-50", None, "of-90")
    assert (one.until, one.missing) == (None, 30)


def test_points_that_lapse_leave_a_tier_its_days_of_grace() -> None:
    book = counting_points("balance", grace_days=10)
    dana = followed(DANA, book, date(2026, 3, 20))
    one = told(dana, date(2026, 3, 20), book)
    assert names(one) == ("of-90", "of-50", None)
    assert (one.since, one.until) == (date(2026, 3, 20), date(2026, 3, 30))
    for day, tier_id in ((30, "of-90"), (31, "of-50")):
        assert names(told(dana, date(2026, 3, day), book))[0] == tier_id


def test_a_year_counts_months_whose_days_are_long_forgotten() -> None:
    """3.00 in January 2026 hold gold through 2027; in December of that year the account knows no day of then any more."""
    book = club(window="calendar_year")
    dana = followed(with_purchase(member(), date(2026, 1, 5), 300, 0, None, date(2026, 1, 5)), book, date(2026, 1, 5))
    dana = with_purchase(dana, date(2027, 12, 20), 100, 0, None, date(2027, 12, 20))
    assert [day.on for day in dana.days] == [date(2027, 12, 20)]
    assert names(told(followed(dana, book, date(2027, 12, 20)), date(2027, 12, 31), book)) == ("gold", "bronze", None)


# -- several sets --------------------------------------------------------------------------------------------


def test_every_set_is_told_under_its_own_name() -> None:
    visits = '[[tier_set]]\nid = "visits"\nbasis = "purchases"\nwindow = "lifetime"\n'
    regular = '[[tier]]\nid = "regular"\nset = "visits"\nat_least = 5'
    told_of = held_on(DANA, date(2026, 3, 20), programme(*LADDER, visits, regular, BASE))
    assert [(one.set, names(one)[0]) for one in told_of] == [("", "gold"), ("visits", "regular")]


def test_a_set_of_its_own_with_a_memory_remembers_by_itself() -> None:
    """The main set forgets on the 31st day; the other one gives ten days of grace."""
    slow = '[[tier_set]]\nid = "slow"\nwindow_days = 30\ngrace_days = 10\n'
    patient = '[[tier]]\nid = "patient"\nset = "slow"\nspend_minor = 100'
    book = programme("[tiers]\nwindow_days = 30", tier("quick", 100), slow, patient, BASE)
    dana = followed(spent((START, 100)), book, START)
    assert dana.standings == {"slow": Standing("patient", START, START)}
    for day, expected in (
        (30, ["quick", "patient"]),
        (31, [None, "patient"]),
        (40, [None, "patient"]),
        (41, [None, None]),
    ):
        on = START + timedelta(days=day - 1)
        assert [names(one)[0] for one in held_on(dana, on, book)] == expected
