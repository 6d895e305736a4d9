"""What a trial says: how large an effect is, how sure, and when nothing of it may be called an effect."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from shared.statistics.effects import Arm, TooFew, always_valid_reach, effect, holm, ratio_p
from shared.statistics.trials import Trial, judged

NOTHING = np.empty((0, 0))


def arm(values: np.ndarray, past: np.ndarray | None = None) -> Arm:
    return Arm(values, past if past is not None else np.empty((len(values), 0)))


def test_without_a_past_it_is_welchs_test_to_the_last_digit() -> None:
    chance = np.random.default_rng(1)
    left, right = chance.normal(3, 2, 400), chance.normal(2.5, 5, 900)
    found, known = effect(arm(left), arm(right)), stats.ttest_ind(left, right, equal_var=False)
    assert found.p == pytest.approx(known.pvalue, rel=1e-9)
    interval = known.confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high), rel=1e-9)
    assert found.difference == pytest.approx(left.mean() - right.mean())


def test_an_interval_holds_the_truth_in_ninety_five_of_a_hundred_trials() -> None:
    chance = np.random.default_rng(2)
    held = 0
    for _ in range(600):
        past = chance.normal(0, 1, (2, 150, 1))
        outcome = past[:, :, 0] * 2 + chance.exponential(1, (2, 150)) + np.array([[0.3], [0.0]])
        found = effect(Arm(outcome[0], past[0]), Arm(outcome[1], past[1]))
        held += found.low <= 0.3 <= found.high
    assert 0.93 <= held / 600 <= 0.97


def test_what_was_known_before_makes_the_interval_narrow_and_moves_nothing() -> None:
    chance = np.random.default_rng(3)
    past = chance.normal(0, 3, (2, 2_000, 1))
    outcome = past[:, :, 0] + chance.normal(0, 1, (2, 2_000)) + np.array([[0.5], [0.0]])
    found = effect(Arm(outcome[0], past[0]), Arm(outcome[1], past[1]))
    assert found.error < found.was / 3
    assert found.low < 0.5 < found.high


def test_who_looks_every_day_is_wrong_no_more_often_than_who_looks_once() -> None:
    chance = np.random.default_rng(4)
    wrong = naive = 0
    for _ in range(300):
        left, right = chance.normal(0, 1, 2_000), chance.normal(0, 1, 2_000)
        looks = [effect(arm(left[:many]), arm(right[:many])) for many in range(100, 2_001, 50)]
        wrong += any(not one.ever_low <= 0 <= one.ever_high for one in looks)
        naive += any(not one.low <= 0 <= one.high for one in looks)
    assert wrong / 300 <= 0.05
    assert naive / 300 > 0.15


def test_the_interval_for_every_day_is_wider_and_still_narrows() -> None:
    once = 1.96 / np.sqrt(1_000)
    assert always_valid_reach(1 / np.sqrt(1_000), 1_000) > once
    assert always_valid_reach(1 / np.sqrt(100_000), 100_000) < always_valid_reach(1 / np.sqrt(1_000), 1_000)


def test_the_smallest_effect_that_would_be_seen_is_seen_four_times_in_five() -> None:
    chance = np.random.default_rng(5)
    smallest = effect(arm(chance.normal(0, 1, 500)), arm(chance.normal(0, 1, 500))).smallest
    seen = sum(effect(arm(chance.normal(smallest, 1, 500)), arm(chance.normal(0, 1, 500))).p < 0.05 for _ in range(400))
    assert 0.74 <= seen / 400 <= 0.86


def test_of_several_arms_one_that_is_lucky_is_no_find() -> None:
    assert holm([0.01, 0.02, 0.5]) == pytest.approx([0.03, 0.04, 0.5])
    assert holm([]) == []


def test_a_split_that_is_not_the_one_that_was_meant_is_noticed() -> None:
    assert ratio_p([5_000, 5_000], [1, 1]) == pytest.approx(1.0)
    assert ratio_p([900, 100], [9, 1]) == pytest.approx(1.0)
    assert ratio_p([5_300, 4_700], [1, 1]) < 1e-6


def trial(past: np.ndarray, arms: np.ndarray, outcome: np.ndarray, **more: object) -> Trial:
    return Trial(arms, {"spend": outcome}, past, ("before",), **more)  # type: ignore[arg-type]


def test_where_the_better_customers_were_chosen_their_difference_is_no_effect() -> None:
    chance = np.random.default_rng(6)
    before = chance.exponential(10, (4_000, 1))
    targeted = np.where(before[:, 0] + chance.normal(0, 5, 4_000) > 10, "mail", "none")
    found = judged(trial(before, targeted, before[:, 0] + chance.normal(0, 1, 4_000)), "none")
    assert not found.is_trial
    assert [(arm, name) for arm, name, _ in found.apart] == [("mail", "before")]


def test_where_chance_decided_the_past_is_alike_and_it_is_a_trial() -> None:
    chance = np.random.default_rng(7)
    before = chance.exponential(10, (4_000, 1))
    arms = chance.choice(["mail", "none"], 4_000)
    found = judged(trial(before, arms, before[:, 0]), "none")
    assert found.is_trial
    assert found.apart == ()
    assert not judged(trial(before, arms, before[:, 0], is_random=False), "none").is_trial
    assert not judged(trial(before, arms, before[:, 0], shares={"mail": 9.0, "none": 1.0}), "none").is_trial


def test_an_arm_of_one_has_no_doubt_that_anybody_could_state() -> None:
    with pytest.raises(TooFew):
        effect(arm(np.array([1.0])), arm(np.array([1.0, 2.0])))


def test_outcomes_that_never_vary_have_no_doubt_and_no_division_by_nothing() -> None:
    found = effect(arm(np.ones(50)), arm(np.ones(50)))
    assert (found.difference, found.error, found.p) == (0, 0, 1)
