"""`club assess` reads what shops export, names what it cannot read, and tells what it assumed."""

from __future__ import annotations

from datetime import date, datetime
from fractions import Fraction
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner, Result

from club.__main__ import app
from club.assess import NO_PROMISE, assumptions, verdict
from club.console import Trouble, step
from club.imports.cells import Dates
from club.load import cdnow
from club.shop_file import ShopFile, shop_file
from shared.domain.assessing import Sold, shop_of
from shared.domain.models import Assumed, assessment
from shared.domain.voice import Voice
from tests.domain.test_assessing import regulars

UCI = "InvoiceNo,StockCode,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"


def read(tmp_path: Path, text: str | bytes, dates: Dates | None = None, **columns: str) -> ShopFile:
    path = tmp_path / "shop.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with step("Reading") as progress:
        return shop_file(path, "GBP", columns, dates, progress)


def test_lines_of_one_purchase_are_one_and_a_cancellation_is_a_return(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        UCI
        + "536365,A,6,12/1/2010 8:26,2.55,17850,UK\n536365,B,2,12/1/2010 8:26,0.425,17850,UK\n"
        + "C536379,D,-1,12/13/2010 9:41,27.50,17850,UK\n536544,E,1,12/1/2010 14:32,1.00,,UK\n",
    )
    assert found.dates == "mdy"
    assert sorted(found.sales) == [
        Sold("", date(2010, 12, 1), 100),
        Sold("17850", date(2010, 12, 1), 1_615),
        Sold("17850", date(2010, 12, 13), -2_750, is_return=True),
    ]


def test_a_row_that_cannot_be_read_is_named_and_the_others_count(tmp_path: Path) -> None:
    found = read(tmp_path, "date;total;customer\n2025-01-02;12,50;A\nsoon;3;A\n2025-02-30;4;B\n2025-01-03;much;C\n")
    assert [one.amount_minor for one in found.sales] == [1_250]
    assert found.unread == 3
    assert [one.why for one in found.named] == [
        "'soon' is no day, such as 2026-11-22 or 22/11/2026 10:00",
        "amount 'much' is no number",
        "2025/2/30 is no day when it is read as ymd",
    ]


def test_a_file_of_an_older_program_is_read_with_its_own_letters(tmp_path: Path) -> None:
    found = read(tmp_path, "date,customer,amount\n2025-01-02,Jürgen,£3.00\n".encode("cp1252"))
    assert found.sales == (Sold("Jürgen", date(2025, 1, 2), 300),)


def test_a_workbook_with_hebrew_headings_is_read_as_a_text_file_is(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["תאריך", "לקוח", "סכום"], [datetime(2025, 1, 2, 10), 77, 12.5], [datetime(2025, 1, 3), None, "₪ 3"]):  # noqa: DTZ001
        book.active.append(row)
    book.save(tmp_path / "shop.csv")
    found = read(tmp_path, (tmp_path / "shop.csv").read_bytes())
    assert found.sales == (Sold("77", date(2025, 1, 2), 1_250), Sold("", date(2025, 1, 3), 300))


def test_a_line_break_within_quotes_ends_no_row_and_an_open_quote_only_its_own(tmp_path: Path) -> None:
    header = 'date,customer,amount,"what\nit was"\n'
    found = read(tmp_path, header + '2025-01-02,A,1,"a\nb\n"\nsoon,A,2,\n2025-01-04,A,3,"open\n2025-01-05,A,4,\n')
    assert [one.amount_minor for one in found.sales] == [100, 400]
    assert [one.line for one in found.named] == [6, 7]


def test_days_and_months_that_nobody_can_tell_apart_are_asked_for(tmp_path: Path) -> None:
    text = "date,customer,amount\n03/04/2025,A,1\n"
    with pytest.raises(Trouble, match="--dates"):
        read(tmp_path, text)
    assert read(tmp_path, text, "dmy").sales[0].on == date(2025, 4, 3)


def test_a_column_of_another_name_is_said_by_the_owner(tmp_path: Path) -> None:
    text = "Datum,Kunde,Summe\n2025-01-02,A,1\n"
    with pytest.raises(Trouble, match="No column is known as buyer; the file has Datum, Kunde, Summe"):
        read(tmp_path, text)
    assert read(tmp_path, text, buyer="Kunde", occurred_at="Datum", amount="Summe").sales == (
        Sold("A", date(2025, 1, 2), 100),
    )


def test_the_cost_of_the_goods_is_read_and_goes_back_with_them(tmp_path: Path) -> None:
    found = read(tmp_path, "date,customer,id,amount,cost\n2025-01-02,A,1,10,6\n2025-01-03,A,2,-10,6\n")
    assert [one.cost_minor for one in found.sales] == [600, -600]


def test_what_is_said_has_the_answer_each_assumption_and_no_promise() -> None:
    shop = shop_of(regulars(200))
    assert shop is not None
    assumed = Assumed(Fraction(2, 5))
    answer = assessment(shop, assumed)
    said = list(verdict(assumed, answer))
    assert said[0].startswith("Would a club pay here? Yes: ")
    # Where all buy the same, the fee that the top fifth would save is all that they save.
    assert said[1].startswith("The nearest is paid: nothing is lost if members' purchases after the first rise by 0.0%")
    assert any(
        line.startswith("members buy again 10.0% more than now: not a forecast")
        for line in assumptions(shop, assumed, answer, Voice("en", "USD"))
    )


def bought(tmp_path: Path, *odd: str) -> Path:
    """120 people who bought on two days, half a year apart; half of a price is what the goods cost."""
    rows = [f"{day},P{one},{one}.50,{one / 2}" for one in range(120) for day in ("2025-01-02", "2025-07-03")]
    path = tmp_path / "shop.csv"
    path.write_text("\n".join(["date,=customer,amount,cost", *rows, *odd]))
    return path


def test_the_answer_is_a_workbook_with_its_reasons_and_each_table_and_nothing_that_runs(tmp_path: Path) -> None:
    kept = tmp_path / "answer.xlsx"
    told = run("assess", str(bought(tmp_path, "soon,P1,3,1")), "--map", "=customer=buyer", "--xlsx", str(kept))
    assert told.exit_code == 0
    book = openpyxl.load_workbook(kept)
    rows = {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}
    assert list(rows) == ["answer", "figures", "models", "assumed", "columns", "rows_not_read"]
    assert str(rows["answer"][1][0]).startswith("Would a club pay here? No: ")
    assert rows["answer"][-1][0] == NO_PROMISE
    figures = {str(name): (unit, value) for name, unit, value in rows["figures"][1:]}
    assert figures["sold"] == ("USD", 2 * sum(one + 0.5 for one in range(120)))
    assert figures["of these, bought on a second day"] == ("number", 120)
    assert [row[0] for row in rows["models"][1:]] == ["points", "cashback", "tiers", "paid", "discounts"]
    assert rows["rows_not_read"][1][0] == 242
    assert ("buyer", "'=customer") in rows["columns"]
    # What the terminal prints is what the workbook holds.
    assert all(str(row[0]) in "".join(told.output.splitlines()) for row in rows["assumed"][1:3])


def test_a_workbook_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    told = run("assess", str(bought(tmp_path)), "--map", "=customer=buyer", "--xlsx", str(tmp_path))
    assert isinstance(told.exception, Trouble)
    assert "cannot be written" in str(told.exception)


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


@pytest.mark.parametrize(
    ("text", "minor"),
    [("12.50", 1_250), ("1,234.5", 123_450), ("1.234,50 kr", 123_450), ("£ 3", 300), ("USD 3.00", 300), ("(3.00)", -300),
     ("-£4.005", -400), ("-3", -300), ("1 234,5", 123_450), ("1,234", 123_400), (".5", 50), ("0,125", 13),
     ("1.234.567", 123_456_700), ("1,234,567.5", 123_456_750), ("12,34,567.50", 123_456_750), ("1'234.50", 123_450),
     ("۱٬۲۳۴٫۵ تومان", 123_450), ("\u200f12.50 ₪\u200f", 1_250), ("\u22123", -300)],
)  # fmt: skip
def test_an_amount_is_read_as_its_country_writes_it(tmp_path: Path, text: str, minor: int) -> None:
    (sale,) = read(tmp_path, f"date;customer;amount\n2025-01-02;A;{text}\n").sales
    assert sale.amount_minor == minor


@pytest.mark.parametrize(
    "text",
    ["1e9", "--3", "3-4", "NaN", "(3", "1" + "0" * 20, "12 apples and 3", "", "1,2,3", "1.2,3.4", "1,23.4,5", "3)"],
)
def test_what_is_no_amount_is_never_guessed(tmp_path: Path, text: str) -> None:
    found = read(tmp_path, f"date;customer;amount\n2025-01-02;A;{text}\n2025-01-02;B;1\n")
    assert [one.buyer for one in found.sales] == ["B"]
    assert found.unread == 1


def test_a_file_of_which_nothing_can_be_read_says_what_stands_in_the_way(tmp_path: Path) -> None:
    with pytest.raises(Trouble, match="it has a header and no rows"):
        read(tmp_path, "date,customer,amount\n")
    with pytest.raises(Trouble, match="row 2: amount 'much' is no number"):
        read(tmp_path, "date,customer,amount\n2025-01-02,A,much\n")


@pytest.mark.parametrize("content", [b"", b"a\n", b"\x00\x9d\x81,\xff\n", b"\xff\xfea\x00"])
def test_a_file_that_is_none_of_purchases_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(Trouble):
        read(tmp_path, content)


def test_the_published_log_is_read_as_it_lies() -> None:
    path = cdnow.folder() / cdnow.MASTER
    with step("Reading") as progress:
        found = shop_file(path, "USD", {}, None, progress)
    shop = shop_of(found.sales)
    assert shop is not None
    assert (found.rows, found.unread, shop.buyers) == (69_659, 0, 23_570)
    # Fader and Hardie, "Forecasting Repeat Sales at CDNOW", 2001: 23,570 customers, $2.5 million.
    assert shop.gross_minor == 250_031_563
