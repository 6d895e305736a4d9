"""Formulas: exact numbers, the grammar, and what is refused with its place."""

from fractions import Fraction

import pytest

from shared.domain.formulas import FormulaFaulty, FormulaUndefined, formula
from tests.domain.shop import earned, line, not_fired, programme, purchase, rule

NAMES = {"a": "int", "b": "int", "c.d": "int", "t": "bool"}
FACTS = {"a": 7, "b": 2, "c.d": 10, "t": True}


def value(text):
    return formula(text, NAMES).value(FACTS.__getitem__)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("7 - 2 - 1", 4),
        ("8 / 4 / 2", 1),
        ("a / b", Fraction(7, 2)),
        ("0.1 + 0.2", Fraction(3, 10)),
        ("-a + c.d", 3),
        ("percent(c.d, 15)", Fraction(3, 2)),
        ("per(a, b)", 3),
        ("rounded(75.55, 1)", Fraction(756, 10)),
        ("rounded(75.55)", 76),
        ("rounded(75.55; -1)", 80),
        ("floor(75.55, 1)", Fraction(755, 10)),
        ("floor(0 - 0.5)", -1),
        ("ceil(74.44, -1)", 80),
        ("min(a, b, 3)", 2),
        ("max(a, b)", 7),
        ("a > b ? 5 : 9", 5),
        ("a < b || !t ? 5 : 9", 9),
        ("t && a == 7 && b != 3 ? 1 : 0", 1),
        ("a >= 7 ? b <= 1 ? 1 : 2 : 3", 2),
    ],
)
def test_a_formula_is_computed_exactly(text, expected):
    assert value(text) == expected


def test_a_formula_reads_only_the_words_it_names():
    assert formula("a + c.d * a", NAMES).names == ("a", "c.d")


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("a +", 4), ("a b", 3), ("x + 1", 1), ("a + nope", 5), ("rounded()", 9), ("rounded(1, 2, 3)", 16), ("min(1)", 6),
        ("a + t", 6), ("a == 1", 1), ("t ? 1 : t", 10), ("a ? 1 : 2", 3), ("(a", 3), ("a $ b", 3), ("'x'", 1), ("", 1),
        ("!a", 3), ("-t", 3), ("a ? ", 3),
    ],
)  # fmt: skip
def test_a_faulty_formula_is_refused_at_its_place(text, column):
    with pytest.raises(FormulaFaulty) as fault:
        formula(text, NAMES)
    assert fault.value.column == column
    assert fault.value.sentence


@pytest.mark.parametrize(
    "text", ["(" * 5000 + "1" + ")" * 5000, "-" * 900 + "1", "(" * 400 + "1" + ")" * 400, "1" * 1001]
)
def test_a_formula_has_a_length_and_a_depth(text):
    with pytest.raises(FormulaFaulty):
        formula(text, NAMES)


@pytest.mark.parametrize(
    "text", ["a / (b - 2)", "9999999999999999 * 9999999999999999", "rounded(a, 13)", "rounded(a, 0.5)"]
)
def test_a_formula_without_a_value_says_so(text):
    with pytest.raises(FormulaUndefined):
        value(text)


def test_a_rule_may_give_points_by_a_formula():
    book = programme(rule(formula="min(percent(purchase.items_minor, 5), 100) + member.purchases"))
    assert earned(purchase(1_000), book).points == 50
    assert earned(purchase(9_999_900), book).points == 100


def test_a_formula_may_be_asked_of_each_line():
    book = programme(rule(formula="line.quantity > 2 ? line.net_minor / 100 : 0", per="line"))
    assert earned(purchase(line(1_000, quantity=3), line(5_000)), book).points == 10


def test_a_rule_whose_formula_has_no_value_gives_nothing_and_says_so():
    told = earned(purchase(1_000), programme(rule(formula="1 / member.purchases")))
    assert (told.points, not_fired(told)["base"].why) == (0, "formula")


def test_a_formula_below_nothing_gives_nothing():
    assert earned(purchase(1_000), programme(rule(formula="0 - 5"))).points == 0
