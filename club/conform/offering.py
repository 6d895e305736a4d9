"""What a till does with offers in a case, and what a case asks of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from typing import Any

from club.conform.cases import Untranslatable
from club.conform.machine import Machine
from club.conform.promoting import CODE
from club.conform.purchases import purchase
from club.conform.words import Table, exponent_of
from shared.domain.errors import Exceeded


def validate_coupon(machine: Machine, event: Table, at: datetime, event_id: str) -> None:
    """A quote with the code, for a purchase of so much and so many."""
    told = {
        "type": "purchase",
        "status": "draft",
        "codes": [CODE],
        "amount_minor": event["total_minor"],
        "units": event["items"],
    }
    purchase(machine, told, at, event_id)


def use_code(machine: Machine, event: Table, at: datetime, event_id: str) -> None:
    """A purchase with the code: where the quote does not take anything off, the code was of no use."""
    if event["code"] == "":
        raise Untranslatable("a code without letters has no feature here")
    purchase(machine, {"type": "purchase", "codes": [CODE], "amount_minor": 10_000}, at, event_id)
    if not machine.offered:
        raise _NotUsed


class _NotUsed(Exceeded):
    """A purchase took place without what its code promised."""

    code = "not_used"
    title = "The code was of no use."


def register_usage(machine: Machine, event: Table, at: datetime, event_id: str) -> None:
    if not machine.budget_begun and (used := machine.programme["budget"].get("used")):
        machine.budget_begun = True
        _spend(machine, int(used), at, f"{event_id}-before")
    _spend(machine, int(event["amount"]), at, event_id)


def _spend(machine: Machine, amount: int, at: datetime, event_id: str) -> None:
    purchase(machine, {"type": "purchase", "amount_minor": amount}, at, event_id)
    machine.budget_used += sum(one["discount_minor"] for one in machine.offered)


def apply_again(machine: Machine, _event: Table, at: datetime, event_id: str) -> None:
    """The last purchase is quoted once more, as it stands."""
    assert machine.quoted is not None, "there is a purchase"
    purchase(machine, machine.quoted | {"status": "draft"}, at, event_id)


# -- what a case asks ------------------------------------------------------------------------------------------


def _lines(machine: Machine) -> list[Table]:
    return list(machine.answers[-1]["purchase"]["lines"])


def _bought(answer: Table) -> Table:
    return dict(answer["purchase"])


def off_minor(machine: Machine, place: int | None = None, answer: int = -1) -> int:
    """What all offers took off, or one of them by its place in the programme."""
    named = [one for one in _bought(machine.answers[answer]).get("offers", ()) if place in (None, _place(one["offer"]))]
    return sum(int(one["discount_minor"]) for one in named)


def _place(offer: str) -> int:
    return int(offer[1:]) if offer[1:].isdigit() else 0


def major(machine: Machine, minor_units: Fraction | int) -> Fraction:
    unit: int = 10 ** exponent_of(machine.programme)
    return Fraction(minor_units) / unit


def unit_prices(machine: Machine) -> list[Fraction]:
    """What a unit costs in the end, after each event."""
    prices = []
    for answer in machine.answers:
        (line,) = _bought(answer)["lines"]
        prices.append(major(machine, Fraction(line["amount_minor"] - line["discount_minor"], line["quantity"])))
    return prices


def per_unit(machine: Machine, place: int) -> Fraction:
    """What one promotion takes off a unit of the first purchase."""
    (line,) = _bought(machine.answers[0])["lines"]
    return major(machine, Fraction(off_minor(machine, place, 0), line["quantity"]))


def payable_after_each_offer(machine: Machine) -> list[int]:
    bought = _bought(machine.answers[-1])
    left = sum(line["amount_minor"] for line in bought["lines"])
    told = []
    for one in bought.get("offers", ()):
        left -= one["discount_minor"]
        told.append(left)
    return told


def by_name(machine: Machine) -> dict[str, Any]:
    """What is taken off each SKU: in all, or where the case's promotions have ids, by each of them."""
    rules = machine.programme["promotions"]
    by_rule: dict[str, dict[str, Fraction]] = {str(rule["id"]): {} for rule in rules if "id" in rule}
    together: dict[str, Fraction] = {}
    for one in machine.offered:
        for line in one["lines"]:
            sku, units = _lines(machine)[line["line"]]["sku"], Fraction(line["discount_minor"])
            together[sku] = together.get(sku, Fraction(0)) + units
            if (name := str(rules[_place(one["offer"])].get("id"))) in by_rule:
                by_rule[name][sku] = by_rule[name].get(sku, Fraction(0)) + units
    return by_rule or together


def line_discounts(machine: Machine) -> Any:
    """By line; where the lines have ids, of the last promotion and by their id."""
    lines = _lines(machine)
    if not any("id" in line for line in machine.case.events[0].get("lines", ())):
        return [major(machine, line["discount_minor"]) for line in lines]
    last = {line["line"]: line["discount_minor"] for line in machine.offered[-1]["lines"]}
    return {line["sku"]: major(machine, last.get(at, 0)) for at, line in enumerate(lines)}


def units_after_first(machine: Machine) -> dict[str, Fraction]:
    first = {line["line"]: line["discount_minor"] for line in machine.offered[0]["lines"]}
    return {line["sku"]: major(machine, Fraction(line["amount_minor"] - first.get(at, 0), line["quantity"]))
            for at, line in enumerate(_lines(machine))}  # fmt: skip


def subtotal(machine: Machine, promotions_taken: int | None = None) -> Fraction:
    lines = sum(line["amount_minor"] for line in _lines(machine))
    return major(machine, lines - sum(one["discount_minor"] for one in machine.offered[:promotions_taken]))


def rows(machine: Machine) -> int:
    """How many lines have a discount of the club."""
    return sum(1 for line in _lines(machine) if line.get("offer_minor"))


def net_of_tax(machine: Machine) -> int:
    bought = _bought(machine.answers[-1])
    return int(bought["total_minor"]) - int(bought["tax_minor"])


OF_OFFERS: Mapping[str, Any] = {
    "discount_total_minor": off_minor,
    "discount": lambda machine: major(machine, off_minor(machine)),
    "order_discount": lambda machine: major(machine, off_minor(machine, len(machine.programme["promotions"]) - 1)),
    "percent_discount_minor": lambda machine: off_minor(machine, _percent_at(machine)),
    "payable_net_minor": net_of_tax,
    "payable_gross_minor": lambda machine: _bought(machine.answers[-1])["total_minor"],
    "payable_after_each_minor": lambda machine: machine.payable_after_each,
    "payable_after_each_promotion_minor": payable_after_each_offer,
    "promotions_applied": lambda machine: len(_bought(machine.answers[-1]).get("offers", ())),
    "promotion_discount_per_unit": lambda machine: per_unit(machine, 0),
    "voucher_discount_qty1": lambda machine: major(machine, off_minor(machine, 1, 0)),
    "unit_price_after_each": unit_prices,
    "unit_after_first": units_after_first,
    "subtotal_after_first": lambda machine: subtotal(machine, 1),
    "subtotal": subtotal,
    "line_discounts": line_discounts,
    "discount_rows": rows,
    "adjustments": by_name,
    "free_units": lambda machine: sum(one["free_units"] for one in machine.offered),
    "applicable": lambda machine: bool(machine.offered),
    "budget_used": lambda machine: machine.budget_used,
    "coupon_points_after_each": lambda machine: [one.coupon for one in machine.history],
}


def _percent_at(machine: Machine) -> int:
    return next(at for at, one in enumerate(machine.programme["promotions"]) if str(one["type"]).startswith("percent"))
