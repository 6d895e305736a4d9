"""The demo programme's points for the CDNOW log, computed by hand from the file alone: nothing of the product takes part.

programmes/demo.toml in words: a point for each whole or part dollar, 25 more from $100 on, times 1.25 from $150 and 1.5 from $400
spent in the 365 days up to the purchase (without itself), rounded down, at most 5,000; then 100 more with the tenth purchase.
No CD is vinyl or a poster, and no purchase of the log came through the web.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path


def points_by_row(master: Path, customers: set[str] | None = None) -> dict[int, int]:
    """Points of each row of the master file, by row number from 1; only of some customers when they are named."""
    spent: dict[str, list[tuple[date, int]]] = defaultdict(list)
    points: dict[int, int] = {}
    for number, line in enumerate(master.read_text().splitlines()[1:], start=1):
        customer, day_text, _, dollars = line.split()
        if customers is not None and customer not in customers:
            continue
        day = date(int(day_text[:4]), int(day_text[4:6]), int(day_text[6:]))
        cents = int(Decimal(dollars) * 100)
        window = sum(amount for on, amount in spent[customer] if day - timedelta(days=365) < on <= day)
        factor = Fraction(3, 2) if window >= 40_000 else Fraction(5, 4) if window >= 15_000 else Fraction(1)
        exact = (Fraction(cents, 100) + (25 if cents >= 10_000 else 0)) * factor
        spent[customer].append((day, cents))
        points[number] = min(5_000, exact.numerator // exact.denominator) + (100 if len(spent[customer]) == 10 else 0)
    return points
