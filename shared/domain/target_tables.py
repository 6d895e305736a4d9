"""`[[target]]`, `[[budget]]` and `[[playbook]]`: what the club wants of its figures, what it may cost, and what is
done when they turn."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from shared.domain.tables import Cel, PositiveAmount, PositiveNumber, RuleId, Table, Text, Threshold, Words

TARGETS_MAX = 50
BUDGETS_MAX = 20
PLAYBOOKS_MAX = 30
COOLDOWN_DAYS_MAX = 366
Per = Literal["month", "year"]
Pays = Literal["offers", "rewards", "messages", "infrastructure", "staff", "agency", "licences"]


class Target(Table):
    """What a figure is to come to: its actual value stands beside it when a month is closed."""

    id: RuleId
    """What reports call it."""
    figure: Text
    """A figure of a month, by its name in `club kpis`."""
    per: Per = "month"
    """Each month, or the civil year: sums add up over its months, what is told of a month's end counts as it last was."""
    at_least: Threshold | None = None
    """In the figure's unit: minor units of money, whole points, percent of a share."""
    at_most: Threshold | None = None
    """The same, for a figure that is to stay low."""

    @model_validator(mode="after")
    def _has_one_side(self) -> Self:
        if (self.at_least is None) == (self.at_most is None):
            raise ValueError("one of at_least and at_most has to say what is wanted")
        return self


class Budget(Table):
    """What something may cost in a month or a year."""

    id: RuleId
    """What reports call it."""
    name: Words = Field(default_factory=dict)
    """What people call it, by language."""
    pays: Pays
    """What it is for: what offers take off, points used at their value, messages, infrastructure, or what
    `[costs] fixed_minor` calls so."""
    amount_minor: PositiveAmount
    """The most, in minor units."""
    per: Per = "month"
    """In each month, or in the civil year."""


class Playbook(Table):
    """What was decided before it happens: when figures show this, do that. Asked when a day is closed, done at most
    once a day."""

    id: RuleId
    """What reports call it."""
    name: Words = Field(default_factory=dict)
    """What people call it, by language."""
    enabled: bool = True
    """One that is switched off stays in the file and is not asked."""
    when: Cel
    """A condition on figures: `day.…` of the day that was closed, `month.…` of the last closed month, `trend.…` and `target.…`.
    Where one of them has no data, nothing is done."""
    cooldown_days: Annotated[int, Field(ge=1, le=COOLDOWN_DAYS_MAX)] = 7
    """After it was done it rests for so many days."""
    switch_on: RuleId | None = None
    """The automation that is switched on."""
    switch_off: RuleId | None = None
    """The automation that is switched off."""
    notify: Text | None = None
    """What is written to `[contact] staff_email`."""
    raise_budget: RuleId | None = None
    """The automation whose budget is raised."""
    raise_by: PositiveNumber | None = None
    """By so many whole points each time it is done."""
    raise_up_to: PositiveNumber | None = None
    """And never above so many."""

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        raised = (self.raise_budget, self.raise_by, self.raise_up_to)
        if any(one is not None for one in raised) and None in raised:
            raise ValueError("raise_budget, raise_by and raise_up_to go together")
        if not any((self.switch_on, self.switch_off, self.notify, self.raise_budget)):
            raise ValueError("it does nothing: switch_on, switch_off, notify or raise_budget is missing")
        if self.switch_on is not None and self.switch_on == self.switch_off:
            raise ValueError("an automation is switched on and off")
        return self
