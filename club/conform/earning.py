"""A case's `earning_rules` as [[earn]]: each type of rule, and the keys that every rule may have."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from club.conform.cases import Untranslatable
from club.conform.draft import Draft, moment, only
from club.conform.words import Table, carries, kind_of, minor, number, quoted

# The label of the lines that a case says match, and the activity that a birthday's run reports.
MATCHING, BIRTHDAY = "matching", "birthday"

_COMMON = ("type", "id", "name", "enabled", "starts", "stackable", "priority", "stop_after", "min_order_minor",
           "with_code", "basis")  # fmt: skip


def earning_rules(draft: Draft, rules: list[Table]) -> None:
    if any(rule.get("stackable") is False for rule in rules):
        draft.put("policies", several_rules="priority")
    for rule in rules:
        if rule["type"] not in RULES:
            raise Untranslatable(f"earning rules of type {rule['type']!r} have no feature here yet")
        known, build = RULES[rule["type"]]
        only(f"an earning rule of type {rule['type']!r}", rule, (*_COMMON, *known))
        for keys in build(draft, rule):
            row: Table = {"id": f"rule-{len(draft.stands_for) + 1}"} | keys | _common(draft, rule, keys)
            if row.get("points") == 0:
                # A rule of no points is one that is switched off.
                row |= {"points": 1, "enabled": False}
            draft.stands_for[row["id"]] = rule
            draft.add("earn", row)


def _common(draft: Draft, rule: Table, keys: Table) -> Table:
    when = [keys["when"]] if "when" in keys else []
    if "min_order_minor" in rule:
        when.append(f"purchase.total_minor >= {minor(rule['min_order_minor'], draft.exponent)}")
    if "with_code" in rule:
        when.append(f"{json.dumps(rule['with_code'], ensure_ascii=False)} in purchase.codes")
    basis = dict(keys.get("basis", {}))
    if rule.get("basis") == "gross":
        basis["tax"] = "included"
    elif "basis" in rule:
        raise Untranslatable(f"a rule's basis {rule['basis']!r} has no feature here yet")
    return {
        "when": " && ".join(when) or None,
        "enabled": rule.get("enabled"),
        "from": moment(rule["starts"]) if "starts" in rule else None,
        "stackable": rule.get("stackable"),
        "priority": rule.get("priority"),
        "stop": rule.get("stop_after"),
        "basis": basis or None,
    }


def _spend(draft: Draft, rule: Table) -> list[Table]:
    lines = []
    if rule.get("exclude_skus"):
        lines.append(f"!(line.sku in {quoted(rule['exclude_skus'])})")
    if rule.get("include_categories"):
        lines.append(f"line.category in {quoted(rule['include_categories'])}")
    lines += [f"!{carries(pair)}" for pair in rule.get("exclude_labels", ())]
    if rule.get("include_labels"):
        lines.append("(" + " || ".join(carries(pair) for pair in rule["include_labels"]) + ")")
    return [
        {
            "points": number(rule["points_per_major"]),
            "per_minor": 10**draft.exponent,
            "lines": " && ".join(lines) or None,
            "basis": {"shipping": True} if rule.get("include_delivery") else {},
        }
    ]


def _per_amount(draft: Draft, rule: Table) -> list[Table]:
    if rule.get("steps", "whole") != "whole":
        raise Untranslatable(f"steps {rule['steps']!r} have no feature here yet")
    return [{"points": number(rule["points"]), "per_minor": minor(rule["per_minor"], draft.exponent), "steps": "whole"}]


def _product_fixed(_draft: Draft, rule: Table) -> list[Table]:
    lines = f"line.sku in {quoted(rule['skus'])}"
    # A listed SKU counts wherever it stands in the basket, among the deliveries too.
    return [{"points": number(rule["points"]), "per": "product", "lines": lines, "multiplied": False,
             "basis": {"shipping": True}}]  # fmt: skip


def _fixed(_draft: Draft, rule: Table) -> list[Table]:
    match rule.get("per"):
        case None:
            return [{"points": number(rule["points"]), "per": "purchase"}]
        case "matching_unit":
            return [{"points": number(rule["points"]), "per": "unit", "lines": carries([MATCHING, "yes"])}]
    raise Untranslatable(f"fixed points per {rule['per']!r} have no feature here yet")


def _per_unit(_draft: Draft, rule: Table) -> list[Table]:
    return [{"points": number(rule["points"]), "per": "unit"}]


def _event(draft: Draft, rule: Table) -> list[Table]:
    if rule["event"] == "first_purchase":
        return [{"points": number(rule["points"]), "per": "purchase", "when": "purchase.number == 1"}]
    draft.once("event", {"id": kind_of(rule["event"])})
    return [{"points": number(rule["points"]), "event": kind_of(rule["event"])}]


def _birthday(draft: Draft, rule: Table) -> list[Table]:
    draft.once("event", {"id": BIRTHDAY})
    once_a_year = [{"per": "year", "times": 1}]
    return [
        {"points": number(rule["points"]), "event": BIRTHDAY, "when": "member.birthday_today", "limits": once_a_year}
    ]


def _multiplier(_draft: Draft, rule: Table) -> list[Table]:
    lines = f"line.sku in {quoted(rule['skus'])}" if "skus" in rule else None
    return [{"multiply": number(rule["factor"]), "lines": lines}]


def _label_multiplier(_draft: Draft, rule: Table) -> list[Table]:
    if rule.get("stop_after") and len(rule["factors"]) > 1:
        # Each factor is a rule of ours, and the first that multiplies would stop the others.
        raise Untranslatable("a label_multiplier of several factors that stops what follows has no feature here yet")
    return [{"multiply": number(factor), "lines": carries(pair)} for pair, factor in rule["factors"]]


_LINES = ("include_delivery", "exclude_skus", "exclude_labels", "include_labels", "include_categories")

# Each type of earning rule: the keys it may have beside those that all have, and what it becomes.
RULES: Mapping[str, tuple[tuple[str, ...], Callable[[Draft, Table], list[Table]]]] = {
    "spend": (("points_per_major", *_LINES), _spend),
    "per_amount": (("points", "per_minor", "steps"), _per_amount),
    "product_fixed": (("points", "skus"), _product_fixed),
    "fixed": (("points", "per"), _fixed),
    "visit": (("points",), _fixed),
    "per_unit": (("points",), _per_unit),
    "event": (("points", "event"), _event),
    "birthday": (("points",), _birthday),
    "multiplier": (("factor", "skus"), _multiplier),
    "label_multiplier": (("factors",), _label_multiplier),
}
