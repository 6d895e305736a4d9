"""What a new programme changes for members is told in sentences."""

from __future__ import annotations

from club.diff import differences
from tests.domain.shop import BASE, points, programme, rule, tier


def test_the_same_programme_changes_nothing() -> None:
    assert list(differences(programme(BASE), programme(BASE), "en")) == []


def test_a_rule_that_changes_is_told_as_it_was_and_as_it_will_be() -> None:
    changed = rule(points=2, per_minor=100)
    assert list(differences(programme(BASE), programme(changed), "en")) == [
        "- base: 1 point for every $1.00.",
        "+ base: 2 points for every $1.00.",
    ]


def test_what_is_new_and_what_is_gone_is_told() -> None:
    gift = rule("gift", points=5, per="purchase")
    told = list(differences(programme(BASE, gift), programme(tier("vip", 1_000), points(pending_days=3), BASE), "en"))
    assert told == [
        "- gift: 5 points for a purchase.",
        "+ vip tier: for whoever spent at least $10.00 in 365 days.",
        "- Points can be used at once.",
        "+ Points can be used 3 days after the purchase.",
    ]


def test_another_answer_to_a_policy_is_told_as_what_it_means() -> None:
    told = list(differences(programme(BASE), programme('[policies]\nseveral_rules = "best"', BASE), "en"))
    assert told == [
        "- What if several rules match one purchase? All of them give points.",
        "+ What if several rules match one purchase? Only the rule that gives most; multipliers then apply to it.",
    ]


def test_a_reward_that_costs_more_is_told_as_it_was_and_as_it_will_be() -> None:
    tea = '[[reward]]\nid = "tea"\nkind = "product"\nsku = "TEA"\nprice = '
    assert list(differences(programme(BASE, f"{tea}50"), programme(BASE, f"{tea}60"), "en")) == [
        "- tea: for 50 points, 1 unit of product TEA.",
        "+ tea: for 60 points, 1 unit of product TEA.",
    ]
