"""Where a member joined is kept with the account, told by the census, and stays whatever is rebuilt."""

from __future__ import annotations

import json
import zlib
from datetime import UTC, date, datetime
from typing import Any

from shared.actions.enrol_member import enrol_member
from shared.actions.rebuild_account import rebuild_account
from shared.actions.take_census import census_now
from shared.domain.census import all_of
from shared.domain.member import Joining
from shared.domain.reports import Report
from shared.store.backend import Put
from shared.store.census import census_pages, put_page
from shared.store.months import chapter_of
from tests.laws.clockwork import Clockwork
from tests.laws.shop import MAIN, Shop, bought, plenty
from tests.laws.test_what_is_owed import LAW, at, section


def joined(shop: Shop, key: str, source: str) -> str:
    body = {
        "name": "Dana",
        "language": "en",
        "source": source,
        "card": f"CARD-{key}",
        "joined_at": at(1, 1).isoformat(),
    }
    return str(enrol_member(shop.club, MAIN, key, Joining.model_validate(body), plenty).row["a"])


def cost_of_january(shop: Shop) -> Report:
    shop.now = datetime(2025, 2, 3, 12, tzinfo=UTC)
    clock = Clockwork(shop, 2)
    for job in ("census", "month"):
        clock.run(job)
    assert not clock.dead
    chapter = chapter_of(shop.memory, "live", "2025-01", "cost")
    assert chapter is not None
    return chapter.report


def test_a_closed_month_tells_what_members_of_each_source_bought_and_were_given() -> None:
    shop = Shop(LAW, now=at(1, 1))
    keys = {"J-1": "till", "J-2": "web", "J-3": "web"}
    members = {key: joined(shop, key, source) for key, source in keys.items()}
    shop.now = at(1, 5)
    for key, price in (("J-1", 10_000), ("J-2", 3_000)):
        shop.buy(bought(f"A-{key}", at(1, 5), ("CD-1", 1, price)) | {"member_id": members[key]})
    shop.now = at(1, 20)
    shop.hold("H-1", members["J-1"], units=40)
    shop.capture("H-1")
    rows: dict[str, dict[str, Any]] = {row["source"]: row for row in section(cost_of_january(shop), "by_source")}
    told = {
        source: (row["members"], row["new"], row["purchases"], row["spend_minor"], row["rewards"])
        for source, row in rows.items()
    }
    # A point pays 2.
    assert told == {"till": (1, 1, 1, 10_000, 80), "web": (2, 2, 1, 3_000, 0)}


def test_pages_of_a_census_that_an_earlier_release_wrote_are_read_and_know_no_sources() -> None:
    shop = Shop(LAW, now=at(1, 1))
    joined(shop, "J-1", "web")
    page = ("live", "2025-01", 0, 1, "", all_of(list(census_now(shop.club, "live", date(2025, 1, 31)))), None, shop.now)
    put_page(shop.memory, *page)
    (now,) = census_pages(shop.memory, "live", "2025-01", 1) or ()
    assert now.sources["web", "members"] == 1
    (row,) = (row for row in shop.memory.scanned("club") if str(row["kind"]).startswith("census#"))
    told = json.loads(zlib.decompress(row["z"]))
    shop.memory.write([Put("club", {**row, "z": zlib.compress(json.dumps(told[:4]).encode())})])
    (before,) = census_pages(shop.memory, "live", "2025-01", 1) or ()
    assert before == now._replace(sources={})


def test_an_account_that_is_rebuilt_from_the_ledger_keeps_its_source() -> None:
    shop = Shop(LAW, now=at(1, 1))
    member = joined(shop, "J-1", "spring-26")
    shop.now = at(1, 5)
    shop.buy(bought("A-1", at(1, 5), ("CD-1", 1, 900)) | {"member_id": member})
    before = shop.account(member)
    assert before.source == "spring-26"
    rebuild_account(shop.club.store, shop.club.laws, member)
    assert shop.account(member) == before
    assert before.joined_on == date(2025, 1, 1)
