"""The clock that a member lives by: quiet hours, Sabbath and holidays are asked of it. Whoever has none lives by the club's."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

from shared.domain.schema import shown

_ABSENT = (KeyError, ValueError, OSError)


def _of_the_world(value: str) -> str:
    try:
        ZoneInfo(value)
    except _ABSENT:
        raise ValueError("must be a time zone of the tz database, such as Asia/Jerusalem") from None
    return value


# Zones of places, and UTC: not the machine's own (`localtime`), nor those that count leap seconds (`right/…`).
MemberZone = Annotated[
    str,
    StringConstraints(
        max_length=40,
        pattern=r"^(UTC|(Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Etc|Europe|Indian|Pacific)"
        r"(/[A-Za-z0-9_+-]{1,30}){1,2})$",
    ),
    AfterValidator(_of_the_world),
    shown("America/New_York", "A zone of the tz database, as every browser and phone knows its own."),
]


class Moving(BaseModel):
    """A member lives by another clock from now on."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True, hide_input_in_errors=True)

    zone: MemberZone


@lru_cache(maxsize=1_024)
def clock_of(zone: str, club: ZoneInfo) -> ZoneInfo:
    """The club's where a member has told none, or one that the tz database has no longer."""
    try:
        return ZoneInfo(zone) if zone else club
    except _ABSENT:
        return club
