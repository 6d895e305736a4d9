"""AWS's bill by service, as Cost Explorer answers GetCostAndUsage."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, NamedTuple

METRIC = "UnblendedCost"


class BillUnreadable(ValueError):
    """What was answered is no bill by service, or of other days; the message says what it is."""


class Billed(NamedTuple):
    """US dollars by service; `is_estimated` as long as AWS has not closed the month."""

    by_service: dict[str, Fraction]
    is_estimated: bool


def billed_in(pages: Iterable[Mapping[str, Any]], first: date, last: date) -> Billed:
    """What answers say of the days from `first` to `last`. Raises BillUnreadable."""
    sums: dict[str, Fraction] = {}
    is_estimated, periods = False, 0
    token, known = None, list(pages)
    if any(page in known[:number] for number, page in enumerate(known)):
        raise BillUnreadable("A page of the answer is there twice.")
    try:
        token = known[-1].get("NextPageToken") if known else None
        for period in (one for page in known for one in page["ResultsByTime"]):
            start, end = (date.fromisoformat(period["TimePeriod"][name][:10]) for name in ("Start", "End"))
            if start < first or end > last + timedelta(days=1):
                raise BillUnreadable(f"The answer is of {start} to {end}, and {first:%Y-%m} was asked for.")
            periods += 1
            is_estimated |= bool(period.get("Estimated"))
            for service, usd in _amounts(period):
                sums[service] = sums.get(service, Fraction(0)) + usd
    except BillUnreadable:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as broken:
        raise BillUnreadable(
            f"This is no answer of GetCostAndUsage by SERVICE: {type(broken).__name__} at {broken}."
        ) from None
    if not periods:
        raise BillUnreadable("The answer has no days.")
    if token:
        raise BillUnreadable("The answer goes on: the page after its NextPageToken is missing.")
    return Billed({service: usd for service, usd in sums.items() if usd}, is_estimated)


def _amounts(period: Mapping[str, Any]) -> Iterator[tuple[str, Fraction]]:
    groups = period["Groups"]
    if not groups and period.get("Total"):
        raise BillUnreadable("The answer is not by service: ask for it with GroupBy SERVICE.")
    for group in groups:
        cost = group["Metrics"].get(METRIC) or next(iter(group["Metrics"].values()))
        if cost["Unit"] != "USD":
            raise BillUnreadable(f"The bill is in {cost['Unit']}, and meters count US dollars.")
        yield str(group["Keys"][0]), Fraction(cost["Amount"])
