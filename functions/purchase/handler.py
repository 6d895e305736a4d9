"""Storefronts and tills: quotes and purchases."""

from __future__ import annotations

from shared.actions import opening
from shared.actions.caller import Caller
from shared.actions.record_purchase import quote_purchase, record_purchase, recorded_purchase
from shared.api.answers import purchase_answer
from shared.api.resolver import Answer, Request, lambda_handler
from shared.domain.ledger import Row
from shared.domain.purchase import Purchase
from shared.store import connection
from shared.store.keys import purchase_parts


def post_purchase(request: Request) -> Answer:
    purchase = request.body(Purchase)
    recorded = record_purchase(opening.club(), Caller.of(request.caller), purchase, request.seconds_left)
    return Answer(201, _answer(recorded.row, purchase.store, purchase.purchase_id), recorded.replayed)


def post_quote(request: Request) -> Answer:
    purchase = request.body(Purchase)
    row = quote_purchase(opening.club(), Caller.of(request.caller), purchase)
    return Answer(200, _answer(row, purchase.store, purchase.purchase_id, quote=True))


def get_purchase(request: Request) -> Answer:
    store, purchase_id = request.path("store"), request.path("purchase_id")
    request.query(frozenset())
    row = recorded_purchase(opening.club(), Caller.of(request.caller), store, purchase_id)
    return Answer(200, _answer(row, *purchase_parts(str(row["k"]))))


def _answer(row: Row, store: str, purchase_id: str, *, quote: bool = False) -> dict[str, object]:
    book = opening.club().laws.version(int(row["v"]))
    return purchase_answer(row, store, purchase_id, book, quote=quote)


connection.dynamodb()
handler = lambda_handler(
    "purchase",
    {
        "POST /v1/purchases": post_purchase,
        "POST /v1/quotes": post_quote,
        "GET /v1/purchases/{store}/{purchase_id}": get_purchase,
    },
)
