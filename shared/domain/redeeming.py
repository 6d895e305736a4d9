"""Redemption: points are held, then captured or given back. A hold ends once; the rest goes back to lots with their own days.

It runs on the recorded time. Nobody spends a point twice: what is held stands in no lot.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Literal, NamedTuple

from shared.domain.account import Account, Hold, Purse, Used
from shared.domain.changes import Change, PurseChange
from shared.domain.changing import changing_posting
from shared.domain.decide import ISSUED, frame, lot_of, ms, with_lapses, with_more
from shared.domain.errors import (
    CaptureExceedsHold,
    HoldsExhausted,
    Invalid,
    PointsInsufficient,
    RedemptionEnded,
    RedemptionExceedsTotal,
)
from shared.domain.ledger import Leg, Posting, Row, packed, unpacked
from shared.domain.limits import period
from shared.domain.lots import Lot, between, in_turn, is_usable, negative, taken, total
from shared.domain.packing import lots_in, lots_out
from shared.domain.returning import REDEEMED, Taking, payment_in
from shared.domain.reward_tables import Reward
from shared.domain.rewards import REWARD_USED, gives_units, with_reward_taken
from shared.domain.rulebook import Rulebook
from shared.domain.tables import MAIN_WALLET
from shared.domain.wallet_tables import Points, Wallet, pays

# What happens where more is offered than may pay: the answers of `policies.redemption_over_total`.
OverTotal = Literal["refuse", "clamp"]
# Open redemptions of one member: a till makes one, and a page of rewards two or three.
HOLDS_MAX = 8


class Wanted(NamedTuple):
    """What is to be held: units of a wallet, for a reward ("" for a payment), worth so much, until when, for which purchase."""

    id: str
    wallet: str
    units: int
    reward: str
    worth_minor: int
    minutes: int
    purchase_key: str = ""


def payable(
    wallet: str,
    units: int,
    total_minor: int | None,
    available: int,
    book: Rulebook,
    *,
    over_total: OverTotal | None = None,
) -> int:
    """How many of the units asked for may pay a total, as `payment` of the wallet and the policies say; `over_total` instead of
    the policy of that name.

    Raises Invalid where the wallet pays nothing, PointsInsufficient, RedemptionExceedsTotal.
    """
    rules, policies = book.wallet(wallet), book.programme.policies
    if not pays(rules):
        raise Invalid("wallet", "pays for nothing in this programme")
    unit: int = 10**rules.decimals
    if units > available and policies.redeem_more_than_balance == "reject":
        raise PointsInsufficient(requested=units, available=max(0, available))
    if policies.redeem_more_than_balance == "clamp":
        units = min(units, max(0, available))
    if total_minor is not None:
        most_minor = total_minor
        if rules.payment.max_percent is not None:
            share = Fraction(rules.payment.max_percent) * total_minor
            most_minor = share.numerator // (100 * share.denominator)
        most = units_for(rules, most_minor)
        if units > most and (over_total or policies.redemption_over_total) == "refuse":
            raise RedemptionExceedsTotal(requested=units, payable=most)
        units = min(units, most)
    step = (rules.payment.step or 0) * unit
    if step:
        units -= units % step
    return 0 if units < (rules.payment.min_points or 0) * unit else units


def units_for(rules: Points | Wallet, amount_minor: int) -> int:
    """The most units whose worth is not above an amount."""
    unit: int = 10**rules.decimals
    if rules.payment.step and rules.payment.minor_per_step:
        return amount_minor // rules.payment.minor_per_step * rules.payment.step * unit
    return amount_minor * unit // rules.value_minor if rules.value_minor else 0


def payment_worth(wallet: str, units: int, book: Rulebook) -> int:
    """What units pay, in minor units, rounded down."""
    rules = book.wallet(wallet)
    unit: int = 10**rules.decimals
    if rules.payment.step and rules.payment.minor_per_step:
        return units // (rules.payment.step * unit) * rules.payment.minor_per_step
    return units * rules.value_minor // unit


def available(account: Account, wallet: str, today: date) -> int:
    """What may be used of a wallet on a day; below zero where there is a debt."""
    if wallet == MAIN_WALLET:
        return account.points_on(today).available
    return account.purses.get(wallet, Purse()).on(today, account.held(wallet)).available


def post_hold(
    wanted: Wanted, account: Account, book: Rulebook, now: datetime, *, key: str, fingerprint: bytes
) -> Posting:
    """Keeps points for a redemption. Raises PointsInsufficient, HoldsExhausted."""
    account, lapses = with_lapses(account, book, now)
    today = now.astimezone(book.zone).date()
    if len(account.holds) >= HOLDS_MAX:
        raise HoldsExhausted(holds_max=HOLDS_MAX)
    there = available(account, wanted.wallet, today)
    below_zero = book.programme.policies.redeem_more_than_balance == "negative"
    if wanted.units > there and not below_zero:
        raise PointsInsufficient(requested=wanted.units, available=max(0, there))
    lots = account.lots if wanted.wallet == MAIN_WALLET else account.purses.get(wanted.wallet, Purse()).lots
    usable = [lot for lot in in_turn(lots, book.programme.policies.lots_used) if is_usable(lot, today)]
    # Where the balance may go below zero, what cannot be used yet is taken before anything is owed.
    parts = taken([*usable, *(lot for lot in lots if lot.usable_on > today)], wanted.units)
    owed = wanted.units - total(parts)
    on_debt = (lot_of(today, owed, book.wallet(wanted.wallet), book)._replace(usable_on=today),) if owed else ()
    hold = Hold(wanted.wallet, ms(now + timedelta(minutes=wanted.minutes)), (*parts, *on_debt), owed, wanted.reward)
    change = _with_moves(Change(today, holds={wanted.id: hold}), {wanted.wallet: negative(parts)}, {})
    row = frame("hold", book, now, key, fingerprint) | {
        "rd": packed([wanted.reward, wanted.units, wanted.worth_minor, wanted.purchase_key, wanted.wallet]),
        "un": hold.until_ms,
    }
    return with_more(changing_posting(row, (), change, account, book, today), lapses)


def post_capture(
    hold_row: Row, hold_id: str, units: int | None, reward: Reward | None, account: Account, book: Rulebook, now: datetime, *,
    key: str, fingerprint: bytes, purchase_key: str = "", certificate: str = "",
) -> Posting:  # fmt: skip
    """Takes what a hold keeps, all or a part. The rest goes back, or stays held. `certificate` is what it became, if it did.

    Raises RedemptionEnded, CaptureExceedsHold, and Invalid for a part of a reward.
    """
    account, lapses = with_lapses(account, book, now)
    today = now.astimezone(book.zone).date()
    hold = account.holds.get(hold_id)
    if hold is None:
        raise RedemptionEnded(how="lapsed, captured or void")
    reward_id, wanted, worth_minor, named_key, _ = unpacked(hold_row["rd"])
    if units is not None and units > hold.units:
        raise CaptureExceedsHold(requested=units, held=hold.units)
    captured = hold.units if units is None else units
    if reward_id and captured != hold.units:
        raise Invalid("units", f"are a part of a reward, which is taken whole: {hold.units}")
    used = taken(hold.lots, captured)
    rest = hold._replace(lots=between(hold.lots, captured, hold.units), owed=min(hold.owed, hold.units - captured))
    stays = bool(rest.units) and book.programme.policies.capture_rest == "stays_held"
    posted = {hold.wallet: -captured}
    moves: dict[str, tuple[Lot, ...]] = {hold.wallet: () if stays else rest.kept}
    legs = [Leg(_name(account.id, hold.wallet), -captured), Leg(_name(REDEEMED, hold.wallet), captured)]
    change = Change(today, holds={hold_id: rest if stays else None})
    if reward is not None:
        if reward.into is not None:
            given = gives_units(reward, book)
            posted[reward.into] = posted.get(reward.into, 0) + given
            lot = lot_of(today, given, book.wallet(reward.into), book)
            moves[reward.into] = (*moves.get(reward.into, ()), lot)
            legs += [Leg(_name(account.id, reward.into), given), Leg(_name(ISSUED, reward.into), -given)]
        counted = with_reward_taken(account, reward, today, captured).used.get(REWARD_USED + reward.id)
        if counted is not None:
            change = change._replace(used={REWARD_USED + reward.id: counted})
    worth = worth_minor if captured == wanted else worth_minor * captured // wanted
    row = frame("capture", book, now, key, fingerprint) | {
        "rd": packed([reward_id, captured, worth, purchase_key or named_key, hold.wallet]),
        "pt": packed([hold.wallet, lots_out(used)]),
    }
    if reward is not None and reward.into is not None:
        row["gi"] = packed([reward.into, *lots_out([lot])])
    if certificate:
        row["cf"] = certificate
    return with_more(changing_posting(row, legs, _with_moves(change, moves, posted), account, book, today), lapses)


def post_void(
    hold_row: Row, hold_id: str, account: Account, book: Rulebook, now: datetime, *, key: str, fingerprint: bytes
) -> Posting:
    """Gives back what a hold keeps, into the lots it was taken from. Raises RedemptionEnded."""
    account, lapses = with_lapses(account, book, now)
    hold = account.holds.get(hold_id)
    if hold is None:
        raise RedemptionEnded(how="lapsed, captured or void")
    today = now.astimezone(book.zone).date()
    change = _with_moves(Change(today, holds={hold_id: None}), {hold.wallet: hold.kept}, {})
    row = frame("void", book, now, key, fingerprint) | {"rd": hold_row["rd"]}
    return with_more(changing_posting(row, (), change, account, book, today), lapses)


def post_reversal(
    capture_row: Row,
    units: int,
    back: int,
    account: Account,
    book: Rulebook,
    now: datetime,
    *,
    key: str,
    fingerprint: bytes,
) -> Posting:
    """Gives back points that were captured, those used last first, into lots with the days they had; and takes back, in
    proportion, what they were changed into. `back` is what was given back of them before. Once nothing is left of a reward, it
    counts no more for its limits."""
    account, lapses = with_lapses(account, book, now)
    today = now.astimezone(book.zone).date()
    payment = payment_in(capture_row, back)
    reward_id, captured, worth_minor, purchase_key, _ = unpacked(capture_row["rd"])
    taking = Taking(account, book, today)
    taking.give_back(payment.wallet, payment.given_back(units))
    if "gi" in capture_row:
        into, given = unpacked(capture_row["gi"])
        (lot,) = lots_in([given])
        taking.take(into, lot.points * (back + units) // captured - lot.points * back // captured, lot)
    change = taking.change(today)
    if reward_id and back + units == captured:
        change = change._replace(used=_not_taken(reward_id, captured, capture_row, account, book))
    row = frame("reversal", book, now, key, fingerprint) | {
        "rd": packed([reward_id, units, worth_minor * units // captured, purchase_key, payment.wallet])
    }
    return with_more(changing_posting(row, taking.legs(), change, account, book, today), lapses)


def post_given_back(
    lots: Sequence[Lot], wallet: str, purchase_key: str, account: Account, book: Rulebook, now: datetime, *, key: str
) -> Posting:
    """What goes back to an account that had paid for another's purchase, or for a guest's, which was returned."""
    account, lapses = with_lapses(account, book, now)
    today = now.astimezone(book.zone).date()
    taking = Taking(account, book, today)
    taking.give_back(wallet, lots)
    row = frame("reversal", book, now, key, b"") | {"rd": packed(["", total(lots), 0, purchase_key, wallet])}
    return with_more(changing_posting(row, taking.legs(), taking.change(today), account, book, today), lapses)


def _not_taken(
    reward_id: str, units: int, capture_row: Row, account: Account, book: Rulebook
) -> dict[str, Mapping[str, Used]]:
    """The counters of a reward's limits as if it had not been taken on the day of its capture."""
    rule, key = book.reward(reward_id), REWARD_USED + reward_id
    periods = dict(account.used.get(key, {}))
    if rule is None or not periods:
        return {}
    at = capture_row["t"]
    assert isinstance(at, int)
    on = datetime.fromtimestamp(at // 1000, book.zone).date()
    for per in dict.fromkeys(limit.per for limit in rule.reward.limits):
        times, before = periods.pop(period(per, on), (0, 0))
        if times > 1:
            periods[period(per, on)] = (times - 1, before - units)
    return {key: periods}


def _with_moves(change: Change, moves: Mapping[str, tuple[Lot, ...]], posted: Mapping[str, int]) -> Change:
    touched = [name for name in dict.fromkeys([*moves, *posted]) if moves.get(name) or posted.get(name)]
    wallets = [name for name in touched if name != MAIN_WALLET]
    return change._replace(
        posted=posted.get(MAIN_WALLET, 0),
        moves=moves.get(MAIN_WALLET, ()),
        purses={name: PurseChange(posted.get(name, 0), moves.get(name, ())) for name in wallets},
    )


def _name(account: str, wallet: str) -> str:
    return account if wallet == MAIN_WALLET else f"{account}/{wallet}"
