"""How long the pure decision takes: a purchase of three lines by a member of two years, under two programmes.

The limit holds for a usual one: points per amount, a tier, a double for some goods, points that wait and lapse.
The demo programme, with twice as many rules and a wallet, an activity and an achievement besides, is shown beside it.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime

from benchmarks.figures import Chapter, Figure, median
from benchmarks.shop import LINES_USUAL, established, lines, purchase
from club.up import PROGRAMME
from shared.domain.account import Account
from shared.domain.decide import post_purchase
from shared.domain.ledger import Posting
from shared.domain.purchase import Purchase
from shared.domain.rulebook import Rulebook, rulebook

ROUNDS, POSTINGS = 15, 400
POSTING_US_MAX = 100


Scene = tuple[Purchase, Account, Rulebook, datetime]
USUAL = """
[club]
name = "Rimon"
currency = "USD"
time_zone = "America/New_York"
languages = ["fa", "en"]
phone_region = "US"

[points]
value_minor = 5
pending_days = 14
expiry = { months = 12, at = "month_end" }
rounding = { mode = "floor", per = "purchase" }

[[tier]]
id = "gold"
spend_minor = 40_000

[[earn]]
id = "base"
points = 1
per_minor = 100

[[earn]]
id = "double-vinyl-for-gold"
when = "member.tier == 'gold'"
lines = "line.category == 'vinyl'"
multiply = 2

[policies]
redeem_more_than_balance = "reject"
clawback_when_spent = "negative"
"""


def scene(programme: str) -> Scene:
    book, now = rulebook(programme, 1), datetime.now(UTC)
    joined = Account(id="M0000000000000000", joined_on=now.date(), language="fa")
    account = established(joined, book, now)
    return Purchase.model_validate(purchase(lines(LINES_USUAL), member_id=account.id)), account, book, now


def posting(bought: Purchase, account: Account, book: Rulebook, now: datetime) -> Posting:
    return post_purchase(bought, account, book, now, key=f"purchase#main#{bought.purchase_id}", fingerprint=b"f" * 17)


def measured() -> Chapter:
    """The median of the best round: what else the machine does can only add."""
    scenes = {"a usual programme": scene(USUAL), "the demo programme": scene(PROGRAMME.read_text("utf-8"))}
    rounds: dict[str, list[float]] = {name: [] for name in scenes}
    for _ in range(ROUNDS):
        for name, scene_ in scenes.items():
            rounds[name].append(_round(scene_))
    limits = dict(zip(scenes, (POSTING_US_MAX, None), strict=True))
    return Chapter(
        "Deciding",
        f"`post_purchase` alone, {LINES_USUAL} lines, a member of 24 months: the median of {POSTINGS}, best of {ROUNDS} rounds, "
        "in turns. A usual programme has a tier and two rules (`benchmarks/posting.py`); the demo's has six rules, two tiers, "
        "a punch card and an achievement.",
        tuple(
            Figure(
                f"Pure posting, {name}",
                min(took),
                "µs",
                limits[name],
                beside=f"median of the rounds {median(took):.0f} µs",
            )
            for name, took in rounds.items()
        ),
    )


def _round(scene_: Scene) -> float:
    took = []
    for _ in range(POSTINGS):
        before = time.perf_counter_ns()
        posting(*scene_)
        took.append((time.perf_counter_ns() - before) / 1000)
    return median(took)
