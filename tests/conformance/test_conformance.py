"""Cases of other systems, on this club's own rules: those of the features that stand all pass, and the runner is honest."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from club.conform import CASES, rates
from club.conform.cases import Case, cases_of
from club.conform.judge import silent, verdict

ALL = cases_of(CASES)
BUILT = ("earning", "tiers", "members", "versioning", "segments")
# These need returns, redemption or offers.
LATER = {"SMI-REF-02", "SMI-REF-03", "VCH-ORDER-01", "ODO-PAY-01", "ODO-PAY-02", "ODO-NET-01"}
# Of the groups that are about several features, those that concern earning.
ALSO = re.compile(r"SET-EARN-06|VCH-ROUND-\d+|SIE-ROUND-\d+|REG-16|REG-17|SET-IDEM-01|BPL-API-01|BPL-0[5-8]|BPL-30")
DUE = [case for case in ALL if (case.group in BUILT and case.id not in LATER) or ALSO.fullmatch(case.id)]


@pytest.mark.parametrize("case", DUE, ids=lambda case: case.id)
def test_a_case_of_another_system_comes_out_as_it_must(case: Case) -> None:
    told = verdict(case)
    assert told.passed, told.why


def test_the_club_does_better_than_an_engine_that_does_nothing() -> None:
    assert len(DUE) >= 80
    idle = [silent(case).passed for case in DUE]
    assert sum(idle) * 4 < len(DUE)


def _other(value: Any) -> Any:
    """A different answer of the same shape."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, dict):
        return {key: _other(one) for key, one in value.items()} or {"p": "before_joining"}
    if isinstance(value, list):
        return [_other(one) for one in value] or ["nobody"]
    return f"{value}7" if isinstance(value, str) else (value or 0) + 7


@pytest.mark.parametrize("case", [case for case in DUE if "any_of" not in case.expected], ids=lambda case: case.id)
def test_the_runner_does_not_look_at_what_is_expected(case: Case) -> None:
    wrong = case._replace(id="X", expected={key: _other(value) for key, value in case.expected.items()})
    assert not verdict(wrong).passed


@pytest.mark.parametrize(
    "change",
    [
        {"programme": {"astrology": True}},
        {"programme": {"earning_rules": [{"type": "per_amount", "points": "1", "per_minor": 100, "aura": 1}]}},
        {"events": [{"type": "levitate"}]},
        {"events": [{"type": "purchase", "amount_minor": 100, "mood": "good"}]},
        {"expected": {"karma": "1"}},
    ],
    ids=["programme", "rule", "event", "key of an event", "expected"],
)
def test_what_the_runner_does_not_know_fails_the_case_with_a_word(change: dict[str, Any]) -> None:
    rule = {"type": "per_amount", "points": "1", "per_minor": 100}
    sound = Case(
        "X",
        "earning",
        "universal",
        {"earning_rules": [rule]},
        [{"type": "purchase", "amount_minor": 100}],
        {"balance": "1"},
    )
    assert verdict(sound).passed
    told = verdict(sound._replace(**change))
    assert not told.passed
    assert "here" in told.why


def test_the_rate_names_every_kind_of_case() -> None:
    told = rates([(case, verdict(case)) for case in DUE[:3]])
    assert re.fullmatch(r"universal \d+/\d+ · policy \d+/\d+ · regression \d+/\d+", told)
    assert json.loads(CASES.read_text("utf-8"))["counts"]["cases"] == len(ALL)
