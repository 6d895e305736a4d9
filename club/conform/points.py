"""What points are in a case: decimals, rounding, promotions on top of them, campaigns with a balance of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from club.conform.cases import Untranslatable
from club.conform.draft import Draft, moment, only
from club.conform.facts import QUALIFIES, qualifying
from club.conform.words import Table, minor, number

# Points that nothing rounds: as fine as a wallet of ours can be.
UNROUNDED_DECIMALS = 6
CAMPAIGN, PROMOTION = "campaign", "promotion"


def points(draft: Draft, value: Mapping[str, Any]) -> None:
    only("points", value, ("decimals", "non_monetary"))
    if "decimals" in value and "rounding" not in draft.programme:
        draft.put("points", decimals=int(value["decimals"]))


def rounding(draft: Draft, value: Mapping[str, Any]) -> None:
    only("rounding", value, ("mode", "precision", "scope"))
    if value.get("mode", "none") == "none":
        return
    scopes = {"rule": "rule", "after_multiplier": "purchase", "line": "line"}
    decimals = int(value.get("precision", draft.programme.get("points", {}).get("decimals", 0)))
    per = scopes[value.get("scope", "after_multiplier")]
    draft.put("points", decimals=decimals, rounding={"mode": value["mode"], "per": per})


def added_points(draft: Draft, value: Table) -> None:
    only("a points promotion", value, ("type", "points", "factor", "requires_base", "name", "id"))
    row: Table = {"id": PROMOTION, "on_top": True, "needs_base": True if value.get("requires_base") else None}
    if value.get("requires_base") and qualifying(draft):
        row |= {"needs_base": None, "when": f"'{QUALIFIES}' in purchase.codes"}
    match value["type"]:
        case "points_addition":
            row |= {"points": number(value["points"]), "per": "purchase"}
        case "points_multiplier":
            row |= {"multiply": number(value["factor"]), "needs_base": None}
        case other:
            raise Untranslatable(f"promotions of type {other!r} have no feature here yet")
    draft.stands_for[PROMOTION] = value
    draft.add("earn", row)


def campaign(draft: Draft, value: Table) -> None:
    known = ("kind", "earn_threshold_minor", "multiplier", "max_amount_minor", "increment", "reward_goal", "starts",
             "rewards_per_transaction_cap", "refund_window_days", "excess_above_cap", "reward_stock", "out_of_stock",
             "refunds")  # fmt: skip
    only("a campaign", value, known)
    _rewards(draft, value)
    threshold = minor(value.get("earn_threshold_minor", 0), draft.exponent)
    row: Table = {"id": CAMPAIGN, "wallet": CAMPAIGN, "from": moment(value["starts"]) if "starts" in value else None}
    row["when"] = f"purchase.total_minor >= {threshold}" if threshold else None
    if value.get("kind") == "stamps":
        row |= {"points": number(value["increment"]), "per": "purchase"}
    else:
        factor = number(value.get("multiplier", "1"))
        cap = minor(value.get("max_amount_minor", 0), draft.exponent)
        row |= {"points": factor, "per_minor": 1, "basis_cap_minor": cap or None}
    card: Table = {"id": CAMPAIGN, "decimals": 2, "goal": value.get("reward_goal")}
    if "reward_goal" in value:
        card |= {
            "rewards_per_purchase": value.get("rewards_per_transaction_cap") or None,
            "reward_pending_days": value.get("refund_window_days") or None,
            "reward_stock": value.get("reward_stock"),
        }
    draft.add("wallet", card)
    draft.add("earn", row)


def _rewards(draft: Draft, value: Table) -> None:
    """What a campaign decides of its rewards, as policies. With a window, what is above the cap waits with the rewards."""
    excess = value.get("excess_above_cap", "dropped")
    if excess not in ("dropped", "kept"):
        raise Untranslatable(f"an excess above the cap that is {excess!r} has no feature here yet")
    answers = {"excess_above_reward_cap": "dropped" if value.get("refund_window_days") else excess}
    for key, policy, known in (
        ("out_of_stock", "reward_out_of_stock", {"owed": "owe", "refused": "refuse", "refuse": "refuse"}),
        ("refunds", "stamps_on_return", {"refused": "kept", "accepted": "taken_back"}),
    ):
        if key in value:
            if value[key] not in known:
                raise Untranslatable(f"{key} {value[key]!r} has no feature here yet")
            answers[policy] = known[value[key]]
    if "clawback" not in draft.programme:
        # The balance goes to zero, and the rest is a loss.
        answers["clawback_when_spent"] = "record_loss"
    draft.put("policies", **answers)
