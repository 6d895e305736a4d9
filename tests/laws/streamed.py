"""A club whose ledger has a stream: every row it writes is kept as the event that Lambda would be handed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from typing import Any

from shared.actions.adjust_balance import approve_adjustment, ask_adjustment, refuse_adjustment
from shared.actions.book_expiry import book_expiry
from shared.actions.certificates import code_of_row, issue_certificate
from shared.actions.extend_points import extend_points
from shared.actions.fold_postings import Folded, Tallying, fold_postings
from shared.actions.redemptions import hold_redemption
from shared.actions.staff import Staff
from shared.actions.transfer_points import transfer_points
from shared.domain.certificates import Certificate
from shared.domain.decide import ms
from shared.domain.ledger import Row
from shared.domain.redemption import Redemption
from shared.domain.staff_requests import Adjustment, Extension
from shared.domain.transfer import Transferring
from shared.store.backend import Backend, Drop, Item, Write
from shared.store.memory import Memory
from shared.store.stream import Record, records_of
from shared.store.table import _out_item
from shared.store.tallies import Buckets, epochs_of, tallies_of
from shared.store.zones import Zones
from tests.laws.shop import MAIN, OPENED, Shop, bought, came_back, plenty

Json = dict[str, Any]
Tallied = dict[tuple[str, str], dict[str, int]]
DAY = timedelta(days=1)
CLUB = """
[points]
value_minor = 5
expiry = { days = 20 }
[[event]]
id = "review"
[[earn]]
id = "base"
points = 1
per_minor = 100
[[earn]]
id = "review"
event = "review"
points = 20
[[reward]]
id = "gift"
kind = "gift_certificate"
amount_minor = 2_500
price = 50
[[wallet]]
id = "stars"
[[earn]]
id = "stars"
points = 1
per_minor = 1_000
wallet = "stars"
[staff]
adjustment_max = 100
day_max = 250
"""


class Streamed(Memory):
    """Rows in memory, and what the ledger's stream would bring of them."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[Json] = []
        self._places = count(100_000_000_000_000_000_000)

    def write(self, puts: Sequence[Write]) -> dict[int, Item]:
        there = [put.table == "ledger" and self.get("ledger", {"k": put.row["k"]}) is not None for put in puts]
        refused = super().write(puts)
        if not refused:
            for put, was_there in zip(puts, there, strict=True):
                if put.table == "ledger":
                    self._tell(put, was_there=was_there)
        return refused

    def _tell(self, put: Write, *, was_there: bool) -> None:
        change: Json = {"Keys": _out_item({"k": put.row["k"]}), "SequenceNumber": str(next(self._places))}
        if not isinstance(put, Drop):
            change["NewImage"] = _out_item(put.row)
        how = "REMOVE" if isinstance(put, Drop) else "MODIFY" if was_there else "INSERT"
        self.events.append({"eventID": "e", "eventName": how, "eventSource": "aws:dynamodb", "dynamodb": change})


@dataclass
class Club(Shop):
    """A shop with a stream. `relay` tells which tallies it keeps where."""

    text: str = CLUB
    memory: Streamed = field(default_factory=Streamed)  # type: ignore[assignment]

    def records(self) -> list[Record]:
        return records_of({"Records": self.memory.events})

    def rows_of_ledger(self) -> list[Row]:
        return list(self.memory.scanned("ledger"))

    def busy(self) -> tuple[str, str]:
        """Two members, and nearly everything that can happen to them."""
        dana, avi = self.join(), self.join(OPENED - 400 * DAY)
        self.buy(bought("A-1", self.now, ("CD-1", 1, 30_000), member_id=dana))
        self.buy(bought("A-2", self.now, ("CD-1", 1, 1_250)))
        self.now += DAY
        self.tell(
            {
                "store": "main",
                "kind": "review",
                "source_id": "E-1",
                "member_id": avi,
                "occurred_at": self.now.isoformat(),
            }
        )
        self.buy(bought("A-3", self.now, ("CD-1", 2, 10_000), member_id=avi))
        self.buy(bought("A-0", OPENED + timedelta(hours=1), ("CD-1", 1, 900), member_id=avi))
        self.bring_back(came_back("R-9", self.now, "A-9", amount_minor=1_000))
        self.bring_back(came_back("R-1", self.now, "A-1", amount_minor=5_000))
        self.bring_back(came_back("R-2", self.now, "A-2", amount_minor=250))
        self.now += DAY
        self.buy(bought("A-9", self.now - timedelta(hours=40), ("CD-1", 1, 4_000), member_id=avi))
        self.hold("H-1", dana, units=30)
        self.capture("H-1")
        self.reverse("H-1", "B-1", units=10)
        self.hold("H-2", dana, units=20)
        self.void("H-2")
        self.hold("H-3", dana, reward="gift")
        self.capture("H-3")
        self.adjust(dana, 15, "J-1")
        self.adjust(dana, -5, "J-2")
        for name in ("J-3", "J-4"):
            told = Adjustment(adjustment_id=name, member_id=avi, units=200, reason="The parcel was late")
            ask_adjustment(self.club, Staff("dana", ("manager",)), told, plenty)
        approve_adjustment(self.club, Staff("noa", ("finance",)), "J-3", plenty)
        refuse_adjustment(self.club, Staff("noa", ("finance",)), "J-4")
        extend_points(self.club, Staff("noa", ("finance",)), _extension(avi, self.now.date() + 30 * DAY), plenty)
        self.now += DAY
        transfer_points(self.club, MAIN, "T-1", dana, avi, Transferring("points", 7, "gift", "noa"), plenty)
        sold = {"store": "main", "certificate_id": "GC-1", "amount_minor": 5_000, "currency": "USD"}
        row = issue_certificate(self.club, MAIN, Certificate.model_validate(sold), plenty).row
        paid = {"store": "main", "redemption_id": "H-4", "code": code_of_row(self.club, row), "units": 1_200}
        hold_redemption(self.club, MAIN, Redemption.model_validate(paid), plenty)
        self.capture("H-4")
        self.now += 25 * DAY
        book_expiry(self.club, MAIN, dana, plenty)
        self.merge(dana, avi, "M-1")
        return dana, avi


def _extension(member: str, last: date) -> Extension:
    return Extension.model_validate(
        {"extension_id": "X-1", "member_id": member, "expires_on": last.isoformat(), "reason": "The parcel was late"}
    )


def relay(
    shop: Shop, backend: Backend | None = None, *, buckets: Buckets = ((0, 1),), zones: Backend | None = None
) -> Tallying:
    """What folds the postings of a shop into tallies that stand in a backend; its own rows by default."""
    return Tallying(
        backend or shop.memory, Zones(zones or shop.memory), buckets, lambda: ms(shop.now), lambda _: None, lambda: 0.5
    )


def fold(tallying: Tallying, records: Sequence[Record], seconds: Callable[[], float] = plenty) -> Folded:
    return fold_postings(tallying, records, seconds)


def tallied(backend: Backend) -> Tallied:
    """All tallies there are, by realm and day."""
    epochs = epochs_of(backend)
    kinds = {str(row["kind"]) for row in backend.scanned("club") if str(row["kind"]).startswith("tally#")}
    found: Tallied = {}
    for kind in sorted(kinds):
        _, mode, day = kind.split("#")
        figures = tallies_of(backend, "test" if mode == "test" else "live", date.fromisoformat(day), epochs)
        if figures:
            found[mode, day] = figures
    return found


def rows_of(backend: Backend, kind: str) -> list[Item]:
    return [row for row in backend.scanned("club") if str(row["kind"]).startswith(kind)]


def total(tallies: Tallied) -> dict[str, int]:
    sums: dict[str, int] = {}
    for figures in tallies.values():
        for name, value in figures.items():
            sums[name] = sums.get(name, 0) + value
    return sums


def cut(records: Sequence[Record], sizes: Iterable[int]) -> list[list[Record]]:
    """The records in deliveries of these sizes, the rest in a last one."""
    deliveries, at = [], 0
    for size in sizes:
        deliveries.append(list(records[at : at + size]))
        at += size
    return [*deliveries, list(records[at:])]
