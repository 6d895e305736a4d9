"""Storefronts and tills: quotes, purchases and activities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.actions import opening
from shared.actions.caller import Caller
from shared.actions.record_event import record_event
from shared.actions.record_purchase import quote_purchase, record_purchase, recorded_purchase
from shared.api.answers import event_answer, purchase_answer
from shared.api.resolver import Answer, Request, lambda_handler
from shared.domain.event import Event
from shared.domain.ledger import Row
from shared.domain.purchase import Purchase
from shared.store import connection
from shared.store.keys import parts

if TYPE_CHECKING:
    from shared.api.shapes import EventKey, PurchaseAnswer


def post_purchase(request: Request) -> Answer:
    purchase = request.body(Purchase)
    recorded = record_purchase(opening.club(), Caller.of(request.caller), purchase, request.seconds_left)
    answer = _answer(recorded.row, purchase.store, purchase.purchase_id, repeated=recorded.ignored)
    return Answer(201, answer, recorded.replayed)


def post_quote(request: Request) -> Answer:
    purchase = request.body(Purchase)
    row = quote_purchase(opening.club(), Caller.of(request.caller), purchase)
    return Answer(200, _answer(row, purchase.store, purchase.purchase_id, quote=True))


def get_purchase(request: Request) -> Answer:
    store, purchase_id = request.path("store"), request.path("purchase_id")
    request.query(frozenset())
    row = recorded_purchase(opening.club(), Caller.of(request.caller), store, purchase_id)
    known_store, known_id = parts(str(row["k"]))
    return Answer(200, _answer(row, known_store, known_id))


def post_event(request: Request) -> Answer:
    event = request.body(Event)
    recorded = record_event(opening.club(), Caller.of(request.caller), event, request.seconds_left)
    book = opening.club().laws.version(int(recorded.row["v"]))
    told: EventKey = {"store": event.store, "kind": event.kind, "source_id": event.source_id}
    return Answer(201, event_answer(recorded.row, told, book), recorded.replayed)


def _answer(row: Row, store: str, purchase_id: str, *, quote: bool = False, repeated: bool = False) -> PurchaseAnswer:
    book = opening.club().laws.version(int(row["v"]))
    return purchase_answer(row, store, purchase_id, book, quote=quote, repeated=repeated)


connection.dynamodb()
handler = lambda_handler(
    "purchase",
    {
        "POST /v1/purchases": post_purchase,
        "POST /v1/quotes": post_quote,
        "POST /v1/events": post_event,
        "GET /v1/purchases/{store}/{purchase_id}": get_purchase,
    },
)
