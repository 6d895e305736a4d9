"""What a club costs by the month at four sizes: units as `docs/performance.md` has them, beside what is assumed of members.

`python -m benchmarks.cost` writes `docs/cost.md` and its picture anew from that page; `make bench` does so after measuring.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import NamedTuple

from benchmarks.prices import Bill, Item, Price, bill
from benchmarks.template import POLLS_A_QUEUE
from infra.alarms import alarms_of_api, alarms_of_functions_and_tables
from infra.rooms import ROOMS
from infra.stage import stage_named

MEMBERS = (500, 10_000, 1_000_000, 100_000_000)
_MILLION, _GB = 1_000_000, 10**9
# The night that was measured, and how many of them a month has.
_NIGHT_MEMBERS, _NIGHTS = 100_000, 30
_NIGHT = f"A night of {_NIGHT_MEMBERS:,} members"
_NIGHT_TOLD = re.compile(
    r"([\d,]+) read units of the scan and ([\d,]+) of other reads, .* ([\d,]+) write units, ([\d.,]+) s of CPU"
)


class Assumed(NamedTuple):
    """What nobody measured: how members behave, by the month where nothing else is said. Each has its sentence in `SAID`."""

    purchases: Decimal = Decimal(2)
    returns_percent: int = 5
    redemptions: Decimal = Decimal("0.2")
    messages: Decimal = Decimal(2)
    mailed_percent: int = 100
    months_kept: int = 24
    purchase_row_bytes: int = 2_048
    person_row_bytes: int = 1_024
    message_write_units: int = 6
    message_read_units: int = 6
    message_gb_seconds: Decimal = Decimal("0.05")
    proof_read_bytes: int = 1_024
    polls_a_queue: int = POLLS_A_QUEUE
    staff: int = 5


SAID: Mapping[str, str] = {
    "purchases": "purchases of a member, of up to ten lines each, by card",
    "returns_percent": "returns for each hundred purchases",
    "redemptions": "payments with points of a member: a hold and its capture",
    "messages": "messages to a member, automations and campaigns together",
    "mailed_percent": "messages of a hundred that go by mail; the price of text messages is your country's",
    "months_kept": "months of purchases that the ledger holds; it grows for ever, by its storage alone",
    "purchase_row_bytes": "bytes of a purchase in the ledger with its index (limit of the design)",
    "person_row_bytes": "bytes of a member's personal row (limit of the design)",
    "message_write_units": "write units of a message, as `docs/decisions.md` has counted them",
    "message_read_units": "read units of a message: its account, its consents, its caps",
    "message_gb_seconds": "GB-seconds of a message: 0.2 s at 256 MB",
    "proof_read_bytes": "bytes that the nightly proof reads for each posting of a member whose turn it is",
    "polls_a_queue": "polls of a queue by Lambda, which asks an empty one too: five pollers, each for 20 s",
    "staff": "people of the staff who sign in",
}


class Measured(NamedTuple):
    """Read from the page: units of a million purchases by price, of a return and of a redemption, of a night of one member."""

    million: tuple[Item, ...]
    return_units: tuple[int, int]
    redemption_units: tuple[int, int]
    night_write_units: Decimal
    night_read_units: Decimal
    night_gb_seconds: Decimal
    account_bytes: int


class PageUnfit(Exception):
    """The page of performance does not tell a figure that the cost is made of; the message names it."""


def measured(page: str, table: Mapping[str, Price]) -> Measured:
    """From the text of `docs/performance.md`. Raises PageUnfit."""
    rows = {cells[0]: cells for cells in _rows(page)}
    _, _, after = page.partition("## A million purchases at list price\n")
    items = tuple(
        Item(name, price, quantity)
        for name, *_, beside in _rows(after.partition("\n## ")[0])
        if (found := _quantity(beside, table)) is not None
        for quantity, price in [found]
    )
    if not items:
        raise PageUnfit("there is no bill of a million purchases")
    night = _NIGHT_TOLD.search(_row(rows, _NIGHT)[-1])
    if night is None:
        raise PageUnfit(f"{_NIGHT} is told in other words")
    scan, other, writes, _ = (Decimal(text.replace(",", "")) for text in night.groups())
    # The compute of a night is what is left of its dollars: it has waited for each request too.
    usd = Decimal(_row(rows, _NIGHT)[1].removeprefix("$"))
    computed = usd - _usd(table["read_units"], scan + other) - _usd(table["write_units"], writes)
    return Measured(
        items,
        (_units(rows, "Write units of a return"), _units(rows, "Read units of a return")),
        (
            _units(rows, "Write units of a hold") + _units(rows, "Write units of a capture"),
            _units(rows, "Read units of a hold") + _units(rows, "Read units of a capture"),
        ),
        writes / _NIGHT_MEMBERS,
        (scan + other) / _NIGHT_MEMBERS,
        max(Decimal(0), computed) / table["gb_seconds"].usd / _NIGHT_MEMBERS,
        _units(rows, "Account row after 24 months"),
    )


def month(members: int, of: Measured, assumed: Assumed) -> list[Item]:
    """All that so many members use in a month, in the sequence in which it is told."""
    purchases = members * assumed.purchases
    share = purchases / _MILLION
    returns = purchases * assumed.returns_percent / 100
    redemptions = members * assumed.redemptions
    visits = returns + 2 * redemptions
    a_purchase = {item.what: item.quantity / _MILLION for item in of.million}
    return [
        *(Item(item.what, item.price, item.quantity * share) for item in of.million),
        *_units_of("Returns", returns, of.return_units),
        *_units_of("Payments with points", redemptions, of.redemption_units),
        Item("Returns and payments: API", "api_requests", visits),
        Item("Returns and payments: requests", "lambda_requests", visits),
        # They take as much CPU as a purchase, by the page.
        Item("Returns and payments: compute", "gb_seconds", visits * a_purchase["Lambda compute"]),
        *_nights(members, of, assumed),
        *_messages(members * assumed.messages, assumed),
        *_kept(members, purchases, of, assumed),
        *_standing(assumed),
    ]


def _nights(members: int, of: Measured, assumed: Assumed) -> Iterator[Item]:
    yield Item("Nights: reads", "read_units", _NIGHTS * members * of.night_read_units)
    yield Item("Nights: writes", "write_units", _NIGHTS * members * of.night_write_units)
    yield Item("Nights: compute", "gb_seconds", _NIGHTS * members * of.night_gb_seconds)
    # A 28th of all each night, and whoever changed.
    proven = members * (Decimal(_NIGHTS) / 28 + assumed.purchases)
    read_bytes = proven * assumed.purchases * assumed.months_kept * assumed.proof_read_bytes
    yield Item("Nights: proof", "read_units", read_bytes / 4_096 / 2)


def _messages(messages: Decimal, assumed: Assumed) -> Iterator[Item]:
    yield from _units_of("Messages", messages, (assumed.message_write_units, assumed.message_read_units))
    # Sent, received and deleted; ten at a time would be a tenth of the last two.
    yield Item("Messages: queue", "queue_requests", 3 * messages)
    yield Item("Messages: requests", "lambda_requests", messages)
    yield Item("Messages: compute", "gb_seconds", messages * assumed.message_gb_seconds)
    yield Item("Mail", "mails", messages * assumed.mailed_percent / 100)


def _kept(members: int, purchases: Decimal, of: Measured, assumed: Assumed) -> Iterator[Item]:
    rows = members * (of.account_bytes + assumed.person_row_bytes)
    kept_gb = (rows + purchases * assumed.months_kept * assumed.purchase_row_bytes) / _GB
    yield Item("Rows kept", "table_gb_months", kept_gb)
    yield Item("Rows restorable", "restore_gb_months", kept_gb)
    taken_in = next(item.quantity for item in of.million if item.what == "Logs")
    yield Item("Logs kept", "log_gb_months", taken_in * purchases / _MILLION)


def _standing(assumed: Assumed) -> Iterator[Item]:
    """What is there whoever buys."""
    stage = stage_named("prod")
    alarms = len(alarms_of_functions_and_tables(stage)) + len(alarms_of_api(""))
    queues = sum(len(room.works.queues) for room in ROOMS if room.works is not None)
    yield Item("Alarms", "alarms", Decimal(alarms))
    yield Item("Queues asked", "queue_requests", Decimal(queues * assumed.polls_a_queue))
    # Each quarter of an hour, and some jobs a day.
    yield Item("The clock", "schedule_calls", Decimal(_NIGHTS * (4 * 20 + 5)))
    yield Item("Staff", "staff_users", Decimal(assumed.staff))


def _units_of(what: str, times: Decimal, units: tuple[int, int]) -> Iterator[Item]:
    yield Item(f"{what}: writes", "write_units", times * units[0])
    yield Item(f"{what}: reads", "read_units", times * units[1])


class Month(NamedTuple):
    """A month of a club of this size. `mail_usd` is in `billed` too."""

    members: int
    billed: Bill

    @property
    def mail_usd(self) -> Decimal:
        return sum((usd for item, usd in self.billed.lines if item.what == "Mail"), Decimal(0))

    @property
    def without_mail_usd(self) -> Decimal:
        return self.billed.usd - self.mail_usd


def months(page: str, table: Mapping[str, Price], assumed: Assumed | None = None) -> list[Month]:
    """Each size of `MEMBERS` at list price, without any free tier. Raises PageUnfit."""
    of, assumed = measured(page, table), assumed or Assumed()
    return [Month(members, bill(table, month(members, of, assumed))) for members in MEMBERS]


def _usd(price: Price, quantity: Decimal) -> Decimal:
    return quantity * price.usd / price.per


def _rows(page: str) -> Iterator[list[str]]:
    for line in page.splitlines():
        if line.startswith("| "):
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            if len(cells) == 5:
                yield cells


def _row(rows: Mapping[str, list[str]], name: str) -> list[str]:
    if name not in rows:
        raise PageUnfit(f"there is no line {name!r}")
    return rows[name]


def _units(rows: Mapping[str, list[str]], name: str) -> int:
    found = re.match(r"([\d,]+) (?:units|bytes)$", _row(rows, name)[1])
    if found is None:
        raise PageUnfit(f"{name} is no number of units")
    return int(found[1].replace(",", ""))


def _quantity(beside: str, table: Mapping[str, Price]) -> tuple[Decimal, str] | None:
    """`13,500 gb seconds` as a quantity of a price; None for what is none."""
    found = re.match(r"([\d,.]+) ([a-z ]+)$", beside)
    if found is None or (name := found[2].replace(" ", "_")) not in table:
        return None
    return Decimal(found[1].replace(",", "")), name


if __name__ == "__main__":
    from benchmarks.cost_page import write

    write()
