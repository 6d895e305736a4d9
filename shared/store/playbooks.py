"""What playbooks did: a row for each firing, by playbook and day, and one for all budgets that were raised."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

from shared.domain.decide import ms
from shared.domain.ledger import packed, unpacked
from shared.domain.playbooks import Firing, Raised
from shared.store import keys
from shared.store.backend import Backend, Item, Put

# A firing is judged beside the year after it.
KEPT_DAYS = 800
_DAY_S = 86_400


class RaisedBudgets(NamedTuple):
    """`version` tells one state from the next."""

    version: int = 0
    by_automation: Raised = MappingProxyType({})


def firings_of(backend: Backend, mode: keys.Mode, playbook: str) -> list[Firing]:
    """Oldest first."""
    return [_firing(playbook, row) for row in backend.listed("club", keys.playbook(mode, playbook))]


def put_firing(mode: keys.Mode, firing: Firing, now: datetime) -> Put:
    """Refused where it fired on that day."""
    row = {
        "kind": keys.playbook(mode, firing.playbook), "id": firing.day.isoformat(), "t": firing.at_ms, "v": firing.version,
        "b": packed([dict(firing.seen), list(firing.told)]), "x": ms(now) // 1000 + KEPT_DAYS * _DAY_S,
    }  # fmt: skip
    return Put("club", row, absent=True)


def raised_of(backend: Backend, mode: keys.Mode) -> RaisedBudgets:
    row = backend.get("post", _raised_key(mode))
    if row is None:
        return RaisedBudgets()
    return RaisedBudgets(row["n"], {name: (Decimal(most), by) for name, most, by in unpacked(row["b"])})


def put_raised(mode: keys.Mode, before: RaisedBudgets, more: Raised) -> Put:
    raised = {**before.by_automation, **more}
    body = packed([[name, str(most), by] for name, (most, by) in sorted(raised.items())])
    row = {**_raised_key(mode), "n": before.version + 1, "b": body}
    return Put("post", row, absent=not before.version, where=("n", before.version) if before.version else None)


def _firing(playbook: str, row: Item) -> Firing:
    seen, told = unpacked(row["b"])
    return Firing(playbook, date.fromisoformat(row["id"]), row["t"], row["v"], seen, tuple(told))


def _raised_key(mode: keys.Mode) -> dict[str, str]:
    return {"m": keys.switch(mode), "s": keys.RAISED}
