"""A member's story in the terminal: every posting, the balance after each, a reason for every point, in each language."""

from __future__ import annotations

from datetime import timedelta

import pytest

from club.statement import answered, told
from shared.domain.voice import LANGUAGES
from tests.laws.shop import OPENED, Shop, bought
from tests.laws.test_order_of_arrival import BASE
from tests.laws.test_proof import busy_shop


def lines(shop: Shop, member: str, language: str | None = None) -> list[str]:
    laws = shop.club.laws
    account, rows = shop.account(member), shop.rows(member)
    return list(told(account, rows, laws.latest(), laws.version, language, shop.now))


def test_a_story_is_told_from_its_beginning_with_the_balance_after_each_posting_and_every_reason() -> None:
    shop, one, _two = busy_shop()
    said = lines(shop, one)
    assert (
        said[0]
        == f"{one}: {len(shop.rows(one))} postings. Times are America/New_York's, amounts in each wallet's smallest unit."
    )
    assert said[1:5] == [
        "",
        "   1  2025-01-01 07:00  join        no points",
        "      join#main#J-1",
        "      Joined the club.",
    ]
    at = said.index("      purchase#main#A-1")
    assert said[at - 1] == "   2  2025-01-01 07:00  purchase    points +200 = 200"
    assert said[at + 1 : at + 3] == [
        "      Purchase A-1 at main: 200 points.",
        "      • base: 1 point for every $1.00 of $200.00 makes 200 points.",
    ]
    kinds = {line.split()[3] for line in said if line[:4].strip().isdigit()}
    assert kinds == {"join", "purchase", "return", "hold", "capture", "reversal", "void"}
    conversion = next(line for line in said if "money +5 = 5" in line)
    assert "points -10 = " in conversion
    account = shop.account(one)
    assert f"points: {account.posted}, of which {account.posted} available" in said
    assert "money: 5, of which 5 available" in said
    assert f"      {account.lots[0].points} from 2025-01-01 to 2025-03-02" in said


def test_the_last_balance_of_a_story_is_the_one_that_is_stored() -> None:
    shop, one, two = busy_shop()
    for member in (one, two):
        last = next(line for line in reversed(lines(shop, member)) if "points +" in line or "points -" in line)
        assert int(last.split("points ")[1].split()[2]) == shop.account(member).posted


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_story_is_told_in_a_language_of_choice_and_figures_stand_on_lines_of_their_own(language: str) -> None:
    shop, one, _two = busy_shop()
    said = lines(shop, one, language)
    joined = {"en": "Joined the club.", "he": "הצטרפות למועדון.", "fa": "عضویت در باشگاه."}
    assert joined[language] in said[4]
    figures = [line for line in said if line[:4].strip().isdigit()]
    assert len(figures) == len(shop.rows(one))
    assert all(line.isascii() for line in figures)


def test_what_a_correction_changes_of_earlier_postings_is_told_by_their_numbers() -> None:
    first = '[[earn]]\nid = "first"\nwhen = "member.purchases == 0"\npoints = 50\nper = "purchase"\n'
    shop = Shop(BASE + first)
    member = shop.join()
    shop.now += timedelta(days=2)
    shop.buy(bought("A-2", shop.now, ("CD-1", 1, 1_000)) | {"member_id": member})
    shop.buy(bought("A-1", OPENED + timedelta(days=1), ("CD-1", 1, 1_000)) | {"member_id": member})
    said = lines(shop, member)
    at = next(place for place, line in enumerate(said) if "difference" in line)
    assert said[at + 3] == "      • 2: -50"


def test_the_story_for_programs_is_the_statement_of_the_api_from_its_beginning() -> None:
    shop, one, _two = busy_shop()
    laws = shop.club.laws
    answer = answered(shop.account(one), shop.rows(one), laws.latest(), laws.version, None, shop.now)
    assert [entry["sequence"] for entry in answer["entries"]] == list(range(1, shop.account(one).sequence + 1))
    assert answer["next_cursor"] is None
