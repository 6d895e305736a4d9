"""What becomes of one message now: the channel that reaches, the gate's verdict, and whether a more valuable one goes first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from fractions import Fraction
from typing import NamedTuple
from zoneinfo import ZoneInfo

from shared.domain.contact_gate import Contactable, Message, Sending, Verdict, most_valuable, room, verdict
from shared.domain.contact_tables import Channel, Contact
from shared.domain.messages import Intent

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)
# What a member's other messages of the same night need to be known.
GATHERED = timedelta(seconds=60)
# A more valuable one is on its way; then the cap says when.
OUTRANKED = timedelta(minutes=15)
# What should have been asked again so long ago is not on its way any more.
_MISSED = timedelta(hours=2)
# Of one member so many wait at most: more would be more than a month of messages, and the least valuable of them says nothing.
PENDING_MAX = 20
# What no waiting mends by this channel may be well by the next.
_OF_A_CHANNEL = frozenset({"channel_off", "no_address", "no_consent", "hard_bounce", "complaint", "unsubscribe"})


class Pending(NamedTuple):
    """A marketing message of a member that was not sent yet: it is asked again at `ready_ms`."""

    id: str
    worth_minor: int
    created_ms: int
    ready_ms: int


class Contacts(NamedTuple):
    """What was said to a member within a week, and what waits: one row, and a condition of whoever changes it (M4)."""

    version: int = 0
    contacted_ms: tuple[int, ...] = ()
    pending: tuple[Pending, ...] = ()

    def at(self, now: datetime) -> tuple[datetime, ...]:
        return tuple(instant_of(ms) for ms in self.contacted_ms if instant_of(ms) > now - timedelta(days=7))

    def without(self, message_id: str) -> Contacts:
        return self._replace(pending=tuple(one for one in self.pending if one.id != message_id))

    def waiting(self, intent: Intent, ready: datetime) -> Contacts:
        """With a message that waits. Of more than may be the least valuable outranks nobody any more; it waits on."""
        one = Pending(intent.id, intent.worth_minor, intent.created_ms, ms_of(ready))
        ranked = sorted((*self.without(intent.id).pending, one), key=lambda some: (-some.worth_minor, some.created_ms))
        return self._replace(pending=tuple(ranked[:PENDING_MAX]))

    def sent(self, message_id: str, now: datetime) -> Contacts:
        kept = tuple(ms_of(at) for at in self.at(now))
        return self.without(message_id)._replace(contacted_ms=(*kept, ms_of(now)))

    def unsent(self, at_ms: int) -> Contacts:
        """Without one that turned out not to have gone."""
        left = list(self.contacted_ms)
        if at_ms in left:
            left.remove(at_ms)
        return self._replace(contacted_ms=tuple(left))


class Decision(NamedTuple):
    """A verdict, and by which channel and for how much where it is to send."""

    verdict: Verdict
    channel: Channel | None = None
    cost_minor: Fraction = Fraction(0)


Costs = Callable[[Channel], Fraction]


def decision(
    intent: Intent, contacts: Contacts, member: Contactable, rules: Contact, sending: Sending, now: datetime, zone: ZoneInfo,
    costs: Costs, *, is_due: bool,
) -> Decision:  # fmt: skip
    """`zone` is the club's, in which a message's last day ends. `costs` is asked only of channels that reach."""
    ends = datetime.combine(intent.last_day + timedelta(days=1), time(), zone).astimezone(UTC)
    first: Verdict | None = None
    for channel in intent.channels or rules.channels:
        free = _message(intent, channel, ends, Fraction(0))
        found = verdict(free, member, rules, sending, now, is_due=is_due)
        if found.outcome == "refuse" and found.reason in _OF_A_CHANNEL:
            first = first or found
            continue
        message = free._replace(cost_minor=costs(channel))
        found = verdict(message, member, rules, sending, now, is_due=is_due)
        if found.outcome == "send" and intent.purpose == "marketing":
            found = _in_turn(message, contacts, member, rules, now, ends)
        return Decision(found, channel, message.cost_minor)
    return Decision(first or Verdict("refuse", "channel_off"))


def _in_turn(
    message: Message, contacts: Contacts, member: Contactable, rules: Contact, now: datetime, ends: datetime
) -> Verdict:
    """Where the caps leave room for fewer than are ready, the most valuable go."""
    ready = [
        one for one in contacts.pending if one.id != message.id and now - _MISSED < instant_of(one.ready_ms) <= now
    ]
    rivals = [
        message._replace(
            id=one.id, value_minor=one.worth_minor, created=instant_of(one.created_ms), cost_minor=Fraction(0)
        )
        for one in ready
    ]
    chosen = most_valuable((message, *rivals), room(member.contacted, rules, now))
    if message in chosen.go:
        return Verdict("send", "allowed")
    later = now + OUTRANKED
    return Verdict("expire", "outranked") if later >= ends else Verdict("wait", "outranked", later)


def _message(intent: Intent, channel: Channel, ends: datetime, cost_minor: Fraction) -> Message:
    return Message(
        intent.id, intent.source, intent.purpose, channel, intent.created, due_until=ends, value_minor=intent.worth_minor,
        cost_minor=cost_minor,
    )  # fmt: skip


def instant_of(ms: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=ms)


def ms_of(instant: datetime) -> int:
    return (instant - _EPOCH) // _MS
