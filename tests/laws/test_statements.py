"""Stories in which much happens at once: every posting, and what the member has in the end, to the last unit and the last day.

What they come to was worked out once, by hand, and stands in `statements/`.
"""

from __future__ import annotations

from itertools import zip_longest
from pathlib import Path

import pytest

from shared.domain.ledger import legs_of, unpacked
from shared.store import keys
from tests.laws.statement import statement
from tests.laws.stories import STORIES, Story

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


def booked(story: Story, club: str) -> int:
    """What all members' postings booked on one of the club's own accounts."""
    return sum(
        leg.points
        for member in story.members
        for row in story.rows(member)
        for leg in legs_of(row)
        if leg.account == club
    )


def test_what_the_club_lost_is_booked_once_however_often_it_is_told_again() -> None:
    story = STORIES["held_when_it_comes_back_and_lost"]()
    # 80 points were redeemed, and what was not brought back had given 36.
    assert booked(story, "lost") == 36 - 80


def test_rewards_that_a_late_return_frees_are_free_once() -> None:
    story = STORIES["late_return_puts_rewards_back_on_their_shelf"]()
    row = story.memory.get("limits", {"k": keys.shelf("live", "stamps"), "s": 0})
    assert row is not None
    # Seven were taken and came back, and then one was given again: of three, two are left.
    assert (row["c"], row["b"], unpacked(row["h"])) == (7, 6, [])


def test_a_reward_that_came_along_and_was_brought_back_is_not_completed_again() -> None:
    story = STORIES["return_of_what_was_bought_before_two_became_one"]()
    # Four stamps became a reward, came back, and four others became one.
    assert booked(story, "completed/stamps") == 4
