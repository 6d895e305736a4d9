"""The public CDNOW purchase log: where its files are, what they say, and its days moved to end yesterday.

70,000 real purchases of a music shop, January 1997 to June 1998, published by Peter Fader and Bruce Hardie. The files
lie inside the package `lifetimes` 0.11.3, which is installed as data and never imported. The row number in the master
file, from 1 and without its header, is the purchase id, also of the published 1/10 sample: its rows are the master's
rows of its customers, one by one and in their order, so the whole log after the sample doubles nothing.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from club.load.plan import Join, Line, Planned, amount_minor, compact, purchase
from club.load.problems import DataMissing

Part = Literal["sample", "all"]

CURRENCY = "USD"
# The shop stood in Pennsylvania; the files say no zone.
ZONE = ZoneInfo("America/New_York")
LAST_DAY = date(1998, 6, 30)
# The files name days alone. At noon, no zone and no summer time moves a purchase to another day.
TIME_OF_DAY = time(12)

MASTER, SAMPLE = "CDNOW_master.txt", "CDNOW_sample.txt"
SHA256 = {
    MASTER: "eff6889ed364c5199d6eacbbeb7a6d559971df4406ac876f322c373f00a072ef",
    SAMPLE: "6fae10155c0b0ba363c2c386e30f77990d22328220efd862a5edd1443420d94a",
}


class Row(NamedTuple):
    """One purchase of the log: its number in the master file, the customer's five digits, the day, the CDs, their price."""

    number: int
    customer: str
    day: date
    cds: int
    amount_minor: int


def folder(environment: Mapping[str, str] = os.environ, prefix: str = sys.prefix) -> Path:
    """Where both files lie: beside this environment's packages (`data/`), among them, or where CLUB_DATA says.

    Raises DataMissing when they are nowhere or are not the published bytes.
    """
    installed = importlib.metadata.distributions(name="lifetimes", path=[str(Path(prefix) / "data"), *sys.path])
    places = [Path(str(each.locate_file("lifetimes/datasets"))) for each in installed]
    if said := environment.get("CLUB_DATA"):
        places += [Path(said), Path(said) / "lifetimes" / "datasets"]
    for place in places:
        if all((place / name).is_file() for name in SHA256):
            for name, digest in SHA256.items():
                if hashlib.sha256((place / name).read_bytes()).hexdigest() != digest:
                    raise DataMissing(f"{place / name} is not the published CDNOW file: its SHA-256 differs.")
            return place
    raise DataMissing(
        "The CDNOW files are not installed. `make install` brings them;"
        " or install requirements/data.txt without its dependencies and set CLUB_DATA to the folder."
    )


def rows(place: Path, part: Part, customers_max: int | None = None) -> list[Row]:
    """The part's purchases: the sample's customers first, in the sample's order, and each one's rows in the log's order.

    So every part begins with the same purchase, and a club that has any of the log has that one.
    """
    with (place / SAMPLE).open(encoding="ascii") as file:
        by_customer: dict[str, list[Row]] = {text.split()[0]: [] for text in file}
    with (place / MASTER).open(encoding="ascii") as file:
        next(file)
        for number, text in enumerate(file, 1):
            customer, day, cds, dollars = text.split()
            if part == "all" or customer in by_customer:
                row = Row(number, customer, _day(day), int(cds), amount_minor(dollars, CURRENCY))
                by_customer.setdefault(customer, []).append(row)
    return [row for rows in islice(by_customer.values(), customers_max) for row in rows]


def shift_days(today: date) -> int:
    """How far the log moves so that its last day is the day before `today`."""
    return (today - timedelta(days=1) - LAST_DAY).days


def purchases(log: Sequence[Row], store: str, zone: ZoneInfo, shift: int) -> Iterator[Planned]:
    for row in log:
        yield purchase(
            row.number + 1,  # The header is the file's first line.
            store,
            str(row.number),
            "card",
            card(row.customer),
            instant(row.day, zone, shift),
            CURRENCY,
            [Line("CD", "music", row.cds, row.amount_minor)],
            "web",
        )


def instant(day: date, zone: ZoneInfo, shift: int) -> datetime:
    return datetime.combine(day + timedelta(days=shift), TIME_OF_DAY, zone).astimezone(UTC)


def shift_of(recorded_at: datetime, row: Row, zone: ZoneInfo) -> int | None:
    """By how many days the club's copy of this row was moved; None when it is not at noon in this zone."""
    there = recorded_at.astimezone(zone)
    return (there.date() - row.day).days if there.time() == TIME_OF_DAY else None


def card(customer: str) -> str:
    return f"CDNOW-{customer}"


def join_of(_kind: str, value: str, first_at: datetime) -> Join:
    """The customer joins at the moment of the first purchase."""
    customer = value.removeprefix("CDNOW-")
    body = {
        "name": f"CDNOW {customer}",
        "card": value,
        "language": "en",
        "joined_at": first_at.isoformat(),
        "source": "cdnow",
    }
    return Join(f"cdnow-{customer}", compact(body))


def _day(text: str) -> date:
    return date(int(text[:4]), int(text[4:6]), int(text[6:]))
