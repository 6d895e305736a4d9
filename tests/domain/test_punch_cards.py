"""A punch card: stamps add up to a goal, what is above it stays, and stamps that lapsed complete nothing."""

from __future__ import annotations

from datetime import date

import pytest

from shared.domain.account import Account
from shared.domain.rulebook import Rulebook
from tests.domain.shop import after, member, posted, programme, purchase, rule

STAMP = rule("stamp", wallet="stamps", points=1, per="unit")


def card(**keys: str) -> Rulebook:
    told = "\n".join(f"{name} = {value}" for name, value in keys.items())
    return programme(f'[[wallet]]\nid = "stamps"\ngoal = 10\n{told}', STAMP)


def buying(account: Account, book: Rulebook, units: int, day: str) -> Account:
    at = f"{day}T12:00:00-05:00"
    bought = purchase(1_000 * units, occurred_at=at)
    line = bought.lines[0].model_copy(update={"quantity": units})
    return after(posted(bought.model_copy(update={"lines": (line,)}), account, book))


def stamps(account: Account, day: str) -> tuple[int, int]:
    purse = account.purses["stamps"]
    return purse.on(date.fromisoformat(day)).balance, purse.completed


def test_the_eleventh_stamp_begins_the_next_card() -> None:
    dana = buying(member(), card(), 11, "2026-11-22")
    assert stamps(dana, "2026-11-22") == (1, 1)


def test_one_purchase_may_complete_several_cards() -> None:
    assert stamps(buying(member(), card(), 35, "2026-11-22"), "2026-11-22") == (5, 3)


@pytest.mark.parametrize(("asked", "left"), [("2026-12-02", 9), ("2026-12-03", 0)])
def test_stamps_can_be_seen_until_their_last_day_and_not_after(asked: str, left: int) -> None:
    dana = buying(member(), card(expiry="{ days = 10 }"), 9, "2026-11-22")
    assert stamps(dana, asked) == (left, 0)


def test_stamps_that_lapsed_complete_no_card() -> None:
    book = card(expiry="{ days = 10 }")
    dana = buying(member(), book, 9, "2026-11-22")
    assert stamps(buying(dana, book, 1, "2026-12-02"), "2026-12-02") == (0, 1)
    assert stamps(buying(dana, book, 1, "2026-12-03"), "2026-12-03") == (1, 0)
    assert stamps(buying(dana, book, 12, "2026-12-03"), "2026-12-03") == (2, 1)


def test_stamps_that_are_not_usable_yet_are_told_as_pending() -> None:
    dana = buying(member(), card(pending_days="14"), 3, "2026-11-22")
    purse = dana.purses["stamps"]
    assert (purse.on(date(2026, 12, 5)).available, purse.on(date(2026, 12, 5)).pending) == (0, 3)
    assert (purse.on(date(2026, 12, 6)).available, purse.on(date(2026, 12, 6)).pending) == (3, 0)
