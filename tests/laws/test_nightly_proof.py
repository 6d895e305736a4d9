"""The nightly proof finds what was written behind the club's back, names nobody in the log, and stops at nothing."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest

from shared.actions.verify_accounts import TOLD_MAX, TURNS, turn_of, verify_accounts
from shared.actions.walking import ENOUGH_S
from shared.store.backend import Put
from shared.store.rows import account_row
from tests.laws.clockwork import Clockwork, Killed, Paging
from tests.laws.shop import OPENED, Shop, bought, plenty

EARN = '[[earn]]\nid = "base"\npoints = 1\nper_minor = 100\n'
LATER = OPENED + timedelta(days=60)


def club_of(members: int) -> tuple[Shop, list[str]]:
    """Members of sixty days ago, who bought once."""
    shop = Shop(EARN)
    joined = [shop.join() for _ in range(members)]
    for number, member in enumerate(joined):
        shop.buy(bought(f"A-{number}", OPENED, ("CD-1", 1, 1_000)) | {"member_id": member})
    shop.now = LATER
    return shop, joined


def break_balance(shop: Shop, member: str) -> None:
    shop.broken = True
    account = shop.account(member)
    shop.memory.write([Put("accounts", account_row(account._replace(posted=account.posted + 1)))])


def broken_on(shop: Shop, *days: date) -> list[str]:
    return [fault.member for fault in verify_accounts(shop.club, days, plenty).faults]


def test_every_account_is_proven_once_in_28_nights_though_nothing_happened_to_it() -> None:
    shop, members = club_of(40)
    for member in members:
        break_balance(shop, member)
    nights = [LATER.date() + timedelta(days=night) for night in range(TURNS)]
    found = [member for night in nights for member in broken_on(shop, night)]
    assert sorted(found) == sorted(members)
    for member in members[:5]:
        (night,) = (night for night in nights if member in broken_on(shop, night))
        assert night.toordinal() % TURNS == turn_of(member)
        assert member in broken_on(shop, night + timedelta(days=TURNS))


def test_an_account_that_changed_since_the_last_night_is_proven_in_this_one() -> None:
    shop, members = club_of(30)
    night = LATER.date() + timedelta(days=1)
    changed = [member for member in members if turn_of(member) != night.toordinal() % TURNS][:3]
    # By a purchase, by a purchase told late, by hand.
    shop.buy(bought("B-1", LATER, ("CD-1", 1, 500)) | {"member_id": changed[0]})
    shop.buy(bought("B-2", OPENED - timedelta(days=0), ("CD-1", 1, 500)) | {"member_id": changed[1]})
    shop.adjust(changed[2], 5, "J-1")
    for member in changed:
        break_balance(shop, member)
    assert sorted(broken_on(shop, night)) == sorted(changed)
    later = [night + timedelta(days=more) for more in range(2, 20)]
    assert broken_on(shop, *[day for day in later if day.toordinal() % TURNS not in map(turn_of, changed)]) == []


def test_what_was_recorded_in_nights_that_were_missed_is_proven_with_them() -> None:
    shop, members = club_of(30)
    night = LATER.date() + timedelta(days=4)
    missed = [night - timedelta(days=back) for back in (3, 2, 1, 0)]
    member = next(one for one in members if turn_of(one) not in {day.toordinal() % TURNS for day in missed})
    shop.adjust(member, 5, "J-1")
    break_balance(shop, member)
    shop.now = LATER + timedelta(days=4)
    assert broken_on(shop, night) == []
    assert broken_on(shop, *missed) == [member]


@pytest.mark.parametrize("parts", [1, 3])
def test_each_broken_account_rings_once_and_is_not_named_in_the_log(
    parts: int, capsys: pytest.CaptureFixture[str]
) -> None:
    shop, members = club_of(12)
    shop.now = OPENED + timedelta(hours=12)
    for member in members[:4]:
        break_balance(shop, member)
    shop.memory._tables["accounts"][(members[5],)]["z"] = b"torn"
    paging = Paging(shop.memory, 1)
    clock = Clockwork(shop, parts, lambda: ENOUGH_S - 1 if paging.pages % 2 == 0 else 2 * ENOUGH_S)
    clock.run("verify")
    said = capsys.readouterr().out
    lines = [json.loads(line) for line in said.splitlines()]
    rung = [line for line in lines if line.get("code") == "ledger_broken"]
    assert rung == [{"level": "error", "code": "ledger_broken", "job": "verify", "outcome": "account"}] * 5
    assert sum(line.get("accounts", 0) for line in lines if "broken" in line) == 12
    assert not any(member in said for member in members)
    assert clock.dead == []


def test_killed_at_any_page_the_proof_still_finds_what_is_broken(capsys: pytest.CaptureFixture[str]) -> None:
    for killed_at in range(1, 5):
        shop, members = club_of(9)
        shop.now = OPENED + timedelta(hours=12)
        break_balance(shop, members[7])

        def kill(page: int, at: int = killed_at) -> None:
            if page == at:
                raise Killed

        Paging(shop.memory, 3, before=kill)
        Clockwork(shop, 2).run("verify")
        assert '"code":"ledger_broken"' in capsys.readouterr().out


def test_of_a_ledger_that_is_broken_everywhere_the_first_faults_are_told_and_all_are_counted() -> None:
    shop, members = club_of(TOLD_MAX + 3)
    for member in members:
        break_balance(shop, member)
    shop.now = OPENED + timedelta(hours=12)
    verified = verify_accounts(shop.club, [OPENED.date()], plenty)
    assert (verified.broken, len(verified.faults)) == (TOLD_MAX + 3, TOLD_MAX)


def test_the_proof_reads_what_it_needs_of_rewards_that_are_held_and_writes_nothing() -> None:
    reward = '[[reward]]\nid = "mug"\nkind = "product"\nsku = "MUG"\nprice = 5\nstock = 3\n'
    shop = Shop(EARN + reward)
    member = shop.join()
    shop.buy(bought("A-1", OPENED, ("CD-1", 1, 1_000)) | {"member_id": member})
    shop.now = OPENED + timedelta(minutes=5)
    shop.hold("R-1", member, reward="mug")
    scanned: list[str] = []
    read = shop.memory.scanned
    shop.memory.scanned = lambda table, *more: scanned.append(table) or read(table, *more)  # type: ignore[method-assign,func-returns-value]
    shop.memory.write = lambda _: pytest.fail("it writes")  # type: ignore[method-assign]
    assert broken_on(shop, OPENED.date()) == []
    assert scanned == ["accounts"]
