"""Rules that could never give anything are found before anybody relies on them."""

import pytest

from shared.domain.never_firing import never_firing
from tests.domain.shop import BASE, CLUB, programme, rule

DOUBLE = rule("double", multiply=2)
TEA = '[[reward]]\nid = "tea"\nkind = "product"\nsku = "TEA"\nprice = 50\n'

TOO_NARROW = '[{ per = "day", points = 9 }, { per = "month", points = 5 }]'


def told(*tables):
    """The sentences about a programme of these tables."""
    return [fault.sentence for fault in never_firing("\n".join((CLUB, *tables)), programme(*tables).programme)]


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ((rule(points=1, per="line", from_="2026-02-01", until="2026-01-31"),), "until is before from"),
        ((rule("end", points=1, per="purchase", stop="true"), BASE), "rule 'base' can never fire: rule 'end' before it"),
        ((DOUBLE, BASE), "rule 'double' can never fire: no rule before it gives points"),
        ((BASE, rule("same", multiply=1)), "multiplies by 1"),
        ((rule(points=1, per="line", when="purchase.weekday in []"),), "nothing is in an empty list"),
        ((rule(points=1, per="line", when="purchase.units > 5 && purchase.units < 3"),), "no purchase.units meets"),
        ((rule(points=1, per="line", when="purchase.weekday == 8"),), "no purchase.weekday meets"),
        ((rule(points=1, per="line", when="purchase.hour >= 24"),), "no purchase.hour meets"),
        ((rule(points=1, per="line", limits=TOO_NARROW),), "is above the one"),
        ((rule(points=1, per="line", when="5 < purchase.units && 3 > purchase.units"),), "no purchase.units meets"),
        ((rule(points=1, per="line", when="purchase.total_minor < 0"),), "no purchase.total_minor meets"),
        ((rule(points=1, per="line", when="false"),), "nothing meets its when"),
        ((rule(points=1, per="line", when="purchase.store == 'a' && purchase.store == 'b'"),), "no purchase.store meets"),
        ((rule(points=1, per="line", lines="line.quantity > 5 && line.quantity < 3"),), "no line.quantity meets its lines"),
        ((rule(points=1, per="line", lines="line.kind == 'gift_card'"),), "takes 'gift_card' out of every rule"),
        ((BASE, '[[achievement]]\nid = "a"\nwhen = "member.purchases < 0"\npoints = 1'), "achievement 'a' holds for nobody"),
        ((BASE, TEA + 'from = 2026-02-01\nuntil = 2026-01-31'), "reward 'tea' can never be taken: until is before from"),
        ((BASE, TEA + 'when = "member.birth_month == 13"'), "reward 'tea' holds for nobody"),
        ((BASE, TEA + 'limits = [{ per = "day", times = 5 }, { per = "month", times = 3 }]'), "reward 'tea': the limit per"),
        ((BASE, '[[segment]]\nid = "s"\nwhen = "member.birth_month == 13"'), "segment 's' holds for nobody"),
    ],
)  # fmt: skip
def test_a_rule_that_can_never_fire_is_told(tables, said):
    (sentence,) = told(*tables)
    assert said in sentence


@pytest.mark.parametrize(
    "tables",
    [
        (BASE, DOUBLE),
        (rule(points=1, per="line", when="purchase.units > 5 && purchase.units < 7"),),
        (rule(points=1, per="line", when="purchase.weekday == 7 || purchase.weekday == 8"),),
        (rule(points=1, per="line", when="member.days_since_purchase == -1"),),
        (rule(points=1, per="line", when="member.balance < 0"),),
        (rule(points=1, per="line", when="purchase.store == 'a' && purchase.channel == 'b'"),),
        (rule(points=1, per="line", lines="line.kind == 'fee'"),),
        ('[[attribute]]\nid = "debt"\ntype = "int"', rule(points=1, per="line", when="member.attributes.debt < -5")),
        (rule("end", points=1, per="purchase", stop="true", when="purchase.units > 3"), BASE),
    ],
)
def test_a_rule_that_may_fire_is_left_alone(tables):
    assert told(*tables) == []
