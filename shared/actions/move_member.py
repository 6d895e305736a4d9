"""A member moved: from now on the club keeps quiet by the new clock, also of what waits already."""

from __future__ import annotations

from shared.actions.caller import Caller
from shared.actions.club import Club
from shared.actions.find_member import account_of
from shared.domain.clocks import Moving
from shared.store.backend import Put
from shared.store.people import zone_row


def move_member(club: Club, caller: Caller, member_id: str, moving: Moving) -> str:
    """The member's id: of a membership that was merged away, that of the one which took it over. Raises MemberUnknown, Busy."""
    account = account_of(club, caller, member_id)
    club.store.backend.write([Put("people", zone_row(account.id, moving.zone, club.now()))])
    return account.id
