"""Returns that come before their purchase: they wait at its key, and are applied with it when it comes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

from shared.actions.caller import Caller
from shared.actions.club import Club
from shared.actions.recording import not_of_this_key
from shared.domain.decide import ms
from shared.domain.errors import ParkedTooMany, ReturnDiffers
from shared.domain.ledger import Row, RowValue, packed, unpacked
from shared.domain.purchase_return import Return
from shared.store import keys
from shared.store.backend import Contended, Drop, Item, Put

# Of one purchase. With the purchase they are written in one transaction (L21).
PARKED_MAX = 6


@dataclass(frozen=True, slots=True)
class Parked:
    """A return that waits for its purchase. `row` is what waits at the return's own key."""

    row: Row
    replayed: bool


def park(
    club: Club,
    caller: Caller,
    told: Return,
    key: str,
    purchase_key: str,
    stub: Row | None,
    fingerprint: bytes,
    content: str,
) -> Parked:
    """Lets a return wait. Raises ReturnDiffers, ParkedTooMany, Contended."""
    known = club.store.posting(key)
    if known is not None:
        fingerprint_known = known["f"]
        assert isinstance(fingerprint_known, bytes)
        if not club.peppers.same(fingerprint_known, content):
            raise ReturnDiffers(store=told.store, return_id=told.return_id)
        if known["c"] == "parked":
            return Parked(known, replayed=True)
        raise Contended
    waiting: list[str] = unpacked(stub["w"]) if stub is not None else []
    if len(waiting) >= PARKED_MAX:
        raise ParkedTooMany(purchase_id=told.purchase_id, parked_max=PARKED_MAX)
    at = ms(club.now())
    own: dict[str, RowValue] = {
        "k": key,
        "c": "parked",
        "m": 1,
        "t": at,
        "f": fingerprint,
        "pk": purchase_key,
        "s": _place(at, key),
        "z": told.model_dump_json(exclude_defaults=True),
    }
    count = int(stub["m"]) if stub is not None else 0
    row = {"k": purchase_key, "c": "parked", "m": count + 1, "w": packed([*waiting, key])}
    refused = club.store.backend.write(
        [
            Put("ledger", own, absent=True),
            Put("ledger", row, absent=not count, where=("m", count) if count else None),
            Put("limits", {"k": keys.parked(caller.mode, told.store), "s": _place(at, key), "r": key}, absent=True),
        ]
    )
    if refused:
        raise Contended
    return Parked(own, replayed=False)


def waiting_at(club: Club, stub: Row) -> list[tuple[Return, Row]]:
    """The returns that wait at a purchase's key."""
    rows = club.store.backend.get_many("ledger", [{"k": key} for key in unpacked(stub["w"])])
    return [(Return.model_validate_json(str(row["z"])), row) for row in rows if row["c"] == "parked"]


def no_longer(caller: Caller, store: str, rows: Sequence[Row]) -> list[Drop]:
    """The writes that take returns from the list of those that wait."""
    return [Drop("limits", {"k": keys.parked(caller.mode, store), "s": row["s"]}) for row in rows]


def parked_returns(club: Club, caller: Caller, store: str, limit: int) -> list[Item]:
    """The returns of a store that wait for their purchase, those that have waited longest first. Raises StoreNotAllowed."""
    if store != caller.store:
        raise not_of_this_key(caller)
    listed = club.store.backend.listed("limits", keys.parked(caller.mode, store))[:limit]
    rows = {row["k"]: row for row in club.store.backend.get_many("ledger", [{"k": one["r"]} for one in listed])}
    return [rows[one["r"]] for one in listed if one["r"] in rows and rows[one["r"]]["c"] == "parked"]


def _place(at_ms: int, key: str) -> int:
    """Its place in the list: in the sequence of waiting, and its own."""
    return at_ms * 1_000_000 + crc32(key.encode()) % 1_000_000
