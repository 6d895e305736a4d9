"""Money and points are whole numbers: every rounding has a name, and shares add up to what was shared."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.money import decimals, exact_text, ratio, rounded, shares

WEIGHTS = st.lists(st.integers(0, 10**9), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("currency", "places"), [("USD", 2), ("ILS", 2), ("JPY", 0), ("KWD", 3), ("BHD", 3), ("IRR", 2), ("ISK", 0)]
)
def test_each_currency_has_its_own_number_of_decimals(currency, places):
    assert decimals(currency) == places


@pytest.mark.parametrize(
    ("numerator", "denominator", "floor", "half_up", "ceil"),
    [
        (0, 100, 0, 0, 0),
        (100, 100, 1, 1, 1),
        (101, 100, 1, 1, 2),
        (149, 100, 1, 1, 2),
        (150, 100, 1, 2, 2),
        (250, 100, 2, 3, 3),
        (199, 100, 1, 2, 2),
        (-150, 100, -2, -1, -1),
    ],
)
def test_a_fraction_is_rounded_as_the_mode_says(numerator, denominator, floor, half_up, ceil):
    told = {mode: rounded(numerator, denominator, mode) for mode in ("floor", "half_up", "ceil")}
    assert told == {"floor": floor, "half_up": half_up, "ceil": ceil}


@settings(deadline=None)
@given(st.integers(-(10**15), 10**15), st.integers(1, 10**9), st.sampled_from(["floor", "half_up", "ceil"]))
def test_a_rounding_is_never_a_whole_point_away(numerator, denominator, mode):
    assert abs(rounded(numerator, denominator, mode) - Fraction(numerator, denominator)) < 1


@pytest.mark.parametrize(
    ("total", "weights", "expected"),
    [
        (100, [1, 1, 1], [33, 33, 34]),
        (7, [3, 0], [7, 0]),
        (0, [5], [0]),
        (1499, [500, 500, 500], [499, 500, 500]),
        (10, [1, 2, 3, 4], [1, 2, 3, 4]),
        (5, [], []),
        (5, [0, 0], [0, 0]),
    ],
)
def test_what_is_left_over_goes_to_the_line_where_it_has_added_up_to_a_cent(total, weights, expected):
    assert shares(total, weights) == expected


@settings(deadline=None)
@given(st.integers(0, 10**9), WEIGHTS)
def test_shares_add_up_to_what_was_shared(total, weights):
    parts = shares(total, weights)
    assert len(parts) == len(weights)
    assert sum(parts) == (total if sum(weights) else 0)


@settings(deadline=None)
@given(st.integers(0, 10**9), WEIGHTS)
def test_who_weighs_nothing_gets_no_share(total, weights):
    assert all(part == 0 for part, weight in zip(shares(total, weights), weights, strict=True) if weight == 0)


@settings(deadline=None)
@given(st.integers(0, 10**9), WEIGHTS)
def test_a_share_is_the_exact_one_but_for_less_than_a_unit(total, weights):
    whole = sum(weights) or 1
    for part, weight in zip(shares(total, weights), weights, strict=True):
        assert abs(part - Fraction(total * weight, whole)) < 1


@settings(deadline=None)
@given(WEIGHTS, st.data())
def test_no_share_is_more_than_its_weight(weights, data):
    total = data.draw(st.integers(0, sum(weights)))
    assert all(0 <= part <= weight for part, weight in zip(shares(total, weights), weights, strict=True))


@pytest.mark.parametrize(
    ("value", "fraction"),
    [
        (1, (1, 1)),
        (Decimal("1.5"), (3, 2)),
        (Decimal("0.000001"), (1, 10**6)),
        (Decimal("1e3"), (1000, 1)),
        (0, (0, 1)),
    ],
)
def test_a_number_of_the_programme_is_an_exact_fraction(value, fraction):
    assert ratio(value) == fraction


@pytest.mark.parametrize(
    ("numerator", "denominator", "text"),
    [
        (2, 1, "2"),
        (19_990, 100, "199.9"),
        (1, 3, "0.333333…"),
        (2, 3, "0.666666…"),
        (1, 1_000_000, "0.000001"),
        (1, 10_000_000, "0…"),
        (-1, 4, "-0.25"),
        (10, 1, "10"),
        (100, 1, "100"),
    ],
)
def test_a_fraction_is_shown_with_six_decimals_and_marked_when_it_goes_on(numerator, denominator, text):
    assert exact_text(numerator, denominator) == text
