"""The nightly proof: accounts that changed since the last one, and a 28th of all others, made again of their postings (P11).

So whoever writes into an account behind the club's back is found in the night after it, where the club itself wrote to it since,
and within 28 nights where it did not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from shared.actions.club import Club
from shared.actions.prove_ledger import Fault, Proving
from shared.actions.walking import WHOLE, Place, Seconds, walk
from shared.domain.account import Account
from shared.domain.decide import ms
from shared.store.backend import Item
from shared.store.rows import account_if_readable

TURNS = 28
# So many are kept to be told, of those that one message finds: a ledger with more has one cause.
TOLD_MAX = 100


@dataclass
class Verified:
    """What a proof found: accounts seen, those proven, and the first faults of all that are `broken`. `on` and `failed` as in a
    sweep."""

    accounts: int = 0
    proven: int = 0
    broken: int = 0
    faults: list[Fault] = field(default_factory=list)
    failed: int = 0
    on: Place | None = None


def turn_of(account_id: str) -> int:
    """In which of the nights an account is proven that did not change: the same for ever."""
    return int.from_bytes(hashlib.sha256(account_id.encode()).digest()[:4]) % TURNS


def verify_accounts(club: Club, days: Sequence[date], seconds_left: Seconds, place: Place = WHOLE) -> Verified:
    """A part of all accounts, of either realm, certificates too. One that is broken stops nobody. Raises Unfinished, Busy."""
    verified, now = Verified(), club.now()
    turns = {day.toordinal() % TURNS for day in days}
    # The last run was on the day before the first of these: all that was recorded on it counts, before that run or after it.
    zone = club.laws.at(now).zone
    since_ms = ms(datetime.combine(days[0] - timedelta(days=1), time(), zone))
    proving = Proving(club.store, club.laws, ms(now), is_whole=False)

    def seen(_: Item) -> None:
        verified.accounts += 1

    def do(row: Item) -> None:
        account = account_if_readable(row)
        fault: Fault | None = None
        if account is None:
            fault = Fault(str(row["a"]), "account", "cannot be read", "account")
        elif turn_of(account.id) in turns or _changed(club, account, since_ms):
            fault = proving.account(account).fault
            verified.proven += 1
        if fault is not None:
            verified.broken += 1
            verified.faults += [fault][: TOLD_MAX - len(verified.faults)]

    walked = walk(club.store.backend, place, seen, do, seconds_left)
    verified.on, verified.failed = walked.on, walked.failed
    return verified


def _changed(club: Club, account: Account, since_ms: int) -> bool:
    """Whether anything was recorded for it since then. The row tells when the newest purchase happened; of others the index is
    asked for the newest posting alone, which is half a read unit."""
    if account.newest[0] >= since_ms:
        return True
    newest = club.store.backend.entries(account.id, None, 1)
    # An account without postings is a fault, and is proven to be one.
    return not newest or int(newest[0]["t"]) >= since_ms
