"""What staff do to a balance by hand: points given or taken, with a reason, by somebody, and a second person where it is much."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from shared.domain.account import Account, Purse
from shared.domain.changes import Change, PurseChange, applied
from shared.domain.decide import frame, linked, lot_of, with_lapses, with_more
from shared.domain.errors import PointsInsufficient
from shared.domain.ledger import Leg, Posting, legs_text, packed
from shared.domain.lots import Lot, in_turn, is_usable, negative, taken, total
from shared.domain.packing import change_out
from shared.domain.rulebook import Rulebook
from shared.domain.tables import MAIN_WALLET

ADJUSTED = "adjusted"


class Adjusting(NamedTuple):
    """What is to be changed: `units` of a wallet's smallest unit, below zero to take. What is given lives as the wallet's expiry
    says, or to `expires_on` where `has_own_day` (None: for ever)."""

    wallet: str
    units: int
    reason: str
    actor: str
    approver: str = ""
    has_own_day: bool = False
    expires_on: date | None = None


def post_adjustment(
    what: Adjusting, account: Account, book: Rulebook, now: datetime, *, key: str, fingerprint: bytes
) -> Posting:
    """Points given or taken by hand. Raises PointsInsufficient where the programme lets no adjustment go below zero."""
    account, lapses = with_lapses(account, book, now)
    today = now.astimezone(book.zone).date()
    behind = "" if what.wallet == MAIN_WALLET else f"/{what.wallet}"
    moves = (_given(what, today, book),) if what.units > 0 else _taken(what, account, book, today)
    is_main = what.wallet == MAIN_WALLET
    change = Change(
        today,
        what.units if is_main else 0,
        moves if is_main else (),
        {} if is_main else {what.wallet: PurseChange(what.units, moves)},
    )
    after = applied(account, change)
    row = frame("adjust", book, now, key, fingerprint) | {
        "a": account.id,
        "n": account.sequence + 1,
        "g": legs_text((Leg(account.id + behind, what.units), Leg(ADJUSTED + behind, -what.units))),
        "d": packed([what.units if is_main else 0, after.posted]),
        "x": packed(change_out(change)),
        "wy": packed([what.reason, what.actor, what.approver]),
    }
    return with_more(linked(key, row, account, after), lapses)


def _given(what: Adjusting, today: date, book: Rulebook) -> Lot:
    if what.has_own_day:
        return Lot(today, what.expires_on, what.units)
    return lot_of(today, what.units, book.wallet(what.wallet), book)._replace(usable_on=today)


def _taken(what: Adjusting, account: Account, book: Rulebook, today: date) -> tuple[Lot, ...]:
    lots = account.lots if what.wallet == MAIN_WALLET else account.purses.get(what.wallet, Purse()).lots
    usable = [lot for lot in in_turn(lots, book.programme.policies.lots_used) if is_usable(lot, today)]
    parts = taken(usable, -what.units)
    if total(parts) < -what.units and book.programme.policies.adjustment_below_zero == "refuse":
        raise PointsInsufficient(requested=-what.units, available=total(parts))
    rest = [lot for lot in lots if lot.usable_on > today]
    return negative((*parts, *taken(rest, -what.units - total(parts))))
