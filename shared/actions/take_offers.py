"""The club's offers at the till: what a quote takes off, and that a purchase took off just that, while uses were left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shared.actions.club import Club
from shared.domain.account import Account
from shared.domain.discounting import undiscounted
from shared.domain.errors import OffersDiffer
from shared.domain.ledger import Row, unpacked
from shared.domain.offer_tables import Offer
from shared.domain.offers import OFFER_BUDGET, OFFER_USED, Left, Offered, given_codes, offers_on
from shared.domain.purchase import Purchase
from shared.domain.rulebook import Rulebook
from shared.domain.tiers import tiers_on
from shared.domain.vocabulary import Scene
from shared.store.backend import Put
from shared.store.keys import Mode
from shared.store.stocks import Stock, put_stock, stock_of


def offered_now(club: Club, mode: Mode, purchase: Purchase, account: Account | None, book: Rulebook) -> Offered:
    """What offers take off a purchase that was told without them."""
    given = given_codes(purchase)
    # Whose code nobody gave is not even asked how many are left.
    asked = [one.offer.id for one in book.offers if one.offer.code is None or one.offer.code in given]
    shared = _Shared(club, mode, asked, book)
    return offers_on(_scene(purchase, account, book), book, shared.left())


def taken_offers(club: Club, mode: Mode, purchase: Purchase, account: Account | None, book: Rulebook) -> list[Put]:
    """The writes that count the uses of what a purchase names. Raises OffersDiffer where it is not what they take off now."""
    named = [one.offer for one in purchase.offers]
    shared = _Shared(club, mode, named, book)
    offered = offers_on(_scene(undiscounted(purchase), account, book), book, shared.left(), named)
    now = {one.offer: (one.minor, one.free_units) for one in offered.applied}
    for one in purchase.offers:
        if now.get(one.offer) != (one.discount_minor, one.free_units):
            raise OffersDiffer(offer=one.offer)
    if offered.by_line(len(purchase.lines)) != [line.offer_minor for line in purchase.lines]:
        raise OffersDiffer(offer=named[0])
    return shared.counted({one.offer: one.minor for one in offered.applied}, 1)


def offers_given_back(club: Club, mode: Mode, bought: Row, law: Rulebook) -> list[Put]:
    """The writes that give back the uses of a purchase's offers, all of which has come back."""
    taken = {offer: minor for offer, minor, _ in unpacked(bought["of"])}
    return _Shared(club, mode, list(taken), law).counted(taken, -1)


class _Shared:
    """What offers share over all members: how often they were used where they have a stock, how much they took off where they
    have a budget. Each is a row, and a condition of the transaction that changes it."""

    def __init__(self, club: Club, mode: Mode, offers: Sequence[str], book: Rulebook) -> None:
        rules = [rule.offer for name in offers if (rule := book.offer(name)) is not None]
        self._stocks = {
            one.id: (one.stock, _row(club, mode, OFFER_USED, one)) for one in rules if one.stock is not None
        }
        self._budgets = {
            one.id: (one.budget_minor, _row(club, mode, OFFER_BUDGET, one))
            for one in rules
            if one.budget_minor is not None
        }

    def left(self) -> Left:
        return Left(
            *({name: most - row.taken for name, (most, row) in some.items()} for some in (self._stocks, self._budgets))
        )

    def counted(self, minor: Mapping[str, int], times: int) -> list[Put]:
        """The writes after offers took off so much, once more or (-1) once less."""
        more = [(row, times) for _, row in self._stocks.values()]
        more += [(row, times * minor.get(name, 0)) for name, (_, row) in self._budgets.items()]
        return [put_stock(row._replace(taken=max(0, row.taken + some))) for row, some in more if some]


def _row(club: Club, mode: Mode, kind: str, offer: Offer) -> Stock:
    return stock_of(club.store.backend, mode, kind + offer.id)


def _scene(purchase: Purchase, account: Account | None, book: Rulebook) -> Scene:
    at = purchase.occurred_at.astimezone(book.zone)
    if account is None or account.status:
        # Who is no active member is offered what guests are.
        return Scene(at, Account("", at.date()), purchase=purchase)
    return Scene(at, account, tiers_on(account, at.date(), book), purchase=purchase)
