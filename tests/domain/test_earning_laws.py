"""What holds of every programme and every purchase: nothing is lost, nothing is made, more never earns less."""

from decimal import Decimal
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.money import rounded
from shared.domain.reasons import Fired
from tests.domain.shop import earned, line, points, programme, purchase, rule, tier

MODES = ("floor", "half_up", "ceil")
CATEGORIES = ("shoes", "bags", None)
CHOICES = ("", "line.category == 'shoes'", "line.category != 'shoes'", "line.net_minor > 500", "line.quantity > 1")
CONDITIONS = ("", "purchase.units > 2", "purchase.items_minor > 1000", "member.purchases == 0")
NUMBERS = st.decimals(Decimal("0.001"), 50, places=3)
FACTORS = st.decimals(0, 5, places=2)
CAPS = st.none() | st.integers(1, 60)

LINES = st.lists(
    st.builds(
        lambda price, off, category, quantity: line(price, category, quantity, discount_minor=price * off // 100),
        st.integers(0, 9_999),
        st.integers(0, 100),
        st.sampled_from(CATEGORIES),
        st.integers(1, 4),
    ),
    min_size=1,
    max_size=6,
)


def _rule(number, per, factor, cap, choice, condition, name):
    keys = {}
    if per == "multiply":
        keys["multiply"] = factor
    else:
        keys["points"] = number
        keys |= {"per_minor": per} if isinstance(per, int) else {"per": per}
    if choice and per != "purchase":
        keys["lines"] = choice
    if condition:
        keys["when"] = condition
    if cap:
        keys["cap"] = cap
    return rule(name, **keys)


def rules(kinds, caps):
    one = st.tuples(
        NUMBERS, st.sampled_from(kinds), FACTORS, caps, st.sampled_from(CHOICES), st.sampled_from(CONDITIONS)
    )
    return st.lists(one, min_size=1, max_size=4).map(
        lambda drawn: [_rule(*keys, name=f"r{position}") for position, keys in enumerate(drawn)]
    )


EVERY_KIND = (100, 7, "purchase", "line", "unit", "multiply")


@st.composite
def programmes(draw, kinds=EVERY_KIND, per=("purchase", "rule"), caps=CAPS):
    tables = draw(rules(kinds, caps))
    keys = {"rounding": f'{{ mode = "{draw(st.sampled_from(MODES))}", per = "{draw(st.sampled_from(per))}" }}'}
    if cap := draw(st.none() | st.integers(1, 200)):
        keys["cap_per_purchase"] = cap
    if draw(st.booleans()):
        tables.append(tier("all", 0, draw(FACTORS)))
    return programme(points(**keys), *tables)


@st.composite
def purchases(draw):
    lines = draw(LINES)
    paid = sum(one["amount_minor"] - one["discount_minor"] for one in lines)
    return purchase(*lines, discount_minor=draw(st.integers(0, paid)))


@settings(deadline=None, max_examples=60)
@given(programmes(), purchases())
def test_the_reasons_add_up_exactly_to_the_points_before_rounding(book, bought):
    told = earned(bought, book)
    assert sum((reason.points for reason in told.reasons if isinstance(reason, Fired)), Fraction()) == told.exact


@settings(deadline=None, max_examples=60)
@given(programmes(), purchases())
def test_points_are_the_exact_sum_rounded_once_and_no_more_than_the_cap(book, bought):
    told = earned(bought, book)
    rule_book = book.programme.points
    whole = rounded(told.exact.numerator, told.exact.denominator, rule_book.rounding.mode)
    assert told.points == (whole if rule_book.cap_per_purchase is None else min(whole, rule_book.cap_per_purchase))
    assert told.points >= 0


@settings(deadline=None, max_examples=50)
@given(programmes(per=("rule",)), purchases())
def test_rounded_rule_by_rule_every_reason_is_a_whole_number(book, bought):
    told = earned(bought, book)
    assert all(reason.points.denominator == 1 for reason in told.reasons if isinstance(reason, Fired))
    assert told.exact.denominator == 1


@settings(deadline=None, max_examples=50)
@given(programmes(), purchases())
def test_no_rule_gives_more_than_its_cap_and_a_cap_is_told_when_it_bites(book, bought):
    for reason in earned(bought, book).reasons:
        if not isinstance(reason, Fired) or reason.rule.startswith("tier:"):
            continue
        cap = book.rule(reason.rule).earn.cap
        if cap is None:
            assert reason.uncapped is None
        else:
            assert reason.points <= cap
            assert reason.uncapped is None or reason.uncapped > cap == reason.points


@settings(deadline=None, max_examples=50)
@given(programmes(), purchases())
def test_every_rule_has_one_reason(book, bought):
    told = [reason.rule for reason in earned(bought, book).reasons if not reason.rule.startswith("tier:")]
    assert told == [one.earn.id for one in book.rules]


@settings(deadline=None, max_examples=50)
@given(NUMBERS, st.integers(1, 60), FACTORS, FACTORS, LINES)
def test_a_cap_followed_by_fractions_loses_nothing(number, cap, first, second, lines):
    bought = purchase(*lines)
    told = earned(
        bought,
        programme(rule(points=number, per_minor=7, cap=cap), rule("m1", multiply=first), rule("m2", multiply=second)),
    )
    capped = min(Fraction(number) * bought.items_minor / 7, Fraction(cap))
    assert told.exact == capped * Fraction(first) * Fraction(second)


@settings(deadline=None, max_examples=50)
@given(LINES, st.lists(FACTORS, min_size=1, max_size=6), FACTORS)
def test_multipliers_in_a_row_and_a_tier_are_exact(lines, factors, of_tier):
    bought = purchase(*lines)
    tables = [rule(f"m{position}", multiply=factor) for position, factor in enumerate(factors)]
    told = earned(bought, programme(rule(points=1, per_minor=100), *tables, tier("all", 0, of_tier)))
    expected = Fraction(bought.items_minor, 100) * Fraction(of_tier)
    for factor in factors:
        expected *= Fraction(factor)
    assert told.exact == expected


@settings(deadline=None, max_examples=60)
@given(programmes(kinds=(100, 7)), LINES, st.data())
def test_whoever_spends_more_never_earns_less_for_the_amount(book, lines, data):
    """Rules by amount, with lines and caps, without an order discount and without conditions that could turn."""
    plain = programme_of_amounts(book)
    position = data.draw(st.integers(0, len(lines) - 1))
    dearer = [dict(one) for one in lines]
    dearer[position]["amount_minor"] += data.draw(st.integers(1, 5_000))
    assert earned(purchase(*dearer), plain).points >= earned(purchase(*lines), plain).points


def programme_of_amounts(book):
    """The same programme with lines chosen by category only: a price cannot move a line in or out."""
    tables = []
    for one in book.programme.earn:
        keys = {"points": one.points, "per_minor": one.per_minor} | ({"cap": one.cap} if one.cap else {})
        if one.lines and "category" in one.lines:
            keys["lines"] = one.lines
        tables.append(rule(one.id, **keys))
    rounding = book.programme.points.rounding
    return programme(points(rounding=f'{{ mode = "{rounding.mode}", per = "{rounding.per}" }}'), *tables)


@settings(deadline=None, max_examples=40)
@given(programmes(), LINES, st.randoms(use_true_random=False))
def test_the_order_of_lines_changes_no_points(book, lines, chance):
    """Without an order discount, whose last cent has to be somebody's."""
    shuffled = list(lines)
    chance.shuffle(shuffled)
    assert earned(purchase(*shuffled), book).exact == earned(purchase(*lines), book).exact
