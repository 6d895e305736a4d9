"""What a draft must not say of points and wallets: lives too short, payments without a worth, keys without their goal."""

from __future__ import annotations

from collections.abc import Iterator

from shared.domain.faults import Fault, place
from shared.domain.programme import Programme
from shared.domain.wallet_tables import Expiry, Points, Wallet

Said = Iterator[Fault]
# These speak of the rewards of a card that is full.
_OF_A_GOAL = ("rewards_per_purchase", "reward_pending_days", "reward_stock", "after_end")
Table = tuple[str | int, ...]


def contradictions_of_wallets(text: str, programme: Programme) -> Said:
    yield from _of_points(text, ("points",), programme.points, programme)
    topped_up: str | None = None
    for index, wallet in enumerate(programme.wallet):
        table = ("wallet", index)
        yield from _of_points(text, table, wallet, programme)
        for key in _OF_A_GOAL:
            if wallet.goal is None and getattr(wallet, key) not in (None, 0):
                yield Fault(*place(text, (*table, key)), f"wallet {wallet.id!r}: {key} goes with goal")
        if not wallet.top_up:
            continue
        where = place(text, (*table, "top_up"))
        if topped_up is not None:
            yield Fault(
                *where, f"wallet {wallet.id!r} is topped up, and so is {topped_up!r}: a line can add to one alone"
            )
        topped_up = wallet.id
        if not holds_money(wallet):
            yield Fault(*where, f"wallet {wallet.id!r} {HOLDS_NO_MONEY}")
        if wallet.goal is not None:
            yield Fault(*where, f"wallet {wallet.id!r} is topped up with money, and money completes no card")


HOLDS_NO_MONEY = "cannot hold every amount: write value_minor = 100 and decimals = 2, or the like"


def holds_money(rules: Points | Wallet) -> bool:
    """Whether every amount of minor units is a whole number of its smallest units."""
    return bool(rules.value_minor) and 10**rules.decimals % rules.value_minor == 0


def _of_points(text: str, table: Table, points: Points | Wallet, programme: Programme) -> Said:
    yield from _of_payment(text, table, points)
    if points.expiry is None:
        return
    where = place(text, (*table, "expiry"))
    yield from of_expiry(text, (*table, "expiry"), points.expiry)
    # Whoever earns on the eve of the last day has it to use them.
    lives = points.expiry.days_min - (programme.policies.expiry_boundary == "at_instant")
    if lives < 0:
        yield Fault(
            *where,
            "points earned on the day they expire could never be used: policies.expiry_boundary ends them before it",
        )
    if points.pending_days >= max(lives, 1):
        where = place(text, (*table, "pending_days"))
        yield Fault(*where, "pending_days is as long as the points live: they would expire before they can be used")


def of_expiry(text: str, loc: Table, expiry: Expiry) -> Said:
    if expiry.at is not None and (expiry.days is not None or expiry.dates is not None):
        yield Fault(*place(text, loc), "expiry.at goes with months, or stands alone")
    if expiry.dates is not None and len(set(expiry.dates)) < len(expiry.dates):
        yield Fault(*place(text, loc), "a day of expiry.dates stands twice")


def _of_payment(text: str, table: Table, points: Points | Wallet) -> Said:
    payment = points.payment
    where = place(text, (*table, "payment"))
    if payment.enabled and not (points.value_minor or payment.minor_per_step):
        yield Fault(*where, "payment is enabled, but neither value_minor nor minor_per_step says what is paid")
    if payment.step is not None and payment.min_points is not None and payment.min_points % payment.step:
        yield Fault(*where, "min_points is no whole number of steps: it could never be the least")
    if payment.max_percent == 0:
        yield Fault(*where, "max_percent = 0 pays nothing: write enabled = false")
