"""What is timed as a proof is one: a member of so many postings, proven whole; and what a till sends after a purchase fits it."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice

from benchmarks.after import visits
from benchmarks.members import Member
from benchmarks.proof import filled
from shared.actions.prove_ledger import Proving
from shared.domain.decide import ms


def test_the_member_whose_rebuild_is_timed_has_the_postings_that_are_told_and_is_proven() -> None:
    club, member, each_s = filled(40)
    account = club.store.account(member)
    assert account is not None
    assert account.sequence == len(club.store.story(account)) == 40
    assert each_s > 0
    proof = Proving(club.store, club.laws, ms(club.now())).account(account)
    assert (proof.fault, proof.account) == (None, account)


def test_each_visit_comes_after_the_one_before_so_that_none_is_late() -> None:
    made = list(islice(visits(Member("M1", "C1", 0), datetime(2026, 1, 1, tzinfo=UTC)), 3))
    names = [[name for name, _ in visit.requests] for visit in made]
    assert names == [["purchase", "return", "hold", "capture"]] * 3
    paths = [told["rawPath"].rpartition("/v1/")[2].split("/")[0] for _, told in made[0].requests]
    assert paths == ["purchases", "returns", "redemptions", "redemptions"]
    assert made[0].requests[3][1]["pathParameters"]["redemption_id"] in made[0].requests[3][1]["rawPath"]
