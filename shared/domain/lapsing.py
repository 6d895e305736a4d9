"""What time alone makes of an account, booked: lots past their last day, and holds that were not captured in time.

It is called at the next touch of an account, and by the sweep for those whom nobody touches. A lot lapses at most once: what
books it takes it away, under the account's own sequence.
"""

from __future__ import annotations

from datetime import date, datetime

from shared.domain.account import Account
from shared.domain.changes import Change, PurseChange, applied
from shared.domain.decide import COMPLETED, frame, linked, ms, with_more
from shared.domain.goals import Ended, ended
from shared.domain.ledger import Leg, Posting, legs_text, packed
from shared.domain.lots import Lot, lapsed, negative, total
from shared.domain.packing import change_out
from shared.domain.rulebook import Rulebook
from shared.domain.tables import MAIN_WALLET

EXPIRED = "expired"


def expiry_key(account: Account) -> str:
    return expiry_key_of(account.id, account.sequence + 1)


def expiry_key_of(account_id: str, sequence: int) -> str:
    """The key of what an entry of an account booked as lapsed."""
    return f"expiry#{account_id}#{sequence}"


def lapsing(account: Account, book: Rulebook, now: datetime) -> tuple[Account, tuple[Posting, ...]]:
    """The account as it is now, and the postings that book what lapsed and what cards left that are no more; none when nothing
    did."""
    today = now.astimezone(book.zone).date()
    account, postings = released(account, today, ms(now)), tuple[Posting, ...]()
    over = ended(account, book, today) if any(purse.waiting for purse in account.purses.values()) else None
    if over is not None:
        postings = (_ending(over, account, book, now),)
        account = _after(postings[0])
    gone = _gone(account, today)
    if not gone:
        return account, postings
    legs = []
    for wallet, lots in gone.items():
        behind = "" if wallet == MAIN_WALLET else f"/{wallet}"
        legs += [Leg(f"{account.id}{behind}", -total(lots)), Leg(f"{EXPIRED}{behind}", total(lots))]
    points = total(gone.get(MAIN_WALLET, ()))
    change = Change(
        today,
        -points,
        negative(gone.get(MAIN_WALLET, ())),
        {name: PurseChange(-total(lots), negative(lots)) for name, lots in gone.items() if name != MAIN_WALLET},
    )
    after, key = applied(account, change), expiry_key(account)
    row = frame("expiry", book, now, key, b"") | {
        "a": account.id,
        "n": account.sequence + 1,
        "g": legs_text(legs),
        "d": packed([-points, after.posted]),
        "x": packed(change_out(change)),
    }
    posting = linked(key, row, account, after)
    return _after(posting), (*postings, posting)


def _ending(over: Ended, account: Account, book: Rulebook, now: datetime) -> Posting:
    """What becomes of rewards that waited when their card was taken out of the programme."""
    legs = []
    for wallet, units in over.lapsed.items():
        legs += [Leg(f"{COMPLETED}/{wallet}", -units), Leg(f"{EXPIRED}/{wallet}", units)]
    key = f"end#{account.id}#{account.sequence + 1}"
    row = frame("end", book, now, key, b"") | {
        "a": account.id,
        "n": account.sequence + 1,
        "g": legs_text(legs),
        "d": packed([0, account.posted]),
        "x": packed(change_out(over.change)),
    }
    return linked(key, row, account, applied(account, over.change))


def _after(posting: Posting) -> Account:
    assert posting.after is not None
    return posting.after


def post_expiry(account: Account, book: Rulebook, now: datetime) -> Posting | None:
    """What the sweep books for an account that nobody touches; None when nothing has lapsed or ended."""
    _, postings = lapsing(account, book, now)
    return with_more(postings[-1], postings[:-1]) if postings else None


def released(account: Account, today: date, until_ms: int) -> Account:
    """The account without the holds that are over: their points are back in their lots, with the days these had."""
    over = {name: hold for name, hold in account.holds.items() if hold.until_ms <= until_ms}
    if not over:
        return account
    back: dict[str, tuple[Lot, ...]] = {}
    for hold in over.values():
        back[hold.wallet] = (*back.get(hold.wallet, ()), *hold.lots)
    change = Change(
        today,
        0,
        back.pop(MAIN_WALLET, ()),
        {name: PurseChange(0, lots) for name, lots in back.items()},
        holds=dict.fromkeys(over),
    )
    return applied(account, change)


def _gone(account: Account, today: date) -> dict[str, tuple[Lot, ...]]:
    """The lots past their last day, by wallet."""
    of_wallets = {MAIN_WALLET: account.lots} | {name: purse.lots for name, purse in account.purses.items()}
    return {name: gone for name, lots in of_wallets.items() if (gone := lapsed(lots, today))}
