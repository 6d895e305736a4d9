"""What each function uses is told, by functions that post nothing as well: nobody's use is missing from the club's cost."""

from __future__ import annotations

import time

from club.up import OpenClub
from infra.rooms import ROOMS
from shared.store.keys import function_of
from tests.local.holdings import all_rows
from tests.storefront import Storefront, new_id, purchase

TOLD_WITHIN_S = 60


def test_every_function_that_was_called_has_told_what_it_used(club: OpenClub, main: Storefront) -> None:
    member_id = main.new_member(card=new_id("CARD"))
    assert main.quote(purchase(member_id=member_id)).status_code == 200
    assert main.buy(purchase(member_id=member_id)).status_code == 201
    assert main.http.get("/openapi.json").status_code == 200
    assert main.http.get("/v1/preferences/nobodys").status_code == 404
    wanted, deadline = {"gate", "relay", "docs", "page"}, time.monotonic() + TOLD_WITHIN_S
    while not wanted <= (told := told_calls()).keys() and time.monotonic() < deadline:
        time.sleep(1)
    assert wanted <= told.keys() <= {room.name for room in ROOMS}
    assert all(told[function] > 0 for function in wanted)


def told_calls() -> dict[str, int]:
    sums: dict[str, int] = {}
    for row in all_rows("club"):
        # What a table keeps stands among them, and calls nobody.
        if row["kind"]["S"].startswith("used#") and "calls" in row:
            function = function_of(row["id"]["S"])
            sums[function] = sums.get(function, 0) + int(row["calls"]["N"])
    return sums
