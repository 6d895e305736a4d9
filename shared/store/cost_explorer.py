"""Cost Explorer, asked for the bill of one stage in one month. Each page that it answers costs a cent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from shared.domain.billed import METRIC, Billed, BillUnreadable, billed_in

PAGES_MAX = 100

# GetCostAndUsage: the request, and what it is answered.
Ask = Callable[[Mapping[str, Any]], Mapping[str, Any]]


def billed(ask: Ask, tag: str, stage: str, first: date, last: date) -> Billed:
    """`tag`: what the bill knows the resources of a stage by, once it is activated in Billing. Raises BillUnreadable, and
    whatever `ask` raises."""
    request: dict[str, Any] = {
        "TimePeriod": {"Start": first.isoformat(), "End": (last + timedelta(days=1)).isoformat()},
        "Granularity": "MONTHLY", "Metrics": [METRIC], "GroupBy": [{"Type": "DIMENSION", "Key": "SERVICE"}],
        "Filter": {"Tags": {"Key": tag, "Values": [stage]}},
    }  # fmt: skip
    pages = []
    for _ in range(PAGES_MAX):
        pages.append(ask(request))
        token = pages[-1].get("NextPageToken")
        if not token:
            return billed_in(pages, first, last)
        request = request | {"NextPageToken": token}
    raise BillUnreadable(f"Cost Explorer answered with more than {PAGES_MAX} pages.")
