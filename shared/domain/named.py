"""Whom a request is about, where that is said beside its content: by one way to name a member, or by none."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator

from shared.domain.purchase import NamedCard, NamedEmail, NamedMember, NamedPhone, fault_of


class Named(BaseModel):
    """At most one of these says which member."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)

    member_id: NamedMember | None = None
    card: NamedCard | None = None
    phone: NamedPhone | None = None
    email: NamedEmail | None = None

    @model_validator(mode="after")
    def _one_member_at_most(self) -> Self:
        if sum(value is not None for value in (self.member_id, self.card, self.phone, self.email)) > 1:
            raise fault_of("member_id", "name the member by one of member_id, card, phone, email, not by several")
        return self
