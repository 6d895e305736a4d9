"""What every keeper of rows promises, dicts and DynamoDB alike: the contract of `shared/store/backend.py`."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from shared.store.backend import BY_ACCOUNT_ATTRIBUTES, Backend, Drop, Put
from shared.store.table import Tables
from tests.wire import Wire, on, refusing

ROW: dict[str, Any] = {
    "k": "purchase#main#A-1",
    "text": "نوآ לוי",
    "empty": "",
    "largest": 10**18 - 1,
    "negative": -3,
    "truth": True,
    "lie": False,
    "bytes": b"\x00\xff",
    "list": [1, "two", [3, b"4"], {"five": False}],
    "map": {"email": "noa@example.com", "nested": {"n": 7}},
}


def test_a_row_comes_back_as_it_was_written(backend: Backend) -> None:
    assert backend.write([Put("ledger", ROW)]) == {}
    found = backend.get("ledger", {"k": ROW["k"]})
    assert found == ROW
    assert found is not None
    assert {name: type(value) for name, value in found.items()} == {name: type(value) for name, value in ROW.items()}


def test_a_row_that_was_never_written_is_not_there(backend: Backend) -> None:
    assert backend.get("people", {"m": "M1", "p": "profile"}) is None


def test_a_row_is_found_by_its_whole_key_only(backend: Backend) -> None:
    backend.write([Put("people", {"m": "M1", "p": "profile", "name": "Noa"})])
    assert backend.get("people", {"m": "M1", "p": "consent"}) is None
    assert backend.write([Put("people", {"m": "M1", "p": "consent"}, absent=True)]) == {}


def test_a_row_that_may_be_written_once_is_written_once_and_the_first_is_told(backend: Backend) -> None:
    first = {"k": "purchase#main#A-1", "total": 2990}
    assert backend.write([Put("ledger", first, absent=True)]) == {}
    assert backend.write([Put("ledger", first | {"total": 1}, absent=True)]) == {0: first}
    assert backend.get("ledger", {"k": first["k"]}) == first


def test_a_row_that_changed_since_it_was_read_is_not_overwritten_and_the_newer_is_told(backend: Backend) -> None:
    backend.write([Put("accounts", {"a": "M1", "n": 1})])
    assert backend.write([Put("accounts", {"a": "M1", "n": 2}, where=("n", 1))]) == {}
    assert backend.write([Put("accounts", {"a": "M1", "n": 2, "b": 9}, where=("n", 1))]) == {0: {"a": "M1", "n": 2}}
    assert backend.get("accounts", {"a": "M1"}) == {"a": "M1", "n": 2}


def test_a_row_that_should_have_been_there_and_is_not_is_told_as_empty(backend: Backend) -> None:
    assert backend.write([Put("accounts", {"a": "M1", "n": 2}, where=("n", 1))]) == {0: {}}
    assert backend.get("accounts", {"a": "M1"}) is None


def test_several_rows_are_written_together_or_not_at_all(backend: Backend) -> None:
    ledger, account = Put("ledger", {"k": "p#1"}, absent=True), Put("accounts", {"a": "M1", "n": 1})
    alias = Put("aliases", {"k": "card#1", "a": "M1"}, absent=True)
    backend.write([Put("aliases", {"k": "card#1", "a": "M9"})])
    assert backend.write([ledger, account, alias]) == {2: {"k": "card#1", "a": "M9"}}
    assert backend.get("ledger", {"k": "p#1"}) is None
    assert backend.get("accounts", {"a": "M1"}) is None


def test_each_row_that_was_refused_is_told_by_its_place(backend: Backend) -> None:
    backend.write([Put("ledger", {"k": "p#1", "c": "purchase"})])
    backend.write([Put("accounts", {"a": "M1", "n": 5})])
    puts = [
        Put("ledger", {"k": "p#1"}, absent=True),
        Put("accounts", {"a": "M1", "n": 3}, where=("n", 2)),
        Put("accounts", {"a": "M2", "n": 3}, where=("n", 2)),
        Put("aliases", {"k": "card#1", "a": "M1"}, absent=True),
    ]
    assert backend.write(puts) == {0: {"k": "p#1", "c": "purchase"}, 1: {"a": "M1", "n": 5}, 2: {}}


def test_what_a_reader_does_to_a_row_does_not_change_the_stored_one(backend: Backend) -> None:
    key = {"kind": "programme", "id": "index"}
    backend.write([Put("club", key | {"versions": [[1, 0, "a"]]})])
    found: Any = backend.get("club", key)
    found["versions"].append([2, 0, "b"])
    assert backend.get("club", key) == key | {"versions": [[1, 0, "a"]]}


@pytest.mark.parametrize("asked", [0, 1, 100, 250])
def test_many_rows_are_read_at_once_and_those_that_are_missing_are_left_out(backend: Backend, asked: int) -> None:
    for index in range(0, asked, 2):
        backend.write([Put("ledger", {"k": f"p#{index}", "n": index})])
    found = backend.get_many("ledger", [{"k": f"p#{index}"} for index in range(asked)])
    assert sorted(int(row["n"]) for row in found) == list(range(0, asked, 2))


def test_rows_that_dynamodb_left_out_of_an_answer_are_asked_for_again(tables: Tables, wire: Wire) -> None:
    for index in range(3):
        tables.write([Put("ledger", {"k": f"p#{index}"})])
    name = tables._names["ledger"]
    keys = [{"k": {"S": f"p#{index}"}} for index in range(3)]
    nothing = refusing("", 200, Responses={name: []}, UnprocessedKeys={name: {"Keys": keys, "ConsistentRead": True}})
    with wire.broken(on("BatchGetItem", nothing, times=2)):
        assert len(tables.get_many("ledger", [{"k": f"p#{index}"} for index in range(3)])) == 3
    assert wire.attempts.count("BatchGetItem") == 3


def test_the_postings_of_an_account_are_listed_newest_first_below_a_sequence(backend: Backend) -> None:
    for sequence in range(1, 6):
        backend.write([Put("ledger", {"k": f"p#{sequence}", "a": "M1", "n": sequence, "c": "purchase"})])
    backend.write([Put("ledger", {"k": "other", "a": "M2", "n": 9}), Put("ledger", {"k": "a guest's"})])
    assert [row["n"] for row in backend.entries("M1", None, 10)] == [5, 4, 3, 2, 1]
    assert [row["n"] for row in backend.entries("M1", None, 2)] == [5, 4]
    assert [row["n"] for row in backend.entries("M1", 4, 2)] == [3, 2]
    assert backend.entries("M1", 1, 2) == []
    assert backend.entries("M3", None, 2) == []


def test_the_index_carries_what_a_statement_needs_and_no_more(backend: Backend) -> None:
    row = {"k": "p#1", "a": "M1", "n": 1, "t": 5, "c": "purchase", "d": "[1,1]", "h": b"h", "l": "[]", "e": "[]"}
    backend.write([Put("ledger", row)])
    (found,) = backend.entries("M1", None, 1)
    assert set(found) == {"k", "a", "n", *BY_ACCOUNT_ATTRIBUTES}
    assert all(found[name] == row[name] for name in found)


def test_the_rows_of_a_partition_are_listed_in_the_order_of_their_keys(backend: Backend) -> None:
    for name in ("b", "a", "c"):
        backend.write([Put("club", {"kind": "key", "id": name})])
    backend.write([Put("club", {"kind": "store", "id": "a"})])
    assert [row["id"] for row in backend.listed("club", "key")] == ["a", "b", "c"]
    assert backend.listed("club", "nothing") == []


def test_a_partition_larger_than_a_page_is_listed_whole(backend: Backend) -> None:
    # A page of DynamoDB's is 1 MB.
    for index in range(6):
        backend.write([Put("club", {"kind": "key", "id": str(index), "text": "x" * 250_000})])
    assert [row["id"] for row in backend.listed("club", "key")] == list("012345")


def test_counting_stops_at_the_limit(backend: Backend) -> None:
    assert [backend.counted("lookups#k#1", 3, 4_000) for _ in range(5)] == [True, True, True, False, False]
    assert backend.counted("lookups#k#2", 3, 4_000)
    row = backend.get("limits", {"k": "lookups#k#1", "s": 0})
    assert row == {"k": "lookups#k#1", "s": 0, "c": 3, "x": 4_000}


def test_counting_is_exact_when_many_count_at_once(tables: Tables) -> None:
    with ThreadPoolExecutor(8) as tills:
        counted = list(tills.map(lambda _: tables.counted("lookups#k#1", 10, 4_000), range(40)))
    assert sum(counted) == 10


def test_one_of_many_who_write_the_same_row_at_once_is_first(tables: Tables) -> None:
    puts = [
        [Put("ledger", {"k": "p#1", "by": till}, absent=True), Put("accounts", {"a": f"M{till}"})] for till in range(8)
    ]
    with ThreadPoolExecutor(8) as tills:
        refused = list(tills.map(tables.write, puts))
    first = tables.get("ledger", {"k": "p#1"})
    assert first is not None
    assert refused.count({}) == 1
    assert all(told == {0: first} for told in refused if told)
    assert [till for till in range(8) if tables.get("accounts", {"a": f"M{till}"})] == [first["by"]]


@pytest.mark.parametrize("parts", [1, 3])
def test_a_scan_goes_on_behind_any_row_and_misses_none_and_brings_none_twice(backend: Backend, parts: int) -> None:
    for number in range(12):
        backend.write([Put("accounts", {"a": f"M{number:016d}", "n": number})])
    seen = []
    for part in range(parts):
        whole = [str(row["a"]) for row in backend.scanned("accounts", part, parts)]
        assert whole == [str(row["a"]) for row in backend.scanned("accounts", part, parts)]
        for at, name in enumerate(whole):
            rest = [str(row["a"]) for row in backend.scanned("accounts", part, parts, {"a": name})]
            assert rest == whole[at + 1 :]
        seen += whole
    assert sorted(seen) == [f"M{number:016d}" for number in range(12)]


def test_a_scan_goes_on_behind_a_row_of_a_table_with_two_keys_and_behind_one_that_is_gone(backend: Backend) -> None:
    for name in "abcdef":
        backend.write([Put("post", {"m": "wait#1#0", "s": name}), Put("post", {"m": "wait#2#0", "s": name})])
    whole = [(row["m"], row["s"]) for row in backend.scanned("post")]
    (partition, sort), rest = whole[4], whole[5:]
    backend.write([Drop("post", {"m": partition, "s": sort})])
    assert [(row["m"], row["s"]) for row in backend.scanned("post", after={"m": partition, "s": sort})] == rest
