"""An account made again of its postings: each row says what it changes, and the changes are applied in their sequence.

What the ledger never holds is taken from the account itself: language, birthday, attributes and source, which are the person's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta

from shared.domain.account import NOWHERE, Account, Waiting
from shared.domain.changes import Change, Figure, PurseChange, applied
from shared.domain.decide import achievement_period, lot_of, merging_day, place, used_after
from shared.domain.goals import goal_units
from shared.domain.lapsing import released
from shared.domain.ledger import LedgerBroken, Row, legs_of, unpacked, verify
from shared.domain.lots import Lot
from shared.domain.packing import change_in, figures_in, lots_in, standings_in, waiting_in
from shared.domain.reasons import ACHIEVEMENT_RULE
from shared.domain.rulebook import Rulebook
from shared.domain.tables import MAIN_WALLET

Books = Callable[[int], Rulebook]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def rebuilt(rows: Iterable[Row], book_of: Books, facts: Account | None = None) -> Account:
    """The account after these postings, which begin with its first. `facts` is the stored account, for what is the person's.

    Raises LedgerBroken when there are none.
    """
    account: Account | None = None
    for row in rows:
        book = book_of(number(row, "v"))
        account = _opened(row, book, facts) if account is None else advanced(account, row, book)
        account = account._replace(sequence=number(row, "n"), last_key=str(row["k"]), last_hash=digest_of(row))
    if account is None:
        raise LedgerBroken("there are no postings")
    return account


def proven(account: Account, rows: list[Row], book_of: Books) -> None:
    """Checks the chain, the legs and the balances, and that the account is bit for bit what its postings make of it.

    Raises LedgerBroken with the first difference.
    """
    verify(account, rows)
    again = rebuilt(rows, book_of, account)
    for name, held, made in zip(Account._fields, account, again, strict=True):
        if name != "unknown" and held != made:
            raise LedgerBroken(f"{account.id}: {name} is {held!r}, the postings make {made!r}")


def advanced(account: Account, row: Row, book: Rulebook) -> Account:
    """The account after one more of its postings."""
    recorded = instant(row, "t")
    account = released(account, recorded.astimezone(book.zone).date(), number(row, "t"))
    return applied(account, change_of(row, book, account))


def change_of(row: Row, book: Rulebook, before: Account) -> Change:
    """What a row says that it changes, read under the version of the programme that decided it."""
    key = str(row["k"])
    happened = "o" in row and row["c"] in ("purchase", "event", "return")
    newest = place(instant(row, "o"), key) if happened else NOWHERE
    told = unpacked(row["x"]) if "x" in row else {}
    posted = posted_by(row)
    if row["c"] not in ("purchase", "event"):
        day = instant(row, "t").astimezone(book.zone).date()
        if happened:
            day = instant(row, "o").astimezone(book.zone).date()
        return change_in(told, merging_day(before, day, book) if happened else day, posted, newest)
    on = instant(row, "o").astimezone(book.zone).date()
    day = merging_day(before, on, book)
    figures = figures_of(row, book)
    times, points = figures[0].purchases, figures[0].points
    given = unpacked(row["y"]) if "y" in row else {}
    used = used_after(before.used, given, on, book) | _reached(row, before, on, book)
    if "of" in row:
        from shared.domain.offers import used_after_offers

        used |= used_after_offers(before, [one[0] for one in unpacked(row["of"])], on, book)
    moves: tuple[Lot, ...] = (_lot(row, points),) if points and "u" in row else ()
    moves += lots_in(told.get("l", {}).get(MAIN_WALLET, []))
    return Change(
        day,
        posted.get(MAIN_WALLET, 0),
        moves,
        _purses(row, posted, on, book),
        figures,
        {str(row["k"]).rpartition("!")[2].split("#")[1]: 1} if times else {},
        used,
        standings_in(told["s"]) if "s" in told else None,
        newest=newest,
    )


def figures_of(row: Row, book: Rulebook) -> tuple[Figure, ...]:
    """What a row adds to the figures of days."""
    if row["c"] not in ("purchase", "event"):
        return figures_in(unpacked(row["x"])) if "x" in row else ()
    points = unpacked(row["d"])[0]
    times, spend_minor = (1, unpacked(row["s"])[0]) if row["c"] == "purchase" else (0, 0)
    on = instant(row, "o").astimezone(book.zone).date()
    return (Figure(on, times, spend_minor, points, points if book.counts_points_by_day else 0),)


def posted_by(row: Row) -> dict[str, int]:
    """What a row's legs add to its account, by wallet."""
    posted: dict[str, int] = {}
    for leg in legs_of(row):
        name, _, wallet = leg.account.partition("/")
        if name == row["a"]:
            posted[wallet or MAIN_WALLET] = posted.get(wallet or MAIN_WALLET, 0) + leg.points
    return posted


def instant(row: Row, name: str) -> datetime:
    """A row's `o` or `t`."""
    return _EPOCH + timedelta(milliseconds=number(row, name))


def number(row: Row, name: str) -> int:
    value = row[name]
    assert isinstance(value, int), f"{name} of a row is a whole number"
    return value


def digest_of(row: Row) -> bytes:
    digest = row["h"]
    assert isinstance(digest, bytes)
    return digest


def _opened(row: Row, book: Rulebook, facts: Account | None) -> Account:
    """The account of a first posting: a joining, or what else begins one."""
    fresh = Account(str(row["a"]), instant(row, "o" if "o" in row else "t").astimezone(book.zone).date())
    if facts is not None:
        fresh = fresh._replace(
            language=facts.language,
            birthday=facts.birthday,
            attributes=facts.attributes,
            source=facts.source,
            unknown=facts.unknown,
        )
    if "gc" in row:
        from shared.domain.certificates import attributes_of

        fresh = fresh._replace(attributes=attributes_of(*unpacked(row["gc"])))
    return fresh if row["c"] == "join" else advanced(fresh, row, book)


def _lot(row: Row, points: int) -> Lot:
    usable_on, expires_on = unpacked(row["u"])
    return Lot(date.fromisoformat(usable_on), date.fromisoformat(expires_on) if expires_on else None, points)


def _purses(row: Row, posted: dict[str, int], on: date, book: Rulebook) -> dict[str, PurseChange]:
    """What a purchase or an event changed in other wallets. A row of an older release does not say where the lots went."""
    changes = {}
    for name, (given, _balance, _completed, *more) in (unpacked(row["w"]) if "w" in row else {}).items():
        moved = lots_in(more[0]) if more else (lot_of(on, given, book.wallet(name), book),) if given else ()
        done, waiting = 0, tuple[Waiting, ...]()
        if len(more) > 1:
            done, waiting = more[1], waiting_in(more[2])
        elif spent := given - posted.get(name, 0):
            done = spent // goal_units(book.wallet(name))
        changes[name] = PurseChange(posted.get(name, 0), moved, done, waiting)
    return changes


def _reached(row: Row, before: Account, on: date, book: Rulebook) -> dict[str, dict[str, tuple[int, int]]]:
    """The achievements that a posting's reasons tell of, as counters."""
    reached = {}
    for reason in unpacked(row["e"]) if "e" in row else ():
        if isinstance(reason, list) and isinstance(reason[0], str) and reason[0].startswith(ACHIEVEMENT_RULE):
            one = next(one for one, _ in book.achievements if ACHIEVEMENT_RULE + one.id == reason[0])
            units = int(one.points * 10 ** book.decimals(one.wallet))
            reached[reason[0]] = {**before.used.get(reason[0], {}), achievement_period(one, on): (1, units)}
    return reached
