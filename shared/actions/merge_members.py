"""Staff make one membership of two. What is told of the one that is left lands on the other ever after."""

from __future__ import annotations

from collections.abc import Callable

from shared.actions.club import Club
from shared.actions.find_member import account_of
from shared.actions.recording import Committing, Recorded, Recording, record
from shared.actions.staff import Staff
from shared.domain.account import Account
from shared.domain.errors import AdjustmentDiffers, MergeRefused
from shared.domain.merging import post_merge
from shared.domain.staff_requests import Merge
from shared.store import keys


def merge_members(club: Club, staff: Staff, told: Merge, seconds_left: Callable[[], float]) -> Recorded:
    """Raises MemberUnknown, MergeRefused, AdjustmentDiffers (the id is known with other content), Busy."""
    key, content = keys.merge(staff.mode, told.merge_id), told.model_dump_json(exclude_defaults=True)
    fingerprint = club.peppers.fingerprint(content)
    book = club.laws.at(club.now())
    why = (told.reason, staff.actor, "")

    def decided(into: Account | None) -> Committing:
        assert into is not None
        left = account_of(club, staff.caller, told.from_member_id)
        if (left.id, into.id) != (told.from_member_id, told.into_member_id):
            raise MergeRefused(why="one of them was merged before")
        key_left = keys.elsewhere(key, left.id)
        return Committing(
            post_merge(left, into, why, book, club.now(), key=key, key_left=key_left, fingerprint=fingerprint)
        )

    def differs() -> AdjustmentDiffers:
        return AdjustmentDiffers(adjustment_id=told.merge_id)

    return record(club, staff.caller, Recording(key, content, told.into_member_id, decided, differs), seconds_left)
