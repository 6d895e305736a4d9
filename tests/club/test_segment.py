"""Before a campaign: how many members does it reach, and what does it cost?"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from club.segment import Size, campaign, sizes, told
from shared.domain.account import Account
from shared.domain.changes import Change, Figure, applied
from shared.domain.lately import Lately
from shared.domain.voice import Voice
from tests.domain.shop import BASE, programme

NOW = datetime(2026, 11, 22, 17, tzinfo=UTC)
DORMANT = (
    '[[segment]]\nid = "dormant"\nname = { en = "Stopped", he = "הפסיקו", fa = "خاموش" }\n'
    'when = "member.purchases >= 3 && member.days_since_purchase > 60"\n'
    '[[segment]]\nid = "all"\nwhen = "member.purchases >= 0"'
)


def bought(member_id: str, purchases: int, days_ago: int, **facts: str) -> Account:
    account = Account(member_id, date(2026, 1, 1))
    for _ in range(purchases):
        day = date(2026, 11, 22) - timedelta(days=days_ago)
        account = applied(account, Change(day, figures=(Figure(day, 1, 1_000),)))
    return account._replace(**facts)


def unread(account: Account) -> Lately:
    raise AssertionError("an account answers this segment alone")


def test_a_segment_counts_those_who_meet_its_condition_today_and_are_active() -> None:
    accounts = [
        bought("M-1", 3, 61),
        bought("M-2", 3, 60),
        bought("M-3", 2, 100),
        bought("M-4", 9, 100),
        bought("M-5", 9, 100, status="suspended"),
        bought("M-6", 0, 0),
    ]
    assert sizes(programme(BASE, DORMANT), accounts, NOW, unread) == [Size("dormant", "Stopped", 2), Size("all", "", 5)]


def test_a_campaign_costs_its_points_at_their_value_and_its_messages_in_full() -> None:
    book = programme("[points]\nvalue_minor = 5", BASE)
    cost = campaign(book, 2_000, 30, Decimal("0.01"))
    assert cost == (60_000, Decimal(300_000), Decimal(20))
    assert list(told(cost, 2_000, Voice("en", "USD"))) == [
        "Points: 60,000 to 2,000 members, worth $3,000.00 when all are used.",
        "Messages: 2,000, $0.20.",
        "A campaign to this segment costs $3,000.20 at most.",
    ]


@pytest.mark.parametrize("members", [0, 1])
def test_a_cost_is_rounded_up_so_that_nobody_plans_with_too_little(members: int) -> None:
    cost = campaign(programme(BASE), members, 0, Decimal("0.01"))
    *_, total = told(cost, members, Voice("en", "USD"))
    assert total == f"A campaign to this segment costs ${0.01 * members:.2f} at most."
