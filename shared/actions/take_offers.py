"""The club's offers at the till: what a quote takes off, and that a purchase took off just that, while uses were left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

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
from shared.store import keys
from shared.store.backend import Put
from shared.store.keys import Mode
from shared.store.stocks import Stock, put_stock, stock_of

if TYPE_CHECKING:
    from shared.actions.coupons import Given


def offered_now(club: Club, mode: Mode, purchase: Purchase, account: Account | None, book: Rulebook) -> Offered:
    """What offers take off a purchase that was told without them."""
    given, scene = given_codes(purchase), _scene(purchase, account, book)
    coupons = _coupons(club, mode, scene, book)
    has = coupons.by_offer if coupons is not None else {}
    # Whose code nobody gave is not even asked how many are left.
    asked = [
        one.id
        for one in book.programme.offer
        if (one.id in has if one.personal else one.code is None or one.code in given)
    ]
    return offers_on(scene, book, _Shared(club, mode, asked, book).left(has))


def left_now(club: Club, mode: Mode, offers: Sequence[str], coupons: Mapping[str, str], book: Rulebook) -> Left:
    """What is left of these offers for who has coupons of those."""
    return _Shared(club, mode, offers, book).left(coupons)


def taken_offers(club: Club, mode: Mode, purchase: Purchase, account: Account | None, book: Rulebook) -> list[Put]:
    """The writes that count the uses of what a purchase names. Raises OffersDiffer where it is not what they take off now."""
    named = [one.offer for one in purchase.offers]
    scene, shared = _scene(undiscounted(purchase), account, book), _Shared(club, mode, named, book)
    coupons = _coupons(club, mode, scene, book)
    has = coupons.by_offer if coupons is not None else {}
    offered = offers_on(scene, book, shared.left(has), named)
    now = {one.offer: (one.minor, one.free_units, one.coupon or None) for one in offered.applied}
    for one in purchase.offers:
        if now.get(one.offer) != (one.discount_minor, one.free_units, one.coupon):
            raise OffersDiffer(offer=one.offer)
    if offered.by_line(len(purchase.lines)) != [line.offer_minor for line in purchase.lines]:
        raise OffersDiffer(offer=named[0])
    used_up = list[Put]()
    if coupons is not None:
        used_up = coupons.used(named, keys.purchase(mode, purchase.store, purchase.purchase_id))
    return [*shared.counted({one.offer: one.minor for one in offered.applied}, 1), *used_up]


def offers_given_back(club: Club, mode: Mode, bought: Row, law: Rulebook) -> list[Put]:
    """The writes that give back the uses of a purchase's offers, all of which has come back."""
    taken = {offer: minor for offer, minor, *_ in unpacked(bought["of"])}
    puts = _Shared(club, mode, list(taken), law).counted(taken, -1)
    if law.personal_offers & taken.keys():
        from shared.actions.coupons import given_back

        puts += given_back(club, bought)
    return puts


def _coupons(club: Club, mode: Mode, scene: Scene, book: Rulebook) -> Given | None:
    """The coupons that can be used in a purchase. Without a code, or without an offer that needs one, none is looked for."""
    if not book.personal_offers or not scene.bought.codes or not scene.account.id:
        return None
    if scene.at.date() < scene.account.joined_on:
        # Before a member joined there is nobody's story in which a coupon could be used.
        return None
    from shared.actions.coupons import Given

    return Given(club, mode, scene.account, scene.bought.codes, scene.at.date())


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

    def left(self, coupons: Mapping[str, str]) -> Left:
        """What is left, for who gave coupons of these offers."""
        uses = {name: most - row.taken for name, (most, row) in self._stocks.items()}
        minor = {name: most - row.taken for name, (most, row) in self._budgets.items()}
        return Left(uses, minor, coupons)

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
