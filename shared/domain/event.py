"""An activity of a member as a storefront reports it: a review, an app installed, a friend introduced."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, field_validator, model_validator

from shared.domain.purchase import (
    Happened,
    Id,
    NamedCard,
    NamedEmail,
    NamedMember,
    NamedPhone,
    StoreId,
    fault_of,
    instant,
)
from shared.domain.schema import shown


class Event(BaseModel):
    """What a member did, when, and the shop's own id of it: once per store, kind and source id it counts.

    Exactly one of `member_id`, `card`, `phone`, `email` says who did it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)

    store: StoreId
    kind: Annotated[
        str,
        StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$"),
        shown("review", "An `[[event]]` of the programme."),
    ]
    source_id: Id
    member_id: NamedMember | None = None
    card: NamedCard | None = None
    phone: NamedPhone | None = None
    email: NamedEmail | None = None
    occurred_at: Happened

    @field_validator("occurred_at", mode="before")
    @classmethod
    def _an_instant(cls, value: object) -> datetime:
        return value if isinstance(value, datetime) else instant(value)

    @model_validator(mode="after")
    def _names_one_member(self) -> Event:
        if sum(value is not None for value in (self.member_id, self.card, self.phone, self.email)) != 1:
            raise fault_of("member_id", "name the member by one of member_id, card, phone, email")
        return self
