"""T5: the same request again, however much later: the first answer, byte for byte, and nothing written."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shared.domain.errors import PurchaseDiffers, ReturnDiffers, TooLate
from tests.laws.shop import OPENED, Shop, bought, came_back
from tests.laws.test_redemptions import PAYING

LATER = [timedelta(seconds=1), timedelta(minutes=11), timedelta(hours=25), timedelta(days=400)]


def all_rows(shop: Shop) -> list[Any]:
    return [repr(row) for table in ("accounts", "ledger", "limits") for row in shop.memory.scanned(table)]  # type: ignore[arg-type]


@pytest.mark.parametrize("later", LATER, ids=str)
def test_every_request_sent_again_is_answered_as_the_first_time(later: timedelta) -> None:
    shop = Shop(PAYING)
    member = shop.join()
    first = bought("A-1", OPENED, ("CD-1", 2, 20_000)) | {"member_id": member}
    second = bought("A-2", OPENED + timedelta(hours=1), ("CD-1", 1, 5_000)) | {"member_id": member}
    back = came_back("R-1", OPENED + timedelta(hours=2), "A-1", amount_minor=5_000)
    early = came_back("R-2", OPENED + timedelta(hours=2), "A-9", amount_minor=5_000)
    shop.now += timedelta(hours=3)
    made = [shop.buy(first), shop.buy(second), shop.bring_back(back), shop.bring_back(early)]
    made += [shop.hold("RD-1", member, units=30), shop.capture("RD-1"), shop.reverse("RD-1", "B-1", units=10)]
    made += [shop.hold("RD-2", member, units=5), shop.void("RD-2"), shop.adjust(member, 7, "ADJ-1")]
    shop.buy(bought("A-3", OPENED + timedelta(hours=3), ("CD-1", 1, 100)) | {"member_id": member})
    shop.now += later
    before = all_rows(shop)
    again = [shop.buy(first), shop.buy(second), shop.bring_back(back), shop.bring_back(early)]
    again += [shop.hold("RD-1", member, units=30), shop.capture("RD-1"), shop.reverse("RD-1", "B-1", units=10)]
    again += [shop.hold("RD-2", member, units=5), shop.void("RD-2"), shop.adjust(member, 7, "ADJ-1")]
    assert again == made
    assert all_rows(shop) == before
    shop.prove(member)


def test_an_id_with_other_content_is_refused_however_late() -> None:
    shop = Shop(PAYING)
    member = shop.join()
    first = bought("A-1", OPENED, ("CD-1", 2, 20_000)) | {"member_id": member}
    shop.buy(first)
    back = came_back("R-1", OPENED + timedelta(hours=2), "A-1", amount_minor=5_000)
    shop.now += timedelta(hours=3)
    shop.bring_back(back)
    shop.now += timedelta(days=400)
    before = all_rows(shop)
    with pytest.raises(PurchaseDiffers):
        shop.buy(first | {"occurred_at": (OPENED - timedelta(hours=1)).isoformat()})
    with pytest.raises(ReturnDiffers):
        shop.bring_back(back | {"amount_minor": 1})
    assert all_rows(shop) == before


def test_what_is_later_than_the_programme_allows_is_refused_where_it_would_change_what_stands() -> None:
    shop = Shop(PAYING)
    member = shop.join()
    shop.now += timedelta(days=3_700)
    shop.buy(bought("A-1", shop.now, ("CD-1", 2, 20_000)) | {"member_id": member})
    with pytest.raises(TooLate):
        shop.buy(bought("A-2", OPENED, ("CD-1", 2, 20_000)) | {"member_id": member})
    shop.buy(bought("A-3", shop.now - timedelta(days=3_600), ("CD-1", 2, 20_000)) | {"member_id": member})
    shop.prove(member)
