"""A case's programme in this club's own words: a TOML file, as a club manager would write it.

Every key of a case either becomes keys of ours or raises Untranslatable; none is ever passed over in silence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from club.conform.cases import Case, Untranslatable
from club.conform.conditions import condition, seen, segment
from club.conform.draft import Draft
from club.conform.earning import earning_rules
from club.conform.facts import accruals, activities, credited, told_points
from club.conform.levels import tier_policy, tiers
from club.conform.money_draft import gift_card, hold, stored_value
from club.conform.points import UNROUNDED_DECIMALS, added_points, campaign, points, rounding
from club.conform.policies import (
    accepted,
    adjusting,
    allocation,
    clawback,
    combined,
    earning_basis,
    expiry,
    include_taxes,
    money,
    night_steps,
    one_answer,
    prices,
    redemption,
    reward,
    transfer,
)
from club.conform.promoting import budget, coupon, promotions


def translated(case: Case, programme: Mapping[str, Any] | None = None) -> Draft:
    """The programme of a case, or a later version of it. Raises Untranslatable."""
    draft = Draft(case, case.programme if programme is None else programme)
    for key in draft.programme:
        if key not in KEYS:
            raise Untranslatable(f"the programme's field {key!r} has no feature here yet")
    draft.put(
        "club",
        name="Conformance",
        currency=draft.currency,
        time_zone=str(draft.programme.get("time_zone", "Etc/UTC")),
        languages=["en"],
        phone_region="US",
    )
    draft.put("points", decimals=UNROUNDED_DECIMALS, value_minor=1)
    draft.put(
        "policies",
        redemption_over_total="clamp",
        return_without_purchase="by_amount",
        partial_return="by_amount",
        earn_on_points_payment=True,
    )
    draft.put("basis", discounts="before")
    # A case names its fields in any sequence; ours is that of the table, since later rules work on earlier ones.
    for key, told in KEYS.items():
        if key in FACTS:
            FACTS[key](draft)
        if key in draft.programme:
            told(draft, draft.programme[key])
    stored_value(draft)
    activities(draft)
    credited(draft)
    accruals(draft)
    seen(draft)
    return draft


def _elsewhere(_draft: Draft, _value: object) -> None:
    """Read where it is used."""


KEYS: Mapping[str, Callable[[Draft, Any], None]] = {
    "exponent": _elsewhere,
    "money": money,
    "time_zone": _elsewhere,
    "points": points,
    "rounding": rounding,
    "earning_rules": earning_rules,
    "promotion": added_points,
    "combine": combined,
    "promotions": promotions,
    "voucher": coupon,
    "budget": budget,
    "multiplier_scope": one_answer("multiplier_scope", {"spend_rules": "amount"}),
    "condition": condition,
    "campaign": campaign,
    "tiers": tiers,
    "tier_policy": tier_policy,
    "earning_basis": earning_basis,
    "include_taxes": include_taxes,
    "tax_percent": _elsewhere,
    "prices": prices,
    "clawback": clawback,
    "redemption": redemption,
    "reward": reward,
    "adjust": adjusting,
    "expiry": expiry,
    "transfer": transfer,
    "midnight_order": night_steps,
    "allocation": allocation,
    "gift_card": gift_card,
    "hold": hold,
    "discounts_before_payment": accepted("discounts_before_payment", True),
    "segment": segment,
    "formula": _elsewhere,
    "liability": _elsewhere,
    "guest_purchases": accepted("guest_purchases", "no_points"),
    "duplicate_request": one_answer(
        "duplicate_request", {"refuse_409": "refuse", "replay": "replay", "silent_noop": "ignore"}
    ),
    "before_joining": one_answer("before_joining", {"refuse": "refuse"}),
    "inactive_member": one_answer("suspended_member", {"refuse": "refuse", "earns_nothing": "earn_nothing"}),
    "minimum_tested_on": accepted("minimum_tested_on", "discounted"),
    "order_discount_reduces_line_basis": one_answer(
        "purchase_discount_on_chosen_lines", {True: "allocated", False: "not_allocated"}
    ),
}
# What the events bring before a field is read.
FACTS: Mapping[str, Callable[[Draft], None]] = {"promotion": told_points}
