from __future__ import annotations

from decimal import Decimal
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.allocation import allocated, percent_off
from shared.domain.money import RoundingMode

PRICES = st.lists(st.integers(0, 10_000), min_size=1, max_size=12)
MODES = st.sampled_from(get_args(RoundingMode))


@given(off=st.integers(0, 200_000), prices=PRICES, mode=MODES)
def test_all_of_it_is_shared_and_nothing_costs_less_than_nothing(
    off: int, prices: list[int], mode: RoundingMode
) -> None:
    parts = allocated(off, prices, mode)
    assert sum(parts) == min(off, sum(prices))
    assert all(0 <= part <= price for part, price in zip(parts, prices, strict=True))


@given(off=st.integers(0, 200_000), prices=PRICES, mode=MODES)
def test_a_share_is_within_a_minor_unit_of_its_exact_proportion(
    off: int, prices: list[int], mode: RoundingMode
) -> None:
    off, whole = min(off, sum(prices)), sum(prices) or 1
    parts = allocated(off, prices, mode)
    assert all(abs(part * whole - off * price) <= whole for part, price in zip(parts, prices, strict=True))


@given(off=st.integers(0, 20_000), prices=PRICES, mode=MODES, more=st.integers(0, 500))
def test_what_costs_nothing_bears_nothing_and_changes_nobodys_share(
    off: int, prices: list[int], mode: RoundingMode, more: int
) -> None:
    place = more % (len(prices) + 1)
    with_gift = allocated(off, [*prices[:place], 0, *prices[place:]], mode)
    assert with_gift[place] == 0
    assert [*with_gift[:place], *with_gift[place + 1 :]] == allocated(off, prices, mode)


@given(off=st.integers(0, 20_000), price=st.integers(1, 900), others=PRICES, mode=MODES)
def test_equal_prices_bear_the_same_but_for_a_minor_unit_wherever_they_stand(
    off: int, price: int, others: list[int], mode: RoundingMode
) -> None:
    parts = allocated(off, [price, *others, price], mode)
    assert abs(parts[0] - parts[-1]) <= 1


@pytest.mark.parametrize(
    ("off", "mode", "expected"),
    [
        (100, "floor", [33, 33, 34]),
        (100, "half_up", [33, 34, 33]),
        (100, "ceil", [34, 33, 33]),
        (1, "half_up", [0, 1, 0]),
    ],
)
def test_the_rounding_says_which_of_equal_prices_bears_the_odd_unit(
    off: int, mode: RoundingMode, expected: list[int]
) -> None:
    assert allocated(off, [100, 100, 100], mode) == expected


@pytest.mark.parametrize(
    ("percent", "prices", "mode", "expected"),
    [
        ("50", [3_000, 1_000], "half_up", 2_000),
        ("33.33", [100], "half_up", 33),
        ("12.5", [4], "half_up", 1),
        ("12.5", [4], "floor", 0),
        ("0", [100], "ceil", 0),
    ],
)
def test_a_percentage_is_rounded_once_over_all_prices(
    percent: str, prices: list[int], mode: RoundingMode, expected: int
) -> None:
    assert percent_off(Decimal(percent), prices, mode) == expected
