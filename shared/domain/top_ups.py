"""Top-ups: lines of a purchase that are paid for what they put into a wallet of money. They are bought, not earned."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from shared.domain.money import rounded
from shared.domain.purchase import Purchase
from shared.domain.reasons import Earned
from shared.domain.returned import Returned, money_share
from shared.domain.rulebook import Rulebook


def has_top_up(purchase: Purchase) -> bool:
    return any(line.kind == "top_up" for line in purchase.lines)


def with_top_ups(earned: Earned, purchase: Purchase, book: Rulebook) -> Earned:
    """What was earned, and what was bought beside it: each such line adds what was paid for it, after every discount."""
    wallet = book.topped_up
    assert wallet is not None, "somebody asked before"
    rules, paid_minor = book.wallet(wallet), sum(_paid(purchase).values())
    units = paid_minor * 10**rules.decimals // rules.value_minor
    if not units:
        return earned
    return earned._replace(others={**earned.others, wallet: earned.others.get(wallet, 0) + units}, sold={wallet: units})


def top_up_kept(purchase: Purchase, sold: int, returned: Returned) -> int:
    """What is left of a top-up of so many units after what was returned: of its own lines by their units, of all by money that
    came back without lines."""
    if returned.whole:
        return 0
    paid = _paid(purchase)
    back = sum(
        (Fraction(paid[at] * units, purchase.lines[at].quantity) for at, units in returned.units.items() if at in paid),
        Fraction(0),
    )
    share = min(Fraction(1), Fraction(back, sum(paid.values())) + money_share(purchase, returned.money_minor))
    left = sold * (1 - share)
    return rounded(left.numerator, left.denominator, "floor")


def without_top_ups(units: Mapping[str, int], sold: Mapping[str, int]) -> dict[str, int]:
    """By wallet, what was earned alone."""
    return {wallet: some - sold.get(wallet, 0) for wallet, some in units.items()}


def _paid(purchase: Purchase) -> dict[int, int]:
    """What was paid for each top-up, by the place of its line."""
    nets = purchase.net_by_line()
    return {at: nets[at] for at, line in enumerate(purchase.lines) if line.kind == "top_up"}
