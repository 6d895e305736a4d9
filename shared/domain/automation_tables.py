"""`[[automation]]`: what the club does for members by itself, on a day or in a state."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from shared.domain.contact_tables import Channel
from shared.domain.tables import MAIN_WALLET, Amount, Cel, PositiveNumber, RuleId, Share, Table, Text, Words

Trigger = Literal["birthday", "anniversary", "date", "state", "join", "purchase", "return"]
# What happens at a till, and not on a day.
EVENTS: frozenset[Trigger] = frozenset({"join", "purchase", "return"})
HOLDOUT_DEFAULT = Decimal(10)
TAGS_MAX = 5


class AutomaticMessage(Table):
    """What an automation writes: `message = { template = "birthday", channels = ["email", "push"], worth_minor = 300 }`."""

    template: Text
    """Which of the templates."""
    channels: Annotated[tuple[Channel, ...], Field(max_length=4)] = ()
    """By what, the first that the member can and may be reached by; those of `[contact]`, if it is not written."""
    purpose: Literal["marketing", "service"] = "marketing"
    """What consent it needs: `marketing` is opted into and capped, `service` is what a member's own doings call for."""
    worth_minor: Amount = 0
    """The margin that one message is expected to bring, until it is measured: where the cap leaves room for one, the most
    valuable goes."""
    case: Literal["reached", "at_risk"] | None = None
    """Of the template `tier`: which of the two it is."""
    product: Words = Field(default_factory=dict)
    """Of the template `repurchase`: what it is time to buy again, by language."""
    days: Annotated[int, Field(ge=1, le=31)] = 7
    """So many days it is worth sending, the day it is due included."""


class Giving(Table):
    """What is done for whoever is due: points, a coupon, a message; to all but those who are held out to measure it."""

    points: PositiveNumber | None = None
    """What it gives, in points or whole units of its `wallet`."""
    wallet: RuleId = MAIN_WALLET
    """The `[[wallet]]` that receives."""
    offer: RuleId | None = None
    """The personal `[[offer]]` that it gives a coupon of, beside points or instead of them."""
    valid_days: Annotated[int, Field(ge=1, le=3_660)] | None = None
    """The points that it gives live for so many days; as the wallet's expiry says, if it is not written."""
    holdout: Share | None = None
    """The percentage of members who get nothing of it, always the same ones, so that its effect can be measured: 10, if it is not
    written."""
    no_holdout_because: Text | None = None
    """Why there is none, where `holdout = 0`."""
    budget: PositiveNumber | None = None
    """The most that it gives over all members, in points or whole units of its `wallet`."""
    message: AutomaticMessage | None = None
    """What it writes to the member; nothing, if it is not written."""
    staff_note: Text | None = None
    """What is written to `[contact] staff_email` when it is due, with the member's id; nothing, if it is not written."""
    tags: Annotated[tuple[RuleId, ...], Field(max_length=TAGS_MAX)] = ()
    """What it notes of the member: `'regular' in member.tags` is a condition from then on."""
    untags: Annotated[tuple[RuleId, ...], Field(max_length=TAGS_MAX)] = ()
    """Tags that it takes away."""

    @property
    def held_out_percent(self) -> Decimal:
        return self.holdout if self.holdout is not None else HOLDOUT_DEFAULT

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if (self.holdout == 0) != (self.no_holdout_because is not None):
            raise ValueError("holdout = 0 needs no_holdout_because, and nothing else does")
        if self.points is None and (self.budget is not None or self.valid_days is not None):
            raise ValueError("valid_days and budget go with points")
        told = self.message is not None or self.staff_note is not None
        if self.points is None and self.offer is None and not told and not (self.tags or self.untags):
            raise ValueError("it does nothing: points, offer, message, staff_note or tags is missing")
        if set(self.tags) & set(self.untags):
            raise ValueError("a tag is given and taken away")
        return self


class Automation(Giving):
    """One automation: when it is due (`on`), for whom (`when`), what it gives, and how many are held out to measure it."""

    id: RuleId
    """What reports and entries call it."""
    name: Words = Field(default_factory=dict)
    """What members call it, by language."""
    enabled: bool = True
    """One that is switched off stays in the file and is due for nobody."""
    on: Trigger
    """A civil day (`birthday`, `anniversary` of joining, `date`), a `state` that is asked every day, or what happens (`join`,
    `purchase`, `return`): then it is due a few minutes later."""
    day: date | None = None
    """With `on = "date"`: the day."""
    days_before: Annotated[int, Field(ge=0, le=60)] = 0
    """So many days before the birthday, the anniversary or the date."""
    leap_day: Literal["feb_28", "mar_1"] = "feb_28"
    """When who was born or joined on 29 February has the day in other years."""
    when: Cel | None = None
    """A condition on the member's figures and attributes; all members, if it is not written."""
    every_days: Annotated[int, Field(ge=1, le=3_660)] | None = None
    """Due again for the same member after so many days at the earliest. If it is not written: a `state` never again, a
    `purchase` or `return` each time."""

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if (self.on == "date") != (self.day is not None):
            raise ValueError('day goes with on = "date"')
        if self.every_days is not None and self.on not in ("state", "purchase", "return"):
            raise ValueError("every_days goes with a state, a purchase or a return")
        if self.days_before and self.on not in ("birthday", "anniversary", "date"):
            raise ValueError("days_before goes with a day, and not with a state or with what happens")
        if self.on == "state" and self.when is None:
            raise ValueError("a state needs when: the condition that is asked every day")
        return self


class Campaign(Giving):
    """One send to a segment, once for each member: `club campaign show` says what it comes to, `club campaign send` begins it."""

    id: RuleId
    """What reports and entries call it. No automation is called the same."""
    name: Words = Field(default_factory=dict)
    """What members call it, by language."""
    segment: RuleId
    """The `[[segment]]` that it goes to, as it is when it is sent."""

    @property
    def enabled(self) -> bool:
        return True

    @property
    def on(self) -> Literal["campaign"]:
        return "campaign"


# Whatever gives: each member once, or once in a while.
Giver = Automation | Campaign
