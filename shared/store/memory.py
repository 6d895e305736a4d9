"""The store's rows in dicts: the same contract as DynamoDB, for tests of the rules and for backtests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy
from typing import Any
from zlib import crc32

from shared.store.backend import (
    BY_ACCOUNT_ATTRIBUTES,
    KEYS,
    TRANSACTION_PUTS_MAX,
    Add,
    Drop,
    Item,
    Put,
    TableName,
    Write,
)
from shared.store.meter import Meter


class Memory:
    """Rows by table and key. Not for several threads: DynamoDB is what makes concurrency true."""

    def __init__(self, meter: Meter | None = None) -> None:
        self.meter = meter
        self._tables: dict[TableName, dict[tuple[Any, ...], dict[str, Any]]] = {table: {} for table in KEYS}
        # The ledger's index: its rows by account, then by key.
        self._by_account: dict[str, dict[tuple[Any, ...], dict[str, Any]]] = {}

    def get(self, table: TableName, key: Item) -> Item | None:
        row = self._tables[table].get(_key(table, key))
        return deepcopy(row)

    def get_many(self, table: TableName, keys: Sequence[Item]) -> list[Item]:
        found = (self.get(table, key) for key in keys)
        return [row for row in found if row is not None]

    def write(self, puts: Sequence[Write]) -> dict[int, Item]:
        assert 0 < len(puts) <= TRANSACTION_PUTS_MAX
        refused: dict[int, Item] = {}
        for position, put in enumerate(puts):
            if isinstance(put, Add):
                continue
            stored = self._tables[put.table].get(_key(put.table, put.row))
            if put.absent and stored is not None:
                refused[position] = deepcopy(stored)
            if put.where is not None and (stored is None or stored.get(put.where[0]) != put.where[1]):
                refused[position] = deepcopy(stored or {})
        if not refused:
            for put in puts:
                self._add(put) if isinstance(put, Add) else self._replace(put)
        return refused

    def _add(self, add: Add) -> None:
        row = self._tables[add.table].setdefault(_key(add.table, add.row), dict(add.row))
        for name, value in add.first.items():
            row.setdefault(name, value)
        for name, more in add.more.items():
            row[name] = row.get(name, 0) + more

    def _replace(self, put: Put | Drop) -> None:
        rows, key = self._tables[put.table], _key(put.table, put.row)
        old = rows.pop(key, None)
        new = None if isinstance(put, Drop) else deepcopy(dict(put.row))
        if new is not None:
            rows[key] = new
        if put.table == "ledger":
            if old is not None and "a" in old:
                del self._by_account[old["a"]][key]
            if new is not None and "a" in new:
                self._by_account.setdefault(new["a"], {})[key] = new

    def entries(self, account: str, before: int | None, limit: int) -> list[Item]:
        rows = [row for row in self._by_account.get(account, {}).values() if before is None or row["n"] < before]
        rows.sort(key=lambda row: -int(row["n"]))
        kept = ("k", "a", "n", *BY_ACCOUNT_ATTRIBUTES)
        return [{name: row[name] for name in kept if name in row} for row in rows[:limit]]

    def listed(self, table: TableName, partition: str) -> list[Item]:
        rows = self._tables[table]
        return [deepcopy(rows[key]) for key in sorted(rows) if key[0] == partition]

    def scanned(self, table: TableName, part: int = 0, parts: int = 1, after: Item | None = None) -> Iterator[Item]:
        rows = self._tables[table]
        behind = repr(_key(table, after)) if after is not None else ""
        found = ((repr(key), key) for key in rows if parts == 1 or crc32(str(key[0]).encode()) % parts == part)
        for place, key in sorted(found):
            if place > behind and key in rows:
                yield deepcopy(rows[key])

    def counted(self, key: str, limit: int, expires_at: int) -> bool:
        row = self._tables["limits"].setdefault((key, 0), {"k": key, "s": 0, "c": 0, "x": expires_at})
        if row["c"] >= limit:
            return False
        row["c"] += 1
        return True


def _key(table: TableName, row: Item) -> tuple[Any, ...]:
    return tuple(row[name] for name in KEYS[table])
