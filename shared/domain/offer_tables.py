"""`[[offer]]`: what the club takes off a purchase, for whom and when, with or without a code."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from shared.domain.earn_tables import Limits
from shared.domain.tables import (
    TIERS_MAX,
    Arithmetic,
    Cel,
    Moment,
    PositiveAmount,
    RuleId,
    Share,
    Stock,
    Table,
    Words,
)

# As people type it: letters, digits and hyphens, told apart without regard to case.
CodeText = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9][A-Z0-9-]{2,31}$")]
UNITS_MAX = 1_000
Units = Annotated[int, Field(ge=1, le=UNITS_MAX)]


class Offer(Table):
    """One offer: a share (`percent`, `formula`) or money (`amount_minor`) off what it chooses, or goods free (`get`)."""

    id: RuleId
    """What quotes and purchases call it."""
    name: Words = Field(default_factory=dict)
    """What members call it, by language."""
    enabled: bool = True
    """An offer that is switched off stays in the file and applies to nobody."""
    percent: Share | None = None
    """The share that it takes off, at most 100; with `get`, the share off what is got, all of it if it is not written."""
    formula: Arithmetic | None = None
    """The share as arithmetic over the member's figures, from 0 to 100: `min(20, 5 + member.purchases_6m)`."""
    amount_minor: PositiveAmount | None = None
    """The money that it takes off, in minor units."""
    earns_only: bool = False
    """It takes nothing off: rules of earning ask for it, such as `when = "'double' in purchase.offers"` with `multiply = 2`."""
    off: Literal["purchase", "line", "unit", "cheapest"] = "purchase"
    """What it takes from: all chosen lines together, each of them, each unit, or one unit of the cheapest."""
    lines: Cel | None = None
    """A condition that chooses lines; all goods, if it is not written."""
    max_units: Units | None = None
    """With `off = "unit"`: so many units of each line at most; with `get`: so many free units in all at most."""
    max_minor: PositiveAmount | None = None
    """The most money that it takes off one purchase."""
    buy: Units | None = None
    """With `get`: so many units have to be bought, for each time."""
    get: Units | None = None
    """So many units are free for each time: `buy = 3` and `get = 1` is 3+1."""
    get_lines: Cel | None = None
    """With `get`: the lines that the free units are of; those of `lines`, if it is not written."""
    whole_sets: bool = False
    """With `get`: only where the basket holds all units that are free for a time."""
    on_top: bool = False
    """With `get`: the free units are added to the basket, and nothing in it becomes free."""
    min_total_minor: PositiveAmount | None = None
    """The smallest purchase, in minor units of its goods, included; before or after other offers: `policies.minimum_spend`."""
    min_units: Units | None = None
    """The fewest units of goods, included."""
    code: CodeText | None = None
    """Only who gives this code has it; without one it applies by itself."""
    personal: bool = False
    """Only for whom an `[[automation]]` gave a coupon of it, and with the coupon's own code, once."""
    valid_days: Annotated[int, Field(ge=1, le=3_660)] | None = None
    """With `personal`: a coupon of it can be used for so many days, and not after `until`."""
    instead: RuleId | None = None
    """With `personal` and `get`: the offer that who usually buys more than `buy` is given a coupon of; nothing, if it is not
    written. It asks for more."""
    guests: bool = False
    """Whether it is also for purchases of no member."""
    stock: Stock | None = None
    """So many purchases may use it over all members; without it there is no end."""
    budget_minor: PositiveAmount | None = None
    """The most money that it takes off over all members, in minor units; a purchase that would pass it has nothing of it."""
    limits: Limits = ()
    """How often one member may use it, in `times`."""
    from_: Moment | None = Field(default=None, alias="from")
    """The first day, or moment, in the club's zone."""
    until: Moment | None = None
    """The last day, or moment, included."""
    tiers: Annotated[tuple[RuleId, ...], Field(max_length=TIERS_MAX)] = ()
    """Only for who holds one of these tiers; for everybody, if it is not written."""
    when: Cel | None = None
    """A condition on the purchase and the member."""

    @property
    def is_open(self) -> bool:
        """Whether everybody is told of it: it asks for no code, of its own or of a coupon."""
        return self.code is None and not self.personal

    @model_validator(mode="after")
    def _takes_one_thing_off(self) -> Self:
        if self.earns_only:
            taking = (
                self.percent,
                self.formula,
                self.amount_minor,
                self.buy,
                self.get,
                self.max_minor,
                self.budget_minor,
            )
            if any(one is not None for one in taking):
                raise ValueError("earns_only goes with nothing that an offer takes off")
        elif self.get is None:
            if (self.percent, self.formula, self.amount_minor).count(None) != 2:
                raise ValueError("give one of percent, formula, amount_minor, earns_only, or get with buy")
            wrong = [name for name in ("buy", "get_lines") if getattr(self, name) is not None]
            if wrong or self.whole_sets or self.on_top:
                raise ValueError("buy, get_lines, whole_sets and on_top go with get")
            if self.max_units is not None and self.off != "unit":
                raise ValueError('max_units goes with off = "unit" or with get')
        elif self.buy is None or self.formula is not None or self.amount_minor is not None:
            raise ValueError("get goes with buy, and with percent at most")
        if self.personal != (self.valid_days is not None):
            raise ValueError("a personal offer needs valid_days, and no other has them")
        if self.personal and (self.code is not None or self.guests):
            raise ValueError(
                "a personal offer has a code for each coupon, and is for members: give neither code nor guests"
            )
        if self.instead is not None and (not self.personal or self.get is None):
            raise ValueError("instead goes with a personal offer of free units")
        if any(limit.points is not None for limit in self.limits):
            raise ValueError("limits of an offer count times")
        return self
