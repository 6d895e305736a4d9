"""What a case decides of the questions on which systems contradict each other, as answers of [policies] and [basis]."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from club.conform.cases import Untranslatable
from club.conform.draft import Draft, only
from club.conform.words import Table, number


def one_answer(policy: str, answers: Mapping[object, object]) -> Callable[[Draft, object], None]:
    """A field of the case that is one policy of ours."""

    def told(draft: Draft, value: object) -> None:
        if value not in answers:
            raise Untranslatable(f"{value!r} is no answer of policies.{policy} here yet")
        draft.put("policies", **{policy: answers[value]})

    return told


def accepted(named: str, answer: object) -> Callable[[Draft, object], None]:
    """A field with one answer, which is how this club does it anyway."""

    def told(_draft: Draft, value: object) -> None:
        if value != answer:
            raise Untranslatable(f"{named} {value!r} has no feature here yet")

    return told


def combined(draft: Draft, value: str) -> None:
    if value not in ("best_rule", "best_for_customer"):
        raise Untranslatable(f"rules that combine as {value!r} have no feature here yet")
    draft.put("policies", **{"several_rules" if value == "best_rule" else "several_offers": "best"})


def earning_basis(draft: Draft, value: str) -> None:
    known: Mapping[str, tuple[str, Table]] = {
        "items_total": ("basis", {"shipping": False}),
        "order_total": ("basis", {"shipping": True}),
        "net_of_discounts": ("basis", {"discounts": "after"}),
        "net_of_points_redeemed": ("policies", {"earn_on_points_payment": False}),
        "before_stored_value_payment": ("policies", {"earn_on_stored_value_payment": True}),
    }
    if value not in known:
        raise Untranslatable(f"the earning basis {value!r} has no feature here yet")
    table, keys = known[value]
    draft.put(table, **keys)


def include_taxes(draft: Draft, value: bool) -> None:
    draft.put("basis", tax="included" if value else "excluded")


def prices(_draft: Draft, value: str) -> None:
    if value not in ("excl_tax", "incl_tax"):
        raise Untranslatable(f"prices {value!r} have no feature here yet")


def money(_draft: Draft, value: Table) -> None:
    # The cash step of the company touches no points, so a programme has no word for it.
    only("money", value, ("exponent", "pricelist_currency", "currency_rounding"))


def share_as_code(draft: Draft, value: Table) -> None:
    """A code for the next purchase, worth a share of this one: cashback into a wallet of whole steps of money."""
    step_minor = int(value.get("round_to_minor", 1))
    mode = value.get("mode", "half_up")
    draft.add("wallet", {"id": CODE, "value_minor": step_minor, "rounding": {"mode": mode, "per": "purchase"}})
    draft.add(
        "earn", {"id": CODE, "wallet": CODE, "points": number(value["percent"]), "per_minor": 100 * step_minor, "on_top": True}
    )  # fmt: skip


def allocation(_draft: Draft, value: Table) -> None:
    """How it is shared is the only way there is here, and the event does it."""
    only("an allocation", value, ("targets", "method", "remainder"))
    if not set(value.get("targets", TARGETS)) <= set(TARGETS):
        raise Untranslatable(f"an allocation over {value['targets']!r} has no feature here yet")
    if value.get("method", "pro_rata") != "pro_rata":
        raise Untranslatable(f"an allocation by {value['method']!r} has no feature here yet")
    if value.get("remainder", "last") not in ("last", "last_line"):
        raise Untranslatable(f"an allocation with remainder {value['remainder']!r} has no feature here yet")


def clawback(draft: Draft, value: Table) -> None:
    only("clawback", value, ("method", "policy", "return_spent_points", "returned_points_keep_original_expiry"))
    methods = {
        "pro_rata_by_amount": "by_amount",
        "refunded_amount": "refunded_amount",
        "gross_item_value": "gross_item_value",
    }
    answers = {"clamp_to_zero": "clamp", "allow_negative": "negative", "floor_and_record_loss": "record_loss"}
    if "method" in value:
        draft.put("policies", partial_return=methods[value["method"]])
    if "policy" in value:
        draft.put("policies", clawback_when_spent=answers[value["policy"]])
    if value.get("return_spent_points") == "only_on_full_refund":
        draft.put("policies", spent_points_on_partial_return="only_on_full_return")
    if value.get("returned_points_keep_original_expiry", True) is not True:
        raise Untranslatable("points that come back with another expiry have no feature here")


def redemption(draft: Draft, value: Table) -> None:
    known = ("point_value_minor", "points_per_step", "minor_per_step", "min_points", "max_percent_of_order", "points",
             "value_minor", "over_request", "allow_negative", "over_order_total", "same_order_points")  # fmt: skip
    only("redemption", value, known)
    payment: Table = {}
    if "point_value_minor" in value:
        draft.put("points", value_minor=int(number(value["point_value_minor"])))
    steps = next(
        (pair for pair in (("points_per_step", "minor_per_step"), ("points", "value_minor")) if pair[0] in value), None
    )
    if steps is not None:
        payment |= {"step": int(number(value[steps[0]])), "minor_per_step": int(number(value[steps[1]]))}
    if "min_points" in value:
        payment["min_points"] = int(number(value["min_points"]))
    if "max_percent_of_order" in value:
        payment["max_percent"] = number(value["max_percent_of_order"])
    if payment:
        draft.put("points", payment=payment)
    if "over_request" in value:
        draft.put("policies", redeem_more_than_balance={"clamp": "clamp", "reject": "reject"}[value["over_request"]])
    if value.get("allow_negative"):
        draft.put("policies", redeem_more_than_balance="negative")
    if "over_order_total" in value:
        draft.put("policies", redemption_over_total={"reject": "refuse", "clamp": "clamp"}[value["over_order_total"]])
    if value.get("same_order_points", "spendable") != "spendable":
        raise Untranslatable(f"same_order_points {value['same_order_points']!r} has no feature here yet")


def reward(draft: Draft, value: Table) -> None:
    """What points buy, as a [[reward]] or as how points pay."""
    known = ("type", "points", "required_points", "reward_qty", "discount_per_point_minor", "only_whole_multiples",
             "percent_off_order", "own_program_discount_does_not_reduce_basis", "percent", "round_to_minor", "mode",
             "auto_redeem_at")  # fmt: skip
    only("a reward", value, known)
    price = number(value.get("points", value.get("required_points", value.get("auto_redeem_at", 0))))
    if "discount_per_point_minor" in value:
        step = int(price) or 1
        worth = int(number(value["discount_per_point_minor"])) * step
        draft.put("points", payment={"step": step, "minor_per_step": worth})
        return
    if value.get("type") == "percentage_back_code":
        share_as_code(draft, value)
        return
    if value.get("type") == "next_order_coupon":
        from club.conform.promoting import coupon_for_later

        coupon_for_later(draft, value)
        return
    if value.get("type", "free_product") != "free_product":
        raise Untranslatable(f"a reward of type {value['type']!r} has no feature here yet")
    if "percent_off_order" in value:
        if not value.get("own_program_discount_does_not_reduce_basis"):
            raise Untranslatable("a reward that lowers what its own purchase earns has no feature here yet")
        draft.add(
            "reward", {"id": REWARD, "kind": "percent", "percent": number(value["percent_off_order"]), "price": price}
        )
        return
    row: Table = {"id": REWARD, "kind": "product", "sku": "reward", "price": price}
    if "auto_redeem_at" in value:
        row["auto_redeem_at"] = number(value["auto_redeem_at"])
    draft.add("reward", row | ({"quantity": int(value["reward_qty"])} if "reward_qty" in value else {}))


REWARD = "reward"
# The wallet that stands for a code worth a share of a purchase.
CODE = "code"
# Over what a discount is shared.
TARGETS = ("items", "shipping")
_DURATION = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?")


def expiry(draft: Draft, value: Table) -> None:
    only("expiry", value, ("days", "duration", "align", "consume_order", "boundary", "run_at"))
    if "consume_order" in value:
        orders = {"earliest_expiry_first_never_last": "earliest_expiry_first", "oldest_first": "first_earned_first"}
        draft.put("policies", lots_used=orders[value["consume_order"]])
    if value.get("boundary", "expires_at<=now expires") != "expires_at<=now expires":
        raise Untranslatable(f"the boundary {value['boundary']!r} has no feature here yet")
    months = 0
    days = int(value.get("days", 0))
    if "duration" in value:
        found = _DURATION.fullmatch(str(value["duration"]))
        if found is None:
            raise Untranslatable(f"a duration of {value['duration']!r} has no feature here")
        years, own_months, own_days = (int(part or 0) for part in found.groups())
        months, days = years * 12 + own_months, days + own_days
    align = {"end_of_day": "day", "end_of_month": "month_end"}[value.get("align", "end_of_day")]
    if months and not days:
        draft.put("points", expiry={"months": months, "at": align})
    elif days and not months:
        if align != "day":
            raise Untranslatable("days that are kept to the end of a month have no feature here yet")
        draft.put("points", expiry={"days": days})


def transfer(draft: Draft, value: Table) -> None:
    only("transfer", value, ("resets_expiry",))
    draft.put("policies", transfer_expiry="restarted" if value.get("resets_expiry") else "kept")


# The night's steps by the names that a case gives them.
_STEPS = {"pending_activation": "activation", "auto_redeem": "redemption", "tier_recalc_period": "tier_period",
          "expiry": "expiry", "tier_recalc_balance": "tier_balance"}  # fmt: skip


def night_steps(draft: Draft, value: list[str]) -> None:
    """Steps that a case does not name come last, in the sequence they have anyway."""
    steps = [_STEPS[one] for one in value]
    draft.put("policies", nightly_steps=[*steps, *(one for one in _STEPS.values() if one not in steps)])


def adjusting(draft: Draft, value: Table) -> None:
    only("adjust", value, ("allow_negative_default",))
    if value.get("allow_negative_default"):
        draft.put("policies", adjustment_below_zero="negative")
