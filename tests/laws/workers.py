"""Tills in processes of their own, on tables that all of them share: in a storm, or killed in the middle of their work."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

from shared.actions.club import Club
from shared.actions.enrol_member import enrol_member
from shared.actions.record_purchase import quote_purchase, record_purchase
from shared.actions.redemptions import capture_redemption, hold_redemption, reverse_redemption, void_redemption
from shared.actions.return_purchase import return_purchase
from shared.api.answers import purchase_answer
from shared.domain.errors import Busy, HoldsExhausted, OffersDiffer, PointsInsufficient
from shared.domain.ledger import Row
from shared.domain.member import Joining
from shared.domain.purchase import Purchase
from shared.domain.purchase_return import Return
from shared.domain.rebuilding import proven
from shared.domain.redemption import Capturing, Redemption, Reversing
from shared.store.laws import Laws
from shared.store.peppers import Peppers
from shared.store.store import Store
from shared.store.table import Tables
from tests.laws.endpoint import Endpoint
from tests.laws.shop import MAIN, bought, came_back

SECONDS_LEFT = 9.5
REDRIVES_MAX = 20


class Place(NamedTuple):
    """Where the tables are, and what they are called there."""

    endpoint: Endpoint
    names: dict[str, str]

    def club(self) -> Club:
        line = self.endpoint.line()
        line.sleep = time.sleep  # type: ignore[method-assign]
        tables = Tables(line, self.names)
        return Club(Store(tables), Laws(tables, 3600), Peppers(json.dumps([{"version": 1, "secret": "5e" * 32}])))


def left() -> float:
    return SECONDS_LEFT


def join(club: Club, key: str, joined_at: datetime) -> str:
    body = {"name": "Dana", "language": "en", "source": "till", "card": key, "joined_at": joined_at.isoformat()}
    return str(enrol_member(club, MAIN, key, Joining.model_validate(body), left).row["a"])


def answered(ask: Callable[[], Any]) -> Any:
    """Asked again with the same id while the club is busy, as its answer says."""
    for _ in range(REDRIVES_MAX):
        try:
            return ask()
        except Busy:
            continue
    raise AssertionError("the club stays busy")


def storm(place: Place, member_id: str, till: int, attempts: int, units: int) -> int:
    """One till that redeems again and again for one member; how often it could."""
    club, taken = place.club(), 0
    for number in range(attempts):
        name = f"H-{till}-{number}"
        told = Redemption.model_validate(
            {"store": "main", "redemption_id": name, "member_id": member_id, "units": units}
        )
        try:
            answered(lambda told=told: hold_redemption(club, MAIN, told, left))  # type: ignore[misc]
        except (PointsInsufficient, HoldsExhausted):
            continue
        answered(lambda name=name: capture_redemption(club, MAIN, "main", name, Capturing(), left))  # type: ignore[misc]
        taken += 1
    return taken


# What one piece of work leaves: 100 points, less 50 that came back, less 20 taken, of which 5 were given back.
POINTS_OF_A_PIECE = 35
KINDS_OF_A_PIECE = {"purchase": 1, "return": 1, "hold": 2, "capture": 1, "void": 1, "reversal": 1}


def piece(club: Club, member_id: str, name: str, at: datetime) -> Sequence[Callable[[], object]]:
    """What a till does with one customer, each with its own id."""
    bought_at, returned_at = at, at + timedelta(milliseconds=1)
    purchase = Purchase.model_validate(bought(name, bought_at, ("CD-1", 2, 10_000), member_id=member_id))
    back = Return.model_validate(came_back(name, returned_at, name, lines=[{"sku": "CD-1", "quantity": 1}]))

    def hold(which: str, units: int) -> object:
        told = {"store": "main", "redemption_id": f"{name}-{which}", "member_id": member_id, "units": units}
        return hold_redemption(club, MAIN, Redemption.model_validate(told), left)

    return [
        lambda: record_purchase(club, MAIN, purchase, left),
        lambda: return_purchase(club, MAIN, back, left),
        lambda: hold("a", 20),
        lambda: capture_redemption(club, MAIN, "main", f"{name}-a", Capturing(), left),
        lambda: hold("b", 10),
        lambda: void_redemption(club, MAIN, "main", f"{name}-b", left),
        lambda: reverse_redemption(club, MAIN, "main", f"{name}-a", Reversing(reversal_id="1", units=5), left),
    ]


def work(place: Place, member_id: str, name: str, at: datetime, begun: Connection) -> None:
    """One piece of work; says of each part that it has begun."""
    for part in piece(place.club(), member_id, name, at):
        begun.send(None)
        answered(part)
    begun.send(None)
    # It waits for its end, so that its number is nobody else's until then.
    time.sleep(SECONDS_LEFT * REDRIVES_MAX)


def proven_rows(club: Club, member_id: str) -> list[Row]:
    """All postings of a member, oldest first, with the account bit for bit what they make of it."""
    account = club.store.account(member_id)
    assert account is not None
    rows = club.store.story(account)
    proven(account, rows, club.laws.version)
    return rows


def use_offers(place: Place, member_id: str | None, till: int, attempts: int, code: str = "FIVE") -> int:
    """One till that asks for a quote with a code and records what it said, again and again; how often the code was of use."""
    club, used = place.club(), 0
    for number in range(attempts):
        who = {"member_id": member_id} if member_id else {}
        told = bought(f"A-{till}-{number}", club.now() - timedelta(minutes=1), ("CD-1", 1, 1_000), codes=[code], **who)
        quoted = quote_purchase(club, MAIN, Purchase.model_validate(told))
        answer = purchase_answer(
            quoted.row, "main", told["purchase_id"], club.laws.version(int(quoted.row["v"])), quote=True
        )
        body = Purchase.model_validate(answer["purchase"])
        try:
            recorded = answered(lambda body=body: record_purchase(club, MAIN, body, left))  # type: ignore[misc]
        except OffersDiffer:
            continue
        used += "of" in recorded.row
    return used
