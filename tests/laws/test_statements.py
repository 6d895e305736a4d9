"""Stories in which much happens at once: every posting, and what the member has in the end, to the last unit and the last day.

What they come to was worked out once, by hand, and stands in `statements/`.
"""

from __future__ import annotations

from itertools import zip_longest
from pathlib import Path

import pytest

from tests.laws.statement import statement
from tests.laws.stories import STORIES

STATEMENTS = Path(__file__).parent / "statements"


@pytest.mark.parametrize("name", STORIES)
def test_every_posting_of_a_story_says_exactly_what_happened(name: str) -> None:
    story = STORIES[name]()
    told = statement(story, *story.members).splitlines()
    expected = (STATEMENTS / f"{name}.txt").read_text("utf-8").splitlines()
    # The first line that differs says more than all that follow from it.
    assert next((pair for pair in zip_longest(told, expected) if pair[0] != pair[1]), None) is None


def test_every_statement_is_of_a_story() -> None:
    assert {one.stem for one in STATEMENTS.iterdir()} == set(STORIES)
