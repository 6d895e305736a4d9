"""A case's tiers as [tiers] and [[tier]]."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from club.conform.cases import Untranslatable
from club.conform.draft import Draft, only
from club.conform.words import Table, minor, number

# Each basis of tiers as ours and the window it is counted over.
BASES: Mapping[str, Table] = {
    "balance": {"basis": "balance"},
    "points_earned_in_window": {"basis": "points", "window": "lifetime"},
    "points_earned_last_12_months": {"basis": "points", "window": "rolling", "window_months": 12},
    "points_in_calendar_month": {"basis": "points", "window": "calendar_month"},
    "lifetime_spend_plus_current": {"basis": "spend", "window": "lifetime"},
}
# What a tier's lowest value may be called; the name says the basis where the policy does not.
_VALUES = {
    "min_spend": "lifetime_spend_plus_current",
    "min_balance": "balance",
    "min": "points_earned_in_window",
}
_KNOWN = ("basis", "selected_before_earning", "recalculate_every_days", "reset_after_recalculation",
          "manual_level_is_floor", "starts", "valid", "fixed_duration_days", "on_drop", "duration_counts")  # fmt: skip


def tiers(draft: Draft, value: list[Table]) -> None:
    rules = _rules(draft, draft.programme.get("tier_policy", {}))
    draft.put("tiers", **rules)
    lowest = [(_lowest(draft, tier, money=rules["basis"] == "spend"), tier) for tier in value]
    for number_, (at_least, tier) in enumerate(sorted(lowest, key=lambda one: one[0])):
        draft.add("tier", {"id": f"tier-{number_}", "name": {"en": tier["name"]}, "at_least": at_least})


def _lowest(draft: Draft, tier: Table, *, money: bool) -> Decimal:
    only("a tier", tier, ("name", *_VALUES))
    value = next((tier[key] for key in _VALUES if key in tier), None)
    if value is None:
        raise Untranslatable(f"the tier {tier.get('name')!r} says no lowest value")
    return Decimal(minor(value, draft.exponent)) if money else number(value)


def _rules(draft: Draft, policy: Table) -> Table:
    named = next((basis for key, basis in _VALUES.items() if any(key in one for one in draft.programme["tiers"])), "")
    basis = policy.get("basis", named)
    if basis not in BASES:
        raise Untranslatable(f"tiers by {basis!r} have no feature here yet")
    rules = dict(BASES[basis])
    if "recalculate_every_days" in policy:
        rules |= {"window": "cycle", "window_days": policy["recalculate_every_days"]}
    if "starts" in policy:
        rules["starts"] = {"immediate": "at_once", "next_period": "next_period"}[policy["starts"]]
    if "fixed_duration_days" in policy:
        rules |= {"keep_days": policy["fixed_duration_days"], "valid": "period"}
    if "valid" in policy:
        rules["valid"] = {"end_of_period": "period"}[policy["valid"]]
    return rules


def tier_policy(draft: Draft, value: Table) -> None:
    only("tier_policy", value, _KNOWN)
    if value.get("on_drop", "keep_until_expiry") != "keep_until_expiry":
        raise Untranslatable(f"on_drop {value['on_drop']!r} has no feature here yet")
    draft.put("policies", crossing_purchase="at_once" if value.get("selected_before_earning") else "from_next")
    draft.put("policies", manual_tier="floor" if value.get("manual_level_is_floor", True) else "fixed")
