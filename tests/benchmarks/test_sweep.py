"""What is counted as a night is one: the real sweep, each member once, and units by AWS's rule."""

from __future__ import annotations

from decimal import Decimal

from benchmarks.figures import Chapter, Figure
from benchmarks.report import with_chapter
from benchmarks.sweep import Metered, night
from shared.store.backend import Put


def test_a_night_reads_each_member_once_and_costs_what_its_lines_come_to() -> None:
    told = night(200)
    units = told.units
    assert told.members == 200
    assert units.pages == 8
    # A scan of less than a page costs half a unit for each 4 KB begun, in each of the parts.
    assert Decimal(units.scan_bytes) / 8192 <= units.scan_units <= Decimal(units.scan_bytes) / 8192 + 4
    assert 400 < units.scan_bytes / 200 < 1_024
    assert told.due > 0
    assert units.postings >= told.due
    assert units.write_units >= 5 * told.due
    assert told.bill.usd == sum(usd for _, usd in told.bill.lines)


def test_units_are_those_that_aws_bills() -> None:
    memory = Metered([[]])
    row = {"k": "due#x", "a": "M0000000000000001", "n": 1, "z": b"x" * 900}
    memory.write([Put("ledger", row), Put("accounts", {"a": "M0000000000000001", "z": b"x" * 1_100})])
    # Two for a kilobyte in a transaction, four for two, one for the index.
    assert (memory.units.write_units, memory.units.postings, memory.units.trips) == (7, 1, 1)
    memory.write([Put("accounts", {"a": "M0000000000000002"})])
    assert memory.units.write_units == 8
    memory.get("accounts", {"a": "M0000000000000003"})
    assert memory.units.read_units == 1
    for number in range(1_000):
        memory.write([Put("accounts", {"a": f"M{number:016d}", "z": b"x" * 2_000})])
    list(memory.scanned("accounts"))
    assert memory.units.pages == 3
    assert memory.units.scan_units == sum(
        Decimal("0.5") * -(-held // 4096) for held in (495 * 2_019, 495 * 2_019, 10 * 2_019)
    )


def test_a_chapter_takes_the_place_of_the_older_one_and_nothing_else_changes() -> None:
    page = "# Performance\n\n## One\n\nold\n\n## Prices\n\nend\n"
    chapter = Chapter("A night", "How.", (Figure("Members", 5),))
    added = with_chapter(page, chapter)
    assert added.startswith("# Performance\n\n## One\n\nold\n\n## A night\n\nHow.\n")
    assert added.endswith("\n\n## Prices\n\nend\n")
    assert with_chapter(added, chapter) == added
    changed = with_chapter(added, Chapter("A night", "Otherwise.", ()))
    assert "Otherwise." in changed
    assert "How." not in changed
    assert changed.endswith("## Prices\n\nend\n")
