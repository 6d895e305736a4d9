"""Points that move from one member to another: out of lots that can be used, into lots with their own days or with new ones.

Each account has a row of its own, and the club's clearing account balances them; both are written together, or neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from shared.domain.account import Account, Purse
from shared.domain.changes import Change, PurseChange, applied
from shared.domain.decide import frame, linked, lot_of, with_lapses, with_more
from shared.domain.errors import PointsInsufficient
from shared.domain.ledger import Leg, Posting, Row, RowValue, legs_text, packed, unpacked
from shared.domain.lots import Lot, in_turn, is_usable, negative, taken, total
from shared.domain.packing import change_out, lots_in, lots_out
from shared.domain.rulebook import Rulebook
from shared.domain.tables import MAIN_WALLET

CLEARING = "clearing"


class Transferring(NamedTuple):
    """What moves: `units` of a wallet's smallest unit; why, and by whom."""

    wallet: str
    units: int
    reason: str
    actor: str
    approver: str = ""


def post_transfer(
    what: Transferring, giver: Account, receiver: Account, book: Rulebook, now: datetime, *, key: str, other_key: str,
    fingerprint: bytes,
) -> Posting:  # fmt: skip
    """Moves points. What waits to be usable and what has lapsed cannot move. Raises PointsInsufficient."""
    assert giver.id != receiver.id, "a transfer has two members"
    giver, lapses = with_lapses(giver, book, now)
    today = now.astimezone(book.zone).date()
    parts = taken(_usable(giver, what.wallet, book, today), what.units)
    if total(parts) < what.units:
        raise PointsInsufficient(requested=what.units, available=total(parts))
    given = parts
    if book.programme.policies.transfer_expiry == "restarted":
        given = (lot_of(today, what.units, book.wallet(what.wallet), book)._replace(usable_on=today),)
    row = frame("transfer", book, now, key, fingerprint) | _said(what, giver.id, receiver.id, parts, given)
    mine = with_more(_moved(row, what.wallet, negative(parts), giver, today), lapses)
    return mine._replace(others=(_theirs(row, other_key, what.wallet, given, receiver, book, now),))


def post_transfer_back(
    transfer: Row, giver: Account, receiver: Account, book: Rulebook, now: datetime, *, key: str, other_key: str,
    fingerprint: bytes, why: tuple[str, str, str],
) -> Posting:  # fmt: skip
    """Takes a transfer back: the giver's lots have their old days again. Raises PointsInsufficient where the receiver has used
    them. `why` is the reason, and who takes it back with whose approval."""
    wallet, _, _ = unpacked(transfer["tr"])
    was, given = map(lots_in, unpacked(transfer["pt"]))
    giver, lapses = with_lapses(giver, book, now)
    receiver, their_lapses = with_lapses(receiver, book, now)
    today, units = now.astimezone(book.zone).date(), total(was)
    there = _usable(receiver, wallet, book, today)
    last_days = {lot.expires_on for lot in given}
    # First those that came by this transfer: they are found by their last day, since lots of one day are one.
    back = taken(sorted(there, key=lambda lot: lot.expires_on not in last_days), units)
    if total(back) < units:
        raise PointsInsufficient(requested=units, available=total(back))
    what = Transferring(wallet, units, *why)
    row = frame("transfer", book, now, key, fingerprint) | _said(what, receiver.id, giver.id, back, was)
    mine = with_more(_moved(dict(row), wallet, was, giver, today), lapses)
    theirs = _moved(dict(row) | {"k": other_key}, wallet, negative(back), receiver, today)
    return mine._replace(others=(with_more(theirs, their_lapses),))


def _theirs(
    row: dict[str, RowValue], key: str, wallet: str, given: Sequence[Lot], receiver: Account, book: Rulebook, now: datetime
) -> Posting:  # fmt: skip
    receiver, lapses = with_lapses(receiver, book, now)
    today = now.astimezone(book.zone).date()
    return with_more(_moved(dict(row) | {"k": key}, wallet, given, receiver, today), lapses)


def _usable(account: Account, wallet: str, book: Rulebook, today: date) -> list[Lot]:
    lots = account.lots if wallet == MAIN_WALLET else account.purses.get(wallet, Purse()).lots
    return [lot for lot in in_turn(lots, book.programme.policies.lots_used) if is_usable(lot, today)]


def _said(
    what: Transferring, giver: str, receiver: str, parts: Sequence[Lot], given: Sequence[Lot]
) -> dict[str, RowValue]:  # fmt: skip
    """`tr`: wallet, giver, receiver. `pt`: the lots as they were, and as they are with the receiver. `wy`: why, by whom."""
    return {
        "tr": packed([what.wallet, giver, receiver]),
        "pt": packed([lots_out(parts), lots_out(given)]),
        "wy": packed([what.reason, what.actor, what.approver]),
    }


def _moved(row: dict[str, RowValue], wallet: str, moves: Sequence[Lot], account: Account, today: date) -> Posting:
    """One account's side of it."""
    units, is_main = total(moves), wallet == MAIN_WALLET
    behind = "" if is_main else f"/{wallet}"
    change = Change(
        today,
        units if is_main else 0,
        tuple(moves) if is_main else (),
        {} if is_main else {wallet: PurseChange(units, tuple(moves))},
    )
    after = applied(account, change)
    row = row | {
        "a": account.id,
        "n": account.sequence + 1,
        "g": legs_text((Leg(account.id + behind, units), Leg(CLEARING + behind, -units))),
        "d": packed([units if is_main else 0, after.posted]),
        "x": packed(change_out(change)),
    }
    return linked(str(row["k"]), row, account, after)
