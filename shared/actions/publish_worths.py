"""What messages were measured to be worth is told to those who send them."""

from __future__ import annotations

from collections.abc import Mapping

from shared.domain.errors import Busy
from shared.store import keys
from shared.store.backend import Backend, Contended, Unanswered
from shared.store.worths import put_worths, worths_of

# The clock writes this row once a month, and an operator now and then.
_TRIES_MAX = 5


def publish_worths(backend: Backend, mode: keys.Mode, by_source: Mapping[str, int]) -> None:
    """In place of all that were told before; the same again changes nothing. Raises Busy."""
    for _ in range(_TRIES_MAX):
        before = worths_of(backend, mode)
        if before.by_source == by_source:
            return
        try:
            if not backend.write([put_worths(mode, before, by_source)]):
                return
        except (Contended, Unanswered):
            continue
    raise Busy
