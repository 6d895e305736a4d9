"""Promotions, vouchers and budgets of a case as [[offer]]s of ours."""

from __future__ import annotations

from club.conform.cases import Untranslatable
from club.conform.draft import Draft, only
from club.conform.words import Table, minor, number, quoted

CODE_OFFER, BUDGET, COUPON = "with-code", "budget", "coupon"
_LIMITS = ("type", "id", "percent", "amount_minor", "value", "amount", "max_discount_minor", "min_order_minor",
           "per_member_limit", "code", "lines", "base", "skus", "category", "allocation", "max_qty")  # fmt: skip
_GET = ("type", "id", "buy_min_qty", "get_qty", "max_qty", "free_unit", "free_set", *(f"{side}_{what}" for side in ("buy", "get")
        for what in ("sku", "category", "product")))  # fmt: skip
# What a promotion of the case takes from.
_OFF = {"percent_off_order": "purchase", "fixed_off_order": "purchase", "percent_off_product": "line", "percent_off_line": "line",
        "fixed_off_line": "line", "percent_off_unit": "unit", "fixed_off_unit": "unit", "percent_off_skus": "line",
        "percent_off_category": "line", "percent_off_cheapest": "cheapest", "fixed_off_cheapest": "cheapest"}  # fmt: skip


def promotions(draft: Draft, value: list[Table]) -> None:
    for place, promotion in enumerate(value):
        draft.add("offer", {"id": offer_id(place), "guests": True} | _offer(draft, promotion))


def offer_id(place: int) -> str:
    return f"p{place}"


def _offer(draft: Draft, promotion: Table) -> Table:
    kind = promotion["type"]
    if kind == "buy_get":
        return _got(draft, promotion)
    if kind == "buy_x_get_y":
        only("a promotion", promotion, ("type", "per_unit_points", "required_points", "free_qty", "free_units"))
        if promotion.get("free_units") != "added":
            raise Untranslatable("free units that are not added have no feature here yet")
        buy = number(promotion["required_points"]) / number(promotion["per_unit_points"])
        return {"buy": int(buy), "get": int(promotion["free_qty"]), "on_top": True}
    only("a promotion", promotion, _LIMITS)
    off = _OFF.get(kind)
    if kind in ("fixed", "percent"):
        off = {"each": "unit", "across": "purchase", None: "purchase"}[promotion.get("allocation")]
    if off is None:
        raise Untranslatable(f"promotions of type {kind!r} have no feature here yet")
    if "base" in promotion:
        bases = {"initial": "of_the_initial_price", "remaining": "of_the_rest"}
        draft.put("policies", percent_discounts=bases[promotion["base"]])
    limit = promotion.get("per_member_limit")
    least = {name: minor(promotion[key], draft.exponent) for key, name in _MONEY.items() if key in promotion}
    return least | _size(draft, promotion) | {
        "off": off,
        "lines": _chosen(promotion),
        "max_units": promotion.get("max_qty"),
        "code": promotion.get("code"),
        "limits": [{"per": "member", "times": int(limit)}] if limit is not None else [],
    }  # fmt: skip


_MONEY = {"max_discount_minor": "max_minor", "min_order_minor": "min_total_minor"}


def _size(draft: Draft, promotion: Table) -> Table:
    """A share as it is written, or money in minor units."""
    if "percent" in promotion:
        return {"percent": number(promotion["percent"])}
    if "amount_minor" in promotion:
        return {"amount_minor": minor(promotion["amount_minor"], draft.exponent)}
    size = number(promotion.get("value", promotion.get("amount", 0)))
    if str(promotion["type"]).startswith("percent"):
        return {"percent": size}
    return {"amount_minor": int(size.scaleb(draft.exponent))}


def _chosen(promotion: Table) -> str | None:
    """The lines that a promotion covers."""
    if "category" in promotion:
        return f"line.category == {quoted([promotion['category']])[1:-1]}"
    names = promotion.get("skus", promotion.get("lines"))
    return f"line.sku in {quoted(names)}" if names is not None else None


def _got(draft: Draft, promotion: Table) -> Table:
    only("a promotion", promotion, _GET)
    if "free_unit" in promotion:
        draft.put("policies", free_unit=promotion["free_unit"])
    sides = {side: next((f"line.{_PARTS[what]} == {quoted([promotion[f'{side}_{what}']])[1:-1]}"
                         for what in _PARTS if f"{side}_{what}" in promotion), None) for side in ("buy", "get")}  # fmt: skip
    return {
        "buy": int(promotion["buy_min_qty"]),
        "get": int(promotion["get_qty"]),
        "lines": sides["buy"],
        "get_lines": sides["get"],
        "max_units": promotion.get("max_qty"),
        "whole_sets": promotion.get("free_set") == "whole",
    }


_PARTS = {"sku": "sku", "product": "sku", "category": "category"}


def coupon(draft: Draft, value: Table) -> None:
    only("a voucher", value, ("min_spend_minor", "min_items", "max_usages"))
    draft.add("offer", {
        "id": CODE_OFFER, "guests": True, "code": CODE, "percent": 1, "min_total_minor": value.get("min_spend_minor"),
        "min_units": value.get("min_items"), "stock": value.get("max_usages"),
    })  # fmt: skip


# The code of a case's coupon, which is not said where a case only asks whether it may be used.
CODE = "COUPON"


def budget(draft: Draft, value: Table) -> None:
    """What is registered against a budget of money is what an offer takes off: all of it."""
    only("a budget", value, ("type", "limit", "used"))
    if value["type"] != "spend":
        raise Untranslatable(f"a budget of type {value['type']!r} has no feature here yet")
    draft.add("offer", {"id": BUDGET, "guests": True, "percent": 100, "budget_minor": int(value["limit"])})


def coupon_for_later(draft: Draft, value: Table) -> None:
    """A coupon for the next purchase: a wallet that each purchase puts something into."""
    draft.add("wallet", {"id": COUPON})
    draft.add(
        "earn", {"id": COUPON, "wallet": COUPON, "points": number(value["points"]), "per": "purchase", "on_top": True}
    )
