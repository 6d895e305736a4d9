"""What the store asks of whatever keeps the rows: DynamoDB (`table.py`) or dicts (`memory.py`), under one set of tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple, Protocol

from shared.domain.errors import Busy
from shared.store.meter import Meter

Item = Mapping[str, Any]
TableName = Literal["accounts", "ledger", "aliases", "people", "post", "limits", "club"]

# The key attributes of each table, partition first.
KEYS: dict[TableName, tuple[str, ...]] = {
    "accounts": ("a",),
    "ledger": ("k",),
    "aliases": ("k",),
    "people": ("m", "p"),
    "post": ("m", "s"),
    "limits": ("k", "s"),
    "club": ("kind", "id"),
}
# The ledger's index: what a statement needs to know of each posting; the rest by a strong read.
BY_ACCOUNT = "by_account"
BY_ACCOUNT_ATTRIBUTES = ("t", "c", "d", "h")

# DynamoDB takes 100; ours stay far below (L21).
TRANSACTION_PUTS_MAX = 25


class Put(NamedTuple):
    """One row to write. `absent`: only if there is none with this key. An attribute and value: only if the stored row has it."""

    table: TableName
    row: Item
    absent: bool = False
    where: tuple[str, int] | None = None


class Drop(NamedTuple):
    """One row to take away, with others that are written: what it waited for has come. `where` as in `Put`."""

    table: TableName
    row: Item
    absent: bool = False
    where: tuple[str, int] | None = None


class Add(NamedTuple):
    """One row, named by its key alone, whose numbers grow by so much, with others that are written. It is made where there is
    none, with the numbers of `first`. No condition: whoever adds at the same time loses nothing."""

    table: TableName
    row: Item
    more: Mapping[str, int]
    first: Mapping[str, int] = {}


# What one transaction may be made of.
Write = Put | Drop | Add


class Contended(Busy):
    """Another writer was at the same rows. Nothing was written; it may be tried again at once."""


class Paused(Busy):
    """DynamoDB asks for a pause, after every attempt that one request may make. Nothing was written; the caller waits."""


class Unanswered(Busy):
    """No answer came after every attempt. It may have been written: the business key tells."""


class Backend(Protocol):
    meter: Meter | None
    """What counts what is used here, where somebody wants to know."""

    def get(self, table: TableName, key: Item) -> Item | None:
        """One row, strongly read."""

    def get_many(self, table: TableName, keys: Sequence[Item]) -> list[Item]:
        """The rows there are, strongly read, in no order."""

    def write(self, puts: Sequence[Write]) -> dict[int, Item]:
        """All rows or none. Empty when written; else the positions whose condition failed, with the row stored there
        ({} when there is none). Raises Contended, Paused, Unanswered."""

    def entries(self, account: str, before: int | None, limit: int) -> list[Item]:
        """Postings of an account from the index, newest first, below a sequence. A new one may be missing for a moment."""

    def listed(self, table: TableName, partition: str) -> list[Item]:
        """All rows of one partition in the order of their sort key."""

    def scanned(self, table: TableName, part: int = 0, parts: int = 1, after: Item | None = None) -> Iterator[Item]:
        """All rows of a part of a table, as they were a moment ago: for sweeps and reports, not where a till or a member waits. A
        row's part is its key's for good, and rows come in the same sequence each time, though in none that says anything: `after`
        is a key, and only what comes behind it is read."""

    def counted(self, key: str, limit: int, expires_at: int) -> bool:
        """Counts one up in `limits`; False when the limit was reached before. `expires_at` in epoch seconds."""
