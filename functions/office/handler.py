"""People who work here: who am I, and a member as staff see one. Which groups may do what stands in `STAFF_ROUTES`."""

from __future__ import annotations

from collections.abc import Callable

from shared.actions import opening
from shared.actions.find_member import account_of
from shared.actions.read_rewards import rewards_held
from shared.actions.read_statement import LIMIT_DEFAULT, LIMIT_MAX, read_statement
from shared.actions.staff import Staff
from shared.api.member_answers import member_answer, statement_answer
from shared.api.pages import page_asked
from shared.api.resolver import Answer, Handler, Request, lambda_handler
from shared.api.routes import STAFF_ROUTES
from shared.api.staff_answers import staff_answer
from shared.domain.errors import GroupNotAllowed
from shared.store import connection
from shared.store.keys import parts

StaffHandler = Callable[[Request, Staff], Answer]


def get_staff(request: Request, staff: Staff) -> Answer:
    request.query(frozenset())
    return Answer(200, staff_answer(staff.actor, staff.groups))


def get_member(request: Request, staff: Staff) -> Answer:
    request.query(frozenset())
    club = opening.club()
    account = account_of(club, staff.caller, request.path("member_id"))
    book = club.laws.at(club.now())
    rewards = rewards_held(club, staff.mode, account, book)
    return Answer(200, member_answer(account, club.now().astimezone(book.zone).date(), book, rewards))


def get_statement(request: Request, staff: Staff) -> Answer:
    cursor, limit = page_asked(request, LIMIT_DEFAULT, LIMIT_MAX)
    club = opening.club()
    page = read_statement(club, staff.caller, request.path("member_id"), cursor, limit)
    return Answer(
        200,
        statement_answer(
            page.account, page.rows, page.lapsed, page.cursor, club.laws.version, lambda row: parts(str(row["k"]))
        ),
    )


HANDLERS: dict[str, StaffHandler] = {
    "GET /v1/staff/me": get_staff,
    "GET /v1/staff/members/{member_id}": get_member,
    "GET /v1/staff/members/{member_id}/statement": get_statement,
}


def _for_groups(key: str, handler: StaffHandler) -> Handler:
    """The handler behind its groups: who is in none of them is refused before anything is read."""
    allowed = next(route.groups for route in STAFF_ROUTES if route.key == key)

    def asked(request: Request) -> Answer:
        staff = Staff.of(request.claims)
        if not set(allowed) & set(staff.groups):
            raise GroupNotAllowed(allowed=list(allowed))
        return handler(request, staff)

    return asked


connection.dynamodb()
handler = lambda_handler("office", {key: _for_groups(key, one) for key, one in HANDLERS.items()})
