"""Cases of other systems, on this club's own rules: those of the features that stand all pass, and the runner is honest."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from club.conform import CASES, rates
from club.conform.cases import Case, cases_of
from club.conform.earning import RULES
from club.conform.events import EVENTS
from club.conform.judge import silent, verdict

ALL = cases_of(CASES)
# Of our own: combinations that those of other systems do not have, worked out by hand; the arithmetic is each one's name.
OWN = cases_of(CASES.with_name("more_cases.json"))
BUILT = ("earning", "tiers", "members", "versioning", "segments", "redemption", "expiry", "clawback", "ledger", "idempotency",
         "rewards", "fraud", "concurrency", "regression", "gift_cards", "offers", "stacking", "budgets", "automations",
         "rounding", "liability")  # fmt: skip
DUE = [case for case in ALL if case.group in BUILT]


@pytest.mark.parametrize("case", DUE, ids=lambda case: case.id)
def test_a_case_of_another_system_comes_out_as_it_must(case: Case) -> None:
    told = verdict(case)
    assert told.passed, told.why


@pytest.mark.parametrize("case", OWN, ids=lambda case: case.id)
def test_a_case_of_our_own_comes_out_as_the_arithmetic_says(case: Case) -> None:
    told = verdict(case)
    assert told.passed, told.why


def test_our_own_cases_ask_for_every_way_of_earning_and_everything_that_can_happen() -> None:
    rules = [rule for case in OWN for rule in case.programme.get("earning_rules", ())]
    assert {rule["type"] for rule in rules} == set(RULES)
    keys = {"min_order_minor", "with_code", "enabled", "starts", "stackable", "priority", "stop_after", "basis"}
    assert keys <= {key for rule in rules for key in rule}
    assert {event["type"] for case in OWN for event in case.events} == set(EVENTS)
    assert len({case.id for case in (*ALL, *OWN)}) == len(ALL) + len(OWN)
    idle = [silent(case).passed for case in OWN]
    assert len(OWN) >= 50
    assert sum(idle) * 10 < len(OWN)


def test_the_club_does_better_than_an_engine_that_does_nothing() -> None:
    assert len(DUE) >= 80
    idle = [silent(case).passed for case in DUE]
    assert sum(idle) * 4 < len(DUE)


def test_a_sum_above_what_a_case_allows_fails_it() -> None:
    case = next(case for case in OWN if "sum_gift_applied_minor_max" in case.expected)
    for most, passes in ((10_001, True), (10_000, True), (9_999, False)):
        assert verdict(case._replace(expected={"sum_gift_applied_minor_max": most})).passed is passes


def _other(value: Any) -> Any:
    """A different answer of the same shape."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, dict):
        return {key: _other(one) for key, one in value.items()} or {"p": "before_joining"}
    if isinstance(value, list):
        return [_other(one) for one in value] or ["nobody"]
    return f"{value}7" if isinstance(value, str) else (value or 0) + 7


@pytest.mark.parametrize(
    "case", [case for case in (*DUE, *OWN) if "any_of" not in case.expected], ids=lambda case: case.id
)
def test_the_runner_does_not_look_at_what_is_expected(case: Case) -> None:
    # What may be less than a case says is wrong where it is more.
    wrong = case._replace(
        id="X", expected={key: 0 if key.endswith("_max") else _other(value) for key, value in case.expected.items()}
    )
    assert not verdict(wrong).passed


RULE = {"type": "per_amount", "points": "1", "per_minor": 100}
BOUGHT = {"type": "purchase", "amount_minor": 100}
SOUND = Case("X", "earning", "universal", {"earning_rules": [RULE]}, [BOUGHT], {"balance": "1"})
TIER = {"name": "A", "min": "0"}


@pytest.mark.parametrize(
    "change",
    [
        {"programme": {"astrology": True}},
        {"programme": {"earning_rules": [RULE | {"aura": 1}]}},
        {"programme": {"earning_rules": [RULE | {"type": "horoscope"}]}},
        {"programme": {"earning_rules": [RULE | {"basis": "lunar"}]}},
        {"programme": {"earning_rules": [RULE], "rounding": {"mode": "floor", "phase": "full"}}},
        {"programme": {"earning_rules": [RULE], "points": {"colour": "red"}}},
        {"programme": {"earning_rules": [RULE], "money": {"smell": "none"}}},
        {"programme": {"earning_rules": [RULE], "earning_basis": "goodwill"}},
        {"programme": {"earning_rules": [RULE], "combine": "best_for_everybody"}},
        {"programme": {"earning_rules": [RULE], "exponent": 7}},
        {"programme": {"earning_rules": [RULE], "promotion": {"type": "points_addition", "points": "1", "mood": 1}}},
        {"programme": {"earning_rules": [RULE], "condition": {"full_moon": True}}},
        {"programme": {"earning_rules": [RULE], "segment": {"all": [{"left_handed": True}]}}},
        {"programme": {"earning_rules": [RULE], "tiers": [TIER | {"crown": True}]}},
        {"programme": {"earning_rules": [RULE], "tiers": [TIER], "tier_policy": {"basis": "charm"}}},
        {"programme": {"earning_rules": [RULE], "tiers": [TIER], "tier_policy": {"grace": "divine"}}},
        {"programme": {"campaign": {"kind": "accumulator", "luck": 1}}},
        {"programme": {"earning_rules": [RULE], "guest_purchases": "welcome"}},
        {"events": [{"type": "levitate"}]},
        {"events": [BOUGHT | {"mood": "good"}]},
        {"events": [BOUGHT | {"status": "imagined"}]},
        {"events": [{"type": "purchase", "lines": [{"sku": "A", "gross_minor": 100, "weight": 1}]}]},
        {"events": [{"type": "given", "charm": 1}, BOUGHT]},
        {"expected": {"karma": "1"}},
    ],
    ids=lambda change: json.dumps(change)[:60],
)
def test_what_the_runner_does_not_know_fails_the_case_with_a_word(change: dict[str, Any]) -> None:
    assert verdict(SOUND).passed
    told = verdict(SOUND._replace(**change))
    assert not told.passed
    assert "here" in told.why


@pytest.mark.parametrize(
    "change",
    [
        {"programme": {"earning_rules": 7}},
        {"programme": {"earning_rules": [{"type": "spend"}]}},
        {"programme": {"earning_rules": [RULE | {"points": "many"}]}},
        {"programme": {"earning_rules": [RULE], "tiers": [{"name": "A"}]}},
        {"programme": {"earning_rules": [RULE], "time_zone": "Atlantis/Capital"}},
        {"programme": {"formula": "x +"}, "events": [{"type": "evaluate", "x": "1"}]},
        {"events": [{}]},
        {"events": [BOUGHT | {"amount_minor": None}]},
        {"events": [BOUGHT | {"amount_minor": -1}]},
        {"events": [BOUGHT | {"t": "yesterday"}]},
        {"expected": {"any_of": []}},
    ],
    ids=lambda change: json.dumps(change)[:60],
)
def test_a_case_of_an_unforeseen_shape_fails_and_stops_no_other(change: dict[str, Any]) -> None:
    told = verdict(SOUND._replace(**change))
    assert not told.passed
    assert told.why
    assert "\n" not in told.why
    assert not silent(SOUND._replace(**change)).passed


@pytest.mark.parametrize("case", DUE[::7], ids=lambda case: case.id)
def test_a_case_comes_out_the_same_whatever_its_fields_are_written_in_sequence(case: Case) -> None:
    turned = case._replace(programme=dict(reversed(case.programme.items())), id="other", group="", portability="")
    assert verdict(turned) == verdict(case)


def test_the_rate_names_every_kind_of_case() -> None:
    told = rates([(case, verdict(case)) for case in DUE[:3]])
    assert re.fullmatch(r"universal \d+/\d+ · policy \d+/\d+ · regression \d+/\d+", told)
    assert json.loads(CASES.read_text("utf-8"))["counts"]["cases"] == len(ALL)
