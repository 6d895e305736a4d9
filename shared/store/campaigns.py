"""Campaigns that were asked for: when, by whom, and whether they are begun. A campaign is asked for once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from shared.store import keys
from shared.store.backend import Backend, Item, Put


class Asked(NamedTuple):
    campaign: str
    at: datetime
    actor: str
    begun: bool = False


def asked_of(backend: Backend, campaign: str) -> Asked | None:
    row = backend.get("club", {"kind": keys.CAMPAIGN, "id": campaign})
    return _asked(row) if row is not None else None


def all_asked(backend: Backend) -> Iterator[Asked]:
    return (_asked(row) for row in backend.listed("club", keys.CAMPAIGN))


def put_asked(asked: Asked) -> Put:
    """The write of one that is new, or that is begun."""
    row = {
        "kind": keys.CAMPAIGN, "id": asked.campaign, "at": asked.at.isoformat(), "by": asked.actor,
        "n": 2 if asked.begun else 1,
    }  # fmt: skip
    return Put("club", row, absent=not asked.begun, where=("n", 1) if asked.begun else None)


def _asked(row: Item) -> Asked:
    return Asked(row["id"], datetime.fromisoformat(row["at"]), row["by"], row["n"] > 1)
