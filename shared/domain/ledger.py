"""The ledger: one posting is everything one event changes, as one value. Postings are only ever added.

A posting's `row` is its stored form, readable by people who ask the history with SQL. Keys of the row:

    k business key      a account           n sequence        c kind             t recorded at, ms
    o occurred at, ms   v programme version r renderer        f fingerprint      la language
    l lines             s sums of money     ch channel        e reasons          g legs
    d [points, posted after]                b [available, pending, tier] after   u [usable on, expires on] of the lot
    p key of the posting before             h hash over the one before and this row
    w other wallets: [given, posted, goals reached] after, and moves of lots
    ti tiers held, by set                    y what rules with limits gave       x what else it changes (`packing.py`)
    ev kind of the event
    q status of a member who was not active                  co codes the buyer gave
    gc [amount, currency, member] a certificate is made for  cf [account, amount, expires on] of one that was taken
    tu what of the other wallets was bought as a top-up      gb what went back to gift certificates, minor units
    pk key of a return's purchase                            rt by wallet: due, taken, lost, given back
    pb lots that went back of what had paid, by wallet       rd redemption: reward, units, worth, purchase, wallet
    wy why staff did it: reason, who asked, who approved     to the membership that took this one over
    pt lots that a capture used                              un until when a hold lasts, ms
    of offers that a purchase took: [id, minor units, free units], and the coupon of a personal one
    au an automation that was due: [id, period, day, arm, units]
    ms messages to send: [template, purpose, channels, last day, worth, facts]
    tr 1 where automations wait for what happened        ca the key of what happened, that called for this
    cp the coupon that it gave: [offer, last day]
    us what the function used since its last posting: its name, calls, halves of read units, thousandths of a GB-second; it is
       written beside the posting, and no part of the chain
    sh by wallet: places in line for rewards taken, rewards put back, places that came free
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from pydantic_core import from_json, to_json

from shared.domain.account import Account
from shared.domain.tables import MAIN_WALLET

RowValue = str | int | bytes
Row = Mapping[str, RowValue]
PostingKind = Literal[
    "join", "purchase", "event", "return", "difference", "hold", "capture", "void", "reversal", "expiry", "adjust", "extend",
    "reinstate", "merge", "opening", "issue", "end", "transfer", "due",
]  # fmt: skip

# The renderer whose words the first answer was given in: a replay is byte-equal across deploys as long as it is kept.
RENDERER = 1
LEGS_MAX = 20
# What stands beside a posting and is none of it.
USED = "us"


class Leg(NamedTuple):
    """One side of an entry. `account` is a member's account or one of the club's own (`issued`, `completed`), with `/<wallet>`
    behind it for a wallet beside the points."""

    account: str
    points: int


class Posting(NamedTuple):
    """What one event makes true: the row to add, and the account after it (None for a guest's purchase).

    `more` are rows of the same account that are added with it: what had lapsed before it, what it corrects after it.
    `others` are the parts of it in other accounts.
    """

    key: str
    row: Row
    before: Account | None
    after: Account | None
    more: tuple[Row, ...] = ()
    others: tuple[Posting, ...] = ()


def packed(value: object) -> str:
    """JSON without a superfluous byte. The names of an object stand in their order, however it was read; those of objects within
    it as they are given."""
    return to_json(dict(sorted(value.items())) if isinstance(value, dict) else value).decode()


def unpacked(text: RowValue) -> Any:
    """The reverse of `packed`, of a row's value."""
    return from_json(str(text))


def legs_text(legs: Sequence[Leg]) -> str:
    """The legs in their stored form. They sum to zero or the posting is a mistake of ours."""
    assert len(legs) <= LEGS_MAX
    assert sum([leg.points for leg in legs]) == 0, f"legs do not balance: {legs}"
    return packed([leg for leg in legs if leg.points])


def legs_of(row: Row) -> tuple[Leg, ...]:
    return tuple(Leg(account, points) for account, points in unpacked(row.get("g", "[]")))


def chained(row: Row, before: bytes) -> bytes:
    """SHA-256 over the hash of the account's posting before and all of this row but its own hash, and what it used."""
    plain = {
        key: value.hex() if isinstance(value, bytes) else value for key, value in row.items() if key not in ("h", USED)
    }
    return hashlib.sha256(before + packed(plain).encode()).digest()


class LedgerBroken(AssertionError):
    """The stored account and its postings disagree, or the chain was tampered with."""


def verify(account: Account, rows: Iterable[Row]) -> None:
    """Checks an account against all of its postings in order: sequence without a gap, chain, legs, balance, lots.

    Raises LedgerBroken.
    """
    posted, sequence, key, digest = 0, 0, "", b""
    others: dict[str, int] = {}
    for row in rows:
        sequence += 1
        where = f"{account.id}: posting {row['k']!r}"
        if row["n"] != sequence:
            raise LedgerBroken(f"{where} has sequence {row['n']!r}, expected {sequence}")
        if row.get("p", "") != key:
            raise LedgerBroken(f"{where} follows {row.get('p')!r}, expected {key!r}")
        digest = chained(row, digest)
        if row["h"] != digest:
            raise LedgerBroken(f"{where} does not match its hash")
        legs = legs_of(row)
        if sum(leg.points for leg in legs):
            raise LedgerBroken(f"{where} does not balance")
        posted += sum(leg.points for leg in legs if leg.account == account.id)
        for leg in legs:
            if leg.account.startswith(f"{account.id}/"):
                others[leg.account] = others.get(leg.account, 0) + leg.points
        if unpacked(row["d"])[1] != posted:
            raise LedgerBroken(f"{where} states another balance than the sum {posted}")
        key = str(row["k"])
    facts: tuple[tuple[str, object, object], ...] = (
        ("sequence", account.sequence, sequence),
        ("balance", account.posted, posted),
        ("sum of lots", sum(lot.points for lot in account.lots), _in_lots(account, MAIN_WALLET, posted)),
        ("last key", account.last_key, key),
        ("last hash", account.last_hash, digest),
    )
    facts += tuple(
        (f"balance of {name}", purse.posted, others.pop(f"{account.id}/{name}", 0))
        for name, purse in account.purses.items()
    )
    facts += tuple((f"balance of {name}", 0, left) for name, left in others.items())
    facts += tuple(
        (f"sum of lots of {name}", sum(lot.points for lot in purse.lots), _in_lots(account, name, purse.posted))
        for name, purse in account.purses.items()
    )
    for name, held, expected in facts:
        if held != expected:
            raise LedgerBroken(f"{account.id}: {name} is {held!r}, the postings say {expected!r}")


def _in_lots(account: Account, wallet: str, posted: int) -> int:
    """What the lots of a wallet hold: all of it, but for what holds keep. A balance below that is a debt, and has no lots."""
    return max(0, posted - account.held(wallet))
