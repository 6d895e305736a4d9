"""Files of other systems: read as they are, each row once, and what cannot be read is named and never guessed."""

from __future__ import annotations

import csv
import io
import itertools
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from club.import_file import rejects
from club.imports.applying import Imported, Who, applied, body_of
from club.imports.cells import buyer_in, number_in, way_of, when_in
from club.imports.columns import MEMBERS, PURCHASES, columns_of, said_in
from club.imports.gathering import Back, Gathering, How, Rejected, Sale
from club.imports.lines import ROW_CHARACTERS_MAX, Lines, rows_in
from club.imports.members import Reading, joined, people_in
from club.imports.tables import opened
from club.load.problems import FileUnusable
from shared.actions.record_purchase import record_purchase
from shared.domain.purchase import Purchase
from tests.laws.shop import MAIN, Shop, plenty

ZONE = ZoneInfo("America/New_York")
EARN = '[[earn]]\nid = "base"\npoints = 1\nper_minor = 100\n'
NEEDED = (("occurred_at",), ("amount", "unit_price"))
# As the public retail files have it: a row for each line, cancellations under C, guests without an id.
HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
RETAIL = [
    "536365,85123A,HEART HOLDER,6,2025-02-01 08:26,2.55,17850,United Kingdom",
    "536365,71053,LANTERN,6,2025-02-01 08:26,3.39,17850,United Kingdom",
    "536366,22633,HAND WARMER,2,2025-02-01 08:28,1.85,,United Kingdom",
    "C536379,71053,LANTERN,-1,2025-02-01 09:41,3.39,17850,United Kingdom",
    "536380,85123A,HEART HOLDER,1,2025-02-03 09:41,2.55,17850,United Kingdom",
]


def written(folder: Path, rows: list[str], header: str = HEADER, encoding: str = "utf-8") -> Path:
    path = folder / "shop.csv"
    path.write_bytes("\r\n".join([header, *rows, ""]).encode(encoding))
    return path


def gathered(path: Path, dates: Any = None, said: str = "") -> tuple[list[Sale | Back], list[Rejected]]:
    sheet = opened(path)
    columns = columns_of(sheet.header, PURCHASES, said_in(said), NEEDED)
    gathering = Gathering(path.with_name("rows.sqlite"), columns, How("main", "USD", ZONE, dates))
    rejected = [one for row in sheet.rows if (one := gathering.add(row)) is not None]
    gathering.settle()
    things = list(gathering.things())
    return [one for one in things if not isinstance(one, Rejected)], rejected + [
        one for one in things if isinstance(one, Rejected)
    ]


def shop() -> Shop:
    return Shop(EARN, now=datetime(2026, 1, 1, tzinfo=UTC))


WHO = Who("card", joins=True, language="en")


def imported(club: Shop, things: list[Sale | Back], who: Who = WHO) -> Imported:
    return applied(club.club, things, who, workers=1)


def test_rows_of_one_invoice_are_the_lines_of_one_purchase_and_cancellations_come_back(tmp_path: Path) -> None:
    things, rejected = gathered(written(tmp_path, RETAIL))
    assert rejected == []
    sale, guest, later, back = things
    assert isinstance(sale, Sale)
    assert (sale.purchase_id, sale.buyer, [line.minor for line in sale.lines]) == ("536365", "17850", [1_530, 2_034])
    assert sale.at == datetime(2025, 2, 1, 8, 26, tzinfo=ZONE)
    assert isinstance(guest, Sale)
    assert guest.buyer == ""
    assert isinstance(back, Back)
    assert (back.return_id, back.purchase_id, back.minor) == ("C536379", "536365", 339)
    assert later.at.day == 3


def test_a_file_that_is_imported_twice_is_in_the_club_once(tmp_path: Path) -> None:
    club = shop()
    things, _ = gathered(written(tmp_path, RETAIL))
    first = imported(club, things)
    assert dict(first.counts) == {"joined": 1, "purchases": 3, "guests": 1, "returns": 1}
    assert first.rejected == []
    rows = sorted(str(row) for row in club.memory.scanned("ledger"))
    second = imported(club, things)
    assert second.counts["known"] == 4
    assert sorted(str(row) for row in club.memory.scanned("ledger")) == rows
    (account,) = [row["a"] for row in club.memory.scanned("accounts")]
    club.prove(account)
    # 35 points and 2; of the 35 so much goes back as the lantern was of the price: 35 x (1 - 339 / 3,564) is 31.67.
    assert club.account(account).posted == 31 + 2


@pytest.mark.parametrize("killed_at", range(1, 8))
def test_an_import_that_is_killed_on_the_way_and_run_again_is_as_one(tmp_path: Path, killed_at: int) -> None:
    whole, club = shop(), shop()
    things, _ = gathered(written(tmp_path, RETAIL))
    imported(whole, things)
    writes, write = itertools.count(1), club.memory.write

    def cut(puts: Any) -> Any:
        if next(writes) == killed_at:
            raise KeyboardInterrupt
        return write(puts)

    club.memory.write = cut  # type: ignore[method-assign]
    try:
        imported(club, things)
    except KeyboardInterrupt:
        club.memory.write = write  # type: ignore[method-assign]
        imported(club, things)

    def told(one: Shop) -> list[tuple[str, Any]]:
        return sorted((str(row["k"]).partition("#")[0], row["d"]) for row in one.memory.scanned("ledger") if "d" in row)

    assert told(whole) == told(club)


def test_the_row_is_the_one_that_the_tills_door_would_have_written(tmp_path: Path) -> None:
    through_the_file, through_the_door = shop(), shop()
    things, _ = gathered(written(tmp_path, RETAIL[2:3]))
    imported(through_the_file, things)
    (sale,) = things
    assert isinstance(sale, Sale)
    body = body_of(sale, None, through_the_door.club.laws.at(sale.at))
    record_purchase(through_the_door.club, MAIN, Purchase.model_validate(body), plenty)
    assert list(through_the_file.memory.scanned("ledger")) == list(through_the_door.memory.scanned("ledger"))


def test_who_is_not_known_and_may_not_join_is_named_with_what_to_do(tmp_path: Path) -> None:
    things, _ = gathered(written(tmp_path, RETAIL[:2]))
    club = shop()
    found = imported(club, things, WHO._replace(joins=False))
    (one,) = found.rejected
    assert (one.row, one.column) == (2, "buyer")
    assert "--join" in one.reason
    assert list(club.memory.scanned("ledger")) == []


def test_a_return_of_which_nobody_knows_the_purchase_is_refused_as_the_programme_says(tmp_path: Path) -> None:
    things, _ = gathered(written(tmp_path, ["C1,NEVER,SOLD,-1,2025-02-01 09:41,3.39,17850,UK"]))
    (back,) = things
    assert isinstance(back, Back)
    assert back.purchase_id == ""
    (one,) = imported(shop(), things).rejected
    assert one.code == "return_without_purchase"


def test_a_line_with_a_minus_in_a_purchase_is_a_discount(tmp_path: Path) -> None:
    rows = ["1,CD,A disc,1,2025-02-01,10.00,7,UK", "1,D,Discount,-1,2025-02-01,2.50,7,UK"]
    things, rejected = gathered(written(tmp_path, rows))
    assert rejected == []
    (sale,) = things
    assert isinstance(sale, Sale)
    assert (sale.discount_minor, len(sale.lines)) == (250, 1)
    imported(club := shop(), things)
    assert [row["c"] for row in club.memory.scanned("ledger")].count("purchase") == 1


@pytest.mark.parametrize(
    ("row", "column", "says"),
    [
        ("1,CD,x,1,2025-02-30 10:00,1,7,UK", "occurred_at", "is no day"),
        ("1,CD,x,1,yesterday,1,7,UK", "occurred_at", "'yesterday' is no day"),
        ("1,CD,x,1.5,2025-02-01,1,7,UK", "quantity", "is no whole number"),
        ("1,CD,x,0,2025-02-01,1,7,UK", "quantity", "is no whole number"),
        ("1,CD,x,1,2025-02-01,abc,7,UK", "unit_price", "is no number"),
        ("1,CD,x,1,2025-02-01,1,9.72E+11,UK", "buyer", "was shortened by a spreadsheet"),
        ('1,CD,"x,1,2025-02-01,1,7,UK', "", "a quote that is not closed"),
        ("1,CD,x,1,2025-02-01", "", "has 5 cells, and the header has 8"),
        ("1,CD,x\x00y,1,2025-02-01,1,7,UK", "", "holds a control character"),
        (f"1,CD,{'x' * 1_100},1,2025-02-01,1,7,UK", "", "a cell of more than"),
        (f"1,CD,{'x' * 70_000},1,2025-02-01,1,7,UK", "", "is longer than"),
    ],
)
def test_a_row_that_cannot_be_read_is_named_and_spoils_no_other(
    tmp_path: Path, row: str, column: str, says: str
) -> None:
    things, rejected = gathered(written(tmp_path, [row, *RETAIL]))
    assert len(things) == 4
    assert [(one.column, says in one.reason) for one in rejected] == [(column, True)], rejected


ODD = "1,CD,x,1,yesterday,1,7,UK"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_cell_with_line_breaks_is_one_cell_and_rows_are_called_by_their_first_line(tmp_path: Path, end: str) -> None:
    broken = f'536365,85123A,"HEART{end}{end}HOLDER, ""red""{end}",6,2025-02-01 08:26,2.55,17850,"United{end}Kingdom"'
    things, rejected = gathered(written(tmp_path, [broken, ODD, *RETAIL[1:]]))
    assert [one.row for one in things] == [2, 9, 11, 10]
    assert [(one.row, one.column) for one in rejected] == [(7, "occurred_at")]
    sheet = opened(tmp_path / "shop.csv")
    assert next(sheet.rows).cells[2] == 'HEART HOLDER, "red"'


def test_a_heading_with_a_line_break_names_its_column(tmp_path: Path) -> None:
    header = '"Invoice\r\nNo","Invoice\nDate","Amount","What, else","Client\nID"'
    things, rejected = gathered(written(tmp_path, ["1,2025-02-01,5,,7", "2,x,5,,7"], header), said="Client ID=buyer")
    assert [(one.row, one.buyer) for one in things] == [(5, "7")]
    assert [one.row for one in rejected] == [6]


def test_a_quote_that_nobody_closes_is_told_with_its_line_and_eats_nothing(tmp_path: Path) -> None:
    lost = '9,CD,"open,1,2025-02-01,1,7,UK'
    for rows, at in (([lost, *RETAIL], 2), ([*RETAIL, lost], 7), ([*RETAIL[:2], lost, *RETAIL[2:]], 4)):
        things, rejected = gathered(written(tmp_path, rows))
        assert len(things) == 4
        assert [(one.row, one.cells, "not closed" in one.reason) for one in rejected] == [(at, (lost,), True)]


def test_lines_between_a_stray_quote_and_the_next_one_are_named_together(tmp_path: Path) -> None:
    rows = ['9,CD,"open,1,2025-02-01,1,7,UK', RETAIL[0], '10,CD,closed",1,2025-02-01,1,UK', *RETAIL[1:]]
    things, rejected = gathered(written(tmp_path, rows))
    assert len(things) == 4
    assert [(one.row, one.reason) for one in rejected] == [
        (2, "has 7 cells, and the header has 8; by its quotes it reaches to row 4")
    ]
    assert RETAIL[0].split(",")[2] in rejected[0].cells[2]


class Endless(io.StringIO):
    """A file without an end, which counts what is read of it."""

    def __init__(self, line_of: Callable[[int], str]) -> None:
        super().__init__()
        self.line_of, self.number, self.characters = line_of, 0, 0

    def readline(self, _size: int = -1, /) -> str:  # type: ignore[override]
        self.number += 1
        line = self.line_of(self.number)
        self.characters += len(line)
        return line


@pytest.mark.parametrize(
    ("line_of", "wrong"),
    [
        (lambda number: f"{number},CD,7\n", []),
        (lambda number: f'{number},"CD,7\n' if number == 1 else f"{number},CD,7\n", [1]),
        (lambda number: f'{number},"CD,7\n' if number == 500 else f'{number},"",7\n', [500]),
        (lambda number: f'{number},"CD,7\n', list(range(1, 1_001))),
    ],
)
def test_a_file_without_end_is_read_row_by_row_and_little_of_it_is_ever_held(
    line_of: Callable[[int], str], wrong: list[int]
) -> None:
    file = Endless(line_of)
    rows = list(itertools.islice(rows_in(Lines(file), ","), 1_000))
    assert [one.number for one in rows] == list(range(1, 1_001))
    assert [one.number for one in rows if one.why] == wrong
    assert file.characters <= sum(len(line_of(number)) for number in range(1, 1_001)) + ROW_CHARACTERS_MAX + 20


def test_what_was_rejected_is_a_file_that_no_spreadsheet_runs(tmp_path: Path) -> None:
    _, rejected = gathered(written(tmp_path, ["=1+1,CD,x,1,never,1,7,UK"]))
    rows = list(csv.reader(io.StringIO(rejects(rejected, HEADER.split(",")))))
    assert rows[0][:4] == ["row", "column", "code", "reason"]
    assert rows[1][:3] == ["2", "occurred_at", "cell_unreadable"]
    assert rows[1][4] == "'=1+1"


def test_rows_that_name_two_buyers_of_one_purchase_are_refused_together(tmp_path: Path) -> None:
    rows = ["1,CD,x,1,2025-02-01,1,7,UK", "1,LP,x,1,2025-02-01,1,8,UK"]
    things, rejected = gathered(written(tmp_path, rows))
    assert things == []
    assert [one.code for one in rejected] == ["lines_disagree"]


@pytest.mark.parametrize(
    ("encoding", "header", "row", "buyer"),
    [
        ("cp1255", "חשבונית;תאריך;סכום;לקוח;מוצר", "1;13/02/2025;19.90;7;תקליט של שלום חנוך", "7"),
        ("cp1256", "فاکتور;تاریخ;مبلغ;مشتری;کالا", "1;13/02/2025;19.90;7;صفحه موسيقى شهرام", "7"),
        ("utf-8-sig", "فاکتور,تاریخ,مبلغ,مشتری", "۱,2025-02-13,۱۹٫۹۰,۷", "7"),
        ("utf-16", "invoice\tdate\tamount\tcustomer", "1\t2025-02-13\t19.90\t7", "7"),
        ("cp1252", "invoice,date,amount,customer,product", "1,2025-02-13,19.90,7,CAFÉ crème à la carte", "7"),
    ],
)
def test_files_of_old_programs_are_read_in_their_own_alphabet(
    tmp_path: Path, encoding: str, header: str, row: str, buyer: str
) -> None:
    if encoding == "cp1256":
        header, row = (text.replace("ی", "ي").replace("ک", "ك") for text in (header, row))
        what = ("purchase_id", "occurred_at", "amount", "buyer", "sku")
        said = ",".join(map("=".join, zip(header.split(";"), what, strict=True)))
    else:
        said = ""
    things, rejected = gathered(
        written(tmp_path, [row] * 1 + [row.replace("1", "2", 1)] * 40, header, encoding), said=said
    )
    assert rejected == []
    assert {(one.buyer, one.at.date().isoformat()) for one in things} >= {(buyer, "2025-02-13")} or len(things) == 2
    assert all(isinstance(one, Sale) and one.lines[0].minor == 1_990 for one in things)


def test_an_excel_sheet_is_read_by_what_its_cells_came_to(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["InvoiceNo", "InvoiceDate", "Quantity", "UnitPrice", "CustomerID"])
    sheet.append([536365, datetime(2025, 2, 1, 8, 26), 6, 2.55, 17850.0])  # noqa: DTZ001
    sheet.append(["=1+1", datetime(2025, 2, 1), 1, 1, None])  # noqa: DTZ001
    path = tmp_path / "shop.xlsx"
    book.save(path)
    things, rejected = gathered(path)
    assert rejected == []
    assert [(one.purchase_id if isinstance(one, Sale) else "", one.buyer) for one in things] == [
        ("536365", "17850"),
        ("row-3", ""),
    ]


def test_a_workbook_that_would_fill_the_disk_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (300 << 20))
    with pytest.raises(FileUnusable, match="would unpack to"):
        opened(path)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "is empty"),
        ("only one column\n1\n", "has one column"),
        ("a,a\n1,2\n", "two of one name"),
        ("invoice,when,amount\n1,2025-01-01,2\n", "No column is known as occurred_at"),
        ("invoice,date,colour\n1,2025-01-01,red\n", "No column is known as amount or unit_price"),
    ],
)
def test_a_file_that_is_none_of_purchases_is_refused_whole(tmp_path: Path, content: str, says: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text(content, "utf-8")
    with pytest.raises(FileUnusable) as fault:
        gathered(path)
    assert says in str(fault.value)


def test_dates_that_can_be_read_in_two_ways_are_asked_about(tmp_path: Path) -> None:
    header, rows = "invoice,date,amount,customer", ["1,02/03/2025,5,7"]
    with pytest.raises(FileUnusable, match="--dates dmy"):
        gathered(written(tmp_path, rows, header))
    for way, month in (("dmy", 3), ("mdy", 2)):
        ((sale,), _) = gathered(written(tmp_path, rows, header), dates=way)
        assert sale.at.month == month
    # One row that can be nothing else tells it for all.
    things, _ = gathered(written(tmp_path, [*rows, "2,25/03/2025,5,7"], header))
    assert {one.at.month for one in things} == {3}


def test_numbers_and_days_are_read_as_people_write_them() -> None:
    assert [str(number_in(text, "x")) for text in ("1,234", "1.234,5", "$ 12.50", "(7)", "۱۲٫۵", "-3")] == [
        "1234", "1234.5", "12.50", "-7", "12.5", "-3",
    ]  # fmt: skip
    assert when_in("40513.351388").numbers == (2010, 12, 1)
    assert when_in("12/1/2010 8:26 PM").time == (20, 26, 0)
    assert when_in("2025-02-01T10:00:00Z").offset == "+00:00"
    assert when_in("2025-02-01 10:00:00 +0200").offset == "+0200"
    assert when_in("19970118") == ((1997, 1, 18), None, "")
    assert (buyer_in("17850.0"), buyer_in("nan"), buyer_in("۷۷")) == ("17850", "", "77")
    assert [way_of([numbers]) for numbers in ((2025, 1, 2), (31, 1, 25), (1, 31, 25), (1, 2, 25))] == [
        "ymd",
        "dmy",
        "mdy",
        None,
    ]


def test_a_buyers_purchases_are_recorded_oldest_first_with_one_transaction_each(tmp_path: Path) -> None:
    rows = [f"{n},CD,x,1,{datetime(2025, 6, 1) - timedelta(days=n):%Y-%m-%d},10,7,UK" for n in range(20)]  # noqa: DTZ001
    club = shop()
    things, _ = gathered(written(tmp_path, rows))
    reads, get = itertools.count(), club.memory.get

    def counted(table: Any, key: Any) -> Any:
        if table == "accounts":
            next(reads)
        return get(table, key)

    club.memory.get = counted  # type: ignore[method-assign]
    assert imported(club, things).counts["purchases"] == 20
    assert next(reads) <= 2
    (account,) = [row["a"] for row in club.memory.scanned("accounts")]
    told = [row["k"] for row in club.rows(account) if row["c"] == "purchase"]
    assert told == [f"purchase#main#{n}" for n in reversed(range(20))]


PEOPLE = "name,card,phone,email,birthday,joined_at"


def people(tmp_path: Path, *rows: str, header: str = PEOPLE, dates: Any = None) -> tuple[Any, list[Rejected]]:
    sheet = opened(written(tmp_path, list(rows), header))
    columns = columns_of(sheet.header, MEMBERS, {}, (("card", "phone", "email"),))
    return people_in(sheet.rows, columns, Reading("main", ZONE, dates, "en"))


def test_people_of_a_file_join_once_and_those_who_are_members_stay_as_they_are(tmp_path: Path) -> None:
    club = shop()
    found, rejected = people(
        tmp_path, "Dana Levi,C-1,,dana@example.com,1990-02-28,2024-05-01", "Rami,,+1 201 555 0123,,,", "Again,C-1,,,,"
    )  # fmt: skip
    assert rejected == []
    first = joined(club.club, found, "main", workers=1)
    assert (first.counts["joined"], first.counts["known"], first.rejected) == (2, 1, [])
    second = joined(club.club, found, "main", workers=1)
    assert (second.counts["joined"], second.counts["known"]) == (0, 3)
    profiles = [row for row in club.memory.scanned("people") if row["p"] == "profile"]
    assert sorted(row["name"] for row in profiles) == ["Dana Levi", "Rami"]
    assert {row["joined_at"][:10] for row in profiles} == {"2024-05-01", "2026-01-01"}


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("Nobody,,,,,", "names no card, phone or e-mail"),
        ("Dana,C-1,,,30/02/1990,", "is no day"),
        ("Dana,C-1,,,28/02/90,", "year of two digits"),
        ("Dana,,9.72E+11,,,", "was shortened by a spreadsheet"),
    ],
)
def test_a_person_who_cannot_be_read_is_named(tmp_path: Path, row: str, says: str) -> None:
    found, rejected = people(tmp_path, row, "Fine,C-9,,,28/02/1990,", dates="dmy")
    assert len(found) == 1
    assert [says in one.reason for one in rejected] == [True], rejected


REFUSED = ["<b>,C-1,,,,", "Dana,,+1 201,,,", "Dana,,,dana,,", "Dana,C-1,,,2190-01-01,", "Dana,C-1,,,,2190-01-01"]


@pytest.mark.parametrize("row", REFUSED)
def test_a_person_whom_the_door_would_refuse_is_refused_here_and_nothing_is_written(tmp_path: Path, row: str) -> None:
    club = shop()
    found, _ = people(tmp_path, row)
    imported = joined(club.club, found, "main", workers=1)
    assert len(imported.rejected) == 1
    assert list(club.memory.scanned("people")) == []
