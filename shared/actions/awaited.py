"""A purchase for which returns wait: it is recorded together with them, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence

from shared.actions.caller import Caller
from shared.actions.club import Club
from shared.actions.late import told_again
from shared.actions.parking import no_longer, waiting_at
from shared.actions.paying_back import PayingBack
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
from shared.domain.telling import News
from shared.store import keys
from shared.store.backend import TRANSACTION_PUTS_MAX, Drop, Put
from shared.store.rests import put_rest, rest_of
from shared.store.shelves import put_shelves

# The purchase, its account, what had lapsed, what is corrected, and the row of what came back.
_ITEMS = 5


def awaited(
    club: Club, caller: Caller, purchase: Purchase, account: Account | None, stub: Row, book: Rulebook, key: str,
    fingerprint: bytes, uses: Sequence[Put] = (),
) -> Committing:  # fmt: skip
    """The purchase with the returns that waited for it, in the sequence of their own times. One that does not fit the purchase
    (more than was paid, a line that is not in it), or the transaction, goes on waiting, and can be seen and told again. `uses`
    are the writes that count the uses of its offers: there are none where all comes back."""
    row = purchase_row(purchase, book, club.now(), key, fingerprint)
    returned, fitting, guests = Returned(), list[Row](), list[Posting]()
    rest = rest_of(club.store.backend, key)
    paying = PayingBack(club, caller, rest, account.id if account is not None else None, book)
    news = [News(purchase, key, fingerprint, book)]
    for told, waits in sorted(waiting_at(club, stub), key=lambda one: (one[0].occurred_at, one[0].return_id)):
        own_key = keys.return_of(caller.mode, told.store, told.return_id)
        count = len(fitting) + 1
        if _ITEMS + 2 * count + paying.items_max(count) > TRANSACTION_PUTS_MAX:
            break
        try:
            facts = facts_of(told, own_key, row, returned, paying, book)
        except (Exceeded, Invalid):
            continue
        content = content_of_return(told, None)
        returned = returned.more(facts.part)
        own = club.peppers.fingerprint(content)
        news.append(News(facts, own_key, own, book))
        guests.append(post_guest_return(facts, book, club.now(), key=own_key, fingerprint=own))
        fitting.append(waits)
    stubs = {key: number(stub, "m"), **{str(one["k"]): number(one, "m") for one in fitting}}
    besides: list[Put | Drop] = [*no_longer(caller, purchase.store, fitting), *paying.besides]
    besides += [put_rest(rest._replace(returned=returned))] if fitting else []
    besides += [] if returned.whole else uses
    if account is not None:
        posting = told_again(club, account, news, book)
        shelves = put_shelves(club.store.backend, caller.mode, posting, book)
        return Committing(posting._replace(others=paying.others), [*besides, *shelves], stubs)
    posting = Posting(key, row, None, None, more=tuple(one.row for one in guests), others=paying.others)
    return Committing(posting, besides, stubs)
