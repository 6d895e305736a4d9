"""Members, through a storefront: join, balance, statement, look-up, and the club's rules for people."""

from __future__ import annotations

from shared.actions import opening
from shared.actions.caller import Caller
from shared.actions.enrol_member import enrol_member
from shared.actions.find_member import account_of, find_member
from shared.actions.metered import metered
from shared.actions.read_rewards import rewards_held
from shared.actions.read_statement import LIMIT_DEFAULT, LIMIT_MAX, read_statement
from shared.api.member_answers import join_answer, member_answer, rules_answer, statement_answer
from shared.api.pages import language_asked, page_asked
from shared.api.resolver import IDEMPOTENCY_KEY_LENGTH_MAX, Answer, Request, lambda_handler
from shared.domain.account import Account
from shared.domain.errors import Invalid
from shared.domain.member import Joining, Lookup
from shared.domain.text import clean_id
from shared.observe import log, logged
from shared.store import connection
from shared.store.keys import parts


def post_member(request: Request) -> Answer:
    joining = request.body(Joining)
    enrolled = enrol_member(
        opening.club(), Caller.of(request.caller), _idempotency_key(request), joining, request.seconds_left
    )
    return Answer(201, join_answer(enrolled.row), enrolled.replayed)


def post_lookup(request: Request) -> Answer:
    lookup = request.body(Lookup)
    caller = Caller.of(request.caller)
    return _member(caller, find_member(opening.club(), caller, lookup))


def get_member(request: Request) -> Answer:
    request.query(frozenset())
    caller = Caller.of(request.caller)
    return _member(caller, account_of(opening.club(), caller, request.path("member_id")))


def get_statement(request: Request) -> Answer:
    cursor, limit = page_asked(request, LIMIT_DEFAULT, LIMIT_MAX)
    club = opening.club()
    page = read_statement(club, Caller.of(request.caller), request.path("member_id"), cursor, limit)
    return Answer(
        200,
        statement_answer(
            page.account,
            page.rows,
            page.lapsed,
            page.cursor,
            club.laws.version,
            lambda row: parts(str(row["k"])),
        ),
    )


def get_rewards(request: Request) -> Answer:
    from shared.actions.redemptions import rewards_for
    from shared.api.redemption_answers import rewards_answer

    request.query(frozenset())
    club, caller, member_id = opening.club(), Caller.of(request.caller), request.path("member_id")
    account = account_of(club, caller, member_id)
    return Answer(200, rewards_answer(account, rewards_for(club, caller, member_id), club.laws.at(club.now())))


def get_offers(request: Request) -> Answer:
    from shared.actions.read_offers import offers_for
    from shared.api.coupon_answers import offers_answer

    request.query(frozenset())
    account, found, book = offers_for(opening.club(), Caller.of(request.caller), request.path("member_id"))
    return Answer(200, offers_answer(account, found, book))


def get_messages(request: Request) -> Answer:
    from shared.actions.read_messages import read_messages
    from shared.api.message_answers import messages_answer

    cursor, limit = page_asked(request, LIMIT_DEFAULT, LIMIT_MAX)
    page = read_messages(opening.club(), Caller.of(request.caller), request.path("member_id"), cursor, limit)
    return Answer(200, messages_answer(*page))


def get_coupon_certificate(request: Request) -> Answer:
    from shared.actions.read_offers import coupon_for
    from shared.api.coupon_answers import PAGES, coupon_printed

    known = request.query(frozenset({"format"})).get("format", "html")
    if known not in PAGES:
        raise Invalid("format", f"is none of {', '.join(PAGES)}")
    member_id, coupon = request.path("member_id"), request.path("coupon")
    account, own, book = coupon_for(opening.club(), Caller.of(request.caller), member_id, coupon)
    return Answer(200, coupon_printed(account, own, book, known), page=PAGES[known])


def get_rules(request: Request) -> Answer:
    book = opening.club().laws.at(opening.club().now())
    return Answer(200, rules_answer(book, language_asked(request.query(frozenset({"language"})), book)))


def _member(caller: Caller, account: Account) -> Answer:
    club = opening.club()
    book = club.laws.at(club.now())
    rewards = rewards_held(club, caller.mode, account, book)
    return Answer(200, member_answer(account, club.now().astimezone(book.zone).date(), book, rewards))


def _idempotency_key(request: Request) -> str:
    """The header that makes joining once; a person has no natural id."""
    given = request.header("idempotency-key")
    if given is None:
        raise Invalid("Idempotency-Key", "is missing: send a header that is the same when this request is repeated")
    try:
        return clean_id(given, IDEMPOTENCY_KEY_LENGTH_MAX)
    except ValueError as fault:
        raise Invalid("Idempotency-Key", str(fault)) from None


def post_zone(request: Request) -> Answer:
    from shared.actions.move_member import move_member
    from shared.api.member_answers import moved_answer
    from shared.domain.clocks import Moving

    moving = request.body(Moving)
    moved = move_member(opening.club(), Caller.of(request.caller), request.path("member_id"), moving)
    return Answer(200, moved_answer(moved, moving.zone))


def post_device(request: Request) -> Answer:
    from shared.actions.devices import register_device
    from shared.actions.wiring import endpoint_for
    from shared.api.device_answers import device_answer
    from shared.domain.devices import Device

    device = request.body(Device)
    caller = Caller.of(request.caller)
    return Answer(
        201, device_answer(*register_device(opening.club(), caller, request.path("member_id"), device, endpoint_for))
    )


def post_forgotten_device(request: Request) -> Answer:
    from shared.actions.devices import forget_device
    from shared.api.device_answers import forgotten_answer
    from shared.domain.devices import Device

    device = request.body(Device)
    forget_device(opening.club(), Caller.of(request.caller), request.path("member_id"), device)
    return Answer(200, forgotten_answer(device.id))


connection.dynamodb()
handler = metered(log, logged)(
    lambda_handler(
        "member",
        {
            "POST /v1/members": post_member,
            "POST /v1/members/lookup": post_lookup,
            "GET /v1/members/{member_id}": get_member,
            "GET /v1/members/{member_id}/statement": get_statement,
            "GET /v1/members/{member_id}/rewards": get_rewards,
            "GET /v1/members/{member_id}/offers": get_offers,
            "GET /v1/members/{member_id}/messages": get_messages,
            "GET /v1/members/{member_id}/offers/{coupon}/certificate": get_coupon_certificate,
            "POST /v1/members/{member_id}/zone": post_zone,
            "POST /v1/members/{member_id}/devices": post_device,
            "POST /v1/members/{member_id}/devices/forget": post_forgotten_device,
            "GET /v1/programme/rules": get_rules,
        },
    )
)
