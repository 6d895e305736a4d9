"""The one switch that stops all marketing, pressed by somebody of the staff; and the breaker, which opens by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from shared.actions.club import Club, attempts
from shared.actions.staff import Staff
from shared.domain.staff_requests import Stopping
from shared.store.backend import Contended, Put, Unanswered
from shared.store.breaker import Breaker, breaker_of, put_closed
from shared.store.keys import Mode
from shared.store.switch import Switch, put_switch, switch_of


class Marketing(NamedTuple):
    """Whether marketing goes: it is stopped by the switch, by the breaker, or by both."""

    switch: Switch
    breaker: Breaker

    @property
    def told(self) -> tuple[bool, str, str, datetime | None, datetime | None]:
        """Stopped, by whom, why and when; and since when the breaker is open."""
        one = self.switch
        return (
            one.stopped,
            one.actor,
            one.reason,
            datetime.fromisoformat(one.at) if one.at else None,
            self.breaker.opened,
        )


def marketing_of(club: Club, mode: Mode) -> Marketing:
    backend = club.store.backend
    return Marketing(switch_of(backend, mode), breaker_of(backend, mode))


def set_marketing(club: Club, staff: Staff, told: Stopping, seconds_left: Callable[[], float]) -> Marketing:
    """As it is then; what was so already stays as it was said first. Starting again closes the breaker too: somebody has looked.
    Raises Busy."""
    for _ in attempts(club, seconds_left):
        now, known = club.now(), marketing_of(club, staff.mode)
        closes = not told.stopped and known.breaker.opened is not None
        if known.switch.stopped == told.stopped and not closes:
            return known
        puts: list[Put] = [put_switch(staff.mode, known.switch, told.stopped, staff.actor, told.reason, now)]
        if closes:
            puts.append(put_closed(staff.mode, known.breaker, now))
        try:
            if not club.store.backend.write(puts):
                return marketing_of(club, staff.mode)
        except (Contended, Unanswered):
            continue
    raise AssertionError("attempts end with Busy")
