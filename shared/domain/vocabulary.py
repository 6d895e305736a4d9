"""The words a programme's conditions may use: one table of name, type, unit, example and where the value comes from.

A name that is not here, or a comparison with the wrong type, is refused when the programme is checked, never at the till.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from shared.domain.account import Account
from shared.domain.purchase import Line, Purchase

TermType = Literal["int", "string", "bool", "list"]
Value = int | str | bool | list[str]


@dataclass(frozen=True, slots=True)
class Scene:
    """All that a condition can see: the purchase, its local time in the club's zone, the account before it, the tier that day."""

    purchase: Purchase
    at: datetime
    account: Account
    tier: str


class Term(NamedTuple):
    name: str
    type: TermType
    unit: str
    example: str
    of: Callable[[Scene], Value]


class LineTerm(NamedTuple):
    name: str
    type: TermType
    unit: str
    example: str
    of: Callable[[Line, int], Value]


def _days_since(scene: Scene) -> int:
    """Civil days since the last purchase; -1 before the first, so that `> 60` is never true for a newcomer."""
    last = scene.account.last_purchase_on(scene.at.date())
    return (scene.at.date() - last).days if last else -1


def _window(scene: Scene, days: int) -> tuple[int, int]:
    return scene.account.bought_within(scene.at.date(), days)


TERMS: tuple[Term, ...] = (
    Term("purchase.total_minor", "int", "minor units", "12990", lambda s: s.purchase.total_minor),
    Term("purchase.items_minor", "int", "minor units", "11990", lambda s: s.purchase.items_minor),
    Term("purchase.units", "int", "units", "3", lambda s: s.purchase.units),
    Term("purchase.store", "string", "store id", "'main'", lambda s: s.purchase.store),
    Term("purchase.channel", "string", "channel", "'web'", lambda s: s.purchase.channel or ""),
    Term("purchase.categories", "list", "categories", "['shoes']", lambda s: _distinct(s, "category")),
    Term("purchase.skus", "list", "SKUs", "['CD-1']", lambda s: _distinct(s, "sku")),
    Term("purchase.weekday", "int", "1 Monday to 7 Sunday, club's zone", "5", lambda s: s.at.isoweekday()),
    Term("purchase.hour", "int", "hour 0 to 23, club's zone", "18", lambda s: s.at.hour),
    Term("member.tier", "string", "tier id, '' for none", "'gold'", lambda s: s.tier),
    Term("member.purchases", "int", "purchases, ever", "12", lambda s: s.account.purchases),
    Term("member.spend_minor", "int", "minor units, ever", "250000", lambda s: s.account.spend_minor),
    Term("member.purchases_6m", "int", "purchases in 182 days", "3", lambda s: _window(s, 182)[0]),
    Term("member.purchases_12m", "int", "purchases in 365 days", "6", lambda s: _window(s, 365)[0]),
    Term("member.spend_12m_minor", "int", "minor units in 365 days", "90000", lambda s: _window(s, 365)[1]),
    Term("member.days_since_purchase", "int", "civil days, -1 for never", "14", _days_since),
    Term("member.days_in_club", "int", "civil days", "400", lambda s: (s.at.date() - s.account.joined_on).days),
)

LINE_TERMS: tuple[LineTerm, ...] = (
    LineTerm("line.sku", "string", "SKU", "'CD-1'", lambda line, net: line.sku),
    LineTerm("line.category", "string", "category, '' for none", "'music'", lambda line, net: line.category or ""),
    LineTerm("line.quantity", "int", "units", "2", lambda line, net: line.quantity),
    LineTerm("line.amount_minor", "int", "minor units, before discounts", "2990", lambda line, net: line.amount_minor),
    LineTerm("line.net_minor", "int", "minor units, after every discount", "2490", lambda line, net: net),
    LineTerm(
        "line.discounted", "bool", "has a discount of its own", "false", lambda line, net: line.discount_minor > 0
    ),
)

# `member.attributes.<id>` for each [[attribute]] that the programme declares.
ATTRIBUTE_PREFIX = "member.attributes."

TERM_BY_NAME: dict[str, Term] = {term.name: term for term in TERMS}
LINE_TERM_BY_NAME: dict[str, LineTerm] = {term.name: term for term in LINE_TERMS}


def _distinct(scene: Scene, field: Literal["category", "sku"]) -> list[str]:
    return sorted({value for line in scene.purchase.lines if (value := getattr(line, field))})
