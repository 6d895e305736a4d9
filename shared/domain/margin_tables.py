"""`[margin]`: what must be left of the price after every offer."""

from __future__ import annotations

from decimal import Decimal

from shared.domain.tables import FloorShare, Share, Table


class Margin(Table):
    """The floor of margin: no offer, and no offers together, take a price below it. What goods cost stands in `[[cost]]`."""

    floor_percent: FloorShare | None = None
    """Of what is paid for goods, so much is left after their cost, in percent; 0 is no loss. Without it nothing is guarded."""
    tax_percent: Share = Decimal(0)
    """The tax that prices contain, in percent of the price without it: it is no margin."""
