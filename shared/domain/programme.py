"""The programme: a club's law as a reviewed file. Every table a `programmes/*.toml` may hold; their keys stand in `*_tables.py`.

`shared/domain/rulebook.py` compiles it; `club check` prints its faults with their place in the file. A release may widen these
tables but not narrow them, since published versions are read with them for ever: a stricter check belongs to `contradictions`,
which asks drafts alone.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from shared.domain.automation_tables import Automation, Campaign
from shared.domain.contact_tables import Contact
from shared.domain.cost_tables import Costs
from shared.domain.earn_tables import Achievement, Basis, Cost, Earn
from shared.domain.liability_tables import Liability
from shared.domain.margin_tables import Margin
from shared.domain.offer_tables import Offer
from shared.domain.policies import Policies
from shared.domain.reward_tables import Reward
from shared.domain.tables import (
    ACHIEVEMENTS_MAX,
    ATTRIBUTES_MAX,
    AUTOMATIONS_MAX,
    CAMPAIGNS_MAX,
    COMPLEMENTS_MAX,
    COMPLEMENTS_WITH_MAX,
    COSTS_MAX,
    EVENTS_MAX,
    OFFERS_MAX,
    POINTS_MAX,
    REWARDS_MAX,
    RULES_MAX,
    SEGMENTS_MAX,
    TIER_SETS_MAX,
    TIERS_MAX,
    WALLETS_MAX,
    Cel,
    HoldMinutes,
    Language,
    RuleId,
    Share,
    Table,
    Text,
    Words,
    Zone,
)
from shared.domain.target_tables import BUDGETS_MAX, PLAYBOOKS_MAX, TARGETS_MAX, Budget, Playbook, Target
from shared.domain.tier_tables import Tier, Tiers, TierSet
from shared.domain.wallet_tables import Points, Wallet


class Club(Table):
    """Whose club it is."""

    name: Text
    """What members read."""
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    """ISO 4217; every purchase is in it, and every `…_minor` counts its minor unit."""
    time_zone: Zone
    """Of the tz database, such as `Asia/Jerusalem`: days, months and hours are those of this zone."""
    holdout: Share = Decimal(0)
    """The percentage of members, always the same ones, who are held out of all automations and campaigns that hold anybody out:
    by them the club as a whole is measured. They earn and redeem as all do."""
    languages: Annotated[tuple[Language, ...], Field(min_length=1, max_length=3)]
    """What the club speaks; the first is that of members who chose none."""
    phone_region: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
    """ISO 3166: where a phone number without a country belongs, such as `IL`."""
    late_days: Annotated[int, Field(ge=0, le=3_660)] = 92
    """How many days late a purchase may be reported and still land on its own date, before what happened since."""
    hold_minutes: HoldMinutes = 15
    """How long a redemption is held before it lapses by itself, if its reward says nothing else; a week at most."""


class Staff(Table):
    """What members of staff may do to a balance by hand."""

    adjustment_max: Annotated[int, Field(ge=0, le=POINTS_MAX)] = 1_000
    """The most whole points that one of them may give or take in one adjustment alone; above it a second person approves."""
    day_max: Annotated[int, Field(ge=0, le=POINTS_MAX)] = 5_000
    """The most whole points that one of them may give or take within a day alone; above it a second person approves."""
    approved_max: Annotated[int, Field(ge=0, le=POINTS_MAX)] | None = None
    """The most that two may together; without it there is no end."""
    extension_days_max: Annotated[int, Field(ge=0, le=3_660)] = 731
    """How many days from today staff may let points live on that would lapse, or had lapsed."""


class Attribute(Table):
    """A free attribute of the profile that conditions may use as `member.attributes.<id>`."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
    """Its name in the profile and in conditions."""
    type: Literal["int", "string", "bool"] = "string"
    """Its type; a member who has none counts as `0`, `''` or `false`."""
    likes: bool = False
    """Whether it names the categories that a member likes, with commas between: `member.likes` has them."""


class Complement(Table):
    """What goes with goods of a category: sleeves with records. `member.complements` tells it of the last purchase."""

    category: Text
    """The category that was bought."""
    with_: Annotated[tuple[Text, ...], Field(alias="with", min_length=1, max_length=COMPLEMENTS_WITH_MAX)]
    """The categories that go with it."""
    days: Annotated[int, Field(ge=1, le=365)] = 90
    """Who bought of one of these within so many days has it."""


class Event(Table):
    """An activity that the club knows: a review, an app installed."""

    id: RuleId
    """The `kind` of `POST /v1/events`, and what rules call it."""
    name: Words = Field(default_factory=dict)
    """What members call it, by language."""


class Segment(Table):
    """A named condition on the member's figures and attributes; `club segment ID` says how many it is and what they cost."""

    id: RuleId
    """What commands and campaigns call it."""
    name: Words = Field(default_factory=dict)
    """What people call it, by language."""
    when: Cel
    """A condition on the member; one that asks for purchases (`member.likes`) has no tone and no look."""
    tone: Literal["warm", "plain"] | None = None
    """How letters speak to whom it holds for; the first segment of the file that says so decides."""
    look: Literal["bright", "calm"] | None = None
    """How letters look to them."""


class Programme(Table):
    """The whole file."""

    club: Club
    points: Points = Points.plain()
    basis: Basis = Basis.plain()
    policies: Policies = Policies.model_construct()
    tiers: Tiers = Tiers.plain()
    tier_set: Annotated[tuple[TierSet, ...], Field(max_length=TIER_SETS_MAX)] = ()
    tier: Annotated[tuple[Tier, ...], Field(max_length=TIERS_MAX)] = ()
    wallet: Annotated[tuple[Wallet, ...], Field(max_length=WALLETS_MAX)] = ()
    attribute: Annotated[tuple[Attribute, ...], Field(max_length=ATTRIBUTES_MAX)] = ()
    cost: Annotated[tuple[Cost, ...], Field(max_length=COSTS_MAX)] = ()
    margin: Margin = Margin.plain()
    liability: Liability = Liability.plain()
    costs: Costs = Costs.plain()
    complement: Annotated[tuple[Complement, ...], Field(max_length=COMPLEMENTS_MAX)] = ()
    event: Annotated[tuple[Event, ...], Field(max_length=EVENTS_MAX)] = ()
    earn: Annotated[tuple[Earn, ...], Field(max_length=RULES_MAX)] = ()
    achievement: Annotated[tuple[Achievement, ...], Field(max_length=ACHIEVEMENTS_MAX)] = ()
    reward: Annotated[tuple[Reward, ...], Field(max_length=REWARDS_MAX)] = ()
    offer: Annotated[tuple[Offer, ...], Field(max_length=OFFERS_MAX)] = ()
    automation: Annotated[tuple[Automation, ...], Field(max_length=AUTOMATIONS_MAX)] = ()
    campaign: Annotated[tuple[Campaign, ...], Field(max_length=CAMPAIGNS_MAX)] = ()
    staff: Staff = Staff.plain()
    contact: Contact = Contact.plain()
    segment: Annotated[tuple[Segment, ...], Field(max_length=SEGMENTS_MAX)] = ()
    target: Annotated[tuple[Target, ...], Field(max_length=TARGETS_MAX)] = ()
    budget: Annotated[tuple[Budget, ...], Field(max_length=BUDGETS_MAX)] = ()
    playbook: Annotated[tuple[Playbook, ...], Field(max_length=PLAYBOOKS_MAX)] = ()
