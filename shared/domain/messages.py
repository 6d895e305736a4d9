"""What a posting asks to be said to its member: read from the ledger's stream, written by whoever made the posting.

A message has no words yet: its template and its facts. Words, channel and hour are chosen when it is sent.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Literal, NamedTuple

from shared.domain.automation_tables import Giver
from shared.domain.contact_gate import Purpose
from shared.domain.contact_tables import Channel
from shared.domain.ledger import Row, packed, unpacked

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Of a posting's key, so that a message is found by what caused it and says nothing of it.
_HASH_LENGTH = 20
_FRESH_MS = 2 * 24 * 60 * 60 * 1000
# One event writes to its member at most so often.
MESSAGES_OF_A_POSTING_MAX = 4
Fact = str | int
# Whom a note goes to that is for staff, and what it is called among templates.
STAFF = "staff"
# The monthly report, to whoever answers for the sums.
REPORT = "report"
# What a playbook tells staff.
PLAYBOOK = "playbook"
_STAFF_DAYS = 7
# M2. SENT to REFUSED are ends.
State = Literal["PENDING", "CLAIMED", "SENT", "FAILED", "UNKNOWN", "EXPIRED", "REFUSED"]


class Intent(NamedTuple):
    """One message that has to be said once (M1). `source` is the automation or campaign; `channels` in the sequence of choice,
    all of the club's where it names none. `worth_minor` is the margin expected of it. `key` is its posting's."""

    id: str
    member: str
    key: str
    source: str
    template: str
    purpose: Purpose
    channels: tuple[Channel, ...]
    created_ms: int
    last_day: date
    worth_minor: int
    facts: Mapping[str, Fact]

    @property
    def created(self) -> datetime:
        return _EPOCH + timedelta(milliseconds=self.created_ms)

    @property
    def text(self) -> str:
        """As a queue and a row hold it."""
        return packed([*self[:5], self.purpose, list(self.channels), self.created_ms, self.last_day.isoformat(),
                       self.worth_minor, dict(self.facts)])  # fmt: skip


def intent_in(text: str) -> Intent:
    """The reverse of `Intent.text`. Raises ValueError for what is none."""
    told = unpacked(text)
    try:
        message_id, member, key, source, template, purpose, channels, created_ms, last_day, worth_minor, facts = told
        days = date.fromisoformat(last_day)
    except TypeError as broken:
        raise ValueError("no message") from broken
    return Intent(
        message_id, member, key, source, template, purpose, tuple(channels), created_ms, days, worth_minor, facts
    )


def messages_text(one: Giver, today: date, facts: Mapping[str, Fact]) -> str | None:
    """What a posting's row says of the messages of an automation, to the member and to staff; None where there are none."""
    said: list[list[object]] = []
    if (message := one.message) is not None:
        last_day = (today + timedelta(days=message.days - 1)).isoformat()
        channels = list(message.channels)
        said.append([message.template, one.id, message.purpose, channels, last_day, message.worth_minor, dict(facts)])
    if one.staff_note is not None:
        last_day = (today + timedelta(days=_STAFF_DAYS - 1)).isoformat()
        said.append([STAFF, one.id, "urgent", ["email"], last_day, 0, {}])
    return packed(said) if said else None


def intents_of(row: Row) -> list[Intent]:
    """The messages of a posting. Raises ValueError, LookupError or TypeError for a row that is none of ours."""
    key, member, created_ms = str(row["k"]), str(row["a"]), row["t"]
    if type(created_ms) is not int:
        raise ValueError("no time")
    intents = []
    for at, told in enumerate(unpacked(row["ms"])[:MESSAGES_OF_A_POSTING_MAX]):
        template, source, purpose, channels, last_day, worth_minor, facts = told
        # Staff read of the member; what they were told is not the member's.
        whose, about = (STAFF, {"member": member}) if template == STAFF else (member, facts)
        intents.append(
            Intent(
                message_id(key, at, created_ms), whose, key, source, template, purpose, tuple(channels), created_ms,
                date.fromisoformat(last_day), worth_minor, about,
            )
        )  # fmt: skip
    return intents


def report_intent(key: str, month: str, now_ms: int, today: date) -> Intent:
    """The mail of a closed month, once: its id is made of `key` alone, so that whoever asks again asks for the same one."""
    last_day = today + timedelta(days=_STAFF_DAYS - 1)
    return Intent(
        message_id(key, 0, 0), STAFF, key, REPORT, REPORT, "urgent", ("email",), now_ms, last_day, 0, {"month": month}
    )


def playbook_intent(partition: str, day: date, fired_ms: int, seen: Mapping[str, object]) -> Intent:
    """What staff are told of a playbook that fired, once: its id is made of playbook and day. `partition`: of its firings."""
    key, last_day = f"{partition}#{day.isoformat()}", day + timedelta(days=_STAFF_DAYS)
    facts: dict[str, Fact] = {"day": day.isoformat()}
    facts |= {name: value for name, value in seen.items() if isinstance(value, str | int)}
    source = partition.rpartition("#")[2]
    return Intent(
        message_id(key, 0, 0),
        STAFF,
        key,
        f"{PLAYBOOK}:{source}",
        PLAYBOOK,
        "urgent",
        ("email",),
        fired_ms,
        last_day,
        0,
        facts,
    )


def calls_now(row: Row) -> bool:
    """Whether automations are to be asked because of what happened: not of what is told long afterwards, such as a shop's history
    that is loaded."""
    happened_ms, recorded_ms = row.get("o", row["t"]), row["t"]
    if type(happened_ms) is not int or type(recorded_ms) is not int:
        raise ValueError("no time")
    return recorded_ms - happened_ms <= _FRESH_MS


def message_id(key: str, at: int, created_ms: int) -> str:
    """Letters, digits and a dash, in the sequence of time: it names the message in rows, and in the notices of providers."""
    return f"{created_ms:013d}-{hashlib.sha256(f'{key}#{at}'.encode()).hexdigest()[:_HASH_LENGTH]}"
