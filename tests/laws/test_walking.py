"""The sweep in many messages: killed at any page, out of time at any account, refused by DynamoDB: each member once (S5)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from shared.actions.walking import AGAIN_MAX, ENOUGH_S
from shared.store.backend import Contended, Write
from tests.laws.clockwork import Clockwork, Killed, Paging
from tests.laws.shop import Shop
from tests.laws.test_sweep import BIRTHDAY, EARN, at_noon, dues, with_birthday

PAGE = 3


def celebrating(members: int) -> tuple[Shop, list[str]]:
    """Members whose birthday it is, in the night before the sweep."""
    shop = Shop(EARN + BIRTHDAY)
    joined = [shop.join() for _ in range(members)]
    for member in joined:
        with_birthday(shop, member, ("gregorian", 3, 9))
    at_noon(shop, date(2025, 3, 9))
    return shop, joined


def each_has_one(shop: Shop, members: list[str]) -> None:
    assert [dues(shop, member) for member in members] == [[("birthday", "2025-03-09", 50)]] * len(members)
    for member in members:
        shop.prove(member)


@pytest.mark.parametrize("parts", [1, 2, 5])
def test_killed_at_any_page_a_sweep_skips_no_member_and_gives_none_twice(parts: int) -> None:
    shop, members = celebrating(11)
    whole = Paging(shop.memory, PAGE)
    for part in range(parts):
        list(shop.memory.scanned("accounts", part, parts))
    pages = whole.pages
    assert pages >= 11 // PAGE
    for killed_at in range(1, pages + 1):
        shop, members = celebrating(11)

        def kill(page: int, at: int = killed_at) -> None:
            if page == at:
                raise Killed

        Paging(shop.memory, PAGE, before=kill)
        clock = Clockwork(shop, parts)
        clock.run("sweep")
        assert clock.dead == []
        each_has_one(shop, members)


@pytest.mark.parametrize("parts", [1, 3])
@pytest.mark.parametrize("accounts_at_a_time", [1, 2, 4])
def test_a_part_whose_time_is_nearly_over_goes_on_in_the_next_message(parts: int, accounts_at_a_time: int) -> None:
    shop, members = celebrating(12)
    paging = Paging(shop.memory, 1)
    clock = Clockwork(shop, parts, lambda: ENOUGH_S - 1 if paging.pages % accounts_at_a_time == 0 else 2 * ENOUGH_S)
    clock.run("sweep")
    assert clock.dead == []
    assert clock.messages >= 1 + 12 // accounts_at_a_time
    each_has_one(shop, members)


@pytest.mark.parametrize("killed_after", [1, 2, 3, 4])
def test_killed_after_it_sent_the_next_message_a_walk_goes_on_twice_and_gives_once(killed_after: int) -> None:
    shop, members = celebrating(6)
    paging = Paging(shop.memory, 1)
    clock = Clockwork(shop, 2, lambda: ENOUGH_S - 1 if paging.pages % 2 == 0 else 2 * ENOUGH_S, killed_after)
    clock.run("sweep")
    assert clock.sent > killed_after
    assert clock.dead == []
    each_has_one(shop, members)


def refusing(shop: Shop, who: set[str], times: int) -> None:
    """Writes of these members' accounts are contended, each so many tries of the sweep long."""
    write, left = shop.memory.write, dict.fromkeys(who, times)

    def contended(puts: Sequence[Write]) -> dict[int, Any]:
        for put in puts:
            if put.table == "accounts" and left.get(put.row["a"], 0):
                left[put.row["a"]] -= 1
                raise Contended
        return write(puts)

    shop.memory.write = contended  # type: ignore[method-assign]


def test_an_account_that_could_not_be_done_is_done_by_the_message_that_goes_on() -> None:
    shop, members = celebrating(9)
    refusing(shop, {members[0], members[4]}, 60)
    paging = Paging(shop.memory, 1)
    clock = Clockwork(shop, 2, lambda: ENOUGH_S - 1 if paging.pages % 2 == 0 else 2 * ENOUGH_S)
    clock.run("sweep")
    assert clock.dead == []
    each_has_one(shop, members)


def test_one_account_that_is_never_done_stops_nobody_else_and_its_message_lies_with_the_dead_letters() -> None:
    shop, members = celebrating(9)
    refusing(shop, {members[4]}, 10_000)
    clock = Clockwork(shop, 1, lambda: ENOUGH_S - 1)
    clock.run("sweep")
    (dead,) = clock.dead
    assert (dead["job"], dead["again"]) == ("sweep", [members[4]])
    each_has_one(shop, [member for member in members if member != members[4]])
    assert dues(shop, members[4]) == []


def test_where_many_accounts_are_refused_the_part_comes_again_instead_of_carrying_them_along() -> None:
    shop, members = celebrating(AGAIN_MAX + 5)
    refusing(shop, set(members), 60)
    clock = Clockwork(shop)
    clock.run("sweep")
    assert clock.dead == []
    assert clock.longest < 1_000
    each_has_one(shop, members)


def test_an_account_that_cannot_be_read_stops_nobody_else() -> None:
    shop, members = celebrating(5)
    shop.broken = True
    shop.memory._tables["accounts"][(members[2],)]["z"] = b"torn"
    clock = Clockwork(shop)
    clock.run("sweep")
    assert clock.dead == []
    each_has_one(shop, [member for member in members if member != members[2]])
