"""A case's events, put to the club's own operations: what the till would call."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from fractions import Fraction

from club.conform.activities import activity, birthday_run, credit
from club.conform.bodies import FACTS, PRICES
from club.conform.cases import Untranslatable
from club.conform.given import STATES, given, review
from club.conform.machine import Machine, Moment
from club.conform.money_draft import PAYS
from club.conform.offering import apply_again, register_usage, use_code, validate_coupon
from club.conform.owed import period
from club.conform.points import CAMPAIGN
from club.conform.purchases import accrue, apply_code, cancel_draft, change_qty, confirm, earn_units, purchase
from club.conform.redeeming import (
    adjust,
    cancel_transfer,
    checkout,
    claim,
    claim_products,
    claw_back,
    confirm_signed,
    create,
    credit_until,
    delete,
    earn,
    expiry_run,
    facts,
    midnight_run,
    paid_with_money,
    paid_with_points,
    parallel,
    quote,
    redeem,
    reverse,
    take,
    transfer,
    with_reward,
)
from club.conform.returns import bring_back, cancel, money_back
from club.conform.splitting import allocate
from club.conform.stored_value import authorize, buy_gift_card, capture, redeem_gift, return_to_gift
from club.conform.translate import translated
from club.conform.words import Table
from shared.api.problems import problem_of
from shared.domain.errors import Refused
from shared.domain.formulas import FormulaUndefined, formula

Play = Callable[[Machine, Table, datetime, str], None]
_ALWAYS = ("type", "t", "d", "id", "member", "name", "reason")
_ROUNDINGS = {"ROUND": "rounded", "FLOOR": "floor", "CEIL": "ceil"}


def play(machine: Machine) -> None:
    """Every event in its turn. Raises Untranslatable for one that has no feature yet."""
    for place, (event, at) in enumerate(zip(machine.case.events, machine.moments, strict=True)):
        machine.now = max(machine.now, at)
        kind = event["type"]
        if kind not in EVENTS:
            raise Untranslatable(f"events of type {kind!r} have no feature here yet")
        known, played = EVENTS[kind]
        for key in event:
            if key not in (*known, *_ALWAYS):
                raise Untranslatable(f"an event of type {kind!r} has no {key!r} here yet")
        event_id = str(event.get("id", f"event-{place}"))
        machine.before = machine.balance()
        if kind == "given":
            played(machine, event, at, event_id)
            continue
        machine.http.append(_status(machine, played, event, at, event_id))
        machine.history.append(Moment(machine, event_id, kind))


def _status(machine: Machine, played: Play, event: Table, at: datetime, event_id: str) -> int:
    """What the door would answer with."""
    try:
        played(machine, event, at, event_id)
    except Refused as refusal:
        problem = problem_of(refusal)
        if "id" in event:
            machine.errors[event_id] = problem.code
        return int(problem.status)
    return 200


def evaluate(machine: Machine, event: Table, _at: datetime, _id: str) -> None:
    names: dict[str, Fraction] = {name: Fraction(str(event[name])) for name in ("x", "price") if name in event}
    text = re.sub("|".join(_ROUNDINGS), lambda found: _ROUNDINGS[found[0]], str(machine.programme["formula"]))
    try:
        machine.value = formula(text, dict.fromkeys(names, "int")).value(lambda name: names[name])
    except FormulaUndefined:
        machine.value = None


def change_rule(machine: Machine, event: Table, _at: datetime, _id: str) -> None:
    first, *rest = (dict(rule) for rule in machine.programme["earning_rules"])
    first["points_per_major" if first["type"] == "spend" else "points"] = event["points"]
    machine.republish([first, *rest])


def end_campaign(machine: Machine, event: Table, _at: datetime, _id: str) -> None:
    """The campaign is taken out of the programme, and the night books what that leaves."""
    fate = str(event.get("pending", "issue"))
    if fate not in ("issue", "delete"):
        raise Untranslatable(f"rewards that wait and are to {fate!r} have no feature here yet")
    draft = translated(machine.case, machine.programme)
    draft.lists["wallet"] = [row for row in draft.lists["wallet"] if row["id"] != CAMPAIGN]
    draft.lists["earn"] = [row for row in draft.lists["earn"] if row["id"] != CAMPAIGN]
    draft.put("policies", pending_at_end=fate)
    machine.publish(draft)
    expiry_run(machine, event, _at, _id)


def stock_rewards(machine: Machine, event: Table, _at: datetime, _id: str) -> None:
    """More rewards arrive: a version of the programme that has so many more."""
    card = machine.programme["campaign"]
    more = {**card, "reward_stock": int(card.get("reward_stock", 0)) + int(event["n"])}
    machine.programme = {**machine.programme, "campaign": more}
    machine.publish(translated(machine.case, machine.programme))


def disable_rule(machine: Machine, _event: Table, _at: datetime, _id: str) -> None:
    first, *rest = (dict(rule) for rule in machine.programme["earning_rules"])
    machine.republish([first | {"enabled": False}, *rest])


def nothing(_machine: Machine, _event: Table, _at: datetime, _id: str) -> None:
    """An event that changes nothing here: a purchase is paid for later, a member has joined."""


def bought(machine: Machine, event: Table, at: datetime, event_id: str) -> None:
    """A purchase as the till rings it up, with what points have to do with it."""
    if any(key in event for key in PAYS):
        paid_with_money(machine, event, at, event_id)
        return
    paid = [key for key in _PAID if key in event]
    how = {"redeem_points": paid_with_points, "used_points": facts, "claim_reward": with_reward}
    (how[paid[0]] if paid else purchase)(machine, event, at, event_id)


def credited(machine: Machine, event: Table, at: datetime, event_id: str) -> None:
    """Points in: earned by an activity, or with a last day that the case names."""
    (credit_until if "expires" in event else credit)(
        machine, {key: event[key] for key in event if key != "lot"}, at, event_id
    )


# How points take part in a purchase; what a till claims that they cost is not asked.
_PAID = ("redeem_points", "used_points", "claim_reward", "client_claims_points_cost")
# Each event: the keys it may have, and what it does.
EVENTS: Mapping[str, tuple[tuple[str, ...], Play]] = {
    "given": (STATES, given),
    "enrol": ((), nothing),
    "purchase": ((*PRICES, *FACTS, "store", "status", *_PAID, *PAYS), bought),
    "credit": (("points", "expires", "lot"), credited),
    "return": (
        ("ref", "fraction", "amount_minor", "qty", "lines", "refunded_minor", "each_unit_separately"),
        bring_back,
    ),
    "refund": (("amount_minor",), money_back),
    "cancel": (("ref",), cancel),
    "earn_order": (("ref", "points"), earn),
    "clawback_order": (("ref", "requested_points"), claw_back),
    "confirm": (("ref", "points"), confirm_signed),
    "adjust": (("points",), adjust),
    "cancel_transfer": (("ref",), cancel_transfer),
    "expiry_run": ((), expiry_run),
    "midnight_run": ((), midnight_run),
    "transfer": (("from", "to", "points"), transfer),
    "redeem": (("points", "ref"), redeem),
    "rollback_redemption": (("ref",), reverse),
    "reverse_redemption": (("ref", "points"), reverse),
    "quote_redemption": (("requested_points", "order_minor"), quote),
    "checkout": (("order_minor", "redeem_points", "voucher_minor", "currency", *PAYS), checkout),
    "buy_gift_card": (("qty", "value_minor"), buy_gift_card),
    "redeem_gift": (("amount_minor",), redeem_gift),
    "refund_gift": (("amount_minor", "ref"), return_to_gift),
    "authorize": (("amount_minor",), authorize),
    "capture": (("amount_minor", "ref"), capture),
    "claim_reward": (("points", "order_minor"), claim),
    "claim_free_product": (("qty",), claim_products),
    "reward_create": ((), create),
    "reward_redeem": (("ref",), take),
    "reward_delete": (("ref",), delete),
    "parallel": (("n", "each"), parallel),
    "event": (("event", "source_id"), activity),
    "earn_units": (("units", "matching_units"), earn_units),
    "birthday_run": ((), birthday_run),
    "recalculate_tier": (("qualifying_amount",), review),
    "allocate": (("discount", "discount_type", "items", "shipping"), allocate),
    "period": (("year", "sales", "points_redeemed_cumulative"), period),
    "evaluate": (("x", "price"), evaluate),
    "accruals": (("raw_points",), accrue),
    "end_campaign": (("pending",), end_campaign),
    "stock_rewards": (("n",), stock_rewards),
    "change_rule": (("points",), change_rule),
    "disable_rule": ((), disable_rule),
    "confirm_order": (("ref",), confirm),
    "cancel_draft": (("ref",), cancel_draft),
    "apply_code": (("ref", "code"), apply_code),
    "change_qty": (("ref", "qty"), change_qty),
    "settle": (("ref",), nothing),
    "apply_promotions": ((), apply_again),
    "validate_voucher": (("total_minor", "items"), validate_coupon),
    "use_code": (("code", "order"), use_code),
    "register_usage": (("amount",), register_usage),
}
