"""Targets, budgets and playbooks that speak of what is not there. Drafts alone are asked."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from shared.domain.faults import Fault, place
from shared.domain.months import KPIS
from shared.domain.programme import Programme
from shared.domain.targets import ADDED, LASTING

_NAMES = [kpi.name for kpi in KPIS]


def contradictions_of_targets(text: str, programme: Programme) -> Iterator[Fault]:
    for at, target in enumerate(programme.target):
        if target.figure not in _NAMES:
            near = get_close_matches(target.figure, _NAMES, n=1)
            told = f"there is no figure of a month {target.figure!r}" + (f"; did you mean {near[0]}?" if near else "")
            yield Fault(*place(text, ("target", at, "figure")), told)
        elif target.per == "year" and target.figure not in ADDED | LASTING:
            told = f"{target.figure} is of a month: it does not add up over a year, nor is it told of its end"
            yield Fault(*place(text, ("target", at, "per")), told)


def contradictions_of_playbooks(text: str, programme: Programme) -> Iterator[Fault]:
    automations = {one.id: one for one in programme.automation}
    for at, playbook in enumerate(programme.playbook):
        for key in ("switch_on", "switch_off", "raise_budget"):
            name = getattr(playbook, key)
            if name is None:
                continue
            where = place(text, ("playbook", at, key))
            if name not in automations:
                yield Fault(*where, f"there is no [[automation]] {name!r}")
            elif key == "switch_on" and not automations[name].enabled:
                yield Fault(*where, f"automation {name!r} is not enabled in this file: nobody can switch it on")
            elif key == "raise_budget" and automations[name].budget is None:
                yield Fault(*where, f"automation {name!r} has no budget that could be raised")
            elif key == "raise_budget":
                yield from _raised_below(text, programme, at)
        contact = programme.contact
        if playbook.notify is not None and (contact.staff_email is None or "email" not in contact.channels):
            told = (
                f"playbook {playbook.id!r} writes to staff, and [contact] has no staff_email or does not send by email"
            )
            yield Fault(*place(text, ("playbook", at, "notify")), told)


def _raised_below(text: str, programme: Programme, at: int) -> Iterator[Fault]:
    playbook = programme.playbook[at]
    budget = next(one.budget for one in programme.automation if one.id == playbook.raise_budget)
    if budget is not None and playbook.raise_up_to is not None and playbook.raise_up_to <= budget:
        told = f"raise_up_to is not above the budget itself, {budget}: nothing could be raised"
        yield Fault(*place(text, ("playbook", at, "raise_up_to")), told)
