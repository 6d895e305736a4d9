"""T3: tills die in the middle of their work, wherever that is; whoever does it again ends it, and nothing is there twice."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from datetime import UTC, datetime, timedelta

from shared.store.laws import publish
from tests.laws.endpoint import Endpoint
from tests.laws.model import programme
from tests.laws.runs import SEED
from tests.laws.shop import HEAD
from tests.laws.workers import (
    KINDS_OF_A_PIECE,
    POINTS_OF_A_PIECE,
    Place,
    answered,
    join,
    piece,
    proven_rows,
    work,
)

KILLS = 50
MEMBERS = 5
# A part of the work is a handful of requests of a few milliseconds each.
SECONDS_INTO_A_PART_MAX = 0.03
BEGUN_WITHIN_S = 60


def test_fifty_tills_are_killed_and_nothing_is_lost_or_doubled(endpoint: Endpoint, names: dict[str, str]) -> None:
    place, chance = Place(endpoint, names), random.Random(SEED)
    club, began = place.club(), datetime.now(UTC) - timedelta(hours=1)
    publish(club.store.backend, HEAD + programme(1), began, at_once=True)
    members = [join(club, f"J-{number}", began) for number in range(MEMBERS)]
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.laws.workers"])
    killed = 0
    for pair in range(KILLS // 2):
        # Two work for the same member at once, and both die.
        member_id = members[pair % MEMBERS]
        pieces = [(f"A-{pair}-{one}", began + timedelta(minutes=pair, seconds=one)) for one in range(2)]
        working = []
        for name, at in pieces:
            ours, theirs = context.Pipe(duplex=False)
            till = context.Process(target=work, args=(place, member_id, name, at, theirs), daemon=True)
            till.start()
            theirs.close()
            working.append((till, ours))
        for till, begun in working:
            for _ in range(chance.randint(1, 8)):
                assert begun.poll(BEGUN_WITHIN_S)
                begun.recv()
            time.sleep(chance.random() * SECONDS_INTO_A_PART_MAX)
            assert till.pid is not None
            os.kill(till.pid, signal.SIGKILL)
            till.join()
            killed += till.exitcode == -signal.SIGKILL
            begun.close()
        for name, at in pieces:
            for part in piece(club, member_id, name, at):
                answered(part)
    assert killed == KILLS
    for number, member_id in enumerate(members):
        count = sum(2 for pair in range(KILLS // 2) if pair % MEMBERS == number)
        rows = proven_rows(club, member_id)
        kinds = Counter(str(row["c"]) for row in rows if row["c"] not in ("join", "difference"))
        assert kinds == {kind: times * count for kind, times in KINDS_OF_A_PIECE.items()}
        account = club.store.account(member_id)
        assert account is not None
        assert (account.posted, dict(account.holds)) == (POINTS_OF_A_PIECE * count, {})
        assert account.purchases == count
