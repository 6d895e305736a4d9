"""What staff do to a balance by hand: points given or taken, made to live longer, or brought back, each with who and why.

`wy` of a row is the reason, who asked, and who approved it ("" where one person was enough).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Literal, NamedTuple

from shared.domain.account import Account, Purse
from shared.domain.changes import Change, PurseChange
from shared.domain.changing import changing_posting
from shared.domain.decide import frame, lot_of, with_lapses, with_more
from shared.domain.errors import Invalid, PointsInsufficient
from shared.domain.lapsing import EXPIRED
from shared.domain.ledger import Leg, Posting, Row, packed, unpacked
from shared.domain.lots import Lot, in_turn, is_usable, negative, taken, total
from shared.domain.rulebook import Rulebook
from shared.domain.tables import MAIN_WALLET

ADJUSTED = "adjusted"
OPENING = "opening"


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
    kind: Literal["adjust", "opening"] = "adjust"


def post_adjustment(
    what: Adjusting, account: Account, book: Rulebook, now: datetime, *, key: str, fingerprint: bytes
) -> Posting:
    """Points given or taken by hand, or brought along from another system. Raises PointsInsufficient where the programme lets
    no adjustment go below zero."""
    account, lapses = with_lapses(account, book, now)
    today = now.astimezone(book.zone).date()
    moves = (_given(what, today, book),) if what.units > 0 else _taken(what, account, book, today)
    legs = (
        Leg(account.id + _behind(what.wallet), what.units),
        Leg((ADJUSTED if what.kind == "adjust" else OPENING) + _behind(what.wallet), -what.units),
    )
    row = frame(what.kind, book, now, key, fingerprint) | {"wy": packed([what.reason, what.actor, what.approver])}
    change = _change(today, {what.wallet: what.units}, {what.wallet: moves})
    return with_more(changing_posting(row, legs, change, account, book, today), lapses)


def post_extension(
    wallet: str, last_day: date | None, expires_on: date, why: Sequence[str], account: Account, book: Rulebook,
    now: datetime, *, key: str, fingerprint: bytes,
) -> Posting:  # fmt: skip
    """Open points get a later last day: those of `last_day`, or all that would lapse before the new one. Raises Invalid."""
    account, lapses = with_lapses(account, book, now)
    today = now.astimezone(book.zone).date()
    if expires_on < today:
        raise Invalid("expires_on", "is in the past")
    chosen = [
        lot
        for lot in _lots(account, wallet)
        if lot.expires_on is not None and lot.expires_on < expires_on and last_day in (None, lot.expires_on)
    ]
    if not chosen:
        raise Invalid("last_day", "is that of no open points that would lapse before expires_on")
    later = [lot._replace(expires_on=expires_on) for lot in chosen]
    row = frame("extend", book, now, key, fingerprint) | {"wy": packed(list(why))}
    change = _change(today, {}, {wallet: (*negative(chosen), *later)})
    return with_more(changing_posting(row, (), change, account, book, today), lapses)


def post_reinstatement(
    back: Mapping[str, int], expires_on: date, why: Sequence[str], account: Account, book: Rulebook, now: datetime, *, key: str,
    fingerprint: bytes,
) -> Posting:  # fmt: skip
    """What lapsed comes back, units by wallet, to live until a new last day. Raises Invalid."""
    account, lapses = with_lapses(account, book, now)
    today = now.astimezone(book.zone).date()
    if expires_on < today:
        raise Invalid("expires_on", "is in the past")
    legs = [
        leg
        for wallet, units in back.items()
        for leg in (Leg(account.id + _behind(wallet), units), Leg(EXPIRED + _behind(wallet), -units))
    ]
    row = frame("reinstate", book, now, key, fingerprint) | {"wy": packed(list(why))}
    change = _change(today, back, {wallet: (Lot(today, expires_on, units),) for wallet, units in back.items()})
    return with_more(changing_posting(row, legs, change, account, book, today), lapses)


def moved_by(row: Row) -> tuple[str, int, date | None]:
    """Wallet, units and last day of what an extension or a reinstatement's row put in."""
    for wallet, lots in unpacked(row["x"]).get("l", {}).items():
        put = [lot for lot in lots if lot[2] > 0]
        return wallet, sum(lot[2] for lot in put), date.fromordinal(put[0][1])
    raise AssertionError("such a row moves lots")


def _change(today: date, posted: Mapping[str, int], moves: Mapping[str, tuple[Lot, ...]]) -> Change:
    return Change(
        today,
        posted.get(MAIN_WALLET, 0),
        moves.get(MAIN_WALLET, ()),
        {name: PurseChange(posted.get(name, 0), some) for name, some in moves.items() if name != MAIN_WALLET},
    )


def _lots(account: Account, wallet: str) -> tuple[Lot, ...]:
    return account.lots if wallet == MAIN_WALLET else account.purses.get(wallet, Purse()).lots


def _behind(wallet: str) -> str:
    return "" if wallet == MAIN_WALLET else f"/{wallet}"


def _given(what: Adjusting, today: date, book: Rulebook) -> Lot:
    if what.has_own_day:
        return Lot(today, what.expires_on, what.units)
    return lot_of(today, what.units, book.wallet(what.wallet), book)._replace(usable_on=today)


def _taken(what: Adjusting, account: Account, book: Rulebook, today: date) -> tuple[Lot, ...]:
    lots = _lots(account, what.wallet)
    usable = [lot for lot in in_turn(lots, book.programme.policies.lots_used) if is_usable(lot, today)]
    parts = taken(usable, -what.units)
    if total(parts) < -what.units and book.programme.policies.adjustment_below_zero == "refuse":
        raise PointsInsufficient(requested=-what.units, available=total(parts))
    rest = [lot for lot in lots if lot.usable_on > today]
    return negative((*parts, *taken(rest, -what.units - total(parts))))
