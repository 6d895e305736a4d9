"""Actual beside target and budget, when a month is closed. What nobody knows is neither met nor missed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from types import MappingProxyType
from typing import Literal, NamedTuple

from shared.domain.money import ratio
from shared.domain.months import KPIS
from shared.domain.moved_tallies import Tallies, moved_section, not_split
from shared.domain.reports import Column, Report, Section, Value
from shared.domain.rulebook import Rulebook
from shared.domain.target_tables import Budget, Per, Target

UNITS = {kpi.name: kpi.unit for kpi in KPIS}
# What adds up over the months of a year; and what is told of a month's end, where a year ends as its last month does.
ADDED = frozenset(
    "members_new members_churned members_returning purchases spend_minor returns returned_minor guest_purchases guest_spend_minor"
    " points_issued points_used points_expired coupons_given offers_used offers_minor".split()
)
LASTING = frozenset(
    "members members_active members_dormant members_without_purchase active_rate top_fifth_of_revenue gini_of_revenue"
    " top_fifth_of_margin gini_of_margin rhythm_days".split()
)
_DECEMBER = 12
SPENT = "spent."
# `open`: the year goes on, and either may come of it.
Outcome = Literal["met", "missed", "open", "no data"]
# The values of a month's figures, by month (`2026-10`) and by name.
Known = Mapping[str, Mapping[str, Value]]
# What a playbook did: the day, which one, each part of it in words.
Done = tuple[date, str, tuple[str, ...]]
NO_TALLIES: Tallies = MappingProxyType({})
NOT_METERED = "What a budget pays that was neither metered nor named in [costs] has no data."


class Standing(NamedTuple):
    """`goal` and `actual` in the unit `unit`; of a year, `months` of it are known."""

    id: str
    of: str
    per: Per
    bound: Literal["at_least", "at_most"]
    unit: str
    goal: Fraction
    actual: Fraction | None
    months: int
    outcome: Outcome


def standings(book: Rulebook, last: date, known: Known) -> tuple[list[Standing], list[Standing]]:
    """Targets and budgets at the end of a month. `known`: of the months of its year as far as they are closed."""
    targets = [_of_target(target, book, last, known) for target in book.programme.target]
    budgets = [_of_budget(budget, book, last, known) for budget in book.programme.budget]
    return targets, budgets


def report_of_targets(
    book: Rulebook, last: date, known: Known, done: Sequence[Done] = (), before: Tallies = NO_TALLIES,
    now: Tallies = NO_TALLIES,
) -> Report:  # fmt: skip
    """`before`, `now`: the days' tallies of the month before and of the month, which tell what moved a target's figure."""
    targets, budgets = standings(book, last, known)
    decimals = book.programme.points.decimals
    columns = (
        Column("target", "text"), Column("figure", "text"), Column("per", "text"), Column("wanted", "text"),
        Column("unit", "text"), Column("goal", "by_row", decimals), Column("actual", "by_row", decimals),
        Column("outcome", "text"),
    )  # fmt: skip
    of_budget = (
        Column("budget", "text"), Column("pays", "text"), Column("per", "text"), Column("amount", "minor"),
        Column("spent", "minor"), Column("left", "minor"), Column("outcome", "text"),
    )  # fmt: skip
    rows = tuple((one.id, one.of, one.per, one.bound, one.unit, one.goal, one.actual, one.outcome) for one in targets)
    spent = tuple(
        (
            one.id,
            one.of,
            one.per,
            one.goal,
            one.actual,
            None if one.actual is None else one.goal - one.actual,
            one.outcome,
        )
        for one in budgets
    )
    notes = (NOT_METERED,) if any(one.actual is None for one in budgets) else ()
    wanted = [one.of for one in targets]
    if unsplit := not_split(wanted):
        notes = (*notes, unsplit)
    of_playbook = (Column("playbook", "text"), Column("day", "day"), Column("done", "text"))
    played = tuple((name, day, "; ".join(told)) for day, name, told in sorted(done))
    sections = (
        Section("targets", columns, rows), Section("budgets", of_budget, spent), Section("playbooks", of_playbook, played),
        moved_section(wanted, before, now),
    )  # fmt: skip
    return Report("targets", book.programme.club.currency, last.replace(day=1), last, sections, notes)


def goal_of(target: Target, decimals: int) -> Fraction:
    """In the figure's own unit: a share as a part of one, points in their smallest unit."""
    told = target.at_least if target.at_least is not None else target.at_most
    assert told is not None
    factor = {"share": Fraction(1, 100), "units": Fraction(10**decimals)}.get(UNITS[target.figure], Fraction(1))
    return Fraction(*ratio(told)) * factor


def _of_target(target: Target, book: Rulebook, last: date, known: Known) -> Standing:
    goal = goal_of(target, book.programme.points.decimals)
    months = _months(target.per, last)
    values = [_number(known.get(month, {}).get(target.figure)) for month in months]
    actual = values[-1] if target.figure in LASTING or target.per == "month" else _sum(values)
    bound: Literal["at_least", "at_most"] = "at_least" if target.at_least is not None else "at_most"
    outcome = outcome_of(bound, goal, actual, is_over=_is_over(target.per, last), adds_up=target.figure in ADDED)
    many = sum(value is not None for value in values)
    return Standing(target.id, target.figure, target.per, bound, UNITS[target.figure], goal, actual, many, outcome)


def _of_budget(budget: Budget, book: Rulebook, last: date, known: Known) -> Standing:
    values = [_spent(budget, book, known.get(month, {})) for month in _months(budget.per, last)]
    goal, actual = Fraction(budget.amount_minor), _sum(values)
    outcome = outcome_of("at_most", goal, actual, is_over=_is_over(budget.per, last), adds_up=True)
    many = sum(value is not None for value in values)
    return Standing(budget.id, budget.pays, budget.per, "at_most", "minor", goal, actual, many, outcome)


def outcome_of(bound: str, goal: Fraction, actual: Fraction | None, *, is_over: bool, adds_up: bool) -> Outcome:
    """What a figure that only grows has reached it keeps; all else is open until its time is over."""
    if actual is None:
        return "no data"
    holds = actual >= goal if bound == "at_least" else actual <= goal
    settled = is_over or (adds_up and holds == (bound == "at_least"))
    return ("met" if holds else "missed") if settled else "open"


def spent_in(cost: Report) -> dict[str, Value]:
    """What a month's chapter of cost says of each thing that a budget may pay, by `spent.<what>`. What was not metered is not in
    it; of messages and rewards, none at all is 0."""
    sums: dict[str, Fraction] = {"messages": Fraction(0), "rewards": Fraction(0), "offers": Fraction(0)}
    for what, of, minor in cost.sections[0].rows:
        name = {"rewards": "offers" if of == "offers" else "rewards", "fixed": str(of)}.get(str(what), str(what))
        if what in ("infrastructure", "messages", "rewards", "fixed") and isinstance(minor, int | Fraction):
            sums[name] = sums.get(name, Fraction(0)) + minor
    return {SPENT + name: minor for name, minor in sums.items()}


def _spent(budget: Budget, book: Rulebook, figures: Mapping[str, Value]) -> Fraction | None:
    metered = _number(figures.get(SPENT + budget.pays))
    if metered is not None:
        return metered
    # A month that was closed before costs were metered.
    if budget.pays == "offers":
        return _number(figures.get("offers_minor"))
    used = _number(figures.get("points_used"))
    points = book.programme.points
    if budget.pays != "rewards" or used is None or not points.value_minor:
        return None
    return used * points.value_minor * Fraction(1, 10**points.decimals)


def _months(per: Per, last: date) -> list[str]:
    return [f"{last.year}-{month:02d}" for month in range(1 if per == "year" else last.month, last.month + 1)]


def _is_over(per: Per, last: date) -> bool:
    return per == "month" or last.month == _DECEMBER


def _sum(values: list[Fraction | None]) -> Fraction | None:
    """Of the months that are known: a club that began in spring has a year as well."""
    told = [value for value in values if value is not None]
    return sum(told, Fraction(0)) if told else None


def _number(value: Value) -> Fraction | None:
    return Fraction(value) if isinstance(value, int | Fraction) else None
