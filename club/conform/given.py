"""States that a case gives by whatever means: written into the account, since no operation leads there in one step."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from club.conform.machine import Machine
from club.conform.money_draft import GIVEN
from club.conform.points import CAMPAIGN
from club.conform.stored_value import given_money
from club.conform.words import Table, exponent_of, minor, number
from shared.actions.adjust_balance import adjust_balance
from shared.actions.caller import Caller
from shared.domain.account import Account, Purse, Standing, Waiting
from shared.domain.changes import Change, Figure, applied, waited
from shared.domain.lots import Lot
from shared.domain.staffing import Adjusting
from shared.domain.wallet_tables import Wallet

STATES = (*GIVEN, "balance", "lifetime_spend", "points_in_window", "points_earned_12m", "tier", "manual_tier", "birthday",
          "member_status", "pending_rewards", "rewards_issued")  # fmt: skip


def given(machine: Machine, event: Table, at: datetime, event_id: str) -> None:
    given_money(machine, event, event_id)
    on = at.astimezone(machine.book.zone).date()
    if "balance" in event:
        _balance(machine, event, on)
    if "pending_rewards" in event or "rewards_issued" in event:
        _rewards(machine, event, on)
    if "lifetime_spend" in event:
        machine.change(event, spend_minor=minor(event["lifetime_spend"], exponent_of(machine.programme)))
    for key in ("points_in_window", "points_earned_12m"):
        if key in event:
            _counted(machine, event, on, units(machine, event[key]))
    if "tier" in event or "manual_tier" in event:
        ids = {str(tier.name["en"]): tier.id for tier in machine.book.programme.tier}
        held = ids[event["tier"]] if event.get("tier") is not None else ""
        manual = ids[event["manual_tier"]] if "manual_tier" in event else ""
        machine.change(event, standings={"": Standing(held, on, on, manual=manual)})
    if "birthday" in event:
        month, day = (int(part) for part in str(event["birthday"]).split("-")[-2:])
        machine.change(event, birthday=("gregorian", month, day))
    if "member_status" in event:
        machine.change(event, status="" if event["member_status"] == "active" else str(event["member_status"]))


def review(machine: Machine, event: Table, _at: datetime, _id: str) -> None:
    """A tier is worked out whenever it is asked for; a review may come with the figure that counts."""
    if "qualifying_amount" not in event:
        return
    today, amount = machine.today(), event["qualifying_amount"]
    rules = machine.book.programme.tiers
    if rules.basis == "spend":
        machine.change(event, spend_minor=minor(amount, exponent_of(machine.programme)))
    elif rules.basis == "balance":
        points = units(machine, amount)
        machine.change(event, posted=points, lots=(Lot(today, None, points),))
    else:
        # The review looks back on the time that ends with it.
        day = max(machine.account().joined_on, today - timedelta(days=1))
        machine.change(event, points_earned=0, months=(), days=())
        _counted(machine, event, day, units(machine, amount))


def units(machine: Machine, points: object) -> int:
    return int(Decimal(number(points)) * machine.unit)


def _balance(machine: Machine, event: Table, on: date) -> None:
    if "campaign" in machine.programme:
        held = int(number(event["balance"]) * 100)
        machine.change(event, purses={CAMPAIGN: Purse(held, (Lot(on, None, held),) if held else ())})
    else:
        points = units(machine, event["balance"])
        if points <= 0:
            machine.change(event, posted=points)
            return
        member = machine.member(event)
        assert member is not None, "a guest has no points"
        what = Adjusting("points", points, "given", "staff", has_own_day=True)
        adjust_balance(machine.club, Caller("main"), member, f"given-{event.get('member', 'm')}", what, lambda: 10.0)


def _rewards(machine: Machine, event: Table, on: date) -> None:
    """Rewards of a campaign that members have, and those that wait since this day."""
    card, version = machine.book.wallet(CAMPAIGN), machine.book.version
    assert isinstance(card, Wallet)
    due_on = on + timedelta(days=card.reward_pending_days)
    waiting = [
        Waiting(due_on, int(one["count"]), _hundredths(one["value"]), _hundredths(one["total_cost"]), 0, version)
        for one in event.get("pending_rewards", ())
    ]
    completed = int(event.get("rewards_issued", 0)) + sum(one.rewards for one in waiting)
    purse = machine.account(str(event.get("member", "m"))).purses.get(CAMPAIGN, Purse())
    given_by = purse._replace(completed=completed, waiting=waited((), tuple(waiting)))
    machine.change(event, purses={CAMPAIGN: given_by})


def _hundredths(points: object) -> int:
    """Points of a campaign in the smallest unit of its wallet."""
    return int(number(points) * 100)


def _counted(machine: Machine, event: Table, on: date, points: int) -> None:
    """Points that count towards tiers and are not in the balance."""
    old = machine.account(str(event.get("member", "m")))
    counted: Account = applied(old, Change(on, figures=(Figure(on, points=points, by_day=points),)))
    machine.change(event, points_earned=counted.points_earned, months=counted.months, days=counted.days)
