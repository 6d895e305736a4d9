"""Rows become purchases and returns: rows of one purchase id are its lines, wherever they stand in the file. They are
gathered in a file of their own, so that a file of any size fits.

What has a minus, or stands under an id that begins with C as many systems write cancellations, came back. Which purchase it
is of is told by the buyer and the product: the newest one before it that has as many units left.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from club.imports.cells import Dates, When, buyer_in, instant_of, minor_of, number_in, way_of, when_in
from club.imports.tables import Row
from club.load.problems import FileUnusable

_CANCELLED = re.compile(r"[Cc]\d+")
SKU_WITHOUT_COLUMN = "sale"
LINES_MAX = 1_000


class Rejected(NamedTuple):
    """A row that is not taken, and why."""

    row: int
    column: str
    code: str
    reason: str
    cells: tuple[str, ...] = ()


class Line(NamedTuple):
    sku: str
    category: str
    quantity: int
    minor: int


class Sale(NamedTuple):
    """One purchase; `discount_minor` is what lines with a minus in it take off."""

    row: int
    store: str
    purchase_id: str
    buyer: str
    at: datetime
    channel: str
    lines: tuple[Line, ...]
    discount_minor: int


class Back(NamedTuple):
    """One return; `purchase_id` is "" where nobody can tell of which purchase."""

    row: int
    store: str
    return_id: str
    purchase_id: str
    buyer: str
    at: datetime
    lines: tuple[Line, ...]
    minor: int


class How(NamedTuple):
    store: str
    currency: str
    zone: ZoneInfo
    dates: Dates | None


class Gathering:
    """`add` each row, then read `things` in the sequence in which they happened, buyer by buyer."""

    def __init__(self, path: Path, columns: Mapping[str, int], how: How) -> None:
        path.unlink(missing_ok=True)
        self._db, self._columns, self._how = sqlite3.connect(path), columns, how
        self._db.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
            "CREATE TABLE row (number INTEGER, store TEXT, id TEXT, buyer TEXT, a INTEGER, b INTEGER, c INTEGER, time TEXT,"
            " offset TEXT, sku TEXT, category TEXT, quantity INTEGER, minor INTEGER, channel TEXT, back INTEGER)"
        )
        self.rows = 0

    def add(self, row: Row) -> Rejected | None:
        """None where it was taken."""
        self.rows += 1
        if row.why:
            return Rejected(row.number, "", "row_unreadable", row.why, tuple(row.cells))
        try:
            values = self._values(row)
        except _Wrong as wrong:
            return Rejected(row.number, wrong.column, "cell_unreadable", str(wrong), tuple(row.cells))
        self._db.execute("INSERT INTO row VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
        return None

    def _values(self, row: Row) -> tuple[object, ...]:
        def cell(what: str) -> str:
            return row.cells[self._columns[what]] if what in self._columns else ""

        with _of("quantity"):
            quantity = number_in(cell("quantity"), "quantity") if cell("quantity") else None
            if quantity is not None and (quantity != quantity.to_integral_value() or not quantity):
                raise ValueError(f"quantity {cell('quantity')!r} is no whole number above or below 0")
        with _of("amount" if cell("amount") else "unit_price"):
            if cell("amount"):
                minor = minor_of(number_in(cell("amount"), "amount"), self._how.currency)
            else:
                minor = minor_of(number_in(cell("unit_price"), "unit_price") * (quantity or 1), self._how.currency)
        with _of("occurred_at"):
            when = when_in(cell("occurred_at"))
        with _of("buyer"):
            buyer = buyer_in(cell("buyer"))
        purchase_id = cell("purchase_id") or f"row-{row.number}"
        is_back = minor < 0 or (quantity or 1) < 0 or bool(_CANCELLED.fullmatch(purchase_id))
        time = ":".join(map(str, when.time)) if when.time else ""
        return (
            row.number, cell("store") or self._how.store, purchase_id, buyer, *when.numbers, time, when.offset,
            cell("sku") or SKU_WITHOUT_COLUMN, cell("category"), abs(int(quantity or 1)), -abs(minor) if is_back else minor,
            cell("channel").lower(), int(is_back),
        )  # fmt: skip

    def settle(self) -> Dates:
        """Decides how days are read. Raises FileUnusable where the file can be read in two ways."""
        self._db.execute("CREATE INDEX by_id ON row (store, id, number)")
        self._db.execute("CREATE INDEX by_sku ON row (buyer, sku)")
        numbers = self._db.execute("SELECT DISTINCT a, b, c FROM row").fetchall()
        way = self._how.dates or way_of(numbers)
        if way is None and numbers:
            raise FileUnusable(
                "The dates can be read in two ways: say --dates dmy for 2/11/2026 = 2 November, or --dates mdy."
            )
        self._way: Dates = way or "ymd"
        return self._way

    def things(self) -> Iterator[Sale | Back | Rejected]:
        """Purchases and returns in the sequence of the file's ids. Call `settle` before."""
        group: list[tuple[object, ...]] = []
        for found in self._db.execute("SELECT * FROM row ORDER BY store, id, number"):
            if group and (found[1], found[2]) != (group[0][1], group[0][2]):
                yield from self._thing(group)
                group = []
            group.append(found)
        if group:
            yield from self._thing(group)

    def _thing(self, group: list[tuple[object, ...]]) -> Iterator[Sale | Back | Rejected]:
        number, store, named, buyer = int(str(group[0][0])), str(group[0][1]), str(group[0][2]), str(group[0][3])
        if len(group) > LINES_MAX:
            yield Rejected(
                number, "", "lines_too_many", f"{named} has {len(group)} lines, and a purchase has {LINES_MAX} at most"
            )
            return
        if {str(row[3]) for row in group} != {buyer}:
            yield Rejected(number, "buyer", "lines_disagree", f"the rows of {named} name more than one buyer")
            return
        when = min((_when(row) for row in group), key=lambda one: (one.numbers, one.time or (0, 0, 0)))
        try:
            at = instant_of(when, self._way, datetime.now(self._how.zone))
        except ValueError as wrong:
            yield Rejected(number, "occurred_at", "cell_unreadable", str(wrong))
            return
        sold = tuple(_line(row) for row in group if not row[14])
        back = tuple(_line(row) for row in group if row[14])
        taken_off = -sum(line.minor for line in back)
        if sold and taken_off <= sum(line.minor for line in sold):
            yield Sale(number, store, named, buyer, at, str(group[0][13]), sold, taken_off)
        elif sold:
            yield Rejected(number, "amount", "below_nothing", f"the lines of {named} come to less than nothing")
        else:
            minor = -sum(line.minor for line in back)
            yield Back(number, store, named, self._purchase_of(store, buyer, back, group), buyer, at, back, minor)

    def _purchase_of(self, store: str, buyer: str, lines: tuple[Line, ...], group: list[tuple[object, ...]]) -> str:
        """The newest purchase of the buyer, before the return's rows, with each of its products in as many units."""
        if not buyer:
            return ""
        first = lines[0]
        found = self._db.execute(
            "SELECT DISTINCT id FROM row WHERE buyer = ? AND sku = ? AND store = ? AND NOT back AND quantity >= ? AND number < ?"
            " ORDER BY number DESC LIMIT 20",
            (buyer, first.sku, store, first.quantity, group[0][0]),
        ).fetchall()
        for (named,) in found:
            had = dict(self._db.execute(
                "SELECT sku, SUM(quantity) FROM row WHERE store = ? AND id = ? AND NOT back GROUP BY sku", (store, named)
            ).fetchall())  # fmt: skip
            if all(had.get(line.sku, 0) >= line.quantity for line in lines):
                return str(named)
        return ""


class _Wrong(ValueError):
    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column = column


class _of:  # noqa: N801  # Read as a word: `with _of("amount")`.
    """Says of which column a fault is."""

    def __init__(self, column: str) -> None:
        self._column = column

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, fault: BaseException | None, _trace: object) -> None:
        if isinstance(fault, ValueError):
            raise _Wrong(self._column, str(fault)) from None


def _when(row: tuple[object, ...]) -> When:
    hours = [int(part) for part in str(row[7]).split(":")] if row[7] else None
    time = (hours[0], hours[1], hours[2]) if hours else None
    return When((int(str(row[4])), int(str(row[5])), int(str(row[6]))), time, str(row[8]))


def _line(row: tuple[object, ...]) -> Line:
    return Line(str(row[9]), str(row[10]), int(str(row[11])), int(str(row[12])))
