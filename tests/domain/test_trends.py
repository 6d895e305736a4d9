"""A rise or fall is told where it is more than noise, by rules that have names, and never of too little."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction

import pytest

from shared.domain.trends import Trend, trend_of, weeks_of

MONDAY = date(2026, 1, 5)


def days(many: int, value: Callable[[date], int], first: date = MONDAY) -> list[tuple[date, int]]:
    return [(on := first + timedelta(days=at), value(on)) for at in range(many)]


def steady(on: date) -> int:
    """100 and 102 in turn: the mean moving range is 2, the limits are 101 ± 5.32."""
    return 100 + 2 * (on.toordinal() % 2)


def after(*values: int, many: int = 60) -> Trend:
    """So many steady weeks, and then these points. Of weeks no day of the week is taken out."""
    return trend_of(
        days(many, steady) + [(MONDAY + timedelta(days=many + at), v) for at, v in enumerate(values)], "week"
    )


def test_limits_are_2_66_mean_moving_ranges_around_the_mean_of_what_came_before() -> None:
    trend = after()
    assert (trend.mean, trend.low, trend.high) == (101, 101 - Fraction(532, 100), 101 + Fraction(532, 100))
    assert trend.way == "none"


@pytest.mark.parametrize(("value", "way"), [(106, "none"), (107, "rise"), (96, "none"), (95, "fall")])
def test_a_point_beyond_the_limits_is_news_and_one_within_them_is_noise(value: int, way: str) -> None:
    assert after(value).way == way
    assert [mark for mark, _ in after(value).points[-1].marks] == ["beyond limits"] * (way != "none")


def test_eight_points_on_one_side_are_news_and_seven_are_not() -> None:
    seven, eight = after(*[102] * 7, many=60), after(*[102] * 8, many=60)
    assert (seven.way, eight.way) == ("none", "rise")
    assert eight.points[-1].marks == (("run of eight", "rise"),)


def test_two_of_three_points_near_a_limit_are_news() -> None:
    one, two = after(105), after(105, 100, 105)
    assert (one.way, two.way) == ("none", "rise")
    assert two.points[-1].marks == (("two of three near a limit", "rise"),)
    assert after(105, 100, 100, 105).way == "none"


def test_a_quiet_sunday_is_no_fall_and_a_quiet_saturday_is() -> None:
    def of_week(on: date) -> int:
        return 10 + steady(on) % 3 if on.weekday() == 6 else 100 + steady(on) % 3

    whole = days(70, of_week)
    assert whole[-1][0].weekday() == 6
    assert trend_of(whole, "day").way == "none"
    assert trend_of([*whole[:-2], (whole[-2][0], 10)], "day").way == "fall"


def test_a_feast_before_does_not_hide_what_happens_now() -> None:
    whole = [(on, 500 if at == 20 else value) for at, (on, value) in enumerate(days(120, steady))]
    assert trend_of([*whole, (whole[-1][0] + timedelta(days=1), 60)], "day").way == "fall"


def test_too_few_points_and_too_sparse_ones_say_nothing() -> None:
    assert (trend_of(days(35, steady), "day").why, trend_of(days(36, steady), "day").why) == ("few", "")
    assert (trend_of(days(19, steady), "week").why, trend_of(days(20, steady), "week").why) == ("few", "")
    rare = trend_of(days(100, lambda on: int(on.day == 1)), "day")
    assert (rare.way, rare.why, rare.mean) == (None, "sparse", None)


def test_noise_is_called_news_in_two_of_a_hundred_days_at_most_and_a_fifth_less_is_found() -> None:
    chance = random.Random(5)

    def a_series(level: int) -> list[tuple[date, int]]:
        told = days(120, lambda on: max(0, round(chance.gauss(100 + 40 * (on.weekday() == 5), 10))))
        return [(on, value - (100 - level) * (at >= 112)) for at, (on, value) in enumerate(told)]

    alarms = sum(trend_of(a_series(100), "day").way != "none" for _ in range(200))
    found = sum(trend_of(a_series(80), "day").way == "fall" for _ in range(200))
    assert alarms <= 4
    assert found >= 150


def test_a_week_counts_when_all_its_days_are_known() -> None:
    whole = days(16, lambda _: 3)
    assert weeks_of(whole, adds_up=True) == [(MONDAY, 21), (MONDAY + timedelta(days=7), 21)]
    assert weeks_of(whole[1:8], adds_up=True) == []
    growing = days(7, lambda on: on.day)
    assert weeks_of(growing, adds_up=False) == [(MONDAY, growing[-1][1])]
