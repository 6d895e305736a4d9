"""A case's programme in this club's own words: a TOML file, as a club manager would write it.

Every key of a case either becomes keys of ours or raises Untranslatable; none is ever passed over in silence.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from club.conform.cases import Case, Untranslatable

CURRENCIES = {0: "JPY", 2: "USD", 3: "KWD"}
# Points that nothing rounds: as fine as a wallet of ours can be.
UNROUNDED_DECIMALS = 6
CAMPAIGN = "campaign"
CREDIT = "credit-"
# A line that a case says matches, or that its base rules reward.
MATCHING, BASE_CODE, QUALIFIES = "matching", "base", "qualifies"

Table = dict[str, Any]


@dataclass
class Draft:
    """The tables of the file, and which of the case's rules each rule of ours stands for (by place)."""

    case: Case
    tables: dict[str, Table] = field(default_factory=dict)
    lists: dict[str, list[Table]] = field(default_factory=dict)
    stands_for: dict[str, Table] = field(default_factory=dict)

    def put(self, table: str, **keys: Any) -> None:
        self.tables.setdefault(table, {}).update(keys)

    def add(self, table: str, row: Table) -> None:
        self.lists.setdefault(table, []).append({key: value for key, value in row.items() if value is not None})

    @property
    def exponent(self) -> int:
        money = self.case.programme.get("money", {})
        return int(self.case.programme.get("exponent", money.get("exponent", 2)))

    def text(self) -> str:
        parts = [f"[{name}]\n" + _rows(table) for name, table in self.tables.items()]
        parts += [f"[[{name}]]\n" + _rows(row) for name, rows in self.lists.items() for row in rows]
        return "\n\n".join(parts) + "\n"


def translated(case: Case, programme: Mapping[str, Any] | None = None) -> Draft:
    """Raises Untranslatable."""
    draft = Draft(case)
    draft.put(
        "club",
        name="Conformance",
        currency=CURRENCIES[draft.exponent],
        time_zone=str(case.programme.get("time_zone", "Etc/UTC")),
        languages=["en"],
        phone_region="US",
    )
    draft.put("points", decimals=UNROUNDED_DECIMALS)
    draft.put("basis", discounts="before")
    for key, value in (case.programme if programme is None else programme).items():
        if key not in KEYS:
            raise Untranslatable(f"the programme's field {key!r} has no feature here yet")
        KEYS[key](draft, value)
    _from_events(draft)
    if not draft.lists.get("earn"):
        # What a rule would see is asked of cases that have none.
        draft.add("earn", {"id": "basis", "points": 1, "per_minor": 1})
    return draft


def _nothing(_draft: Draft, _value: object) -> None:
    """Settled elsewhere in this file, or a label."""


def _only(named: str, given: Mapping[str, Any], known: Iterable[str]) -> None:
    for key in given:
        if key not in known:
            raise Untranslatable(f"{named} has no {key!r} here yet")


def _points(draft: Draft, value: Mapping[str, Any]) -> None:
    _only("points", value, ("decimals", "non_monetary"))
    if "decimals" in value and "rounding" not in draft.case.programme:
        draft.put("points", decimals=int(value["decimals"]))


def _rounding(draft: Draft, value: Mapping[str, Any]) -> None:
    _only("rounding", value, ("mode", "precision", "scope"))
    if value.get("mode", "none") == "none":
        return
    scopes = {"rule": "rule", "after_multiplier": "purchase", "line": "line"}
    decimals = int(value.get("precision", draft.case.programme.get("points", {}).get("decimals", 0)))
    draft.put(
        "points",
        decimals=decimals,
        rounding={"mode": value["mode"], "per": scopes[value.get("scope", "after_multiplier")]},
    )


def _earning_rules(draft: Draft, rules: list[Table]) -> None:
    if any(rule.get("stackable") is False for rule in rules):
        draft.put("policies", several_rules="priority")
    for rule in rules:
        if rule["type"] not in RULES:
            raise Untranslatable(f"earning rules of type {rule['type']!r} have no feature here yet")
        common = (
            "type",
            "id",
            "name",
            "enabled",
            "starts",
            "stackable",
            "priority",
            "stop_after",
            "min_order_minor",
            "with_code",
            "basis",
        )
        known, build = RULES[rule["type"]]
        _only(f"an earning rule of type {rule['type']!r}", rule, (*common, *known))
        for keys in build(draft, rule):
            number = len(draft.stands_for) + 1
            row = {"id": f"rule-{number}"} | keys | _common(rule, keys)
            draft.stands_for[row["id"]] = rule
            draft.add("earn", row)


def _common(rule: Table, keys: Table) -> Table:
    when = [keys["when"]] if "when" in keys else []
    if "min_order_minor" in rule:
        when.append(f"purchase.total_minor >= {rule['min_order_minor']}")
    if "with_code" in rule:
        when.append(f"{json.dumps(rule['with_code'])} in purchase.codes")
    basis = dict(keys.get("basis", {}))
    if rule.get("basis") == "gross":
        basis["tax"] = "included"
    return {
        "when": " && ".join(when) or None,
        "enabled": rule.get("enabled"),
        "from": _moment(rule["starts"]) if "starts" in rule else None,
        "stackable": rule.get("stackable"),
        "priority": rule.get("priority"),
        "stop": rule.get("stop_after"),
        "basis": basis or None,
    }


def _spend(draft: Draft, rule: Table) -> list[Table]:
    lines = []
    if rule.get("exclude_skus"):
        lines.append(f"!(line.sku in {json.dumps(rule['exclude_skus'])})")
    if rule.get("include_categories"):
        lines.append(f"line.category in {json.dumps(rule['include_categories'])}")
    lines += [f"!{_label(pair)}" for pair in rule.get("exclude_labels", ())]
    if rule.get("include_labels"):
        lines.append("(" + " || ".join(_label(pair) for pair in rule["include_labels"]) + ")")
    return [
        {
            "points": Decimal(str(rule["points_per_major"])),
            "per_minor": 10**draft.exponent,
            "lines": " && ".join(lines) or None,
            "basis": {"shipping": True} if rule.get("include_delivery") else {},
        }
    ]


def _label(pair: list[str]) -> str:
    name, value = (json.dumps(text) for text in pair)
    return f"({name} in line.labels && line.labels[{name}] == {value})"


def _per_amount(_draft: Draft, rule: Table) -> list[Table]:
    return [{"points": Decimal(str(rule["points"])), "per_minor": rule["per_minor"], "steps": "whole"}]


def _product_fixed(_draft: Draft, rule: Table) -> list[Table]:
    lines = f"line.sku in {json.dumps(rule['skus'])}"
    return [{"points": Decimal(str(rule["points"])), "per": "product", "lines": lines, "multiplied": False}]


def _fixed(_draft: Draft, rule: Table) -> list[Table]:
    if rule.get("per") == "matching_unit":
        return [{"points": Decimal(str(rule["points"])), "per": "unit", "lines": _label([MATCHING, "yes"])}]
    return [{"points": Decimal(str(rule["points"])), "per": "purchase"}]


def _per_unit(_draft: Draft, rule: Table) -> list[Table]:
    return [{"points": Decimal(str(rule["points"])), "per": "unit"}]


def _event(draft: Draft, rule: Table) -> list[Table]:
    if rule["event"] == "first_purchase":
        return [{"points": Decimal(str(rule["points"])), "per": "purchase", "when": "purchase.number == 1"}]
    kind = _kind(rule["event"])
    if kind not in {one["id"] for one in draft.lists.get("event", ())}:
        draft.add("event", {"id": kind})
    return [{"points": Decimal(str(rule["points"])), "event": kind}]


def _kind(name: str) -> str:
    return name.lower().replace("_", "-")


def _multiplier(_draft: Draft, rule: Table) -> list[Table]:
    lines = f"line.sku in {json.dumps(rule['skus'])}" if "skus" in rule else None
    return [{"multiply": Decimal(str(rule["factor"])), "lines": lines}]


def _label_multiplier(_draft: Draft, rule: Table) -> list[Table]:
    return [{"multiply": Decimal(str(factor)), "lines": _label(pair)} for pair, factor in rule["factors"]]


# Each type of earning rule: the keys it may have beside those that all have, and what it becomes.
RULES: Mapping[str, tuple[tuple[str, ...], Callable[[Draft, Table], list[Table]]]] = {
    "spend": (
        (
            "points_per_major",
            "include_delivery",
            "exclude_skus",
            "exclude_labels",
            "include_labels",
            "include_categories",
        ),
        _spend,
    ),
    "per_amount": (("points", "per_minor", "steps"), _per_amount),
    "product_fixed": (("points", "skus"), _product_fixed),
    "fixed": (("points", "per"), _fixed),
    "visit": (("points",), _fixed),
    "per_unit": (("points",), _per_unit),
    "event": (("points", "event"), _event),
    "multiplier": (("factor", "skus"), _multiplier),
    "label_multiplier": (("factors",), _label_multiplier),
}


def _added_points(draft: Draft, value: Table) -> None:
    _only("a points promotion", value, ("type", "points", "factor", "requires_base", "name", "id"))
    if any("base_points" in event or "qualifies_for_base" in event for event in draft.case.events):
        # The points that a purchase's base rules give are a fact of the case, carried as a code of the purchase.
        for points in dict.fromkeys(str(event.get("base_points", "0")) for event in draft.case.events):
            if Decimal(points):
                row = {
                    "points": Decimal(points),
                    "per": "purchase",
                    "when": f"'{BASE_CODE}-{points}' in purchase.codes",
                }
                draft.add("earn", {"id": f"base-{len(draft.lists.get('earn', ()))}"} | row)
    asks: Table = {"needs_base": True if value.get("requires_base") else None}
    if value.get("requires_base") and any("qualifies_for_base" in event for event in draft.case.events):
        asks = {"when": f"'{QUALIFIES}' in purchase.codes"}
    if value["type"] == "points_addition":
        gives: Table = {"points": Decimal(str(value["points"])), "per": "purchase"}
        draft.add("earn", {"id": "promotion"} | gives | asks)
    elif value["type"] == "points_multiplier":
        draft.add("earn", {"id": "promotion", "multiply": Decimal(str(value["factor"]))})
    else:
        raise Untranslatable(f"promotions of type {value['type']!r} have no feature here yet")


def _combine(draft: Draft, value: str) -> None:
    if value != "best_rule":
        raise Untranslatable(f"combine {value!r} has no feature here yet")
    draft.put("policies", several_rules="best")


def _multiplier_scope(draft: Draft, value: str) -> None:
    if value != "spend_rules":
        raise Untranslatable(f"multiplier_scope {value!r} has no feature here")
    draft.put("policies", multiplier_scope="amount")


def _condition(draft: Draft, value: Table) -> None:
    _only("a condition", value, ("order_total_at_least_minor", "window", "iso_weekdays"))
    when = []
    if "order_total_at_least_minor" in value:
        when.append(f"purchase.total_minor >= {value['order_total_at_least_minor']}")
    if "iso_weekdays" in value:
        when.append(f"purchase.weekday in {json.dumps(value['iso_weekdays'])}")
    since, until = value.get("window", (None, None))
    row = {"id": "condition", "points": 1, "per": "purchase", "when": " && ".join(when) or None}
    draft.add("earn", row | {"from": since and _moment(since), "until": until and _moment(until)})


def _moment(text: str) -> date | datetime:
    return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)


def _campaign(draft: Draft, value: Table) -> None:
    known = ("kind", "earn_threshold_minor", "multiplier", "max_amount_minor", "increment", "reward_goal", "starts",
             "rewards_per_transaction_cap", "refund_window_days")  # fmt: skip
    _only("a campaign", value, known)
    for key in ("rewards_per_transaction_cap", "refund_window_days"):
        if value.get(key):
            raise Untranslatable(f"a campaign's {key} has no feature here yet")
    threshold = value.get("earn_threshold_minor", 0)
    row: Table = {"id": CAMPAIGN, "wallet": CAMPAIGN, "from": _moment(value["starts"]) if "starts" in value else None}
    row["when"] = f"purchase.total_minor >= {threshold}" if threshold else None
    if value.get("kind") == "stamps":
        row |= {"points": Decimal(str(value["increment"])), "per": "purchase"}
    else:
        factor = Decimal(str(value.get("multiplier", "1")))
        row |= {"points": factor, "per_minor": 1, "basis_cap_minor": value.get("max_amount_minor") or None}
    draft.add("wallet", {"id": CAMPAIGN, "decimals": 2, "goal": value.get("reward_goal")})
    draft.add("earn", row)


def _tiers(draft: Draft, tiers: list[Table]) -> None:
    unit = next((key for tier in tiers for key in ("min_spend", "min_balance") if key in tier), "min")
    if "tier_policy" not in draft.case.programme:
        known: Mapping[str, Table] = {
            "min_spend": {"basis": "spend", "window": "lifetime"},
            "min_balance": {"basis": "balance"},
            "min": {"basis": "points", "window": "lifetime"},
        }
        draft.put("tiers", **known[unit])
    for number, tier in enumerate(tiers):
        _only("a tier", tier, ("name", "min", "min_spend", "min_balance"))
        draft.add("tier", {"id": f"tier-{number}", "name": {"en": tier["name"]}, "at_least": Decimal(str(tier[unit]))})


# Each basis of tiers as ours and the window it is counted over.
TIER_BASES: Mapping[str, Table] = {
    "balance": {"basis": "balance"},
    "points_earned_in_window": {"basis": "points", "window": "lifetime"},
    "points_earned_last_12_months": {"basis": "points", "window": "rolling", "window_days": 365},
    "points_in_calendar_month": {"basis": "points", "window": "calendar_month"},
    "lifetime_spend_plus_current": {"basis": "spend", "window": "lifetime"},
}


def _tier_policy(draft: Draft, value: Table) -> None:
    known = ("basis", "selected_before_earning", "recalculate_every_days", "reset_after_recalculation",
             "manual_level_is_floor", "starts", "valid", "fixed_duration_days", "on_drop", "duration_counts")  # fmt: skip
    _only("tier_policy", value, known)
    bases = {"min_balance": "balance", "min_spend": "lifetime_spend_plus_current"}
    unit = next((key for tier in draft.case.programme.get("tiers", ()) for key in bases if key in tier), None)
    basis = value.get("basis") or (bases[unit] if unit else "points_earned_in_window")
    rules = dict(TIER_BASES[basis])
    if "recalculate_every_days" in value:
        rules |= {"window": "cycle", "window_days": value["recalculate_every_days"]}
    if "starts" in value:
        rules["starts"] = {"immediate": "at_once", "next_period": "next_period"}[value["starts"]]
    if value.get("valid") == "end_of_period":
        rules["valid"] = "period"
    if "fixed_duration_days" in value:
        rules["keep_days"] = value["fixed_duration_days"]
    draft.put("tiers", **rules)
    draft.put("policies", crossing_purchase="at_once" if value.get("selected_before_earning") else "from_next")
    draft.put("policies", manual_tier="floor" if value.get("manual_level_is_floor", True) else "fixed")


def _earning_basis(draft: Draft, value: str) -> None:
    known: Mapping[str, tuple[str, Table]] = {
        "items_total": ("basis", {"shipping": False}),
        "order_total": ("basis", {"shipping": True}),
        "net_of_discounts": ("basis", {"discounts": "after"}),
        "net_of_points_redeemed": ("policies", {"earn_on_points_payment": False}),
        "before_stored_value_payment": ("policies", {"earn_on_stored_value_payment": True}),
    }
    table, keys = known[value]
    draft.put(table, **keys)


def _clawback(draft: Draft, value: Table) -> None:
    _only("clawback", value, ("method", "policy", "return_spent_points"))
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


def _redemption(draft: Draft, value: Table) -> None:
    _only("redemption", value, ("point_value_minor",))
    draft.put("points", value_minor=value["point_value_minor"])


def _expiry(draft: Draft, value: Table) -> None:
    _only("expiry", value, ("days",))
    draft.put("points", expiry={"days": value["days"]})


def _segment(draft: Draft, value: Table) -> None:
    draft.add("segment", {"id": "segment", "when": _predicate(value)})


def _predicate(value: Table) -> str:
    """Parts are joined by `any` or `all`; the criteria of one part by or."""
    parts = []
    for key, wanted in value.items():
        if key in ("any", "all"):
            joined = (" || " if key == "any" else " && ").join(f"({_predicate(one)})" for one in wanted)
            parts.append(f"({joined})")
        elif key == "bought_in_store":
            parts.append("(" + " || ".join(f"{json.dumps(_store(store))} in member.stores" for store in wanted) + ")")
        elif key == "purchase_count":
            parts.append(_between("member.purchases", "1", wanted))
        elif key == "average_ticket_minor":
            parts.append(f"(member.purchases > 0 && {_between('member.spend_minor', 'member.purchases', wanted)})")
        else:
            raise Untranslatable(f"a segment by {key!r} has no feature here yet")
    return " || ".join(parts)


def _between(name: str, times: str, wanted: list[int | None]) -> str:
    low, high = wanted
    bounds = [
        f"{name} >= {low} * {times}" if low is not None else "",
        f"{name} <= {high} * {times}" if high is not None else "",
    ]
    return "(" + (" && ".join(bound for bound in bounds if bound) or "true") + ")"


def _store(name: str) -> str:
    return name.lower()


def _one_answer(policy: str, answers: Mapping[str, str]) -> Callable[[Draft, str], None]:
    def told(draft: Draft, value: str) -> None:
        if value not in answers:
            raise Untranslatable(f"{value!r} is no answer of policies.{policy}")
        draft.put("policies", **{policy: answers[value]})

    return told


def _guests(_draft: Draft, value: str) -> None:
    if value != "no_points":
        raise Untranslatable(f"guest_purchases {value!r} has no feature here")


def _taxes(draft: Draft, value: bool) -> None:
    draft.put("basis", tax="included" if value else "excluded")


KEYS: Mapping[str, Callable[[Draft, Any], None]] = {
    "exponent": _nothing,
    "money": lambda draft, value: _only("money", value, ("exponent",)),
    "time_zone": _nothing,
    "points": _points,
    "rounding": _rounding,
    "earning_rules": _earning_rules,
    "promotion": _added_points,
    "combine": _combine,
    "multiplier_scope": _multiplier_scope,
    "condition": _condition,
    "campaign": _campaign,
    "tiers": _tiers,
    "tier_policy": _tier_policy,
    "earning_basis": _earning_basis,
    "include_taxes": _taxes,
    "clawback": _clawback,
    "redemption": _redemption,
    "expiry": _expiry,
    "segment": _segment,
    "formula": _nothing,
    "guest_purchases": _guests,
    "duplicate_request": _one_answer("duplicate_request", {"refuse_409": "refuse"}),
    "before_joining": _one_answer("before_joining", {"refuse": "refuse"}),
    "inactive_member": _one_answer("suspended_member", {"refuse": "refuse", "earns_nothing": "earn_nothing"}),
}


def _from_events(draft: Draft) -> None:
    """Rules for what the events themselves bring: points that are credited, raw points that are to be rounded."""
    credited = dict.fromkeys(str(event["points"]) for event in draft.case.events if event["type"] == "credit")
    for number, points in enumerate(credited):
        if Decimal(points) <= 0:
            raise Untranslatable("a credit of nothing or less has no feature here yet")
        draft.add("event", {"id": f"{CREDIT}{number}"})
        draft.add("earn", {"id": f"{CREDIT}{number}", "event": f"{CREDIT}{number}", "points": Decimal(points)})
    for event in draft.case.events:
        for number, raw in enumerate(event.get("raw_points", ()) if event["type"] == "accruals" else ()):
            draft.add("earn", {"id": f"accrual-{number}", "points": Decimal(raw), "per": "purchase"})


def credit_kind(case: Case, points: object) -> str:
    credited = list(dict.fromkeys(str(event["points"]) for event in case.events if event["type"] == "credit"))
    return f"{CREDIT}{credited.index(str(points))}"


def _rows(table: Table) -> str:
    return "\n".join(f"{key} = {_toml(value)}" for key, value in table.items())


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_toml(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_toml(one) for one in value) + "]"
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
