"""Staff give or take points by hand: with a reason, once, and nothing is ever changed without a row that says who and why."""

from __future__ import annotations

from collections.abc import Callable

from shared.actions.caller import Caller
from shared.actions.club import Club
from shared.actions.recording import Recorded, Recording, record
from shared.domain.account import Account
from shared.domain.errors import Differs
from shared.domain.ledger import Posting, packed
from shared.domain.staffing import Adjusting, post_adjustment
from shared.store import keys


class AdjustmentDiffers(Differs):
    code = "adjustment_differs"
    title = "This adjustment id was recorded before with other content; nothing was changed."


def adjust_balance(
    club: Club, caller: Caller, account_id: str, adjustment_id: str, what: Adjusting, seconds_left: Callable[[], float]
) -> Recorded:
    """Raises MemberUnknown, PointsInsufficient, AdjustmentDiffers (the id is known with other content), Busy."""
    key = keys.adjustment(caller.mode, adjustment_id)
    content = f"{account_id}#{packed([*what[:-1], what.expires_on.isoformat() if what.expires_on else None])}"
    fingerprint = club.peppers.fingerprint(content)
    now = club.now()
    book = club.laws.at(now)

    def decided(account: Account | None) -> Posting:
        assert account is not None, "an adjustment is of a member"
        return post_adjustment(what, account, book, now, key=key, fingerprint=fingerprint)

    def differs() -> AdjustmentDiffers:
        return AdjustmentDiffers(adjustment_id=adjustment_id)

    return record(club, caller, Recording(key, content, account_id, decided, differs), seconds_left)
