"""What staff switched off is due for nobody, and what it wanted to say is not said."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from shared.actions.caller import Caller
from shared.actions.staff import Staff
from shared.actions.sweep import grant_called
from shared.actions.switch_automation import switch_automation
from shared.domain.staff_requests import Switching
from shared.store.keys import source
from tests.laws.post_office import NOON, PostOffice, automation
from tests.laws.shop import plenty

MANAGER = Staff("manager", ("manager",))
A_WEEK = NOON + timedelta(days=7)


def switch(office: PostOffice, name: str, *, enabled: bool) -> None:
    switch_automation(office.shop.club, MANAGER, name, Switching(enabled=enabled, reason="Sold out"), plenty)


def dues(office: PostOffice) -> list[str]:
    return sorted(row["k"].split("#")[1] for row in office.memory.scanned("ledger") if row["c"] == "due")


def test_what_is_off_is_due_for_nobody_and_what_is_on_again_is() -> None:
    office = PostOffice(automation("news") + automation("other"))
    office.join()
    switch(office, "news", enabled=False)
    office.sweep()
    assert dues(office) == ["other"]
    switch(office, "news", enabled=True)
    office.sweep()
    assert dues(office) == ["news", "other"]


def test_what_is_off_is_not_called_for_by_what_happens() -> None:
    office = PostOffice(automation("hello", on='on = "join"\n'))
    member = office.join()
    (joined,) = (row["k"] for row in office.memory.scanned("ledger"))
    switch(office, "hello", enabled=False)
    grant_called(office.shop.club, Caller(""), member, "join", str(joined), plenty)
    assert dues(office) == []
    switch(office, "hello", enabled=True)
    grant_called(office.shop.club, Caller(""), member, "join", str(joined), plenty)
    assert dues(office) == ["hello"]


def test_a_message_that_waits_when_its_automation_is_switched_off_is_not_sent() -> None:
    office = PostOffice(automation("news") + automation("other"), now=datetime(2025, 3, 10, 8, 30, tzinfo=UTC))
    member = office.join()
    office.sweep()
    office.work(office.now + timedelta(hours=1))
    assert office.states(member)["news"] == ("PENDING", "quiet_hours")
    switch(office, "news", enabled=False)
    office.work(A_WEEK)
    assert office.states(member) == {"news": ("EXPIRED", "no_longer_due"), "other": ("SENT", "allowed")}
    assert [name for _, name, _ in office.sent] == ["other"]


def test_what_a_message_cost_counts_for_its_automation() -> None:
    office = PostOffice(automation("news"))
    office.join()
    office.join(email=None, phone="+1 201 555 0123")
    office.sweep()
    office.work(A_WEEK)
    rows = office.memory.listed("post", source("live", "news"))
    assert sum(row["SENT"] for row in rows) == 2
    assert sum(row["cost"] for row in rows) == 810_000
    assert {row["s"].partition("#")[0] for row in rows} == {date(2025, 3, 10).isoformat()}
