"""The report of a closed month goes to whoever answers for the sums: once, with the figures that were closed, and of nobody."""

from __future__ import annotations

import dataclasses
from datetime import date
from functools import partial
from importlib import resources

from shared.actions.write_letter import write_letter
from shared.domain.letters import shelf_of
from shared.domain.messages import report_intent
from shared.domain.reports import Column, Report, Section
from shared.store.months import chapter_of, chapters_of, close_chapter
from tests.laws.post_office import NOON, PostOffice

FINANCE = 'finance_email = "sums@rimon.example.com"\n'
MONTH = "2025-02"


def report(purchases: int, name: str = "kpi") -> Report:
    section = Section("figures", (Column("figure", "text"), Column("value", "number")), (("purchases", purchases),))
    return Report(name, "USD", date(2025, 2, 1), date(2025, 2, 28), (section,))


def office(contact: str = FINANCE) -> PostOffice:
    made = PostOffice("", contact=contact)
    shelf = shelf_of(resources.files("functions.notify") / "templates")
    compose = partial(write_letter, made.shop.club, shelf, lambda: "https://club.rimon.example.com")
    made.post = dataclasses.replace(made.post, compose=compose)
    return made


def asked(made: PostOffice) -> None:
    intent = report_intent("month#2025-02", MONTH, int(made.now.timestamp() * 1000), made.now.date())
    made.queue.append((made.now, intent))
    made.work(made.now)


def test_the_report_of_a_month_goes_to_finance_once_however_often_it_is_asked_for() -> None:
    made = office()
    close_chapter(made.memory, "live", MONTH, report(7), made.now)
    for _ in range(3):
        asked(made)
    assert [address for address, _ in made.told] == ["sums@rimon.example.com"]
    ((_, text, _),) = made.sent
    assert text.splitlines()[:5] == ["Rimon: the report of 2025-02", "", "figures", "figure | value", "purchases | 7"]


def test_a_month_that_is_not_closed_is_not_reported() -> None:
    made = office()
    asked(made)
    assert made.sent == []
    (said,) = made.said("staff")
    assert (said.state, said.decisions[-1][2]) == ("FAILED", "unwritable")


def test_where_nobody_answers_for_the_sums_no_report_goes_out() -> None:
    made = office(contact="")
    close_chapter(made.memory, "live", MONTH, report(7), made.now)
    asked(made)
    assert made.sent == []
    (said,) = made.said("staff")
    assert (said.state, said.decisions[-1][2]) == ("REFUSED", "no_address")


def test_a_closed_month_never_changes() -> None:
    made = office()
    first = close_chapter(made.memory, "live", MONTH, report(7), made.now)
    assert close_chapter(made.memory, "live", MONTH, report(8), NOON) == first
    assert chapter_of(made.memory, "live", MONTH, "kpi") == first
    assert chapter_of(made.memory, "test", MONTH, "kpi") is None


def test_chapters_come_in_the_sequence_in_which_they_are_read() -> None:
    made = office()
    for name in ("liability", "kpi"):
        close_chapter(made.memory, "live", MONTH, report(1, name), made.now)
    named = ("kpi", "cost", "liability")
    assert [one.report.name for one in chapters_of(made.memory, "live", MONTH, named)] == ["kpi", "liability"]
