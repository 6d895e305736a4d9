"""`club effect --publish`: what a message is worth, once it was measured."""

from __future__ import annotations

import pytest

from shared.domain.rulebook import Rulebook
from shared.statistics.effects import Effect
from shared.statistics.told_effects import Told, worths_of
from tests.domain.shop import BASE, programme

# A margin of 3.00 more, which an interval that may be read every day tells from nothing; and one that it does not.
SURE = Effect(900.0, 600.0, 300.0, 50.0, 200.0, 400.0, 0.0, 100.0, 500.0, 140.0, 50.0)
UNSURE = SURE._replace(ever_low=-10.0)


def law(declared: int = 250, more: str = 'on = "birthday"\n', holdout: str = "holdout = 50\n") -> Rulebook:
    message = f'message = {{ template = "welcome", worth_minor = {declared} }}\n'
    return programme(BASE, f'[[automation]]\nid = "gift"\n{more}{message}{holdout}')


def told(effect: Effect, ratio: float | None = 0.5) -> list[Told]:
    return [Told("gift", "spend", 900, 900, SURE, ratio), Told("gift", "margin", 900, 900, effect, ratio)]


def test_a_message_is_worth_the_margin_that_it_was_measured_to_bring() -> None:
    assert worths_of(told(SURE), law()) == {"gift": 300}


def test_what_is_not_known_well_is_worth_what_was_declared_unless_that_cannot_be() -> None:
    assert worths_of(told(UNSURE), law()) == {}
    assert worths_of(told(UNSURE), law(declared=501)) == {"gift": 300}


def test_what_does_harm_has_no_worth() -> None:
    harm = SURE._replace(difference=-300.0, ever_low=-500.0, ever_high=-100.0)
    assert worths_of(told(harm), law()) == {"gift": 0}


@pytest.mark.parametrize("ratio", [None, 0.0001])
def test_arms_that_chance_did_not_make_measure_nothing(ratio: float | None) -> None:
    assert worths_of(told(SURE, ratio), law()) == {}


@pytest.mark.parametrize(
    ("more", "is_measured"),
    [
        ('on = "state"\nwhen = "member.purchases > 2"\n', True),
        ('on = "state"\nwhen = "member.purchases > 2"\nevery_days = 30\n', True),
        ('on = "state"\nwhen = "member.purchases > 2"\nevery_days = 29\n', False),
        ('on = "purchase"\n', False),
        ('on = "purchase"\nevery_days = 30\n', True),
    ],
)
def test_a_message_that_comes_again_within_the_window_is_worth_what_was_declared(more: str, is_measured: bool) -> None:
    assert bool(worths_of(told(SURE), law(more=more))) == is_measured


def test_an_automation_that_writes_nothing_has_no_message_to_be_ranked() -> None:
    book = programme(BASE, '[[automation]]\nid = "gift"\non = "birthday"\npoints = 5\n')
    assert worths_of(told(SURE), book) == {}
