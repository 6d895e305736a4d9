"""What a night costs: the real sweep over 10,000 and over 100,000 synthetic members in memory, counted as AWS would bill it.

`python -m benchmarks.sweep` measures it alone, and writes its chapter into `docs/performance.md`.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import NamedTuple

from benchmarks import report
from benchmarks.figures import Chapter, Figure
from benchmarks.prices import Bill, Item, bill, prices
from benchmarks.shop import CATEGORIES, story
from club.console import out
from club.home import ROOT
from club.up import PROGRAMME
from functions.scheduler.timetable import BY_NAME
from infra.rooms import CLOCKED, ROOMS
from shared.actions.club import Club
from shared.actions.sweep import sweep
from shared.actions.walking import Place
from shared.domain.account import Account
from shared.domain.ledger import Row
from shared.domain.row_bytes import UNIT_READ_BYTES, row_bytes
from shared.domain.rulebook import Rulebook, rulebook
from shared.store import backend
from shared.store.backend import BY_ACCOUNT_ATTRIBUTES, Add, Drop, Put, TableName, Write
from shared.store.laws import Laws, publish
from shared.store.memory import Memory
from shared.store.peppers import Peppers
from shared.store.rows import account_of, account_row
from shared.store.store import Store

MEMBERS = (10_000, 100_000)
# Reading a million accounts once, as DESIGN says.
MILLION_READ_USD_MAX = 0.02
# A page of a scan holds so much; a read that is not strong costs half of a unit for each 4 KB of it.
_PAGE_BYTES, _UNIT_WRITE_BYTES = 1_000_000, 1_024
# The same members in every run, most of whom were here lately: the last purchase was so many days ago.
_BUYERS, _SILENT_DAYS_MAX = 60, 400
_DAY = date(2026, 11, 27)
_WHOLE_PROCESSOR_MB, _ROUND_TRIP_MS = 1_769, 5


@dataclass
class Units:
    """What DynamoDB would bill. `trips`: requests, of which `pages` are of the scan."""

    pages: int = 0
    trips: int = 0
    scan_bytes: int = 0
    scan_units: Decimal = Decimal(0)
    read_units: Decimal = Decimal(0)
    write_units: int = 0
    postings: int = 0


class Metered(Memory):
    """Rows in memory, each read and write of which is weighed by AWS's rule. What a member bought before the first night stands
    once for all who bought the same."""

    def __init__(self, stories: Sequence[Sequence[Row]]) -> None:
        super().__init__()
        self.units = Units()
        self._stories = stories
        self._bought = {str(row["k"]): row for rows in stories for row in rows}

    def get(self, table: TableName, key: backend.Item) -> backend.Item | None:
        row = self._there(table, key)
        self._read([row or {}], Decimal(1))
        return row

    def get_many(self, table: TableName, keys: Sequence[backend.Item]) -> list[backend.Item]:
        rows = [row for row in (self._there(table, key) for key in keys) if row is not None]
        for row in rows:
            self._read([row], Decimal(1))
        # A request asks for a hundred.
        self.units.trips += -(-len(keys) // 100) - len(rows)
        return rows

    def entries(self, account: str, before: int | None, limit: int) -> list[backend.Item]:
        rows = super().entries(account, before, limit)
        story = self._stories[int(account[1:]) % len(self._stories)]
        rows += [{name: row[name] for name in ("k", "n", *BY_ACCOUNT_ATTRIBUTES)} for row in reversed(story)]
        rows = rows[:limit]
        self._read(rows, Decimal("0.5"))
        return rows

    def _there(self, table: TableName, key: backend.Item) -> backend.Item | None:
        row = super().get(table, key)
        return self._bought.get(str(key["k"])) if row is None and table == "ledger" else row

    def listed(self, table: TableName, partition: str) -> list[backend.Item]:
        rows = super().listed(table, partition)
        self._read(rows, Decimal(1))
        return rows

    def scanned(
        self, table: TableName, part: int = 0, parts: int = 1, after: backend.Item | None = None
    ) -> Iterator[backend.Item]:
        held = 0
        for row in super().scanned(table, part, parts, after):
            size = row_bytes(row)
            if held + size > _PAGE_BYTES:
                self._page(held)
                held = 0
            held += size
            yield row
        self._page(held)

    def write(self, puts: Sequence[Write]) -> dict[int, backend.Item]:
        refused = super().write(puts)
        if not refused:
            self.units.trips += 1
            self.units.write_units += sum(self._written(put, len(puts) > 1) for put in puts)
        return refused

    def _written(self, put: Write, is_together: bool) -> int:
        """A transaction writes each row twice; the ledger's index is written once, behind it."""
        size = row_bytes({**put.row, **put.more}) if isinstance(put, Add) else row_bytes(put.row)
        indexed = isinstance(put, Put) and put.table == "ledger" and "a" in put.row
        self.units.postings += isinstance(put, Put) and put.table == "ledger"
        assert not isinstance(put, Drop), "no sweep takes anything away"
        return max(1, -(-size // _UNIT_WRITE_BYTES)) * (2 if is_together else 1) + indexed

    def _read(self, rows: Sequence[backend.Item], each: Decimal) -> None:
        self.units.trips += 1
        self.units.read_units += each * max(1, -(-sum(map(row_bytes, rows)) // UNIT_READ_BYTES))

    def _page(self, held: int) -> None:
        self.units.pages += 1
        self.units.trips += 1
        self.units.scan_bytes += held
        self.units.scan_units += Decimal("0.5") * max(1, -(-held // UNIT_READ_BYTES))


class Night(NamedTuple):
    """One sweep: the members, what it read and wrote, the CPU that it took, and who was due."""

    members: int
    units: Units
    cpu_s: float
    due: int
    bill: Bill


def buyers(book: Rulebook, now: datetime) -> list[tuple[Account, list[Row]]]:
    """Accounts as two years of purchases and a sweep of the night before leave them, and their postings: some bought yesterday,
    some a year ago, and two of three have a category that they like."""
    chance = random.Random(1)  # noqa: S311  # The same buyers in every run.
    made = []
    for number in range(_BUYERS):
        last = now - timedelta(days=1 + min(int(chance.expovariate(1 / 60)), _SILENT_DAYS_MAX))
        joined = Account(member_id(number), last.date(), last_key=f"join#main#J-{number}", language="en")
        favourite = CATEGORIES[number % len(CATEGORIES)] if number % 3 else ""
        made.append(story(joined, book, last, 1 + number % 2, favourite))
    memory = Metered([rows for _, rows in made])
    for account, _ in made:
        memory.write([Put("accounts", account_row(account))])
    club = opened(memory, now - timedelta(days=1))
    sweep(club, "live", [_DAY - timedelta(days=1)], _plenty)
    known = [account_of(row) for row in sorted(memory.scanned("accounts"), key=lambda row: str(row["a"]))]
    posted = sorted(memory.scanned("ledger"), key=lambda row: int(row["n"]))
    return [
        (one, [*rows, *(row for row in posted if row["a"] == one.id)])
        for one, (_, rows) in zip(known, made, strict=True)
    ]


def opened(memory: Metered, now: datetime) -> Club:
    text, numbers = PROGRAMME.read_text("utf-8"), count(1)
    publish(memory, text, now - timedelta(days=1_000), at_once=True)
    peppers = Peppers(json.dumps([{"version": 1, "secret": "5e" * 32}]))
    return Club(Store(memory), Laws(memory, 3_600), peppers, now=lambda: now, new_id=lambda: f"{next(numbers):016d}")


def filled(members: int, buyers: Sequence[Account], memory: Metered) -> None:
    """So many accounts, each like one of the buyers, with a birthday and a joining of its own."""
    chance = random.Random(2)  # noqa: S311  # The same members in every run.
    for number in range(members):
        like = buyers[number % len(buyers)]
        born = date(1980, 1, 1) + timedelta(days=chance.randrange(366))
        account = like._replace(
            id=member_id(number),
            birthday=("gregorian", born.month, born.day),
            joined_on=like.joined_on - timedelta(days=chance.randrange(366)),
        )
        memory.write([Put("accounts", account_row(account))])


def night(members: int) -> Night:
    """The sweep of a usual night: what waited was booked in the night before it."""
    book = rulebook(PROGRAMME.read_text("utf-8"), 1)
    now = datetime(_DAY.year, _DAY.month, _DAY.day, 4, 30, tzinfo=book.zone).astimezone(UTC)
    known = buyers(book, now)
    memory = Metered([rows for _, rows in known])
    club = opened(memory, now)
    filled(members, [account for account, _ in known], memory)
    return _night(club, memory, members, _DAY)


def _night(club: Club, memory: Metered, members: int, day: date) -> Night:
    parts = BY_NAME["sweep"].parts
    memory.units, due = Units(), 0
    began = time.process_time()
    for part in range(parts):
        swept = sweep(club, "live", [day], _plenty, Place(part, parts))
        assert not swept.failed
        due += sum(swept.due.values())
    cpu_s = time.process_time() - began
    return Night(members, memory.units, cpu_s, due, bill(prices(), billed(memory.units, cpu_s)))


def billed(units: Units, cpu_s: float) -> list[Item]:
    """CPU as a share of a processor has it, and the wait for each request."""
    memory_mb = next(room.memory_mb for room in ROOMS if room.name == CLOCKED)
    seconds = Decimal(cpu_s) * _WHOLE_PROCESSOR_MB / memory_mb + Decimal(units.trips * _ROUND_TRIP_MS) / 1000
    return [
        Item("The scan", "read_units", units.scan_units),
        Item("Other reads", "read_units", units.read_units),
        Item("Writes", "write_units", Decimal(units.write_units)),
        Item("Compute", "gb_seconds", seconds * memory_mb / 1024),
    ]


def measured(sizes: Sequence[int] = MEMBERS) -> Chapter:
    began = time.perf_counter()
    one, other = (night(members) for members in sizes)
    figures = [_costs(f"A night of {each.members:,} members", each) for each in (one, other)]
    scan_usd = prices()["read_units"]
    million = float(other.units.scan_units * 1_000_000 / other.members * scan_usd.usd / scan_usd.per)
    grown = other.members / one.members
    figures += [
        Figure("Reading a million accounts once, from the larger", million, "$", MILLION_READ_USD_MAX,
               beside=f"{other.units.scan_bytes / other.members:,.0f} bytes an account"),
        *(Figure(f"Growth of {name}, beside that of members", after / before / grown, "times",
                 beside=f"{before:,.0f} to {after:,.0f}, {grown:,.0f} times the members")
          for name, before, after in (
              ("the scan's read units", float(one.units.scan_units), float(other.units.scan_units)),
              ("other read units", float(one.units.read_units), float(other.units.read_units)),
              ("write units", one.units.write_units, other.units.write_units),
              ("CPU", one.cpu_s * 1000, other.cpu_s * 1000),
          )),
    ]  # fmt: skip
    took = time.perf_counter() - began
    return Chapter(
        "A night",
        f"The real sweep under the demo programme, {BY_NAME['sweep'].parts} parts, over members in memory as two years of "
        f"purchases and the night before leave them ({_BUYERS} kinds of buyer, the last purchase up to {_SILENT_DAYS_MAX} days "
        "ago, birthdays over the year). Units by AWS's rule from the rows' own bytes: pages of 1 MB, 4 KB a read unit and half "
        "of that for a scan, 1 KB a write unit and twice that in a transaction, one more for the index. Other reads: purchases "
        "of those whom an automation asks what they bought, and accounts of those who are due. Compute: the CPU of this run as a "
        f"share of a processor has it, and {_ROUND_TRIP_MS} ms for each request. Messages are not in it. All of it took "
        f"{took:,.0f} s.",
        tuple(figures),
    )  # fmt: skip


def _costs(name: str, night: Night) -> Figure:
    units = night.units
    told = (
        f"{units.pages:,} pages, {units.scan_units:,.0f} read units of the scan and {units.read_units:,.0f} of other reads, "
        f"{night.due:,} due, {units.postings:,} postings, {units.write_units:,} write units, {night.cpu_s:,.1f} s of CPU"
    )
    return Figure(name, float(night.bill.usd), "$", beside=told)


def member_id(number: int) -> str:
    return f"M{number:016d}"


def _plenty() -> float:
    return 600.0


def main() -> None:
    chapter = measured()
    report.show([chapter], out)
    page = ROOT / "docs" / "performance.md"
    page.write_text(report.with_chapter(page.read_text("utf-8"), chapter), "utf-8")


if __name__ == "__main__":
    main()
