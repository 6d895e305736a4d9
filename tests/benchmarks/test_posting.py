"""What is timed as the pure posting is a real purchase of a member of two years."""

from __future__ import annotations

import json

import pytest

from benchmarks.posting import USUAL, posting, scene
from benchmarks.shop import LINES_USUAL
from club.up import PROGRAMME
from shared.domain.account import MONTHS_KEPT
from shared.domain.never_firing import never_firing
from shared.domain.row_bytes import row_bytes
from shared.domain.rulebook import rulebook
from shared.store.rows import account_row

PROGRAMMES = pytest.mark.parametrize("programme", [USUAL, PROGRAMME.read_text("utf-8")], ids=["usual", "demo"])


@PROGRAMMES
def test_the_posting_that_is_timed_earns_points_and_moves_the_account_on_by_one(programme: str) -> None:
    bought, account, book, now = scene(programme)
    posted = posting(bought, account, book, now)
    assert posted.after is not None
    assert posted.after.sequence == account.sequence + 1
    assert posted.row["k"] == f"purchase#main#{bought.purchase_id}"
    assert len(bought.lines) == LINES_USUAL
    earned = json.loads(str(posted.row["d"]))[0]
    assert earned == posted.after.points_earned - account.points_earned > 0


@PROGRAMMES
def test_its_member_has_bought_for_two_years_and_still_fits_in_a_kilobyte(programme: str) -> None:
    _, account, _, _ = scene(programme)
    assert len(account.months) == MONTHS_KEPT
    # One for each month of the year that points live, the oldest of which has just lapsed.
    assert len(account.lots) >= 12
    assert row_bytes(account_row(account)) <= 1024


def test_the_limit_holds_for_a_programme_that_has_no_fault() -> None:
    assert never_firing(USUAL, rulebook(USUAL).programme) == []
