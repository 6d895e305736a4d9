"""Our own CSV of purchases, read row by row: what can be sent is planned, what cannot is named with line and reason.

A row is one line of the file, so an open quote spoils its own row and no other. Rows that follow each other with the
same store and purchase_id are the lines of one purchase; when one of them cannot be read, the purchase is refused
whole, because half a purchase would earn half its points for ever.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterator
from datetime import datetime, time
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from club.load import textfile
from club.load.header import header_of
from club.load.plan import GUEST, WHO, Join, Line, Planned, Unreadable, amount_minor, compact, purchase
from club.load.problems import FileUnusable
from shared.domain.purchase import OCCURRED_AT_MIN

# Ten million rows are years of a large chain; beyond that, split the file by year.
FILE_ROWS_MAX = 10_000_000
FIELD_CHARACTERS_MAX = 1_024
LINES_PER_PURCHASE_MAX = 1_000
# A till that reports no articles still sells something.
SKU_WITHOUT_COLUMN = "sale"
# A file of purchases knows cards, not people; the name is the member's to give.
JOINED_NAME = "New member"

_SHORTENED_NUMBER = re.compile(r"[0-9][.,]?[0-9]*[eE]\+?[0-9]+")
_WHOLE_NUMBER = re.compile(r"[0-9]{1,15}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Reading(NamedTuple):
    """How a file is read: the store of rows that name none, and the zone of times that name none."""

    store: str
    zone: ZoneInfo


class _Row(NamedTuple):
    line: int
    store: str
    purchase_id: str
    cells: dict[str, str]
    code: str = ""
    reason: str = ""


def purchases_in(path: Path, reading: Reading, rows_max: int = FILE_ROWS_MAX) -> Iterator[Planned | Unreadable]:
    """The file's purchases in its order. Raises FileUnusable for a wrong header, and when the rows turn out too many."""
    group: list[_Row] = []
    stray: list[_Row] = []
    for row in _rows(path, reading, rows_max):
        if not row.purchase_id:
            # Whose row this is nobody can tell, unless the rows around it are one purchase's: then it is its lost line.
            stray.append(row)
            if len(stray) > LINES_PER_PURCHASE_MAX:
                yield from _closed(group, stray, reading)
                group, stray = [], []
        elif group and (row.store, row.purchase_id) == (group[0].store, group[0].purchase_id):
            # One more than allowed is kept, so that it is seen; the rest is not, so that memory has a bound.
            group += [*stray, row][: LINES_PER_PURCHASE_MAX + 1 - len(group)]
            stray = []
        else:
            yield from _closed(group, stray, reading)
            group, stray = [row], []
    yield from _closed(group, stray, reading)


def join_of(language: str, kind: str, value: str, first_at: datetime) -> Join | None:
    """The request that makes a member of a card, phone or e-mail; None for guests and for members named by id."""
    if kind in (GUEST, "member_id"):
        return None
    # A key travels in a header and may be logged on the way, so it never carries the phone or e-mail itself.
    token = hashlib.sha256(f"{kind} {value}".encode()).hexdigest()[:32]
    body = {"name": JOINED_NAME, kind: value, "language": language, "joined_at": first_at.isoformat(), "source": "load"}
    return Join(f"load-{token}", compact(body))


def _closed(group: list[_Row], stray: list[_Row], reading: Reading) -> Iterator[Planned | Unreadable]:
    if group:
        yield _purchase(group, reading)
    for row in stray:
        yield Unreadable(row.line, "", row.code, row.reason)


def _purchase(rows: list[_Row], reading: Reading) -> Planned | Unreadable:
    first = rows[0]

    def refused(code: str, reason: str, row: _Row) -> Unreadable:
        return Unreadable(first.line, first.purchase_id, code, reason if row is first else f"line {row.line}: {reason}")

    if len(rows) > LINES_PER_PURCHASE_MAX:
        return refused("lines_too_many", f"a purchase has at most {LINES_PER_PURCHASE_MAX} lines", first)
    lines: list[Line] = []
    for row in rows:
        if row.code:
            return refused(row.code, row.reason, row)
        # Only the first row has to say when, who and where; the others may repeat it and must not contradict it.
        for name in ("occurred_at", "currency", "channel", *WHO):
            if (value := row.cells.get(name, "")) and value != first.cells[name]:
                return refused("lines_disagree", f"{name} is not that of the purchase's first row", row)
        try:
            lines.append(_line(row.cells, first.cells["currency"]))
        except ValueError as wrong:
            return refused("cell_unreadable", str(wrong), row)
    try:
        at = _instant(first.cells["occurred_at"], reading.zone)
        kind, buyer = _buyer(first)
    except ValueError as wrong:
        return refused("cell_unreadable", str(wrong), first)
    channel = first.cells.get("channel") or None
    return purchase(
        first.line, first.store, first.purchase_id, kind, buyer, at, first.cells["currency"], lines, channel
    )


def _line(cells: dict[str, str], currency: str) -> Line:
    if not currency:
        raise ValueError("currency is empty")
    quantity = cells.get("quantity") or "1"
    if not _WHOLE_NUMBER.fullmatch(quantity) or not int(quantity):
        raise ValueError("quantity must be a whole number of at least 1")
    if "amount" in cells:
        minor = amount_minor(cells["amount"], currency)
    elif _WHOLE_NUMBER.fullmatch(cells["amount_minor"]):
        minor = int(cells["amount_minor"])
    else:
        raise ValueError("amount_minor must be a whole number such as 1250, in the currency's smallest unit")
    return Line(cells.get("sku") or SKU_WITHOUT_COLUMN, cells.get("category") or None, int(quantity), minor)


def _instant(text: str, zone: ZoneInfo) -> datetime:
    """ISO 8601. Without an offset it is the clock on the shop's wall; a day alone is its noon."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            "occurred_at must be ISO 8601, such as 2026-11-22T10:00:00+02:00, 2026-11-22 10:00 or 2026-11-22"
        ) from None
    if len(text) <= len("2026-11-22"):
        read = datetime.combine(read.date(), time(12))
    read = read if read.tzinfo else read.replace(tzinfo=zone)
    if read < OCCURRED_AT_MIN:
        # Said here, because it would otherwise become the day on which its buyer joins.
        raise ValueError(f"occurred_at is before {OCCURRED_AT_MIN.date()}")
    return read


def _buyer(row: _Row) -> tuple[str, str]:
    named = [(name, row.cells[name]) for name in WHO if row.cells.get(name)]
    if len(named) > 1:
        raise ValueError(f"only one of {', '.join(name for name, _ in named)} may say whose the purchase is")
    if not named:
        return GUEST, str(row.line)
    kind, value = named[0]
    if kind in ("card", "phone") and _SHORTENED_NUMBER.fullmatch(value):
        raise ValueError(
            f"{kind} was shortened by a spreadsheet (9.72E+11): format the column as text and export again"
        )
    return kind, value


def _rows(path: Path, reading: Reading, rows_max: int) -> Iterator[_Row]:
    numbered = textfile.lines(path)
    _, first = next(numbered, (1, ""))
    delimiter, columns = header_of(first or "")
    for rows, (number, text) in enumerate(numbered, 1):
        if rows > rows_max:
            raise FileUnusable(f"{path} has more than {rows_max:,} rows: split it. Nothing was sent.")
        if text is None:
            yield _Row(number, "", "", {}, "row_too_long", f"longer than {textfile.LINE_CHARACTERS_MAX:,} characters")
        elif text.strip(f" {delimiter}"):
            yield _row(number, text, delimiter, columns, reading)


def _row(number: int, text: str, delimiter: str, columns: tuple[str, ...], reading: Reading) -> _Row:
    code = reason = ""
    try:
        values = next(csv.reader([text], delimiter=delimiter, strict=True))
    except csv.Error as wrong:
        code, reason = "row_unreadable", f"a quote is not closed or stands in a wrong place ({wrong})"
        values = next(csv.reader([text], delimiter=delimiter))
    # Even in a spoiled row the id is nearly always whole, and tells which purchase lost a line.
    cells = {name: value.strip() for name, value in zip(columns, values, strict=False)}
    if not code and len(values) != len(columns):
        code, reason = "row_unreadable", f"has {len(values)} cells, and the header has {len(columns)}"
    elif not code and any(len(value) > FIELD_CHARACTERS_MAX for value in values):
        code, reason = "cell_too_long", f"a cell is longer than {FIELD_CHARACTERS_MAX:,} characters"
    elif not code and _CONTROL.search("".join(cells.values())):
        code, reason = "control_character", "a cell holds a control character"
    elif not code and not cells["purchase_id"]:
        code, reason = "cell_unreadable", "purchase_id is empty"
    purchase_id = cells.get("purchase_id", "")[:FIELD_CHARACTERS_MAX]
    return _Row(number, cells.get("store") or reading.store, purchase_id, cells, code, reason)
