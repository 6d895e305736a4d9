"""In which purchase a coupon was used: one row for each that was, and a condition of the transaction that uses it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from shared.store import keys
from shared.store.backend import Backend, Item, Put


class Use(NamedTuple):
    """`purchase_key` is "" for one that was given back. `version` tells one state of the row from the next."""

    due_key: str
    version: int = 0
    purchase_key: str = ""


def uses_of(backend: Backend, due_keys: Sequence[str]) -> list[Use]:
    """Those of several coupons, in one round trip."""
    asked = [{"k": keys.coupon(key), "s": 0} for key in due_keys]
    rows = {row["k"]: row for row in backend.get_many("limits", asked)} if asked else {}
    return [_use(key, rows.get(keys.coupon(key))) for key in due_keys]


def put_use(use: Use) -> Put:
    """The write of a row that was read and changed; its version is made one higher."""
    row = {"k": keys.coupon(use.due_key), "s": 0, "n": use.version + 1, "u": use.purchase_key}
    return Put("limits", row, absent=use.version == 0, where=("n", use.version) if use.version else None)


def _use(due_key: str, row: Item | None) -> Use:
    return Use(due_key) if row is None else Use(due_key, row["n"], row["u"])
