"""Models of how customers buy, on CDNOW's published sample: the parameters that were published for it."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date

import numpy as np
import pytest

from club.load import cdnow
from shared.statistics.buying import Bought, Buying, Spending, Unfitted, fitted, spending

END = date(1997, 9, 30)


def sample() -> dict[str, dict[date, int]]:
    """What each customer spent by the day, until the end of the calibration."""
    days: dict[str, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for row in cdnow.rows(cdnow.folder(), "sample"):
        if row.day <= END:
            days[row.customer][row.day] += row.amount_minor
    return days


@pytest.fixture(scope="module")
def customers() -> dict[str, dict[date, int]]:
    return sample()


def weeks(days: int) -> float:
    return round(days / 7, 2)


def alike(customers: dict[str, dict[date, int]]) -> Counter[Bought]:
    return Counter(
        Bought(len(days) - 1, weeks((max(days) - min(days)).days), weeks((END - min(days)).days))
        for days in customers.values()
    )


def test_how_cdnows_customers_buy_comes_out_as_it_was_published(customers: dict[str, dict[date, int]]) -> None:
    assert len(customers) == 2_357
    found = fitted(alike(customers))
    assert [round(one, 3) for one in found] == [0.243, 4.414, 0.793, 2.426]


def test_what_cdnows_customers_spend_comes_out_as_it_was_published(customers: dict[str, dict[date, int]]) -> None:
    values: Counter[tuple[int, float]] = Counter()
    for days in customers.values():
        later = [minor for day, minor in sorted(days.items())][1:]
        if later:
            values[len(later), sum(later) / len(later) / 100] += 1
    assert sum(times for (_, mean), times in values.items() if mean > 0) == 946
    found = spending(values)
    assert [round(one, 2) for one in found] == [6.25, 3.74, 15.44]


def test_who_was_silent_longer_is_less_likely_to_come_again() -> None:
    model = Buying(0.243, 4.414, 0.793, 2.426)
    fresh, silent = Bought(4, 30, 32), Bought(4, 10, 32)
    assert 1 > model.alive(fresh) > model.alive(silent) > 0
    assert model.expected(fresh, 13) > model.expected(silent, 13) > 0
    # Of who bought once nobody can say that they left: the published model has it so.
    assert model.alive(Bought(0, 0, 30)) == 1


def test_expected_purchases_are_those_that_came() -> None:
    """Customers made by the model itself: what it expects of them is what they do, within a few of a hundred."""
    chance, model = np.random.default_rng(8), Buying(2.0, 10.0, 1.5, 6.0)
    expected = came = 0.0
    for _ in range(4_000):
        rate, leaves = chance.gamma(model.r, 1 / model.alpha), chance.beta(model.a, model.b)
        time, again, last, later = 0.0, 0, 0.0, 0
        while (time := time + chance.exponential(1 / rate)) < 60:
            if time <= 40:
                again, last = again + 1, time
            else:
                later += 1
            if chance.random() < leaves:
                break
        expected += model.expected(Bought(again, last, 40.0), 20.0)
        came += later
    assert expected == pytest.approx(came, rel=0.06)


def test_one_purchases_value_is_drawn_towards_everybodys_mean() -> None:
    model = Spending(6.25, 3.74, 15.44)
    everybody = model.expected(0, 0)
    assert everybody < model.expected(1, 100) < model.expected(20, 100) < 100


def test_of_too_few_customers_nothing_is_fitted_and_it_is_said_how_many_it_takes() -> None:
    with pytest.raises(Unfitted, match="not enough data: 99 customers, of whom 99 came again; it takes 100 and 30"):
        fitted({Bought(2, 3.0, 5.0): 99})
    with pytest.raises(Unfitted, match="29 customers came again"):
        spending({(1, 10.0): 29})
