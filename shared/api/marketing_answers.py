"""What the API answers to staff about marketing: whether it is stopped, by whom, why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.api.answers import instant_text
from shared.domain.delivering import ms_of

if TYPE_CHECKING:
    from datetime import datetime

    from shared.api import shapes


def marketing_answer(
    stopped: bool, actor: str, reason: str, at: datetime | None, breaker_opened: datetime | None
) -> shapes.MarketingAnswer:
    """`actor` is "" before anybody pressed the switch."""
    return {
        "goes": not stopped and breaker_opened is None,
        "stopped": stopped,
        "changed_by": actor or None,
        "reason": reason or None,
        "changed_at": instant_text(ms_of(at)) if at is not None else None,
        "breaker_open_since": instant_text(ms_of(breaker_opened)) if breaker_opened is not None else None,
    }
