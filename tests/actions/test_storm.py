"""Eight tills, each a process of its own, on one member at once: what was accepted is there, once, in order, and adds up."""

from __future__ import annotations

import time
from collections import Counter

from club import aws
from club.up import OpenClub
from infra.stage import stage_named
from shared.actions.club import Club
from shared.domain.ledger import unpacked
from shared.store.keys import parts
from tests.actions.tills import new_member, postings, storm
from tests.storefront import processes

TILLS = 8
PURCHASES = 8
SECONDS_MAX = 60


def test_a_storm_of_eight_tills_on_one_member_is_exact(club: OpenClub, tills: Club) -> None:
    member_id = new_member(tills)
    parameter = aws.client("ssm").get_parameter(Name=stage_named("local").peppers, WithDecryption=True)["Parameter"]
    peppers = parameter.get("Value", "")
    began = time.monotonic()
    with processes(TILLS) as tills_at_once:
        storms = [
            tills_at_once.submit(storm, club.running, peppers, member_id, till, PURCHASES) for till in range(TILLS)
        ]
        accepted = [one for each in storms for one in each.result(timeout=SECONDS_MAX)]
    assert time.monotonic() - began < SECONDS_MAX
    rows = postings(tills, member_id)
    recorded = [parts(str(row["k"]))[1] for row in rows if row["c"] == "purchase"]
    assert Counter(recorded) == Counter(purchase_id for purchase_id, _ in accepted)
    assert [row["n"] for row in rows] == list(range(1, len(rows) + 1))
    # What came in another sequence than it happened is corrected: nothing else may stand between.
    assert {row["c"] for row in rows[1:]} <= {"purchase", "difference"}
    account = tills.store.account(member_id)
    assert account is not None
    assert account.posted == sum(unpacked(row["d"])[0] for row in rows)
    assert account.purchases == len(accepted)
    # A till that waits its turn gets it: nobody is turned away by a storm of this size.
    assert len(accepted) == TILLS * PURCHASES
