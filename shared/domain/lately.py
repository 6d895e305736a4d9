"""What a member bought within a year, goods by goods, and what that tells: what the member likes, what goes with the last
purchase, how many units are usual.

An account keeps no goods: the sweep reads them from the ledger, for the few who pass the rest of an automation's condition. A
purchase counts on its own day, however late it was told, and what came back of it counts no more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from fractions import Fraction
from typing import NamedTuple

from shared.domain.account import Account
from shared.domain.conditions import Condition
from shared.domain.facts import line_facts
from shared.domain.ledger import Row
from shared.domain.money import rounded
from shared.domain.posting_return import returned_in
from shared.domain.purchase import Line, Purchase
from shared.domain.returned import Returned, money_share
from shared.domain.rulebook import Rulebook
from shared.domain.stored import occurred_at, purchase_of

# Twelve months, the day that is asked included.
LATELY_DAYS = 365
# Postings that are read of one member: of who has more within a year the newest tell.
LATELY_POSTINGS_MAX = 100
# A category with so large a share of what was spent is liked.
LIKED_PERCENT = 40


class Goods(NamedTuple):
    """What is left of one line of a purchase: units, and what was paid for them."""

    line: Line
    units: int
    minor: Fraction

    @property
    def category(self) -> str:
        return self.line.category or ""


class Bought(NamedTuple):
    """One purchase, without what came back of it."""

    on: date
    place: tuple[int, str]
    goods: tuple[Goods, ...]


class Lately(NamedTuple):
    """A member's purchases of a year, oldest first."""

    purchases: tuple[Bought, ...] = ()

    def until(self, today: date) -> Lately:
        """As it was on a day: of the year before it, and nothing of later."""
        first = today - timedelta(days=LATELY_DAYS - 1)
        return Lately(tuple(one for one in self.purchases if first <= one.on <= today))


def lately_in(rows: Iterable[Row], book: Rulebook) -> Lately:
    """The purchases of postings, in any sequence; a return is told by its own posting."""
    told = list(rows)
    returned = returned_in(told)
    bought = [_bought(row, returned.get(str(row["k"])), book) for row in told if row["c"] == "purchase"]
    return Lately(tuple(sorted(one for one in bought if one.goods)))


def likes(lately: Lately, account: Account, today: date, book: Rulebook) -> list[str]:
    """The categories that a member likes: those declared in an attribute, and those with most of what was spent on goods."""
    declared = [
        name.strip()
        for attribute in book.programme.attribute
        if attribute.likes
        for name in str(book.attribute(account, attribute.id)).split(",")
    ]
    spent: dict[str, Fraction] = {}
    for one in lately.until(today).purchases:
        for goods in one.goods:
            spent[goods.category] = spent.get(goods.category, Fraction(0)) + goods.minor
    whole = sum(spent.values())
    shown = [name for name, minor in spent.items() if whole and minor * 100 >= whole * LIKED_PERCENT]
    return sorted({name for name in (*declared, *shown) if name})


def complements(lately: Lately, today: date, book: Rulebook) -> list[str]:
    """The categories that go with the last purchase and were not bought lately, as `[[complement]]` says."""
    purchases = lately.until(today).purchases
    if not purchases:
        return []
    newest = {goods.category for goods in purchases[-1].goods}
    found = set[str]()
    for pair in book.programme.complement:
        if pair.category in newest:
            since = today - timedelta(days=pair.days - 1)
            had = {goods.category for one in purchases if one.on >= since for goods in one.goods}
            found |= set(pair.with_) - had
    return sorted(found)


def usual_units(lately: Lately, today: date, lines: Condition | None = None) -> int:
    """How many units of chosen goods the member usually buys at a time: the median over the purchases with any, a half rounded
    up; 0 where there is none."""
    counts = sorted(
        units
        for one in lately.until(today).purchases
        if (units := sum(g.units for g in one.goods if _is_chosen(g, lines)))
    )
    if not counts:
        return 0
    return rounded(counts[(len(counts) - 1) // 2] + counts[len(counts) // 2], 2, "half_up")


def _bought(row: Row, returned: Returned | None, book: Rulebook) -> Bought:
    purchase, at = purchase_of(row, book), occurred_at(row)
    return Bought(at.astimezone(book.zone).date(), (int(row["o"]), str(row["k"])), tuple(_goods(purchase, returned)))


def _goods(purchase: Purchase, returned: Returned | None) -> Iterator[Goods]:
    if returned is not None and returned.whole:
        return
    # Money that was given back without goods is of all of them; with goods whose price it does not fit, theirs alone.
    kept = Fraction(1)
    if returned is not None and not returned.uncounted:
        kept -= money_share(purchase, returned.money_minor)
    for at, (line, net) in enumerate(zip(purchase.lines, purchase.net_by_line(), strict=True)):
        units = returned.left(purchase, at) if returned is not None else line.quantity
        if line.kind == "goods" and units > 0:
            yield Goods(line, units, max(Fraction(0), Fraction(net * units, line.quantity) * kept))


def _is_chosen(goods: Goods, lines: Condition | None) -> bool:
    net = rounded(goods.minor.numerator, goods.minor.denominator, "floor")
    return lines is None or lines.failing(line_facts(goods.line, net)) is None
