"""The machine is no ornament: each bug that is planted, it finds."""

from __future__ import annotations

import pytest

from tests.laws.bugs import BUGS, Bug
from tests.laws.runs import SEED, Found, run

# With none of them it makes twice as many steps and finds nothing: `test_the_ledger.py`.
STEPS_MAX = 1_500


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.__name__)
def test_a_planted_bug_is_found(bug: Bug, monkeypatch: pytest.MonkeyPatch) -> None:
    bug(monkeypatch)
    with pytest.raises(Found):
        run(STEPS_MAX, SEED)
