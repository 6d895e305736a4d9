"""Questions that a case asks without points: a bare condition, a segment, and on which amount rules count."""

from __future__ import annotations

import json
from typing import Any

from club.conform.cases import Untranslatable
from club.conform.draft import Draft, moment, only
from club.conform.words import Table, minor, store_of

# Wallets beside the points, so that what is only asked earns nothing: whether the condition holds, which basis rules see.
CONDITION, SEEN = "condition", "seen"
SEGMENT = "segment"


def condition(draft: Draft, value: Table) -> None:
    only("a condition", value, ("order_total_at_least_minor", "window", "iso_weekdays"))
    when = []
    if "order_total_at_least_minor" in value:
        when.append(f"purchase.total_minor >= {minor(value['order_total_at_least_minor'], draft.exponent)}")
    if "iso_weekdays" in value:
        when.append(f"purchase.weekday in {json.dumps(value['iso_weekdays'])}")
    since, until = value.get("window", (None, None))
    row = {"points": 1, "per": "purchase", "when": " && ".join(when) or None}
    draft.ask(CONDITION, row | {"from": since and moment(since), "until": until and moment(until)})


def seen(draft: Draft) -> None:
    """What a rule per amount would see is asked of every case, those that have none among them."""
    draft.ask(SEEN, {"points": 1, "per_minor": 1})


def segment(draft: Draft, value: Table) -> None:
    draft.add("segment", {"id": SEGMENT, "when": _predicate(draft, value)})


def _predicate(draft: Draft, value: Table) -> str:
    """Parts are joined by `any` or `all`; the criteria of one part by or."""
    parts = []
    for key, wanted in value.items():
        match key:
            case "any" | "all":
                joined = (" || " if key == "any" else " && ").join(f"({_predicate(draft, one)})" for one in wanted)
                parts.append(f"({joined})")
            case "bought_in_store":
                stores = [wanted] if isinstance(wanted, str) else wanted
                parts.append("(" + " || ".join(f"{json.dumps(store_of(one))} in member.stores" for one in stores) + ")")
            case "purchase_count":
                parts.append(_between("member.purchases", "1", wanted))
            case "average_ticket_minor":
                bounds = [None if bound is None else minor(bound, draft.exponent) for bound in wanted]
                parts.append(f"(member.purchases > 0 && {_between('member.spend_minor', 'member.purchases', bounds)})")
            case _:
                raise Untranslatable(f"a segment by {key!r} has no feature here yet")
    return " || ".join(parts)


def _between(name: str, times: str, wanted: list[Any]) -> str:
    low, high = wanted
    bounds = [
        f"{name} >= {low} * {times}" if low is not None else "",
        f"{name} <= {high} * {times}" if high is not None else "",
    ]
    return "(" + (" && ".join(bound for bound in bounds if bound) or "true") + ")"
