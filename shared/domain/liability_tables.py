"""`[liability]`: by what the books value points that members hold."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from shared.domain.tables import Rate, Share, Table, Text

Account = Annotated[str, StringConstraints(min_length=1, max_length=60)]


class Liability(Table):
    """Points that are open are owed: what they would cost alone, for the share of them that is expected to be used."""

    standalone_minor: Rate | None = None
    """What a whole point would cost alone, in minor units; `[points] value_minor`, if it is not written."""
    expected_percent: Share | None = None
    """The share of points that is expected to be used. Without it, it is learned from the club's own points; until that is
    possible, all of them."""
    expected_because: Text | None = None
    """Why this share, where it is declared and not learned."""
    members_min: Annotated[int, Field(ge=1, le=1_000_000)] = 100
    """Of so many members in one month points have to be known before anything is learned of them."""
    round_to_minor: Annotated[int, Field(ge=1, le=1_000_000_000)] = 1
    """What is set aside of a month's sales is rounded to a whole multiple of so many minor units; a half up."""
    revenue_account: Account = "Revenue"
    """What the books call revenue."""
    liability_account: Account = "Contract liability: points"
    """What the books call what is owed in points."""

    @model_validator(mode="after")
    def _a_declared_share_has_a_reason(self) -> Self:
        if (self.expected_percent is None) != (self.expected_because is None):
            raise ValueError("expected_percent needs expected_because, and nothing else does")
        return self
