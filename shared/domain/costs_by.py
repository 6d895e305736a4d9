"""A month's cost by tier, by source, by rule, and by automation or campaign, beside what these brought."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from shared.domain.costs_by_source import by_source
from shared.domain.costs_told import Told, metered_by_service, worth_minor
from shared.domain.effect_report import sums_of
from shared.domain.effects import HELD_OUT, TREATED
from shared.domain.prices import Price
from shared.domain.reports import Column, Section, Value
from shared.domain.rulebook import Rulebook

# Who books purchases, and who books what was due.
_TILL, _CLOCK = "purchase", "scheduler"


def by_parts(
    told: Told, book: Rulebook, table: Mapping[str, Price], rate: Fraction | None, whole: Fraction
) -> tuple[Section, ...]:
    """`rate`: minor units for a dollar, None where nobody knows. `whole`: all that the month cost."""
    till, clock = (_of_function(told, one, table, rate) for one in (_TILL, _CLOCK))
    return (
        _by_tier(told, till),
        by_source(told, book, till, whole),
        _by_rule(told, book, till),
        _by_automation(told, book, clock),
    )


def _of_function(told: Told, function: str, table: Mapping[str, Price], rate: Fraction | None) -> Fraction | None:
    used = {name: many for name, many in told.tallies.items() if name.partition(".")[2] == function}
    dollars = metered_by_service(used, table, told.first)
    return sum(dollars.values(), Fraction(0)) * rate if dollars and rate is not None else None


def _share(whole: Fraction | None, many: int, of: int) -> Fraction | None:
    return whole * Fraction(many, of) if whole is not None and of else None


def _by_tier(told: Told, till: Fraction | None) -> Section:
    """Each tier as it was at the time: of the till's infrastructure it bears its share of all purchases, guests' among them; its
    rewards are what its members used and what offers took off."""
    tallies = told.tallies
    used = {name.partition(".")[2] for name in tallies if name.startswith(("tier_purchases.", "tier_used_minor."))}
    many = {tier: tallies.get(f"tier_purchases.{tier}", 0) for tier in sorted(used)}
    everybody = tallies.get("purchases", 0) + tallies.get("guest_purchases", 0)
    rows = []
    for tier, purchases in many.items():
        rewards = Fraction(tallies.get(f"tier_offers_minor.{tier}", 0) + tallies.get(f"tier_used_minor.{tier}", 0))
        bears = _share(till, purchases, max(everybody, sum(many.values())))
        rows.append((
            tier, purchases, tallies.get(f"tier_spend_minor.{tier}", 0),
            Fraction(purchases, sum(many.values())) if purchases else None, bears, rewards,
        ))  # fmt: skip
    columns = (
        Column("tier", "text"), Column("purchases", "number"), Column("spend_minor", "minor"), Column("share_of_tiered", "share"),
        Column("infrastructure", "minor"), Column("rewards", "minor"),
    )  # fmt: skip
    return Section("by_tier", columns, tuple(rows))


def _by_rule(told: Told, book: Rulebook, till: Fraction | None) -> Section:
    """How often each rule gave something, the value of it, and an even share of the till's infrastructure for each time."""
    wallets = {rule.id: rule.wallet for rule in book.programme.earn}
    times = {name.partition(".")[2]: many for name, many in told.tallies.items() if name.startswith("gave_by.")}
    rows: list[tuple[Value, ...]] = []
    for rule, many in sorted(times.items(), key=lambda one: (-one[1], one[0])):
        milli = told.tallies.get(f"gave_milli_by.{rule}")
        value = None
        # A rule that the programme has no more gave units of a wallet that nobody knows.
        if milli is not None and rule in wallets:
            known = book.wallet(wallets[rule])
            value = worth_minor(book, wallets[rule], milli * 10**known.decimals) * Fraction(1, 1_000)
        rows.append((rule, many, value, _share(till, many, sum(times.values()))))
    columns = (
        Column("rule", "text"), Column("times", "number"), Column("gave_minor", "minor"), Column("infrastructure", "minor"),
    )  # fmt: skip
    return Section("by_rule", columns, tuple(rows))


def _by_automation(told: Told, book: Rulebook, clock: Fraction | None) -> Section:
    """What each cost, and for each member treated; beside it how much more margin these left than who was held out, as the
    chapter `effect` has it, of members whose weeks after it ended within the month. Whether that is an effect is told there."""
    tallies = told.tallies
    wallets = {one.id: one.wallet for one in book.programme.automation}
    wallets |= {one.id: one.wallet for one in book.programme.campaign}
    due = {name.partition(".")[2] for name in tallies if name.startswith(("treated.", "held_out."))}
    dues = sum(more for name, more in tallies.items() if name.startswith(("treated.", "held_out.")))
    rows: list[tuple[Value, ...]] = []
    for one in sorted(due | set(told.sent_minor)):
        treated, held_out = tallies.get(f"treated.{one}", 0), tallies.get(f"held_out.{one}", 0)
        gave = tallies.get(f"gave.{one}", 0)
        value = worth_minor(book, wallets[one], gave) if one in wallets else None if gave else Fraction(0)
        sent = told.sent_minor.get(one, Fraction(0))
        bears = _share(clock, treated + held_out, dues)
        cost = value + sent + (bears or Fraction(0)) if value is not None else None
        each = cost * Fraction(1, treated) if cost is not None and treated else None
        rows.append((one, treated, held_out, value, sent, bears, cost, each, _more_margin(told, one)))
    columns = (
        Column("automation", "text"), Column("treated", "number"), Column("held_out", "number"), Column("gave_minor", "minor"),
        Column("messages", "minor"), Column("infrastructure", "minor"), Column("all", "minor"),
        Column("per_treated", "minor"), Column("margin_more_per_treated", "minor"),
    )  # fmt: skip
    return Section("by_automation", columns, tuple(rows))


def _more_margin(told: Told, automation: str) -> Fraction | None:
    """None where nobody was held out, or where the cost of goods is not known."""
    treated, held_out = (sums_of(told.effects, automation, arm, "margin") for arm in (TREATED, HELD_OUT))
    if treated is None or held_out is None:
        return None
    return Fraction(treated.y, treated.members) - Fraction(held_out.y, held_out.members)
