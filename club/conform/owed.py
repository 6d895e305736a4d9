"""What of a period's sales waits for the points given with them, and what of it is earned when they are used."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction

from club.conform.cases import Untranslatable
from club.conform.machine import Machine
from club.conform.words import Table, number
from shared.domain.deferred_revenue import allocated_minor, recognised_minor, standalone_minor

# What a case may expect of a period.
PERIOD = (
    "points_ssp",
    "contract_liability",
    "revenue_products",
    "revenue_points_year2",
    "revenue_points_year3",
    "liability_end",
)
_STANDARDS = (None, "IFRS15")


def period(machine: Machine, event: Table, _at: datetime, _id: str) -> None:
    """Money of these cases is whole units: they are taken as the smallest ones."""
    told = machine.programme["liability"]
    if told.get("standard") not in _STANDARDS:
        raise Untranslatable(f"the standard {told['standard']!r} has no feature here yet")
    if "sales" in event:
        _set_aside(machine, told, int(event["sales"]))
    if "points_redeemed_cumulative" in event:
        _earned(machine, told, event)


def _set_aside(machine: Machine, told: Table, sales: int) -> None:
    points = int(told["points_outstanding"] if "points_outstanding" in told else told["points_expected"])
    expected = Fraction(number(told.get("expected_redemption", "1")))
    alone = standalone_minor(points, Fraction(number(told["price_per_point"])), expected)
    aside = allocated_minor(sales, alone, int(told.get("rounding", 1)))
    machine.parts = {
        "points_ssp": Fraction(alone), "contract_liability": Fraction(aside), "revenue_products": Fraction(sales - aside),
    }  # fmt: skip


def _earned(machine: Machine, told: Table, event: Table) -> None:
    allocated = int(told["allocated"])
    earned = recognised_minor(allocated, int(event["points_redeemed_cumulative"]), int(told["expected_total"]))
    before = int(told.get("recognised", 0))
    machine.parts = {
        f"revenue_points_year{event['year']}": Fraction(earned - before), "liability_end": Fraction(allocated - earned),
    }  # fmt: skip
