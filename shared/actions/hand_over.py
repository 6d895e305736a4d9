"""Hands on what postings ask for: messages to the queue of their urgency, and what happened to the clock's queue, which asks the
automations. A posting that comes again is handed on again: whoever takes it knows what was done.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from shared.domain.ledger import Row
from shared.domain.messages import Intent, calls_now, intents_of
from shared.store import keys
from shared.store.queue import send
from shared.store.sender import Sender
from shared.store.stream import Record


@dataclass(frozen=True)
class Queues:
    """Addresses. `urgent` is never behind a campaign (M11)."""

    sender: Sender
    urgent: str
    marketing: str
    scheduler: str

    def of(self, intent: Intent) -> str:
        return self.urgent if intent.purpose == "urgent" else self.marketing


class HandedOver(NamedTuple):
    """How many messages and calls of automations went on, and the places in the stream of what could not be read."""

    messages: int
    calls: int
    aside: tuple[str, ...]


def hand_over(queues: Queues, records: Sequence[Record]) -> HandedOver:
    """Raises Refused, Lost: then all of it may come again."""
    messages = calls = 0
    aside: list[str] = []
    for record in records:
        try:
            asked = list(_asked(queues, record.row)) if record.row is not None else None
        except (ValueError, LookupError, TypeError):
            asked = None
        if asked is None:
            aside.append(record.place)
            continue
        for url, body in asked:
            send(queues.sender, url, [body])
            calls, messages = calls + (url == queues.scheduler), messages + (url != queues.scheduler)
    return HandedOver(messages, calls, tuple(aside))


def _asked(queues: Queues, row: Row) -> Iterator[tuple[str, str]]:
    """Queues and bodies. Of a test member nothing is sent, and of a guest there is nobody to send it to."""
    if "a" not in row or keys.mode_of(str(row["k"]), str(row["a"])) == "test":
        return
    for intent in intents_of(row) if "ms" in row else ():
        yield queues.of(intent), intent.text
    if "tr" in row and "@" not in str(row["k"]) and calls_now(row):
        yield queues.scheduler, json.dumps({"job": "called", "member": row["a"], "kind": row["c"], "cause": row["k"]})
