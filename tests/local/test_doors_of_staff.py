"""What staff look at and press, over HTTP on the running club: files arrive whole, and a press is seen by the next who asks."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import UTC, datetime, timedelta

from tests.local.test_staff_by_hand import Office, office
from tests.storefront import Storefront, purchase

__all__ = ["office"]
REPORT = "/v1/reports/dormant"


def fell_silent(main: Storefront) -> str:
    """A member who bought three times, and not for 65 days."""
    member_id = main.new_member()
    for days_ago in (80, 70, 65):
        at = datetime.now(UTC) - timedelta(days=days_ago)
        bought = main.buy(purchase(member_id=member_id, occurred_at=at.isoformat(timespec="seconds")))
        assert bought.status_code == 201, bought.text
    return member_id


def test_the_dormant_report_is_the_same_in_every_form(main: Storefront, office: Office) -> None:
    member_id, desk = fell_silent(main), office("manager")
    told = desk.http.get(REPORT).json()
    ids = [one["member_id"] for one in told["members"]]
    assert member_id in ids
    assert told["next_cursor"] is None
    read = desk.http.get(REPORT, params={"format": "csv", "language": "fa"})
    assert read.headers["content-type"] == "text/csv; charset=utf-8"
    assert read.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(read.content.decode("utf-8-sig"))))
    assert [row[0] for row in rows] == ["عضو", *ids, "جمع"]
    sheet = desk.http.get(REPORT, params={"format": "xlsx"})
    assert sheet.headers["content-disposition"].endswith('.xlsx"')
    with zipfile.ZipFile(io.BytesIO(sheet.content)) as opened:
        assert opened.testzip() is None
        assert member_id in opened.read("xl/sharedStrings.xml").decode()


def test_a_press_is_seen_by_whoever_asks_next(office: Office) -> None:
    manager, clerk = office("manager"), office("clerk")
    assert manager.http.post("/v1/marketing", json={"stopped": True, "reason": "A wrong letter"}).status_code == 200
    assert clerk.http.get("/v1/marketing").json()["reason"] == "A wrong letter"
    assert clerk.http.post("/v1/marketing", json={"stopped": False, "reason": "Mine"}).status_code == 403
    assert manager.http.post("/v1/marketing", json={"stopped": False, "reason": "Mended"}).json()["goes"] is True


def test_an_automation_that_staff_switched_off_is_told_as_off(office: Office) -> None:
    manager = office("manager")

    def birthday() -> bool:
        told = manager.http.get("/v1/automations").json()["automations"]
        return bool(next(one["enabled"] for one in told if one["automation"] == "birthday"))

    for enabled in (False, True):
        word = {"enabled": enabled, "reason": "The gift is sold out, and came in again"}
        assert manager.http.post("/v1/automations/birthday", json=word).status_code == 200
        assert birthday() is enabled


def test_finance_sees_what_was_decided_in_advance(office: Office) -> None:
    told = office("finance").http.get("/v1/playbooks")
    assert told.status_code == 200, told.text
    assert [one["playbook"] for one in told.json()["playbooks"]][:2] == ["fewer-come-back", "gifts-too-many"]
    assert office("clerk").http.get("/v1/playbooks").status_code == 403


def test_a_member_who_was_told_nothing_has_no_messages(main: Storefront, office: Office) -> None:
    member_id = main.new_member()
    told = main.http.get(f"/v1/members/{member_id}/messages")
    assert told.status_code == 200
    assert set(told.json()) == {"member_id", "messages", "next_cursor"}
    assert office("clerk").http.get(f"/v1/staff/members/{member_id}/messages").content == told.content
