"""`club job`: what may be closed by hand, and what may not."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from club import job
from club.console import Trouble
from club.job import RUNS, Desk
from infra.stage import STAGES
from shared.store.months import chapter_of
from tests.laws.clockwork import Clockwork
from tests.laws.shop import Shop, bought
from tests.laws.test_closing_months import LAW, figures, folded


def desk(monkeypatch: pytest.MonkeyPatch, shop: Shop, asked: date) -> Desk:
    monkeypatch.setattr(job, "day_of", lambda _, __: shop.now.date())
    return Desk(shop.club, shop.club.laws.at(shop.now), asked, True, "local")


def test_a_month_is_counted_and_closed_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    shop = Shop(LAW, now=datetime(2025, 3, 1, 13, tzinfo=UTC))
    member = shop.join(datetime(2025, 2, 2, 13, tzinfo=UTC))
    shop.buy(bought("A-1", datetime(2025, 2, 3, 13, tzinfo=UTC), ("CD-1", 1, 900)) | {"member_id": member})
    folded(shop)
    at = desk(monkeypatch, shop, date(2025, 3, 1))
    with pytest.raises(Trouble, match="club job census"):
        RUNS["month"](at)
    assert RUNS["census"](at)
    assert RUNS["month"](at)
    chapter = chapter_of(shop.memory, "live", "2025-02", "kpi")
    assert chapter is not None
    told = figures(chapter.report)
    assert (told["members"], told["buyers"], told["spend_minor"]) == (1, 1, 900)


def test_a_month_that_the_clock_counted_in_the_parts_of_its_stage_is_closed_by_hand(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shop = Shop(LAW, now=datetime(2025, 3, 1, 13, tzinfo=UTC))
    for _ in range(6):
        shop.join(datetime(2025, 2, 2, 13, tzinfo=UTC))
    Clockwork(shop, 5).run("census")
    monkeypatch.setattr(job, "stage_named", lambda _: STAGES["prod"]._replace(parts=5))
    assert RUNS["month"](desk(monkeypatch, shop, date(2025, 3, 1)))
    chapter = chapter_of(shop.memory, "live", "2025-02", "kpi")
    assert chapter is not None
    assert figures(chapter.report)["members"] == 6


@pytest.mark.parametrize("name", ["census", "month", "estimates"])
def test_a_month_that_is_not_over_is_not_closed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = Shop(LAW, now=datetime(2025, 2, 28, 13, tzinfo=UTC))
    with pytest.raises(Trouble, match="2025-02 is not over"):
        RUNS[name](desk(monkeypatch, shop, date(2025, 3, 3)))
    assert chapter_of(shop.memory, "live", "2025-02", "kpi") is None


def test_the_estimates_of_a_month_are_closed_by_hand_once_the_month_is(monkeypatch: pytest.MonkeyPatch) -> None:
    shop = Shop(LAW, now=datetime(2025, 3, 1, 13, tzinfo=UTC))
    member = shop.join(datetime(2025, 2, 2, 13, tzinfo=UTC))
    shop.buy(bought("A-1", datetime(2025, 2, 3, 13, tzinfo=UTC), ("CD-1", 1, 900)) | {"member_id": member})
    folded(shop)
    at = desk(monkeypatch, shop, date(2025, 3, 1))
    with pytest.raises(Trouble, match="`club job census` and then `club job month`"):
        RUNS["estimates"](at)
    assert RUNS["census"](at)
    assert RUNS["month"](at)
    assert RUNS["estimates"](at)
    notes = {}
    for name in ("uplift", "expected"):
        chapter = chapter_of(shop.memory, "live", "2025-02", name)
        assert chapter is not None
        notes[name] = " ".join(chapter.report.notes)
    assert "nobody is held out of all" in notes["uplift"]
    assert "not enough data: 1 customers" in notes["expected"]
