"""People who work here: a member as staff see one, and what they do by hand. Which groups may do what: `STAFF_ROUTES`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from shared.actions import adjust_balance, opening
from shared.actions.extend_points import extend_points, reinstate_points
from shared.actions.find_member import account_of
from shared.actions.merge_members import merge_members
from shared.actions.metered import metered
from shared.actions.read_rewards import rewards_held
from shared.actions.read_statement import LIMIT_DEFAULT, LIMIT_MAX, read_statement
from shared.actions.recording import Recorded
from shared.actions.staff import Staff
from shared.api.member_answers import member_answer, statement_answer
from shared.api.pages import language_asked, limit_asked, page_asked
from shared.api.resolver import Answer, Handler, Request, lambda_handler
from shared.api.routes import STAFF_ROUTES
from shared.api.staff_answers import staff_answer, staff_posted, waiting_told
from shared.domain.errors import GroupNotAllowed, Invalid, MonthOpen, ReportUnknown
from shared.domain.ledger import Row
from shared.domain.purchase import ID_LENGTH_MAX
from shared.domain.reports import CHAPTERS, Report
from shared.domain.sentences import Speaker
from shared.domain.staff_requests import Adjustment, Deciding, Extension, Merge, Reinstatement, Stopping, Switching
from shared.domain.text import clean_id
from shared.domain.voice import RIGHT_TO_LEFT
from shared.observe import log, logged
from shared.store import connection
from shared.store.keys import parts

# Adjustments that wait are few: a page of them is all of them, nearly always.
WAITING_DEFAULT = 100
# Counts are asked for of so many days, when nothing else is said.
DAYS_DEFAULT = 30

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


def get_messages(request: Request, staff: Staff) -> Answer:
    from shared.actions.read_messages import read_messages
    from shared.api.message_answers import messages_answer

    cursor, limit = page_asked(request, LIMIT_DEFAULT, LIMIT_MAX)
    page = read_messages(opening.club(), staff.caller, request.path("member_id"), cursor, limit)
    return Answer(200, messages_answer(*page))


def post_adjustment(request: Request, staff: Staff) -> Answer:
    told = request.body(Adjustment)
    recorded = adjust_balance.ask_adjustment(opening.club(), staff, told, request.seconds_left)
    return _posted(recorded, told.adjustment_id)


def get_adjustments(request: Request, staff: Staff) -> Answer:
    query, club = request.query(frozenset({"limit"})), opening.club()
    rows = adjust_balance.waiting_adjustments(club, staff, limit_asked(query, WAITING_DEFAULT, WAITING_DEFAULT))
    book = club.laws.at(club.now())
    return Answer(200, {"adjustments": [waiting_told(row, _named(row), book) for row in rows]})


def post_approval(request: Request, staff: Staff) -> Answer:
    named = _adjustment_id(request)
    request.body(Deciding)
    return _posted(adjust_balance.approve_adjustment(opening.club(), staff, named, request.seconds_left), named)


def post_refusal(request: Request, staff: Staff) -> Answer:
    named = _adjustment_id(request)
    request.body(Deciding)
    return _posted(adjust_balance.refuse_adjustment(opening.club(), staff, named), named)


def post_extension(request: Request, staff: Staff) -> Answer:
    told = request.body(Extension)
    return _posted(extend_points(opening.club(), staff, told, request.seconds_left), told.extension_id)


def post_reinstatement(request: Request, staff: Staff) -> Answer:
    told = request.body(Reinstatement)
    return _posted(reinstate_points(opening.club(), staff, told, request.seconds_left), str(told.sequence))


def post_merge(request: Request, staff: Staff) -> Answer:
    told = request.body(Merge)
    return _posted(merge_members(opening.club(), staff, told, request.seconds_left), told.merge_id)


def get_marketing(request: Request, staff: Staff) -> Answer:
    from shared.actions.stop_marketing import marketing_of
    from shared.api.marketing_answers import marketing_answer

    request.query(frozenset())
    return Answer(200, marketing_answer(*marketing_of(opening.club(), staff.mode).told))


def post_marketing(request: Request, staff: Staff) -> Answer:
    from shared.actions.stop_marketing import set_marketing
    from shared.api.marketing_answers import marketing_answer

    known = set_marketing(opening.club(), staff, request.body(Stopping), request.seconds_left)
    return Answer(200, marketing_answer(*known.told))


def get_automations(request: Request, staff: Staff) -> Answer:
    from shared.actions.count_automations import DAYS_MAX, count_automations
    from shared.api.automation_answers import automations_answer
    from shared.api.days import days_asked

    query, club = request.query(frozenset({"from", "until", "language"})), opening.club()
    book = club.laws.at(club.now())
    first, last = days_asked(query, club.now().astimezone(book.zone).date(), DAYS_DEFAULT, DAYS_MAX)
    speaker = Speaker(book, language_asked(query, book))
    counted = count_automations(club, staff.mode, book, first, last, request.seconds_left)
    return Answer(200, automations_answer(*counted, first, last, speaker))


def post_automation(request: Request, staff: Staff) -> Answer:
    from shared.actions.switch_automation import switch_automation
    from shared.api.automation_answers import automation_answer

    told, club = request.body(Switching), opening.club()
    known = switch_automation(club, staff, request.path("automation_id"), told, request.seconds_left)
    book = club.laws.at(club.now())
    return Answer(200, automation_answer(known, Speaker(book, book.programme.club.languages[0])))


def get_playbooks(request: Request, staff: Staff) -> Answer:
    from shared.actions.read_playbooks import FIRINGS_DEFAULT, FIRINGS_MAX, read_playbooks
    from shared.api.playbook_answers import day_asked, playbooks_answer

    query, club = request.query(frozenset({"on", "limit", "language"})), opening.club()
    book = club.laws.at(club.now())
    day = day_asked(query, club.now().astimezone(book.zone).date())
    limit, speaker = limit_asked(query, FIRINGS_DEFAULT, FIRINGS_MAX), Speaker(book, language_asked(query, book))
    return Answer(200, playbooks_answer(read_playbooks(club, staff.mode, book, day, limit), day, speaker))


def get_dormant_report(request: Request, staff: Staff) -> Answer:
    from shared.actions.find_dormant import find_dormant
    from shared.api.dormant_answers import dormant_answer, dormant_asked, dormant_rows

    query, club = request.query(frozenset({"days", "purchases_min", "format", "language", "cursor"})), opening.club()
    rule, known = dormant_asked(query)
    language = language_asked(query, club.laws.at(club.now()))
    part = find_dormant(club, staff.mode, rule, query.get("cursor"), request.seconds_left)
    if known == "json":
        return Answer(200, dormant_answer(*part, rule))
    from shared.api.sheets import CONTENT_TYPES, csv_of, xlsx_of

    rows = dormant_rows(part.found, part.book, language)
    is_part = part.cursor is not None or "cursor" in query
    name = f"dormant-{part.today.isoformat()}{'-part' if is_part else ''}.{known}"
    if known == "csv":
        return Answer(200, csv_of(rows), page=CONTENT_TYPES["csv"], file=name, cursor=part.cursor)
    sheet = xlsx_of(rows, club.now(), right_to_left=language in RIGHT_TO_LEFT)
    return Answer(200, sheet, page=CONTENT_TYPES["xlsx"], file=name, cursor=part.cursor)


def get_report(request: Request, staff: Staff) -> Answer:
    from shared.api.report_answers import format_asked, report_answer, report_sheets

    named, club = request.path("report"), opening.club()
    if named not in ("days", *CHAPTERS):
        raise ReportUnknown(field="report", reason=f"is none of days, {', '.join(CHAPTERS)}")
    asked = {"from", "until", "month"} if named == "days" else {"month"}
    query = request.query(frozenset({*asked, "format", "language"}))
    known, language = format_asked(query), language_asked(query, club.laws.at(club.now()))
    report = (_report_of_days if named == "days" else _report_of_month)(request, staff, query)
    if known == "json":
        return Answer(200, report_answer(report))
    from shared.api.sheets import CONTENT_TYPES, csv_of_sheets, xlsx_of_sheets

    sheets, name = report_sheets(report, language), f"{report.name}-{report.first}-{report.last}.{known}"
    if known == "csv":
        return Answer(200, csv_of_sheets(sheets), page=CONTENT_TYPES["csv"], file=name)
    made = xlsx_of_sheets(sheets, club.now(), right_to_left=language in RIGHT_TO_LEFT)
    return Answer(200, made, page=CONTENT_TYPES["xlsx"], file=name)


def _report_of_days(request: Request, staff: Staff, query: Mapping[str, str]) -> Report:
    from shared.actions.read_days import DAYS_MAX, read_days
    from shared.api.days import days_asked, days_of_month, month_asked

    club = opening.club()
    today = club.now().astimezone(club.laws.at(club.now()).zone).date()
    asked = {**days_of_month(month_asked(query, today)), **query} if "month" in query else query
    return read_days(club, staff.mode, *days_asked(asked, today, DAYS_DEFAULT, DAYS_MAX), request.seconds_left)


def _report_of_month(request: Request, staff: Staff, query: Mapping[str, str]) -> Report:
    from shared.api.days import month_asked
    from shared.store.months import chapter_of

    club, named = opening.club(), request.path("report")
    month = month_asked(query, club.now().astimezone(club.laws.at(club.now()).zone).date())
    chapter = chapter_of(club.store.backend, staff.mode, month, named)
    if chapter is None:
        raise MonthOpen(month=month, report=named)
    return chapter.report


def _posted(recorded: Recorded, named: str) -> Answer:
    row, club = recorded.row, opening.club()
    book = club.laws.version(int(row["v"])) if "v" in row else club.laws.at(club.now())
    status = 202 if row["c"] == "waiting" else 201
    return Answer(status, staff_posted(row, named, book), recorded.replayed)


def _adjustment_id(request: Request) -> str:
    try:
        return clean_id(request.path("adjustment_id"), ID_LENGTH_MAX)
    except ValueError as fault:
        raise Invalid("adjustment_id", str(fault)) from None


def _named(row: Row) -> str:
    return str(row["k"]).partition("#")[2]


HANDLERS: dict[str, StaffHandler] = {
    "GET /v1/staff/me": get_staff,
    "GET /v1/staff/members/{member_id}": get_member,
    "GET /v1/staff/members/{member_id}/statement": get_statement,
    "GET /v1/staff/members/{member_id}/messages": get_messages,
    "POST /v1/adjustments": post_adjustment,
    "GET /v1/adjustments": get_adjustments,
    "POST /v1/adjustments/{adjustment_id}/approve": post_approval,
    "POST /v1/adjustments/{adjustment_id}/refuse": post_refusal,
    "POST /v1/extensions": post_extension,
    "POST /v1/reinstatements": post_reinstatement,
    "POST /v1/merges": post_merge,
    "GET /v1/marketing": get_marketing,
    "POST /v1/marketing": post_marketing,
    "GET /v1/automations": get_automations,
    "GET /v1/playbooks": get_playbooks,
    "GET /v1/reports/dormant": get_dormant_report,
    "GET /v1/reports/{report}": get_report,
    "POST /v1/automations/{automation_id}": post_automation,
}


def _for_groups(key: str, handler: StaffHandler) -> Handler:
    """The handler behind its groups: who is in none of them is refused before anything is read."""
    allowed = next(route.groups for route in STAFF_ROUTES if route.key == key)

    def asked(request: Request) -> Answer:
        staff = Staff.of(request.claims)
        if not set(allowed) & set(staff.groups):
            raise GroupNotAllowed(allowed=list(allowed))
        if key.startswith("POST"):
            request.query(frozenset())
        return handler(request, staff)

    return asked


connection.dynamodb()
handler = metered(log, logged)(lambda_handler("office", {key: _for_groups(key, one) for key, one in HANDLERS.items()}))
