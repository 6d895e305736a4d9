"""`[costs]`: what the club costs and takes in that no meter knows, and what a US dollar is worth in its currency."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from shared.domain.tables import Amount, Rate, RuleId, Table

ITEMS_MAX = 50
RegionName = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9]$")]


class Costs(Table):
    """By the month, in minor units: staff, agency, licences; and what members and suppliers pay."""

    fixed_minor: Annotated[dict[RuleId, Amount], Field(max_length=ITEMS_MAX)] = Field(default_factory=dict)
    """What it costs each month whoever buys: `fixed_minor = { staff = 120_000, agency = 40_000 }`."""
    income_minor: Annotated[dict[RuleId, Amount], Field(max_length=ITEMS_MAX)] = Field(default_factory=dict)
    """What it takes in each month: `income_minor = { fees = 90_000, suppliers = 25_000 }`."""
    region: RegionName = "us-east-1"
    """The region of AWS whose prices hold; `club prices` prints them."""
    dollar_minor: Rate | None = None
    """What one US dollar costs, in minor units: AWS bills in dollars. A club whose currency is the dollar needs none."""
    dollar_on: dt.date | None = None
    """The day of that rate."""

    @model_validator(mode="after")
    def _a_rate_has_a_day(self) -> Self:
        if (self.dollar_minor is None) != (self.dollar_on is None):
            raise ValueError("dollar_minor needs dollar_on, and nothing else does")
        return self
