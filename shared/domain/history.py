"""A member's history: what all postings of a member tell, as plain figures by civil day. Months, cohorts, effects and curves of
redemption are counted from it.

A purchase stands on its own day, however late it was told, in the zone of the law that decided it; what came back of it is taken
off it, whenever that was. Nobody is named in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import NamedTuple

from shared.domain.ledger import Row, legs_of, unpacked
from shared.domain.money import ratio, rounded
from shared.domain.posting_return import returned_in
from shared.domain.purchase import Purchase
from shared.domain.returned import Returned, money_share
from shared.domain.rulebook import Rulebook
from shared.domain.stored import purchase_of
from shared.domain.tables import MAIN_WALLET
from shared.domain.tallies import BETWEEN_MEMBERS

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# The law that a posting was decided by.
Law = Callable[[int], Rulebook]
_HUNDRED = 100


class Bought(NamedTuple):
    """One purchase. `spend_minor` was paid for it, `back_minor` was paid back since; `margin_minor` is what the goods that were
    kept leave after tax and what they cost, None where the law does not say what one of them costs. `is_back`: all came back.
    `offers_minor` was taken off before it was paid."""

    on: date
    key: str
    store: str
    channel: str
    spend_minor: int
    back_minor: int
    margin_minor: int | None
    is_back: bool
    offers_minor: int = 0

    @property
    def kept_minor(self) -> int:
        return self.spend_minor - self.back_minor


class Moved(NamedTuple):
    """Units of a wallet that came to the member (above 0) or went, on the other side of `account`, an account of the club's."""

    on: date
    account: str
    wallet: str
    units: int


class Called(NamedTuple):
    """An automation or campaign that the member was due for, and in which arm of it the member is."""

    on: date
    automation: str
    period: str
    arm: str
    units: int


class History(NamedTuple):
    """All oldest first. `purchases` includes those that came back whole; `bought` does not."""

    joined_on: date
    purchases: tuple[Bought, ...] = ()
    moved: tuple[Moved, ...] = ()
    dues: tuple[Called, ...] = ()

    @property
    def bought(self) -> tuple[Bought, ...]:
        return tuple(one for one in self.purchases if not one.is_back)


def history_of(joined_on: date, rows: Iterable[Row], law: Law) -> History:
    """The history that postings tell, in any sequence: those of the member, and of memberships that became this one. `law` gives
    the law of a version."""
    told = list(rows)
    returned = returned_in(told)
    purchases = [_bought(row, returned.get(str(row["k"])), law) for row in told if row["c"] == "purchase"]
    moved = [one for row in told for one in _moved(row, law)]
    dues = [_called(row) for row in told if "au" in row]
    return History(
        joined_on, tuple(sorted(purchases, key=lambda one: one[:2])), tuple(sorted(moved)), tuple(sorted(dues))
    )


def day_of(row: Row, law: Law) -> date:
    """The civil day on which what a posting tells happened."""
    at = row.get("o", row["t"])
    assert isinstance(at, int)
    return (_EPOCH + timedelta(milliseconds=at)).astimezone(_law_of(row, law).zone).date()


def _law_of(row: Row, law: Law) -> Rulebook:
    return law(int(row["v"]))


def _bought(row: Row, returned: Returned | None, law: Law) -> Bought:
    book = _law_of(row, law)
    purchase, back = purchase_of(row, book), returned or Returned()
    spend = purchase.total_minor
    back_minor = spend if back.whole else min(spend, back.paid_back_minor)
    margin = _margin(purchase, back, book) if _is_costed(purchase, book) else None
    is_back = back.whole or bool(purchase.lines and not _kept(purchase, back)) or (spend > 0 and back_minor == spend)
    offers = sum(int(one[1]) for one in unpacked(row["of"])) if "of" in row else 0
    channel = purchase.channel or ""
    return Bought(day_of(row, law), str(row["k"]), purchase.store, channel, spend, back_minor, margin, is_back, offers)


def _is_costed(purchase: Purchase, book: Rulebook) -> bool:
    goods = [line for line in purchase.lines if line.kind == "goods"]
    return bool(goods) and all(book.costs.of(line) is not None for line in goods)


def _kept(purchase: Purchase, back: Returned) -> bool:
    return any(back.left(purchase, at) > 0 for at in range(len(purchase.lines)))


def _margin(purchase: Purchase, back: Returned, book: Rulebook) -> int:
    """What is left of the price of the goods that were kept, without its tax, after what they cost; a half is rounded up."""
    if back.whole:
        return 0
    # Money that came back without goods is of all of them.
    kept = Fraction(1)
    if not back.uncounted:
        kept -= money_share(purchase, back.money_minor)
    tax = Fraction(*ratio(book.programme.margin.tax_percent)) if purchase.prices_include_tax else Fraction(0)
    left = Fraction(0)
    for at, (line, net) in enumerate(zip(purchase.lines, purchase.net_by_line(), strict=True)):
        share = Fraction(max(0, back.left(purchase, at)), line.quantity)
        cost = book.costs.minor(line) if line.kind == "goods" else 0
        left += share * (net * kept * Fraction(_HUNDRED) * (_HUNDRED + tax) ** -1 - cost)
    return rounded(left.numerator, left.denominator, "half_up")


def _moved(row: Row, law: Law) -> Iterator[Moved]:
    for leg in legs_of(row):
        name, _, wallet = leg.account.partition("/")
        if name != row.get("a") and name not in BETWEEN_MEMBERS:
            yield Moved(day_of(row, law), name, wallet or MAIN_WALLET, -leg.points)


def _called(row: Row) -> Called:
    automation, period, day, arm, units = unpacked(row["au"])
    return Called(date.fromisoformat(day), str(automation), str(period), str(arm), int(units))
