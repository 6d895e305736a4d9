"""What staff said last about each automation: on or off, who, when and why. One row for all of them, read once in a run."""

from __future__ import annotations

from datetime import datetime

from shared.domain.ledger import packed, unpacked
from shared.domain.switched import Switched, Word
from shared.store import keys
from shared.store.backend import Backend, Put
from shared.store.keys import Mode


def switched_of(backend: Backend, mode: Mode) -> Switched:
    row = backend.get("post", switched_key(mode))
    if row is None:
        return Switched()
    return Switched(row["n"], {name: Word(*told) for name, *told in unpacked(row["b"])})


def put_switched(mode: Mode, switched: Switched) -> Put:
    """The write of what was read and changed."""
    body = packed([[name, *word] for name, word in sorted(switched.words.items())])
    row = {**switched_key(mode), "n": switched.version + 1, "b": body}
    return Put("post", row, absent=not switched.version, where=("n", switched.version) if switched.version else None)


def word_of(enabled: bool, actor: str, reason: str, now: datetime) -> Word:
    return Word(enabled, actor, reason, now.isoformat(timespec="milliseconds"))


def switched_key(mode: Mode) -> dict[str, str]:
    return {"m": keys.switch(mode), "s": keys.SWITCHED}
