"""The one switch that stops all marketing: who pressed it, when and why. What is stopped is refused and does not go out later."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from shared.store import keys
from shared.store.backend import Backend, Put
from shared.store.keys import Mode


class Switch(NamedTuple):
    """`version` tells one state from the next; 0 before anybody pressed it."""

    stopped: bool = False
    actor: str = ""
    reason: str = ""
    at: str = ""
    version: int = 0


def switch_of(backend: Backend, mode: Mode) -> Switch:
    row = backend.get("post", _key(mode))
    return Switch() if row is None else Switch(row["stopped"], row["by"], row["why"], row["at"], row["n"])


def put_switch(mode: Mode, before: Switch, stopped: bool, actor: str, reason: str, now: datetime) -> Put:
    row = {
        **_key(mode), "n": before.version + 1, "stopped": stopped, "by": actor, "why": reason,
        "at": now.isoformat(timespec="milliseconds"),
    }  # fmt: skip
    return Put("post", row, absent=not before.version, where=("n", before.version) if before.version else None)


def marketing_is_stopped(backend: Backend, mode: Mode) -> bool:
    return switch_of(backend, mode).stopped


def _key(mode: Mode) -> dict[str, str]:
    return {"m": keys.switch(mode), "s": keys.SWITCH}
