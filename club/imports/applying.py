"""Purchases and returns of a file through the till's own actions, straight at the tables: the same posting and row as through the
door, and the same once. A buyer's purchases come one after the other, oldest first, with the account kept in hand between
them; the transaction still demands the sequence that was read.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Lock
from typing import Any, NamedTuple

from pydantic import ValidationError

from club.imports.gathering import Back, Rejected, Sale
from shared.actions.caller import Caller
from shared.actions.club import Club
from shared.actions.enrol_member import enrol_member
from shared.actions.find_member import contact
from shared.actions.parking import Parked
from shared.actions.record_purchase import record_purchase
from shared.actions.return_purchase import return_purchase
from shared.api.problems import refusal_of
from shared.domain.account import Account
from shared.domain.contacts import ContactKind
from shared.domain.errors import Busy, ContactTaken, Refused
from shared.domain.ledger import Posting
from shared.domain.member import Joining
from shared.domain.purchase import Purchase
from shared.domain.purchase_return import Return
from shared.domain.rulebook import Rulebook
from shared.store.backend import Drop, Put
from shared.store.store import NO_STUBS, Committed, Outcome, Store

WORKERS = 8
# A purchase is given so long; a table that asks for longer pauses is in trouble.
_SECONDS = 30.0
JOINED_NAME = "New member"


class Who(NamedTuple):
    """What a buyer of the file is called in the club, and what becomes of one that nobody knows."""

    kind: ContactKind
    joins: bool
    language: str


@dataclass
class Imported:
    """What became of a file. Names of counts: purchases, returns, known (were there before), joined, guests, parked."""

    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    rejected: list[Rejected] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def count(self, name: str, more: int = 1) -> None:
        with self.lock:
            self.counts[name] += more

    def reject(self, one: Rejected) -> None:
        with self.lock:
            self.rejected.append(one)


class Holding(Store):
    """A store that keeps the account it wrote last, of the one buyer at hand: the next purchase need not read it again."""

    held: Account | None = None

    def account(self, account_id: str) -> Account | None:
        if self.held is not None and self.held.id == account_id:
            return self.held
        return super().account(account_id)

    def commit(self, posting: Posting, besides: Sequence[Put | Drop] = (), stubs: Any = NO_STUBS) -> Outcome:
        self.held = None
        outcome = super().commit(posting, besides, stubs)
        if isinstance(outcome, Committed) and posting.after is not None and not posting.others:
            self.held = posting.after
        return outcome


def applied(
    club: Club,
    things: Iterable[Sale | Back],
    who: Who,
    heard: Callable[[int], None] = lambda _: None,
    workers: int = WORKERS,
) -> Imported:
    """Buyer by buyer, several of them at once."""
    imported, done = Imported(), 0
    with ThreadPoolExecutor(workers) as pool:
        for many in pool.map(lambda some: _buyers(club, some, who, imported), _by_buyer(things)):
            done += many
            heard(done)
    return imported


def _by_buyer(things: Iterable[Sale | Back]) -> Iterator[list[Sale | Back]]:
    """Each buyer's in the sequence in which they happened; guests in small heaps."""
    by_buyer: dict[str, list[Sale | Back]] = defaultdict(list)
    guests: list[Sale | Back] = []
    for one in things:
        if one.buyer:
            by_buyer[one.buyer].append(one)
        else:
            guests.append(one)
    for some in by_buyer.values():
        yield sorted(some, key=_place)
    for at in range(0, len(guests), 100):
        yield sorted(guests[at : at + 100], key=_place)


def _place(one: Sale | Back) -> tuple[datetime, bool, int]:
    return one.at, isinstance(one, Back), one.row


def _buyers(club: Club, some: list[Sale | Back], who: Who, imported: Imported) -> int:
    """One buyer's, through a store of their own."""
    own = replace(club, store=Holding(club.store.backend))
    member: str | None = None
    if some[0].buyer:
        try:
            member = _member(own, some[0], who, imported)
        except (Refused, ValueError) as refusal:
            for one in some:
                imported.reject(_rejected(one, refusal, "buyer"))
            return len(some)
    for one in some:
        try:
            _one(own, one, member, imported)
        except ValidationError as fault:
            imported.reject(_rejected(one, refusal_of(fault)))
        except (Refused, Busy) as refusal:
            imported.reject(_rejected(one, refusal))
    return len(some)


def _member(club: Club, first: Sale | Back, who: Who, imported: Imported) -> str:
    """The account of a buyer, who joins where nobody knows one. Raises Refused, ValueError."""
    book = club.laws.at(first.at)
    known = contact(who.kind, first.buyer, book)
    aliases = club.peppers.aliases("live", who.kind, known.value)
    found = club.store.account_id_of(aliases)
    if found is not None:
        return found
    if not who.joins:
        raise ValueError(f"no member of this club is known by this {who.kind}: --join makes one of each")
    token = hashlib.sha256(f"{who.kind} {known.value}".encode()).hexdigest()[:32]
    joining = Joining.model_validate({
        who.kind: first.buyer, "name": JOINED_NAME, "language": who.language, "source": "import",
        "joined_at": first.at.isoformat(),
    })  # fmt: skip
    try:
        enrolled = enrol_member(club, Caller(first.store), f"import-{token}", joining, _seconds)
    except ContactTaken:
        again = club.store.account_id_of(aliases)
        assert again is not None, "a contact that is taken has an owner"
        return again
    imported.count("joined", not enrolled.replayed)
    return str(enrolled.row["a"])


def _one(club: Club, one: Sale | Back, member: str | None, imported: Imported) -> None:
    book = club.laws.at(one.at)
    caller = Caller(one.store)
    if isinstance(one, Sale):
        recorded = record_purchase(club, caller, Purchase.model_validate(body_of(one, member, book)), _seconds)
        imported.count("known" if recorded.replayed else "purchases")
        imported.count("guests", member is None)
        return
    told = return_purchase(club, caller, Return.model_validate(return_of(one, member, book)), _seconds)
    if isinstance(told, Parked):
        imported.count("parked")
    else:
        imported.count("known" if told.replayed else "returns")


def body_of(one: Sale, member: str | None, book: Rulebook) -> dict[str, Any]:
    """The body that a till would send."""
    lines: list[dict[str, Any]] = [
        {"sku": line.sku, "quantity": line.quantity, "amount_minor": line.minor}
        | ({"category": line.category} if line.category else {})
        for line in one.lines
    ]
    total = sum(line.minor for line in one.lines) - one.discount_minor
    return {
        "store": one.store, "purchase_id": one.purchase_id, "occurred_at": one.at.isoformat(),
        "currency": book.programme.club.currency, "lines": lines, "total_minor": total,
        **({"discount_minor": one.discount_minor} if one.discount_minor else {}),
        **({"channel": one.channel} if one.channel else {}), **({"member_id": member} if member is not None else {}),
    }  # fmt: skip


def return_of(one: Back, member: str | None, book: Rulebook) -> dict[str, Any]:
    body: dict[str, Any] = {"store": one.store, "return_id": one.return_id, "occurred_at": one.at.isoformat()}
    if one.purchase_id:
        units: dict[str, int] = defaultdict(int)
        for line in one.lines:
            units[line.sku] += line.quantity
        return body | {
            "purchase_id": one.purchase_id,
            "lines": [{"sku": sku, "quantity": many} for sku, many in units.items()],
        }
    named = {"member_id": member} if member is not None else {}
    return body | named | {"amount_minor": one.minor, "currency": book.programme.club.currency}


def _rejected(one: Sale | Back, refusal: Exception, column: str = "") -> Rejected:
    facts = getattr(refusal, "facts", {})
    reason = f"{facts['field']} {facts['reason']}" if {"field", "reason"} <= set(facts) else str(refusal)
    return Rejected(one.row, column or str(facts.get("field", "")), getattr(refusal, "code", "invalid"), reason)


def _seconds() -> float:
    return _SECONDS
