"""Sends what is open in the notebook: several buyers at once, each one's purchases by one worker, in the order of time.

So no two workers write to one member's account, and tiers and rolling figures grow as they grew in the shop.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from queue import Empty, SimpleQueue
from time import monotonic
from typing import NamedTuple

from club.load.client import Answer, Club
from club.load.notebook import Buyer, Notebook
from club.load.plan import Joining
from club.load.problems import LoadStopped

# What a kill can lose of the notebook; those rows are sent again and answered as repeated.
COMMIT_EVERY_S = 0.25
COMMIT_EVERY_ROWS = 200
# Buyers handed out ahead of the workers, so that none of them waits for the notebook.
AHEAD = 2


class _Settled(NamedTuple):
    line: int
    answer: Answer


class _Joined(NamedTuple):
    buyer: int
    how: str


class _Served(NamedTuple):
    """A worker is done with a buyer; `error` is why it stopped early."""

    error: BaseException | None


_Event = _Settled | _Joined | _Served
_Events = SimpleQueue[_Event]


def send(
    notebook: Notebook,
    club: Club,
    joining: Joining | None,
    workers: int,
    on_answer: Callable[[], None],
    prove_first: bool,
) -> None:
    """Send until nothing is open. Raises LoadStopped when the club cannot take more; the answers so far are written.

    With `prove_first` the first buyer goes alone, and a refusal stops the load: nothing else has been sent then.
    """
    buyers = notebook.open_buyers()
    events: _Events = SimpleQueue()
    stop = threading.Event()
    desk = _Desk(notebook, on_answer)
    active, proving = 0, prove_first
    with ThreadPoolExecutor(workers, thread_name_prefix="load") as pool:
        try:
            while True:
                for buyer in islice(buyers, (1 if proving else workers * AHEAD) - active):
                    served = pool.submit(_serve, buyer, club, joining, events, stop)
                    served.add_done_callback(lambda future: _tell(future, events))
                    active += 1
                if not active:
                    break
                event = desk.write_next(events)
                if isinstance(event, _Served):
                    active, proving = active - 1, False
                    if event.error:
                        raise event.error
                elif proving and isinstance(event, _Settled) and event.answer.outcome == "refused":
                    said = f"{event.answer.reason} ({event.answer.code})"
                    raise LoadStopped(f"The club refused the first purchase, so nothing else was sent: {said}.")
        finally:
            stop.set()
            pool.shutdown(wait=True, cancel_futures=True)
            while not events.empty():
                desk.write(events.get())
            notebook.commit()


class _Desk:
    """Writes answers into the notebook, many to a commit; only the main thread sits here."""

    def __init__(self, notebook: Notebook, on_answer: Callable[[], None]) -> None:
        self._notebook, self._on_answer = notebook, on_answer
        self._written, self._since = 0, monotonic()

    def write_next(self, events: _Events) -> _Event:
        """Wait for an answer and write it; while waiting, what is written is made safe."""
        while True:
            try:
                event = events.get(timeout=COMMIT_EVERY_S)
            except Empty:
                self._commit()
                continue
            self.write(event)
            return event

    def write(self, event: _Event) -> None:
        if isinstance(event, _Settled):
            self._notebook.settle(event.line, event.answer)
            self._on_answer()
        elif isinstance(event, _Joined):
            self._notebook.joined(event.buyer, event.how)
        self._written += 1
        if self._written >= COMMIT_EVERY_ROWS or monotonic() - self._since >= COMMIT_EVERY_S:
            self._commit()

    def _commit(self) -> None:
        self._notebook.commit()
        self._written, self._since = 0, monotonic()


def _tell(served: Future[None], events: _Events) -> None:
    events.put(_Served(None if served.cancelled() else served.exception()))


def _serve(buyer: Buyer, club: Club, joining: Joining | None, events: _Events, stop: threading.Event) -> None:
    refusal = None if buyer.joined or stop.is_set() else _join(buyer, club, joining, events)
    for purchase in buyer.purchases:
        if stop.is_set():
            return
        events.put(_Settled(purchase.line, refusal or club.record(purchase.body)))


def _join(buyer: Buyer, club: Club, joining: Joining | None, events: _Events) -> Answer | None:
    """The answer for all of the buyer's purchases when joining was refused. None: they may be sent."""
    join = joining(buyer.kind, buyer.value, buyer.first_at) if joining else None
    if join is None:
        return None
    answer = club.join(join)
    # 409: this card, phone or e-mail is a member already, joined elsewhere or by an earlier load of other dates.
    if answer.outcome == "refused" and answer.status != 409:
        return answer._replace(code=f"join_{answer.code}", reason=f"did not become a member: {answer.reason}")
    events.put(_Joined(buyer.id, "known" if answer.outcome == "refused" else answer.outcome))
    return None
