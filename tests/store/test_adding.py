"""Numbers that grow: an `Add` goes with what else is written or not at all, whoever keeps the rows."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.domain.errors import Busy
from shared.store.backend import Add, Backend, Put
from shared.store.table import Tables

DAY = {"kind": "tally#live#2026-11-22", "id": "000000#0"}


def test_what_is_added_makes_the_row_and_then_grows_it(backend: Backend) -> None:
    assert not backend.write([Add("club", DAY, {"purchases": 1, "issued.points": 29})])
    assert not backend.write([Add("club", DAY, {"purchases": 2, "returns": 1}), Put("club", {"kind": "a", "id": "b"})])
    assert backend.get("club", DAY) == {**DAY, "purchases": 3, "issued.points": 29, "returns": 1}


def test_what_is_added_may_be_less_than_nothing(backend: Backend) -> None:
    backend.write([Add("club", DAY, {"purchases": 1})])
    backend.write([Add("club", DAY, {"purchases": -3})])
    assert backend.get("club", DAY) == {**DAY, "purchases": -2}


def test_what_a_row_is_made_with_stays_as_it_was_made(backend: Backend) -> None:
    backend.write([Add("post", {"m": "mails", "s": "0540#1"}, {"sent": 1}, {"x": 100})])
    backend.write([Add("post", {"m": "mails", "s": "0540#1"}, {"sent": 1, "bounced": 1}, {"x": 200})])
    assert backend.get("post", {"m": "mails", "s": "0540#1"}) == {
        "m": "mails",
        "s": "0540#1",
        "sent": 2,
        "bounced": 1,
        "x": 100,
    }


def test_nothing_is_added_where_a_condition_beside_it_fails(backend: Backend) -> None:
    page = {"kind": "seen#1#0", "id": "000000", "n": 8, "h": b"12345678"}
    assert not backend.write([Put("club", page, absent=True), Add("club", DAY, {"purchases": 1})])
    assert backend.write([Put("club", page, absent=True), Add("club", DAY, {"purchases": 1})]) == {0: page}
    assert backend.write([Add("club", DAY, {"purchases": 1}), Put("club", page, where=("n", 9))]) == {1: page}
    assert backend.get("club", DAY) == {**DAY, "purchases": 1}


@pytest.mark.parametrize("together", [1, 2])
def test_sixteen_who_add_at_once_lose_nothing(tables: Tables, together: int) -> None:
    def add(number: int) -> None:
        for one in range(10):
            beside = [Put("club", {"kind": f"x#{number}", "id": str(one)})][: together - 1]
            while True:
                try:
                    assert not tables.write([Add("club", DAY, {"purchases": 1}), *beside])
                    break
                except Busy:
                    continue

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(add, range(16)))
    assert tables.get("club", DAY) == {**DAY, "purchases": 160}
