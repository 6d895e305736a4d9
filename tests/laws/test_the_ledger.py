"""T1: thousands of steps, a fault in every second of them, and after each the laws hold."""

from __future__ import annotations

from typing import ClassVar

from tests.laws.endpoint import Endpoint, fresh_tables
from tests.laws.machine import Ledger
from tests.laws.runs import SEED, STEPS, run

# A request over the wire takes milliseconds; the same steps run on paper by the thousand.
STEPS_OVER_THE_WIRE = 150
KINDS = frozenset(
    {"join", "purchase", "event", "return", "parked return", "purchase waited for", "hold", "capture", "void", "reversal",
     "adjust", "expire", "tick", "rule change", "replay"}
)  # fmt: skip


def test_whatever_is_asked_for_and_however_the_line_breaks_the_ledger_tells_the_truth() -> None:
    print(f"LAWS_SEED={SEED} LAWS_STEPS={STEPS}")
    made = run(STEPS, SEED)
    print(made.total(), dict(made))
    assert made.total() >= STEPS
    assert set(made) == KINDS or STEPS < 1_000


def test_the_same_holds_where_transactions_are_real(endpoint: Endpoint) -> None:
    print(f"LAWS_SEED={SEED}")

    class OverTheWire(Ledger):
        """A club on tables of its own behind a real line."""

        opened_line: ClassVar = staticmethod(
            lambda until_the_end: (endpoint.line(), until_the_end.enter_context(fresh_tables(endpoint)))
        )

    assert run(STEPS_OVER_THE_WIRE, SEED, OverTheWire, examples=4).total() >= STEPS_OVER_THE_WIRE
