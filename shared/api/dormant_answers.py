"""The dormant report as the API tells it to staff: JSON, or the rows of a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from shared.api.sheets import Cell
from shared.domain.dormant import Dormant, DormantRule, totals_of
from shared.domain.errors import Invalid
from shared.domain.money import decimals
from shared.domain.rulebook import Rulebook
from shared.domain.voice import Voice

if TYPE_CHECKING:
    from shared.api import shapes

DAYS_DEFAULT, DAYS_MAX = 60, 3_650
PURCHASES_DEFAULT, PURCHASES_MAX = 3, 1_000
FORMATS = ("json", "csv", "xlsx")
_COLUMNS = ("member", "purchases", "spend", "last_purchase", "silent_days", "tier", "balance")


def dormant_asked(query: Mapping[str, str]) -> tuple[DormantRule, str]:
    """The rule and the format of a report. Raises Invalid."""
    known = query.get("format", "json")
    if known not in FORMATS:
        raise Invalid("format", f"is none of {', '.join(FORMATS)}")
    days = _number(query, "days", DAYS_DEFAULT, DAYS_MAX)
    return DormantRule(days, _number(query, "purchases_min", PURCHASES_DEFAULT, PURCHASES_MAX)), known


def _number(query: Mapping[str, str], name: str, default: int, most: int) -> int:
    told = query.get(name, str(default))
    is_whole = told.isascii() and told.isdecimal() and not told.startswith("0") and len(told) <= len(str(most))
    if not is_whole or int(told) > most:
        raise Invalid(name, f"must be a whole number from 1 to {most}")
    return int(told)


def dormant_answer(
    found: Sequence[Dormant], accounts: int, cursor: str | None, today: date, book: Rulebook, rule: DormantRule
) -> shapes.DormantAnswer:
    totals = totals_of(list(found))
    return {
        "today": today.isoformat(),
        "days": rule.silent_days,
        "purchases_min": rule.purchases_min,
        "currency": book.programme.club.currency,
        "decimals": book.programme.points.decimals,
        "members": [
            {**one._asdict(), "last_purchase_on": one.last_purchase_on.isoformat(), "tier": one.tier or None}  # type: ignore[typeddict-item]
            for one in found
        ],
        "totals": {**totals._asdict()},  # type: ignore[typeddict-item]
        "accounts_read": accounts,
        "next_cursor": cursor,
    }


def dormant_rows(found: Sequence[Dormant], book: Rulebook, language: str) -> list[list[Cell]]:
    """The rows of a file: a heading, the members, a sum. Money in the currency's own units, as people at a desk read it."""
    voice, currency = Voice(language, book.programme.club.currency), book.programme.club.currency
    tiers = {tier.id: dict(tier.name) for tier in book.programme.tier}
    totals = totals_of(list(found))

    def money(minor: int) -> Decimal:
        return Decimal(minor).scaleb(-decimals(currency))

    def points(units: int) -> Decimal:
        return Decimal(units).scaleb(-book.programme.points.decimals)

    def tier(name: str) -> str:
        return str(tiers.get(name, {}).get(language) or name)  # type: ignore[call-overload]

    rows: list[list[Cell]] = [[voice.say(f"dormant.{column}", currency=currency) for column in _COLUMNS]]
    for one in found:
        spend, balance = money(one.spend_minor), points(one.balance)
        rows.append(
            [one.member_id, one.purchases, spend, one.last_purchase_on, one.silent_days, tier(one.tier), balance]
        )
    spend, balance = money(totals.spend_minor), points(totals.balance)
    return [*rows, [voice.say("dormant.total"), totals.purchases, spend, "", "", "", balance]]
