"""Playbooks: whether one fires on a day, and what that does. Decided from values; `run_playbooks` writes it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Literal, NamedTuple

from shared.domain.rulebook import PlaybookRule
from shared.domain.switched import Switched
from shared.domain.target_tables import Playbook
from shared.domain.vocabulary import Value

# Who says so, where staff and playbooks both speak.
BY_PLAYBOOK = "playbook:"
Outcome = Literal["fires", "does not hold", "rests", "no data"]
# `fires`: it would, and was not asked yet on that day, or not by these figures.
Came = Literal["fired", "fires", "does not hold", "rests", "no data", "off"]
# By automation: what its budget was raised to, in whole points, and by which playbook.
Raised = Mapping[str, tuple[Decimal, str]]


class Verdict(NamedTuple):
    """`why`: the clause that does not hold, the word without data, the day until which it rests. `seen`: what its words were."""

    rule: PlaybookRule
    outcome: Outcome
    why: str = ""
    seen: Mapping[str, Value] = MappingProxyType({})


class Firing(NamedTuple):
    """`seen`: what the words of its condition were; `told`: what was done, in words. `version` of the programme."""

    playbook: str
    day: date
    at_ms: int
    version: int
    seen: Mapping[str, Value]
    told: tuple[str, ...]


class Shown(NamedTuple):
    """A playbook as it was on a day. `verdict` is None where it is switched off in the programme. `firings` until the day, newest
    first; `has_older` where there are more than were asked for."""

    rule: PlaybookRule
    verdict: Verdict | None
    firings: tuple[Firing, ...]
    has_older: bool
    day: date

    @property
    def fired(self) -> Firing | None:
        """What it did on the day itself."""
        return next((one for one in self.firings if one.day == self.day), None)

    @property
    def came_to(self) -> Came:
        if self.fired is not None:
            return "fired"
        return self.verdict.outcome if self.verdict is not None else "off"


class Deed(NamedTuple):
    """What a firing does, and each part of it in words. `switched` and `raised` are None where nothing of them changes."""

    told: tuple[str, ...]
    switched: Mapping[str, bool]
    raised: Mapping[str, tuple[Decimal, str]]


def verdict_of(rule: PlaybookRule, words: Mapping[str, Value | None], last_fired: date | None, day: date) -> Verdict:
    """`last_fired`: on an earlier day. Where one word has no data nothing is done, whatever the others say."""
    unknown = next((name for name in rule.when.names if words.get(name) is None), None)
    seen = {name: value for name in rule.when.names if (value := words.get(name)) is not None}
    if unknown is not None:
        return Verdict(rule, "no data", unknown, seen)
    failing = rule.when.failing(lambda name: seen[name])
    if failing is not None:
        return Verdict(rule, "does not hold", rule.when.clauses[failing].text, seen)
    if last_fired is not None and day < (rest := last_fired + timedelta(days=rule.playbook.cooldown_days)):
        return Verdict(rule, "rests", (rest - timedelta(days=1)).isoformat(), seen)
    return Verdict(rule, "fires", "", seen)


def deed_of(playbook: Playbook, budgets: Mapping[str, Decimal], switched: Switched, raised: Raised) -> Deed:
    """`budgets`: what the programme gives each automation that has one. The word of a person stands: what somebody of the staff
    switched off, no playbook switches on."""
    told: list[str] = []
    switches: dict[str, bool] = {}
    raises: dict[str, tuple[Decimal, str]] = {}
    if playbook.switch_off is not None:
        last = switched.words.get(playbook.switch_off)
        if last is None or last.enabled:
            switches[playbook.switch_off] = False
            told.append(f"{playbook.switch_off} is switched off")
        else:
            told.append(f"{playbook.switch_off} was off already")
    if playbook.switch_on is not None:
        last = switched.words.get(playbook.switch_on)
        if last is None or last.enabled:
            told.append(f"{playbook.switch_on} was on already")
        elif last.actor.startswith(BY_PLAYBOOK):
            switches[playbook.switch_on] = True
            told.append(f"{playbook.switch_on} is switched on")
        else:
            told.append(f"{playbook.switch_on} stays off: staff switched it off")
    if playbook.raise_budget is not None:
        before = budget_of(playbook.raise_budget, budgets[playbook.raise_budget], raised, (playbook,))
        assert playbook.raise_by is not None
        assert playbook.raise_up_to is not None
        after = min(playbook.raise_up_to, before + playbook.raise_by)
        if after > before:
            raises[playbook.raise_budget] = (after, playbook.id)
            told.append(f"the budget of {playbook.raise_budget} is raised from {before:,} to {after:,}")
        else:
            told.append(f"the budget of {playbook.raise_budget} stays at its most, {before:,}")
    if playbook.notify is not None:
        told.append("staff are written to")
    return Deed(tuple(told), switches, raises)


def budget_of(automation: str, budget: Decimal, raised: Raised, playbooks: tuple[Playbook, ...]) -> Decimal:
    """What an automation may give in whole points: never more than the playbooks of the law in force raise it to."""
    most = max((one.raise_up_to or budget for one in playbooks if one.raise_budget == automation), default=budget)
    if automation not in raised:
        return budget
    return max(budget, min(raised[automation][0], most))
