"""The club as an action finds it: the store, the law, the peppers, and what would otherwise be ambient: time and chance."""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from shared.domain.errors import Busy
from shared.domain.ledger import Row
from shared.store.backend import Unanswered
from shared.store.keys import ACCOUNT_ID_LENGTH
from shared.store.laws import Laws
from shared.store.peppers import Peppers
from shared.store.store import Seen, Store

# A storm of eight tills on one member needs a few dozen tries in the worst case; the time left ends it before that.
ATTEMPTS_MAX = 60
_PAUSE_S_FIRST, _PAUSE_S_MAX = 0.01, 0.2
# What one more attempt may cost. Less than this left: refuse early, while there is time to say so (F15).
_ATTEMPT_S = 1.0

# Without look-alikes: no I, L, O, U.
_ID_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def random_id() -> str:
    return "".join(secrets.choice(_ID_ALPHABET) for _ in range(ACCOUNT_ID_LENGTH - 1))


@dataclass(frozen=True)
class Club:
    store: Store
    laws: Laws
    peppers: Peppers
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    new_id: Callable[[], str] = random_id
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = field(default=random.random)


def attempts(club: Club, seconds_left: Callable[[], float]) -> Iterator[int]:
    """Numbers of attempts, with a pause of full jitter before each but the first. Raises Busy when no more may be made."""
    for attempt in range(ATTEMPTS_MAX):
        if attempt:
            club.sleep(club.chance() * min(_PAUSE_S_MAX, _PAUSE_S_FIRST * 2**attempt))
        if seconds_left() < _ATTEMPT_S:
            break
        yield attempt
    raise Busy


class Known(Exception):
    """What came late was recorded before: a replay, however old, is answered as the first time."""

    def __init__(self, row: Row) -> None:
        super().__init__(str(row["k"]))
        self.row = row


def seen_after_all(club: Club, key: str) -> Seen:
    """The posting of a write that nobody answered, if it was made after all (F2). Raises Unanswered when it was not."""
    row = club.store.posting(key)
    if row is None:
        raise Unanswered
    return Seen(row)
