"""Runs of the machine by the number of steps, each from a seed that makes it the same again."""

from __future__ import annotations

import itertools
import os
from collections import Counter
from typing import Any

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.laws.machine import Ledger

# `LAWS_SEED=… LAWS_STEPS=…` before pytest: another run, or the same one again.
SEED = int(os.environ.get("LAWS_SEED", "4"))
STEPS = int(os.environ.get("LAWS_STEPS", "3000"))
# To look for the shortest way to a failure takes minutes: `LAWS_SHRINK=1` does.
SHRINKS = bool(os.environ.get("LAWS_SHRINK"))
STEPS_OF_AN_EXAMPLE = 50


class Found(AssertionError):
    """A law is broken: how often what was asked for until then, and the seed of it."""


def run(steps: int, first_seed: int, machine: type[Ledger] = Ledger, *, examples: int = 10) -> Counter[str]:
    """How often each kind of step was made. Raises Found, with the seed of its round."""
    made: Counter[str] = Counter()
    for number in itertools.count(first_seed):
        one: Any = seed(number)(type(machine.__name__, (machine,), {"steps": made}))
        phases = [Phase.generate, Phase.shrink] if SHRINKS else [Phase.generate]
        try:
            run_state_machine_as_test(
                one,
                settings=settings(
                    max_examples=examples, stateful_step_count=STEPS_OF_AN_EXAMPLE, deadline=None, database=None,
                    suppress_health_check=list(HealthCheck), phases=phases, report_multiple_bugs=False,
                ),
            )  # fmt: skip
        except Exception as broken:
            again = f"LAWS_SEED={number} LAWS_STEPS=1 pytest tests/laws/test_the_ledger.py"
            raise Found(f"after {made.total()} steps; again with {again}") from broken
        if made.total() >= steps:
            return made
    raise AssertionError("numbers do not end")
