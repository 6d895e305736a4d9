"""Cursors: where a page of a list ends, signed, so that a list goes on where it stopped and nowhere else."""

from __future__ import annotations

import base64
import hmac

from shared.actions.club import Club
from shared.domain.errors import CursorInvalid


def sealed(club: Club, of: str, place: str) -> str:
    """The cursor of a place, which has no dot, in the list of this name."""
    text = f"{place}.{club.peppers.signed(f'{of}.{place}')}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def opened(club: Club, of: str, cursor: str, what: str) -> str:
    """The place that a cursor of this list stands for; `what` names the list to people. Raises CursorInvalid for any other
    text."""
    refused = CursorInvalid(field="cursor", reason=f"must be the next_cursor of {what}, unchanged")
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
    except ValueError:
        raise refused from None
    place = text.partition(".")[0]
    # Made again and compared whole: a decoder forgives letters that nobody gave out.
    if not hmac.compare_digest(cursor.encode(), sealed(club, of, place).encode()):
        raise refused
    return place
