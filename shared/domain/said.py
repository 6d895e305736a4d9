"""One message and what became of it so far."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from shared.domain.contact_tables import Channel
from shared.domain.delivering import ms_of
from shared.domain.messages import Intent, State

# Of a message's row: the first times of what happened to it, in ms, by mark.
MARKS = "e"
_DECISIONS_MAX = 8


class Said(NamedTuple):
    """One message as its row has it. `copies` were handed to a provider; `lease_ms`: until when whoever claimed it may send."""

    intent: Intent
    version: int = 0
    state: State = "PENDING"
    decisions: tuple[tuple[int, str, str], ...] = ()
    channel: Channel | None = None
    claim: str = ""
    lease_ms: int = 0
    copies: int = 0
    provider_id: str = ""
    unknown: Mapping[str, Any] = {}

    @property
    def marks(self) -> Mapping[str, int]:
        """When its provider told first of what happened to it, in ms, by mark."""
        return dict(self.unknown.get(MARKS, {}))

    def decided(self, now: datetime, state: State, reason: str) -> Said:
        """In a new state, for a reason: the last few are kept."""
        told = (*self.decisions, (ms_of(now), state, reason))[-_DECISIONS_MAX:]
        return self._replace(state=state, decisions=told)
