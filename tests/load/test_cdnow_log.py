"""The published CDNOW log: its sums, its row numbers in sample and whole, its days moved to end yesterday."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from club.load import cdnow
from club.load.problems import DataMissing


@pytest.fixture(scope="module")
def place() -> Path:
    return cdnow.folder()


def raw(place: Path, name: str) -> list[list[str]]:
    """The file read in another way than the product does: bytes, from behind, no header."""
    rows = [line.decode().split() for line in (place / name).read_bytes().split(b"\r\n")]
    return [row for row in rows if row and row[0].isdigit()]


def test_the_whole_log_has_the_published_counts_and_money(place: Path) -> None:
    rows = cdnow.rows(place, "all")
    assert len(rows) == 69_659
    assert len({row.customer for row in rows}) == 23_570
    assert sum(row.amount_minor for row in rows) == 250_031_563
    assert sum(row.amount_minor == 0 for row in rows) == 80
    assert (min(row.day for row in rows), max(row.day for row in rows)) == (date(1997, 1, 1), cdnow.LAST_DAY)


def test_the_money_agrees_with_a_sum_of_the_files_digits(place: Path) -> None:
    cents = sum(int(row[-1].replace(".", "")) for row in raw(place, cdnow.MASTER))
    assert cents == sum(row.amount_minor for row in cdnow.rows(place, "all"))
    cents = sum(int(row[-1].replace(".", "")) for row in raw(place, cdnow.SAMPLE))
    assert cents == sum(row.amount_minor for row in cdnow.rows(place, "sample")) == 24_409_194


def test_every_row_of_the_whole_log_stands_under_its_own_number(place: Path) -> None:
    master = raw(place, cdnow.MASTER)
    rows = cdnow.rows(place, "all")
    assert sorted(row.number for row in rows) == list(range(1, 69_660))
    for row in rows:
        customer, day, cds, dollars = master[row.number - 1]
        assert (row.customer, row.day.strftime("%Y%m%d"), row.cds) == (customer, day, int(cds))
        assert f"{row.amount_minor // 100}.{row.amount_minor % 100:02d}" == dollars


def test_the_samples_rows_are_the_masters_rows_one_by_one_duplicates_too(place: Path) -> None:
    """Row k of the sample's file is the purchase that we number as the master does: same customer, day, CDs and price."""
    published = raw(place, cdnow.SAMPLE)
    ours = cdnow.rows(place, "sample")
    assert len(ours) == len(published) == 6_919
    assert len({row.number for row in ours}) == 6_919
    master = raw(place, cdnow.MASTER)
    assert [[row[0], *row[2:]] for row in published] == [master[row.number - 1] for row in ours]
    equal_rows = sum(count - 1 for count in Counter(tuple(row[1:]) for row in ours).values())
    assert equal_rows == 21
    # No purchase of a sample's customer is left out, so no choice was made between equal rows.
    customers = {row.customer for row in ours}
    assert len(customers) == 2_357
    assert sum(row[0] in customers for row in master) == 6_919


def test_sample_and_whole_begin_with_the_same_purchase(place: Path) -> None:
    first, whole = cdnow.rows(place, "sample")[0], cdnow.rows(place, "all")[0]
    assert first == whole == cdnow.rows(place, "sample", customers_max=1)[0]


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Jerusalem", "Pacific/Kiritimati"])
def test_the_moved_log_ends_yesterday_in_any_zone(place: Path, zone: str) -> None:
    there, today = ZoneInfo(zone), date(2026, 11, 22)
    moved = list(cdnow.purchases(cdnow.rows(place, "sample"), "main", there, cdnow.shift_days(today)))
    days = [each.at.astimezone(there).date() for each in moved]
    assert max(days) == date(2026, 11, 21)
    assert (max(days) - min(days)).days == (date(1998, 6, 30) - date(1997, 1, 1)).days


def test_as_dated_keeps_1997_and_1998(place: Path) -> None:
    rows = cdnow.rows(place, "sample", customers_max=50)
    dated = cdnow.purchases(rows, "main", cdnow.ZONE, 0)
    assert [each.at.astimezone(cdnow.ZONE).date() for each in dated] == [row.day for row in rows]


def test_a_row_becomes_one_line_of_cds(place: Path) -> None:
    row = cdnow.Row(7, "00003", date(1997, 1, 2), 2, 2_076)
    (planned,) = cdnow.purchases([row], "main", ZoneInfo("UTC"), 0)
    assert json.loads(planned.body) == {
        "store": "main",
        "purchase_id": "7",
        "card": "CDNOW-00003",
        "occurred_at": "1997-01-02T12:00:00+00:00",
        "currency": "USD",
        "channel": "web",
        "lines": [{"sku": "CD", "category": "music", "quantity": 2, "amount_minor": 2_076}],
        "total_minor": 2_076,
    }
    assert planned.line == 8


def test_the_move_is_read_back_from_one_purchase_of_the_club() -> None:
    row = cdnow.Row(7, "00003", date(1997, 1, 2), 2, 2_076)
    for zone in (cdnow.ZONE, ZoneInfo("Asia/Tokyo")):
        for shift in (0, 10_371, 10_500):
            assert cdnow.shift_of(cdnow.instant(row.day, zone, shift), row, zone) == shift
    assert cdnow.shift_of(datetime(2026, 1, 1, 9, tzinfo=UTC), row, ZoneInfo("UTC")) is None


def test_the_files_are_found_where_club_data_says_and_must_be_the_published_bytes(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.path", [])
    nowhere = str(tmp_path)
    with pytest.raises(DataMissing, match="not installed"):
        cdnow.folder({}, prefix=nowhere)
    assert cdnow.folder({"CLUB_DATA": str(place)}, prefix=nowhere) == place
    assert cdnow.folder({"CLUB_DATA": str(place.parent.parent)}, prefix=nowhere) == place
    for name in cdnow.SHA256:
        (tmp_path / name).write_bytes((place / name).read_bytes().replace(b"11.77", b"11.78"))
    with pytest.raises(DataMissing, match="SHA-256 differs"):
        cdnow.folder({"CLUB_DATA": nowhere}, prefix=nowhere)


def test_the_data_package_beside_the_environment_is_found(place: Path, tmp_path: Path) -> None:
    target = tmp_path / "data" / "lifetimes" / "datasets"
    target.mkdir(parents=True)
    for name in cdnow.SHA256:
        (target / name).write_bytes((place / name).read_bytes())
    info = tmp_path / "data" / "Lifetimes-0.11.3.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: Lifetimes\nVersion: 0.11.3\n")
    assert cdnow.folder({}, prefix=str(tmp_path)) == target
