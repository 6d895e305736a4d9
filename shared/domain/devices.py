"""A member's phone as an app tells of it: the kind of phone, and the token that its maker gave the app."""

from __future__ import annotations

import hashlib
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

from shared.domain.schema import shown

Platform = Literal["fcm", "apns", "apns_sandbox"]
# A person has a few phones; of more the one told longest ago is forgotten.
DEVICES_MAX = 5
_HASH_LENGTH = 20
# Google's tokens have letters, digits, colons and dashes; Apple's are hexadecimal.
Token = Annotated[
    str,
    StringConstraints(min_length=16, max_length=1_024, pattern=r"^[A-Za-z0-9:_.-]+$"),
    shown("d7Xk2mQyT0uVn5cPz1aB:APA91bF", "As Google or Apple gave it to the app."),
]


class Device(BaseModel):
    """A phone that messages may be pushed to. The same token again is the same phone."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True, hide_input_in_errors=True)

    platform: Platform
    token: Token

    @property
    def id(self) -> str:
        """Of the token, and says nothing of it."""
        return hashlib.sha256(f"{self.platform}#{self.token}".encode()).hexdigest()[:_HASH_LENGTH]
