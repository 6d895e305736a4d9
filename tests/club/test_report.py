"""`club report monthly`: what a person reads of a month in the terminal."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from club import report
from club.__main__ import app
from shared.domain.months import KPIS, TABLES
from shared.store.months import chapter_of
from tests.laws.clockwork import Clockwork
from tests.laws.shop import Shop, bought
from tests.laws.test_closing_months import LAW, folded


def at(month: int, day: int) -> datetime:
    return datetime(2025, month, day, 13, tzinfo=UTC)


def closed(shop: Shop, month: int) -> None:
    shop.now = at(month + 1, 3)
    folded(shop)
    clock = Clockwork(shop)
    for job in ("census", "month"):
        clock.run(job)


def printed(monkeypatch: pytest.MonkeyPatch, shop: Shop, month: str) -> str:
    monkeypatch.setattr(report, "club_of", lambda _: shop.club)
    result = CliRunner().invoke(app, ["report", "monthly", "--month", month])
    assert result.exit_code == 0, result.output
    return result.output


def line(text: str, name: str) -> list[str]:
    return next(one for one in text.splitlines() if one.startswith(f"{name} ")).split()


def test_a_closed_month_stands_beside_the_one_before_and_what_came_late_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shop = Shop(LAW, now=at(1, 4))
    member = shop.join(at(1, 2))
    shop.now = at(1, 21)
    shop.buy(bought("A-1", at(1, 20), ("CD-1", 1, 900)) | {"member_id": member})
    closed(shop, 1)
    shop.buy(bought("A-2", at(1, 20), ("CD-1", 1, 2_000)) | {"member_id": member})
    shop.buy(bought("A-3", at(2, 1), ("CD-1", 1, 1_500)) | {"member_id": member})
    closed(shop, 2)
    text = printed(monkeypatch, shop, "2025-02")
    assert text.startswith("February 2025, closed.")
    assert line(text, "spend_minor")[1:3] == ["$15.00", "$9.00"]
    assert "no closed month changes" in " ".join(text.split())
    assert any("2025" in one and "spend_minor" in one and "2,000" in one for one in text.splitlines())
    days = text[text.index("day by day") :]
    assert line(days, "spend_minor")[1] == "$15.00"


def test_each_figure_and_table_of_a_report_is_told_with_its_unit_and_zone() -> None:
    text = CliRunner().invoke(app, ["kpis"], env={"COLUMNS": "80"}).output
    of_a_month = text[: text.index("Of a day.")].splitlines()
    for kpi in KPIS:
        assert any(one.split()[:1] == [kpi.name] and "the club's" in one for one in of_a_month), kpi.name
    shop = Shop(LAW, now=at(1, 4))
    shop.now = at(2, 3)
    closed(shop, 1)
    chapter = chapter_of(shop.memory, "live", "2025-01", "kpi")
    assert chapter is not None
    told = {name.removesuffix(" …") for name, _, _ in TABLES}
    for section in chapter.report.sections[1:]:
        assert section.name in told or section.name.startswith("rfm_ever")


def test_an_open_month_is_said_to_be_open(monkeypatch: pytest.MonkeyPatch) -> None:
    shop = Shop(LAW, now=at(1, 4))
    text = printed(monkeypatch, shop, "2025-01")
    assert "January 2025, not closed: counted from the ledger now." in text.splitlines()
