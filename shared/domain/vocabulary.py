"""The words a programme's conditions and formulas may use: one table of name, type, unit, example and where the value comes from.

A name that is not here, or a comparison with the wrong type, is refused when the programme is checked, never at the till.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, NamedTuple

from shared.domain.account import Account
from shared.domain.event import Event
from shared.domain.purchase import Line, Purchase

if TYPE_CHECKING:
    from shared.domain.lately import Lately
    from shared.domain.rulebook import Rulebook

TermType = Literal["int", "string", "bool", "list", "map"]
Value = int | str | bool | list[str] | dict[str, str]


class Scene(NamedTuple):
    """All that a condition can see: what happened (a purchase or an event, or neither for a question about the member alone),
    its local time in the club's zone, the account before it, and the tiers held that day by their set ("" is the main one).
    `lately`: what the ledger tells of the member's purchases, where it was read."""

    at: datetime
    account: Account
    tiers: Mapping[str, str] = MappingProxyType({})
    purchase: Purchase | None = None
    event: Event | None = None
    lately: Lately | None = None

    @property
    def tier(self) -> str:
        return self.tiers.get("", "")

    @property
    def bought(self) -> Purchase:
        assert self.purchase is not None, "this word is only asked of a purchase"
        return self.purchase

    @property
    def told_lately(self) -> Lately:
        assert self.lately is not None, "this word is only asked where the ledger was read"
        return self.lately

    @property
    def happened(self) -> Event:
        assert self.event is not None, "this word is only asked of an event"
        return self.event


class Term(NamedTuple):
    """A word about a purchase, an event or a member. `of` is asked of the scene; of what only the law can tell, `by_law` is."""

    name: str
    type: TermType
    unit: str
    example: str
    of: Callable[[Scene], Value] | None = None
    by_law: Callable[[Scene, Rulebook], Value] | None = None


class LineTerm(NamedTuple):
    """A word about one line; `of` is given the line and what it costs after every discount."""

    name: str
    type: TermType
    unit: str
    example: str
    of: Callable[[Line, int], Value]


def _days_since(scene: Scene) -> int:
    """Civil days since the last purchase; -1 before the first, so that `> 60` is never true for a newcomer."""
    last = scene.account.last_purchase_on(scene.at.date())
    return (scene.at.date() - last).days if last else -1


def _before_silence(scene: Scene) -> int:
    """How often somebody bought in the half year that ended with their last purchase, however long ago that was."""
    last = scene.account.last_purchase_on(scene.at.date())
    return scene.account.bought_within(last, 182)[0] if last else 0


# What a number of days is that has no end, or is not known: longer than any that a condition asks for.
NEVER_DAYS = 9_999


def _days_to_tier_loss(scene: Scene, book: Rulebook) -> int:
    from shared.domain.tier_times import days_to_loss

    days = days_to_loss(scene.account, scene.at.date(), book)
    return NEVER_DAYS if days is None else days


def _days_since_climb(scene: Scene, book: Rulebook) -> int:
    from shared.domain.tier_times import days_since_climb

    days = days_since_climb(scene.account, scene.at.date(), book)
    return NEVER_DAYS if days is None else days


def _days_in_tier(scene: Scene, book: Rulebook) -> int:
    from shared.domain.tier_times import days_held

    days = days_held(scene.account, scene.at.date(), book)
    return -1 if days is None else days


def _rhythm(scene: Scene) -> int:
    """Longer than any silence where there is none, so that `days_since_purchase > rhythm_days` is never true for a newcomer."""
    from shared.domain.rhythm import usual_gap

    today = scene.at.date()
    gap = usual_gap([day.on for day in scene.account.days if day.purchases and day.on <= today])
    return NEVER_DAYS if gap is None else gap


def _silence(scene: Scene) -> int:
    """Whole percents, rounded down: at 130 the silence is at least 1.3 times as long as usual. -1 where nothing is usual."""
    rhythm = _rhythm(scene)
    return _days_since(scene) * 100 // rhythm if rhythm != NEVER_DAYS else -1


def _likes(scene: Scene, book: Rulebook) -> list[str]:
    from shared.domain.lately import likes

    return likes(scene.told_lately, scene.account, scene.at.date(), book)


def _complements(scene: Scene, book: Rulebook) -> list[str]:
    from shared.domain.lately import complements

    return complements(scene.told_lately, scene.at.date(), book)


def _usual_units(scene: Scene, _book: Rulebook) -> int:
    from shared.domain.lately import usual_units

    return usual_units(scene.told_lately, scene.at.date())


def _window(scene: Scene, days: int) -> tuple[int, int]:
    return scene.account.bought_within(scene.at.date(), days)


def _average(scene: Scene) -> int:
    account = scene.account
    return account.spend_minor // account.purchases if account.purchases else 0


def _has_birthday(scene: Scene) -> bool:
    """Who was born on a leap day celebrates on the eve in years without one. Not known: never."""
    if scene.account.birthday is None:
        return False
    # The calendars are read only where a rule asks for a birthday: the others do not pay for them.
    from shared.domain.calendars import Birthday, occurs_on

    calendar, month, day = scene.account.birthday
    kept = Birthday.model_validate({"calendar": calendar, "month": month, "day": day})
    return scene.at.date() in occurs_on(kept, scene.at.year, "feb_28")


PURCHASE_TERMS: tuple[Term, ...] = (
    Term("purchase.total_minor", "int", "minor units", "12990", lambda s: s.bought.total_minor),
    Term("purchase.items_minor", "int", "minor units", "11990", lambda s: s.bought.items_minor),
    Term("purchase.shipping_minor", "int", "minor units", "1000", lambda s: s.bought.shipping_minor),
    Term(
        "purchase.discount_minor", "int", "minor units, off the whole order", "500", lambda s: s.bought.discount_minor
    ),
    Term(
        "purchase.offers", "list", "offers that it took", "['double']", lambda s: [one.offer for one in s.bought.offers]
    ),
    Term("purchase.units", "int", "units", "3", lambda s: s.bought.units),
    Term(
        "purchase.number",
        "int",
        "the member's how-manieth purchase, 1 for the first",
        "3",
        lambda s: s.account.purchases + 1,
    ),
    Term("purchase.store", "string", "store id", "'main'", lambda s: s.bought.store),
    Term("purchase.channel", "string", "channel, '' for none", "'web'", lambda s: s.bought.channel or ""),
    Term("purchase.codes", "list", "codes the buyer gave", "['SUMMER']", lambda s: list(s.bought.codes)),
    Term("purchase.categories", "list", "categories", "['shoes']", lambda s: _distinct(s, "category")),
    Term("purchase.brands", "list", "brands", "['Acme']", lambda s: _distinct(s, "brand")),
    Term("purchase.skus", "list", "SKUs", "['CD-1']", lambda s: _distinct(s, "sku")),
    Term("purchase.date", "string", "civil day, club's zone", "'2026-12-24'", lambda s: s.at.date().isoformat()),
    Term("purchase.month", "int", "1 January to 12 December, club's zone", "12", lambda s: s.at.month),
    Term("purchase.day", "int", "day of the month 1 to 31, club's zone", "24", lambda s: s.at.day),
    Term("purchase.weekday", "int", "1 Monday to 7 Sunday, club's zone", "5", lambda s: s.at.isoweekday()),
    Term("purchase.hour", "int", "hour 0 to 23, club's zone", "18", lambda s: s.at.hour),
    Term("purchase.minute", "int", "minute 0 to 59, club's zone", "30", lambda s: s.at.minute),
)

EVENT_TERMS: tuple[Term, ...] = (
    Term("event.kind", "string", "id of an [[event]]", "'review'", lambda s: s.happened.kind),
    Term("event.store", "string", "store id", "'main'", lambda s: s.happened.store),
    Term("event.date", "string", "civil day, club's zone", "'2026-12-24'", lambda s: s.at.date().isoformat()),
    Term("event.weekday", "int", "1 Monday to 7 Sunday, club's zone", "5", lambda s: s.at.isoweekday()),
    Term("event.hour", "int", "hour 0 to 23, club's zone", "18", lambda s: s.at.hour),
)

MEMBER_TERMS: tuple[Term, ...] = (
    Term("member.tier", "string", "tier id, '' for none", "'gold'", lambda s: s.tier),
    Term("member.tiers", "list", "tier ids over all sets", "['gold']", lambda s: sorted(t for t in s.tiers.values() if t)),
    Term("member.tags", "list", "tags that automations gave", "['regular']", lambda s: s.account.tags),
    Term("member.purchases", "int", "purchases, ever", "12", lambda s: s.account.purchases),
    Term("member.spend_minor", "int", "minor units, ever", "250000", lambda s: s.account.spend_minor),
    Term("member.points_earned", "int", "smallest units of a point, ever", "2500", lambda s: s.account.points_earned),
    Term(
        "member.balance", "int", "smallest units of a point, lapsed ones apart", "320",
        lambda s: s.account.points_on(s.at.date()).balance,
    ),
    Term(
        "member.points_expiring_7d", "int",
        "smallest units of a point that can be used and lapse within 7 days, and were given for more than these", "120",
        lambda s: s.account.expiring_within(s.at.date(), 7, living_days=8),
    ),
    Term(
        "member.points_expiring_30d", "int",
        "smallest units of a point that can be used and lapse within 30 days, and were given for more than these", "120",
        lambda s: s.account.expiring_within(s.at.date(), 30, living_days=31),
    ),
    Term("member.average_minor", "int", "minor units a purchase, rounded down; 0 before the first", "4500", _average),
    Term("member.purchases_30d", "int", "purchases in 30 days", "1", lambda s: _window(s, 30)[0]),
    Term("member.purchases_6m", "int", "purchases in 182 days", "3", lambda s: _window(s, 182)[0]),
    Term("member.purchases_12m", "int", "purchases in 365 days", "6", lambda s: _window(s, 365)[0]),
    Term(
        "member.purchases_6m_before", "int", "purchases in the 182 days up to the last one", "3", _before_silence,
    ),
    Term("member.spend_30d_minor", "int", "minor units in 30 days", "9000", lambda s: _window(s, 30)[1]),
    Term("member.spend_12m_minor", "int", "minor units in 365 days", "90000", lambda s: _window(s, 365)[1]),
    Term("member.days_since_purchase", "int", "civil days, -1 for never", "14", _days_since),
    Term(
        "member.rhythm_days", "int", "civil days usually between two days of purchases (the median); 9999 before the third",
        "30", _rhythm,
    ),
    Term(
        "member.silence_percent", "int", "days_since_purchase as a percentage of rhythm_days; -1 before the third", "130",
        _silence,
    ),
    Term(
        "member.days_in_tier", "int",
        "civil days since member.tier was reached, -1 for none; at most 92 where [tiers] keeps no memory of it", "0",
        by_law=_days_in_tier,
    ),
    Term(
        "member.days_since_climb", "int",
        "civil days since member.tier was reached from below; 9999 for none, for one fallen to, or for long ago", "0",
        by_law=_days_since_climb,
    ),
    Term(
        "member.days_to_tier_loss", "int",
        "civil days to the last one of member.tier if nothing more is bought; 9999 for none, or for ever", "30",
        by_law=_days_to_tier_loss,
    ),
    Term("member.days_in_club", "int", "civil days", "400", lambda s: (s.at.date() - s.account.joined_on).days),
    Term("member.stores", "list", "stores bought in, at most 12", "['main']", lambda s: sorted(s.account.stores)),
    Term("member.language", "string", "language, '' for the club's first", "'he'", lambda s: s.account.language),
    Term("member.birth_month", "int", "1 to 12, 0 for not known", "6", lambda s: (s.account.birthday or ("", 0, 0))[1]),
    Term("member.birthday_today", "bool", "in the member's calendar, club's zone", "true", _has_birthday),
)  # fmt: skip

# What no account keeps: read from the ledger, for those who pass the rest of an automation's condition.
LEDGER_TERMS: tuple[Term, ...] = (
    Term(
        "member.likes", "list", "categories declared as liked, or with 40% of what was spent on goods in 365 days", "['jazz']",
        by_law=_likes,
    ),
    Term(
        "member.complements", "list", "categories that go with the last purchase by [[complement]], not bought lately",
        "['sleeve']", by_law=_complements,
    ),
    Term(
        "member.usual_units", "int", "units of goods in a usual purchase of 365 days (the median), 0 for none", "2",
        by_law=_usual_units,
    ),
)  # fmt: skip

LINE_TERMS: tuple[LineTerm, ...] = (
    LineTerm("line.sku", "string", "SKU", "'CD-1'", lambda line, net: line.sku),
    LineTerm("line.category", "string", "category, '' for none", "'music'", lambda line, net: line.category or ""),
    LineTerm("line.brand", "string", "brand, '' for none", "'Acme'", lambda line, net: line.brand or ""),
    LineTerm("line.kind", "string", "goods, shipping, gift_card, top_up, fee", "'goods'", lambda line, net: line.kind),
    LineTerm(
        "line.labels", "map", "label by name", "line.labels['color'] == 'red'", lambda line, net: dict(line.labels)
    ),
    LineTerm("line.quantity", "int", "units", "2", lambda line, net: line.quantity),
    LineTerm("line.amount_minor", "int", "minor units, before discounts", "2990", lambda line, net: line.amount_minor),
    LineTerm("line.discount_minor", "int", "minor units, off this line", "500", lambda line, net: line.discount_minor),
    LineTerm("line.net_minor", "int", "minor units, after every discount", "2490", lambda line, net: net),
    LineTerm(
        "line.discounted", "bool", "has a discount of its own", "false", lambda line, net: line.discount_minor > 0
    ),
)

# `member.attributes.<id>` for each [[attribute]] that the programme declares.
ATTRIBUTE_PREFIX = "member.attributes."

# What each kind of condition may speak of.
TERMS: tuple[Term, ...] = PURCHASE_TERMS + EVENT_TERMS + MEMBER_TERMS + LEDGER_TERMS
TERM_BY_NAME: dict[str, Term] = {term.name: term for term in TERMS}
LINE_TERM_BY_NAME: dict[str, LineTerm] = {term.name: term for term in LINE_TERMS}


def _distinct(scene: Scene, name: Literal["category", "sku", "brand"]) -> list[str]:
    return sorted({value for line in scene.bought.lines if (value := getattr(line, name))})
