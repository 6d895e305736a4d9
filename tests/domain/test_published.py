"""What was published is read without being checked again, and is the same law to the last key."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from shared.domain.rulebook import rulebook
from tests.domain.shop import BASE, CLUB

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "programme.md").read_text("utf-8")
FIRST, *RECIPES = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
OWN = FIRST.partition("[points]")[0]
DRAFTS = [
    (ROOT / "programmes" / "demo.toml").read_text("utf-8"),
    FIRST,
    *("\n".join((OWN, recipe, "" if 'id = "base"' in recipe else BASE)) for recipe in RECIPES),
    CLUB + BASE + '[policies]\nnightly_steps = ["expiry", "redemption", "activation", "tier_period", "tier_balance"]\n',
    CLUB + BASE + "from = 2026-01-01T10:00:00\nuntil = 2027-01-01\nmultiplied = false\n[basis]\nexclude_kinds = []\n",
]


@pytest.mark.parametrize("text", DRAFTS, ids=range(len(DRAFTS)))
def test_a_published_programme_is_the_draft_that_was_checked(text: str) -> None:
    draft, published = rulebook(text), rulebook(text, version=7)
    assert published.programme == draft.programme
    assert [type(value) for value in _values(published.programme)] == [
        type(value) for value in _values(draft.programme)
    ]
    assert (published.scale, published.version) == (draft.scale, 7)


def _values(value: object) -> list[object]:
    """Every value in a programme, however deep."""
    if hasattr(value, "model_fields_set"):
        return [deep for name in type(value).model_fields for deep in _values(getattr(value, name))]
    if isinstance(value, dict):
        return [deep for one in value.values() for deep in _values(one)]
    return [deep for one in value for deep in _values(one)] if isinstance(value, tuple) else [value]
