"""A trial as columns: units, the arm of each, what became of them, what was known of them before; and what may be said of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from shared.statistics.effects import RATIO_P_MIN, Arm, Effect, Imbalance, Numbers, effect, holm, imbalances, ratio_p

Texts = NDArray[np.str_]


class Trial(NamedTuple):
    """`past` has a column for each of `past_names`. `shares`: what part of the units each arm was meant to have; empty where
    nobody says. `is_random`: whether chance decided who is in which arm, as far as whoever asks knows. `is_plain`: the past
    is only looked at."""

    arms: Texts
    outcomes: Mapping[str, Numbers]
    past: Numbers
    past_names: tuple[str, ...]
    shares: Mapping[str, float] = {}
    is_random: bool = True
    is_plain: bool = False


class Compared(NamedTuple):
    """One arm against the control in one outcome. `p` is corrected for all arms that are compared in this outcome."""

    arm: str
    outcome: str
    effect: Effect
    p: float
    is_share: bool


class Judged(NamedTuple):
    """What a trial says. `unequal`: by how rare a chance the arms have other sizes than were meant, None where nobody said which.
    `apart`: figures of the past in which the arms differ more than chance allows, with the arm. `is_trial`: whether a
    difference may be called an effect."""

    control: str
    sizes: Mapping[str, int]
    compared: tuple[Compared, ...]
    unequal: float | None
    apart: tuple[tuple[str, str, Imbalance], ...]
    is_trial: bool


def judged(trial: Trial, control: str) -> Judged:
    """Raises TooFew."""
    names = [str(name) for name in np.unique(trial.arms)]
    sizes = {name: int((trial.arms == name).sum()) for name in names}
    treated = [name for name in names if name != control]
    at = {name: trial.arms == name for name in names}
    compared: list[Compared] = []
    for outcome, values in trial.outcomes.items():
        past = trial.past[:, :0] if trial.is_plain else trial.past
        found = [
            effect(Arm(values[at[name]], past[at[name]]), Arm(values[at[control]], past[at[control]]))
            for name in treated
        ]
        is_share = bool(np.isin(values, (0.0, 1.0)).all())
        for name, one, p in zip(treated, found, holm([one.p for one in found]), strict=True):
            compared.append(Compared(name, outcome, one, p, is_share))
    unequal = None
    if trial.shares:
        unequal = ratio_p([sizes[name] for name in names], [trial.shares[name] for name in names])
    apart = tuple(
        (name, trial.past_names[one.column], one)
        for name in treated
        for one in imbalances(trial.past[at[name]], trial.past[at[control]])
        if one.is_no_chance
    )
    is_trial = trial.is_random and not apart and (unequal is None or unequal >= RATIO_P_MIN)
    return Judged(control, sizes, tuple(compared), unequal, apart, is_trial)
