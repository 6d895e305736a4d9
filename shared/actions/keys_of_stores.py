"""A store's keys: made, listed, revoked by the operator, checked by the gate. Only a hash of the secret is ever stored.

A key reads `ck_live_<id>_<secret>` or `ck_test_<id>_<secret>`: the id finds the row, the secret proves it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from shared.actions.caller import Caller
from shared.domain.errors import Busy, Refused
from shared.store import keys
from shared.store.backend import Backend, Contended, Item, Put

# Two, so that a store can move from the old secret to the new one without an hour of closed tills.
LIVE_KEYS_PER_STORE_MAX = 2
_TOKEN = re.compile(r"ck_(live|test)_([0-9a-z]{12})_([0-9a-z]{40})")
_STORE = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_ATTEMPTS_MAX = 5


class KeysExhausted(Refused):
    code = "keys_exhausted"
    title = "This store has as many keys as it may; revoke one first."


class KeyUnknown(Refused):
    code = "key_unknown"
    title = "There is no such key."


class StoreInvalid(Refused):
    code = "store_invalid"
    title = "A store's id has 1 to 32 lower case letters, digits, - and _, and starts with a letter or a digit."


class Key(NamedTuple):
    """A key without its secret."""

    id: str
    mode: keys.Mode
    store: str
    scopes: tuple[str, ...]
    created_at: str
    revoked_at: str | None


def create_key(backend: Backend, mode: keys.Mode, store: str, scopes: Sequence[str], now: datetime) -> str:
    """A new key's whole text, shown this once. Raises StoreInvalid, KeysExhausted, Busy."""
    if _STORE.fullmatch(store) is None:
        raise StoreInvalid(store=store)
    key_id, secret = _random(12), _random(40)
    row = {
        "kind": keys.KEY,
        "id": key_id,
        "mode": mode,
        "store": store,
        "scopes": sorted(scopes),
        "hash": _hash(secret),
        "created_at": now.isoformat(timespec="seconds"),
    }
    for _ in range(_ATTEMPTS_MAX):
        alive = _alive(backend, mode, store)
        if len(alive["keys"]) >= LIVE_KEYS_PER_STORE_MAX:
            raise KeysExhausted(store=store, keys=list(alive["keys"]))
        try:
            if not backend.write([Put("club", row, absent=True), _changed(alive, [*alive["keys"], key_id])]):
                return f"ck_{mode}_{key_id}_{secret}"
        except Contended:
            continue
    raise Busy(what="keys")


def revoke_key(backend: Backend, key_id: str, now: datetime) -> Key:
    """Ends a key; the gateway forgets it within a minute. Revoking twice changes nothing. Raises KeyUnknown, Busy."""
    for _ in range(_ATTEMPTS_MAX):
        row = backend.get("club", {"kind": keys.KEY, "id": key_id})
        if row is None:
            raise KeyUnknown(key=key_id)
        if "revoked_at" in row:
            return _key(row)
        ended = dict(row) | {"revoked_at": now.isoformat(timespec="seconds")}
        alive = _alive(backend, row["mode"], row["store"])
        try:
            left = [one for one in alive["keys"] if one != key_id]
            if not backend.write([Put("club", ended), _changed(alive, left)]):
                return _key(ended)
        except Contended:
            continue
    raise Busy(what="keys")


def all_keys(backend: Backend) -> list[Key]:
    return [_key(row) for row in backend.listed("club", keys.KEY)]


def caller_of(backend: Backend, token: str) -> tuple[Caller, tuple[str, ...]] | None:
    """Whose key this is and its scopes, or None for anything that is not a living key."""
    found = _TOKEN.fullmatch(token)
    if found is None:
        return None
    mode, key_id, secret = found.groups()
    row = backend.get("club", {"kind": keys.KEY, "id": key_id})
    # Compared also when there is no row, so that an unknown id takes as long as a wrong secret.
    genuine = hmac.compare_digest(row["hash"] if row else "", _hash(secret))
    if row is None or not genuine or row["mode"] != mode or "revoked_at" in row:
        return None
    return Caller(row["store"], row["mode"], row["id"]), tuple(row["scopes"])


def _alive(backend: Backend, mode: keys.Mode, store: str) -> Item:
    row = {"kind": keys.STORE, "id": keys.store_keys(mode, store)}
    return backend.get("club", row) or row | {"keys": [], "n": 0}


def _changed(alive: Item, left: list[str]) -> Put:
    """The store's list of living keys, if nobody changed it meanwhile."""
    row: dict[str, Any] = dict(alive) | {"keys": left, "n": alive["n"] + 1}
    return Put("club", row, absent=alive["n"] == 0, where=("n", alive["n"]) if alive["n"] else None)


def _key(row: Item) -> Key:
    return Key(row["id"], row["mode"], row["store"], tuple(row["scopes"]), row["created_at"], row.get("revoked_at"))


def _hash(secret: str) -> str:
    # The secret has 200 random bits: a slow hash would protect nothing and cost every request.
    return hashlib.sha256(secret.encode()).hexdigest()


def _random(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))
