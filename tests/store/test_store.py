"""Committing, joining and reading through the store, whoever keeps the rows: the contract of `shared/store/store.py`."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.domain.account import Account
from shared.domain.contacts import ContactKind
from shared.domain.ledger import verify
from shared.store.backend import Backend, Put
from shared.store.store import Committed, Seen, Stale, Store, Taken
from shared.store.table import Tables
from tests.store.club_rows import buying, guest_buying, joining, profile


@pytest.fixture
def store(backend: Backend) -> Store:
    return Store(backend)


def joined(store: Store, member: str = "M1") -> Account:
    """A member of the store's, as read back."""
    posting = joining(member, f"join#main#{member}")
    assert store.enrol(posting, [("card", f"card#1#{member}")], [profile(member)]) == Committed()
    account = store.account(member)
    assert account is not None
    return account


def bought(store: Store, account: Account, *purchase_ids: str) -> Account:
    for purchase_id in purchase_ids:
        posting = buying(account, purchase_id)
        assert store.commit(posting) == Committed()
        assert posting.after is not None
        account = posting.after
    return account


def test_a_person_who_joins_is_found_by_card_and_has_an_account(store: Store) -> None:
    posting = joining("M1")
    people = [profile("M1"), {"m": "M1", "p": "consent#2026#email_marketing", "granted": True}]
    assert store.enrol(posting, [("card", "card#1#x"), ("email", "email#1#y")], people) == Committed()
    assert store.account_id_of(["card#1#x"]) == store.account_id_of(["email#1#y"]) == "M1"
    assert store.account("M1") == posting.after
    assert store.posting(posting.key) == posting.row
    assert store.backend.listed("people", "M1") == sorted(people, key=lambda row: str(row["p"]))


def test_joining_twice_with_one_key_gives_the_first_joining(store: Store) -> None:
    first, again = joining("M1"), joining("M2")
    store.enrol(first, [("card", "card#1#x")], [profile("M1")])
    assert store.enrol(again, [("card", "card#1#x")], [profile("M2")]) == Seen(first.row)
    assert store.account("M2") is None
    assert store.backend.listed("people", "M2") == []


@pytest.mark.parametrize("taken", [("card", "card#1#x"), ("card", "card#2#x"), ("email", "email#1#x")])
def test_a_contact_of_another_member_is_refused_and_nothing_is_written(
    store: Store, taken: tuple[ContactKind, str]
) -> None:
    theirs: list[tuple[ContactKind, str]] = [("card", "card#1#x"), ("card", "card#2#x"), ("email", "email#1#x")]
    store.enrol(joining("M1"), theirs, [profile("M1")])
    newcomer = joining("M2", "join#main#2")
    aliases: list[tuple[ContactKind, str]] = [("card", "card#2#new"), ("email", "email#2#new"), taken]
    assert store.enrol(newcomer, aliases, [profile("M2")]) == Taken(taken[0])
    assert store.account("M2") is None
    assert store.posting(newcomer.key) is None
    assert store.account_id_of(["card#2#new"]) is None
    assert store.account_id_of(["email#2#new"]) is None
    assert store.backend.listed("people", "M2") == []


def test_a_purchase_is_in_the_ledger_and_on_the_account(store: Store) -> None:
    posting = buying(joined(store), "A-1")
    assert store.commit(posting) == Committed()
    assert store.posting("purchase#main#A-1") == posting.row
    assert store.account("M1") == posting.after


def test_a_purchase_that_was_seen_gives_the_first_posting_whatever_happened_since(store: Store) -> None:
    account = joined(store)
    first = buying(account, "A-1")
    store.commit(first)
    assert first.after is not None
    later = bought(store, first.after, "A-2", "A-3")
    # Decided on the account as it is now, and on the one of then: its sequence is stale as well.
    assert store.commit(buying(later, "A-1")) == Seen(first.row)
    assert store.commit(buying(account, "A-1", shipping_minor=5)) == Seen(first.row)
    assert store.account("M1") == later


def test_a_purchase_decided_on_an_account_that_moved_on_is_given_the_newer_account(store: Store) -> None:
    account = joined(store)
    newer = bought(store, account, "A-1")
    late = buying(account, "A-2")
    assert store.commit(late) == Stale(newer)
    assert store.posting("purchase#main#A-2") is None
    assert store.commit(buying(newer, "A-2")) == Committed()


def test_a_guests_purchase_is_recorded_once_and_touches_no_account(store: Store) -> None:
    posting = guest_buying("G-1")
    assert store.commit(posting) == Committed()
    assert store.commit(posting) == Seen(posting.row)
    assert store.entries("M1", None, 10) == []


def test_what_a_newer_release_wrote_on_an_account_survives_a_purchase(store: Store) -> None:
    joined(store)
    row = dict(store.backend.get("accounts", {"a": "M1"}) or {}) | {"w": 7, "w2": {"x": ["y", b"z", True]}}
    store.backend.write([Put("accounts", row)])
    account = store.account("M1")
    assert account is not None
    bought(store, account, "A-1", "A-2")
    after = store.backend.get("accounts", {"a": "M1"})
    assert after is not None
    assert (after["w"], after["w2"], after["n"]) == (7, {"x": ["y", b"z", True]}, 3)


def test_a_statement_is_read_page_by_page_and_proves_the_balance(store: Store) -> None:
    account = bought(store, joined(store), *(f"A-{number}" for number in range(6)))
    pages, before = [], None
    while page := store.entries("M1", before, 3):
        pages.append([row["n"] for row in page])
        before = int(page[-1]["n"])
    assert pages == [[7, 6, 5], [4, 3, 2], [1]]
    verify(account, reversed(store.entries("M1", None, 100)))


def test_postings_that_the_index_does_not_show_yet_are_read_along_the_chain(store: Store) -> None:
    account = bought(store, joined(store), "A-1", "A-2", "A-3")
    assert [row["n"] for row in store.postings_down_to(account, 2)] == [4, 3]
    assert [row["n"] for row in store.postings_down_to(account, 0)] == [4, 3, 2, 1]
    assert store.postings_down_to(account, 4) == []


def test_a_contact_is_known_under_every_living_pepper_the_newest_first(store: Store) -> None:
    store.backend.write([Put("aliases", {"k": "card#1#x", "a": "M1"}), Put("aliases", {"k": "card#2#x", "a": "M2"})])
    assert store.account_id_of(["card#2#x", "card#1#x"]) == "M2"
    assert store.account_id_of(["card#3#x", "card#1#x"]) == "M1"
    assert store.account_id_of(["card#3#x", "card#4#x"]) is None
    assert store.account_id_of(["card#3#x"]) is None


def test_look_ups_are_counted_by_key_and_minute(store: Store) -> None:
    assert [store.looked_up("key", 100, 2) for _ in range(3)] == [True, True, False]
    assert store.looked_up("key", 101, 2)
    assert store.looked_up("another", 100, 2)
    row = store.backend.get("limits", {"k": "lookups#key#100", "s": 0})
    assert row is not None
    # Swept away an hour after its minute.
    assert row["x"] == 100 * 60 + 3600


def test_one_purchase_reported_by_eight_tills_at_once_is_one_posting(tables: Tables) -> None:
    store = Store(tables)
    account = joined(store)
    postings = [buying(account, "A-1", tax_minor=till) for till in range(8)]
    with ThreadPoolExecutor(8) as tills:
        outcomes = list(tills.map(store.commit, postings))
    row = store.posting("purchase#main#A-1")
    assert row is not None
    assert outcomes.count(Committed()) == 1
    assert outcomes.count(Seen(row)) == 7
    assert len(store.entries("M1", None, 100)) == 2


def test_of_eight_purchases_decided_on_one_account_one_is_committed(tables: Tables) -> None:
    store = Store(tables)
    account = joined(store)
    postings = [buying(account, f"A-{till}") for till in range(8)]
    with ThreadPoolExecutor(8) as tills:
        outcomes = list(tills.map(store.commit, postings))
    after = store.account("M1")
    assert after is not None
    assert outcomes.count(Committed()) == 1
    assert outcomes.count(Stale(after)) == 7
    verify(after, reversed(store.entries("M1", None, 100)))


def test_of_eight_persons_with_one_card_one_joins(tables: Tables) -> None:
    store = Store(tables)

    def join(till: int) -> object:
        return store.enrol(joining(f"M{till}", f"join#main#{till}"), [("card", "card#1#x")], [profile(f"M{till}")])

    with ThreadPoolExecutor(8) as tills:
        outcomes = list(tills.map(join, range(8)))
    owner = store.account_id_of(["card#1#x"])
    assert outcomes.count(Committed()) == 1
    assert outcomes.count(Taken("card")) == 7
    assert [f"M{till}" for till in range(8) if store.account(f"M{till}")] == [owner]


def test_a_sweep_reads_every_account_once_in_whatever_parts(store: Store) -> None:
    for number in range(7):
        joined(store, f"M{number}")
    for parts in (1, 3):
        found = [row["a"] for part in range(parts) for row in store.backend.scanned("accounts", part, parts)]
        assert sorted(found) == [f"M{number}" for number in range(7)]


def test_a_scan_that_stopped_at_a_row_goes_on_behind_it(store: Store) -> None:
    for number in range(7):
        joined(store, f"M{number}")
    in_order = [row["a"] for row in store.backend.scanned("accounts")]
    for place, account in enumerate(in_order, start=1):
        assert [row["a"] for row in store.backend.scanned("accounts", after={"a": account})] == in_order[place:]


def test_postings_of_some_kinds_since_an_instant_are_read_whole(store: Store) -> None:
    account = bought(store, joined(store), "A-1", "A-2", "A-3")
    rows = {row["k"]: row for row in store.story(account)}
    purchases = {key: row for key, row in rows.items() if row["c"] == "purchase"}
    told = store.lately(account, ("purchase",), 0, 100)
    assert {row["k"]: row for row in told} == purchases
    assert len(purchases) == 3
    assert {row["k"] for row in store.lately(account, ("join",), 0, 100)} == set(rows) - set(purchases)
    newest = store.lately(account, ("join", "purchase"), 0, 2)
    assert sorted(int(row["n"]) for row in newest) == [3, 4]
    recorded = max(int(row["t"]) for row in rows.values())
    assert store.lately(account, ("purchase",), recorded + 1, 100) == []
