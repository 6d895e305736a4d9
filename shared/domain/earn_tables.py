"""`[basis]`, `[[cost]]`, `[[earn]]` and `[[achievement]]`: what points are given for, on which basis, and how many at most."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from shared.domain.purchase import LineKind
from shared.domain.tables import (
    LIMITS_MAX,
    MAIN_WALLET,
    Amount,
    Arithmetic,
    Cel,
    Factor,
    LongDays,
    Moment,
    PointsCap,
    PositiveAmount,
    PositiveNumber,
    RuleId,
    Share,
    Table,
    Text,
    Words,
)


class BasisChoice(Table):
    """How one rule's basis differs from `[basis]`, for example `basis = { tax = "excluded" }`."""

    of: Literal["spend", "margin"] | None = None
    """As in `[basis]`."""
    discounts: Literal["after", "before"] | None = None
    """As in `[basis]`."""
    tax: Literal["as_priced", "included", "excluded"] | None = None
    """As in `[basis]`."""
    shipping: bool | None = None
    """As in `[basis]`."""


class Basis(Table):
    """What points per amount are counted on, for every rule that does not say otherwise."""

    of: Literal["spend", "margin"] = "spend"
    """The money, or what is left of it after `[[cost]]`."""
    discounts: Literal["after", "before"] = "after"
    """What was paid for the goods, or their price before discounts."""
    tax: Literal["as_priced", "included", "excluded"] = "as_priced"
    """As the shop writes its prices, or always with tax, or always without."""
    shipping: bool = False
    """Whether shipping earns too."""
    exclude_kinds: tuple[LineKind, ...] = ("gift_card", "top_up")
    """Lines of these kinds earn nothing under any rule."""
    exclude: Cel | None = None
    """A condition on a line: those that meet it earn nothing under any rule, such as `line.discounted`."""


class Cost(Table):
    """What goods cost the shop, for margin: of one `sku`, of one `category`, or of everything else (neither)."""

    sku: Text | None = None
    """Of this product."""
    category: Text | None = None
    """Of the products of this category."""
    percent: Share | None = None
    """As a share of the price before discounts,"""
    unit_minor: Amount | None = None
    """or as so many minor units for each unit."""

    @model_validator(mode="after")
    def _costs_one_way(self) -> Self:
        if (self.percent is None) == (self.unit_minor is None):
            raise ValueError("give either percent or unit_minor")
        if self.sku is not None and self.category is not None:
            raise ValueError("name a sku or a category, not both")
        return self


class Limit(Table):
    """The most that a rule gives one member within a longer time: `limits = [{ per = "month", points = 500 }]`."""

    per: Literal["day", "month", "year", "member"]
    """The civil day, month or year in the club's zone, or for ever."""
    points: PositiveNumber | None = None
    """So many points at most,"""
    times: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    """or so many times at most."""

    @model_validator(mode="after")
    def _limits_one_thing(self) -> Self:
        if (self.points is None) == (self.times is None):
            raise ValueError("give either points or times")
        return self


Limits = Annotated[tuple[Limit, ...], Field(max_length=LIMITS_MAX)]


class Earn(Table):
    """One earning rule. It gives one of three things: `points`, a `formula`, or `multiply`."""

    id: RuleId
    """What explanations and postings call it."""
    name: Words = Field(default_factory=dict)
    """What members call it, by language."""
    enabled: bool = True
    """A rule that is switched off stays in the file and gives nothing."""
    event: RuleId | None = None
    """The `[[event]]` that it rewards; without it, it rewards purchases."""
    wallet: RuleId = MAIN_WALLET
    """The `[[wallet]]` that receives; the points, if it is not written."""
    when: Cel | None = None
    """A condition on purchase and member, or on event and member: gives only if it holds."""
    lines: Cel | None = None
    """A condition on a line: gives only for those that meet it."""
    from_: Moment | None = Field(default=None, alias="from")
    """The first day, or moment, on which it gives, in the club's zone."""
    until: Moment | None = None
    """The last day, or moment, included."""
    points: PositiveNumber | None = None
    """How many points, for each of what `per_minor` or `per` says; for each such event, with `event`."""
    formula: Arithmetic | None = None
    """The points as arithmetic over the vocabulary, in exact fractions."""
    per_minor: PositiveAmount | None = None
    """Points for each so many minor units of the basis, fractions included."""
    steps: Literal["proportional", "whole"] = "proportional"
    """With `per_minor`: a part of it gives a part of the points, or only whole ones count."""
    per: Literal["purchase", "line", "unit", "product"] | None = None
    """Points once for the purchase, for each line, for each unit, or for each different SKU."""
    multiply: Factor | None = None
    """Multiplies what the rules before it gave to the lines it chooses."""
    multiplied: bool = True
    """`false`: multipliers, those of tiers too, leave its points alone."""
    basis: BasisChoice = BasisChoice.plain()
    """How its basis differs from `[basis]`."""
    basis_cap_minor: PositiveAmount | None = None
    """With `per_minor`: the most of the basis that counts in one purchase."""
    cap: PointsCap | None = None
    """The most points that it gives in one purchase."""
    limits: Limits = ()
    """The most that it gives one member in longer times."""
    cooldown_days: LongDays | None = None
    """Days that must lie between two times it gives to one member."""
    priority: Annotated[int, Field(ge=-1_000_000, le=1_000_000)] = 0
    """For `policies.several_rules = "priority"`: the highest goes first."""
    stackable: bool = True
    """For `policies.several_rules = "priority"`: `false` gives alone."""
    on_top: bool = False
    """Competes with no other rule: it gives besides, whatever `policies.several_rules` says."""
    stop: bool = False
    """When it gave points, no rule after it does."""
    needs_base: bool = False
    """Gives only where rules before it gave something."""

    @model_validator(mode="after")
    def _gives_one_thing(self) -> Self:
        given = [name for name in ("points", "formula", "multiply") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError("give one of points, formula and multiply")
        if self.points is None and self.per_minor:
            raise ValueError("per_minor goes with points")
        if self.multiply is not None and (self.per or self.event):
            raise ValueError("multiply goes with neither per nor event")
        if self.event is not None:
            if self.per_minor or self.per or self.lines or self.needs_base:
                raise ValueError("an event has no lines, no amount and no points before it")
        elif self.points is not None and (self.per_minor is None) == (self.per is None):
            raise ValueError(
                'say what the points are for: per_minor = 100, or per = "purchase", "line", "unit", "product"'
            )
        if self.formula is not None and self.per not in (None, "purchase", "line"):
            raise ValueError('a formula is per = "purchase" or per = "line"')
        if self.once and self.lines:
            raise ValueError(
                'per = "purchase" is given once and chooses no lines; use per = "line", or a when on purchase.categories'
            )
        if not self.per_minor and (self.steps == "whole" or self.basis_cap_minor):
            raise ValueError("steps and basis_cap_minor go with per_minor")
        return self

    @property
    def kind_is_added(self) -> bool:
        """A rule that works on what others gave."""
        return self.multiply is not None or self.needs_base

    @property
    def once(self) -> bool:
        """Given once for the purchase as a whole."""
        return self.event is None and (self.per == "purchase" or (self.formula is not None and self.per is None))


class Achievement(Table):
    """Points for a state the member reached, asked of the figures after each purchase and event."""

    id: RuleId
    """What explanations call it."""
    name: Words = Field(default_factory=dict)
    """What members call it, by language."""
    when: Cel
    """A condition on the member, such as `member.purchases >= 10`."""
    points: PositiveNumber
    """What it gives."""
    wallet: RuleId = MAIN_WALLET
    """The `[[wallet]]` that receives; the points, if it is not written."""
    repeat: Literal["never", "month", "year"] = "never"
    """Given once for ever, or once in each civil month or year in which it holds."""
