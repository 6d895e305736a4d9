"""What a message of each automation was measured to be worth. One row for all of them, read once in a run."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from shared.domain.ledger import packed, unpacked
from shared.store import keys
from shared.store.backend import Backend, Put


class Worths(NamedTuple):
    """In minor units, by automation or campaign. `version` tells one state from the next."""

    version: int = 0
    by_source: Mapping[str, int] = MappingProxyType({})


def worths_of(backend: Backend, mode: keys.Mode) -> Worths:
    row = backend.get("post", _key(mode))
    return Worths(row["n"], dict(unpacked(row["b"]))) if row is not None else Worths()


def put_worths(mode: keys.Mode, before: Worths, by_source: Mapping[str, int]) -> Put:
    """The write of all that is measured now: what is in it no more counts as the programme declares it."""
    row = {
        **_key(mode),
        "n": before.version + 1,
        "b": packed([[name, worth] for name, worth in sorted(by_source.items())]),
    }
    return Put("post", row, absent=not before.version, where=("n", before.version) if before.version else None)


def _key(mode: keys.Mode) -> dict[str, str]:
    return {"m": keys.switch(mode), "s": keys.WORTHS}
