"""A plain comparison is asked without CEL, and CEL would have said the same."""

from __future__ import annotations

from typing import Any

import pytest
from cel_expr_python import cel
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.comparisons import comparison
from shared.domain.conditions import Conditions
from shared.domain.vocabulary import TermType

TYPES: dict[str, TermType] = {
    "purchase.units": "int",
    "member.tier": "string",
    "line.discounted": "bool",
    "member.stores": "list",
}
CEL = cel.NewEnv(
    variables={"purchase.units": cel.Type.INT, "member.tier": cel.Type.STRING, "line.discounted": cel.Type.BOOL}
)
SIGNS = st.sampled_from(["==", "!=", ">=", "<=", ">", "<"])
SPACE = st.sampled_from(["", " "])
# Letters of several scripts, beyond the first plane too; no quote, no backslash, no end of line.
WORDS = st.text(st.characters(exclude_characters="'\"\\\n\r", exclude_categories=["Cs", "Cc"]), max_size=6)
NUMBERS = st.one_of(st.integers(-3, 3), st.integers(-(10**17), 10**17))


def both(text: str, **facts: Any) -> tuple[bool, bool]:
    """What the plain test says, and what CEL says."""
    known = {name.replace("_", ".", 1): value for name, value in facts.items()}
    plain = comparison(text, TYPES)
    assert plain is not None, text
    return plain(known.__getitem__), CEL.compile(text).eval(data=known).value()


@given(SIGNS, SPACE, NUMBERS, NUMBERS)
def test_numbers_compare_as_in_cel(sign: str, space: str, asked: int, is_: int) -> None:
    plain, by_cel = both(f"purchase.units{space}{sign}{space}{asked}", purchase_units=is_)
    assert plain is by_cel


@given(SIGNS, WORDS, WORDS, st.sampled_from("'\""))
def test_texts_compare_as_in_cel(sign: str, asked: str, is_: str, quote: str) -> None:
    plain, by_cel = both(f"member.tier {sign} {quote}{asked}{quote}", member_tier=is_)
    assert plain is by_cel


@given(st.lists(WORDS, min_size=1, max_size=4), WORDS)
def test_being_in_a_list_is_as_in_cel(asked: list[str], is_: str) -> None:
    listed = ", ".join(f"'{word}'" for word in asked)
    for value in (is_, asked[0]):
        plain, by_cel = both(f"member.tier in [{listed}]", member_tier=value)
        assert plain is by_cel


@pytest.mark.parametrize("text", ["line.discounted", "!line.discounted", "! line.discounted"])
@pytest.mark.parametrize("is_", [True, False])
def test_truths_are_as_in_cel(text: str, is_: bool) -> None:
    plain, by_cel = both(text, line_discounted=is_)
    assert plain is by_cel


@pytest.mark.parametrize(
    "text",
    [
        "purchase.units + 1 > 2",
        "purchase.units > 1 || purchase.units < 0",
        "purchase.units > member.purchases",
        "purchase.units > 0x10",
        "purchase.units > 007",
        "purchase.units > 9999999999999999999",
        r"member.tier == 'a\'b'",
        "member.tier == r'a'",
        "member.tier == '''a'''",
        "'a' in member.stores",
        "member.stores == ['a']",
        "member.tier in ['a', member.tier]",
        "member.tier in []",
        "!(line.discounted)",
        "member.other == 1",
        "3 < purchase.units",
    ],
)
def test_whatever_is_not_plain_is_left_to_cel(text: str) -> None:
    assert comparison(text, TYPES) is None


def test_the_usual_conditions_of_a_programme_are_plain() -> None:
    condition = Conditions({}).condition("member.tier == 'gold' && purchase.units >= 2 && purchase.store in ['a', 'b']")
    assert condition.plain
    assert not Conditions({}).condition("purchase.units % 2 == 0").plain
