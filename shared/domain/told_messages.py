"""What became of a message, as people read it: a code, and the same in a sentence."""

from __future__ import annotations

from typing import Literal, get_args

from shared.domain.contact_gate import Reason
from shared.domain.messages import State
from shared.domain.voice import Voice

# Those of the gate, and what may happen on the way. `not_taken`: whoever sends for us said no, in words of their own.
ToldReason = Reason | Literal["no_answer", "unwritable", "not_taken"]
_KNOWN = frozenset({*(reason for part in get_args(Reason) for reason in get_args(part)), "no_answer", "unwritable"})
# In these states the state alone says it all.
_WITHOUT_WHY = frozenset({"CLAIMED", "SENT", "UNKNOWN"})


def told_reason(reason: str) -> ToldReason:
    """The code of a reason as a message's row has it: of a provider's own words there are too many to be stable."""
    return reason if reason in _KNOWN else "not_taken"  # type: ignore[return-value]


def outcome(voice: Voice, state: State, reason: str) -> str:
    """What became of a message, in a sentence."""
    if state in _WITHOUT_WHY:
        return voice.say(f"message.{state.lower()}")
    return voice.say(f"message.{state.lower()}", why=voice.say(f"message.{told_reason(reason)}"))
