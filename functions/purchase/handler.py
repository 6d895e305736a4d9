"""Storefronts and tills: quotes, purchases, returns, redemptions, gift certificates, coupons and activities."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from shared.actions import opening
from shared.actions.caller import Caller
from shared.actions.metered import metered
from shared.actions.record_event import record_event
from shared.actions.record_purchase import quote_purchase, record_purchase, recorded_purchase
from shared.api.answers import event_answer, purchase_answer
from shared.api.resolver import Answer, Request, lambda_handler
from shared.domain.errors import Invalid
from shared.domain.event import Event
from shared.domain.ledger import Row
from shared.domain.purchase import Purchase
from shared.observe import log, logged
from shared.store import connection
from shared.store.keys import parts

if TYPE_CHECKING:
    from shared.actions.recording import Recorded
    from shared.api.shapes import EventKey, PurchaseAnswer, QuoteAnswer, RedemptionState, ReturnAnswer


def post_purchase(request: Request) -> Answer:
    purchase = request.body(Purchase)
    recorded = record_purchase(opening.club(), Caller.of(request.caller), purchase, request.seconds_left)
    answer = _answer(recorded.row, purchase.store, purchase.purchase_id, repeated=recorded.ignored)
    return Answer(201, answer, recorded.replayed)


def post_quote(request: Request) -> Answer:
    purchase = request.body(Purchase)
    quoted = quote_purchase(opening.club(), Caller.of(request.caller), purchase)
    answer = cast("QuoteAnswer", _answer(quoted.row, purchase.store, purchase.purchase_id, quote=True))
    if quoted.offered is not None:
        from shared.api.offer_answers import quoted_offers

        quoted_offers(answer, quoted.offered, quoted.row, opening.club().laws.version(int(quoted.row["v"])))
    return Answer(200, answer)


def get_purchase(request: Request) -> Answer:
    store, purchase_id = request.path("store"), request.path("purchase_id")
    request.query(frozenset())
    row = recorded_purchase(opening.club(), Caller.of(request.caller), store, purchase_id)
    known_store, known_id = parts(str(row["k"]))
    return Answer(200, _answer(row, known_store, known_id))


def post_return(request: Request) -> Answer:
    # Only returns pay for what undoes a purchase.
    from shared.actions.parking import Parked
    from shared.actions.return_purchase import return_purchase
    from shared.api.return_answers import parked_answer
    from shared.domain.purchase_return import Return

    told = request.body(Return)
    recorded = return_purchase(opening.club(), Caller.of(request.caller), told, request.seconds_left)
    if isinstance(recorded, Parked):
        assert told.purchase_id is not None
        return Answer(202, parked_answer(recorded.row, told.store, told.return_id, told.purchase_id), recorded.replayed)
    return Answer(201, _return(recorded.row, told.store, told.return_id), recorded.replayed)


def get_return(request: Request) -> Answer:
    from shared.actions.return_purchase import recorded_return

    store, return_id = request.path("store"), request.path("return_id")
    request.query(frozenset())
    row = recorded_return(opening.club(), Caller.of(request.caller), store, return_id)
    known_store, known_id = parts(str(row["k"]))
    return Answer(200, _return(row, known_store, known_id))


def get_returns(request: Request) -> Answer:
    from shared.actions.parking import parked_returns
    from shared.api.entries import purchase_id_of
    from shared.api.pages import limit_asked
    from shared.api.return_answers import parked_answer

    query = request.query(frozenset({"state", "limit"}))
    if query.get("state") != "parked":
        raise Invalid("state", "must be parked: all other returns are asked for by their id")
    caller, told = Caller.of(request.caller), []
    for row in parked_returns(opening.club(), caller, caller.store, limit_asked(query, 100, 100)):
        store, return_id = parts(str(row["k"]))
        told.append(parked_answer(row, store, return_id, purchase_id_of(row) or ""))
    return Answer(200, {"returns": told})


def post_redemption(request: Request) -> Answer:
    from shared.actions.redemptions import hold_redemption
    from shared.domain.redemption import Redemption

    told = request.body(Redemption)
    recorded = hold_redemption(opening.club(), Caller.of(request.caller), told, request.seconds_left)
    return _redemption(recorded, told.store, told.redemption_id, "held")


def post_capture(request: Request) -> Answer:
    from shared.actions.redemptions import capture_redemption
    from shared.domain.redemption import Capturing

    caller, redemption_id, told = Caller.of(request.caller), request.path("redemption_id"), request.body(Capturing)
    recorded = capture_redemption(opening.club(), caller, caller.store, redemption_id, told, request.seconds_left)
    return _redemption(recorded, caller.store, redemption_id, "captured")


def post_void(request: Request) -> Answer:
    from shared.actions.redemptions import void_redemption
    from shared.domain.redemption import Voiding

    caller, redemption_id = Caller.of(request.caller), request.path("redemption_id")
    request.body(Voiding)
    recorded = void_redemption(opening.club(), caller, caller.store, redemption_id, request.seconds_left)
    return _redemption(recorded, caller.store, redemption_id, "void")


def post_reversal(request: Request) -> Answer:
    from shared.actions.redemptions import reverse_redemption
    from shared.domain.redemption import Reversing

    caller, redemption_id, told = Caller.of(request.caller), request.path("redemption_id"), request.body(Reversing)
    recorded = reverse_redemption(opening.club(), caller, caller.store, redemption_id, told, request.seconds_left)
    return _redemption(recorded, caller.store, redemption_id, "reversed")


def _redemption(recorded: Recorded, store: str, redemption_id: str, state: RedemptionState) -> Answer:
    from shared.api.redemption_answers import redemption_answer

    row, code = recorded.row, None
    if "cf" in row:
        from shared.actions.certificates import code_of_row

        code = code_of_row(opening.club(), row)
    book = opening.club().laws.version(int(row["v"]))
    return Answer(201, redemption_answer(row, store, redemption_id, state, book, code), recorded.replayed)


def post_certificate(request: Request) -> Answer:
    from shared.actions.certificates import code_of_row, issue_certificate
    from shared.api.certificate_answers import certificate_answer
    from shared.domain.certificates import Certificate

    told, club = request.body(Certificate), opening.club()
    recorded = issue_certificate(club, Caller.of(request.caller), told, request.seconds_left)
    answer = certificate_answer(recorded.row, told.store, told.certificate_id, code_of_row(club, recorded.row))
    return Answer(201, answer, recorded.replayed)


def post_certificate_lookup(request: Request) -> Answer:
    from shared.actions.certificates import find_certificate
    from shared.api.certificate_answers import certificate_found
    from shared.domain.certificates import CodeAsked

    found = find_certificate(opening.club(), Caller.of(request.caller), request.body(CodeAsked))
    return Answer(200, certificate_found(found.account, found.today))


def post_certificate_print(request: Request) -> Answer:
    from shared.actions.certificates import find_certificate
    from shared.api.certificate_answers import certificate_printed
    from shared.api.coupon_answers import PAGES
    from shared.api.pages import language_asked
    from shared.domain.certificates import CertificatePrinted
    from shared.domain.sentences import Speaker

    told, club = request.body(CertificatePrinted), opening.club()
    book = club.laws.at(club.now())
    speaker = Speaker(book, language_asked({"language": told.language} if told.language is not None else {}, book))
    found = find_certificate(club, Caller.of(request.caller), told)
    return Answer(200, certificate_printed(found.account, found.today, told, speaker), page=PAGES[told.format])


def post_coupon(request: Request) -> Answer:
    from shared.actions.validate_coupon import validate_coupon
    from shared.api.coupon_answers import coupon_answer
    from shared.domain.coupon_asked import CouponAsked

    found = validate_coupon(opening.club(), Caller.of(request.caller), request.body(CouponAsked))
    row, offered = found.quoted or (None, None)
    return Answer(200, coupon_answer(found.account, found.coupon, found.rule, found.book, row, offered))


def _return(row: Row, store: str, return_id: str) -> ReturnAnswer:
    from shared.api.entries import purchase_id_of
    from shared.api.return_answers import return_answer

    book = opening.club().laws.version(int(row["v"]))
    return return_answer(row, store, return_id, purchase_id_of(row), book)


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
handler = metered(log, logged)(
    lambda_handler(
        "purchase",
        {
            "POST /v1/purchases": post_purchase,
            "POST /v1/quotes": post_quote,
            "POST /v1/returns": post_return,
            "GET /v1/returns": get_returns,
            "GET /v1/returns/{store}/{return_id}": get_return,
            "POST /v1/redemptions": post_redemption,
            "POST /v1/redemptions/{redemption_id}/capture": post_capture,
            "POST /v1/redemptions/{redemption_id}/void": post_void,
            "POST /v1/redemptions/{redemption_id}/reverse": post_reversal,
            "POST /v1/certificates": post_certificate,
            "POST /v1/certificates/lookup": post_certificate_lookup,
            "POST /v1/certificates/print": post_certificate_print,
            "POST /v1/coupons/validate": post_coupon,
            "POST /v1/events": post_event,
            "GET /v1/purchases/{store}/{purchase_id}": get_purchase,
        },
    )
)
