"""What messages were measured to be worth is told to those who send them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from shared.actions.club import Club, attempts
from shared.store import keys
from shared.store.backend import Contended, Unanswered
from shared.store.worths import put_worths, worths_of


def publish_worths(
    club: Club, mode: keys.Mode, by_source: Mapping[str, int], seconds_left: Callable[[], float]
) -> None:
    """In place of all that were told before; the same again changes nothing. Raises Busy."""
    for _ in attempts(club, seconds_left):
        before = worths_of(club.store.backend, mode)
        if before.by_source == by_source:
            return
        try:
            if not club.store.backend.write([put_worths(mode, before, by_source)]):
                return
        except (Contended, Unanswered):
            continue
    raise AssertionError("attempts end with Busy")
