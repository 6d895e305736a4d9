"""AWS's bill by service: as Cost Explorer answers it, now or from a file that somebody kept."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import boto3

from club.console import Trouble
from infra.stage import TAG

METRIC = "UnblendedCost"
PAGES_MAX = 100


class Billed(NamedTuple):
    """US dollars by service; `is_estimated` as long as AWS has not closed the month."""

    by_service: dict[str, Fraction]
    is_estimated: bool


def asked(stage: str, first: date, last: date) -> Billed:
    """Of the resources of a stage, in a month. Each page costs a cent. Raises Trouble."""
    client: Any = boto3.client("ce")
    request: dict[str, Any] = {
        "TimePeriod": {"Start": first.isoformat(), "End": (last + timedelta(days=1)).isoformat()},
        "Granularity": "MONTHLY", "Metrics": [METRIC], "GroupBy": [{"Type": "DIMENSION", "Key": "SERVICE"}],
        "Filter": {"Tags": {"Key": TAG, "Values": [stage]}},
    }  # fmt: skip
    pages = []
    for _ in range(PAGES_MAX):
        pages.append(client.get_cost_and_usage(**request))
        token = pages[-1].get("NextPageToken")
        if not token:
            return billed_in(pages, first, last)
        request["NextPageToken"] = token
    raise Trouble(f"Cost Explorer answered with more than {PAGES_MAX} pages.")


def recorded(path: Path, first: date, last: date) -> Billed:
    """From a file: one answer of GetCostAndUsage, or a list of its pages. Raises Trouble."""
    try:
        read = json.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        raise Trouble(f"There is no file {path}.") from None
    except (ValueError, OSError) as broken:
        raise Trouble(f"{path} is no JSON: {broken}.") from None
    return billed_in(read if isinstance(read, list) else [read], first, last)


def billed_in(pages: Iterable[Mapping[str, Any]], first: date, last: date) -> Billed:
    """What answers say of the days from `first` to `last`. Raises Trouble for what is no answer, or of other days."""
    sums: dict[str, Fraction] = {}
    is_estimated, periods = False, 0
    token, known = None, list(pages)
    if any(page in known[:number] for number, page in enumerate(known)):
        raise Trouble("A page of the answer is there twice.")
    try:
        token = known[-1].get("NextPageToken") if known else None
        for period in (one for page in known for one in page["ResultsByTime"]):
            start, end = (date.fromisoformat(period["TimePeriod"][name][:10]) for name in ("Start", "End"))
            if start < first or end > last + timedelta(days=1):
                raise Trouble(f"The answer is of {start} to {end}, and {first:%Y-%m} was asked for.")
            periods += 1
            is_estimated |= bool(period.get("Estimated"))
            for service, usd in _amounts(period):
                sums[service] = sums.get(service, Fraction(0)) + usd
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as broken:
        raise Trouble(
            f"This is no answer of GetCostAndUsage by SERVICE: {type(broken).__name__} at {broken}."
        ) from None
    if not periods:
        raise Trouble("The answer has no days.")
    if token:
        raise Trouble("The answer goes on: the page after its NextPageToken is missing.")
    return Billed({service: usd for service, usd in sums.items() if usd}, is_estimated)


def _amounts(period: Mapping[str, Any]) -> Iterator[tuple[str, Fraction]]:
    groups = period["Groups"]
    if not groups and period.get("Total"):
        raise Trouble("The answer is not by service: ask for it with GroupBy SERVICE.")
    for group in groups:
        cost = group["Metrics"].get(METRIC) or next(iter(group["Metrics"].values()))
        if cost["Unit"] != "USD":
            raise Trouble(f"The bill is in {cost['Unit']}, and meters count US dollars.")
        yield str(group["Keys"][0]), Fraction(cost["Amount"])
