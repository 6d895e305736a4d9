"""What a case asks for, read off what the club answered and what stands in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from club.conform.conditions import CONDITION, SEEN, SEGMENT
from club.conform.facts import ACCRUAL
from club.conform.machine import Machine
from club.conform.offering import OF_OFFERS, off_minor
from club.conform.owed import PERIOD
from club.conform.points import CAMPAIGN
from club.conform.redeeming import lots_lapsed
from club.conform.splitting import code_value
from club.conform.stored_value import authorized, gift_status, used, wallet_left
from club.conform.words import Table
from shared.actions.read_lately import read_lately
from shared.domain.ledger import unpacked
from shared.domain.lots import is_usable
from shared.domain.segments import members_of
from shared.domain.tiers import Held, held_on


def _points(answer: Table) -> Fraction:
    """Nothing was answered to a purchase that was refused."""
    return Fraction(answer["points"]["earned"], 10 ** answer["points"]["decimals"]) if answer else Fraction(0)


def _last(machine: Machine) -> Table:
    return machine.answers[-1] if machine.answers else {}


def _fired(machine: Machine) -> list[Table]:
    return list(_last(machine).get("explanation", {}).get("fired", ()))


def _exact(text: str) -> Fraction:
    return Fraction(Decimal(text.rstrip("…")))


def _names(machine: Machine) -> list[str]:
    """The case's rules that fired, each once, in sequence: one of theirs may be several of ours."""
    rules = [rule for one in _fired(machine) if (rule := machine.draft.stands_for.get(one["rule"]))]
    return list(
        dict.fromkeys(str(rule.get("name", rule.get("id"))) for rule in rules if "name" in rule or "id" in rule)
    )


class Breakdown(dict[str, Fraction]):
    """Points by the id of the case's rule; a rule that gave nothing may be left out."""


def _breakdown(machine: Machine) -> Breakdown:
    told = Breakdown()
    for one in _fired(machine):
        rule = machine.draft.stands_for.get(one["rule"])
        if rule is not None and "id" in rule:
            name = str(rule["id"])
            told[name] = told.get(name, Fraction(0)) + _exact(one["points"])
    return told


def _basis(machine: Machine) -> int:
    """What the case's first rule per amount saw; where none gave, what such a rule would have seen."""
    amounts = {row["id"] for row in machine.draft.lists["earn"] if "per_minor" in row}
    bases = {one["rule"]: int(one["basis_minor"]) for one in _fired(machine) if one["rule"] in amounts}
    return next((basis for rule, basis in bases.items() if rule != SEEN), bases.get(SEEN, 0))


def _of_return(machine: Machine) -> tuple[bool, bool]:
    """Whether a rule counted the last return, and whether stamps stay all the same."""
    due, _, _, _, *kept = unpacked(machine.returned[-1]["rt"])
    wallet, *_ = _wallet(machine)
    return bool(due.get(wallet)), any(wallet in one for one in kept)


def _wallet(machine: Machine) -> tuple[str, int]:
    """The wallet that a case is about, and how many of its smallest units are a point."""
    return (CAMPAIGN, 100) if "campaign" in machine.programme else ("points", machine.unit)


def _accepted(machine: Machine) -> bool:
    """Whether a rule counted the last purchase, or money that came back after it."""
    if machine.history[-1].kind in _BACK:
        return _of_return(machine) == (True, False)
    return any(one["rule"] != SEEN for one in _fired(machine))


def _reason(machine: Machine) -> str | None:
    """Why the campaign did not count the purchase, or money that came back: its one condition is the threshold."""
    if machine.history[-1].kind in _BACK:
        is_counted, is_kept = _of_return(machine)
        return "refund_not_accepted" if is_kept else None if is_counted else "threshold_not_met"
    not_fired = _last(machine).get("explanation", {}).get("not_fired", ())
    whys = {one["rule"]: one["why"] for one in not_fired}
    return "threshold_not_met" if whys.get(CAMPAIGN) == "when" else None


def _entries(machine: Machine) -> list[list[Any]]:
    return [list(entry) for entry in machine.entries if entry is not None]


def _history(machine: Machine) -> dict[str, Any]:
    """Of the last purchase: what was issued and what was used, not netted."""
    return {"issued": _points(_last(machine)), "used": machine.used}


class Bag(list[dict[str, Any]]):
    """Lots in no sequence, of which a case may name what it cares for alone."""


class UpTo(int):
    """What may be less than what a case says."""


class OnDay:
    """What is answered for each day that a case names."""

    def __init__(self, answer: Callable[[date], Any]) -> None:
        self._answer = answer

    def __call__(self, day: str) -> Any:
        return self._answer(date.fromisoformat(day[:10]))


def _open_lots(machine: Machine) -> Bag:
    return Bag(
        {"remaining": Fraction(lot.points, machine.unit), "expires": lot.expires_on} for lot in machine.account().lots
    )


def _lots_by_expiry(machine: Machine) -> Breakdown:
    left = Breakdown()
    for lot in machine.account().lots:
        name = lot.expires_on.isoformat() if lot.expires_on else "never"
        left[name] = left.get(name, Fraction(0)) + Fraction(lot.points, machine.unit)
    return left


def _expiring(machine: Machine) -> OnDay:
    """Points that will have lapsed by a day."""
    lots = machine.account().lots
    return OnDay(
        lambda day: Fraction(sum(lot.points for lot in lots if lot.expires_on and lot.expires_on < day), machine.unit)
    )


def _usable(machine: Machine) -> OnDay:
    lots = machine.account().lots
    return OnDay(lambda day: any(is_usable(lot, day) and lot.points for lot in lots))


def _undone(machine: Machine, place: int) -> Fraction:
    """Of all returns: what was taken back (1), what could not be (2), what had paid and came back (3)."""
    wallet, unit = _wallet(machine)
    sums = [unpacked(row["rt"])[place].get(wallet, 0) for row in machine.returned if "rt" in row]
    return Fraction(sum(sums), unit)


# Events that bring money back.
_BACK = ("refund", "return", "cancel")


# What a case calls an error, by our code; an adjustment below zero has a name of its own.
_KINDS = {
    "points_insufficient": "insufficient_points",
    "redemption_exceeds_total": "redemption_exceeds_order_total",
    "redemption_ended": "terminal_state",
    "capture_exceeds_hold": "insufficient_authorized_amount",
    # Whatever is wrong with a code is answered alike; of that, a case knows this.
    "code_unusable": "assigned_to_other_member",
    "certificate_insufficient": "insufficient_points",
}


def _errors(machine: Machine) -> dict[str, str]:
    adjusted = {str(event.get("id")) for event in machine.case.events if event["type"] == "adjust"}
    told = {name: _KINDS.get(code, code) for name, code in machine.errors.items()}
    return {
        name: "would_go_negative" if name in adjusted and kind == "insufficient_points" else kind
        for name, kind in told.items()
    }


def _payable(machine: Machine) -> int:
    total = machine.purchases[machine.bought[-1]].total_minor if machine.bought else 0
    return total - machine.paid_minor - machine.stored_minor


def _tier_used(machine: Machine) -> str | None:
    held = _last(machine).get("explanation", {}).get("tier")
    return next((str(tier.name["en"]) for tier in machine.book.programme.tier if tier.id == held), None)


def _reached(machine: Machine) -> Held:
    """The tier that the events led to: the one held, or the one that begins with the next period."""
    held, *_ = held_on(machine.account(), machine.today(), machine.book)
    if machine.book.programme.tiers.starts == "next_period" and held.until is not None:
        held, *_ = held_on(machine.account(), held.until + timedelta(days=1), machine.book)
    return held


def _last_day(machine: Machine) -> date | None:
    held = _reached(machine)
    return held.until or held.kept_until


def _lost(machine: Machine) -> date | None:
    last = _last_day(machine)
    return last + timedelta(days=1) if last else None


def _segment(machine: Machine) -> set[str]:
    names = {account_id: name for name, account_id in machine.accounts.items()}
    accounts = [machine.account(name) for name in machine.accounts]
    at = machine.now.astimezone(machine.book.zone)
    store, book = machine.club.store, machine.book
    found = members_of(SEGMENT, accounts, at, book, lambda account: read_lately(store, account, at.date(), book))
    return {names[one.id] for one in found}


def _part(name: str) -> Callable[[Machine], Any]:
    return lambda machine: machine.parts[name]


READERS: Mapping[str, Callable[[Machine], Any]] = {
    "points_earned": lambda machine: _points(_last(machine)),
    "points_earned_each": lambda machine: [_points(answer) for answer in machine.answers],
    "points_each": lambda machine: [_exact(o["points"]) for o in _fired(machine) if o["rule"].startswith(ACCRUAL)],
    "balance": lambda machine: machine.balance(),
    "balance_after": lambda machine: [one.balance for one in machine.history],
    "balance_change": lambda machine: machine.balance() - machine.before,
    "after": lambda machine: (
        {one.kind: one.balance for one in machine.history[::-1]}
        | {one.event_id: one.balance for one in machine.history}
    ),
    "balance_before_expiry": lambda machine: machine.history[-2].balance,
    "sum_refunds_minor": lambda machine: sum(unpacked(row["s"])[1] for row in machine.returned),
    "lots_remaining_after_each_own_order": lambda machine: machine.left_in_lots,
    "entries": _entries,
    "entry_points": lambda machine: machine.entries[-1][1] if machine.entries[-1] else Fraction(0),
    "history": _history,
    "history_rows": lambda machine: len(_entries(machine)),
    "accepted": _accepted,
    "reason": _reason,
    "rewards_issued": lambda machine: machine.rewards().issued,
    "rewards_issued_after": lambda machine: [one.rewards.issued for one in machine.history],
    "pending_rewards_after": lambda machine: [one.rewards.waiting for one in machine.history],
    "pending_total_cost_after": lambda machine: [one.waiting_cost for one in machine.history],
    "breakdown": _breakdown,
    "explanation_rule_names": _names,
    "basis_minor": _basis,
    "condition_met": lambda machine: any(one["rule"] == CONDITION for one in _fired(machine)),
    "value": lambda machine: machine.value,
    **{name: _part(name) for name in PERIOD},
    "items_part": lambda machine: machine.parts["items"],
    "shipping_part": lambda machine: machine.parts["shipping"],
    "code_value_minor": code_value,
    "errors": _errors,
    "open_lots": _open_lots,
    "lots_by_expiry": _lots_by_expiry,
    "deficit": lambda machine: Fraction(max(0, -machine.account().posted), machine.unit),
    "points_expiring_by": _expiring,
    "usable_on": _usable,
    "expiry_of_transferred": lambda machine: min(
        (lot.expires_on for lot in machine.transferred if lot.expires_on), default=None
    ),
    "expire_entries": lots_lapsed,
    "expire_entries_count": lambda machine: len(lots_lapsed(machine)),
    "points_clawed_back": lambda machine: _undone(machine, 1),
    "unrecovered_points": lambda machine: _undone(machine, 2),
    "spent_points_returned": lambda machine: _undone(machine, 3),
    "applied_points": lambda machine: machine.applied,
    "points_used": lambda machine: machine.spent,
    "redeem_entries": lambda machine: machine.redeemed,
    "rollback_entries": lambda machine: machine.rolled_back,
    "clawback_entries": lambda machine: sum(1 for row in machine.returned if unpacked(row["d"])[0]),
    "reward_status": lambda machine: machine.reward_status,
    "successful": lambda machine: machine.successful,
    "discount_minor": lambda machine: machine.paid_minor or off_minor(machine),
    "payable_minor": _payable,
    "wallet_minor": wallet_left,
    "credit_remaining_minor": wallet_left,
    "authorized_minor": authorized,
    "used_minor": used,
    "gift_applied_minor": lambda machine: machine.gift_applied,
    "gift_remaining_minor": lambda machine: machine.gift_left(),
    "gift_remaining_after_each_minor": lambda machine: [one.gift_left for one in machine.history],
    "gift_cards_created": lambda machine: machine.cards_created,
    "gift_status": gift_status,
    "sum_gift_applied_minor_max": lambda machine: UpTo(machine.gift_applied_sum),
    "processed": lambda machine: machine.recorded,
    "http": lambda machine: machine.http,
    "program_refused": lambda machine: False,
    "tier": lambda machine: machine.tier(),
    "tier_after": lambda machine: [one.tier for one in machine.history],
    "tier_used_for_this_purchase": _tier_used,
    "tier_from": lambda machine: _reached(machine).since,
    "tier_until": _last_day,
    "tier_lost_at": _lost,
    "segment_members": _segment,
    **OF_OFFERS,
}
