"""A hundred thousand messages of a campaign wait, and a one-time code does not wait for one of them (M11, T7).

Counted, not timed: queues in memory that are filled by `outbox`'s own action and worked off as `infra/rooms.py` says, in a new
account of AWS, which has ten invocations at once.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping
from typing import Any

import pytest

from infra.rooms import MARKETING, NOTIFY, ROOMS, URGENT
from shared.actions.hand_over import Queues, hand_over
from shared.domain.ledger import packed
from shared.domain.messages import intent_in
from shared.store.stream import Record

BACKLOG = 100_000
ACCOUNT_INVOCATIONS = 10
NOW_MS = 1_774_000_000_000


class Waiting:
    """Queues of SQS as lists."""

    def __init__(self) -> None:
        self.by_name: dict[str, deque[str]] = {URGENT: deque(), MARKETING: deque()}

    def call(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        assert operation == "SendMessage"
        self.by_name[request["QueueUrl"]].append(request["MessageBody"])
        return {}

    def asked_for(self, purpose: str, *numbers: int) -> None:
        records = [Record(f"place-{number}", row["k"], row) for number in numbers for row in (_says(purpose, number),)]
        assert hand_over(Queues(self, URGENT, MARKETING, "scheduler"), records).messages == len(numbers)  # type: ignore[arg-type]

    def worked_off(self, most: Mapping[str, int], at_a_time: int) -> Counter[str]:
        """What the invocations that can begin now take, by purpose. Whoever has more waiting asks first: the worst case."""
        free, taken = ACCOUNT_INVOCATIONS, Counter[str]()
        for name, queue in sorted(self.by_name.items(), key=lambda one: -len(one[1])):
            begun = min(free, most.get(name, free), -(-len(queue) // at_a_time))
            free -= begun
            taken.update(intent_in(queue.popleft()).purpose for _ in range(min(len(queue), begun * at_a_time)))
        return taken


def _says(purpose: str, number: int) -> dict[str, Any]:
    member = f"M{number:016X}"
    told = packed([["spring", "welcome", purpose, ["email"], "2026-03-21", 300, {}]])
    return {"k": f"due#spring#{member}#2026-03-20", "a": member, "c": "due", "t": NOW_MS, "ms": told}


@pytest.fixture(scope="module")
def waiting() -> Waiting:
    made = Waiting()
    made.asked_for("marketing", *range(BACKLOG))
    return made


def test_a_backlog_of_100_000_marketing_messages_does_not_delay_a_one_time_code(waiting: Waiting) -> None:
    (works,) = (room.works for room in ROOMS if room.name == NOTIFY)
    assert works is not None
    assert set(works.queues) == set(waiting.by_name)
    before = len(waiting.by_name[MARKETING])
    assert before == BACKLOG
    # All that marketing may have is taken already; the code is asked for while it runs.
    busy = waiting.worked_off(works.side_by_side_max, works.at_a_time)
    assert set(busy) == {"marketing"}
    waiting.asked_for("urgent", BACKLOG)
    assert [intent_in(text).purpose for text in waiting.by_name[URGENT]] == ["urgent"], (
        "nothing of the backlog is before it"
    )
    taken = waiting.worked_off(works.side_by_side_max, works.at_a_time)
    assert taken["urgent"] == 1, "it goes in the first round of invocations, the backlog notwithstanding"
    assert sum(taken.values()) <= ACCOUNT_INVOCATIONS * works.at_a_time
    assert len(waiting.by_name[MARKETING]) == BACKLOG - busy["marketing"] - taken["marketing"] > 0


def test_without_a_bound_the_backlog_would_take_every_invocation(waiting: Waiting) -> None:
    waiting.asked_for("urgent", BACKLOG + 1)
    assert waiting.worked_off({}, 10)["urgent"] == 0
    assert waiting.worked_off({MARKETING: 5}, 10)["urgent"] == 1
