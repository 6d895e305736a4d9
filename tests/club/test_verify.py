"""What `club verify` and `club rebuild` tell an operator."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from club.console import Trouble
from club.export import stories
from club.rebuild import rebuilt
from club.verify import concluded, instant_of, named, proofs, scanned, told
from shared.actions.prove_ledger import Fault, Proving
from shared.domain.decide import ms
from shared.store.backend import Drop
from shared.store.rows import account_row
from tests.laws.shop import Shop
from tests.laws.test_proof import _balance, _hash, _rest, accounts, busy_shop, found, put


def run(shop: Shop) -> tuple[list[str], int]:
    proving = Proving(shop.club.store, shop.club.laws, ms(shop.now))
    said = [told(fault) for fault in proofs(proving, scanned(shop.memory), is_whole=True)]
    return said, concluded(proving.tally, len(said), None)


def test_a_club_that_is_whole_is_said_to_be(capsys: pytest.CaptureFixture[str]) -> None:
    shop, _one, _two = busy_shop()
    postings = sum(account.sequence for account in accounts(shop))
    assert run(shop) == ([], 0)
    said = capsys.readouterr()
    assert f"2 accounts and {postings} postings are proven: nothing is broken." in said.out
    assert "Proving accounts by their postings" in said.err


def test_a_broken_account_is_named_with_its_first_difference_and_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    shop, one, _two = busy_shop()
    posted = shop.account(one).posted
    _balance(shop, one)
    said, status = run(shop)
    assert said[0] == (
        f"{one}: posted is {posted + 1}; its postings make {posted}. "
        f"The ledger is whole: `club rebuild --member {one}` writes the account anew from its postings."
    )
    assert status == 1
    # Without the sums of the broken one the rest is no whole.
    assert "1 accounts and" in capsys.readouterr().out


def test_a_broken_ledger_is_restored_and_never_written() -> None:
    shop, one, _two = busy_shop()
    _hash(shop, one)
    before = list(shop.memory.scanned("ledger"))
    said, _ = run(shop)
    assert "purchase#main#A-1 does not match its hash" in said[0]
    assert "restore it to the minute before" in said[0]
    line, is_done = rebuilt(shop.club.store, shop.club.laws, one)
    assert not is_done
    assert "nothing was written, since the ledger itself is broken" in line
    assert list(shop.memory.scanned("ledger")) == before


def test_what_stands_beside_the_ledger_is_named_too() -> None:
    shop, one, _two = busy_shop()
    _rest(shop, one)
    assert "The ledger is whole: what stands beside it was changed" in run(shop)[0][0]


def test_a_broken_account_is_written_anew_from_its_postings_and_a_whole_one_is_left_alone() -> None:
    shop, one, _two = busy_shop()
    was, row = shop.account(one), shop.memory.get("accounts", {"a": one})
    _balance(shop, one)
    line, is_done = rebuilt(shop.club.store, shop.club.laws, one)
    assert (is_done, shop.account(one)) == (True, was)
    assert line == f"{one}: written anew from {was.sequence} postings; points {was.posted + 1}, now {was.posted}."
    assert shop.memory.get("accounts", {"a": one}) == row
    line, is_done = rebuilt(shop.club.store, shop.club.laws, one)
    assert is_done
    assert "nothing was written" in line


def test_an_account_that_was_lost_is_made_again_but_for_what_is_the_persons() -> None:
    shop, one, _two = busy_shop()
    was = shop.account(one)
    shop.memory.write([Drop("accounts", {"a": one})])
    assert rebuilt(shop.club.store, shop.club.laws, one)[1]
    assert shop.account(one) == was._replace(language="", source="")
    assert found(shop) == []


def test_an_account_that_cannot_be_read_is_named_and_made_again() -> None:
    shop, one, _two = busy_shop()
    was = shop.account(one)
    put(shop, "accounts", account_row(was) | {"z": b"no figures"})
    said, status = run(shop)
    assert said[0].startswith(f"{one}: account cannot be read. The ledger is whole: `club rebuild --member {one}`")
    assert status == 1
    assert list(named(shop.memory, [one])) == [Fault(one, "account", "cannot be read", "account")]
    with pytest.raises(Trouble, match="cannot be read: `club verify` says what to do"):
        list(stories(shop.club.store, shop.club.laws, scanned(shop.memory)))
    assert rebuilt(shop.club.store, shop.club.laws, one)[1]
    assert shop.account(one) == was._replace(language="", source="")


def test_an_account_that_was_never_there_cannot_be_made() -> None:
    shop, _one, _two = busy_shop()
    line, is_done = rebuilt(shop.club.store, shop.club.laws, "M0000000000000009")
    assert not is_done
    assert "has no postings" in line


def test_only_the_members_that_were_asked_for_are_proven() -> None:
    shop, one, two = busy_shop()
    assert list(named(shop.memory, [two, one, two])) == [shop.account(two), shop.account(one)]
    with pytest.raises(Trouble, match="There is no member 'M-9'"):
        list(named(shop.memory, ["M-9"]))


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2025-01-01T10:00:00+02:00", datetime(2025, 1, 1, 8, tzinfo=UTC)),
        ("2025-01-01T10:00:00", datetime(2025, 1, 1, 15, tzinfo=UTC)),
        ("2025-01-01", datetime(2025, 1, 2, 5, tzinfo=UTC) - timedelta(microseconds=1)),
    ],
)
def test_an_instant_has_an_offset_or_is_in_the_programmes_zone(text: str, instant: datetime) -> None:
    shop, _one, _two = busy_shop()
    assert instant_of(text, shop.club.laws, datetime(2025, 6, 1, tzinfo=UTC)) == instant


@pytest.mark.parametrize(("text", "why"), [("yesterday", "is no instant"), ("2025-07-01", "is yet to come")])
def test_what_is_no_instant_of_the_past_is_refused_in_a_sentence(text: str, why: str) -> None:
    shop, _one, _two = busy_shop()
    with pytest.raises(Trouble, match=why):
        instant_of(text, shop.club.laws, datetime(2025, 6, 1, tzinfo=UTC))
