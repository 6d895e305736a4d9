"""Targets, budgets and playbooks as sentences, for whoever reads the programme."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from shared.domain.report_letters import shown
from shared.domain.reports import Column
from shared.domain.sentences import Speaker
from shared.domain.tables import Words
from shared.domain.target_tables import Playbook
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


def told_playbooks(speaker: Speaker) -> Iterator[str]:
    for one in speaker.book.programme.playbook:
        yield told_playbook(speaker, one)


def told_playbook(speaker: Speaker, one: Playbook) -> str:
    name, days = _named(speaker, one.name, one.id), speaker.count("days", one.cooldown_days)
    deeds = speaker.together(list(deeds_of(speaker, one)))
    return speaker.say("playbook.said", name=name, when=speaker.apart(one.when), deeds=deeds, days=days)


def deeds_of(speaker: Speaker, one: Playbook) -> Iterator[str]:
    """What a playbook does, each in words."""
    if one.switch_off is not None:
        yield speaker.say("playbook.switch_off", automation=speaker.apart(one.switch_off))
    if one.switch_on is not None:
        yield speaker.say("playbook.switch_on", automation=speaker.apart(one.switch_on))
    if one.raise_budget is not None:
        by, most = (speaker.points(Fraction(value or 0)) for value in (one.raise_by, one.raise_up_to))
        yield speaker.say("playbook.raise", automation=speaker.apart(one.raise_budget), by=by, most=most)
    if one.notify is not None:
        yield speaker.say("playbook.notify", note=speaker.apart(one.notify))


def _named(speaker: Speaker, names: Words, fallback: str) -> str:
    return next((text for spoken, text in names.items() if spoken == speaker.language), speaker.apart(fallback))
