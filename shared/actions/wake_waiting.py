"""Messages that waited for a quarter of an hour go to their queue again, where they are asked anew."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from shared.store.backend import Backend
from shared.store.post import drop_waiting, quarter_of, waiting_at
from shared.store.runs import last_quarter, put_last_quarter

# A run that was missed is caught up, so many quarters at a time: what waits for longer than a message lives has expired.
QUARTERS_MAX = 400
_JOB = "waiting"
# A club that never ran it has nothing that waited for longer than its first night.
_FIRST_RUN = 96


def wake_waiting(backend: Backend, now: datetime, again: Callable[[str], None]) -> int:
    """How many were handed to `again`; what it raises ends the run, and the next one begins where this one began.

    A message is sent to its queue before its row is dropped: twice rather than never, since whoever takes it knows.
    """
    last = quarter_of(now + timedelta(milliseconds=1)) - 1
    done = last_quarter(backend, _JOB)
    woken = 0
    todo = range(last - _FIRST_RUN if done is None else done + 1, last + 1)[:QUARTERS_MAX]
    for quarter in todo:
        for row in waiting_at(backend, quarter):
            again(row["b"])
            backend.write([drop_waiting(row)])
            woken += 1
    if todo:
        put_last_quarter(backend, _JOB, todo[-1])
    return woken
