"""Returns: what of a purchase comes back, and what that undoes, under the rules of the purchase's own version.

A return undoes in proportion: points earned (from the purchase's own lot first), points that paid for it (into lots with their
old days), the figures of its day, counters of limits, stamps, what it reached. What cannot be taken back follows
`policies.clawback_when_spent`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from fractions import Fraction
from types import MappingProxyType
from typing import NamedTuple

from shared.domain.account import Account, Purse, Used, Waiting
from shared.domain.changes import Change, Figure, PurseChange
from shared.domain.decide import COMPLETED, SOLD, lot_of
from shared.domain.earning import points_earned
from shared.domain.errors import Invalid, ReturnExceedsPurchase
from shared.domain.goals import ShelfMove, are_stamps, recovered
from shared.domain.ledger import Leg, Row, unpacked
from shared.domain.limits import period
from shared.domain.lots import Lot, between, negative, taken, to_take_back, together, total
from shared.domain.packing import lots_in
from shared.domain.purchase import Line, Purchase
from shared.domain.purchase_return import Return
from shared.domain.reasons import ACHIEVEMENT_RULE, Fired, NotFired
from shared.domain.returned import Returned, kept, points_share, value_share
from shared.domain.rulebook import Rulebook
from shared.domain.tables import MAIN_WALLET
from shared.domain.tiers import tiers_on
from shared.domain.top_ups import top_up_kept
from shared.domain.vocabulary import Scene
from shared.domain.wallet_tables import Wallet

CLAWED_BACK, LOST, REDEEMED = "clawed_back", "lost", "redeemed"


class Given(NamedTuple):
    """What a purchase gave, as it stands before a return of it. `units` by wallet, and beside them what was `sold` as a top-up;
    `lots` are its own, by wallet; `limited` what rules with limits gave, with the day on which each had given before."""

    purchase: Purchase
    on: date
    book: Rulebook
    reasons: tuple[Fired | NotFired, ...] = ()
    units: Mapping[str, int] = MappingProxyType({})
    lots: Mapping[str, Lot] = MappingProxyType({})
    # Of each wallet what no reward was given for, because they were the most of one purchase: that is lost already.
    dropped: Mapping[str, int] = MappingProxyType({})
    limited: Mapping[str, int] = MappingProxyType({})
    sold: Mapping[str, int] = MappingProxyType({})
    # Last days that staff gave to lots with the day of its own, by wallet.
    later: Mapping[str, frozenset[date | None]] = MappingProxyType({})


class Payment(NamedTuple):
    """A redemption that paid for a purchase: its key, whose points, their wallet, the parts of lots that were used, and how many
    units were given back so far, by returns or by hand."""

    key: str
    account: str
    wallet: str
    lots: tuple[Lot, ...]
    back: int = 0

    def given_back(self, units: int) -> tuple[Lot, ...]:
        """The parts of lots that go back when so many more units do: those that were used last first, with their own days."""
        return between(self.lots[::-1], self.back, self.back + units)


class PaidBack(NamedTuple):
    """What a return gives back of one payment."""

    payment: Payment
    lots: tuple[Lot, ...]


def payment_in(row: Row, back: int) -> Payment:
    """What a captured redemption used: `pt` of its row is the wallet and the parts of lots."""
    wallet, lots = unpacked(row["pt"])
    return Payment(str(row["k"]), str(row["a"]), wallet, lots_in(lots), back)


def paid_back(
    purchase: Purchase, payments: Sequence[Payment], so_far: Returned, part: Returned, book: Rulebook
) -> tuple[PaidBack, ...]:
    """What the return of a part gives back of what paid for the purchase, never more than was left of it."""
    only_whole = book.programme.policies.spent_points_on_partial_return == "only_on_full_return"
    back = []
    for payment in payments:
        spent = total(payment.lots)
        shares = [
            Fraction(int(one.whole)) if only_whole else value_share(purchase, one)
            for one in (so_far, so_far.more(part))
        ]
        before, now = (spent * share.numerator // share.denominator for share in shares)
        if units := min(now - before, spent - payment.back):
            back.append(PaidBack(payment, payment.given_back(units)))
    return tuple(back)


# Parts of lots that go back to one account, by wallet.
GivenBack = Mapping[str, tuple[Lot, ...]]


class Undone(NamedTuple):
    """What a return takes back and gives back, by wallet: `due` is what the returned part had earned, `taken` what was taken of
    it, `lost` what could not be; `back` is what had paid for it; `kept` is what was due and stays, because stamps do."""

    change: Change
    legs: tuple[Leg, ...]
    due: Mapping[str, int]
    taken: Mapping[str, int]
    lost: Mapping[str, int]
    back: GivenBack
    kept: Mapping[str, int] = MappingProxyType({})
    shelves: Mapping[str, ShelfMove] = MappingProxyType({})


def part_of(told: Return, purchase: Purchase, so_far: Returned, book: Rulebook) -> Returned:
    """What of a purchase a return is about. Raises Invalid and ReturnExceedsPurchase."""
    left_minor = purchase.total_minor - so_far.paid_back_minor
    if so_far.whole or (told.amount_minor or 0) > left_minor:
        raise _exceeds(told, left_minor)
    if told.lines is None:
        return _without_lines(told, purchase, so_far, left_minor)
    units = _units(told, purchase, so_far, left_minor)
    counted = so_far.more(Returned(units=units))
    is_all = all(not counted.left(purchase, place) for place in range(len(purchase.lines)))
    whole = is_all and not counted.uncounted and not counted.money_minor
    lines_minor = _lines_minor(purchase, counted) - _lines_minor(purchase, so_far)
    paid_back = told.amount_minor
    if paid_back is None:
        # The last goods bring back what is left of the money, shipping included.
        return Returned(units=units, paid_back_minor=left_minor if whole else min(lines_minor, left_minor), whole=whole)
    if paid_back == lines_minor or (whole and paid_back >= lines_minor):
        return Returned(units=units, paid_back_minor=paid_back, whole=whole)
    policy = book.programme.policies.return_money_differs
    if policy == "refuse":
        raise Invalid("amount_minor", f"is not what the lines cost, which is {lines_minor}")
    if policy == "lines" or (policy == "smaller" and lines_minor <= paid_back):
        return Returned(units=units, paid_back_minor=paid_back, whole=whole)
    whole = paid_back == left_minor
    return Returned(uncounted=units, money_minor=paid_back, paid_back_minor=paid_back, whole=whole)


def _without_lines(told: Return, purchase: Purchase, so_far: Returned, left_minor: int) -> Returned:
    if told.amount_minor is not None and told.amount_minor < left_minor:
        return Returned(money_minor=told.amount_minor, paid_back_minor=told.amount_minor)
    rest = {place: left for place in range(len(purchase.lines)) if (left := so_far.left(purchase, place))}
    return Returned(units=rest, paid_back_minor=left_minor, whole=True)


def _units(told: Return, purchase: Purchase, so_far: Returned, left_minor: int) -> dict[int, int]:
    """Units by the place of their line. A product that stands in several lines comes back from the first ones first."""
    units: dict[int, int] = {}
    for at, one in enumerate(told.lines or ()):
        places = [place for place, line in enumerate(purchase.lines) if line.sku == one.sku]
        if not places:
            raise Invalid(f"lines.{at}.sku", "is not in the purchase")
        wanted = one.quantity
        for place in places:
            left = so_far.left(purchase, place) - units.get(place, 0)
            part = left if wanted is None else min(left, wanted)
            units[place] = units.get(place, 0) + part
            wanted = None if wanted is None else wanted - part
        if wanted or not any(units[place] for place in places):
            raise _exceeds(told, left_minor)
    return {place: count for place, count in sorted(units.items()) if count}


def _lines_minor(purchase: Purchase, returned: Returned) -> int:
    """What the lines that came back had cost, cut to whole minor units over all returns together."""
    nets = purchase.net_by_line()
    lines = purchase.lines
    worth = sum(
        (Fraction(nets[place] * units, lines[place].quantity) for place, units in returned.units.items()), Fraction(0)
    )
    return worth.numerator // worth.denominator


def _exceeds(told: Return, left_minor: int) -> ReturnExceedsPurchase:
    return ReturnExceedsPurchase(purchase_id=told.purchase_id, left_minor=left_minor)


def undone(
    given: Given,
    so_far: Returned,
    part: Returned,
    back: GivenBack,
    account: Account,
    day: date,
    *,
    on: date,
    merging: date,
) -> Undone:
    """What the return of a part of a purchase does to the account.

    `day` is the civil day up to which lots live, `on` the return's own; `back` is what had paid for it and goes back to this
    account.
    """
    after = so_far.more(part)
    due = {wallet: _less(given, after, wallet) - _less(given, so_far, wallet) for wallet in given.units}
    sold = {
        wallet: top_up_kept(given.purchase, units, so_far) - top_up_kept(given.purchase, units, after)
        for wallet, units in given.sold.items()
    }
    due |= {wallet: due.get(wallet, 0) + units for wallet, units in sold.items()}
    taking = Taking(account, given.book, day, on)
    # First what comes back: what is taken may be among it.
    for wallet, lots in back.items():
        taking.give_back(wallet, lots)
    for wallet, units in due.items():
        taking.take(wallet, units, given.lots.get(wallet), given.later.get(wallet, frozenset()), sold.get(wallet, 0))
    times = -1 if after.whole and not so_far.whole else 0
    points = due.get(MAIN_WALLET, 0)
    figure = Figure(given.on, times, -part.paid_back_minor, -points, -points if given.book.counts_points_by_day else 0)
    change = taking.change(merging)._replace(
        figures=(figure,) if any(figure[1:]) else (),
        stores={given.purchase.store: times} if times else {},
        used=_unused(given, so_far, after, account),
    )
    return Undone(change, taking.legs(), due, taking.taken, taking.lost, back, taking.kept, taking.shelves)


def undone_by_amount(
    amount_minor: int, occurred_at: datetime, account: Account, book: Rulebook, day: date, *, merging: date
) -> Undone:
    """A return that names no purchase takes back what a purchase of its amount would have earned on its day."""
    at = occurred_at.astimezone(book.zone)
    line = Line(sku="return", amount_minor=amount_minor)
    like = Purchase(
        store="main", purchase_id="return", occurred_at=occurred_at, currency=book.programme.club.currency,
        lines=(line,), total_minor=amount_minor,
    )  # fmt: skip
    earned = points_earned(
        Scene(at, account._replace(used={}), tiers_on(account, at.date(), book), purchase=like), book
    )
    due = {MAIN_WALLET: earned.points, **earned.others}
    taking = Taking(account, book, day, at.date())
    for wallet, units in due.items():
        taking.take(wallet, units, None)
    points = earned.points
    figure = Figure(at.date(), 0, -amount_minor, -points, -points if book.counts_points_by_day else 0)
    change = taking.change(merging)._replace(figures=(figure,))
    return Undone(change, taking.legs(), due, taking.taken, taking.lost, {}, taking.kept, taking.shelves)


class Taking:
    """Takes from an account and gives back to it, wallet by wallet; nothing is changed until the change is applied."""

    def __init__(self, account: Account, book: Rulebook, day: date, on: date | None = None) -> None:
        """`on` is the day of a return; None where it is none, and asks for no stamps and no rewards."""
        self.account, self.book, self.day, self.on = account, book, day, on
        self.moves: dict[str, list[Lot]] = {}
        self.posted: dict[str, int] = {}
        self.taken: dict[str, int] = {}
        self.lost: dict[str, int] = {}
        self.kept: dict[str, int] = {}
        self.shelves: dict[str, ShelfMove] = {}
        self.rewards: dict[str, tuple[int, tuple[Waiting, ...]]] = {}
        self.sides: list[Leg] = []

    def take(
        self, wallet: str, units: int, own: Lot | None, later: frozenset[date | None] = frozenset(), sold: int = 0
    ) -> None:
        """Takes so many units back, from a purchase's own lot first, as far as they are there. `sold` is what of them was paid
        for."""
        if units <= 0:
            return
        policies = self.book.programme.policies
        if wallet != MAIN_WALLET and self.on is not None:
            if policies.stamps_on_return == "kept" and are_stamps(self.book.wallet(wallet)):
                self.kept[wallet] = units
                return
            if wallet in self.account.purses and self.account.purses[wallet].waiting:
                units = self._of_rewards(wallet, units, own, self.on)
        lots = self.account.lots if wallet == MAIN_WALLET else self.account.purses.get(wallet, Purse()).lots
        lots = together(lots, self.moves.get(wallet, ()))
        parts = taken(to_take_back(lots, own, self.day, policies.lots_used, later), units)
        there, short = total(parts), units - total(parts)
        how = policies.clawback_when_spent
        gone = units if how == "negative" else there
        self.taken[wallet] = self.taken.get(wallet, 0) + gone
        if short and how != "negative":
            self.lost[wallet] = short
        self.moves.setdefault(wallet, []).extend(negative(parts))
        self.posted[wallet] = self.posted.get(wallet, 0) - gone
        theirs = units if how == "record_loss" else gone
        sold = min(sold, theirs)
        self._side(wallet, -gone, CLAWED_BACK, theirs - sold)
        if sold:
            self.sides.append(Leg(SOLD + _behind(wallet), sold))
        if short and how == "record_loss":
            self.sides.append(Leg(LOST + _behind(wallet), -short))

    def _of_rewards(self, wallet: str, units: int, own: Lot | None, on: date) -> int:
        """Takes from rewards that wait, and puts what is too much of one into the balance. What is left is to be taken there."""
        purse = self.account.purses[wallet]
        rules = self.book.wallet(wallet)
        what = recovered(purse, units, on)
        if not what.units:
            return what.rest
        behind = _behind(wallet)
        self.rewards[wallet] = (-what.rewards, what.moves)
        self.taken[wallet] = what.units - what.change
        self.posted[wallet] = self.posted.get(wallet, 0) + what.change
        self.sides += [Leg(COMPLETED + behind, -what.units), Leg(CLAWED_BACK + behind, what.units - what.change)]
        if what.change:
            lot = own or lot_of(on, 0, rules, self.book)
            self.moves.setdefault(wallet, []).append(lot._replace(points=what.change))
            self.sides.append(Leg(self.account.id + behind, what.change))
        if isinstance(rules, Wallet) and rules.reward_stock is not None:
            self.shelves[wallet] = what.shelf
        return what.rest

    def give_back(self, wallet: str, lots: Sequence[Lot]) -> None:
        """Gives back what had been spent, with the days it had."""
        units = total(lots)
        self.moves.setdefault(wallet, []).extend(lots)
        self.posted[wallet] = self.posted.get(wallet, 0) + units
        self._side(wallet, units, REDEEMED, -units)

    def change(self, merging: date) -> Change:
        others = {name for name in (*self.moves, *self.rewards) if name != MAIN_WALLET}
        purses = {
            name: PurseChange(
                self.posted.get(name, 0), tuple(self.moves.get(name, ())), *self.rewards.get(name, (0, ()))
            )
            for name in sorted(others)
        }
        return Change(merging, self.posted.get(MAIN_WALLET, 0), tuple(self.moves.get(MAIN_WALLET, ())), purses)

    def legs(self) -> tuple[Leg, ...]:
        return tuple(self.sides)

    def _side(self, wallet: str, units: int, club: str, theirs: int) -> None:
        self.sides += [Leg(self.account.id + _behind(wallet), units), Leg(club + _behind(wallet), theirs)]


def _behind(wallet: str) -> str:
    return "" if wallet == MAIN_WALLET else f"/{wallet}"


def _less(given: Given, returned: Returned, wallet: str) -> int:
    """What a purchase loses of what it gave to a wallet: what was dropped of it goes first."""
    units = given.units[wallet]
    return max(0, units - _kept(given, returned, wallet, units) - given.dropped.get(wallet, 0))


def _kept(given: Given, returned: Returned, wallet: str, units: int) -> int:
    share = points_share(given.purchase, given.reasons, given.book, returned, wallet)
    return kept(units, share, given.book.wallet(wallet).rounding.mode)


def _unused(given: Given, so_far: Returned, after: Returned, account: Account) -> dict[str, Mapping[str, Used]]:
    """The counters of limits and of what was reached, less what the returned part had used of them."""
    used: dict[str, Mapping[str, Used]] = {}
    times = 1 if after.whole and not so_far.whole else 0
    for rule_id, units in given.limited.items():
        earn, periods = given.book.rule(rule_id).earn, dict(account.used.get(rule_id, {}))
        less = _kept(given, so_far, earn.wallet, units) - _kept(given, after, earn.wallet, units)
        for per in dict.fromkeys(limit.per for limit in earn.limits):
            key = period(per, given.on)
            if key in periods:
                left = (max(0, periods[key][0] - times), max(0, periods[key][1] - less))
                periods[key] = left
                if not any(left):
                    del periods[key]
        if times and periods.get("last", (0, 0))[0] == given.on.toordinal():
            del periods["last"]
        used[rule_id] = periods
    if times:
        for reason in given.reasons:
            if isinstance(reason, Fired) and reason.rule.startswith(ACHIEVEMENT_RULE):
                used[reason.rule] = _not_reached(given, reason.rule, account)
        if given.purchase.offers:
            from shared.domain.offers import unused_offers

            used |= unused_offers(account, [one.offer for one in given.purchase.offers], given.on, given.book)
    return used


def _not_reached(given: Given, rule: str, account: Account) -> dict[str, Used]:
    from shared.domain.decide import achievement_period

    one = next(one for one, _ in given.book.achievements if ACHIEVEMENT_RULE + one.id == rule)
    key = achievement_period(one, given.on)
    return {period_: value for period_, value in account.used.get(rule, {}).items() if period_ != key}
