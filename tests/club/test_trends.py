"""`club trends` and `club playbooks` in a terminal: targets, what turned, a chart, and what each playbook would do and did."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

import club.playbooks
import club.trends
from club.console import Trouble
from shared.actions.run_playbooks import run_playbooks
from shared.domain.decide import ms
from shared.domain.moved import Span
from shared.store.kpi import Closed, close
from tests.laws.shop import OPENED, Shop, plenty
from tests.laws.test_closing_targets import LAW, WANTED
from tests.laws.test_playbooks import GIFT, OFF, month, playbook

LAST = date(2025, 3, 1)
BOOKS = playbook("trend.purchases == 'fall' && day.purchases < 5", OFF) + playbook("day.joins > 0", OFF, "two")
BOOKS += playbook("day.joins == 0", OFF + "\nenabled = false", "three")


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Shop:
    """Sixty closed days of about twenty purchases, the last one of three."""
    made = Shop(LAW + WANTED + GIFT + BOOKS, now=datetime(2025, 3, 2, 11, tzinfo=UTC))
    for back in range(60):
        purchases = 20 + back % 3 if back else 3
        close(made.memory, Closed("live", LAST - timedelta(days=back), ms(OPENED), {"purchases": purchases}, None))
    month(made, "2025-02", ("purchases", "number", 3), ("spend_minor", "minor", 1_000))
    for module in (club.trends, club.playbooks):
        monkeypatch.setattr(module, "tables", lambda _stage: made.memory)
        monkeypatch.setattr(module, "in_force", lambda _stage: made.club.laws.latest())
        monkeypatch.setattr(module, "peppers_of", lambda _stage: made.club.peppers)
    return made


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Callable[[Callable[[], Any]], str]:
    def run(command: Callable[[], Any]) -> str:
        command()
        return capsys.readouterr().out

    return run


def trends(figure: str | None = None, by: str = "day", *, moved: bool = False) -> None:
    club.trends.trends(figure, by, datetime(2025, 3, 1), moved, "local")  # noqa: DTZ001  # A civil day, as an option has it.


def test_without_a_figure_targets_and_what_turned_are_shown(shop: Shop, said: Any) -> None:
    told = said(trends)
    assert "targets of 2025-02" in told
    assert "two-purchases" in told
    assert "met" in told
    assert (
        "Of 60 closed days until 2025-03-01:\n  purchases fell by more than noise: 3 in the day of 2025-03-01" in told
    )


def test_a_figure_is_drawn_with_its_marks_and_a_sentence(shop: Shop, said: Any) -> None:
    lines = said(lambda: trends("purchases")).splitlines()
    assert len(lines) == 31
    assert lines[-2] == f"2025-03-01  3 {'█' * 5}  ▼ beyond limits"
    assert lines[-1].startswith("purchases fell by more than noise")


def test_what_moved_it_is_asked_of_members_alone(shop: Shop, said: Any) -> None:
    assert "Each split below adds up to it." in said(lambda: trends("purchases", moved=True))
    assert "joins of members: 0 " in said(lambda: trends("joins", moved=True))
    with pytest.raises(Trouble, match="What moved guest_purchases is not told by members' postings: it is of guests"):
        trends("guest_purchases", moved=True)


def test_four_weeks_are_beside_the_four_before_and_a_month_that_is_over_beside_the_month_before() -> None:
    four = (Span(date(2025, 1, 5), date(2025, 2, 1)), Span(date(2025, 2, 2), LAST))
    assert club.trends.spans_of(LAST, "day") == four
    february = (Span(date(2025, 1, 1), date(2025, 1, 31)), Span(date(2025, 2, 1), date(2025, 2, 28)))
    assert club.trends.spans_of(LAST, "month") == february
    assert club.trends.spans_of(date(2025, 2, 28), "month") == february


@pytest.mark.parametrize(
    ("figure", "by", "why"),
    [("purchaces", "day", "no figure"), ("joins", "month", "of a month"), ("joins", "year", "--by")],
)
def test_what_is_no_figure_is_one_sentence(shop: Shop, figure: str, by: str, why: str) -> None:
    with pytest.raises(Trouble, match=why):
        trends(figure, by)


def test_playbooks_say_what_they_would_do_and_what_they_did(shop: Shop, said: Any) -> None:
    def listed() -> None:
        club.playbooks.playbooks(datetime(2025, 3, 1), "local")  # noqa: DTZ001

    told = said(listed)
    assert "  one would fire.\n  two does not fire: day.joins > 0 does not hold, day.joins is 0.\n" in told
    assert "  three is switched off in the programme.\n\nNone has fired until 2025-03-01." in told
    run_playbooks(shop.club, "live", LAST, plenty)
    told = said(listed)
    assert "  one fired: gift-of-spring is switched off.\n" in told
    assert told.endswith(
        "\nFired until 2025-03-01:\n"
        "  2025-03-01 one: gift-of-spring is switched off (trend.purchases = fall, day.purchases = 3; version 1)\n"
    )
