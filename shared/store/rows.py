"""Values as rows of the tables and back: the account, packed so that two years of figures stay within 1 KB."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from datetime import date
from typing import Any

from pydantic_core import from_json

from shared.domain.account import NOWHERE, Account, Day, Month, Place, Purse, place_of
from shared.domain.ledger import packed
from shared.domain.lots import Lot
from shared.domain.packing import hold_in, hold_out, standings_in, standings_out, waiting_in, waiting_out

Item = Mapping[str, Any]

# Raw deflate: neither header nor checksum, DynamoDB keeps its own.
_WBITS = -15
_ROW_KEYS = frozenset("anbkhz")
# `t` was the tier of the newest posting: a tier is worked out.
_FIGURE_KEYS = frozenset("jtlbasogdqwxuphnec")


def account_row(account: Account) -> dict[str, Any]:
    """The account as a row: id, sequence, balance, newest key and hash in the open; the figures packed in `z`.

    Days and months are written as the gap to the one before, which is what makes them small.
    """
    figures: dict[str, Any] = {
        "j": account.joined_on.toordinal(),
        "s": [account.purchases, account.spend_minor, account.points_earned],
        "o": _lots_out(account.lots),
        "g": _months_out(account.months),
        "d": _days_out(account.days),
    }
    rare = {
        "l": account.language,
        "b": account.birthday,
        "a": dict(account.attributes),
        "q": account.status,
        "c": account.source,
        "p": dict(account.stores),
        "u": {rule: dict(periods) for rule, periods in account.used.items()},
        "w": {name: _purse_out(one) for name, one in account.purses.items()},
        "x": standings_out(account.standings),
        "h": {name: hold_out(hold) for name, hold in account.holds.items()},
        "n": _place_out(account),
        "e": int(account.retold),
    }
    figures |= {key: value for key, value in rare.items() if value}
    unknown: dict[str, Any] = dict(account.unknown)
    figures |= unknown.pop("z", {})
    compressor = zlib.compressobj(9, zlib.DEFLATED, _WBITS)
    body = compressor.compress(packed(figures).encode()) + compressor.flush()
    row: dict[str, Any] = {"a": account.id, "n": account.sequence, "b": account.posted, "z": body}
    if account.last_key:
        row |= {"k": account.last_key, "h": account.last_hash}
    return row | unknown


def account_of(row: Item) -> Account:
    """The reverse of `account_row`. What a newer release added to the row or to the figures is kept as `unknown`."""
    figures = from_json(zlib.decompress(row["z"], _WBITS))
    purchases, spend_minor, points_earned = figures["s"]
    unknown = {key: value for key, value in row.items() if key not in _ROW_KEYS}
    strange = {key: value for key, value in figures.items() if key not in _FIGURE_KEYS}
    return Account(
        id=row["a"],
        joined_on=date.fromordinal(figures["j"]),
        sequence=row["n"],
        last_key=row.get("k", ""),
        last_hash=row.get("h", b""),
        posted=row["b"],
        lots=_lots_in(figures["o"]),
        language=figures.get("l", ""),
        birthday=tuple(figures["b"]) if "b" in figures else None,
        attributes=figures.get("a", {}),
        purchases=purchases,
        spend_minor=spend_minor,
        points_earned=points_earned,
        months=_months_in(figures["g"]),
        days=_days_in(figures["d"]),
        status=figures.get("q", ""),
        source=figures.get("c", ""),
        stores=figures.get("p", {}),
        used={
            rule: {period: (times, units) for period, (times, units) in periods.items()}
            for rule, periods in figures.get("u", {}).items()
        },
        purses={
            name: Purse(posted, _lots_in(lots), completed, waiting_in(rest[0]) if rest else ())
            for name, (posted, lots, completed, *rest) in figures.get("w", {}).items()
        },
        standings=standings_in(figures.get("x", {})),
        holds={name: hold for name, row in figures.get("h", {}).items() if (hold := hold_in(row)) is not None},
        newest=_place_in(figures.get("n"), row.get("k", "")),
        retold=bool(figures.get("e", 0)),
        unknown=unknown | ({"z": strange} if strange else {}),
    )


def account_if_readable(row: Item) -> Account | None:
    """As `account_of`; None for a row that no release wrote. For those who prove or mend what others may have written."""
    try:
        return account_of(row)
    except (zlib.error, ValueError, LookupError, TypeError, AttributeError, OverflowError):
        return None


# Each first number is the difference to the row before. An account has some eighty of these rows and is read and written with
# each purchase: hence loops, and tuples made without their classes' own checks.
_made = tuple.__new__
_day = date.fromordinal


def _purse_out(purse: Purse) -> list[Any]:
    row = [purse.posted, _lots_out(purse.lots), purse.completed]
    return [*row, waiting_out(purse.waiting)] if purse.waiting else row


def _lots_out(lots: tuple[Lot, ...]) -> list[list[int]]:
    rows, before = [], 0
    for usable_on, expires_on, points in lots:
        first = usable_on.toordinal()
        rows.append([first - before, expires_on.toordinal() if expires_on else 0, points])
        before = first
    return rows


def _lots_in(rows: list[list[int]]) -> tuple[Lot, ...]:
    lots, first = [], 0
    for gap, last, points in rows:
        first += gap
        lots.append(_made(Lot, (_day(first), _day(last) if last else None, points)))
    return tuple(lots)


def _months_out(months: tuple[Month, ...]) -> list[list[int]]:
    rows, before = [], 0
    for ordinal, purchases, spend_minor, points_earned in months:
        rows.append([ordinal - before, purchases, spend_minor, points_earned])
        before = ordinal
    return rows


def _months_in(rows: list[list[int]]) -> tuple[Month, ...]:
    months, ordinal = [], 0
    for gap, purchases, spend_minor, points_earned in rows:
        ordinal += gap
        months.append(_made(Month, (ordinal, purchases, spend_minor, points_earned)))
    return tuple(months)


def _days_out(days: tuple[Day, ...]) -> list[list[int]]:
    rows, before = [], 0
    for on, purchases, spend_minor, points_earned in days:
        ordinal = on.toordinal()
        row = [ordinal - before, purchases, spend_minor]
        rows.append([*row, points_earned] if points_earned else row)
        before = ordinal
    return rows


def _days_in(rows: list[list[int]]) -> tuple[Day, ...]:
    days, ordinal = [], 0
    for row in rows:
        ordinal += row[0]
        days.append(_made(Day, (_day(ordinal), row[1], row[2], row[3] if len(row) == 4 else 0)))
    return tuple(days)


def _place_out(account: Account) -> list[Any]:
    """Instant and key of the newest thing that happened; the key is not said twice where it is that of the newest posting."""
    at_ms, _, _, key = account.newest
    return [] if not at_ms else [at_ms] if key == account.last_key else [at_ms, key]


def _place_in(row: list[Any] | None, last_key: str) -> Place:
    return NOWHERE if not row else place_of(row[0], row[1] if len(row) > 1 else last_key)
