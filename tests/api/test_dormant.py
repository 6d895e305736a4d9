"""The dormant report: who bought often and then fell silent, as JSON and as files that a spreadsheet opens."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from shared.actions import find_dormant
from shared.api.sheets import csv_of, safe, xlsx_of
from shared.store.backend import Put
from shared.store.rows import account_row
from tests.api.conftest import NOW, Doors
from tests.api.gateway import Heard
from tests.api.test_doors import LINE, purchase
from tests.api.test_office import claims

Json = dict[str, Any]
REPORT = "/v1/reports/dormant"
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def bought(doors: Doors, member_id: str, *days_ago: int, minor: int = 2_990) -> None:
    """Purchases of a member, so many days ago each."""
    now = doors.now
    for ago in sorted(days_ago, reverse=True):
        doors.now = now - timedelta(days=ago)
        body = purchase(
            member_id=member_id, purchase_id=f"A-{member_id[-4:]}-{ago}", total_minor=minor,
            occurred_at=doors.now.isoformat(), lines=[LINE | {"amount_minor": minor}],
        )  # fmt: skip
        assert doors.ask("POST", "/v1/purchases", body).status == 201
    doors.now = now


def joined(doors: Doors, *days_ago: int, minor: int = 2_990) -> str:
    member_id = doors.join(joined_at="2024-01-01T12:00:00Z")
    bought(doors, member_id, *days_ago, minor=minor)
    return member_id


def report(doors: Doors, **query: str) -> Heard:
    answer = doors.ask("GET", REPORT, query=query, seconds=25.0)
    assert answer.status == 200, answer.text
    return answer


def members(doors: Doors, **query: str) -> list[str]:
    return [one["member_id"] for one in report(doors, **query).json["members"]]


def test_who_bought_three_times_and_then_not_for_sixty_days_is_dormant(doors: Doors) -> None:
    dormant = joined(doors, 61, 70, 80)
    joined(doors, 59, 70, 80)
    joined(doors, 61, 70)
    joined(doors)
    told = report(doors).json
    (one,) = told["members"]
    assert one == {
        "member_id": dormant, "purchases": 3, "spend_minor": 8_970, "last_purchase_on": "2026-09-22", "silent_days": 61,
        "tier": None, "balance": 87,
    }  # fmt: skip
    assert told["totals"] == {"members": 1, "purchases": 3, "spend_minor": 8_970, "balance": 87}
    assert (told["today"], told["accounts_read"], told["next_cursor"]) == ("2026-11-22", 4, None)


def test_silent_for_exactly_so_many_days_is_silent_for_them(doors: Doors) -> None:
    member_id = joined(doors, 60, 70, 80)
    assert members(doors, days="60") == [member_id]
    assert members(doors, days="61") == []


def test_often_is_counted_in_the_year_until_the_last_purchase_however_long_ago_that_is(doors: Doors) -> None:
    member_id = joined(doors, 400, 500, 764)
    assert members(doors) == [member_id]
    other = joined(doors, 400, 500, 765)
    assert other not in members(doors)
    assert set(members(doors, purchases_min="2")) == {member_id, other}


def test_who_spent_most_stands_first_and_who_is_no_active_member_not_at_all(doors: Doors) -> None:
    little, much, gone = (joined(doors, 61, 62, 63, minor=minor) for minor in (1_000, 9_000, 5_000))
    assert members(doors) == [much, gone, little]
    account = doors.club.store.account(gone)
    assert account is not None
    doors.memory.write([Put("accounts", account_row(account._replace(status="suspended")))])
    assert members(doors) == [much, little]


def test_it_names_no_person(doors: Doors) -> None:
    member_id = doors.join(joined_at="2024-01-01T12:00:00Z", name="Dana Levi", email="dana@example.com", card="C-771")
    bought(doors, member_id, 61, 62, 63)
    for known in ("json", "csv"):
        text = report(doors, format=known).text
        assert member_id in text
        assert not any(told in text for told in ("Dana", "Levi", "dana@", "C-771"))


def test_a_report_in_parts_tells_everybody_once_and_a_file_says_that_it_is_a_part(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    everybody = {joined(doors, 61, 62, 63) for _ in range(5)}
    whole = find_dormant.find_dormant
    monkeypatch.setattr(find_dormant, "find_dormant", lambda *asked: whole(*asked, rows_max=2))
    found: list[str] = []
    query: dict[str, str] = {}
    for _ in range(3):
        told = report(doors, **query).json
        found += [one["member_id"] for one in told["members"]]
        query = {"cursor": told["next_cursor"]}
    assert told["next_cursor"] is None
    assert sorted(found) == sorted(everybody)
    first = report(doors, format="csv")
    assert first.headers["content-disposition"] == 'attachment; filename="dormant-2026-11-22-part.csv"'
    second = report(doors, format="csv", cursor=first.headers["next-cursor"])
    assert not set(_ids(first.text)) & set(_ids(second.text))


def _ids(text: str) -> list[str]:
    return [row[0] for row in csv.reader(io.StringIO(text)) if row[0].startswith("M0")]


def test_where_time_runs_out_the_rest_is_for_the_next_request(doors: Doors) -> None:
    everybody = {joined(doors, 61, 62, 63) for _ in range(4)}
    clock = iter([20.0, 20.0, 5.0])
    part = find_dormant.find_dormant(doors.club, "live", find_dormant.DormantRule(60, 3), None, lambda: next(clock))
    assert (len(part.found), part.accounts) == (2, 2)
    rest = find_dormant.find_dormant(doors.club, "live", find_dormant.DormantRule(60, 3), part.cursor, lambda: 20.0)
    assert {one.member_id for one in (*part.found, *rest.found)} == everybody
    assert rest.cursor is None


def test_too_little_time_for_a_single_account_is_said_so(doors: Doors) -> None:
    joined(doors)
    answer = doors.ask("GET", REPORT, seconds=4.0)
    assert (answer.status, answer.code, answer.json["what"]) == (503, "busy", "accounts")


def test_a_cursor_of_another_report_or_of_nobody_opens_nothing(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(2):
        joined(doors, 61, 62, 63)
    whole = find_dormant.find_dormant
    monkeypatch.setattr(find_dormant, "find_dormant", lambda *asked: whole(*asked, rows_max=1))
    cursor = report(doors).json["next_cursor"]
    for query in ({"cursor": cursor, "days": "30"}, {"cursor": "x"}, {"cursor": ""}, {"cursor": cursor + "="}):
        answer = doors.ask("GET", REPORT, query=query, seconds=25.0)
        assert (answer.status, answer.code) == (400, "cursor_invalid"), query


def test_as_csv_a_spreadsheet_reads_it_in_every_language(doors: Doors) -> None:
    member_id = joined(doors, 61, 70, 80)
    answer = report(doors, format="csv", language="he")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="dormant-2026-11-22.csv"'
    assert answer.text.startswith("\ufeff")
    heading, row, total = csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")))
    assert (heading[0], heading[2]) == ("חבר", "סכום הקניות בשנה שלפני כן (USD)")
    assert row == [member_id, "3", "89.70", "2026-09-22", "61", "", "87"]
    assert total == ["סך הכול", "3", "89.70", "", "", "", "87"]


def test_as_xlsx_numbers_are_numbers_and_a_hebrew_sheet_runs_from_the_right(doors: Doors) -> None:
    joined(doors, 61, 70, 80)
    answer = report(doors, format="xlsx", language="he")
    assert answer.headers["content-type"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert answer.headers["content-disposition"] == 'attachment; filename="dormant-2026-11-22.xlsx"'
    sheet = _sheet(answer.text.encode("latin-1"))
    (view,) = sheet.iter(f"{SHEET}sheetView")
    assert view.get("rightToLeft") == "1"
    spend = next(one for one in sheet.iter(f"{SHEET}c") if one.get("r") == "C2")
    value = spend.find(f"{SHEET}v")
    assert value is not None
    assert (spend.get("t"), value.text) == (None, "89.70")
    left = _sheet(report(doors, format="xlsx").text.encode("latin-1"))
    assert next(left.iter(f"{SHEET}sheetView")).get("rightToLeft") is None


def test_a_file_tells_the_clubs_own_time_and_nobodys_name(doors: Doors) -> None:
    joined(doors, 61, 70, 80)
    with zipfile.ZipFile(io.BytesIO(report(doors, format="xlsx").text.encode("latin-1"))) as opened:
        core = opened.read("docProps/core.xml").decode()
    assert core.count("2026-11-22T17:00:00Z") == 2
    assert "<dc:creator></dc:creator>" in core


def _sheet(content: bytes) -> ET.Element:
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        assert opened.testzip() is None
        return ET.fromstring(opened.read("xl/worksheets/sheet1.xml"))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", '=HYPERLINK("x")'])
def test_no_text_of_a_programme_is_run_by_a_spreadsheet(text: str) -> None:
    """X9."""
    assert safe(text) == f"'{text}"
    (row,) = csv.reader(io.StringIO(csv_of([[text, -5]]).removeprefix("\ufeff"), newline=""))
    assert row == [f"'{text}", "-5"]
    with zipfile.ZipFile(io.BytesIO(xlsx_of([["heading"], [text]], NOW, right_to_left=False))) as opened:
        assert b"<f>" not in opened.read("xl/worksheets/sheet1.xml")
        texts = [one.text for one in ET.fromstring(opened.read("xl/sharedStrings.xml")).iter(f"{SHEET}t")]
        assert texts[1] == f"'{text}".replace("\r", "_x000D_")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"days": "0"}, "days"),
        ({"days": "-1"}, "days"),
        ({"days": "3651"}, "days"),
        ({"days": "1e2"}, "days"),
        ({"days": "٦٠"}, "days"),
        ({"days": "060"}, "days"),
        ({"days": "9" * 5_000}, "days"),
        ({"purchases_min": "0"}, "purchases_min"),
        ({"purchases_min": "1001"}, "purchases_min"),
        ({"format": "pdf"}, "format"),
        ({"format": ""}, "format"),
        ({"limit": "5"}, "limit"),
    ],
)
def test_a_report_that_cannot_be_is_refused(doors: Doors, query: dict[str, str], field: str) -> None:
    answer = doors.ask("GET", REPORT, query=query)
    assert (answer.status, answer.json["field"]) == (422, field)


def test_a_clerk_is_told_no_report_and_another_language_than_the_programmes_is_none(doors: Doors) -> None:
    assert doors.ask("GET", REPORT, claims=claims("clerk")).code == "group_not_allowed"
    assert doors.ask("GET", REPORT, query={"language": "de"}).code == "language_unknown"
