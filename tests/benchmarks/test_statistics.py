"""Medians, percentiles and how numbers are told."""

from __future__ import annotations

import pytest

from benchmarks.figures import Figure, median, percentile


def test_the_median_is_the_one_in_the_middle_or_between_the_two() -> None:
    assert median([9, 1, 5]) == 5
    assert median([4, 1, 2, 9]) == 3


def test_a_percentile_is_a_value_that_was_measured() -> None:
    hundred = [float(value) for value in range(100, 0, -1)]
    assert percentile(hundred, 99) == 99
    assert percentile(hundred, 50) == 50
    assert percentile(hundred, 100) == 100
    assert percentile([3.0, 1.0, 2.0], 99) == 3
    assert percentile([7.0], 1) == 7


@pytest.mark.parametrize(
    ("value", "unit", "told"),
    [
        (0.4567, "times", "0.457 times"),
        (1234.6, "ms", "1,235 ms"),
        (268.24, "µs", "268.2 µs"),
        (35.234, "MB", "35.23 MB"),
        (5, "units", "5 units"),
        (0, "", "0"),
        (1, "$", "$1.000"),
        (5.14919, "$", "$5.149"),
    ],
)
def test_numbers_are_told_with_their_unit_and_no_more_places_than_they_deserve(
    value: float, unit: str, told: str
) -> None:
    assert Figure("x", value, unit).told == told
