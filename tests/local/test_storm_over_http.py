"""A storm through the whole stack: eight processes buy for one member at once, over HTTP, gate and functions included."""

from __future__ import annotations

import time
from collections import Counter

from club.up import OpenClub
from shared.domain.ledger import unpacked
from shared.store.keys import parts
from tests.local.holdings import proven_postings
from tests.storefront import Storefront, buy_again_and_again, processes

TILLS = 8
PURCHASES = 6
SECONDS_MAX = 60


def test_a_storm_over_http_is_exact(club: OpenClub, main: Storefront) -> None:
    member_id = main.new_member()
    began = time.monotonic()
    with processes(TILLS) as tills:
        storms = [
            tills.submit(buy_again_and_again, club.url, club.key, member_id, till, PURCHASES) for till in range(TILLS)
        ]
        told = [one for storm in storms for one in storm.result(timeout=2 * SECONDS_MAX)]
    assert time.monotonic() - began < SECONDS_MAX
    # A till may be asked to come again; nothing else is an answer to a purchase that is right.
    assert {status for _, status, _ in told} <= {201, 503}
    accepted = {purchase_id: points for purchase_id, status, points in told if status == 201}
    rows = proven_postings(member_id)
    assert Counter(parts(str(row["k"]))[1] for row in rows if row["c"] == "purchase") == Counter(list(accepted))
    assert [row["n"] for row in rows] == list(range(1, len(rows) + 1))
    # What came in another sequence than it happened is corrected: nothing else stands between.
    assert {row["c"] for row in rows[1:]} <= {"purchase", "difference"}
    balance = sum(unpacked(row["d"])[0] for row in rows)
    assert main.member(member_id).json()["points"]["balance"] == balance
    assert sum(entry["points"] for entry in main.whole_statement(member_id)) == balance
    assert len(accepted) == TILLS * PURCHASES
