"""Targets and budgets as sentences, for whoever reads the programme."""

from __future__ import annotations

from collections.abc import Iterator

from shared.domain.report_letters import shown
from shared.domain.reports import Column
from shared.domain.sentences import Speaker
from shared.domain.targets import UNITS, goal_of


def told_targets(speaker: Speaker) -> Iterator[str]:
    programme = speaker.book.programme
    for target in programme.target:
        decimals = programme.points.decimals
        goal = shown(Column("", UNITS[target.figure], decimals), goal_of(target, decimals), speaker)
        bound = "at_least" if target.at_least is not None else "at_most"
        facts = {"id": speaker.apart(target.id), "figure": speaker.apart(target.figure), "goal": goal}
        yield speaker.say(f"target.{bound}_{target.per}", **facts)
    for budget in programme.budget:
        name = next(
            (text for spoken, text in budget.name.items() if spoken == speaker.language), speaker.apart(budget.id)
        )
        facts = {
            "name": name,
            "amount": speaker.money(budget.amount_minor),
            "pays": speaker.say(f"target.{budget.pays}"),
        }
        yield speaker.say(f"target.budget_{budget.per}", **facts)
