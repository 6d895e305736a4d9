"""`club expected`: members as the model sees them, and sums that are those of all."""

from __future__ import annotations

from datetime import date

import pytest

from club.expected import shown
from shared.domain.census import Line
from shared.domain.voice import Voice
from shared.statistics.buying import Bought, Buying, Spending
from shared.statistics.expectations import bands, bought, value_of

MODEL, VALUES = Buying(0.243, 4.414, 0.793, 2.426), Spending(6.25, 3.74, 1_544.0)
TODAY = date(2026, 11, 30)


def line(first: int, last: int, days: int, again_minor: int) -> Line:
    """A member whose first and last purchase were so many days ago."""
    now = TODAY.toordinal()
    return Line(now - first, now - first, now - last, days, days, 0, again_minor=again_minor)


LINES = [line(70, 7, 4, 6_000), line(350, 300, 6, 9_000), line(140, 140, 1, 0)]


def test_a_member_is_seen_in_weeks_since_the_first_purchase() -> None:
    assert bought(LINES[0], TODAY) == Bought(3, 9.0, 10.0)
    assert value_of(LINES[0]) == (3, 2_000.0)


def test_the_bands_together_are_everybody() -> None:
    found = bands(LINES, MODEL, VALUES, TODAY, 90)
    assert sum(one.members for one in found) == 3
    assert sum(one.purchases for one in found) == pytest.approx(
        sum(MODEL.expected(bought(one, TODAY), 90 / 7) for one in LINES)
    )
    rows = list(zip(*(column.cells for column in shown(found, 90, Voice("en", "USD")).columns), strict=True))
    assert rows[-1][:2] == ("all", "3")
    # Who bought once last year and never again is in the likely band: the model never lets go of one purchase.
    assert [row[1] for row in rows[:-1]] == ["2", "0", "0", "1"]


def test_where_nobody_knows_what_is_spent_there_is_no_data() -> None:
    found = bands(LINES, MODEL, None, TODAY, 90)
    assert {one.minor for one in found} == {None}
    assert "no data" in next(iter(shown(found, 90, Voice("en", "USD")).columns[4].cells))
