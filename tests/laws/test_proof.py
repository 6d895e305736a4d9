"""P11: the ledger proves itself, and whatever is broken on purpose is named."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from shared.actions.merge_members import merge_members
from shared.actions.prove_ledger import Fault, Proving
from shared.actions.staff import Staff
from shared.domain.decide import ms
from shared.domain.ledger import chained, packed, unpacked
from shared.domain.lots import Lot
from shared.domain.staff_requests import Merge
from shared.store.backend import Drop, Put, TableName
from shared.store.rows import account_of, account_row
from tests.laws.shop import OPENED, Shop, bought, came_back, plenty
from tests.laws.test_redemptions import PAYING


def busy_shop() -> tuple[Shop, str, str]:
    """A club with all that happens: purchases, a late one, returns, an early one, redemptions, a lapse, a debt, a guest."""
    shop = Shop(PAYING)
    one, two = shop.join(), shop.join()
    at = OPENED
    shop.buy(bought("A-1", at, ("CD-1", 2, 20_000)) | {"member_id": one})
    shop.buy(bought("A-2", at, ("CD-1", 1, 9_000), ("LP-1", 1, 3_000)) | {"member_id": two})
    shop.buy(bought("G-1", at, ("CD-1", 2, 4_000)))
    shop.now += timedelta(hours=3)
    shop.bring_back(came_back("R-1", at + timedelta(hours=1), "A-1", amount_minor=5_000))
    shop.bring_back(came_back("R-2", at + timedelta(hours=1), "G-1", lines=[{"sku": "CD-1", "quantity": 1}]))
    shop.bring_back(came_back("R-3", at + timedelta(hours=3), "A-9", amount_minor=1_000))
    shop.buy(bought("A-9", at + timedelta(hours=2), ("CD-1", 1, 2_000)) | {"member_id": one})
    shop.hold("RD-1", one, units=30, purchase_id="A-1")
    shop.capture("RD-1")
    shop.reverse("RD-1", "B-1", units=10)
    shop.hold("RD-2", two, reward="coffee")
    shop.hold("RD-3", one, reward="credit")
    shop.capture("RD-3")
    shop.hold("RD-4", one, units=5)
    shop.void("RD-4")
    shop.adjust(two, 7, "ADJ-1")
    shop.buy(bought("A-0", at - timedelta(minutes=1) + timedelta(hours=1), ("CD-1", 1, 700)) | {"member_id": one})
    return shop, one, two


def found(shop: Shop, until: Any = None, **more: Any) -> list[Fault]:
    proving = Proving(shop.club.store, shop.club.laws, ms(shop.now), until)
    faults = [proof.fault for proof in map(proving.account, accounts(shop)) if proof.fault is not None]
    return [*faults, *proving.whole()]


def accounts(shop: Shop) -> list[Any]:
    return [account_of(row) for row in shop.memory.scanned("accounts")]


def put(shop: Shop, table: TableName, row: dict[str, Any]) -> None:
    """Writes behind the club's back."""
    shop.broken = True
    shop.memory.write([Put(table, row)])


def drop(shop: Shop, table: TableName, key: dict[str, Any]) -> None:
    shop.broken = True
    shop.memory.write([Drop(table, key)])


def changed(shop: Shop, key: str, change: Callable[[dict[str, Any]], Any], table: TableName = "ledger") -> None:
    """Rewrites a row behind the club's back."""
    name = {"k": key} | ({"s": 0} if table == "limits" else {})
    row = dict(shop.memory.get(table, name) or {})
    assert row, f"there is no row {key}"
    change(row)
    put(shop, table, row)


def test_a_club_that_nobody_tampered_with_is_proven_whole() -> None:
    shop, one, _two = busy_shop()
    proving = Proving(shop.club.store, shop.club.laws, ms(shop.now))
    proofs = [proving.account(account) for account in accounts(shop)]
    assert [proof.fault for proof in proofs] == [None, None]
    assert list(proving.whole()) == []
    assert proving.tally.accounts == 2
    assert proving.tally.postings == sum(account.sequence for account in accounts(shop))
    assert proving.tally.posted["points"] == sum(account.posted for account in accounts(shop))
    assert proving.tally.posted["money"] == shop.account(one).purses["money"].posted == 5
    assert proving.tally.club["redeemed", "points"] == 30 - 10 + 10
    assert proving.tally.unbalanced() == {}


@pytest.mark.parametrize("days", [0, 61, 400])
def test_time_alone_breaks_nothing(days: int) -> None:
    shop, _one, two = busy_shop()
    shop.now += timedelta(days=days)
    shop.buy(bought("A-8", shop.now, ("CD-1", 1, 100)) | {"member_id": two})
    assert found(shop) == []


def _balance(shop: Shop, one: str) -> None:
    put(shop, "accounts", account_row(shop.account(one)._replace(posted=shop.account(one).posted + 1)))


def _lot(shop: Shop, one: str) -> None:
    account = shop.account(one)
    first, *rest = account.lots
    put(shop, "accounts", account_row(account._replace(lots=(first._replace(points=first.points - 1), *rest))))


def _expiry_of_a_lot(shop: Shop, one: str) -> None:
    account = shop.account(one)
    first, *rest = account.lots
    moved = Lot(first.usable_on, first.expires_on + timedelta(days=1) if first.expires_on else None, first.points)
    put(shop, "accounts", account_row(account._replace(lots=(moved, *rest))))


def _sequence(shop: Shop, one: str) -> None:
    put(shop, "accounts", account_row(shop.account(one)._replace(sequence=shop.account(one).sequence - 1)))


def _purse(shop: Shop, one: str) -> None:
    account = shop.account(one)
    purses = {**account.purses, "money": account.purses["money"]._replace(posted=6)}
    put(shop, "accounts", account_row(account._replace(purses=purses)))


def _hold(shop: Shop, one: str) -> None:
    account = shop.account("M0000000000000002")
    holds = {name: hold._replace(until_ms=hold.until_ms + 1) for name, hold in account.holds.items()}
    put(shop, "accounts", account_row(account._replace(holds=holds)))


def _hold_gone(shop: Shop, one: str) -> None:
    put(shop, "accounts", account_row(shop.account("M0000000000000002")._replace(holds={})))


def _leg(shop: Shop, one: str) -> None:
    changed(shop, "purchase#main#A-1", lambda row: row.update(g=row["g"].replace("200", "201", 1)))


def _hash(shop: Shop, one: str) -> None:
    changed(shop, "purchase#main#A-1", lambda row: row.update(h=bytes(32)))


def _link(shop: Shop, one: str) -> None:
    changed(shop, "return#main#R-1", lambda row: row.update(p="purchase#main#A-7"))


def _missing(shop: Shop, one: str) -> None:
    drop(shop, "ledger", {"k": "return#main#R-1"})


def _newest_missing(shop: Shop, one: str) -> None:
    drop(shop, "ledger", {"k": shop.account(one).last_key})


def _foreign(shop: Shop, one: str) -> None:
    row = dict(shop.memory.get("ledger", {"k": "purchase#main#A-1"}) or {})
    put(shop, "ledger", row | {"k": "purchase#main#A-77"})


def _foreign_beyond(shop: Shop, one: str) -> None:
    row = dict(shop.memory.get("ledger", {"k": "purchase#main#A-1"}) or {})
    put(shop, "ledger", row | {"k": "purchase#main#A-77", "n": 900})


def _no_account(shop: Shop, one: str) -> None:
    drop(shop, "accounts", {"a": one})


def _rest(shop: Shop, one: str) -> None:
    def less(row: dict[str, Any]) -> None:
        units, uncounted, money, paid_back, whole = unpacked(row["r"])
        row["r"] = packed([units, uncounted, money - 1, paid_back, whole])

    changed(shop, "rest#purchase#main#A-1", less, "limits")


def _rest_gone(shop: Shop, one: str) -> None:
    drop(shop, "limits", {"k": "rest#purchase#main#A-9", "s": 0})


def _rest_planted(shop: Shop, one: str) -> None:
    put(shop, "limits", {"k": "rest#purchase#main#A-2", "s": 0, "n": 1, "r": "[[],[],100,100,0]", "p": "[]"})


def _rest_of_a_guest(shop: Shop, one: str) -> None:
    changed(shop, "rest#purchase#main#G-1", lambda row: row.update(r="[[[0,2]],[],0,2000,0]"), "limits")


def _payment_forgotten(shop: Shop, one: str) -> None:
    changed(shop, "rest#purchase#main#A-1", lambda row: row.update(p="[]"), "limits")


def _payment_invented(shop: Shop, one: str) -> None:
    named = '["capture#main#RD-1","capture#main#RD-3"]'
    changed(shop, "rest#purchase#main#A-1", lambda row: row.update(p=named), "limits")


def _back_of_a_capture(shop: Shop, one: str) -> None:
    changed(shop, "rest#capture#main#RD-1", lambda row: row.update(r="[[],[],11,0,0]"), "limits")


def _more_back_than_taken(shop: Shop, one: str) -> None:
    changed(shop, "rest#capture#main#RD-1", lambda row: row.update(r="[[],[],31,0,0]"), "limits")


def _stock_taken(shop: Shop, one: str) -> None:
    changed(shop, "stock#coffee", lambda row: row.update(c=1), "limits")


def _stock_held(shop: Shop, one: str) -> None:
    changed(shop, "stock#coffee", lambda row: row.update(h="[]"), "limits")


def _stock_held_by_nobody(shop: Shop, one: str) -> None:
    def more(row: dict[str, Any]) -> None:
        ((_, until),) = unpacked(row["h"])
        row["h"] = packed([*unpacked(row["h"]), ["redemption#main#RD-4", until]])

    changed(shop, "stock#coffee", more, "limits")


def _version(shop: Shop, one: str) -> None:
    rehashed(shop, one, "purchase#main#A-1", lambda row: row.update(v=9))


def rehashed(shop: Shop, member: str, key: str, change: Callable[[dict[str, Any]], Any]) -> None:
    """Rewrites a posting and gives it and all after it hashes that fit, up to the account: a forger who can write everything."""
    rows, digest = [dict(row) for row in shop.rows(member)], b""
    for row in rows:
        if row["k"] == key:
            change(row)
        row["h"] = digest = chained(row, digest)
        put(shop, "ledger", row)
    put(shop, "accounts", account_row(shop.account(member)._replace(last_hash=digest)))


def _forged_leg(shop: Shop, one: str) -> None:
    rehashed(shop, one, "purchase#main#A-1", lambda row: row.update(g=row["g"].replace("200", "201", 1)))


def _forged_legs(shop: Shop, one: str) -> None:
    rehashed(shop, one, "purchase#main#A-1", lambda row: row.update(g=row["g"].replace("200", "201")))


def _forged_lots(shop: Shop, one: str) -> None:
    rehashed(shop, one, "purchase#main#A-1", lambda row: row.update(u='["2025-01-02","2026-01-01"]'))


def _forged_purse(shop: Shop, one: str) -> None:
    legs = f'[["{one}/money",5],["issued/points",-5]]'
    rehashed(shop, one, "purchase#main#A-1", lambda row: row.update(g=row["g"][:-1] + "," + legs[1:]))


BREAKS: dict[Callable[[Shop, str], None], tuple[str, str, str]] = {
    _balance: ("posted", "its postings make", "account"),
    _lot: ("lots[0]", "its postings make", "account"),
    _expiry_of_a_lot: ("lots[0]", "its postings make", "account"),
    _sequence: ("sequence", "its postings make", "account"),
    _purse: ("purses.money", "its postings make", "account"),
    _hold: ("holds.main#RD-2", "its postings make", "account"),
    _hold_gone: ("holds.main#RD-2", "is nothing; its postings make", "account"),
    _leg: ("purchase#main#A-1", "does not match its hash", "ledger"),
    _hash: ("purchase#main#A-1", "does not match its hash", "ledger"),
    _link: ("return#main#R-1", "follows 'purchase#main#A-7', where 'purchase#main#A-1' stands before it", "ledger"),
    _missing: ("return#main#R-1", "is missing", "ledger"),
    _newest_missing: ("purchase#main#A-0", "is missing: the account names it as its newest", "ledger"),
    _foreign: ("purchase#main#A-77", "its posting 2 is 'purchase#main#A-1'", "ledger"),
    _foreign_beyond: ("purchase#main#A-77", "it says that it is posting 900", "ledger"),
    _no_account: ("#", "names an account that is not there", "account"),
    _rest: ("rest#purchase#main#A-1", "says money_minor 4999; its returns make 5000", "beside"),
    _rest_gone: ("rest#purchase#main#A-9", "its returns make", "beside"),
    _rest_planted: ("rest#purchase#main#A-2", "says money_minor 100; its returns make 0", "beside"),
    _rest_of_a_guest: ("rest#purchase#main#G-1", "says units {0: 2}; its returns make {0: 1}", "beside"),
    _payment_forgotten: ("rest#purchase#main#A-1", "does not name 'capture#main#RD-1'", "beside"),
    _payment_invented: ("rest#purchase#main#A-1", "names 'capture#main#RD-3', which did not pay", "beside"),
    _back_of_a_capture: ("rest#capture#main#RD-1", "11 were given back; postings say", "beside"),
    _more_back_than_taken: ("rest#capture#main#RD-1", "31 of the 30 captured", "beside"),
    _stock_taken: ("stock#coffee", "says that 1 were taken; postings say 0", "beside"),
    _stock_held: ("stock#coffee", "does not keep what is held by 'redemption#main#RD-2'", "beside"),
    _stock_held_by_nobody: ("stock#coffee", "keeps one for 'redemption#main#RD-4'", "beside"),
    _version: ("purchase#main#A-1", "names version 9 of the programme", "ledger"),
    _forged_leg: ("purchase#main#A-1", "does not balance: its legs in points sum to 1", "ledger"),
    _forged_legs: ("purchase#main#A-1", "states 200 in points after it; the legs sum to 201", "ledger"),
    _forged_lots: ("#main#", "cannot follow what was posted before it", "ledger"),
    _forged_purse: ("purchase#main#A-1", "does not balance: its legs in", "ledger"),
}


@pytest.mark.parametrize("broken", BREAKS, ids=lambda broken: broken.__name__.strip("_"))
def test_whatever_is_broken_is_named(broken: Callable[[Shop, str], None]) -> None:
    shop, one, _ = busy_shop()
    assert found(shop) == []
    broken(shop, one)
    where, what, mend = BREAKS[broken]
    faults = found(shop)
    assert any(where in one.where and what in one.what and one.mend == mend for one in faults), faults


def test_as_of_an_instant_the_balances_are_those_of_that_instant() -> None:
    shop = Shop(PAYING)
    member = shop.join()
    stood = {}
    for number in range(5):
        shop.buy(bought(f"A-{number}", shop.now, ("CD-1", 1, 1_000)) | {"member_id": member})
        shop.adjust(member, -1, f"ADJ-{number}")
        stood[ms(shop.now)] = shop.account(member).posted
        shop.now += timedelta(days=1)
    shop.join()
    for until, posted in stood.items():
        proving = Proving(shop.club.store, shop.club.laws, ms(shop.now), until)
        proofs = [proving.account(account) for account in accounts(shop)]
        assert [proof.fault for proof in proofs] == [None, None]
        assert list(proving.whole()) == []
        assert (proving.tally.accounts, proving.tally.posted) == (1, {"points": posted})


def test_what_was_broken_later_does_not_touch_an_earlier_instant() -> None:
    shop, _one, _two = busy_shop()
    before = ms(OPENED)
    changed(shop, "adjust#ADJ-1", lambda row: row.update(wy='["mistake","staff-2",""]'))
    assert [fault.where for fault in found(shop)] == ["adjust#ADJ-1"]
    assert found(shop, before) == []
    drop(shop, "ledger", {"k": "join#main#J-1"})
    assert [fault.where for fault in found(shop, before)] == ["join#main#J-1"]


def test_what_was_broken_in_the_account_does_not_touch_an_earlier_instant() -> None:
    shop, one, _ = busy_shop()
    before = ms(OPENED)
    _balance(shop, one)
    assert found(shop, before) == []


def test_an_account_that_is_posted_to_while_it_is_read_is_read_again() -> None:
    shop = Shop(PAYING)
    member = shop.join()
    stale = shop.account(member)
    shop.buy(bought("A-1", shop.now, ("CD-1", 1, 1_000)) | {"member_id": member})
    proving = Proving(shop.club.store, shop.club.laws, ms(shop.now))
    assert proving.account(stale).fault is None
    assert (proving.tally.accounts, proving.tally.posted) == (1, {"points": 10})


def test_a_long_story_is_proven_page_by_page_and_a_twin_on_the_edge_of_a_page_is_seen() -> None:
    shop = Shop(PAYING)
    member = shop.join()
    for number in range(210):
        shop.adjust(member, 1, f"ADJ-{number}")
    assert found(shop) == []
    # A page holds a hundred: the twin of its last row would begin the next one.
    edge = dict(shop.memory.get("ledger", {"k": "adjust#ADJ-110"}) or {})
    assert shop.account(member).sequence - edge["n"] == 99
    put(shop, "ledger", edge | {"k": "adjust#ADJ-999"})
    assert [fault.where for fault in found(shop)] == ["adjust#ADJ-999"]


def merged_shop() -> tuple[Shop, str, str]:
    """Two memberships of one person: what was bought by the one comes back in part before they are made one, and then again."""
    shop = Shop(PAYING)
    left, into = shop.join(), shop.join()
    shop.buy(bought("A-1", OPENED, ("CD-1", 2, 20_000)) | {"member_id": left})
    shop.hold("RD-1", left, units=30, purchase_id="A-1")
    shop.capture("RD-1")
    shop.now += timedelta(hours=2)
    shop.bring_back(came_back("R-1", OPENED + timedelta(hours=1), "A-1", amount_minor=5_000))
    told = Merge(merge_id="M-1", from_member_id=left, into_member_id=into, reason="One person")
    merge_members(shop.club, Staff("noa", ("finance",)), told, plenty)
    shop.bring_back(came_back("R-2", OPENED + timedelta(hours=2), "A-1", amount_minor=5_000))
    shop.reverse("RD-1", "B-1", units=3)
    return shop, left, into


def test_what_comes_back_after_two_memberships_became_one_is_settled_over_both() -> None:
    shop, left, into = merged_shop()
    assert found(shop) == []
    proving = Proving(shop.club.store, shop.club.laws, ms(shop.now))
    assert proving.account(shop.account(left)).fault is None
    assert proving.account(shop.account(into)).fault is None
    _rest(shop, left)
    (fault,) = found(shop)
    assert (fault.where, fault.mend) == ("rest#purchase#main#A-1", "beside")
    assert "says money_minor 9999; its returns make 10000" in fault.what


def test_all_accounts_of_members_and_of_the_club_sum_to_nothing_or_the_wallet_is_named() -> None:
    shop, _one, _two = busy_shop()
    proving = Proving(shop.club.store, shop.club.laws, ms(shop.now))
    for account in accounts(shop):
        proving.account(account)
    assert {name for name, _ in proving.tally.club} == {"issued", "redeemed", "clawed_back", "adjusted"}
    proving.tally.club["issued", "money"] += 3
    (fault,) = proving.whole()
    assert (fault.where, fault.mend) == ("money", "ledger")
    assert "sums to 3 over all accounts" in fault.what
