"""The clock's queue in memory: messages are handed to the scheduler's own jobs, killed where a test says, and come again."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from functions.scheduler.jobs import Clock, run
from functions.scheduler.task import Task
from shared.actions.walking import Unfinished
from shared.domain.errors import Busy
from shared.store.backend import Item, TableName
from shared.store.memory import Memory
from tests.laws.shop import Shop, plenty

# As the room of the scheduler says: so often a message is tried before it lies with the dead letters.
TRIES_MAX = 5


class Killed(Exception):
    """The function's time is up, at once."""


@dataclass
class Paging:
    """Scans of a memory page by page: what happens before each page may be a kill."""

    memory: Memory
    rows: int
    pages: int = 0
    before: Callable[[int], None] = lambda _: None

    def __post_init__(self) -> None:
        self._scanned = self.memory.scanned
        self.memory.scanned = self.scanned  # type: ignore[method-assign]

    def scanned(self, table: TableName, part: int = 0, parts: int = 1, after: Item | None = None) -> Iterator[Item]:
        for number, row in enumerate(self._scanned(table, part, parts, after)):
            if number % self.rows == 0:
                self.pages += 1
                self.before(self.pages)
            yield row

    def back(self) -> None:
        self.memory.scanned = self._scanned  # type: ignore[method-assign]


@dataclass
class Clockwork:
    """`run` works off a job's messages until none is left; those that failed too often are `dead`. `kill_after_send`: the
    function is killed once so many messages were sent, between the last of them and its own end."""

    shop: Shop
    parts: int = 1
    seconds_left: Callable[[], float] = plenty
    kill_after_send: int = 0
    messages: int = 0
    sent: int = 0
    longest: int = 0
    dead: list[dict[str, Any]] = field(default_factory=list)
    # What goes to another queue than the clock's own.
    elsewhere: Callable[[str], None] = lambda _: None

    def run(self, job: str) -> None:
        self.work_off(json.dumps({"job": job}))

    def work_off(self, first: str) -> None:
        """A message, and all that come of it."""
        queue: deque[tuple[str, int]] = deque([(first, 0)])
        while queue:
            text, tries = queue.popleft()
            self.messages, self.longest = self.messages + 1, max(self.longest, len(text))

            def send(to: str, told: str) -> None:
                if to != "scheduler":
                    return self.elsewhere(told)
                queue.append((told, 0))
                self.sent += 1
                if self.sent == self.kill_after_send:
                    raise Killed
                return None

            clock = Clock(self.shop.club, self.seconds_left, send, self.parts)
            try:
                run(clock, Task.read(text))
            except (Killed, Busy, Unfinished):
                if tries + 1 < TRIES_MAX:
                    queue.append((text, tries + 1))
                else:
                    self.dead.append(json.loads(text))
