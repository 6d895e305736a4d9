"""The row of what changes an account and is neither a purchase nor an activity: a redemption, what staff did, an automation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from shared.domain.account import Account
from shared.domain.changes import Change, applied
from shared.domain.decide import linked
from shared.domain.ledger import Leg, Posting, RowValue, legs_text, packed
from shared.domain.packing import change_out
from shared.domain.rulebook import Rulebook
from shared.domain.tables import CERTIFICATE
from shared.domain.tiers import tiers_on


def changing_posting(
    row: dict[str, RowValue], legs: Sequence[Leg], change: Change, account: Account, book: Rulebook, today: date
) -> Posting:
    """The row with what it changes, and what the account has after it, as the next link of the account's chain."""
    after = applied(account, change)
    points = after.points_on(today)
    row |= {
        "a": account.id,
        "n": account.sequence + 1,
        "g": legs_text(legs),
        "d": packed([change.posted, after.posted]),
        "b": packed([points.available, points.pending, tiers_on(after, today, book).get("", "")]),
        "x": packed(change_out(change)),
    }
    if CERTIFICATE in after.purses:
        from shared.domain.certificates import balance_text

        row["b"] = balance_text(after, today)
    if account.language and account.language != book.programme.club.languages[0]:
        row["la"] = account.language
    return linked(str(row["k"]), row, account, after)
