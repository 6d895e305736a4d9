"""A walk over all accounts of a part of the table, one after the other, that may end at any of them and go on behind it.

Whoever walks does each account so that doing it twice does it once: a walk that was killed comes again from where it began.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from shared.domain.errors import Busy
from shared.store.backend import Backend, Item

# Less time than this is left: the account at hand was the last one, and another message goes on. One account is given a dozen
# tries of a fifth of a second at most, and a proof of ten thousand postings takes about as long.
ENOUGH_S = 15.0
# So many accounts that could not be done are tried once more at the end of a part. Where there are more, it is DynamoDB that is
# in trouble, and the part comes again later.
AGAIN_MAX = 20

Seconds = Callable[[], float]


class Unfinished(Exception):
    """Some accounts could not be done now: their message comes again."""

    code = "unfinished"


class Place(NamedTuple):
    """Where a walk begins: in which part of how many, behind which account, with some left over that could not be done before."""

    part: int = 0
    parts: int = 1
    after: str = ""
    again: tuple[str, ...] = ()


# All accounts, from the first one on.
WHOLE = Place()


class Walked(NamedTuple):
    """Where to go on, None at the end of the part; and how many accounts could not be done even at that end."""

    on: Place | None
    failed: int = 0


def walk(
    backend: Backend, place: Place, seen: Callable[[Item], None], do: Callable[[Item], None], seconds_left: Seconds
) -> Walked:
    """Calls `seen` with each row behind the place, then `do`, which may raise Busy. Whatever time is left, one account is done,
    so that a walk in many messages comes to its end. Raises Unfinished."""
    again = list(place.again)
    after = {"a": place.after} if place.after else None
    for row in backend.scanned("accounts", place.part, place.parts, after):
        seen(row)
        try:
            do(row)
        except Busy:
            again.append(str(row["a"]))
            if len(again) > AGAIN_MAX:
                raise Unfinished from None
        if seconds_left() < ENOUGH_S:
            return Walked(place._replace(after=str(row["a"]), again=tuple(again)))
    return Walked(None, sum(1 for one in again if not _is_done(backend, one, do)))


def _is_done(backend: Backend, account_id: str, do: Callable[[Item], None]) -> bool:
    try:
        row = backend.get("accounts", {"a": account_id})
        if row is not None:
            do(row)
    except Busy:
        return False
    return True
