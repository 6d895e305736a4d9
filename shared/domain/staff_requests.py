"""What people who work here ask for by hand: each once by an id of its own, each with a reason that the member can read."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from shared.domain.money import AMOUNT_MINOR_MAX
from shared.domain.purchase import Id, NamedMember
from shared.domain.redemption import WalletId
from shared.domain.schema import a_text, shown
from shared.domain.tables import MAIN_WALLET
from shared.domain.text import clean_text

REASON_LENGTH_MAX = 200
# A member's statement goes back this many entries at most: an entry is named by its number in it.
SEQUENCE_MAX = 10**9


def _day(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError("must be a day as YYYY-MM-DD") from None


Reason = Annotated[
    str,
    AfterValidator(lambda value: clean_text(value, REASON_LENGTH_MAX)),
    a_text(REASON_LENGTH_MAX, "The parcel was late"),
]
LastDay = Annotated[date, BeforeValidator(_day), shown("2027-12-31", "A civil day in the club's zone.", format="date")]
SignedUnits = Annotated[int, Field(ge=-AMOUNT_MINOR_MAX, le=AMOUNT_MINOR_MAX)]


def _not_zero(value: int) -> int:
    if not value:
        raise ValueError("must not be 0")
    return value


class _Asked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)


class Adjustment(_Asked):
    """Points given, or taken where `units` is below zero, in the wallet's smallest unit. What is given lives as the wallet's
    expiry says, or to `expires_on`. An `opening` is a balance that the member brings along from another system."""

    adjustment_id: Id
    kind: Literal["adjust", "opening"] = "adjust"
    member_id: NamedMember
    wallet: WalletId = MAIN_WALLET
    units: Annotated[SignedUnits, AfterValidator(_not_zero)]
    reason: Reason
    expires_on: LastDay | None = None

    @model_validator(mode="after")
    def _brings(self) -> Self:
        if self.kind == "opening" and self.units < 0:
            raise ValueError("an opening brings units along: units must be above 0")
        return self


class Extension(_Asked):
    """Open points get a later last day: those whose last day is `last_day`, or, where it is not given, all that would lapse
    before `expires_on`."""

    extension_id: Id
    member_id: NamedMember
    wallet: WalletId = MAIN_WALLET
    last_day: LastDay | None = None
    expires_on: LastDay
    reason: Reason


class Reinstatement(_Asked):
    """Points that lapsed come back, once: those of the member's entry `sequence`, to live until `expires_on`."""

    member_id: NamedMember
    sequence: Annotated[int, Field(ge=1, le=SEQUENCE_MAX), shown(12)]
    expires_on: LastDay
    reason: Reason


class Merge(_Asked):
    """Two memberships of one person become one: all that `from_member_id` has moves to `into_member_id`."""

    merge_id: Id
    from_member_id: NamedMember
    into_member_id: NamedMember
    reason: Reason


class Stopping(_Asked):
    """All marketing is stopped, or goes again."""

    stopped: bool
    reason: Reason


class Switching(_Asked):
    """An automation is due for nobody any more, or again as the programme says."""

    enabled: bool
    reason: Reason


class Deciding(_Asked):
    """Nothing is said: the path names what is decided."""
