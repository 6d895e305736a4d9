"""The plain comparisons that most conditions are made of, without CEL: `purchase.units >= 3`, `member.tier == 'gold'`.

CEL has compiled the same text before, so names and types are right; here it is only asked faster, which a till notices: CEL
copies what it is asked about, several microseconds each time. `tests/domain/test_comparisons.py` holds that both agree.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

from shared.domain.vocabulary import TermType, Value

Facts = Callable[[str], Value]
Test = Callable[[Facts], bool]

_NAME, _TEXT = r"[a-z][a-z_0-9]*(?:\.[a-z_0-9]+)+", r"'[^'\\\n]*'|\"[^\"\\\n]*\""
_COMPARED = re.compile(rf"({_NAME})\s*(==|!=|>=|<=|>|<)\s*(-?(?:0|[1-9]\d{{0,17}})|{_TEXT})")
_LISTED = re.compile(rf"({_NAME})\s+in\s+\[\s*((?:{_TEXT})(?:\s*,\s*(?:{_TEXT}))*)\s*\]")
_TRUTH = re.compile(rf"(!?)\s*({_NAME})")
_SIGNS: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq, "!=": operator.ne, ">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt,
}  # fmt: skip


def comparison(text: str, types: Mapping[str, TermType]) -> Test | None:
    """The test of a clause that compares one word with one value, or None for any other clause."""
    if (found := _COMPARED.fullmatch(text)) and types.get(found[1]) in ("int", "string"):
        name, test = found[1], _SIGNS[found[2]]
        value: Value = found[3][1:-1] if found[3][0] in "'\"" else int(found[3])
        return lambda facts: test(facts(name), value)
    if (found := _LISTED.fullmatch(text)) and types.get(found[1]) == "string":
        name, values = found[1], frozenset(one[1:-1] for one in re.findall(_TEXT, found[2]))
        return lambda facts: facts(name) in values
    if (found := _TRUTH.fullmatch(text)) and types.get(found[2]) == "bool":
        name, wanted = found[2], not found[1]
        return lambda facts: facts(name) is wanted
    return None
