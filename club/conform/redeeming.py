"""Redemptions of a case: held and captured at once where a case knows no holds, given back, reversed."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from fractions import Fraction

from club.conform.bodies import PRICES
from club.conform.cases import Untranslatable
from club.conform.given import units
from club.conform.machine import Machine
from club.conform.money_draft import PAYS
from club.conform.offering import use_code
from club.conform.policies import REWARD
from club.conform.purchases import SECONDS, STORE, purchase
from club.conform.returns import bring_back
from club.conform.stored_value import pay_with_money
from club.conform.words import Table, exponent_of, minor, number
from shared.actions.adjust_balance import adjust_balance
from shared.actions.book_expiry import book_expiry
from shared.actions.book_night import book_night
from shared.actions.caller import Caller
from shared.actions.recording import Recorded
from shared.actions.redemptions import (
    capture_redemption,
    hold_redemption,
    quote_redemption,
    reverse_redemption,
    void_redemption,
)
from shared.actions.transfer_points import transfer_points
from shared.domain.errors import Refused
from shared.domain.ledger import Row, legs_of, unpacked
from shared.domain.packing import lots_in
from shared.domain.redemption import Capturing, Redemption, Reversing
from shared.domain.staffing import Adjusting
from shared.domain.transfer import Transferring

CALLER = Caller(STORE)


def redeem(machine: Machine, event: Table, _at: datetime, event_id: str) -> None:
    """Points spent at once: the same reference again is the same redemption."""
    machine.entries.append(None)
    _spend(machine, event, str(event.get("ref", event_id)), units(machine, event["points"]))


def reverse(machine: Machine, event: Table, _at: datetime, event_id: str) -> None:
    """What was spent is given back, all or a part; what is given back already stays so."""
    machine.entries.append(None)
    ref = str(event.get("ref"))
    told = Reversing(reversal_id=event_id, units=units(machine, event["points"]) if "points" in event else None)
    try:
        recorded = reverse_redemption(machine.club, CALLER, STORE, _named(ref), told, lambda: SECONDS)
    except Refused as refusal:
        if refusal.code != "capture_exceeds_hold":
            raise
        return
    machine.rolled_back += 1
    _entered(machine, recorded.row, ref)


def adjust(machine: Machine, event: Table, _at: datetime, event_id: str) -> None:
    machine.entries.append(None)
    what = Adjusting("points", units(machine, event["points"]), str(event.get("reason", "goodwill")), "staff")
    _adjusted(machine, event, what, event_id)


def credit_until(machine: Machine, event: Table, _at: datetime, event_id: str) -> None:
    """Points in, with a last day of their own."""
    machine.entries.append(None)
    text = str(event["expires"])
    day = last_day(text, datetime.fromisoformat(text).date())
    what = Adjusting("points", units(machine, event["points"]), "credit", "staff", has_own_day=True, expires_on=day)
    _adjusted(machine, event, what, event_id)


def last_day(text: str, day: date) -> date:
    """A date alone is usable through that day; until a midnight, through the day before."""
    return day - timedelta(days=1) if len(text) > 10 and text[11:16] == "00:00" else day


def cancel_transfer(machine: Machine, event: Table, _at: datetime, event_id: str) -> None:
    machine.entries.append(None)
    points = machine.credited[str(event["ref"])]
    _adjusted(machine, event, Adjusting("points", -points, "cancelled", "staff"), event_id)


def expiry_run(machine: Machine, _event: Table, _at: datetime, _id: str) -> None:
    """The sweep books what lapsed, for every member."""
    machine.entries.append(None)
    for account_id in machine.accounts.values():
        row = book_expiry(machine.club, CALLER, account_id, lambda: SECONDS)
        if row is not None:
            machine.expired.append(row)
            _entered(machine, row, "expiry")


def midnight_run(machine: Machine, _event: Table, _at: datetime, _id: str) -> None:
    """The night of every member, in the sequence that the programme names."""
    machine.entries.append(None)
    for account_id in machine.accounts.values():
        for row in book_night(machine.club, CALLER, account_id, lambda: SECONDS):
            if row["c"] == "expiry":
                machine.expired.append(row)
            _entered(machine, row, str(row["c"]))


def transfer(machine: Machine, event: Table, _at: datetime, event_id: str) -> None:
    """Points move between two members; what moved is what the case asks the days of."""
    machine.entries.append(None)
    giver, receiver = machine.accounts[str(event["from"])], machine.accounts[str(event["to"])]
    what = Transferring("points", units(machine, event["points"]), "gift", "staff")
    recorded = transfer_points(machine.club, CALLER, event_id, giver, receiver, what, lambda: SECONDS)
    machine.transferred = lots_in(unpacked(recorded.row["pt"])[1])
    _entered(machine, recorded.row, event_id)


def quote(machine: Machine, event: Table, _at: datetime, event_id: str) -> None:
    """How many of the points asked for may pay a purchase."""
    told = _asked(machine, event, event_id, units(machine, event["requested_points"]))
    total = minor(event["order_minor"], exponent_of(machine.programme))
    wanted = quote_redemption(machine.club, CALLER, told.model_copy(update={"total_minor": total}))
    machine.applied = Fraction(wanted.units, machine.unit)


def create(machine: Machine, event: Table, _at: datetime, event_id: str) -> None:
    machine.entries.append(None)
    points = units(machine, machine.programme["reward"]["points"])
    hold_redemption(machine.club, CALLER, _asked(machine, event, event_id, points), lambda: SECONDS)
    machine.reward_status = "ISSUED"


def take(machine: Machine, event: Table, _at: datetime, _id: str) -> None:
    machine.entries.append(None)
    ref = _named(str(event["ref"]))
    recorded = capture_redemption(machine.club, CALLER, STORE, ref, Capturing(), lambda: SECONDS)
    machine.reward_status = "REDEEMED"
    _entered(machine, recorded.row, ref)


def delete(machine: Machine, event: Table, _at: datetime, _id: str) -> None:
    machine.entries.append(None)
    void_redemption(machine.club, CALLER, STORE, _named(str(event["ref"])), lambda: SECONDS)
    machine.reward_status = "DELETED"


def earn(machine: Machine, event: Table, at: datetime, _id: str) -> None:
    """Fixed points for a purchase that the case names by its reference: bought for that many major units."""
    ref = str(event["ref"])
    if ref in machine.bought:
        return
    whole = int(number(event["points"]) * 100)
    purchase(machine, {"type": "earn_order", "points": event["points"], "amount_minor": whole}, at, ref)


def claw_back(machine: Machine, event: Table, at: datetime, event_id: str) -> None:
    """The purchase comes back, whole or for the points asked for; once, and never less than nothing."""
    ref = str(event["ref"])
    asked = number(event["requested_points"]) if "requested_points" in event else None
    if asked is not None and asked <= 0:
        machine.entries.append(None)
        return
    bought = machine.purchases[ref]
    part = {} if asked is None else {"amount_minor": min(bought.total_minor, int(asked * 100))}
    bring_back(machine, {"ref": ref, **part}, at, event_id)


def confirm_signed(machine: Machine, event: Table, at: datetime, event_id: str) -> None:
    """A till's own entry: points above zero are earned, those below are spent."""
    points = number(event["points"])
    if points > 0:
        earn(machine, event, at, event_id)
    elif points < 0:
        redeem(machine, {**event, "points": str(-points)}, at, event_id)


def checkout(machine: Machine, event: Table, at: datetime, event_id: str) -> None:
    """A purchase of which points and cards pay what they may, after what is taken off."""
    known = {"order_minor": "amount_minor", "voucher_minor": "discount_minor"}
    told = {known.get(key, key): value for key, value in event.items()}
    paid_with_money(
        machine, told | {"type": "purchase", "redeem_points": event.get("redeem_points", "0")}, at, event_id
    )


def paid_with_money(machine: Machine, event: Table, at: datetime, event_id: str) -> None:
    """A purchase of which cards and the wallet pay a part: held and taken for it before it is rung up."""
    rest = {key: value for key, value in event.items() if key not in (*PAYS, "currency")}
    total = machine.total_of({key: value for key, value in rest.items() if key != "redeem_points"})
    pay_with_money(machine, event, total, event_id)
    told = rest | {"stored_payment": True}
    (paid_with_points if "redeem_points" in told else purchase)(machine, told, at, event_id)


def claim(machine: Machine, event: Table, _at: datetime, event_id: str) -> None:
    """Points for money off: what the case names, or all there are, in the steps that the programme allows."""
    machine.entries.append(None)
    account = machine.account(str(event.get("member", "m")))
    points = units(machine, event["points"]) if "points" in event else account.points_on(machine.today()).available
    following = machine.next_purchase(event)
    told = _asked(machine, event, event_id, points)
    if "order_minor" in event:
        told = told.model_copy(update={"total_minor": minor(event["order_minor"], exponent_of(machine.programme))})
    _taken(machine, told.model_copy(update={"purchase_id": following}), event_id)


def claim_products(machine: Machine, event: Table, _at: datetime, event_id: str) -> None:
    """So many free products as are asked for, by as many rewards as that takes."""
    machine.entries.append(None)
    rule = machine.book.reward(REWARD)
    assert rule is not None, "the case has a reward"
    for copy in range(-(-int(event.get("qty", 1)) // rule.reward.quantity)):
        _taken(machine, _rewarded(machine, event, f"{event_id}-{copy}"), f"{event_id}-{copy}")


def with_reward(machine: Machine, event: Table, at: datetime, event_id: str) -> None:
    """A purchase with which the programme's reward is claimed; what a till says that it costs is not asked."""
    rest = {key: value for key, value in event.items() if key not in ("claim_reward", "client_claims_points_cost")}
    told = _rewarded(machine, event, event_id).model_copy(update={"purchase_id": event_id})
    if machine.programme.get("redemption", {}).get("same_order_points") == "spendable":
        purchase(machine, rest, at, event_id)
        machine.entries.append(None)
        _taken(machine, told, event_id)
    else:
        machine.entries.append(None)
        _taken(machine, told, event_id)
        purchase(machine, rest, at, event_id)
    machine.left_in_lots.append(machine.balance())


def parallel(machine: Machine, event: Table, at: datetime, event_id: str) -> None:
    """Copies at the same moment: all have read what stands before any of them; each commits as the account's sequence lets it."""
    play = {"redeem": redeem, "checkout": checkout, "use_code": use_code}.get(event["each"]["type"])
    if play is None:
        raise Untranslatable(f"copies of {event['each']['type']!r} have no feature here yet")
    with machine.stale_reads() as next_one:
        for copy in range(int(event["n"])):
            next_one()
            try:
                play(machine, dict(event["each"]), at, f"{event_id}-{copy}")
            except Refused:
                continue
            machine.successful += 1


def _rewarded(machine: Machine, event: Table, ref: str) -> Redemption:
    member = machine.member(event)
    assert member is not None, "a guest has no points"
    return Redemption(store=STORE, redemption_id=_named(ref), member_id=member, reward=REWARD)


def _taken(machine: Machine, told: Redemption, ref: str) -> Recorded:
    hold_redemption(machine.club, CALLER, told, lambda: SECONDS)
    recorded = capture_redemption(machine.club, CALLER, STORE, told.redemption_id, Capturing(), lambda: SECONDS)
    if not recorded.replayed:
        machine.recorded += 1
        machine.redeemed += 1
        machine.spent += Fraction(unpacked(recorded.row["rd"])[1], machine.unit)
        _entered(machine, recorded.row, ref)
    return recorded


def paid_with_points(machine: Machine, event: Table, at: datetime, event_id: str) -> None:
    """A purchase of which points pay a part: held and taken for it before it is rung up."""
    machine.paid_minor = 0
    points = units(machine, event["redeem_points"])
    rest = {key: value for key, value in event.items() if key != "redeem_points"}
    if not points:
        purchase(machine, rest, at, event_id)
        return
    machine.entries.append(None)
    paid = _spend(machine, event, event_id, points, purchase_id=event_id, total=True)
    machine.paid_minor = unpacked(paid.row["rd"])[2]
    purchase(machine, rest | {"points_payment": True}, at, event_id)


def facts(machine: Machine, event: Table, at: datetime, event_id: str) -> None:
    """What is issued is earned first, then what is used is spent; where that is refused, the till undoes the purchase."""
    rest = {key: value for key, value in event.items() if key != "used_points"}
    if not any(key in event for key in PRICES):
        # What it cost is not told, and nothing of the case depends on it: a hundred major units.
        rest |= {"amount_minor": 10_000 if "earning_rules" not in machine.programme else 0}
    purchase(machine, rest, at, event_id)
    used = units(machine, event["used_points"])
    if not used:
        return
    machine.entries.append(None)
    try:
        _spend(machine, event, event_id, used, purchase_id=event_id)
    except Refused:
        bring_back(machine, {"ref": event_id}, at, f"{event_id}-undone")
        raise
    machine.used = number(event["used_points"])


def _spend(
    machine: Machine, event: Table, ref: str, points: int, *, purchase_id: str | None = None, total: bool = False
) -> Recorded:
    told = _asked(machine, event, ref, points)
    if purchase_id is not None:
        told = told.model_copy(update={"purchase_id": purchase_id})
    if total:
        told = told.model_copy(update={"total_minor": machine.total_of(event)})
    return _taken(machine, told, ref)


def _asked(machine: Machine, event: Table, ref: str, points: int) -> Redemption:
    member = machine.member(event)
    assert member is not None, "a guest has no points"
    return Redemption(store=STORE, redemption_id=_named(ref), member_id=member, units=points)


def _named(ref: str) -> str:
    return f"redemption-{ref}"


def _adjusted(machine: Machine, event: Table, what: Adjusting, event_id: str) -> None:
    member = machine.member(event)
    assert member is not None, "a guest has no points"
    recorded = adjust_balance(machine.club, CALLER, member, f"adjustment-{event_id}", what, lambda: SECONDS)
    machine.credited[event_id] = what.units
    if not recorded.replayed:
        machine.recorded += 1
        _entered(machine, recorded.row, "adjust")


def _entered(machine: Machine, row: Row, source: str) -> None:
    points = Fraction(unpacked(row["d"])[0], machine.unit)
    machine.entries[-1] = (source, points) if points else None


def lots_lapsed(machine: Machine) -> list[Fraction]:
    """Signed points of each lot that was booked as lapsed."""
    return [
        Fraction(some, machine.unit)
        for row in machine.expired
        for _, last, some in unpacked(row["x"]).get("l", {}).get("points", [])
        if last and legs_of(row)
    ]
