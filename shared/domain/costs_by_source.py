"""A month's cost by where members came from: all of it, so that the sources together are what the club cost."""

from __future__ import annotations

from fractions import Fraction

from shared.domain.costs_told import Told, worth_minor
from shared.domain.reports import Column, Section, Value
from shared.domain.rulebook import Rulebook
from shared.domain.sources import USED
from shared.domain.tables import MAIN_WALLET

# More sources than a page shows are told together: whoever names each campaign's every letter has thousands.
SOURCES_MAX = 50
OTHERS = "(others)"

_FIGURES = ("members", "active", "new", "purchases", "spend_minor", "offers_minor")


def by_source(told: Told, book: Rulebook, till: Fraction | None, whole: Fraction) -> Section:
    """Each bears its part of the `till`'s infrastructure by purchases, guests' among all of them, and what its members used and
    offers took off. What nobody can tell by source (messages, what is fixed, guests, the rest) each member bears alike."""
    sums, rewards = _sums(told, book)
    everybody = told.tallies.get("purchases", 0) + told.tallies.get("guest_purchases", 0)
    everybody = max(everybody, sum(of.get("purchases", 0) for of in sums.values()))
    members = sum(of.get("members", 0) for of in sums.values())
    bears = {
        source: till * Fraction(of.get("purchases", 0), everybody) if till is not None and everybody else Fraction(0)
        for source, of in sums.items()
    }
    rest = whole - sum(bears.values(), Fraction(0)) - sum(rewards.values(), Fraction(0))
    rows: list[tuple[Value, ...]] = []
    for source, of in sums.items():
        many, active = of.get("members", 0), of.get("active", 0)
        shared = rest * Fraction(many, members) if members else Fraction(0)
        cost = bears[source] + rewards[source] + shared
        rows.append((
            source, many, active, of.get("new", 0), of.get("purchases", 0), of.get("spend_minor", 0),
            bears[source] if till is not None else None, rewards[source], shared, cost,
            cost * Fraction(1, many) if many else None, cost * Fraction(1, active) if active else None,
        ))  # fmt: skip
    columns = (
        Column("source", "text"), Column("members", "number"), Column("active", "number"), Column("new", "number"),
        Column("purchases", "number"), Column("spend_minor", "minor"), Column("infrastructure", "minor"),
        Column("rewards", "minor"), Column("shared", "minor"), Column("all", "minor"), Column("per_member", "minor"),
        Column("per_active", "minor"),
    )  # fmt: skip
    return Section("by_source", columns, tuple(rows))


def _sums(told: Told, book: Rulebook) -> tuple[dict[str, dict[str, int]], dict[str, Fraction]]:
    """By source, those with most members first: its figures, and what its members were given."""
    most = sorted(
        ((many, source) for (source, figure, *_), many in told.sources.items() if figure == "members"),
        key=lambda one: (-one[0], one[1]),
    )
    shown = {source for _, source in most[:SOURCES_MAX]}
    sums: dict[str, dict[str, int]] = {source: {} for _, source in most[:SOURCES_MAX]}
    rewards: dict[str, Fraction] = dict.fromkeys(sums, Fraction(0))
    for (source, figure, *of), many in told.sources.items():
        name = source if source in shown else OTHERS
        known = sums.setdefault(name, {})
        rewards.setdefault(name, Fraction(0))
        if figure in _FIGURES:
            known[figure] = known.get(figure, 0) + many
        if figure == "offers_minor":
            rewards[name] += many
        # Units of a wallet that the programme has no more have no value that anybody knows.
        elif figure == USED and of[0] in _wallets(book):
            rewards[name] += worth_minor(book, of[0], many)
    return sums, rewards


def _wallets(book: Rulebook) -> set[str]:
    return {MAIN_WALLET, *(one.id for one in book.programme.wallet)}
