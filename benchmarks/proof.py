"""How long a proof takes, and how many postings a second are decided and kept in memory: what verifying and backtests live on."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from itertools import count

from benchmarks.figures import Chapter, Figure, median
from benchmarks.posting import USUAL
from benchmarks.shop import LINES_USUAL, lines, purchase
from shared.actions.caller import Caller
from shared.actions.club import Club
from shared.actions.enrol_member import enrol_member
from shared.actions.prove_ledger import Proving
from shared.actions.record_purchase import record_purchase
from shared.domain.decide import ms
from shared.domain.member import Joining
from shared.domain.purchase import Purchase
from shared.domain.rebuilding import rebuilt
from shared.store.laws import Laws, publish
from shared.store.memory import Memory
from shared.store.peppers import Peppers
from shared.store.store import Store

POSTINGS, ROUNDS = 1_000, 5
# Somebody who comes twice a week for ten years.
_APART = timedelta(days=3)


def filled(postings: int = POSTINGS) -> tuple[Club, str, float]:
    """A club in memory with one member of so many postings, the joining included, and the seconds that each purchase took."""
    now = datetime.now(UTC) - postings * _APART
    clock = [now]
    memory, numbers = Memory(), count(1)
    club = Club(
        Store(memory), Laws(memory, 3_600), Peppers(json.dumps([{"version": 1, "secret": "5e" * 32}])),
        now=lambda: clock[0], new_id=lambda: f"{next(numbers):016d}",
    )  # fmt: skip
    publish(memory, USUAL, now, at_once=True)
    till = Caller("main")
    person = Joining.model_validate({"name": "Noa Levi", "language": "en", "source": "till", "card": "CARD-1"})
    member = str(enrol_member(club, till, "J-1", person, _plenty).row["a"])
    bought = []
    for number in range(postings - 1):
        at = now + (number + 1) * _APART
        bought.append(Purchase.model_validate(purchase(lines(LINES_USUAL, seed=number), at, member_id=member)))
    began = time.perf_counter()
    for one in bought:
        clock[0] = one.occurred_at
        record_purchase(club, till, one, _plenty)
    return club, member, (time.perf_counter() - began) / len(bought)


def measured() -> Chapter:
    """The best of some rounds: what else the machine does can only add."""
    club, member, each_s = filled()
    account = club.store.account(member)
    assert account is not None
    rows = club.store.story(account)
    rebuilding, proving = [], []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        rebuilt(rows[:POSTINGS], club.laws.version, account)
        rebuilding.append((time.perf_counter() - began) * 1_000)
        began = time.perf_counter()
        proof = Proving(club.store, club.laws, ms(club.now())).account(account)
        proving.append((time.perf_counter() - began) * 1_000)
        assert proof.fault is None, proof.fault
    return Chapter(
        "Proving",
        f"A member who bought {LINES_USUAL} lines at a time under the usual programme, in memory, best of {ROUNDS} rounds. "
        "Rebuilt: the account made again of its rows. Proven: read, its chain of hashes verified, legs and balances added up, "
        "rebuilt, compared bit for bit, and its returns and redemptions with what stands beside them, as `club verify` does.",
        (
            Figure(f"The rebuild of a member with {POSTINGS:,} postings", min(rebuilding), "ms",
                   beside=f"median {median(rebuilding):.0f} ms"),
            Figure(f"The proof of a member with {len(rows):,} postings", min(proving), "ms",
                   beside=f"{len(rows) / min(proving) * 1_000:,.0f} postings/s"),
            Figure("Purchases decided and kept in memory", 1 / each_s, "a second",
                   beside=f"{each_s * 1e6:,.0f} µs each, by the same verb as the till's"),
        ),
    )  # fmt: skip


def _plenty() -> float:
    return 30.0
