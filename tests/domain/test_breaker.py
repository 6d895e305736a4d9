"""When marketing has to stop: at two bounces in a hundred, or one complaint in two thousand, of the last thousand mails."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.breaker import LAST_MAILS, MAILS_MIN, Mails, breaker_open, last_mails


@pytest.mark.parametrize(
    ("mails", "stops"),
    [
        (Mails(1_000, 19, 0), False),
        (Mails(1_000, 20, 0), True),
        (Mails(1_000, 0, 1), True),
        (Mails(2_000, 0, 1), True),
        (Mails(2_001, 0, 1), False),
        (Mails(2_001, 0, 2), True),
        (Mails(1_049, 20, 0), False),
        (Mails(1_050, 21, 0), True),
    ],
)
def test_marketing_stops_at_two_per_cent_bounces_or_a_twentieth_per_cent_complaints(mails: Mails, stops: bool) -> None:
    assert breaker_open(mails) is stops


@pytest.mark.parametrize(
    ("mails", "stops"),
    [
        (Mails(), False),
        (Mails(0, 5, 5), False),
        (Mails(99, 99, 99), False),
        (Mails(100, 1, 0), False),
        (Mails(100, 2, 0), True),
        (Mails(999, 0, 1), False),
        (Mails(999, 0, 2), True),
    ],
)
def test_few_mails_are_not_judged_and_one_complaint_of_few_may_be_chance(mails: Mails, stops: bool) -> None:
    assert breaker_open(mails) is stops


@given(st.integers(0, 5_000), st.integers(0, 200), st.integers(0, 10))
def test_of_a_thousand_and_more_the_shares_alone_decide(more: int, bounced: int, complained: int) -> None:
    sent = LAST_MAILS + more
    stops = Fraction(bounced, sent) >= Fraction(2, 100) or Fraction(complained, sent) >= Fraction(1, 2_000)
    assert breaker_open(Mails(sent, bounced, complained)) is stops


@given(st.integers(0, 2_000), st.integers(0, 100), st.integers(0, 10))
def test_one_more_that_comes_back_never_lets_marketing_go_on(sent: int, bounced: int, complained: int) -> None:
    if breaker_open(Mails(sent, bounced, complained)):
        assert sent >= MAILS_MIN
        assert breaker_open(Mails(sent, bounced + 1, complained))
        assert breaker_open(Mails(sent, bounced, complained + 1))


def test_what_was_before_the_last_thousand_is_forgotten() -> None:
    groups = [Mails(400, 1, 0), Mails(400, 2, 0), Mails(400, 3, 0), Mails(400, 400, 400)]
    assert last_mails(groups) == Mails(1_200, 6, 0)
    assert last_mails(groups[:2]) == Mails(800, 3, 0)
    assert last_mails([]) == Mails()
