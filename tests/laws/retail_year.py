"""A gift wholesaler's year as its till would report it, made up with the oddities of a real one.

A few members buy most of it and many buy once; invoices are dated to the minute, so several fall into one; one invoice in
six is cancelled, in whole or in part, and most cancellations name no invoice; some are of goods from before the year. Lines cost
nothing, stand twice, are postage or done by hand, or are of 80,995 units.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
FIRST_DAY = datetime(2010, 12, 1, tzinfo=LONDON)
YEAR_DAYS = 374
# The largest line of the public data set whose oddities these are.
QUANTITY_LARGEST = 80_995
# Cancellations of one invoice: fewer than may wait for it when they come first.
CANCELLED_PARTS_MAX = 4

Body = dict[str, Any]


class Report(NamedTuple):
    """One request: `purchase` or `return`, and its body. `member` is the number of whoever is named in it, or None."""

    kind: str
    member: int | None
    body: Body


def year(seed: int, members: int, days: int = YEAR_DAYS, guests: float = 0.15, invoices_max: int = 250) -> list[Report]:
    """The reports of a year, in the sequence of their own times. Bodies name no member yet. `invoices_max`: of one member."""
    made = _Year(Random(seed), days).reports(members, guests, invoices_max)
    return sorted(made, key=lambda one: (one.body["occurred_at"], one.kind))


class _Year:
    def __init__(self, chance: Random, days: int) -> None:
        self.chance, self.days = chance, days
        self.invoice = 536_364
        self.goods = [(f"{chance.randrange(10_000, 99_999)}{chance.choice(['', '', 'A', 'B'])}", chance.randrange(4, 2_000))
                      for _ in range(300)]  # fmt: skip

    def reports(self, members: int, guests: float, invoices_max: int) -> list[Report]:
        made: list[Report] = []
        for member in range(members):
            # Pareto: a median of three invoices, and a few with hundreds.
            for _ in range(min(invoices_max, int(self.chance.paretovariate(0.9) * 1.5))):
                made += self._invoice(member)
            if self.chance.random() < 0.05:
                made.append(self._unreferenced(member, self._instant(0, 20), self.chance.randrange(100, 30_000)))
        for _ in range(int(len(made) * guests)):
            made += self._invoice(None)
        return made

    def _invoice(self, member: int | None) -> list[Report]:
        chance = self.chance
        self.invoice += 1
        at, number = self._instant(0, self.days), str(self.invoice)
        lines = [self._line() for _ in range(min(40, 1 + int(chance.paretovariate(1.0) * 2)))]
        if chance.random() < 0.1:
            lines.append(dict(lines[0]))
        if chance.random() < 0.04:
            lines.append(
                {"sku": "POST", "kind": "shipping", "quantity": 1, "amount_minor": chance.randrange(500, 4_000)}
            )
        if chance.random() < 0.02:
            lines.append({"sku": "M", "kind": "fee", "quantity": 1, "amount_minor": chance.randrange(1, 50_000)})
        if chance.random() < 0.003 or self.invoice % 100 == 71:
            lines = [{"sku": "23843", "quantity": QUANTITY_LARGEST, "amount_minor": QUANTITY_LARGEST * 2}]
        if chance.random() < 0.01:
            lines = [{"sku": "22423", "quantity": 1, "amount_minor": 0}]
        total = sum(line["amount_minor"] for line in lines)
        body = {
            "store": "main", "purchase_id": number, "occurred_at": at.isoformat(), "currency": "GBP", "lines": lines,
            "total_minor": total,
        }  # fmt: skip
        reports = [Report("purchase", member, body)]
        if chance.random() < 0.25:
            reports += self._cancelled(member, at, number, lines, total)
        return reports

    def _line(self) -> Body:
        sku, price = self.chance.choice(self.goods)
        units = self.chance.choice([1, 1, 2, 3, 4, 6, 6, 10, 12, 12, 24, 25, 48, 96, 144, 600])
        price = 0 if self.chance.random() < 0.005 else price
        return {"sku": sku, "category": f"range-{sku[0]}", "quantity": units, "amount_minor": price * units}

    def _cancelled(self, member: int | None, at: datetime, number: str, lines: list[Body], total: int) -> list[Report]:
        """Cancellations of an invoice: of all of it or of some lines, minutes to months later; most do not say of what."""
        chance, made = self.chance, list[Report]()
        named = member is None or chance.random() < 0.35
        if not total:
            return []
        if chance.random() < 0.15 and named:
            return [self._referenced(self._after(at), number, {})]
        if chance.random() < 0.2 and named:
            for _ in range(chance.randrange(1, 3)):
                made.append(
                    self._referenced(self._after(at), number, {"amount_minor": chance.randrange(1, total // 3 + 2)})
                )
            return made if total >= 12 else []
        left = {
            sku: sum(line["quantity"] for line in lines if line["sku"] == sku)
            for sku in {line["sku"] for line in lines}
        }
        for _ in range(chance.randrange(1, CANCELLED_PARTS_MAX + 1)):
            line = chance.choice(lines)
            if not left[line["sku"]] or not line["amount_minor"]:
                continue
            units = chance.choice([left[line["sku"]], chance.randrange(1, left[line["sku"]] + 1)])
            left[line["sku"]] -= units
            if named:
                made.append(
                    self._referenced(self._after(at), number, {"lines": [{"sku": line["sku"], "quantity": units}]})
                )
            elif (
                amount := line["amount_minor"] * min(units, line["quantity"]) // line["quantity"]
            ) and member is not None:
                made.append(self._unreferenced(member, self._after(at), amount))
        return made

    def _referenced(self, at: datetime, number: str, what: Body) -> Report:
        return Report("return", None, {"purchase_id": number, **self._return(at), **what})

    def _unreferenced(self, member: int, at: datetime, amount_minor: int) -> Report:
        return Report("return", member, {**self._return(at), "amount_minor": amount_minor})

    def _return(self, at: datetime) -> Body:
        self.invoice += 1
        return {"store": "main", "return_id": f"C{self.invoice}", "occurred_at": at.isoformat()}

    def _after(self, at: datetime) -> datetime:
        return at + timedelta(
            minutes=self.chance.choice([0, 1, 12, 90, 60 * 24, 60 * 24 * 5, 60 * 24 * 31, 60 * 24 * 100])
        )

    def _instant(self, first: int, last: int) -> datetime:
        day = FIRST_DAY + timedelta(days=self.chance.randrange(first, last))
        at = day.replace(hour=self.chance.randrange(8, 18), minute=self.chance.choice([0, 1, 30, 31, 59]))
        return at.astimezone(UTC)
