"""How many of a reward were taken and are held: one row, and a condition of each transaction that changes it."""

from __future__ import annotations

from typing import NamedTuple

from shared.domain.ledger import packed, unpacked
from shared.store import keys
from shared.store.backend import Backend, Item, Put


class Stock(NamedTuple):
    """`held` is until when, in ms, by redemption: one that is over is free again. `version` tells one state from the next."""

    mode: keys.Mode
    reward_id: str
    version: int = 0
    taken: int = 0
    held: tuple[tuple[str, int], ...] = ()

    def left(self, stock: int, now_ms: int) -> int:
        return stock - self.taken - sum(until > now_ms for _, until in self.held)

    def with_hold(self, key: str, until_ms: int, now_ms: int) -> Stock:
        open_ones = tuple(one for one in self.held if one[1] > now_ms)
        return self._replace(held=(*open_ones, (key, until_ms)))

    def without(self, key: str, *, taken: bool) -> Stock:
        return self._replace(held=tuple(one for one in self.held if one[0] != key), taken=self.taken + taken)

    def put_back(self) -> Stock:
        """One that was taken stands on the shelf again."""
        return self._replace(taken=max(0, self.taken - 1))


def stock_of(backend: Backend, mode: keys.Mode, reward_id: str) -> Stock:
    row = backend.get("limits", {"k": keys.stock(mode, reward_id), "s": 0})
    return Stock(mode, reward_id) if row is None else stock_in(row)


def stock_in(row: Item) -> Stock:
    """What a row of `limits` whose key is that of a stock says."""
    mode, reward_id = keys.of_stock(row["k"])
    return Stock(mode, reward_id, row["n"], row["c"], tuple((key, until) for key, until in unpacked(row["h"])))


def put_stock(stock: Stock) -> Put:
    """The write of a row that was read and changed; its version is made one higher."""
    row = {
        "k": keys.stock(stock.mode, stock.reward_id),
        "s": 0,
        "n": stock.version + 1,
        "c": stock.taken,
        "h": packed([list(one) for one in stock.held]),
    }
    where = ("n", stock.version) if stock.version else None
    return Put("limits", row, absent=where is None, where=where)
