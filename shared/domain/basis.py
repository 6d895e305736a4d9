"""The basis: what each line of a purchase, and its shipping, count for a rule that gives points per amount, in minor units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from shared.domain.earn_tables import Basis, BasisChoice, Cost
from shared.domain.money import ratio, rounded, shares
from shared.domain.policies import Policies
from shared.domain.purchase import Line, Purchase


class BasisRule(NamedTuple):
    """What one rule counts: `[basis]` with the rule's own differences. `purchase_discount`: whether lines bear a share of it."""

    of: Literal["spend", "margin"]
    discounts: Literal["after", "before"]
    tax: Literal["as_priced", "included", "excluded"]
    shipping: bool
    purchase_discount: bool


def basis_rule(basis: Basis, choice: BasisChoice, policies: Policies, chooses_lines: bool) -> BasisRule:
    of = choice.of or basis.of
    return BasisRule(
        of=of,
        discounts=choice.discounts or basis.discounts,
        # What a shop earns is never counted with its tax.
        tax="excluded" if of == "margin" else choice.tax or basis.tax,
        shipping=of == "spend" and (basis.shipping if choice.shipping is None else choice.shipping),
        purchase_discount=not (chooses_lines and policies.purchase_discount_on_chosen_lines == "not_allocated"),
    )


@dataclass(frozen=True, slots=True)
class Costs:
    """`[[cost]]` by product, by category, and for everything else."""

    by_sku: dict[str, Cost]
    by_category: dict[str, Cost]
    other: Cost | None

    @classmethod
    def told(cls, costs: Sequence[Cost]) -> Costs:
        return cls(
            {cost.sku: cost for cost in costs if cost.sku is not None},
            {cost.category: cost for cost in costs if cost.category is not None},
            next((cost for cost in costs if cost.sku is None and cost.category is None), None),
        )

    def of(self, line: Line) -> Cost | None:
        """What is known of the cost of a line's goods."""
        return self.by_sku.get(line.sku) or self.by_category.get(line.category or "") or self.other

    def minor(self, line: Line) -> int:
        """What the line's goods cost the shop; a half is rounded up. Nothing is known: nothing."""
        cost = self.of(line)
        if cost is None:
            return 0
        if cost.unit_minor is not None:
            return cost.unit_minor * line.quantity
        assert cost.percent is not None
        percent, per = ratio(cost.percent)
        return rounded(line.amount_minor * percent, 100 * per, "half_up")


def bases(purchase: Purchase, rule: BasisRule, policies: Policies, costs: Costs) -> list[int]:
    """The basis of each line, and of the shipping in the last place."""
    lines = purchase.lines
    if rule.discounts == "before":
        values = [line.amount_minor for line in lines]
    elif rule.purchase_discount:
        values = purchase.net_by_line()
    else:
        values = [line.amount_minor - line.discount_minor for line in lines]
    values.append(purchase.shipping_minor)
    if purchase.tax_minor and rule.tax != "as_priced" and (rule.tax == "included") != purchase.prices_include_tax:
        sign = 1 if rule.tax == "included" else -1
        taxes = _taxes(purchase)
        values = [max(0, value + sign * tax) for value, tax in zip(values, taxes, strict=True)]
    if not rule.shipping:
        values[-1] = 0
    values = _less_payments(values, purchase, policies)
    if rule.of == "margin":
        values = [max(0, value - costs.minor(line)) for value, line in zip(values, lines, strict=False)] + [0]
    return values


def _taxes(purchase: Purchase) -> list[int]:
    """The tax of each line and of the shipping: as the shop names it, else shared by what they cost."""
    named = [*(line.tax_minor for line in purchase.lines), purchase.shipping_tax_minor]
    return named if any(named) else shares(purchase.tax_minor, [*purchase.net_by_line(), purchase.shipping_minor])


def _less_payments(values: list[int], purchase: Purchase, policies: Policies) -> list[int]:
    """Without the part that was paid in a way that earns nothing, taken from every place in proportion."""
    unearned = 0 if policies.earn_on_points_payment else purchase.points_payment_minor
    unearned += 0 if policies.earn_on_stored_value_payment else purchase.stored_value_payment_minor
    if not unearned:
        return values
    taken = shares(rounded(sum(values) * unearned, purchase.total_minor, "ceil"), values)
    return [value - part for value, part in zip(values, taken, strict=True)]
