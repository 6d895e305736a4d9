"""An account proven by its postings, and where the two part. `club verify` calls it, and whoever rebuilds accounts by night.

Postings are proven first, by themselves: sequence, chain of hashes, legs, stated balances. What they make is then compared with
the account as it is stored. So it is always said which of the two is wrong: a broken account is made anew of its postings, a
broken ledger is restored.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Literal

from shared.domain.account import Account
from shared.domain.errors import ProgrammeUnknown
from shared.domain.ledger import LedgerBroken, Row, chained, legs_of, unpacked
from shared.domain.lots import Lot, total
from shared.domain.rebuilding import Books, digest_of, number, posted_by, rebuilt
from shared.domain.tables import MAIN_WALLET

# What has to be mended: the account's row, the ledger itself, or what stands beside it (rests of purchases, stocks).
Mend = Literal["account", "ledger", "beside"]
# What rows that were tampered with can make of a rebuild: a lot that is not there, a value of another kind, a name unknown.
_UNREADABLE = (AssertionError, LookupError, StopIteration, TypeError, ValueError)


class Broken(LedgerBroken):
    """The first difference: `where` is a posting's key or a part of the account, `what` a clause that goes on from it."""

    def __init__(self, where: str, what: str, mend: Mend) -> None:
        super().__init__(f"{where} {what}")
        self.where, self.what, self.mend = where, what, mend


def chain(rows: Iterable[Row], newest: int) -> list[Row]:
    """All rows of an account in their order, each proven by its hash over the one before. Raises Broken.

    `newest` is the sequence of the newest that the account knows of.
    """
    by_sequence: dict[int, list[Row]] = {}
    for row in rows:
        by_sequence.setdefault(number(row, "n"), []).append(row)
    told: list[Row] = []
    key, digest = "", b""
    for sequence in range(1, max(by_sequence, default=0) + 1):
        found = by_sequence.pop(sequence, [])
        if not found and sequence > newest:
            break
        if not found:
            raise _missing(sequence, by_sequence)
        right = [row for row in found if _follows(row, key, digest)]
        if not right:
            raise _unchained(found[0], key)
        if strange := [row for row in found if row not in right]:
            raise _foreign(strange[0], f"its posting {sequence} is {right[0]['k']!r}")
        row = right[0]
        told.append(row)
        key, digest = str(row["k"]), digest_of(row)
    for strange in by_sequence.values():
        raise _foreign(strange[0], f"it says that it is posting {number(strange[0], 'n')}")
    return told


def recorded_by(rows: Sequence[Row], newest: int, until_ms: int) -> tuple[list[Row], int]:
    """What was recorded by an instant, and the sequence of the newest then: up to the first posting that was recorded later."""
    end = min((number(row, "n") for row in rows if number(row, "t") > until_ms), default=newest + 1)
    return [row for row in rows if number(row, "n") < end], end - 1


def made_of(rows: Sequence[Row], book_of: Books, facts: Account | None = None) -> Account:
    """The account that these postings make, each of which balances and states the balances that it leads to. Raises Broken.

    `facts` is the stored account, for what is the person's. There is at least one posting.
    """
    at: list[Row] = []
    try:
        made = rebuilt(_checked(rows, at), book_of, facts)
    except Broken:
        raise
    except ProgrammeUnknown as fault:
        raise Broken(
            _key(at[-1]), f"names version {at[-1]['v']!r} of the programme, which is not there", "ledger"
        ) from fault
    except _UNREADABLE as fault:
        raise Broken(_key(at[-1]), f"cannot follow what was posted before it: {fault!r}", "ledger") from fault
    _adds_up(made, rows)
    return made


def agreed(stored: Account, made: Account, rows: Sequence[Row]) -> None:
    """Raises Broken where the account as it is stored is not bit for bit what its postings make."""
    if stored.sequence > len(rows) and stored.last_key not in {_key(row) for row in rows}:
        raise Broken(stored.last_key, "is missing: the account names it as its newest posting", "ledger")
    for name, held, again in zip(Account._fields, stored, made, strict=True):
        # What a newer release wrote beside is in no posting that this one reads.
        if name != "unknown" and held != again:
            part, one, other = _parting(name, held, again)
            raise Broken(part, f"is {_said(one)}; its postings make {_said(other)}", "account")


def _follows(row: Row, key: str, digest: bytes) -> bool:
    return str(row.get("p", "")) == key and row.get("h") == chained(row, digest)


def _unchained(row: Row, key: str) -> Broken:
    if str(row.get("p", "")) != key:
        return Broken(_key(row), f"follows {row.get('p', '')!r}, where {key!r} stands before it", "ledger")
    return Broken(_key(row), "does not match its hash: it, or one before it, was changed", "ledger")


def _missing(sequence: int, later: Mapping[int, Sequence[Row]]) -> Broken:
    named = [str(row.get("p", "")) for row in later.get(sequence + 1, ())]
    if not named:
        return Broken(f"posting {sequence}", "is missing", "ledger")
    return Broken(named[0], f"is missing: it was posting {sequence}", "ledger")


def _foreign(row: Row, why: str) -> Broken:
    return Broken(_key(row), f"is none of the account's postings, though it names it: {why}", "ledger")


def _checked(rows: Sequence[Row], at: list[Row]) -> Iterator[Row]:
    """The rows one by one, after what each says of itself was added up. `at` is given each as it is come to."""
    posted: dict[str, int] = {}
    for row in rows:
        at.append(row)
        sums: dict[str, int] = {}
        for leg in legs_of(row):
            wallet = leg.account.partition("/")[2] or MAIN_WALLET
            sums[wallet] = sums.get(wallet, 0) + leg.points
        for wallet, units in sums.items():
            if units:
                raise Broken(_key(row), f"does not balance: its legs in {wallet} sum to {units}", "ledger")
        for wallet, units in posted_by(row).items():
            posted[wallet] = posted.get(wallet, 0) + units
        stated = {MAIN_WALLET: unpacked(row["d"])[1]}
        stated |= {name: after for name, (_, after, *_) in (unpacked(row["w"]) if "w" in row else {}).items()}
        for wallet, units in stated.items():
            if units != posted.get(wallet, 0):
                raise Broken(
                    _key(row), f"states {units} in {wallet} after it; the legs sum to {posted.get(wallet, 0)}", "ledger"
                )
        yield row


def _adds_up(made: Account, rows: Sequence[Row]) -> None:
    """Lots and holds are what was posted, but for a debt; and nothing is held but by a redemption that is open."""
    wallets = {MAIN_WALLET: (made.posted, made.lots)}
    wallets |= {name: (purse.posted, purse.lots) for name, purse in made.purses.items()}
    newest = _key(rows[-1])
    for wallet, (posted, lots) in wallets.items():
        held = made.held(wallet)
        debt = max(0, held - posted)
        if total(lots) + held - debt != posted or any(lot.points <= 0 for lot in lots):
            said = f"lots of {total(lots)} and holds of {held} in {wallet}, less a debt of {debt}, for {posted} posted"
            raise Broken(newest, f"leaves {said}", "ledger")
    open_ones = {_key(row).rpartition("redemption#")[2] for row in rows if row["c"] == "hold"}
    for name, hold in made.holds.items():
        if name not in open_ones or any(lot.points <= 0 for lot in hold.lots):
            raise Broken(newest, f"leaves a hold {name!r} of {hold.units} that no redemption asked for", "ledger")


def _parting(name: str, held: Any, again: Any) -> tuple[str, Any, Any]:
    """Where two values part: the first name of two mappings, the first place of two rows, else the whole of both."""
    if isinstance(held, Mapping) and isinstance(again, Mapping):
        key = next(key for key in (*held, *again) if key not in held or key not in again or held[key] != again[key])
        return f"{name}.{key}", held.get(key), again.get(key)
    if type(held) is tuple and type(again) is tuple:
        for place, (one, other) in enumerate(zip(held, again, strict=False)):
            if one != other:
                return f"{name}[{place}]", one, other
        shorter = min(len(held), len(again))
        return (
            f"{name}[{shorter}]",
            held[shorter] if shorter < len(held) else None,
            again[shorter:][0] if shorter < len(again) else None,
        )
    return name, held, again


def _said(value: Any) -> str:
    """A value as an operator reads it: 120 (2026-01-01 to 2027-01-31) for a lot."""
    if value is None:
        return "nothing"
    if isinstance(value, Lot):
        return f"{value.points} ({value.usable_on} to {value.expires_on or 'for ever'})"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_said(one)}" for key, one in value.items()) + "}"
    if isinstance(value, tuple):
        return "(" + ", ".join(map(_said, value)) + ")"
    if isinstance(value, bytes):
        return value.hex()
    return str(value) if isinstance(value, date | int) else repr(value)


def _key(row: Row) -> str:
    return str(row["k"])
