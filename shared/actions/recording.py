"""Records what a till reports, once: decide, commit, and give the first answer for ever. Purchases and events share it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from shared.actions.caller import Caller
from shared.actions.club import Club, Known, attempts, seen_after_all
from shared.actions.find_member import account_id_of, account_of, contact
from shared.domain.account import MERGED, Account
from shared.domain.contacts import ContactKind
from shared.domain.errors import BeforeJoining, Busy, Differs, Invalid, MemberNotActive, Refused, StoreNotAllowed
from shared.domain.event import Event
from shared.domain.ledger import Posting, Row
from shared.domain.purchase import Purchase
from shared.domain.rulebook import Rulebook
from shared.store.backend import Contended, Drop, Put, Unanswered
from shared.store.store import NO_STUBS, Committed, Seen, Stale

# Tills' clocks run a little ahead (F28); more than this is a wrong date.
AHEAD_MAX = timedelta(minutes=5)

Report = Purchase | Event


class NamesMember(Protocol):
    """Whatever says whose it is, by one of these."""

    @property
    def member_id(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Recorded:
    """A posting's row as it stands in the ledger. `replayed`: it was there before; `ignored`: and is answered as nothing new."""

    row: Row
    replayed: bool
    ignored: bool = False


@dataclass(frozen=True, slots=True)
class Recording:
    """One report on its way into the ledger: its key, its content for telling twins apart, and how it is decided.

    `waited_for`: how it is decided where returns wait for it, and what is written with it.
    """

    key: str
    content: str
    account_id: str | None
    decide: Callable[[Account | None], Posting | Committing]
    differs: Callable[[], Differs]
    waited_for: Callable[[Account | None, Row], Committing] | None = None
    # A report names a member; what became of a redemption may be of a certificate.
    read: Callable[[Club, Caller, str], Account] = account_of


class Committing(NamedTuple):
    """A posting with what is written besides it, and the stubs that it replaces."""

    posting: Posting
    besides: Sequence[Put | Drop] = ()
    stubs: Mapping[str, int] = NO_STUBS


def record(club: Club, caller: Caller, recording: Recording, seconds_left: Callable[[], float]) -> Recorded:
    """Raises what deciding raises, MemberUnknown, Differs (the key is known with other content), Busy."""
    account: Account | None = None
    stub: Row | None = None
    for _ in attempts(club, seconds_left):
        try:
            if account is None and recording.account_id is not None:
                account = recording.read(club, caller, recording.account_id)
            if stub is not None and recording.waited_for is not None:
                made = recording.waited_for(account, stub)
                posting, outcome = made.posting, club.store.commit(made.posting, made.besides, made.stubs)
            else:
                decided = recording.decide(account)
                made = decided if isinstance(decided, Committing) else Committing(decided)
                posting, outcome = made.posting, club.store.commit(made.posting, made.besides, made.stubs)
        except Contended:
            account = None
            continue
        except Unanswered:
            outcome = seen_after_all(club, recording.key)
        except Known as known_before:
            outcome = Seen(known_before.row)
        except Busy:
            raise
        except Refused:
            # What was done once cannot be done again; but it may be the same request, told twice.
            row = club.store.posting(recording.key)
            if row is None or row["c"] in ("parked", "waiting"):
                raise
            outcome = Seen(row)
        match outcome:
            case Committed():
                return Recorded(posting.row, replayed=False)
            case Seen(row) if row["c"] == "parked":
                # Returns came first, and wait at its key.
                account, stub = None, row
            case Seen(row):
                known = row["f"]
                assert isinstance(known, bytes)
                if not club.peppers.same(known, recording.content):
                    raise recording.differs()
                return Recorded(row, replayed=True)
            case Stale(newer):
                account = newer if newer is None or newer.status != MERGED else None
    raise AssertionError("attempts end with Busy")


def law_of(club: Club, caller: Caller, report: Report) -> Rulebook:
    """The law of the report's own time, after the checks that need no member. Raises StoreNotAllowed, Invalid."""
    if report.store != caller.store:
        raise not_of_this_key(caller)
    if report.occurred_at > club.now() + AHEAD_MAX:
        raise Invalid("occurred_at", "is in the future")
    return club.laws.at(report.occurred_at)


def not_of_this_key(caller: Caller) -> StoreNotAllowed:
    return StoreNotAllowed(field="store", reason="is not the store of this key", allowed=caller.store)


def owner(club: Club, caller: Caller, report: NamesMember, book: Rulebook) -> str | None:
    """The account that a report names, None for a guest's purchase. Raises Invalid, MemberUnknown, LookupsExhausted."""
    if report.member_id is not None:
        return report.member_id
    kinds: tuple[ContactKind, ...] = ("card", "phone", "email")
    for kind in kinds:
        typed = getattr(report, kind)
        if typed is not None:
            return account_id_of(club, caller, contact(kind, typed, book))
    return None


def content_of(report: Report, account_id: str | None) -> str:
    """What makes two reports the same: everything but how the member was named.

    A new field with a default does not change it, so that a replay across releases is still a replay.
    """
    body = report.model_dump_json(exclude={"member_id", "card", "phone", "email"}, exclude_defaults=True)
    return f"{account_id or ''}#{body}"


def check_member(account: Account, report: Report, book: Rulebook) -> bool:
    """Whether the report counts for the member; False when the programme records it as a guest's.

    Raises BeforeJoining and MemberNotActive where the programme's policies refuse.
    """
    policies = book.programme.policies
    if account.status and policies.suspended_member == "refuse":
        raise MemberNotActive(member_id=account.id, member_status=account.status)
    if report.occurred_at.astimezone(book.zone).date() >= account.joined_on:
        return True
    if policies.before_joining == "refuse":
        raise BeforeJoining("occurred_at", f"is before the member joined on {account.joined_on}")
    return False


def check_joined(account: Account, occurred_at: datetime, book: Rulebook) -> None:
    """Raises BeforeJoining."""
    if occurred_at.astimezone(book.zone).date() < account.joined_on:
        raise BeforeJoining("occurred_at", f"is before the member joined on {account.joined_on}")
