"""`club statement`: a member's story in the terminal, from the first posting on, with the balance after each and every reason."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from club import aws
from club.console import Trouble, say
from club.programme import Stage
from club.store import tables
from shared.api.member_answers import statement_answer
from shared.domain.account import Account, Purse
from shared.domain.errors import ProgrammeUnknown
from shared.domain.ledger import Row, unpacked
from shared.domain.lots import lapsed
from shared.domain.rebuilding import Books, instant, number, posted_by
from shared.domain.rulebook import Rulebook
from shared.domain.tables import MAIN_WALLET
from shared.domain.voice import LANGUAGES
from shared.store import keys
from shared.store.laws import Laws
from shared.store.store import Store


def statement(
    member: Annotated[str, typer.Argument(help="The member's id.", show_default=False)],
    language: Annotated[
        str | None, typer.Option(help=f"One of {', '.join(LANGUAGES)}; without it, the member's own.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="As GET /v1/members/{id}/statement answers, oldest first.")
    ] = False,
    stage: Stage = aws.LOCAL,
) -> None:
    """Print a member's story: each posting, the balance after it, and the reason for every point."""
    if language is not None and language not in LANGUAGES:
        raise Trouble(f"The club speaks {', '.join(LANGUAGES)}, not {language!r}.")
    backend = tables(stage)
    store, laws = Store(backend), Laws(backend, seconds=60)
    account = store.account(member)
    if account is None:
        raise Trouble(f"There is no member {member!r} on the stage {stage}.")
    try:
        book = laws.latest()
        rows = store.story(account)
        if as_json:
            say(
                json.dumps(answered(account, rows, book, laws.version, language, datetime.now(UTC)), ensure_ascii=False)
            )
            return
        for line in told(account, rows, book, laws.version, language, datetime.now(UTC)):
            say(line)
    except ProgrammeUnknown:
        raise Trouble("A version of the programme that postings name is not on this stage.") from None


def answered(
    account: Account, rows: Sequence[Row], book: Rulebook, book_of: Books, language: str | None, now: datetime
) -> dict[str, Any]:
    """The statement as the API answers it, all of it, oldest first, in a language of choice."""
    if language is not None:
        account = account._replace(language=language)
        rows = [{name: value for name, value in row.items() if name != "la"} for row in rows]
    gone = lapsed(account.lots, now.astimezone(book.zone).date())
    return dict(statement_answer(account, list(rows), gone, None, book_of, lambda row: keys.parts(str(row["k"]))))


def told(
    account: Account, rows: Sequence[Row], book: Rulebook, book_of: Books, language: str | None, now: datetime
) -> Iterator[str]:
    """Line by line. Figures have lines of their own: a terminal reorders what stands beside right-to-left text."""
    answer = answered(account, rows, book, book_of, language, now)
    yield f"{account.id}: {len(rows):,} postings. Times are {book.zone.key}'s, amounts in each wallet's smallest unit."
    balances: dict[str, int] = {}
    for row, entry in zip(rows, answer["entries"], strict=True):
        at = instant(row, "o" if "o" in row else "t").astimezone(book.zone)
        posted = posted_by(row)
        for wallet, units in posted.items():
            balances[wallet] = balances.get(wallet, 0) + units
        changes = [f"{wallet} {units:+,} = {balances[wallet]:,}" for wallet, units in posted.items() if units]
        yield ""
        yield f"{number(row, 'n'):>4}  {at:%Y-%m-%d %H:%M}  {entry['kind']:<10}  {'  '.join(changes) or 'no points'}"
        yield f"      {row['k']!s}"
        yield f"      {entry['reason']}"
        yield from (f"      • {reason}" for reason in entry["reasons"])
        yield from (f"      • {line}" for line in _corrected(row))
    yield ""
    yield from _standing(account, book, now)


def _corrected(row: Row) -> Iterator[str]:
    """What a correction makes of earlier postings, by their number."""
    if row["c"] == "difference":
        yield from (f"{sequence}: {more:+,}" for sequence, more in unpacked(row["z"]))


def _standing(account: Account, book: Rulebook, now: datetime) -> Iterator[str]:
    """How the account stands today: what can be used, what waits, what is held, what has lapsed and is not booked yet."""
    today = now.astimezone(book.zone).date()
    purses = {MAIN_WALLET: Purse(account.posted, account.lots), **account.purses}
    for wallet, purse in purses.items():
        stands = purse.on(today, account.held(wallet))
        parts = {"pending": stands.pending, "held": stands.held, "lapsed": stands.lapsed}
        more = "".join(f", {units:,} {name}" for name, units in parts.items() if units)
        yield f"{wallet}: {stands.posted:,}, of which {stands.available:,} available{more}"
        yield from (f"      {lot.points:,} from {lot.usable_on} to {lot.expires_on or '…'}" for lot in purse.lots)
