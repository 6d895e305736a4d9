"""What of a purchase came back so far, and which redemptions paid for it: one row beside the purchase, made when first needed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from shared.domain.ledger import packed, unpacked
from shared.domain.returned import Returned
from shared.store import keys
from shared.store.backend import Backend, Item, Put

# Redemptions that pay for one purchase: a return of it gives back to each of them in one transaction (L21).
PAYMENTS_MAX = 4


class Rest(NamedTuple):
    """`version` tells one state of the row from the next: a write demands the one that was read."""

    purchase_key: str
    version: int = 0
    returned: Returned = Returned()
    payments: tuple[str, ...] = ()


def rest_of(backend: Backend, purchase_key: str) -> Rest:
    return _rest(purchase_key, backend.get("limits", {"k": keys.rest(purchase_key), "s": 0}))


def rests_of(backend: Backend, of: Sequence[str]) -> list[Rest]:
    """Those of several keys, in one round trip."""
    rows = {row["k"]: row for row in backend.get_many("limits", [{"k": keys.rest(key), "s": 0} for key in of])}
    return [_rest(key, rows.get(keys.rest(key))) for key in of]


def rest_in(row: Item) -> Rest:
    """What a row of `limits` whose key is that of a rest says."""
    return _rest(keys.of_rest(row["k"]), row)


def _rest(purchase_key: str, row: Item | None) -> Rest:
    if row is None:
        return Rest(purchase_key)
    units, uncounted, money_minor, paid_back_minor, whole = unpacked(row["r"])
    returned = Returned(dict(units), dict(uncounted), money_minor, paid_back_minor, bool(whole))
    return Rest(purchase_key, row["n"], returned, tuple(unpacked(row["p"])))


def back_of(rest: Rest) -> int:
    """Units of a capture that were given back: the row of a capture counts them as a purchase's counts money."""
    return rest.returned.money_minor


def put_back(rest: Rest, units: int) -> Put:
    """The write of a capture's row after so many more of its units were given back."""
    return put_rest(rest._replace(returned=Returned(money_minor=back_of(rest) + units)))


def put_rest(rest: Rest) -> Put:
    """The write of a row that was read and changed; its version is made one higher."""
    returned = rest.returned
    pairs = [[list(pair) for pair in some.items()] for some in (returned.units, returned.uncounted)]
    row = {
        "k": keys.rest(rest.purchase_key),
        "s": 0,
        "n": rest.version + 1,
        "r": packed([*pairs, returned.money_minor, returned.paid_back_minor, int(returned.whole)]),
        "p": packed(list(rest.payments)),
    }
    return Put("limits", row, absent=rest.version == 0, where=("n", rest.version) if rest.version else None)
