"""A member's story told again: what comes late lands on its own date, and what came after it is decided anew.

All purchases, events and returns are decided in the sequence of their own times, each under its own law. What then differs from
what was posted is corrected by one posting, `difference`: nothing that was posted is rewritten. What was redeemed, adjusted or
lapsed meanwhile stays as it was. So the account at the end does not depend on the sequence in which things arrived.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from shared.domain.account import Account, Purse
from shared.domain.changes import PurseChange
from shared.domain.correcting import difference_posting
from shared.domain.decide import (
    earning_posting,
    event_row,
    lot_of,
    purchase_row,
    with_lapses,
    with_more,
)
from shared.domain.ledger import Leg, Posting, Row
from shared.domain.lots import Lot, negative, taken, to_take_back, together, total
from shared.domain.posting_return import Facts, return_row, undoing_posting
from shared.domain.purchase import Purchase
from shared.domain.rebuilding import advanced, posted_by
from shared.domain.returning import CLAWED_BACK, Undone
from shared.domain.rulebook import Rulebook
from shared.domain.tables import MAIN_WALLET
from shared.domain.telling import Books, News, Telling, Told, entries_in, entries_of_news, name_of, purse_of


def tell_again(account: Account, rows: Sequence[Row], news: Sequence[News], book_of: Books, now: datetime) -> Posting:
    """The posting that records news which are not the newest, or whose purchase was corrected before.

    `rows` are all postings of the account in their sequence. The first of the news is the one that is answered.
    """
    book = news[0].book
    before, lapses = with_lapses(account, book, now)
    telling = Telling(before, rows)
    for entry in sorted([*entries_in(rows, book_of), *entries_of_news(news, before)]):
        telling.tell(entry)
    at, postings = before, list[Posting]()
    for one in news:
        postings.append(_recorded(one, telling.told[one.key], at, now))
        at = _after(postings[-1])
    written = [posting.row for posting in postings]
    correction = difference_posting(
        telling, at, [*rows, *(one.row for one in lapses), *written], book, book_of, now, news[0].key
    )
    postings += [correction] if correction is not None else []
    first = postings[0]
    whole = first._replace(after=_after(postings[-1]), more=tuple(one.row for one in postings[1:]))
    return with_more(whole, lapses)


def still_lapsed(
    expiry: Row, account: Account, rows: Sequence[Row], book_of: Books, book: Rulebook, now: datetime
) -> dict[str, int]:
    """What of the units that a posting booked as lapsed has not come back since, by wallet: a return of their purchase takes
    them, a purchase told late may say that they never lapsed. `rows` are all postings of the account."""
    telling = Telling(account, rows)
    for entry in sorted(entries_in(rows, book_of)):
        telling.tell(entry)
    telling.lapse(now.astimezone(book.zone).date())
    lapsed_then = ((wallet, total(telling.lapsed_by(expiry, wallet))) for wallet in posted_by(expiry))
    return {wallet: units for wallet, units in lapsed_then if units}


def _after(posting: Posting) -> Account:
    assert posting.after is not None
    return posting.after


def _recorded(one: News, told: Told, at: Account, now: datetime) -> Posting:
    """The row of something new: what it comes to in its turn, put into the account as it is now."""
    if isinstance(one.what, Facts):
        assert told.undone is not None
        row = return_row(one.what, one.book, now, one.key, one.fingerprint)
        return undoing_posting(row, _against(told.undone, at, one.book, now), at, one.book, now)
    assert told.step is not None
    if isinstance(one.what, Purchase):
        row = purchase_row(one.what, one.book, now, one.key, one.fingerprint)
    else:
        row = event_row(one.what, one.book, now, one.key, one.fingerprint)
    # Other wallets are given their lots alone: which goals they reach is the whole story's, and stands in the difference.
    purses = {
        wallet: PurseChange(units, (lot_of(told.on, units, one.book.wallet(wallet), one.book),))
        for wallet, units in told.step.earned.others.items()
        if units
    }
    # So are the days that points live to, where a purchase moves them: its row has its own lot alone.
    own = told.step.change.moves[: 1 if told.step.earned.points else 0]
    change = told.step.change._replace(moves=own, purses=purses)
    row_alone = earning_posting(
        dict(row), at, told.step._replace(change=change, after=_with_purses(at, purses)), one.book, now
    )
    after = advanced(at, row_alone.row, one.book)
    return earning_posting(row, at, told.step._replace(change=change, after=after), one.book, now)


def _with_purses(at: Account, purses: Mapping[str, PurseChange]) -> Account:
    return at._replace(purses={**{name: Purse() for name in purses}, **at.purses})


def _against(ideal: Undone, at: Account, book: Rulebook, now: datetime) -> Undone:
    """What the story says that a return undoes, taken from the lots that are there now.

    Of rewards that wait and of their shelves it says nothing: which there are is the whole story's, and stands in the difference.
    """
    cards = {name for name, one in ideal.change.purses.items() if one.completed or one.waiting}
    ideal = ideal._replace(
        change=ideal.change._replace(
            purses={name: one for name, one in ideal.change.purses.items() if name not in cards}
        ),
        legs=tuple([leg for leg in ideal.legs if leg.account.partition("/")[2] not in cards]),
        shelves={},
    )
    today = now.astimezone(book.zone).date()
    moves: dict[str, tuple[Lot, ...]] = {}
    of_wallets = {MAIN_WALLET: ideal.change.moves} | {name: one.moves for name, one in ideal.change.purses.items()}
    for wallet, wanted in of_wallets.items():
        put = tuple([move for move in wanted if move.points > 0])
        lots = together(purse_of(at, wallet).lots, put)
        moves[wallet] = (*put, *_nearest(lots, [move for move in wanted if move.points < 0], book, today))
    short = {wallet: total(moves[wallet]) - total(wanted) for wallet, wanted in of_wallets.items()}
    if book.programme.policies.clawback_when_spent == "negative" or not any(short.values()):
        short = {}
    # What is posted is said by the legs.
    change = ideal.change._replace(
        moves=moves[MAIN_WALLET],
        purses={name: one._replace(moves=moves[name]) for name, one in ideal.change.purses.items()},
    )
    legs = [Leg(name_of(at.id, wallet), units) for wallet, units in short.items() if units]
    legs += [Leg(name_of(CLAWED_BACK, wallet), -units) for wallet, units in short.items() if units]
    less = {wallet: units - short.get(wallet, 0) for wallet, units in ideal.taken.items()}
    return ideal._replace(change=change, legs=(*ideal.legs, *legs), taken=less)


def _nearest(there: Sequence[Lot], wanted: Sequence[Lot], book: Rulebook, today: date) -> tuple[Lot, ...]:
    """Moves that take what is wanted from the lots there are: from those with the wanted days, then from any."""
    lots = list(there)
    used = book.programme.policies.lots_used
    found: list[Lot] = []
    for move in wanted:
        left = [lot for lot in lots if lot.points]
        parts = taken(to_take_back(left, move, today, used), -move.points)
        found += parts
        for part in parts:
            at_place = next(n for n, lot in enumerate(lots) if lot[:2] == part[:2])
            lots[at_place] = lots[at_place]._replace(points=lots[at_place].points - part.points)
    return negative(found)
