"""T1: thousands of steps, a fault in every second of them, and after each the laws hold."""

from __future__ import annotations

from typing import ClassVar

import pytest

from tests.laws.endpoint import Endpoint, fresh_tables
from tests.laws.machine import Ledger
from tests.laws.runs import SEED, STEPS, run

# What finds the planted bugs runs on paper: here it is held against what it stands for.
STEPS_ON_PAPER = 1_000
KINDS = frozenset(
    {"join", "purchase", "event", "return", "parked return", "purchase waited for", "hold", "capture", "void", "reversal",
     "adjust", "expire", "merge", "tick", "rule change", "replay"}
)  # fmt: skip


def test_whatever_is_asked_for_and_however_the_line_breaks_the_ledger_tells_the_truth(
    endpoint: Endpoint, capsys: pytest.CaptureFixture[str]
) -> None:
    with capsys.disabled():
        print(f"\nLAWS_SEED={SEED} LAWS_STEPS={STEPS}", flush=True)

    class OverTheWire(Ledger):
        """A club on tables of its own behind a real line."""

        opened_line: ClassVar = staticmethod(
            lambda until_the_end: (endpoint.line(), until_the_end.enter_context(fresh_tables(endpoint)))
        )

    made = run(STEPS, SEED, OverTheWire)
    with capsys.disabled():
        print(f"{made.total()} steps: {dict(made)}", flush=True)
    assert made.total() >= STEPS
    assert set(made) == KINDS or STEPS < 1_000


def test_the_same_holds_on_paper() -> None:
    made = run(STEPS_ON_PAPER, SEED)
    assert made.total() >= STEPS_ON_PAPER
    assert set(made) == KINDS
