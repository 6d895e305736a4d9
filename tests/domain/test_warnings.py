"""Where more spend can earn less, the club is told before it publishes."""

from __future__ import annotations

import pytest

from shared.domain.warnings import warnings
from tests.domain.shop import BASE, CLUB, programme, rule, tier

PROUD = '[policies]\nseveral_rules = "priority"'


def told(*tables: str) -> list[str]:
    return [one.sentence for one in warnings("\n".join((CLUB, *tables)), programme(*tables).programme)]


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ((rule("big", points=1, per="purchase", when="purchase.units > 3", stop="true"), BASE), "stops the rules after it"),
        ((PROUD, rule("vip", points=1, per_minor=500, stackable="false"), BASE), "excludes all others"),
        ((BASE, rule("sale", multiply=0.5, lines="line.discounted")), "takes points away"),
        ((rule("small", points=9, per="purchase", when="purchase.items_minor < 5000"),), "where purchase.items_minor grows"),
        ((rule("exact", points=9, per="purchase", when="3 == purchase.units"),), "where purchase.units grows"),
        ((rule("few", points=9, per="line", lines="line.quantity <= 2"),), "where line.quantity grows"),
    ],
)  # fmt: skip
def test_a_rule_under_which_more_spend_can_earn_less_is_told(tables: tuple[str, ...], said: str) -> None:
    (sentence,) = told(*tables)
    assert said in sentence
    assert "a larger purchase may earn less" in sentence


TIERS = (tier("silver", 1), tier("gold", 2))
DEAR = '[[reward]]\nid = "tea"\nkind = "product"\nsku = "TEA"\nprice = 50\nprice_by_tier = '


@pytest.mark.parametrize(("prices", "dearer"), [("{ gold = 60 }", "gold"), ("{ silver = 40 }", "gold")])
def test_a_reward_that_costs_a_higher_tier_more_is_told(prices: str, dearer: str) -> None:
    assert told(BASE, *TIERS, DEAR + prices) == [f"reward 'tea' costs tier '{dearer}' more than a member below it"]


@pytest.mark.parametrize("prices", ["{}", "{ gold = 40 }", "{ silver = 40, gold = 40 }"])
def test_a_reward_that_costs_a_higher_tier_no_more_is_left_alone(prices: str) -> None:
    assert told(BASE, *TIERS, DEAR + prices) == []


@pytest.mark.parametrize(
    "tables",
    [
        (BASE, rule("double", multiply=2)),
        (BASE, rule("last", points=1, per="purchase", stop="true")),
        (rule("big", points=9, per="purchase", when="purchase.items_minor >= 5000"),),
        (rule("new", points=9, per="purchase", when="purchase.number <= 3"),),
        (rule("off", points=9, per="purchase", when="purchase.units < 3", enabled="false"), BASE),
    ],
)
def test_a_programme_in_which_more_spend_never_earns_less_is_left_alone(tables: tuple[str, ...]) -> None:
    assert told(*tables) == []
