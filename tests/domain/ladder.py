"""Bronze, silver and gold for 1.00, 2.00 and 3.00, and members who climb them."""

from __future__ import annotations

from datetime import date

from shared.domain.account import Account, Day, Month
from shared.domain.rulebook import Rulebook
from shared.domain.tiers import Held, held_on, standings_on, tiers_on
from tests.domain.shop import BASE, member, programme, tier

LADDER = (tier("bronze", 100), tier("silver", 200), tier("gold", 300))
START = date(2026, 1, 1)


def club(*tables: str, **keys: str | int) -> Rulebook:
    """The ladder under `[tiers]` with these keys."""
    rules = "\n".join(
        f"{key} = {value}" if isinstance(value, int) else f'{key} = "{value}"' for key, value in keys.items()
    )
    return programme(*tables, f"[tiers]\n{rules}", *LADDER, BASE)


def spent(*days: tuple[date, int], joined_on: date = START) -> Account:
    """A member who spent so much on each day, each purchase decided on its own day."""
    months: dict[int, int] = {}
    for on, cents in days:
        key = on.year * 12 + on.month - 1
        months[key] = months.get(key, 0) + cents
    return member(
        joined_on=joined_on,
        days=tuple(Day(on, 1, cents) for on, cents in days),
        months=tuple(Month(key, 1, cents, 0) for key, cents in sorted(months.items())),
        spend_minor=sum(cents for _, cents in days),
    )


def followed(account: Account, book: Rulebook, *days: date) -> Account:
    """The account as it is kept after a posting on each of the days."""
    for on in days:
        account = account._replace(standings=standings_on(account, on, book))
    return account


def held(account: Account, on: date, book: Rulebook) -> str:
    return tiers_on(account, on, book)[""]


def told(account: Account, on: date, book: Rulebook) -> Held:
    """What the member is told of the one set of tiers."""
    (one,) = held_on(account, on, book)
    return one
