"""What postings ask for goes to its own queue: a one-time code never behind a campaign, nothing of a test member, no poison."""

from __future__ import annotations

import json
from typing import Any

import pytest

from shared.actions.hand_over import HandedOver, Queues, hand_over
from shared.domain.ledger import packed
from shared.domain.messages import MESSAGES_OF_A_POSTING_MAX, intent_in
from shared.store.sender import Lost
from shared.store.stream import Record

NOW_MS = 1_774_000_000_000
MEMBER, TESTER = "M0123456789ABCDEF", "T0123456789ABCDEF"


class Line:
    """A line to SQS of the test's own: what was sent, by queue."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []
        self.breaks = False

    def call(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        assert operation == "SendMessage"
        if self.breaks:
            raise Lost(operation)
        self.sent.append((request["QueueUrl"], request["MessageBody"]))
        return {}


@pytest.fixture
def line() -> Line:
    return Line()


def handed(line: Line, *rows: dict[str, Any] | None) -> HandedOver:
    records = [Record(f"place-{at}", str(row["k"]) if row else "?", row) for at, row in enumerate(rows)]
    return hand_over(Queues(line, "urgent", "marketing", "scheduler"), records)  # type: ignore[arg-type]


def says(purpose: str, *more: str, key: str = "due#birthday", member: str = MEMBER) -> dict[str, Any]:
    told = [["birthday", "birthday", one, ["email"], "2026-03-21", 300, {"points": 50}] for one in (purpose, *more)]
    return {"k": f"{key}#{member}#2026-03-20", "a": member, "c": "due", "t": NOW_MS, "ms": packed(told)}


def happened(key: str = "purchase#main#A-1", member: str = MEMBER, hours_ago: int = 0, **more: Any) -> dict[str, Any]:
    return {"k": key, "a": member, "c": "purchase", "t": NOW_MS, "o": NOW_MS - hours_ago * 3_600_000, "tr": 1, **more}


def test_what_somebody_waits_for_has_a_queue_of_its_own(line: Line) -> None:
    assert handed(line, says("urgent", "marketing", "service")) == HandedOver(3, 0, ())
    assert [queue for queue, _ in line.sent] == ["urgent", "marketing", "marketing"]


def test_a_message_says_whose_it_is_what_called_for_it_and_what_it_knows(line: Line) -> None:
    handed(line, says("marketing"))
    intent = intent_in(line.sent[0][1])
    assert (intent.member, intent.source, intent.template, intent.purpose) == (
        MEMBER,
        "birthday",
        "birthday",
        "marketing",
    )
    assert (intent.channels, str(intent.last_day), intent.worth_minor) == (("email",), "2026-03-21", 300)
    assert (dict(intent.facts), intent.created_ms, intent.key) == ({"points": 50}, NOW_MS, says("marketing")["k"])


def test_each_message_of_a_posting_is_another_and_the_same_whenever_it_is_handed_on(line: Line) -> None:
    for _ in range(2):
        handed(line, says("marketing", "marketing"))
    names = [intent_in(body).id for _, body in line.sent]
    assert (names[:2], len(set(names))) == (names[2:], 2)


def test_a_posting_writes_a_few_messages_at_most(line: Line) -> None:
    assert handed(line, says("marketing", *["marketing"] * 9)).messages == MESSAGES_OF_A_POSTING_MAX


def test_what_happened_is_told_to_the_clock_with_its_key(line: Line) -> None:
    assert handed(line, happened()) == HandedOver(0, 1, ())
    ((queue, body),) = line.sent
    asked = {"job": "called", "member": MEMBER, "kind": "purchase", "cause": "purchase#main#A-1"}
    assert (queue, json.loads(body)) == ("scheduler", asked)


@pytest.mark.parametrize(
    "row",
    [
        happened(member=TESTER),
        happened(key="test!purchase#main#A-1", member=TESTER),
        says("marketing", member=TESTER),
        happened(hours_ago=49),
        happened(key=f"merge#X@{MEMBER}"),
        {"k": "purchase#main#A-1", "c": "purchase", "t": NOW_MS, "tr": 1},
    ],
    ids=["test member", "test key", "test message", "long ago", "part of another", "guest"],
)
def test_nothing_goes_on_of_test_members_of_guests_and_of_what_is_told_long_afterwards(
    line: Line, row: dict[str, Any]
) -> None:
    assert handed(line, row) == HandedOver(0, 0, ())
    assert line.sent == []


@pytest.mark.parametrize(
    "row",
    [None, says("marketing") | {"ms": "["}, says("marketing") | {"ms": "[1]"}, says("marketing") | {"t": "soon"}],
    ids=["no row", "no JSON", "no message", "no time"],
)
def test_what_cannot_be_read_is_set_aside_and_holds_nobody_up(line: Line, row: dict[str, Any] | None) -> None:
    assert handed(line, row, says("urgent")) == HandedOver(1, 0, ("place-0",))


def test_a_queue_that_does_not_answer_makes_the_delivery_come_again(line: Line) -> None:
    line.breaks = True
    with pytest.raises(Lost):
        handed(line, says("urgent"))
