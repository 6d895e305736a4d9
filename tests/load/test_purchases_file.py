"""What a purchases file may look like, and how a row that cannot be read is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from club.load import textfile
from club.load.csvfile import Reading, purchases_in
from club.load.plan import Planned, Unreadable
from club.load.problems import FileUnusable

File = Callable[..., Path]
HEADER = "purchase_id,occurred_at,amount,currency,card"
READING = Reading("main", ZoneInfo("Asia/Jerusalem"))


def read(path: Path, **limits: int) -> list[Planned | Unreadable]:
    return list(purchases_in(path, READING, **limits))


def one(file: File, *lines: str) -> Planned | Unreadable:
    (only,) = read(file(*lines))
    return only


def body(row: Planned | Unreadable) -> dict[str, Any]:
    assert isinstance(row, Planned), row
    said: dict[str, Any] = json.loads(row.body)
    return said


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_commas_semicolons_and_tabs_are_told_apart_by_themselves(file: File, delimiter: str) -> None:
    row = one(
        file, HEADER.replace(",", delimiter), "A-1,2026-11-01T10:00:00+02:00,12.50,ILS,C1".replace(",", delimiter)
    )
    assert body(row) == {
        "store": "main",
        "purchase_id": "A-1",
        "card": "C1",
        "occurred_at": "2026-11-01T08:00:00+00:00",
        "currency": "ILS",
        "lines": [{"sku": "sale", "quantity": 1, "amount_minor": 1250}],
        "total_minor": 1250,
    }


def test_a_file_saved_by_excel_with_a_byte_order_mark_and_windows_line_ends_is_read(file: File) -> None:
    (row,) = read(file(HEADER + "\r", '"A-1","2026-11-01","12.50","ILS","C1"\r', encoding="utf-8-sig"))
    assert body(row)["purchase_id"] == "A-1"


def test_every_optional_column_reaches_the_club(file: File) -> None:
    columns = "purchase_id,occurred_at,amount_minor,currency,email,store,channel,sku,category,quantity"
    said = body(one(file, columns, "7,2026-11-01,2990,USD,noa@shop.example,north,web,CD-1,music,2"))
    assert (said["store"], said["channel"], said["email"]) == ("north", "web", "noa@shop.example")
    assert said["lines"] == [{"sku": "CD-1", "category": "music", "quantity": 2, "amount_minor": 2990}]


def test_an_empty_member_cell_is_a_guest(file: File) -> None:
    row = one(file, HEADER, "A-1,2026-11-01,5,USD,")
    assert isinstance(row, Planned)
    assert row.buyer_kind == "guest"
    assert "card" not in body(row)


def test_rows_that_follow_each_other_with_one_id_are_the_lines_of_one_purchase(file: File) -> None:
    row = one(file, HEADER + ",sku", "A-1,2026-11-01,5.10,USD,C1,a", "A-1,,4.90,,,b")
    assert [line["sku"] for line in body(row)["lines"]] == ["a", "b"]
    assert body(row)["total_minor"] == 1_000


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2026-11-22T10:00:00+02:00", "2026-11-22T08:00:00+00:00"),
        ("2026-11-22T10:00:00Z", "2026-11-22T10:00:00+00:00"),
        ("2026-11-22 10:00", "2026-11-22T08:00:00+00:00"),
        ("2026-07-01 10:00", "2026-07-01T07:00:00+00:00"),
        ("2026-11-22", "2026-11-22T10:00:00+00:00"),
    ],
)
def test_a_time_without_an_offset_is_the_clock_on_the_shops_wall(file: File, written: str, instant: str) -> None:
    assert body(one(file, HEADER, f"A-1,{written},5,USD,C1"))["occurred_at"] == instant


def test_a_formula_cell_is_text(file: File) -> None:
    formula = '=HYPERLINK("http://x";"y")'
    quoted = formula.replace('"', '""')
    said = body(one(file, HEADER + ",sku", f'A-1,2026-11-01,5,USD,C1,"{quoted}"'))
    assert said["lines"][0]["sku"] == formula


@pytest.mark.parametrize(
    ("cells", "code", "words"),
    [
        ("A-1,2026-11-01,12.505,USD,C1", "cell_unreadable", "more than the 2 decimals of USD"),
        ("A-1,2026-11-01,12.5,JPY,C1", "cell_unreadable", "more than the 0 decimals of JPY"),
        ("A-1,2026-11-01,-5,USD,C1", "cell_unreadable", "a number such as 12.50"),
        ("A-1,2026-11-01,$5,USD,C1", "cell_unreadable", "a number such as 12.50"),
        ('A-1,2026-11-01,"12,50",USD,C1', "cell_unreadable", "a number such as 12.50"),
        ("A-1,2026-11-01,1e3,USD,C1", "cell_unreadable", "a number such as 12.50"),
        ("A-1,2026-11-01,NaN,USD,C1", "cell_unreadable", "a number such as 12.50"),
        ("A-1,2026-11-01,,USD,C1", "cell_unreadable", "a number such as 12.50"),
        ("A-1,11/22/2026,5,USD,C1", "cell_unreadable", "ISO 8601"),
        ("A-1,46348,5,USD,C1", "cell_unreadable", "ISO 8601"),
        ("A-1,1970-01-01,5,USD,C1", "cell_unreadable", "before 1990-01-01"),
        ("A-1,,5,USD,C1", "cell_unreadable", "ISO 8601"),
        ("A-1,2026-11-01,5,,C1", "cell_unreadable", "currency is empty"),
        ("A-1,2026-11-01,5,USD,9.72E+11", "cell_unreadable", "shortened by a spreadsheet"),
        (",2026-11-01,5,USD,C1", "cell_unreadable", "purchase_id is empty"),
        ("A-1,2026-11-01,5,USD", "row_unreadable", "has 4 cells, and the header has 5"),
        ("A-1,2026-11-01,5,USD,C1,x", "row_unreadable", "has 6 cells"),
        ('A-1,2026-11-01,5,USD,"C1', "row_unreadable", "quote"),
        ("A-1,2026-11-01,5,USD,C\x00", "control_character", "control character"),
        ("A-1,2026-11-01,5,USD," + "x" * 2_000, "cell_too_long", "longer than 1,024"),
        ("A-1,2026-11-01,5,USD," + "x" * 200_000, "row_too_long", "longer than 65,536"),
    ],
)
def test_a_row_that_cannot_be_read_is_named_and_the_rest_goes_on(file: File, cells: str, code: str, words: str) -> None:
    wrong, good = read(file(HEADER, cells, "A-2,2026-11-02,5,USD,C1"))
    assert isinstance(wrong, Unreadable)
    assert (wrong.line, wrong.code) == (2, code)
    assert words in wrong.reason
    assert body(good)["purchase_id"] == "A-2"


@pytest.mark.parametrize(
    "spoiled", ["A-1,2026-11-01,oops,USD,C1", 'A-1,2026-11-01,5,USD,"C1', "A-1", '"', "A-1,2026-11-01,5,EUR,C1"]
)
def test_a_purchase_with_a_spoiled_line_is_refused_whole(file: File, spoiled: str) -> None:
    good = "A-1,2026-11-01,5,USD,C1"
    wrong = one(file, HEADER, good, spoiled, good)
    assert isinstance(wrong, Unreadable)
    assert (wrong.line, wrong.purchase_id) == (2, "A-1")
    assert wrong.reason.startswith("line 3: ")


def test_a_spoiled_row_between_two_purchases_spoils_neither(file: File) -> None:
    first, wrong, second = sorted(
        read(file(HEADER, "A-1,2026-11-01,5,USD,C1", '"', "A-2,2026-11-01,5,USD,C1")), key=lambda row: row.line
    )
    assert isinstance(wrong, Unreadable)
    assert wrong.line == 3
    assert (body(first)["purchase_id"], body(second)["purchase_id"]) == ("A-1", "A-2")


def test_a_purchase_of_more_than_a_thousand_lines_is_refused(file: File) -> None:
    wrong = one(file, HEADER, *["A-1,2026-11-01,5,USD,C1"] * 1_200)
    assert isinstance(wrong, Unreadable)
    assert wrong.code == "lines_too_many"


def test_two_columns_may_name_members_but_one_purchase_has_one_of_them(file: File) -> None:
    by_card, by_phone, by_both = read(
        file(
            HEADER + ",phone",
            "1,2026-11-01,5,USD,C1,",
            "2,2026-11-01,5,USD,,+972501234567",
            "3,2026-11-01,5,USD,C1,050",
        )
    )
    assert isinstance(by_card, Planned)
    assert by_card.buyer_kind == "card"
    assert isinstance(by_phone, Planned)
    assert by_phone.buyer_kind == "phone"
    assert isinstance(by_both, Unreadable)
    assert "only one of card, phone" in by_both.reason


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("purchase_id,occured_at,amount,currency,card", "unknown column 'occured_at'"),
        ("purchase_id,occurred_at,amount,currency", "one of the columns member_id, card, phone, email must be there"),
        ("purchase_id,occurred_at,amount,card", "column currency is missing"),
        ("purchase_id,occurred_at,amount,amount_minor,currency,card", "exactly one of the columns amount"),
        ("purchase_id,occurred_at,currency,card", "exactly one of the columns amount"),
        (HEADER + ",card", "column card stands there twice"),
        ("purchase_id", "separated by"),
        ("", "separated by"),
        ("purchase_id|occurred_at|amount|currency|card", "separated by"),
        ('"purchase_id,occurred_at,amount,currency,card', "Line 1 is not the header"),
        ("A-1,2026-11-01,5,USD,C1", "unknown column"),
    ],
)
def test_a_wrong_header_is_refused_with_what_is_wrong(file: File, header: str, words: str) -> None:
    with pytest.raises(FileUnusable, match=words):
        read(file(header, "A-1,2026-11-01,5,USD,C1"))


def test_a_header_alone_is_an_empty_file_of_purchases(file: File) -> None:
    assert read(file(HEADER)) == []


def test_blank_rows_at_the_end_are_no_purchases(file: File) -> None:
    assert len(read(file(HEADER, "A-1,2026-11-01,5,USD,C1", "", ",,,,", "  "))) == 1


@pytest.mark.parametrize(
    ("encoding", "words"),
    [("cp1255", "line 3: byte 0xF0 is not UTF-8"), ("utf-16", "is UTF-16")],
)
def test_another_encoding_is_refused_with_the_first_wrong_line(file: File, encoding: str, words: str) -> None:
    path = file(HEADER + ",sku", "A-1,2026-11-01,5,USD,C1,a", "A-2,2026-11-01,5,USD,C1,נעליים", encoding=encoding)
    with pytest.raises(FileUnusable, match=words):
        textfile.fingerprint(path)


def test_a_letter_cut_off_at_the_end_of_the_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cut.csv"
    path.write_bytes(HEADER.encode() + "\nA-1,2026-11-01,5,USD,נ".encode()[:-1])
    with pytest.raises(FileUnusable, match="line 2"):
        textfile.fingerprint(path)


def test_a_missing_file_and_a_folder_are_refused_in_one_sentence(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(FileUnusable, match="cannot be read"):
            textfile.fingerprint(path)


def test_a_file_of_too_many_rows_is_refused(file: File) -> None:
    with pytest.raises(FileUnusable, match="more than 2 rows"):
        read(file(HEADER, *(f"A-{n},2026-11-01,5,USD,C1" for n in range(3))), rows_max=2)
