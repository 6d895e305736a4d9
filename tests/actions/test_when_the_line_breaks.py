"""Faults between the club and DynamoDB, made on purpose: one posting and one answer, or a clear no with nothing written."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from club.up import OpenClub
from shared.actions.club import Club
from shared.actions.enrol_member import enrol_member
from shared.actions.find_member import account_of, find_member
from shared.actions.read_statement import read_statement
from shared.actions.record_purchase import quote_purchase, recorded_purchase
from shared.domain.errors import Busy, ContactTaken
from shared.domain.member import Lookup
from shared.store.lines import Answer
from shared.store.sender import ATTEMPTS_MAX
from tests.actions.tills import MAIN, answer, club_on, new_member, person, plenty, postings, purchase, record
from tests.storefront import new_id
from tests.wire import Attempt, Fault, Wire, answer_lost, cancelled, never_sent, on, refusing, throttled

pytestmark = pytest.mark.usefixtures("pauses")

WRITE = "TransactWriteItems"


def test_a_purchase_that_never_left_is_sent_again(tills: Club, wire: Wire) -> None:
    bought = purchase(member_id=new_member(tills))
    with wire.broken(on(WRITE, never_sent, times=1)):
        assert not record(tills, bought).replayed
    assert [row["n"] for row in postings(tills, str(bought.member_id))] == [1, 2]


def test_a_purchase_whose_answer_was_lost_once_gives_the_same_answer(tills: Club, wire: Wire) -> None:
    bought = purchase(member_id=new_member(tills))
    wire.forget()
    with wire.broken(on(WRITE, answer_lost, times=1)):
        first = record(tills, bought)
    assert wire.attempts.count(WRITE) == 2
    assert not first.replayed
    assert answer(tills, first.row, bought) == answer(tills, record(tills, bought).row, bought)
    assert [row["n"] for row in postings(tills, str(bought.member_id))] == [1, 2]


def test_a_purchase_whose_every_answer_was_lost_gives_the_same_answer(tills: Club, wire: Wire) -> None:
    bought = purchase(member_id=new_member(tills))
    wire.forget()
    with wire.broken(on(WRITE, answer_lost, times=ATTEMPTS_MAX)):
        first = record(tills, bought)
    assert wire.attempts.count(WRITE) == ATTEMPTS_MAX
    assert answer(tills, first.row, bought) == answer(tills, record(tills, bought).row, bought)
    assert [row["n"] for row in postings(tills, str(bought.member_id))] == [1, 2]


def test_a_purchase_whose_answers_stay_lost_is_found_when_the_till_repeats_it(tills: Club, wire: Wire) -> None:
    bought = purchase(member_id=new_member(tills))
    lost, dead = on(WRITE, answer_lost), on("GetItem", never_sent)

    def line(attempt: Attempt) -> Answer | None:
        # Once the write has left, nothing at all gets through any more.
        return lost(attempt) or (dead(attempt) if WRITE in wire.attempts else None)

    wire.forget()
    with wire.broken(line), pytest.raises(Busy):
        record(tills, bought)
    again = record(tills, bought)
    assert again.replayed
    assert json.loads(str(again.row["d"])) == [29, 29]
    assert [row["n"] for row in postings(tills, str(bought.member_id))] == [1, 2]


def test_a_guests_purchase_whose_every_answer_was_lost_is_one_posting(tills: Club, wire: Wire) -> None:
    bought = purchase()
    with wire.broken(on("PutItem", answer_lost, times=ATTEMPTS_MAX)):
        first = record(tills, bought)
    assert answer(tills, first.row, bought) == answer(tills, record(tills, bought).row, bought)


def test_a_line_that_is_dead_is_told_and_nothing_is_written(tills: Club, wire: Wire) -> None:
    member_id = new_member(tills)
    bought = purchase(member_id=member_id)
    with wire.broken(on(WRITE, never_sent)), pytest.raises(Busy):
        record(tills, bought)
    assert tills.store.posting(f"purchase#main#{bought.purchase_id}") is None
    assert len(postings(tills, member_id)) == 1
    assert not record(tills, bought).replayed


@pytest.mark.parametrize("times", [1, 5])
def test_a_purchase_that_meets_another_in_dynamodb_is_tried_again(tills: Club, wire: Wire, times: int) -> None:
    bought = purchase(member_id=new_member(tills))
    wire.forget()
    with wire.broken(on(WRITE, cancelled("None", "TransactionConflict"), times)):
        assert not record(tills, bought).replayed
    assert wire.attempts.count(WRITE) == times + 1
    assert len(postings(tills, str(bought.member_id))) == 2


@pytest.mark.parametrize("chance", [0.0, 0.5, 1.0])
def test_a_purchase_that_meets_others_without_end_waits_by_chance_and_is_refused_in_time(
    tills: Club, wire: Wire, chance: float
) -> None:
    bought = purchase(member_id=new_member(tills))
    paused: list[float] = []
    hurried = replace(tills, sleep=paused.append, chance=lambda: chance)
    with wire.broken(on(WRITE, cancelled("None", "TransactionConflict"))), pytest.raises(Busy):
        record(hurried, bought, lambda: 9.5 - sum(paused))
    # Full jitter: anything from nothing to the whole pause, which grows to 200 ms.
    assert max(paused) == pytest.approx(0.2 * chance)
    assert paused == sorted(paused)
    assert sum(paused) < 9.5
    assert len(postings(tills, str(bought.member_id))) == 1


def test_a_purchase_with_no_time_left_is_refused_before_anything_is_written(tills: Club, wire: Wire) -> None:
    bought = purchase(member_id=new_member(tills))
    wire.forget()
    with pytest.raises(Busy):
        record(tills, bought, lambda: 0.9)
    assert WRITE not in wire.attempts


@pytest.mark.parametrize("told", [{"k": {"S": "x"}}, {}])
def test_a_conflict_decides_over_a_failed_condition(tills: Club, wire: Wire, told: dict[str, object]) -> None:
    # Read as "seen", this would be a purchase with other content; read as "stale", an account that is not there.
    bought = purchase(member_id=new_member(tills))
    for reasons in (
        ({"Code": "ConditionalCheckFailed", "Item": told}, "TransactionConflict"),
        ("TransactionConflict", {"Code": "ConditionalCheckFailed", "Item": told}),
    ):
        with wire.broken(on(WRITE, cancelled(*reasons), times=1)):
            record(tills, bought)
    assert len(postings(tills, str(bought.member_id))) == 2


@pytest.mark.parametrize(
    "code", ["ThrottlingException", "ProvisionedThroughputExceededException", "RequestLimitExceeded"]
)
@pytest.mark.parametrize("operation", [WRITE, "GetItem"])
def test_a_throttled_purchase_is_sent_three_times_at_most_and_then_refused(
    tills: Club, wire: Wire, pauses: list[float], operation: str, code: str
) -> None:
    bought = purchase(member_id=new_member(tills))
    wire.forget()
    with wire.broken(on(operation, refusing(code))), pytest.raises(Busy):
        record(tills, bought)
    assert wire.attempts.count(operation) == ATTEMPTS_MAX == 3
    assert len(pauses) == 2
    assert tills.store.posting(f"purchase#main#{bought.purchase_id}") is None
    assert len(postings(tills, str(bought.member_id))) == 1


@pytest.mark.parametrize("reason", ["ThrottlingError", "ProvisionedThroughputExceeded"])
def test_a_transaction_throttled_within_is_not_sent_more_than_three_times(tills: Club, wire: Wire, reason: str) -> None:
    bought = purchase(member_id=new_member(tills))
    wire.forget()
    with wire.broken(on(WRITE, cancelled("None", reason))), pytest.raises(Busy):
        record(tills, bought)
    assert wire.attempts.count(WRITE) <= ATTEMPTS_MAX
    assert not record(tills, bought).replayed


@pytest.mark.parametrize("code", ["InternalServerError", "ServiceUnavailable"])
def test_a_fault_of_dynamodbs_own_is_refused_as_busy_and_nothing_is_doubled(tills: Club, wire: Wire, code: str) -> None:
    bought = purchase(member_id=new_member(tills))

    def done_and_failed(attempt: Attempt) -> Answer | None:
        attempt.send()
        return refusing(code, 500)(attempt)

    with wire.broken(on(WRITE, refusing(code, 500))), pytest.raises(Busy):
        record(tills, bought)
    with wire.broken(on(WRITE, done_and_failed, times=ATTEMPTS_MAX)):
        first = record(tills, bought)
    assert answer(tills, first.row, bought) == answer(tills, record(tills, bought).row, bought)
    assert len(postings(tills, str(bought.member_id))) == 2


def test_a_purchase_throttled_for_a_moment_goes_through(tills: Club, wire: Wire) -> None:
    bought = purchase(member_id=new_member(tills))
    with wire.broken(on(WRITE, throttled, times=2)):
        assert not record(tills, bought).replayed
    assert len(postings(tills, str(bought.member_id))) == 2


@pytest.mark.parametrize("fault", [throttled, never_sent], ids=["throttled", "line dead"])
def test_whatever_is_asked_while_dynamodb_does_not_answer_is_refused_as_busy(
    tills: Club, wire: Wire, fault: Fault
) -> None:
    card = new_id("CARD")
    member_id = new_member(tills, card=card)
    anew = club_on(wire)
    asked = {
        "quote": lambda: quote_purchase(tills, MAIN, purchase(member_id=member_id)),
        "purchase by card": lambda: record(tills, purchase(card=card)),
        "purchase of a guest": lambda: record(tills, purchase()),
        "purchase again": lambda: recorded_purchase(tills, MAIN, "main", "A-1"),
        "member": lambda: account_of(tills, MAIN, member_id),
        "look-up": lambda: find_member(tills, MAIN, Lookup(card=card)),
        "statement": lambda: read_statement(tills, MAIN, member_id, None, 25),
        "join": lambda: enrol_member(tills, MAIN, new_id("join"), person(), plenty),
        "law": lambda: anew.laws.at(anew.now()),
    }
    for question, ask in asked.items():
        wire.forget()
        with wire.broken(fault), pytest.raises(Busy):
            ask()
        assert 0 < len(wire.attempts) <= 2 * ATTEMPTS_MAX, question
        assert max(wire.attempts.count(one) for one in wire.attempts) <= ATTEMPTS_MAX, question


def test_another_purchase_that_comes_between_reading_and_writing_costs_one_more_write_and_no_read(
    tills: Club, wire: Wire, club: OpenClub
) -> None:
    member_id = new_member(tills)
    other = club_on(Wire(club.running))

    def overtaken(_attempt: Attempt) -> Answer | None:
        record(other, earlier)
        return None

    earlier = purchase(member_id=member_id)
    wire.forget()
    with wire.broken(on(WRITE, overtaken, times=1)):
        recorded = record(tills, purchase(member_id=member_id))
    assert wire.attempts == ["GetItem", WRITE, WRITE]
    assert recorded.row["n"] == 3
    assert json.loads(str(recorded.row["d"])) == [29, 58]
    postings(tills, member_id)


def test_joining_whose_every_answer_was_lost_is_one_member(tills: Club, wire: Wire) -> None:
    joining, key = person(), new_id("join")
    with wire.broken(on(WRITE, answer_lost, times=ATTEMPTS_MAX)):
        first = enrol_member(tills, MAIN, key, joining, plenty)
    again = enrol_member(tills, MAIN, key, joining, plenty)
    assert again.replayed
    assert again.row == first.row
    assert find_member(tills, MAIN, Lookup(card=joining.card)).id == first.row["a"]
    with pytest.raises(ContactTaken):
        enrol_member(tills, MAIN, new_id("join"), joining, plenty)
