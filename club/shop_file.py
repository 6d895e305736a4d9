"""Any shop's CSV of purchases, as a till or a shop system exports it: one row is a line of a purchase, or a purchase. Which
column is what is told by its name, or by the owner.

What came back stands there with a minus, or under a purchase id that begins with C, as many systems write cancellations. An
empty buyer is a guest. A row that cannot be read is counted and named, never guessed.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from club.console import Step, Trouble
from shared.domain.assessing import GUEST, Sold
from shared.domain.money import AMOUNT_MINOR_MAX, decimals, rounded

# Ten million rows are years of a large chain; they are folded into purchases as they are read.
ROWS_MAX = 10_000_000
ROWS_NAMED_MAX = 20
# Names of columns, by letters and digits alone. The first that is there counts.
NAMES: Mapping[str, tuple[str, ...]] = {
    "buyer": ("buyer", "customerid", "customer", "customerno", "customernumber", "clientid", "memberid", "member", "card",
              "email", "customeremail", "phone", "userid"),
    "on": ("date", "on", "invoicedate", "orderdate", "purchasedate", "occurredat", "createdat", "day", "datetime", "timestamp",
           "transactiondate", "paidat"),
    "purchase": ("purchaseid", "purchase", "invoiceno", "invoice", "orderid", "orderno", "ordernumber", "order", "receipt",
                 "transactionid", "name"),
    "amount": ("amount", "total", "totalprice", "linetotal", "revenue", "sales", "spend", "value", "dollarvalue", "subtotal"),
    "amount_minor": ("amountminor", "totalminor"),
    "quantity": ("quantity", "qty", "units"),
    "price": ("unitprice", "price"),
    "cost": ("cost", "linecost", "totalcost", "cogs"),
    "unit_cost": ("unitcost", "costperunit", "itemcost"),
}  # fmt: skip
DATES = ("year first", "day first", "month first")
_NUMBERS = re.compile(r"\s*(\d{1,4})[-/.](\d{1,2})[-/.](\d{1,4})(?![\d])")
_SOLID = re.compile(r"\s*(\d{4})(\d{2})(\d{2})(?!\d)")
_CANCELLED = re.compile(r"[Cc]\d+")
# A currency may stand before or behind it, and nothing between its digits but points, commas and spaces.
_AMOUNT = re.compile(r"([^\d.,()-]{0,4})(\(?-?)\s*([^\d.,()-]{0,4})(\d[\d.,'\s]*|[.,]\d+)(\)?)[^\d.,()-]{0,4}")
_HEADER_SHOWN = 300
DELIMITERS = ",;\t|"
_EMPTY = frozenset({"", "nan", "null", "none", "na", "n/a", "guest"})


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
    dates: str


class _Held(NamedTuple):
    numbers: tuple[int, int, int]
    amount_minor: int
    cost_minor: int | None


def shop_file(path: Path, currency: str, said: Mapping[str, str], dates: str | None, step: Step) -> ShopFile:
    """Raises Trouble for a file that is none of purchases, and where nobody can tell days from months."""
    held: dict[tuple[str, str, bool], _Held] = {}
    named: list[Unread] = []
    unread = rows = 0
    reader, columns = _opened(path, said)
    for rows, (line, cells) in enumerate(reader, 1):
        if rows > ROWS_MAX:
            raise Trouble(f"{path} has more than {ROWS_MAX:,} rows: split it by year.")
        if rows % 10_000 == 0:
            step.update(rows, unit="rows")
        try:
            key, one = _row(line, cells, columns, currency)
        except ValueError as wrong:
            unread += 1
            named += [Unread(line, str(wrong))][: ROWS_NAMED_MAX - len(named)]
            continue
        before = held.get(key)
        held[key] = one if before is None else _together(before, one)
    way = dates or _way({one.numbers for one in held.values()}, path)
    sales = []
    for (_, buyer, is_return), one in held.items():
        day = _day(one.numbers, way)
        if day is None:
            unread += 1
            named += [Unread(0, f"{'/'.join(map(str, one.numbers))} is no day, {way}")][: ROWS_NAMED_MAX - len(named)]
        else:
            sales.append(Sold(buyer, day, one.amount_minor, one.cost_minor, is_return))
    return ShopFile(tuple(sales), rows, unread, tuple(named), columns, way)


def _opened(path: Path, said: Mapping[str, str]) -> tuple[Iterator[tuple[int, dict[str, str]]], dict[str, str]]:
    encoding = _encoding(path)
    with path.open(encoding=encoding, newline="", errors="replace") as file:
        head = file.readline(65_536)
    delimiter = max(DELIMITERS, key=head.count)
    if delimiter not in head:
        # Columns of a fixed width, such as the published CDNOW log has.
        delimiter = " "
    header = [cell.strip() for cell in next(_cells([head], delimiter), [])]
    if len(header) < 2:
        raise Trouble(f"The first line of {path} must name its columns, apart by comma, semicolon, tab or spaces.")
    return _read(path, encoding, delimiter, header), _columns(header, said, path)


def _read(path: Path, encoding: str, delimiter: str, header: list[str]) -> Iterator[tuple[int, dict[str, str]]]:
    with path.open(encoding=encoding, newline="", errors="replace") as file:
        rows = enumerate(_cells(file, delimiter), 1)
        next(rows)
        for number, cells in rows:
            if any(cell.strip() for cell in cells):
                yield number, dict(zip(header, (cell.strip() for cell in cells), strict=False))


def _cells(lines: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    """Raises Trouble for a cell that never ends."""
    if delimiter == " ":
        yield from (line.split() for line in lines)
        return
    reader = csv.reader(lines, delimiter=delimiter)
    try:
        yield from reader
    except csv.Error as wrong:
        raise Trouble(f"Line {reader.line_num} is no row of a table: {wrong}.") from None


def _encoding(path: Path) -> str:
    """UTF-8 where every byte is; else the one that older Windows programs write."""
    try:
        with path.open("rb") as file:
            start = file.read(2)
        if start in (b"\xff\xfe", b"\xfe\xff"):
            return "utf-16"
        with path.open(encoding="utf-8-sig") as text:
            while text.read(1 << 20):
                pass
    except UnicodeDecodeError:
        return "cp1252"
    except OSError as error:
        raise Trouble(f"{path} cannot be read: {error.strerror or error}.") from None
    return "utf-8-sig"


def _columns(header: list[str], said: Mapping[str, str], path: Path) -> dict[str, str]:
    plain = {re.sub(r"[^a-z0-9]", "", name.lower()): name for name in reversed(header)}
    found = {what: next((plain[name] for name in names if name in plain), "") for what, names in NAMES.items()}
    for what, name in said.items():
        if what not in NAMES or name not in header:
            raise Trouble(f"--column {what}={name}: left one of {', '.join(NAMES)}; right one of {', '.join(header)}.")
        found[what] = name
    missing = [what for what in ("buyer", "on") if not found[what]]
    if not found["amount"] and not found["amount_minor"] and not found["price"]:
        missing.append("amount")
    if missing:
        raise Trouble(
            f"{path} has no column that is known as {' or '.join(missing)}; it has {', '.join(header)[:_HEADER_SHOWN]}."
            f" Say which one it is: --column {missing[0]}=NAME."
        )
    return {what: name for what, name in found.items() if name}


def _row(
    line: int, cells: Mapping[str, str], columns: Mapping[str, str], currency: str
) -> tuple[tuple[str, str, bool], _Held]:
    """The row's purchase, and what the row adds to it. Raises ValueError."""

    def cell(what: str) -> str:
        return cells.get(columns.get(what, ""), "")

    quantity = _number(cell("quantity"), "quantity") if cell("quantity") else Decimal(1)
    if cell("amount_minor"):
        minor = _minor(_number(cell("amount_minor"), "amount"), "XXX", places=0)
    elif cell("amount"):
        minor = _minor(_number(cell("amount"), "amount"), currency)
    else:
        minor = _minor(quantity * _number(cell("price"), "price"), currency)
    purchase_id, on = cell("purchase"), cell("on")
    numbers = _SOLID.match(on) or _NUMBERS.match(on)
    if numbers is None:
        raise ValueError(f"{on!r} is no day")
    first, second, third = (int(part) for part in numbers.groups())
    buyer = cell("buyer")
    buyer = GUEST if buyer.lower() in _EMPTY else buyer.removesuffix(".0")
    if _CANCELLED.fullmatch(purchase_id) and minor > 0:
        minor = -minor
    is_return = minor < 0 or quantity < 0
    cost = None
    if cell("cost"):
        cost = _minor(_number(cell("cost"), "cost"), currency)
    elif cell("unit_cost"):
        cost = _minor(abs(quantity) * _number(cell("unit_cost"), "cost"), currency)
    if cost is not None and is_return:
        cost = -abs(cost)
    # Without an id a row is a purchase of its own.
    key = (purchase_id or f"\0{line}", buyer, is_return)
    return key, _Held((first, second, third), minor, cost)


def _together(before: _Held, more: _Held) -> _Held:
    known = before.cost_minor is not None and more.cost_minor is not None
    cost = before.cost_minor + more.cost_minor if known else None  # type: ignore[operator]
    return _Held(before.numbers, before.amount_minor + more.amount_minor, cost)


def _number(text: str, what: str) -> Decimal:
    """1,234.50 and 1.234,50 and 12,5 and (3.00), with or without a currency's sign. Raises ValueError.

    >>> _number("€ 1.234,50", "amount"), _number("1,234.5", "amount"), _number("(3.00)", "amount")
    (Decimal('1234.50'), Decimal('1234.5'), Decimal('-3.00'))
    """
    found = _AMOUNT.fullmatch(text.strip())
    if found is None or ("(" in found[2]) != bool(found[5]):
        raise ValueError(f"{what} {text!r} is no number")
    plain = ("-" if found[2] else "") + re.sub(r"['\s]", "", found[4])
    point = max(plain.rfind("."), plain.rfind(","))
    if point >= 0:
        whole, part = plain[:point], plain[point + 1 :]
        groups = re.split(r"[.,]", whole.lstrip("-"))
        is_group = len(part) == 3 and plain[point] == "," and 1 <= len(groups[0]) <= 3
        plain = re.sub(r"[.,]", "", whole) + ("" if is_group else ".") + part
    try:
        return Decimal(plain)
    except InvalidOperation:
        raise ValueError(f"{what} {text!r} is no number") from None


def _minor(value: Decimal, currency: str, *, places: int | None = None) -> int:
    """In the smallest unit; a unit price of half a cent is rounded once, on its line."""
    exact = Fraction(value) * 10 ** (decimals(currency) if places is None else places)
    minor = rounded(exact.numerator, exact.denominator, "half_up")
    if abs(minor) > AMOUNT_MINOR_MAX:
        raise ValueError(f"{value} is more than a purchase can be")
    return minor


def _way(numbers: set[tuple[int, int, int]], path: Path) -> str:
    """Which of the numbers of a date is its day: told by those that can be nothing else."""
    if any(first > 31 for first, _, _ in numbers):
        return "year first"
    if any(first > 12 for first, _, _ in numbers):
        return "day first"
    if any(second > 12 for _, second, _ in numbers):
        return "month first"
    if not numbers:
        raise Trouble(f"Not one row of {path} could be read as a purchase.")
    raise Trouble(f"The dates of {path} can be read in two ways: say --dates 'day first' or --dates 'month first'.")


def _day(numbers: tuple[int, int, int], way: str) -> date | None:
    first, second, third = numbers
    year, month, day = {
        "year first": (first, second, third), "day first": (third, second, first), "month first": (third, first, second)
    }[way]  # fmt: skip
    try:
        return date(year + 2000 if year < 100 else year, month, day)
    except ValueError:
        return None
