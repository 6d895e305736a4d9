"""The sweep: every account once, for what its night books and for every automation that is due. Safe to run twice, or two at
once, and to be killed at any account: what was done is there under its own key, and is not done again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from types import MappingProxyType

from shared.actions.book_night import book_night
from shared.actions.caller import Caller
from shared.actions.club import Club
from shared.actions.read_lately import read_lately
from shared.actions.recording import Committing, Recording, record
from shared.actions.walking import WHOLE, Place, Seconds, walk
from shared.domain.account import Account
from shared.domain.automations import (
    AUTOMATION_USED,
    NONE_OFF,
    Due,
    asks_ledger,
    caused_by,
    due_on,
    is_due_still,
)
from shared.domain.errors import AdjustmentDiffers
from shared.domain.granting import due_key, post_due
from shared.domain.kpi import counted_at
from shared.domain.night import night
from shared.domain.playbooks import budget_of
from shared.domain.rulebook import Rulebook
from shared.store import keys
from shared.store.backend import Item, Put
from shared.store.playbooks import raised_of
from shared.store.rows import account_if_readable
from shared.store.stocks import put_stock, stock_of
from shared.store.store import Store
from shared.store.switched import switched_of

# A sweep that did not run catches up so many days, in their sequence (S2).
CATCH_UP_DAYS_MAX = 7
_NONE: Mapping[str, int] = MappingProxyType({})


@dataclass
class Swept:
    """What a sweep did: accounts seen, nights booked, and of each automation how often it was due, held out, granted or over its
    budget, with the units that it gave. `on`: where the next message goes on; None at the end of the part, where `failed` could
    not be done."""

    accounts: int = 0
    nights: int = 0
    failed: int = 0
    due: dict[str, int] = field(default_factory=dict)
    held_out: dict[str, int] = field(default_factory=dict)
    over_budget: dict[str, int] = field(default_factory=dict)
    units: dict[str, int] = field(default_factory=dict)
    # How many members there are and of what kind, at the end of the day before: those of the places before are in it.
    members: dict[str, int] = field(default_factory=dict)
    on: Place | None = None

    def more(self, other: Swept) -> Swept:
        """The sums of two."""
        names = ("due", "held_out", "over_budget", "units")
        due, held_out, over_budget, units = (_sum(getattr(self, name), getattr(other, name)) for name in names)
        accounts, nights = max(self.accounts, other.accounts), self.nights + other.nights
        return Swept(accounts, nights, self.failed + other.failed, due, held_out, over_budget, units)

    def count(self, what: dict[str, int], due: Due, more: int = 1) -> None:
        name = due.rule.automation.id
        what[name] = what.get(name, 0) + more


def _sum(some: dict[str, int], more: dict[str, int]) -> dict[str, int]:
    return {name: some.get(name, 0) + more.get(name, 0) for name in {**some, **more}}


class _NotDue(Exception):
    """The member did something since the account was read, or another sweep was here."""


class _OverBudget(Exception):
    """What is left of an automation's budget is too little."""


def days_to_sweep(last: date | None, today: date, most: int = CATCH_UP_DAYS_MAX) -> list[date]:
    """The days that a sweep has to do, oldest first: those since the last one, at most a week of them."""
    first = today if last is None else max(last + timedelta(days=1), today - timedelta(days=most - 1))
    return [first + timedelta(days=number) for number in range((today - first).days + 1)]


def dues(
    accounts: Iterable[Account], days: Sequence[date], book: Rulebook, store: Store, off: frozenset[str] = NONE_OFF
) -> Iterable[tuple[Account, Due]]:
    """Who would be due for what, and nothing is written. States are asked of the last day alone. Of who passes the rest of a
    condition that asks for purchases, these are read."""
    for account in accounts:
        asks = any(asks_ledger(account, day, book, states=day == days[-1], off=off) for day in days)
        lately = read_lately(store, account, days[0], book) if asks else None
        for day in days:
            for due in due_on(account, day, book, lately, states=day == days[-1], off=off):
                yield account, due


def sweep(
    club: Club,
    mode: keys.Mode,
    days: Sequence[date],
    seconds_left: Seconds,
    place: Place = WHOLE,
    members: Mapping[str, int] = _NONE,
) -> Swept:
    """A part of all accounts, from a place on until its end, or until the time is over. `members` were counted before the place.
    Raises Unfinished, Busy."""
    swept, caller = Swept(members=dict(members)), Caller("", mode)
    # What staff switched off is read once, as the part begins.
    book, off = club.laws.at(club.now()), switched_of(club.store.backend, mode).off
    eve = days[-1] - timedelta(days=1)

    def seen(row: Item) -> None:
        if keys.is_account_id(mode, row["a"]):
            swept.accounts += 1
            account = account_if_readable(row)
            for name in counted_at(account, eve, book) if account is not None else ():
                swept.members[name] = swept.members.get(name, 0) + 1

    def do(row: Item) -> None:
        # A row that no release wrote is the nightly proof's to tell of: all others are swept.
        if not keys.is_account_id(mode, row["a"]) or (account := account_if_readable(row)) is None:
            return
        # Of most accounts the scan is all that is read.
        if night(account, book, club.now()).posting is not None:
            swept.nights += bool(book_night(club, caller, account.id, seconds_left))
        for _, due in dues([account], days, book, club.store, off):
            grant(club, caller, account.id, due, book, swept, seconds_left)

    walked = walk(club.store.backend, place, seen, do, seconds_left)
    swept.on, swept.failed = walked.on, walked.failed
    return swept


def grant_called(club: Club, caller: Caller, account_id: str, kind: str, cause: str, seconds_left: Seconds) -> Swept:
    """What a posting of a kind, with the key `cause`, calls for: each automation once for it. Raises Busy."""
    swept, book = Swept(accounts=1), club.laws.at(club.now())
    account = club.store.account(account_id)
    if account is not None:
        day = club.now().astimezone(book.zone).date()
        off = switched_of(club.store.backend, caller.mode).off
        asks = asks_ledger(account, day, book, kind=kind, off=off)
        lately = read_lately(club.store, account, day, book) if asks else None
        for due in list(caused_by(account, kind, cause, day, book, lately, off)):
            grant(club, caller, account_id, due, book, swept, seconds_left)
    return swept


def grant(
    club: Club, caller: Caller, account_id: str, due: Due, book: Rulebook, swept: Swept, seconds_left: Seconds
) -> None:
    """Raises Busy."""
    key = keys.in_realm(caller.mode, due_key(due, account_id))
    fingerprint = club.peppers.fingerprint(key)

    def decided(account: Account | None) -> Committing:
        assert account is not None
        # Purchases are read again as well: the account may have changed by one.
        lately = read_lately(club.store, account, due.day, book) if due.rule.reads_ledger else None
        if not is_due_still(due, account, book, lately):
            raise _NotDue
        posting = post_due(due, account, book, club.now(), key=key, fingerprint=fingerprint)
        return Committing(posting, _of_budget(club, caller.mode, due, book))

    def differs() -> AdjustmentDiffers:
        return AdjustmentDiffers(adjustment_id=key)

    try:
        recorded = record(club, caller, Recording(key, key, account_id, decided, differs), seconds_left)
    except _NotDue:
        return
    except _OverBudget:
        swept.count(swept.over_budget, due)
        return
    if recorded.replayed:
        return
    swept.count(swept.due, due)
    if due.arm == "held_out":
        swept.count(swept.held_out, due)
    else:
        swept.count(swept.units, due, due.units)


def _of_budget(club: Club, mode: keys.Mode, due: Due, book: Rulebook) -> Sequence[Put]:
    """The write that counts what is given of a budget; none without one. Raises _OverBudget."""
    one = due.rule.automation
    if one.budget is None or due.arm == "held_out":
        return ()
    most = int(_budget(club, mode, one.id, one.budget, book) * 10 ** book.decimals(one.wallet))
    row = stock_of(club.store.backend, mode, AUTOMATION_USED + one.id)
    if row.taken + due.units > most:
        raise _OverBudget
    return (put_stock(row._replace(taken=row.taken + due.units)),)


def _budget(club: Club, mode: keys.Mode, automation: str, budget: Decimal, book: Rulebook) -> Decimal:
    """In whole points; as playbooks raised it, of an automation that one of them may raise."""
    playbooks = book.programme.playbook
    if not any(one.raise_budget == automation for one in playbooks):
        return budget
    return budget_of(automation, budget, raised_of(club.store.backend, mode).by_automation, playbooks)
