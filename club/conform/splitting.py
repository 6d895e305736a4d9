"""Money off that is shared over goods and shipping, and what a code is worth that is a share of a purchase."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction
from typing import get_args

from club.conform.cases import Untranslatable
from club.conform.machine import Machine
from club.conform.policies import CODE, TARGETS
from club.conform.words import Table, exponent_of, number
from shared.domain.allocation import allocated, percent_off
from shared.domain.money import RoundingMode


def allocate(machine: Machine, event: Table, _at: datetime, _id: str) -> None:
    """Shares the discount over what the programme names, in that sequence; money is written in the major unit."""
    unit = 10 ** exponent_of(machine.programme)
    targets = machine.programme.get("allocation", {}).get("targets", TARGETS)
    prices = [_minor(event.get(name, 0), unit) for name in targets]
    mode: RoundingMode = machine.programme.get("rounding", {}).get("mode", "half_up")
    if mode not in get_args(RoundingMode):
        raise Untranslatable(f"money is not rounded by {mode!r} here")
    match event.get("discount_type", "fixed"):
        case "fixed":
            off_minor = _minor(event["discount"], unit)
        case "percent":
            off_minor = percent_off(number(event["discount"]), prices, mode)
        case other:
            raise Untranslatable(f"a discount of type {other!r} has no feature here yet")
    parts = allocated(off_minor, prices, mode)
    machine.parts = {name: Fraction(part, unit) for name, part in zip(targets, parts, strict=True)}


def code_value(machine: Machine) -> Fraction:
    """What the member's code is worth."""
    wallet = machine.book.wallet(CODE)
    return Fraction(wallet.value_minor * machine.account().purses[CODE].posted, 10**wallet.decimals)


def _minor(amount: object, unit: int) -> int:
    minor = Fraction(number(str(amount))) * unit
    if minor.denominator != 1:
        raise Untranslatable(f"an amount of {amount!r} has more decimals than the currency here")
    return minor.numerator
