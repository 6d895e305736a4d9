"""What closing a month takes: the real count over 100,000 and over 1,000,000 synthetic members in memory, as AWS would bill it.

`python -m benchmarks.month` measures it alone, and writes its chapter into `docs/performance.md`.
"""

from __future__ import annotations

import random
import time
import tracemalloc
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from benchmarks import report
from benchmarks.figures import Chapter, Figure
from benchmarks.prices import Bill, bill, prices
from benchmarks.sweep import Metered, Units, billed, opened
from club.console import out
from club.home import ROOT
from shared.actions.count_parts import census_of_parts, count_part
from shared.domain.census import Census, Line
from shared.domain.months import Month, report_of_month
from shared.domain.owed import Owed
from shared.store import keys
from shared.store.backend import Item, TableName
from shared.store.census import PAGE_LINES_MAX, put_page

MEMBERS = (100_000, 1_000_000)
# A large club's stage says how many `parts` there are; the memory of counting one grows with its members, and nothing else does.
PART_MEMBERS = 25_000
# Of a line in memory there would be 600: what closing holds of each member is money, packed, and of parts a piece each.
BYTES_MAX = 20.0
_LAST = date(2026, 10, 31)
_NOW = datetime(2026, 11, 3, 8, tzinfo=UTC)


class Kept(Metered):
    """Rows are handed out as copies, so that what a reader holds is seen to be held."""

    def listed(self, table: TableName, partition: str) -> list[Item]:
        return [
            {**row, "z": bytes(bytearray(row["z"]))} if "z" in row else row for row in super().listed(table, partition)
        ]


class Closed(NamedTuple):
    """`peak_bytes`: the most that was in memory at once beyond what was there before, of a part and of the month."""

    members: int
    rows: int
    parts: tuple[Units, float]
    month: tuple[Units, float]
    peak_bytes: tuple[int, int]
    bill: Bill


def lines(members: int, seed: int) -> list[Line]:
    """The same members in every run: one of seven never bought, the others as often and as much as chance has it."""
    chance, end, found = random.Random(seed), _LAST.toordinal(), []  # noqa: S311
    for _ in range(members):
        joined = end - chance.randrange(1_500)
        if not chance.randrange(7):
            found.append(Line(joined))
            continue
        last = max(joined, end - int(chance.expovariate(1 / 120)))
        first = max(joined, last - int(chance.expovariate(1 / 200)))
        purchases = 1 + int(chance.expovariate(1 / 4))
        within = min(purchases, 1 + int(chance.expovariate(1 / 3))) if last > end - 365 else 0
        year = int(chance.lognormvariate(9.5, 1.1)) if within else 0
        ever = year + (int(chance.lognormvariate(9.5, 1.1)) if purchases > within else 0)
        months = 1 | sum(1 << chance.randrange(36) for _ in range(purchases - 1))
        found.append(Line(
            joined, first, last, purchases, purchases, ever, within, year, year * 2 // 5, int(last > end - 31), months,
            last > end - 396, False,
        ))  # fmt: skip
    return found


def walked(members: int, parts: int, memory: Metered) -> None:
    """The pages as the census leaves them: of each, what is owed is the same."""
    owed: Owed = {
        ("curve", str(month), str(age), "used"): 7 * age for month in range(24_300, 24_322) for age in range(22)
    }
    each = members // parts
    for part in range(parts):
        after = ""
        for at in range(0, each, PAGE_LINES_MAX):
            some = lines(min(PAGE_LINES_MAX, each - at), part * 1_000_003 + at)
            on = f"M{part:04d}{at:012d}" if at + PAGE_LINES_MAX < each else None
            page = Census(tuple(some), dict.fromkeys(range(1, 200), 9), owed)
            put_page(memory, "live", f"{_LAST:%Y-%m}", part, parts, after, page, on, _NOW)
            after = on or ""


def closed(members: int) -> Closed:
    """Twice: once for the time, once for the memory, since who watches memory is slow."""
    memory, parts = Kept([]), max(1, members // PART_MEMBERS)
    club = opened(memory, _NOW)
    walked(members, parts, memory)

    def month() -> Any:
        census = census_of_parts(club, "live", _LAST, parts)
        return report_of_month(Month(_LAST.replace(day=1), _LAST, census, {}, "USD"))

    peaks = []
    taken = []
    for count in (lambda: [count_part(club, "live", _LAST, part, parts) for part in range(parts)], month):
        memory.units, began = Units(), time.process_time()
        count()
        taken.append((replace(memory.units), time.process_time() - began))
    for count in (lambda: count_part(club, "live", _LAST, 0, parts), month):
        tracemalloc.start()
        count()
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    pages = {keys.census_of("live", f"{_LAST:%Y-%m}", part, parts) for part in range(parts)}
    rows = sum(1 for row in memory.scanned("club") if _is_of_census(row) and row["kind"] not in pages)
    (counting, cpu_s), (closing, more_s) = taken
    items = [*billed(counting, cpu_s), *billed(closing, more_s)]
    return Closed(members, rows, taken[0], taken[1], (peaks[0], peaks[1]), bill(prices(), items))


def _is_of_census(row: Item) -> bool:
    return str(row["kind"]).startswith("census#")


def measured(sizes: Sequence[int] = MEMBERS) -> Chapter:
    began = time.perf_counter()
    one, other = (closed(members) for members in sizes)
    more = other.members - one.members
    (part, month), (part_before, month_before) = other.peak_bytes, one.peak_bytes
    figures = [_costs(f"A month of {each.members:,} members", each) for each in (one, other)]
    figures += [
        Figure("Memory of closing, for each member more", (month - month_before) / more, "bytes", BYTES_MAX,
               beside=f"{_mb(month_before)} to {_mb(month)}, {other.members // one.members:,} times the members"),
        Figure("Memory of counting a part, beside that of the smaller club", part / part_before, "times",
               beside=f"{_mb(part_before)} and {_mb(part)}, {PART_MEMBERS:,} members each"),
        Figure("CPU of counting the parts, a million members", other.parts[1] * 1_000_000 / other.members, "s",
               beside="side by side, in the census' own messages"),
        Figure("CPU of closing, a million members", other.month[1] * 1_000_000 / other.members, "s",
               beside="in one message"),
        Figure("Growth of CPU, beside that of members",
               (other.parts[1] + other.month[1]) / (one.parts[1] + one.month[1]) * one.members / other.members, "times"),
    ]  # fmt: skip
    took = time.perf_counter() - began
    return Chapter(
        "A month",
        f"The real count of a census over synthetic members, {PART_MEMBERS:,} to a part, from pages in memory: each part, "
        "then the month from all parts, with ranks, shares and scores of all members. Units by AWS's rule from the rows' own "
        "bytes, compute as of a night. Taking the census, which reads each member's history, is not in it. Memory: the most at "
        f"once, as `tracemalloc` saw it. All of it took {took:,.0f} s.",
        tuple(figures),
    )  # fmt: skip


def _costs(name: str, of: Closed) -> Figure:
    (counting, cpu_s), (closing, more_s) = of.parts, of.month
    told = (
        f"{of.rows:,} rows of counts; parts: {counting.read_units:,.0f} read and {counting.write_units:,} write units, "
        f"{cpu_s:,.1f} s of CPU; month: {closing.read_units:,.0f} read units, {more_s:,.1f} s"
    )
    return Figure(name, float(Decimal(of.bill.usd)), "$", beside=told)


def _mb(many: int) -> str:
    return f"{many / 1_000_000:,.1f} MB"


def main() -> None:
    chapter = measured()
    report.show([chapter], out)
    page = ROOT / "docs" / "performance.md"
    page.write_text(report.with_chapter(page.read_text("utf-8"), chapter), "utf-8")


if __name__ == "__main__":
    main()
