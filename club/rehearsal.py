"""A year of the club on a copy in memory: the clock moves day by day, the sweep grants, the post delivers to nobody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from club.mails import shelf
from shared.actions.club import Club
from shared.actions.deliver import Post, deliver
from shared.actions.sweep import Swept, sweep
from shared.actions.wake_waiting import wake_waiting
from shared.actions.write_letter import cost, write_letter
from shared.domain.account import Account
from shared.domain.contact_tables import Channel
from shared.domain.delivering import instant_of
from shared.domain.ledger import Row
from shared.domain.letters import Letter
from shared.domain.messages import Intent, intent_in, intents_of
from shared.domain.notices import Label
from shared.domain.rulebook import Rulebook
from shared.store.backend import Item, Put, Write
from shared.store.keys import quarter_of_waiting
from shared.store.laws import Laws
from shared.store.memory import Memory
from shared.store.people import Person
from shared.store.peppers import Peppers
from shared.store.post import QUARTER_MINUTES, quarter_of
from shared.store.runs import put_last_quarter
from shared.store.store import Store
from shared.store.switched import switched_of
from shared.store.wires import Letter as Carried
from shared.store.wires import Sent, Wire
from shared.store.worths import worths_of

# Links of letters that nobody gets have to lead somewhere.
_NOWHERE = "https://localhost"
_PATIENCE_S = 60.0


class Copy(Memory):
    """Rows in memory which tell what was asked for since they were copied: messages, and quarters of an hour to wait for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Row] = []
        self.quarters: set[int] = set()

    def write(self, puts: Sequence[Write]) -> dict[int, Item]:
        refused = super().write(puts)
        for put in puts if not refused else ():
            if isinstance(put, Put) and put.table == "ledger" and "ms" in put.row:
                self.asked.append(put.row)
            if (
                isinstance(put, Put)
                and put.table == "post"
                and (quarter := quarter_of_waiting(put.row["m"])) is not None
            ):
                self.quarters.add(quarter)
        return refused


class End(NamedTuple):
    """How messages of an automation ended; `channel` where they were sent."""

    source: str
    state: str
    reason: str
    channel: str = ""


class Rehearsal:
    """`ends` counts how messages ended, `contacted` when each member was sent something."""

    def __init__(self, copy: Copy, book: Rulebook, peppers: Peppers, first: date) -> None:
        self._copy, self._book = copy, book
        self._now = self._noon(first)
        self._queue: list[tuple[datetime, Intent]] = []
        self.ends: Counter[End] = Counter()
        self.contacted: dict[str, list[datetime]] = {}
        self._club = Club(Store(copy), Laws(copy, 0), peppers, now=lambda: self._now)
        self._post = Post(
            self._club, self._wires, self._letter, cost, self._again, lambda: None, self._off,
            lambda: worths_of(self._copy, "live").by_source,
        )  # fmt: skip
        copy.asked.clear()
        put_last_quarter(copy, "waiting", quarter_of(self._now) - 1)

    def day(self, day: date) -> Swept:
        """The sweep at noon, and all that may be written until the next noon."""
        self._now = self._noon(day)
        swept = sweep(self._club, "live", [day], lambda: _PATIENCE_S)
        for row in self._copy.asked:
            self._queue += [(self._now, intent) for intent in intents_of(row)]
        self._copy.asked.clear()
        while (moment := self._next()) is not None and moment < self._noon(day + timedelta(days=1)):
            self._now = max(self._now, moment)
            self._deliver()
        return swept

    def _deliver(self) -> None:
        """What is asked again by now."""
        due = [one for one in self._copy.quarters if _begins(one) <= self._now]
        if due:
            # The clock's job runs all day, and catches up a few days at a time: here nothing ran since something was due.
            put_last_quarter(self._copy, "waiting", min(due) - 1)
        wake_waiting(self._copy, self._now, lambda text: self._queue.append((self._now, intent_in(text))))
        self._copy.quarters = {one for one in self._copy.quarters if _begins(one) > self._now}
        ready = [intent for at, intent in self._queue if at <= self._now]
        self._queue = [one for one in self._queue if one[0] > self._now]
        for intent in ready:
            done = deliver(self._post, intent, lambda: _PATIENCE_S)
            if done.state not in ("PENDING", "SENT"):
                self.ends[End(intent.source, done.state, done.reason)] += 1

    def _next(self) -> datetime | None:
        """When something is asked again; None where nothing waits."""
        return min([*(at for at, _ in self._queue), *map(_begins, self._copy.quarters)], default=None)

    def _noon(self, day: date) -> datetime:
        return datetime.combine(day, time(12), self._book.zone).astimezone(UTC)

    def _again(self, intent: Intent, seconds: int) -> None:
        self._queue.append((self._now + timedelta(seconds=seconds), intent))

    def _off(self) -> frozenset[str]:
        return switched_of(self._copy, "live").off

    def _letter(self, intent: Intent, person: Person, account: Account, book: Rulebook, channel: Channel) -> Letter:
        return write_letter(self._club, shelf(), lambda: _NOWHERE, intent, person, account, book, channel)

    def _wires(self, book: Rulebook) -> Mapping[Channel, Wire]:
        return {channel: _Nobody(channel, self._sent) for channel in book.programme.contact.channels}

    def _sent(self, channel: Channel, label: Label) -> None:
        self.ends[End(label.source, "SENT", "allowed", channel)] += 1
        self.contacted.setdefault(label.member, []).append(self._now)


class _Nobody(NamedTuple):
    """A wire that leads nowhere."""

    channel: Channel
    note: Callable[[Channel, Label], None]

    def send(self, address: str, letter: Carried, label: Label) -> Sent:  # noqa: ARG002
        self.note(self.channel, label)
        return Sent("rehearsed")


def _begins(quarter: int) -> datetime:
    return instant_of(quarter * QUARTER_MINUTES * 60_000)
