"""`club export --ledger`: all postings for an outside double-entry tool, which can then work out every balance by itself.

It is streamed account by account. Balances that the tool is to check are those that are stored, so that it proves more than that
the legs of each posting balance.
"""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, NamedTuple, TextIO
from zlib import crc32

import typer

from club import aws
from club.console import Trouble, err, step
from club.programme import Stage
from club.statement import answered
from club.store import tables
from club.verify import scanned
from shared.actions.prove_ledger import Fault, postings_of
from shared.domain.account import Account
from shared.domain.errors import ProgrammeUnknown
from shared.domain.ledger import Leg, Row, legs_of
from shared.domain.rebuilding import instant, number
from shared.domain.tables import MAIN_WALLET
from shared.store.laws import Laws
from shared.store.store import Store

_COLUMNS = ("sequence", "key", "kind", "recorded_at", "member", "account", "wallet", "units", "reason")
# A cell that begins so is a formula for a spreadsheet (X9). Amounts are numbers and no text.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
# What beancount lets a commodity be called at most.
_COMMODITY_LENGTH_MAX = 24
_HEAD = (
    "; The ledger as the members see it: what they have stands in Assets, where it came from and went in Equity.",
    "; Amounts are in each wallet's smallest unit. `bean-check` works every balance out and compares it with the stored one.",
    'option "title" "Ledger"',
)
# Before any club: the club's own accounts were always there.
_LONG_AGO = "1970-01-01"


class Told(NamedTuple):
    """An account with its postings in their sequence, and the reason of each."""

    account: Account
    rows: Sequence[Row]
    reasons: Sequence[str]


def export(
    ledger: Annotated[bool, typer.Option("--ledger", help="All postings of all members, with all their legs.")] = False,
    form: Annotated[str, typer.Option("--format", help="beancount or csv.")] = "beancount",
    path: Annotated[Path | None, typer.Option("--out", help="A file; without one, standard output.")] = None,
    stage: Stage = aws.LOCAL,
) -> None:
    """Write the ledger for an outside double-entry tool: each posting with its legs, and each balance for the tool to check."""
    if not ledger:
        raise Trouble("Say what is to be written: --ledger is all that there is.")
    if form not in _FORMS:
        raise Trouble(f"There is no format {form!r}; there are {', '.join(_FORMS)}.")
    backend = tables(stage)
    try:
        with ExitStack() as stack:
            to = stack.enter_context(path.open("w", encoding="utf-8", newline="")) if path is not None else sys.stdout
            progress = stack.enter_context(step("Writing the ledger", err))
            written = 0
            for told in _FORMS[form](to, stories(Store(backend), Laws(backend, seconds=60), scanned(backend))):
                written += len(told.rows)
                progress.update(written, unit="postings")
    except OSError as fault:
        raise Trouble(f"The ledger cannot be written: {fault}.") from None
    except ProgrammeUnknown:
        raise Trouble("A version of the programme that postings name is not on this stage.") from None


def stories(store: Store, laws: Laws, accounts: Iterable[Account | Fault]) -> Iterator[Told]:
    """Each account with the postings that it had when it was read. Raises Trouble for one that cannot be read."""
    book = laws.latest()
    language = book.programme.club.languages[0]
    for account in accounts:
        if isinstance(account, Fault):
            raise Trouble(f"The account {account.member} cannot be read: `club verify` says what to do.")
        rows = sorted(postings_of(store, account), key=lambda row: number(row, "n"))
        rows = [row for row in rows if number(row, "n") <= account.sequence]
        entries = answered(account, rows, book, laws.version, language, datetime.now(UTC))["entries"]
        yield Told(account, rows, [entry["reason"] for entry in entries])


def as_beancount(to: TextIO, told: Iterable[Told]) -> Iterator[Told]:
    """A transaction for each posting, an account for each member and for each of the club's own, a commodity for each wallet."""
    print(*_HEAD, sep="\n", file=to)
    opened = set[str]()
    for one in told:
        _account(to, one, opened)
        yield one


def _account(to: TextIO, told: Told, opened: set[str]) -> None:
    account, rows, reasons = told
    name = f"Assets:Members:{_component(account.id)}"
    first = min((_day(row) for row in rows), default=_LONG_AGO)
    print(f"\n{first} open {name}", file=to)
    for row, reason in zip(rows, reasons, strict=True):
        lines = [f"{_day(row)} * {_text(row['c'])} {_text(row['k'])}"]
        lines += [f"  sequence: {number(row, 'n')}", f"  reason: {_text(reason)}"]
        for leg in legs_of(row):
            named, wallet = _placed(leg)
            place = name if named == account.id else f"Equity:{_component(named)}"
            lines.append(f"  {place}  {leg.points} {commodity(wallet)}")
            if place != name and place not in opened:
                opened.add(place)
                print(f"\n{_LONG_AGO} open {place}", file=to)
        print("", *lines, sep="\n", file=to)
    # Beancount compares a balance as the day begins.
    eve = max((instant(row, "t") for row in rows), default=datetime.now(UTC)) + timedelta(days=1)
    print(file=to)
    for wallet, posted in (
        (MAIN_WALLET, account.posted),
        *((key, purse.posted) for key, purse in account.purses.items()),
    ):
        print(f"{eve:%Y-%m-%d} balance {name}  {posted} {commodity(wallet)}", file=to)


def as_csv(to: TextIO, told: Iterable[Told]) -> Iterator[Told]:
    """A line for each leg; a posting without one has a line with nothing."""
    writer = csv.writer(to, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for one in told:
        for row, reason in zip(one.rows, one.reasons, strict=True):
            for leg in legs_of(row) or (Leg(one.account.id, 0),):
                named, wallet = _placed(leg)
                at = instant(row, "t").isoformat(timespec="milliseconds")
                texts = (row["k"], row["c"], at, one.account.id, named, wallet)
                writer.writerow((number(row, "n"), *map(cell, texts), leg.points, cell(reason)))
        yield one


_FORMS: dict[str, Callable[[TextIO, Iterable[Told]], Iterator[Told]]] = {"beancount": as_beancount, "csv": as_csv}


def commodity(wallet: str) -> str:
    """A wallet as beancount names it. Ids of wallets are small letters, digits and hyphens.

    >>> commodity("points"), commodity("cash-back"), commodity("7"), commodity("a-wallet-with-a-very-long-name")
    ('POINTS', 'CASH-BACK', 'W7', 'A-WALLET-WITH-A-FC4DFD2A')
    """
    name = wallet.upper()
    name = name if name[0].isalpha() and len(name) > 1 else f"W{name}"
    if len(name) <= _COMMODITY_LENGTH_MAX and name[-1] != "-":
        return name
    # What is cut off still tells two wallets apart.
    return f"{name[:15]}-{crc32(wallet.encode()):08X}"


def cell(value: Any) -> str:
    """A text as a cell that no spreadsheet takes for a formula.

    >>> cell("=1+1"), cell("M1")
    ("'=1+1", 'M1')
    """
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _placed(leg: Leg) -> tuple[str, str]:
    name, _, wallet = leg.account.partition("/")
    return name, wallet or MAIN_WALLET


def _component(name: str) -> str:
    """A name as a part of an account's: letters, digits and hyphens, the first of them large."""
    return "-".join(word.capitalize() if word.islower() else word for word in re.split("[^A-Za-z0-9]+", name) if word)


def _day(row: Row) -> str:
    return f"{instant(row, 't'):%Y-%m-%d}"


def _text(value: Any) -> str:
    return json.dumps(" ".join(str(value).split()), ensure_ascii=False)
