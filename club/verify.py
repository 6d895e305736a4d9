"""`club verify`: each account made again of its postings and compared bit for bit, each chain, each sum. Nothing is written."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from club import aws
from club.console import Step, Trouble, complain, err, out, say, step
from club.programme import Stage
from club.store import tables
from shared.actions.prove_ledger import Fault, Heard, Proving, Tally
from shared.domain.account import Account
from shared.domain.decide import ms
from shared.domain.errors import ProgrammeUnknown
from shared.domain.proving import Mend
from shared.store.backend import Backend
from shared.store.laws import Laws
from shared.store.rows import account_if_readable
from shared.store.store import Store

# A scan in parts says how far it is.
PARTS = 8
# So many are named; a ledger with more faults than this has one cause.
TOLD_MAX = 1_000

Members = Annotated[
    list[str] | None,
    typer.Option("--member", help="A member's id; may be given more than once. Without it, everybody."),
]
AsOf = Annotated[
    str | None,
    typer.Option(help="An instant, such as 2026-11-22T10:00:00+02:00, or a day in the programme's zone: its end."),
]

_WHAT_TO_DO: dict[Mend, str] = {
    "account": "The ledger is whole: `club rebuild --member {member}` writes the account anew from its postings.",
    "ledger": "The ledger was changed behind the club's back: restore it to the minute before (docs/operating.md).",
    "beside": "The ledger is whole: what stands beside it was changed; restore the table of limits (docs/operating.md).",
}


def verify(member: Members = None, as_of: AsOf = None, stage: Stage = aws.LOCAL) -> None:
    """Prove that each member's account is what its postings make of it, now or as of an instant, and that all sums are 0."""
    backend = tables(stage)
    laws = Laws(backend, seconds=60)
    now = datetime.now(UTC)
    until = instant_of(as_of, laws, now) if as_of is not None else None
    until_ms = ms(until) if until is not None else None
    proving = Proving(Store(backend), laws, ms(now), until_ms, is_whole=not member)
    accounts = named(backend, member) if member else scanned(backend)
    faults = 0
    for fault in proofs(proving, accounts, is_whole=not member):
        faults += 1
        if faults <= TOLD_MAX:
            complain(told(fault))
    out.print(table(proving.tally))
    sys.exit(concluded(proving.tally, faults, until))


def proofs(proving: Proving, accounts: Iterable[Account | Fault], *, is_whole: bool) -> Iterator[Fault]:
    """What is broken: account by account, then the programme as a whole. Progress is told on standard error."""
    with step("Proving accounts by their postings", err) as progress:
        for done, account in enumerate(accounts, 1):
            progress.update(done, unit="accounts")
            fault = account if isinstance(account, Fault) else proving.account(account).fault
            if fault is not None:
                yield fault
    if is_whole:
        with step("Proving the whole ledger", err) as progress:
            yield from proving.whole(_heard(progress))


def told(fault: Fault) -> str:
    """A broken thing in one line: whose, where, what, and what to do."""
    whose = f"{fault.member}: " if fault.member else ""
    return f"{whose}{fault.where} {fault.what}. {_WHAT_TO_DO[fault.mend].format(member=fault.member)}"


def concluded(tally: Tally, faults: int, until: datetime | None) -> int:
    """Says what was found; the exit status."""
    when = f" as of {until.isoformat(timespec='milliseconds')}" if until is not None else ""
    said = f"{tally.accounts:,} accounts and {tally.postings:,} postings are proven{when}"
    if not faults:
        say(f"{said}: nothing is broken.")
        return 0
    more = f", of which the first {TOLD_MAX:,} are named above" if faults > TOLD_MAX else ""
    say(f"{said}; {faults:,} {'thing is' if faults == 1 else 'things are'} broken{more}.")
    return 1


def table(tally: Tally) -> Table:
    """By wallet, in its smallest unit: what members have, and where it came from and went."""
    names = sorted({name for name, _ in tally.club})
    shown = Table("wallet", "outstanding", "in debt", *(_called(name) for name in names), box=None, pad_edge=False)
    for column in shown.columns[1:]:
        column.justify = "right"
    for wallet in dict.fromkeys([*tally.posted, *(wallet for _, wallet in tally.club)]):
        sums = [tally.club.get((name, wallet), 0) for name in names]
        # What was issued left the club: it is told as what it is, and not as less than nothing.
        figures = [-units if name == "issued" else units for name, units in zip(names, sums, strict=True)]
        told_ = (tally.posted.get(wallet, 0), tally.debts.get(wallet, 0), *figures)
        shown.add_row(Text(wallet), *(f"{units:,}" for units in told_))
    return shown


def scanned(backend: Backend) -> Iterator[Account | Fault]:
    """Every account, part by part of the table; what is wrong with a row that is none."""
    for part in range(PARTS):
        for row in backend.scanned("accounts", part, PARTS):
            yield account_if_readable(row) or Fault(row["a"], "account", "cannot be read", "account")


def named(backend: Backend, members: Iterable[str]) -> Iterator[Account | Fault]:
    """As `scanned`, of some members. Raises Trouble for one that is not there."""
    for member in dict.fromkeys(members):
        row = backend.get("accounts", {"a": member})
        if row is None:
            raise Trouble(f"There is no member {member!r} on this stage.")
        yield account_if_readable(row) or Fault(member, "account", "cannot be read", "account")


def instant_of(text: str, laws: Laws, now: datetime) -> datetime:
    """An instant as typed: with an offset, or in the programme's zone; of a day alone, its end. Raises Trouble."""
    try:
        instant = datetime.fromisoformat(text)
        zone = laws.latest().zone
    except ValueError:
        raise Trouble(f"{text!r} is no instant, such as 2026-11-22T10:00:00+02:00.") from None
    except ProgrammeUnknown:
        raise Trouble("No programme is published on this stage: `club publish FILE` does it.") from None
    if len(text) == len("2026-11-22"):
        instant = instant.replace(hour=23, minute=59, second=59, microsecond=999_999)
    instant = instant if instant.tzinfo is not None else instant.replace(tzinfo=zone)
    if instant > now:
        raise Trouble(f"{text} is yet to come: without --as-of, it is as of now.")
    return instant


def _called(account: str) -> str:
    return account.replace("_", " ")


def _heard(progress: Step) -> Heard:
    return lambda rows: progress.update(rows, unit="postings")
