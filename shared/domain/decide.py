"""Decide: an event and the account as read become one posting. Committed it is true; not committed it is a quote."""

from __future__ import annotations

import calendar
from dataclasses import replace
from datetime import date, datetime, timedelta

from shared.domain.account import Account, Lot
from shared.domain.earning import points_earned
from shared.domain.explanation import stored
from shared.domain.ledger import RENDERER, Leg, Posting, RowValue, chained, legs_text, packed
from shared.domain.programme import Expiry
from shared.domain.purchase import Purchase
from shared.domain.rulebook import Rulebook
from shared.domain.tiers import tier_on
from shared.domain.vocabulary import Scene

ISSUED = "issued"


def post_purchase(
    purchase: Purchase, account: Account, book: Rulebook, now: datetime, *, key: str, fingerprint: bytes
) -> Posting:
    """A member's purchase: points by the rules of its own time, one lot, the figures of its own civil day."""
    at = purchase.occurred_at.astimezone(book.zone)
    today = now.astimezone(book.zone).date()
    held = tier_on(account, at.date(), book)
    earned = points_earned(Scene(purchase, at, account, held.id if held else ""), book)
    lot = _lot(at.date(), earned.points, book) if earned.points else None
    after = account.after_purchase(at.date(), purchase.total_minor, earned.points, lot, today)
    reached = tier_on(after, max(today, at.date()), book)
    tier = reached.id if reached else ""
    points = after.points_on(today)
    row = _purchase_row(purchase, book, now, key, fingerprint) | {
        "a": account.id,
        "n": account.sequence + 1,
        "e": packed(stored(earned.reasons)),
        "g": legs_text((Leg(account.id, earned.points), Leg(ISSUED, -earned.points))),
        "d": packed([earned.points, after.posted]),
        "b": packed([points.available, points.pending, tier]),
    }
    if lot is not None:
        row["u"] = packed([lot.usable_on.isoformat(), lot.expires_on and lot.expires_on.isoformat()])
    if account.language and account.language != book.programme.club.languages[0]:
        row["la"] = account.language
    return _linked(key, row, account, after, tier)


def post_guest_purchase(purchase: Purchase, book: Rulebook, now: datetime, *, key: str, fingerprint: bytes) -> Posting:
    """A guest's purchase: recorded once like any other, touching no account and earning nothing."""
    return Posting(key, _purchase_row(purchase, book, now, key, fingerprint), None, None)


def post_join(
    account: Account, book: Rulebook, now: datetime, *, key: str, fingerprint: bytes, joined_at: datetime | None = None
) -> Posting:
    """The first posting of an account: a person joins, now or, brought along from elsewhere, earlier. No points move."""
    row: dict[str, RowValue] = _frame("join", book, now, key, fingerprint) | {
        "a": account.id,
        "n": 1,
        "o": _ms(joined_at or now),
        "g": legs_text(()),
        "d": packed([0, 0]),
    }
    return _linked(key, row, account, account, account.tier)


def _linked(key: str, row: dict[str, RowValue], before: Account, after: Account, tier: str) -> Posting:
    """The posting as the next link of the account's chain."""
    if before.last_key:
        row["p"] = before.last_key
    row["h"] = digest = chained(row, before.last_hash)
    return Posting(
        key, row, before, replace(after, sequence=before.sequence + 1, last_key=key, last_hash=digest, tier=tier)
    )


def _frame(kind: str, book: Rulebook, now: datetime, key: str, fingerprint: bytes) -> dict[str, RowValue]:
    return {"k": key, "c": kind, "t": _ms(now), "v": book.version, "r": RENDERER, "f": fingerprint}


def _purchase_row(
    purchase: Purchase, book: Rulebook, now: datetime, key: str, fingerprint: bytes
) -> dict[str, RowValue]:
    row = _frame("purchase", book, now, key, fingerprint) | {
        "o": _ms(purchase.occurred_at),
        "l": packed(
            [
                _line(line.sku, line.category or "", line.quantity, line.amount_minor, line.discount_minor)
                for line in purchase.lines
            ]
        ),
        "s": packed(
            _trimmed([purchase.total_minor, purchase.discount_minor, purchase.shipping_minor, purchase.tax_minor])
        ),
    }
    if purchase.channel:
        row["ch"] = purchase.channel
    return row


def _line(sku: str, category: str, quantity: int, amount_minor: int, discount_minor: int) -> list[int | str]:
    line: list[int | str] = [sku, category, quantity, amount_minor]
    return [*line, discount_minor] if discount_minor else line


def _trimmed(sums: list[int]) -> list[int]:
    """Without the zeros at the end: the reader fills them in."""
    while len(sums) > 1 and not sums[-1]:
        sums.pop()
    return sums


def _lot(on: date, points: int, book: Rulebook) -> Lot:
    rules = book.programme.points
    return Lot(on + timedelta(days=rules.pending_days), expires_on(on, rules.expiry), points)


def expires_on(earned_on: date, expiry: Expiry | None) -> date | None:
    """The last day on which points earned on a day can be used. A month's overflow goes to its last day.

    >>> expires_on(date(2027, 8, 31), Expiry(months=6, at="day")), expires_on(date(2026, 11, 22), Expiry(months=12))
    (datetime.date(2028, 2, 29), datetime.date(2027, 11, 30))
    """
    if expiry is None:
        return None
    year, month = divmod(earned_on.year * 12 + earned_on.month - 1 + expiry.months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, last if expiry.at == "month_end" else min(earned_on.day, last))


def _ms(instant: datetime) -> int:
    """Milliseconds since 1970, exactly: a float would round."""
    return int(instant.timestamp()) * 1000 + instant.microsecond // 1000
