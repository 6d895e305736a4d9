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
             "rewards_per_transaction_cap", "refund_window_days")  # fmt: skip
    only("a campaign", value, known)
    for key in ("rewards_per_transaction_cap", "refund_window_days"):
        if value.get(key):
            raise Untranslatable(f"a campaign's {key} has no feature here yet")
    threshold = minor(value.get("earn_threshold_minor", 0), draft.exponent)
    row: Table = {"id": CAMPAIGN, "wallet": CAMPAIGN, "from": moment(value["starts"]) if "starts" in value else None}
    row["when"] = f"purchase.total_minor >= {threshold}" if threshold else None
    if value.get("kind") == "stamps":
        row |= {"points": number(value["increment"]), "per": "purchase"}
    else:
        factor = number(value.get("multiplier", "1"))
        cap = minor(value.get("max_amount_minor", 0), draft.exponent)
        row |= {"points": factor, "per_minor": 1, "basis_cap_minor": cap or None}
    draft.add("wallet", {"id": CAMPAIGN, "decimals": 2, "goal": value.get("reward_goal")})
    draft.add("earn", row)
