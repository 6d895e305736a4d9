"""What the club cost in a month, from what was metered: infrastructure, messages, rewards, and what is fixed; per member, by
tier, and what it took in. Exact, in minor units of the club's currency; what nobody metered is named, and is not 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from shared.domain.breakage_told import NOT_TOLD, Breakage
from shared.domain.costs_by import by_parts
from shared.domain.costs_told import Told, metered_by_service, rate_of, worth_minor
from shared.domain.prices import Price
from shared.domain.reports import Column, Report, Section, Value
from shared.domain.rulebook import Rulebook
from shared.domain.tables import MAIN_WALLET

NOT_METERED = (
    "Not metered: queues, streams, logs as long as they are kept, alarms, requests that the gateway refused, and what a "
    "function held when it ended (less than a tenth of a cent each time). `club bill` sets the bill beside this."
)


BREAKAGE = (
    "Breakage: what points are worth that lapsed or that nobody is expected to use, as far as this month adds to it. It is told "
    "beside the income and is in no sum: rewards count when they are used, so what is never used was never a cost."
)


def report_of_cost(told: Told, book: Rulebook, table: Mapping[str, Price], breakage: Breakage = NOT_TOLD) -> Report:
    dollars, rate = metered_by_service(told.tallies, table, told.first), rate_of(book)
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
    rows += [("breakage", MAIN_WALLET, breakage.minor)]
    # What lapsed was never used, so it is in no reward above: it is told beside the sums, and is no part of them.
    rows += [("lapsed", name, minor) for name, minor in _of_wallets(told, book, "expired").items()]
    columns = (Column("what", "text"), Column("of", "text"), Column("minor", "minor"))
    sections = (
        Section("cost", columns, tuple(rows)),
        _per_member(told, {
            "infrastructure": infrastructure, "messages": messages, "rewards": sum(rewards.values(), Fraction(0)), "fixed": fixed,
            "all": whole, "income": income, "left": income - whole, "breakage": breakage.minor,
        }),
        *by_parts(told, book, table, rate, whole),
    )  # fmt: skip
    currency = book.programme.club.currency
    return Report(
        "cost", currency, told.first, told.last, sections, tuple(_notes(is_metered, rate, table, book, breakage))
    )


def _rewards(told: Told, book: Rulebook) -> dict[str, Fraction]:
    """What members were given: points and credit as they are used, at what they pay; what offers took off."""
    rewards = {f"used {name}": minor for name, minor in _of_wallets(told, book, "redeemed").items()}
    if offers := told.tallies.get("offers_minor", 0) + told.tallies.get("guest_offers_minor", 0):
        rewards["offers"] = Fraction(offers)
    return rewards


def _of_wallets(told: Told, book: Rulebook, how: str) -> dict[str, Fraction]:
    """What units that went so are worth, by wallet, less what came back; wallets of which none went are not named."""
    worth: dict[str, Fraction] = {}
    for wallet in (MAIN_WALLET, *(one.id for one in book.programme.wallet)):
        units = told.tallies.get(f"{how}.{wallet}", 0) - told.tallies.get(f"{how}_back.{wallet}", 0)
        if units:
            worth[wallet] = worth_minor(book, wallet, units)
    return worth


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


def _notes(
    is_metered: bool, rate: Fraction | None, table: Mapping[str, Price], book: Rulebook, breakage: Breakage
) -> Iterator[str]:
    if not is_metered:
        yield "Infrastructure: no data, since no function told what it used in this month."
    elif rate is None:
        yield "Infrastructure: no data in this currency, since [costs] dollar_minor does not say what a US dollar costs."
    elif book.programme.costs.dollar_on is not None:
        yield f"A US dollar is taken at the rate of {book.programme.costs.dollar_on}."
    yield NOT_METERED
    yield f"Breakage: no data, since {breakage.why}." if breakage.minor is None else BREAKAGE
    if not book.programme.costs.fixed_minor:
        yield "[costs] fixed_minor names no staff, agency or licence: what these cost is in no figure here."
    oldest = min(price.read_on for price in table.values())
    yield f"Prices were read on {oldest} or later; nothing that is free each month is taken off."
