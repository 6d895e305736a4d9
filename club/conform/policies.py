"""What a case decides of the questions on which systems contradict each other, as answers of [policies] and [basis]."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from club.conform.cases import Untranslatable
from club.conform.draft import Draft, only
from club.conform.words import Table


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


def clawback(draft: Draft, value: Table) -> None:
    only("clawback", value, ("method", "policy", "return_spent_points"))
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


def redemption(draft: Draft, value: Table) -> None:
    only("redemption", value, ("point_value_minor",))
    draft.put("points", value_minor=value["point_value_minor"])


def expiry(draft: Draft, value: Table) -> None:
    only("expiry", value, ("days",))
    draft.put("points", expiry={"days": value["days"]})
