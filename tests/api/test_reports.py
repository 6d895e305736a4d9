"""The reports: the club's figures as JSON and as files that a spreadsheet opens, each day with those that it was closed with."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest

from shared.api.report_answers import report_answer, report_sheets
from shared.api.sheets import csv_of_sheets, xlsx_of_sheets
from shared.domain.reports import Column, Report, Section
from shared.statistics.buying import Buying
from shared.statistics.effects import Effect
from shared.statistics.expectations import Expectations, Expected
from shared.statistics.reports import report_of_expectations, report_of_uplift
from shared.statistics.told_effects import Told
from shared.store.backend import Put
from shared.store.kpi import Closed, close
from shared.store.months import close_chapter
from tests.api.conftest import NOW, Doors
from tests.api.gateway import Heard

Json = dict[str, Any]
TODAY = date(2026, 11, 22)
YESTERDAY = TODAY - timedelta(days=1)


def counted(doors: Doors, day: date, **figures: int) -> None:
    """What the relay has counted of a day by now."""
    row = {"kind": f"tally#live#{day.isoformat()}", "id": "0#0", **figures}
    doors.club.store.backend.write([Put("club", row)])


def asked(doors: Doors, **query: str) -> Heard:
    return doors.ask(
        "GET", "/v1/reports/days", query={"from": "2026-11-21", "until": "2026-11-22", **query}, seconds=25.0
    )


def section(told: Json, name: str) -> list[Json]:
    """The rows of a section, each by its columns."""
    found = next(one for one in told["sections"] if one["section"] == name)
    names = [column["name"] for column in found["columns"]]
    return [dict(zip(names, row, strict=True)) for row in found["rows"]]


def test_a_closed_day_keeps_its_figures_and_what_came_later_stands_beside_it(doors: Doors) -> None:
    counted(doors, YESTERDAY, purchases=3, spend_minor=9_000)
    close(
        doors.club.store.backend, Closed("live", YESTERDAY, 0, {"purchases": 2, "spend_minor": 5_000}, {"members": 7})
    )
    counted(doors, TODAY, purchases=1, spend_minor=1_000)
    told = asked(doors).json
    assert section(told, "figures") == [
        {"day": "2026-11-21", "closed": "yes", "members": 7, "purchases": 2, "spend_minor": 5_000},
        {"day": "2026-11-22", "closed": "no", "members": None, "purchases": 1, "spend_minor": 1_000},
    ]
    assert section(told, "late") == [
        {"day": "2026-11-21", "figure": "purchases", "more": 1},
        {"day": "2026-11-21", "figure": "spend_minor", "more": 4_000},
    ]
    assert len(told["notes"]) == 2


def test_a_day_on_which_nothing_came_late_says_nothing_of_it(doors: Doors) -> None:
    counted(doors, YESTERDAY, purchases=2)
    close(doors.club.store.backend, Closed("live", YESTERDAY, 0, {"purchases": 2}, None))
    told = asked(doors, until="2026-11-21").json
    assert section(told, "late") == []
    assert told["notes"] == []


def test_a_spreadsheet_gets_money_in_its_own_units_and_a_sheet_for_each_section(doors: Doors) -> None:
    counted(doors, TODAY, purchases=1, spend_minor=1_050)
    rows = list(csv.reader(io.StringIO(asked(doors, format="csv", language="he").text.removeprefix("\ufeff"))))
    assert rows[:4] == [
        ["figures"],
        ["day", "closed", "purchases", "spend_minor (USD)"],
        ["2026-11-21", "no", "0", "0"],
        ["2026-11-22", "no", "1", "10.5"],
    ]
    sheet = asked(doors, format="xlsx", language="he")
    assert sheet.headers["content-disposition"] == 'attachment; filename="days-2026-11-21-2026-11-22.xlsx"'
    with zipfile.ZipFile(io.BytesIO(sheet.text.encode("latin-1"))) as opened:
        assert opened.testzip() is None
        book = opened.read("xl/workbook.xml").decode()
        assert [name for name in ("figures", "late", "notes") if f'name="{name}"' in book] == [
            "figures",
            "late",
            "notes",
        ]
        assert 'rightToLeft="1"' in opened.read("xl/worksheets/sheet1.xml").decode()


def test_what_nobody_knows_is_said_in_words_and_never_as_nothing() -> None:
    columns = (Column("share", "share"), Column("cost", "minor"), Column("points", "units", 2))
    report = Report("x", "USD", TODAY, TODAY, (Section("s", columns, ((None, Fraction(1, 3), 150),)),))
    assert report_answer(report)["sections"][0]["rows"] == [[None, "0.333333…", 150]]
    (_, row) = report_sheets(report, "fa")["s"]
    assert [str(cell) for cell in row] == ["داده‌ای نیست", "0.00333333", "1.5"]


def test_a_month_names_its_days_where_nothing_else_is_said(doors: Doors) -> None:
    told = doors.ask("GET", "/v1/reports/days", query={"month": "2026-02"}, seconds=25.0).json
    assert (told["from"], told["until"]) == ("2026-02-01", "2026-02-28")
    assert asked(doors, month="2026-02").json["from"] == "2026-11-21"


@pytest.mark.parametrize("month", ["0000-01", "9999-12", "1999-12", "2026-00", "2026-1", "2026-01-01", ""])
@pytest.mark.parametrize("report", ["days", "kpi"])
def test_a_month_that_no_club_was_open_in_is_refused_by_its_field(doors: Doors, report: str, month: str) -> None:
    answer = doors.ask("GET", f"/v1/reports/{report}", query={"month": month}, seconds=25.0)
    assert (answer.status, answer.json["field"]) == (422, "month")


def test_a_chapter_of_a_month_is_told_as_it_was_closed_and_one_that_is_open_is_not_there(doors: Doors) -> None:
    columns = (Column("figure", "text"), Column("unit", "text"), Column("value", "by_row"))
    rows = (("spend_minor", "minor", 150), ("churn_rate", "share", Fraction(1, 4)), ("gini", "share", None))
    report = Report("kpi", "USD", date(2026, 10, 1), date(2026, 10, 31), (Section("figures", columns, rows),))
    close_chapter(doors.club.store.backend, "live", "2026-10", report, NOW)
    told = doors.ask("GET", "/v1/reports/kpi", seconds=25.0)
    assert section(told.json, "figures")[1] == {"figure": "churn_rate", "unit": "share", "value": "0.25"}
    sheet = doors.ask("GET", "/v1/reports/kpi", query={"format": "csv", "month": "2026-10"}, seconds=25.0).text
    assert "spend_minor,USD,1.5" in sheet
    assert "gini,share,No data" in sheet
    for query in ({"month": "2026-09"}, {"month": "2026-11"}):
        answer = doors.ask("GET", "/v1/reports/kpi", query=query, seconds=25.0)
        assert (answer.status, answer.json["code"]) == (404, "month_open")
    for query, field in (({"month": "2026-13"}, "month"), ({"from": "2026-10-01"}, "from")):
        answer = doors.ask("GET", "/v1/reports/kpi", query=query, seconds=25.0)
        assert (answer.status, answer.json["field"]) == (422, field)


def test_estimates_of_a_month_are_told_like_its_other_chapters(doors: Doors) -> None:
    first, last = date(2026, 10, 1), date(2026, 10, 31)
    effect = Effect(900.0, 600.0, 300.25, 50.0, 200.0, 400.5, 0.01, 100.0, 500.0, 140.0, 50.0)
    told = [
        Told("gift", "spend", 900, 100, effect, 0.5), Told("news", "spend", 900, 100, effect, 0.0001),
        Told("few", "spend", 9, 1, None, 0.5, "not enough data"),
    ]  # fmt: skip
    bands = (Expected(0.8, 12, 11.5, 3.25, 4_000.0), Expected(0.0, 3, 0.25, float("inf"), None))
    known = Expectations(15, 12, 90, bands, Buying(0.243, 4.414, 0.793, 2.426), None, ("What they spend is unknown.",))
    backend = doors.club.store.backend
    for report in (
        report_of_uplift(told, {"gift": 300}, "USD", first, last),
        report_of_expectations(known, "USD", first, last),
    ):
        close_chapter(backend, "live", "2026-10", report, NOW)

    def ask(report: str, **query: str) -> Any:
        return doors.ask("GET", f"/v1/reports/{report}", query={"month": "2026-10", **query}, seconds=25.0)

    uplift, expected = ask("uplift").json, ask("expected").json
    (gift,) = section(uplift, "uplift")
    assert (gift["automation"], gift["unit"], gift["difference"], gift["p"]) == ("gift", "minor", "300.25", "0.01")
    assert [row["automation"] for row in section(uplift, "differences")] == ["news"]
    assert section(uplift, "untold")[0]["why"] == "not enough data"
    assert section(uplift, "worths") == [{"automation": "gift", "worth": 300}]
    assert [row["purchases"] for row in section(expected, "bands")] == ["3.25", None]
    assert expected["notes"][-1] == "What they spend is unknown."
    assert "gift,spend,USD,900,100,3.0025,2,4.005,0.01" in ask("uplift", format="csv").text
    assert "0.8,12,11.5,3.25,40" in ask("expected", format="csv").text
    for report in ("uplift", "expected"):
        assert ask(report, format="xlsx").status == 200


def test_a_name_that_begins_like_a_formula_stays_a_name() -> None:
    report = Report("x", "USD", TODAY, TODAY, (Section("s", (Column("tier", "text"),), (("=1+1",),)),))
    assert csv_of_sheets(report_sheets(report, "en")).splitlines()[2] == "'=1+1"
    with zipfile.ZipFile(io.BytesIO(xlsx_of_sheets(report_sheets(report, "en"), NOW, right_to_left=False))) as opened:
        assert "<f>" not in opened.read("xl/worksheets/sheet1.xml").decode()


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"format": "pdf"}, "format"),
        ({"from": "2026-11-23"}, "from"),
        ({"from": "2025-11-21"}, "from"),
        ({"until": "tomorrow"}, "until"),
        ({"days": "3"}, "days"),
    ],
)
def test_a_report_that_nobody_can_make_is_refused_by_the_field(doors: Doors, query: Json, field: str) -> None:
    answer = asked(doors, **query)
    assert (answer.status, answer.json["code"], answer.json["field"]) == (422, "invalid", field)


def test_a_report_that_there_is_not_is_unknown(doors: Doors) -> None:
    answer = doors.ask("GET", "/v1/reports/horoscope", seconds=25.0)
    assert (answer.status, answer.json["code"]) == (404, "report_unknown")


def test_a_report_for_which_there_is_no_time_is_asked_for_again(doors: Doors) -> None:
    answer = doors.ask("GET", "/v1/reports/days", seconds=1.2)
    assert (answer.status, answer.json["code"]) == (503, "busy")
