"""What is counted as a month is one: each part once, all members in its figures, and units by AWS's rule."""

from __future__ import annotations

import pytest

from benchmarks import month
from benchmarks.month import closed, lines, measured


def test_a_month_counts_each_part_once_and_costs_what_its_lines_come_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(month, "PART_MEMBERS", 500)
    told = closed(2_000)
    (counting, _), (closing, _) = told.parts, told.month
    # Of each of four parts its sums, its two figures of money with the days beside them, its margin, and its name.
    assert told.rows == 4 * 7
    assert counting.write_units >= told.rows
    # Nothing is written but chapters, which this does not close; and what both passes read is asked for once a part and column.
    assert closing.write_units == 0
    assert closing.trips == 1 + 4 * (1 + 3 + 2 * 2)
    assert min(told.peak_bytes) > 0
    assert told.bill.usd == sum(usd for _, usd in told.bill.lines)


def test_the_members_are_the_same_in_every_run_and_of_every_kind() -> None:
    some = lines(200, 3)
    assert some == lines(200, 3)
    assert {bool(one.purchases_12m) for one in some if one.first} == {True, False}
    assert any(not one.first for one in some)
    assert all(one.first <= one.last and one.purchases_12m <= one.purchases for one in some)


def test_the_growth_is_told_beside_that_of_the_members(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(month, "PART_MEMBERS", 500)
    figures = {figure.name: figure for figure in measured((500, 1_000)).figures}
    assert "2 times the members" in figures["Memory of closing, for each member more"].beside
    assert "A month of 1,000 members" in figures
