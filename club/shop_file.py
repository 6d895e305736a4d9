"""Any shop's file of purchases, as a till or a shop system exports it, as `club assess` counts it: one row is a line of a
purchase, or a purchase. It is read as `club import` reads it, and nobody has to be a member.

What came back stands there with a minus, or under a purchase id that begins with C, as many systems write cancellations. An
empty buyer is a guest. A row that cannot be read is counted and named, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from club.console import Step, Trouble
from club.imports.cells import Dates, When, buyer_in, instant_of, minor_of, number_in, way_of, when_in
from club.imports.columns import ASSESSED, columns_of
from club.imports.tables import Row, opened
from shared.domain.assessing import GUEST, Sold

ROWS_NAMED_MAX = 20
_NEEDED = (("buyer",), ("occurred_at",), ("amount", "amount_minor", "unit_price"))
_TOLD_EVERY = 10_000
_CANCELLED = re.compile(r"[Cc]\d+")
# A currency without smaller units: what is told in them already.
_WHOLE = "XXX"
_NO_CLOCK = datetime(2000, 1, 1)  # noqa: DTZ001  # A day is as it is written, wherever that was.

_Purchase = tuple[str, str, bool]


class Unread(NamedTuple):
    line: int
    why: str


class ShopFile(NamedTuple):
    """The purchases of a file; how many rows it has; the rows that could not be read, of which the first few are named."""

    sales: tuple[Sold, ...]
    rows: int
    unread: int
    named: tuple[Unread, ...]
    columns: Mapping[str, str]
    dates: Dates
    told: str


class _Held(NamedTuple):
    numbers: tuple[int, int, int]
    amount_minor: int
    cost_minor: int | None


def shop_file(
    path: Path, currency: str, said: Mapping[str, str], dates: Dates | None, step: Step, encoding: str = ""
) -> ShopFile:
    """Raises Trouble for a file that is none of purchases, and where nobody can tell days from months."""
    sheet = opened(path, encoding)
    columns = columns_of(sheet.header, ASSESSED, said, _NEEDED)
    held: dict[_Purchase, _Held] = {}
    unread: list[Unread] = []
    rows = 0
    for rows, row in enumerate(sheet.rows, 1):
        if rows % _TOLD_EVERY == 0:
            step.update(rows, unit="rows")
        try:
            purchase, one = _read(row, columns, currency)
        except ValueError as wrong:
            unread.append(Unread(row.number, str(wrong)))
            continue
        before = held.get(purchase)
        held[purchase] = one if before is None else _together(before, one)
    if not held:
        why = f"row {unread[0].line}: {unread[0].why}" if unread else "it has a header and no rows"
        raise Trouble(f"Not one row of {path} could be read as a purchase: {why}.")
    way = dates or _way({one.numbers for one in held.values()}, path)
    sales = []
    for (_, buyer, is_return), one in held.items():
        try:
            sales.append(Sold(buyer, _day(one.numbers, way), one.amount_minor, one.cost_minor, is_return))
        except ValueError as wrong:
            unread.append(Unread(0, str(wrong)))
    named = {what: sheet.header[place] for what, place in columns.items()}
    return ShopFile(tuple(sales), rows, len(unread), tuple(unread[:ROWS_NAMED_MAX]), named, way, sheet.told)


def _read(row: Row, columns: Mapping[str, int], currency: str) -> tuple[_Purchase, _Held]:
    """The row's purchase, and what the row adds to it. Raises ValueError."""
    if row.why:
        raise ValueError(row.why)

    def cell(what: str) -> str:
        return row.cells[columns[what]] if what in columns else ""

    quantity = number_in(cell("quantity"), "quantity") if cell("quantity") else Decimal(1)
    if cell("amount_minor"):
        minor = minor_of(number_in(cell("amount_minor"), "amount"), _WHOLE)
    elif cell("amount"):
        minor = minor_of(number_in(cell("amount"), "amount"), currency)
    else:
        minor = minor_of(quantity * number_in(cell("unit_price"), "price"), currency)
    numbers, purchase_id = when_in(cell("occurred_at")).numbers, cell("purchase_id")
    if _CANCELLED.fullmatch(purchase_id) and minor > 0:
        minor = -minor
    is_return = minor < 0 or quantity < 0
    cost = None
    if cell("cost"):
        cost = minor_of(number_in(cell("cost"), "cost"), currency)
    elif cell("unit_cost"):
        cost = minor_of(abs(quantity) * number_in(cell("unit_cost"), "cost"), currency)
    if cost is not None and is_return:
        cost = -abs(cost)
    # Without an id a row is a purchase of its own.
    purchase = (purchase_id or f"\0{row.number}", buyer_in(cell("buyer")) or GUEST, is_return)
    return purchase, _Held(numbers, minor, cost)


def _together(before: _Held, more: _Held) -> _Held:
    known = before.cost_minor is not None and more.cost_minor is not None
    cost = before.cost_minor + more.cost_minor if known else None  # type: ignore[operator]
    return _Held(before.numbers, before.amount_minor + more.amount_minor, cost)


def _way(numbers: set[tuple[int, int, int]], path: Path) -> Dates:
    way = way_of(numbers)
    if way is None:
        raise Trouble(
            f"The dates of {path} can be read in two ways: say --dates dmy for 2/11 = 2 November, or --dates mdy."
        )
    return way


def _day(numbers: tuple[int, int, int], way: Dates) -> date:
    """Raises ValueError."""
    return instant_of(When(numbers, None, ""), way, _NO_CLOCK).date()
