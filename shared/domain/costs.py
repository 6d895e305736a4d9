"""What the club cost in a month, from what was metered: infrastructure, messages, rewards, and what is fixed; per member, by
tier, and what it took in. Exact, in minor units of the club's currency; what nobody metered is named, and is not 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from shared.domain.money import decimals, ratio
from shared.domain.prices import Price, by_service
from shared.domain.reports import Column, Report, Section, Value
from shared.domain.rulebook import Rulebook
from shared.domain.tables import MAIN_WALLET

DOLLAR = "USD"
# What a posting's function tells: its figure in the tallies, the price that it has, and how many of them are one of that price.
METERED: tuple[tuple[str, str, Fraction], ...] = (
    ("writes", "write_units", Fraction(1)),
    ("half_reads", "read_units", Fraction(1, 2)),
    ("calls", "lambda_requests", Fraction(1)),
    ("calls", "api_requests", Fraction(1)),
    ("compute", "gb_seconds", Fraction(1, 1_000)),
)
# These are called through the API; the clock is called by its queue.
_BEHIND_THE_API = frozenset({"purchase", "member", "office"})
NOT_METERED = (
    "Not metered: the gate, the relay, the outbox, what sends and hears of mail, pages, the clock's walks, logs, storage, "
    "alarms. `club bill` sets the bill beside this."
)


class Told(NamedTuple):
    """What a month's cost is counted from: its days' tallies together, what messages cost by channel in minor units, and
    figures of members by name."""

    first: date
    last: date
    tallies: Mapping[str, int]
    messages_minor: Mapping[str, Fraction]
    members: Mapping[str, Value]


def usage_of(tallies: Mapping[str, int]) -> list[tuple[str, Fraction]]:
    """What was used, by the names of prices."""
    used = []
    for name, many in sorted(tallies.items()):
        figure, _, function = name.partition(".")
        for known, price, each in METERED:
            if figure == known and (price != "api_requests" or function in _BEHIND_THE_API):
                used.append((price, many * each))
    return used


def metered_by_service(tallies: Mapping[str, int], table: Mapping[str, Price]) -> dict[str, Fraction]:
    """US dollars, by the service's name on the bill."""
    return by_service(usage_of(tallies), table)


def rate_of(book: Rulebook) -> Fraction | None:
    """Minor units of the club's currency for a US dollar; None where nobody says."""
    if book.programme.club.currency == DOLLAR:
        return Fraction(10 ** decimals(DOLLAR))
    told = book.programme.costs.dollar_minor
    return Fraction(*ratio(told)) if told is not None else None


def report_of_cost(told: Told, book: Rulebook, table: Mapping[str, Price]) -> Report:
    dollars, rate = metered_by_service(told.tallies, table), rate_of(book)
    is_metered = bool(dollars)
    infrastructure = sum(dollars.values(), Fraction(0)) * rate if is_metered and rate is not None else None
    messages = sum(told.messages_minor.values(), Fraction(0))
    rewards = _rewards(told, book)
    fixed = Fraction(sum(book.programme.costs.fixed_minor.values()))
    income = Fraction(sum(book.programme.costs.income_minor.values()))
    whole = (infrastructure or Fraction(0)) + messages + sum(rewards.values(), Fraction(0)) + fixed
    rows: list[tuple[Value, ...]] = [
        ("infrastructure", name, usd * rate) for name, usd in dollars.items() if rate is not None
    ]
    rows += [("messages", channel, minor) for channel, minor in sorted(told.messages_minor.items())]
    rows += [("rewards", name, minor) for name, minor in rewards.items()]
    rows += [("fixed", name, Fraction(minor)) for name, minor in book.programme.costs.fixed_minor.items()]
    rows += [("all", "", whole)]
    rows += [("income", name, Fraction(minor)) for name, minor in book.programme.costs.income_minor.items()]
    columns = (Column("what", "text"), Column("of", "text"), Column("minor", "minor"))
    sections = (
        Section("cost", columns, tuple(rows)),
        _per_member(told, {
            "infrastructure": infrastructure, "messages": messages, "rewards": sum(rewards.values(), Fraction(0)), "fixed": fixed,
            "all": whole, "income": income, "left": income - whole,
        }),
        _by_tier(told),
        _by_rule(told),
    )  # fmt: skip
    currency = book.programme.club.currency
    return Report("cost", currency, told.first, told.last, sections, tuple(_notes(is_metered, rate, table, book)))


def _rewards(told: Told, book: Rulebook) -> dict[str, Fraction]:
    """What members were given: points and credit as they are used, at what they pay; what offers took off."""
    rewards: dict[str, Fraction] = {}
    for wallet in (MAIN_WALLET, *(one.id for one in book.programme.wallet)):
        used = told.tallies.get(f"redeemed.{wallet}", 0) - told.tallies.get(f"redeemed_back.{wallet}", 0)
        if used:
            known = book.wallet(wallet)
            rewards[f"used {wallet}"] = used * Fraction(*ratio(known.value_minor)) * Fraction(1, 10**known.decimals)
    if offers := told.tallies.get("offers_minor", 0) + told.tallies.get("guest_offers_minor", 0):
        rewards["offers"] = Fraction(offers)
    return rewards


# Whose cost it is: the name of the row, and the figure of members that it is divided by.
_PER = (("per enrolled member", "members"), ("per active member", "members_active"), ("per new member", "members_new"))


def _per_member(told: Told, sums: Mapping[str, Fraction | None]) -> Section:
    rows: list[tuple[Value, ...]] = []
    for name, figure in _PER:
        many = told.members.get(figure)
        shares = [
            Fraction(minor) * Fraction(1, many) if minor is not None and isinstance(many, int) and many else None
            for minor in sums.values()
        ]
        rows.append((name, many, *shares))
    columns = (Column("what", "text"), Column("members", "number"), *(Column(name, "minor") for name in sums))
    return Section("per_member", columns, tuple(rows))


def member_cost_minor(report: Report) -> Fraction | None:
    """What an enrolled member cost in the month, all of it, as a chapter of it tells; None where nobody knows."""
    (section,) = (one for one in report.sections if one.name == "per_member")
    place = [column.name for column in section.columns].index("all")
    value = next(row[place] for row in section.rows if row[0] == _PER[0][0])
    return Fraction(value) if isinstance(value, int | Fraction) else None


def _by_tier(told: Told) -> Section:
    """Purchases and spend of each tier as it was then: by these infrastructure and rewards may be shared."""
    tiers = [name.partition(".")[2] for name in sorted(told.tallies) if name.startswith("tier_purchases.")]
    many = {tier: told.tallies[f"tier_purchases.{tier}"] for tier in tiers}
    rows = tuple(
        (tier, many[tier], told.tallies.get(f"tier_spend_minor.{tier}", 0), Fraction(many[tier], sum(many.values())))
        for tier in tiers
    )
    columns = (
        Column("tier", "text"), Column("purchases", "number"), Column("spend_minor", "minor"), Column("share_of_tiered", "share"),
    )  # fmt: skip
    return Section("by_tier", columns, rows)


def _by_rule(told: Told) -> Section:
    """How often each rule gave something within the month."""
    gave = [(-many, name.partition(".")[2]) for name, many in told.tallies.items() if name.startswith("gave_by.")]
    columns = (Column("rule", "text"), Column("times", "number"))
    return Section("by_rule", columns, tuple((rule, -minus) for minus, rule in sorted(gave)))


def _notes(is_metered: bool, rate: Fraction | None, table: Mapping[str, Price], book: Rulebook) -> Iterator[str]:
    if not is_metered:
        yield "Infrastructure: no data, since no function told what it used in this month."
    elif rate is None:
        yield "Infrastructure: no data in this currency, since [costs] dollar_minor does not say what a US dollar costs."
    elif book.programme.costs.dollar_on is not None:
        yield f"A US dollar is taken at the rate of {book.programme.costs.dollar_on}."
    yield NOT_METERED
    if not book.programme.costs.fixed_minor:
        yield "[costs] fixed_minor names no staff, agency or licence: what these cost is in no figure here."
    oldest = min(price.read_on for price in table.values())
    yield f"Prices were read on {oldest} or later; nothing that is free each month is taken off."
