"""A purchase for which returns wait: it is recorded together with them, in one transaction."""

from __future__ import annotations

from shared.actions.caller import Caller
from shared.actions.club import Club
from shared.actions.late import told_again
from shared.actions.parking import no_longer, waiting_at
from shared.actions.recording import Committing
from shared.actions.return_purchase import content_of_return, facts_of
from shared.domain.account import Account
from shared.domain.decide import purchase_row
from shared.domain.errors import Exceeded, Invalid
from shared.domain.ledger import Posting, Row
from shared.domain.posting_return import post_guest_return
from shared.domain.purchase import Purchase
from shared.domain.rebuilding import number
from shared.domain.returned import Returned
from shared.domain.rulebook import Rulebook
from shared.domain.story import News
from shared.store import keys
from shared.store.rests import Rest, put_rest


def awaited(
    club: Club, caller: Caller, purchase: Purchase, account: Account | None, stub: Row, book: Rulebook, key: str,
    fingerprint: bytes,
) -> Committing:  # fmt: skip
    """The purchase with the returns that waited for it, in the sequence of their own times. One that does not fit the purchase
    (more than was paid, a line that is not in it) goes on waiting, and can be seen."""
    row = purchase_row(purchase, book, club.now(), key, fingerprint)
    returned, fitting, guests = Returned(), list[Row](), list[Posting]()
    news = [News(purchase, key, fingerprint, book)]
    for told, waits in sorted(waiting_at(club, stub), key=lambda one: (one[0].occurred_at, one[0].return_id)):
        try:
            facts = facts_of(told, row, returned, book)
        except (Exceeded, Invalid):
            continue
        content = content_of_return(told, None)
        returned = returned.more(facts.part)
        own_key = keys.return_of(caller.mode, told.store, told.return_id)
        own = club.peppers.fingerprint(content)
        news.append(News(facts, own_key, own, book))
        guests.append(post_guest_return(facts, book, club.now(), key=own_key, fingerprint=own))
        fitting.append(waits)
    stubs = {key: number(stub, "m"), **{str(one["k"]): number(one, "m") for one in fitting}}
    besides = [*no_longer(caller, purchase.store, fitting)]
    rest = [put_rest(Rest(key, returned=returned))] if fitting else []
    if account is not None:
        return Committing(told_again(club, account, news, book), [*besides, *rest], stubs)
    posting = Posting(key, row, None, None, more=tuple(one.row for one in guests))
    return Committing(posting, [*besides, *rest], stubs)
