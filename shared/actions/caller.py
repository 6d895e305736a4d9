"""Who asks: the holder of a key, bound to one store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from shared.store.keys import Mode


@dataclass(frozen=True, slots=True)
class Caller:
    """`mode` keeps what test keys write apart from the club's own; `key_id` is the public part of the key."""

    store: str
    mode: Mode = "live"
    key_id: str = ""

    @classmethod
    def of(cls, context: Mapping[str, str]) -> Self:
        """From what the gate told the gateway of the key."""
        return cls(context["store"], "test" if context["mode"] == "test" else "live", context["key"])
