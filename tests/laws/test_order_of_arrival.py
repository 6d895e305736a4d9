"""L13: whatever the sequence in which purchases, activities and returns arrive, the member ends with the same account."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.account import Account
from shared.domain.lapsing import lapsing
from shared.domain.lots import Lot, merged
from tests.laws.drawn import drawn
from tests.laws.shop import OPENED, Shop, bought, came_back

BASE = """
[[earn]]
id = "base"
points = 1
per_minor = 100
"""
CARD = """
[[earn]]
id = "stamp"
wallet = "stamps"
points = 1
per = "unit"
[[wallet]]
id = "stamps"
goal = 4
"""
PROGRAMMES = {
    "points alone": BASE,
    "tiers that multiply": BASE + """
[tiers]
window_days = 90
[[tier]]
id = "silver"
spend_minor = 10_000
multiply = 1.5
[[tier]]
id = "gold"
spend_minor = 30_000
multiply = 2
""",
    "tiers with a memory": BASE + """
[tiers]
window = "calendar_month"
grace_days = 10
[[tier]]
id = "silver"
spend_minor = 10_000
multiply = 1.5
[[tier]]
id = "gold"
spend_minor = 30_000
multiply = 2
""",
    "limits and a cooldown": """
[[earn]]
id = "base"
points = 1
per_minor = 100
limits = [{ per = "month", points = 150 }]
[[earn]]
id = "visit"
points = 10
per = "purchase"
cooldown_days = 5
""",
    "first purchase, tenth, and a punch card": BASE + """
[[event]]
id = "review"
[[earn]]
id = "review"
event = "review"
points = 20
limits = [{ per = "month", times = 1 }]
[[earn]]
id = "first"
when = "purchase.number == 1"
points = 500
per = "purchase"
[[wallet]]
id = "stamps"
goal = 4
[[earn]]
id = "stamp"
wallet = "stamps"
points = 1
per = "unit"
[[achievement]]
id = "three"
when = "member.purchases >= 3"
points = 77
""",
    "points that wait and lapse": BASE + """
[points]
pending_days = 7
expiry = { days = 30 }
""",
    "stamps whose rewards wait": BASE + CARD + "reward_pending_days = 30\n",
    "stamps whose rewards are capped and lost above": BASE + CARD + "rewards_per_purchase = 1\n"
    + '[policies]\nexcess_above_reward_cap = "dropped"\nclawback_when_spent = "record_loss"\n',
    "stamps that lapse, whose rewards wait and are capped": BASE + CARD
    + "rewards_per_purchase = 2\nreward_pending_days = 20\nexpiry = { days = 60 }\n"
    + '[policies]\nexcess_above_reward_cap = "dropped"\n',
    "stamps that stay": BASE + CARD + "reward_pending_days = 5\n" + '[policies]\nstamps_on_return = "kept"\n',
    "points that slide with every purchase": BASE
    + """
[points]
expiry = { days = 40, sliding = true }
""",
    "what cannot be taken is forgiven": BASE + """
[points]
expiry = { months = 2 }
[policies]
clawback_when_spent = "clamp"
return_without_purchase = "by_amount"
""",
}  # fmt: skip
END = datetime(2025, 12, 1, 12, tzinfo=UTC)


def final(text: str, things: list[tuple[str, dict[str, Any]]]) -> Account:
    """The account after things arrived in this sequence, proven by its postings."""
    shop = Shop(text, now=OPENED)
    member = shop.join()
    shop.now = END
    for kind, body in things:
        shop.now += timedelta(seconds=1)
        named = body | ({"member_id": member} if kind != "return" or "purchase_id" not in body else {})
        {"purchase": shop.buy, "event": shop.tell, "return": shop.bring_back}[kind](named)
    shop.prove(member)
    # What has lapsed is booked at the next touch, which is another one in another sequence.
    account, _ = lapsing(shop.account(member), shop.club.laws.latest(), shop.now)
    return account


def alike(account: Account) -> Account:
    """Without what tells the sequence of arrival itself: since when points that can be used could be, is of no account."""
    purses = {name: purse._replace(lots=_usable(purse.lots)) for name, purse in account.purses.items()}
    plain = account._replace(sequence=0, last_key="", last_hash=b"", retold=False)
    return plain._replace(lots=_usable(account.lots), purses={name: one for name, one in purses.items() if any(one)})


def _usable(lots: tuple[Lot, ...]) -> tuple[Lot, ...]:
    return merged(tuple(lot._replace(usable_on=max(lot.usable_on, END.date())) for lot in lots), END.date())


@st.composite
def stories(draw: st.DrawFn, *, without_purchase: bool = False) -> list[tuple[str, dict[str, Any]]]:
    days = st.integers(0, 120)
    things: list[tuple[str, dict[str, Any]]] = []
    for number in range(draw(st.integers(1, 4))):
        at = OPENED + timedelta(days=draw(days), hours=draw(st.integers(0, 3)))
        lines = [("CD-1", draw(st.integers(3, 5)), draw(st.integers(0, 150)) * 100)]
        if draw(st.booleans()):
            lines.append(("LP-2", 2, draw(st.integers(1, 200)) * 50))
        body = bought(f"A-{number}", at, *lines)
        things.append(("purchase", body))
        total = body["total_minor"]
        for part in range(draw(st.integers(0, 2)) if total else 0):
            later = at + timedelta(days=draw(st.integers(0, 40)), hours=1 + part)
            how = draw(st.sampled_from(["lines", "money"]))
            if how == "money":
                share = draw(st.integers(1, max(1, total // 3)))
                things.append(("return", came_back(f"R-{number}-{part}", later, f"A-{number}", amount_minor=share)))
            elif part == 0 and lines[0][2]:
                one = [{"sku": "CD-1", "quantity": 1}]
                things.append(("return", came_back(f"R-{number}-{part}", later, f"A-{number}", lines=one)))
    if without_purchase and draw(st.booleans()):
        at = OPENED + timedelta(days=draw(days), minutes=7)
        things.append(("return", came_back("R-0", at, amount_minor=draw(st.integers(1, 9_000)))))
    return things


@pytest.mark.parametrize("name", list(PROGRAMMES))
@drawn(25)
@given(data=st.data())
def test_the_sequence_of_arrival_does_not_change_what_a_member_has(name: str, data: st.DataObject) -> None:
    text = PROGRAMMES[name]
    things = data.draw(stories(without_purchase="by_amount" in text))
    if "review" in text:
        at = OPENED + timedelta(days=data.draw(st.integers(0, 60)))
        for number in range(2):
            told = {"store": "main", "kind": "review", "source_id": f"E-{number}"}
            things.append(("event", told | {"occurred_at": (at + timedelta(days=number * 9)).isoformat()}))
    in_time = sorted(things, key=lambda one: (one[1]["occurred_at"], one[0] == "return"))
    expected = alike(final(text, in_time))
    shuffled = data.draw(st.permutations(things))
    assert alike(final(text, shuffled)) == expected


def test_every_sequence_of_a_small_story_ends_alike() -> None:
    text = PROGRAMMES["tiers that multiply"]
    day = timedelta(days=1)
    things = [
        ("purchase", bought("A-1", OPENED + 3 * day, ("CD-1", 2, 12_000))),
        ("purchase", bought("A-2", OPENED + 9 * day, ("LP-2", 1, 21_000))),
        ("return", came_back("R-1", OPENED + 11 * day, "A-1", lines=[{"sku": "CD-1", "quantity": 1}])),
        ("purchase", bought("A-3", OPENED + 20 * day, ("CD-1", 1, 5_000))),
    ]
    expected = alike(final(text, things))
    for sequence in itertools.permutations(things):
        assert alike(final(text, list(sequence))) == expected
