"""Automations as staff see them: what somebody said last of each, and what became of it within some days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from typing import NamedTuple

from shared.domain.rulebook import AutomationRule


class Word(NamedTuple):
    """The last word of somebody of the staff."""

    enabled: bool
    actor: str
    reason: str
    at: str


class Switched(NamedTuple):
    """By automation. Of one that is not there nobody said anything: it is as the programme has it."""

    version: int = 0
    words: Mapping[str, Word] = {}

    @property
    def off(self) -> frozenset[str]:
        return frozenset(name for name, word in self.words.items() if not word.enabled)

    def said(self, automation: str, word: Word) -> Switched:
        return self._replace(words={**self.words, automation: word})


class Standing(NamedTuple):
    """An automation as it is now, and what staff said last of it."""

    rule: AutomationRule
    word: Word | None

    @property
    def is_on(self) -> bool:
        return self.rule.automation.enabled and (self.word is None or self.word.enabled)


class Sent(NamedTuple):
    """A campaign, and from when on it is sent: None where nobody asked for it."""

    rule: AutomationRule
    begins_at: datetime | None


class Counts(NamedTuple):
    """`granted` of those who were due, others were held out. `worth_minor` is what the units are worth when all are used;
    `used`: coupons that purchases used, whenever those were given, and `used_back` those of them that came back with all that
    was bought;
    `messages` by state and by what their provider told of them."""

    due: int
    held_out: int
    granted: int
    units: int
    worth_minor: int
    used: int
    used_back: int
    messages: Mapping[str, int]
    cost_minor: Fraction
