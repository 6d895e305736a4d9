"""The examples: one afternoon of a record shop, run in memory on a clock that stands still, and what the club answered."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any, NamedTuple

from club.home import ROOT
from shared.actions.adjust_balance import (
    approve_adjustment,
    ask_adjustment,
    refuse_adjustment,
    waiting_adjustments,
)
from shared.actions.book_expiry import book_expiry
from shared.actions.caller import Caller
from shared.actions.certificates import code_of_row, find_certificate, issue_certificate
from shared.actions.club import Club
from shared.actions.count_automations import count_automations
from shared.actions.devices import forget_device, register_device
from shared.actions.enrol_member import enrol_member
from shared.actions.extend_points import extend_points, reinstate_points
from shared.actions.find_dormant import find_dormant
from shared.actions.find_member import account_of, find_member
from shared.actions.merge_members import merge_members
from shared.actions.move_member import move_member
from shared.actions.read_days import read_days
from shared.actions.read_messages import read_messages
from shared.actions.read_offers import coupon_for, offers_for
from shared.actions.read_playbooks import read_playbooks
from shared.actions.read_statement import LIMIT_DEFAULT, read_statement
from shared.actions.record_event import record_event
from shared.actions.record_purchase import quote_purchase, record_purchase, recorded_purchase
from shared.actions.redemptions import (
    capture_redemption,
    hold_redemption,
    reverse_redemption,
    rewards_for,
    void_redemption,
)
from shared.actions.return_purchase import recorded_return, return_purchase
from shared.actions.staff import Staff
from shared.actions.stop_marketing import marketing_of, set_marketing
from shared.actions.sweep import sweep
from shared.actions.switch_automation import switch_automation
from shared.actions.validate_coupon import validate_coupon
from shared.api import (
    answers,
    automation_answers,
    certificate_answers,
    coupon_answers,
    device_answers,
    dormant_answers,
    marketing_answers,
    member_answers,
    message_answers,
    offer_answers,
    playbook_answers,
    redemption_answers,
    report_answers,
    return_answers,
    staff_answers,
)
from shared.domain.certificates import Certificate, CertificatePrinted, CodeAsked
from shared.domain.clocks import Moving
from shared.domain.coupon_asked import CouponAsked
from shared.domain.decide import ms
from shared.domain.devices import Device
from shared.domain.event import Event
from shared.domain.ledger import Row
from shared.domain.member import Joining, Lookup
from shared.domain.messages import intents_of
from shared.domain.playbooks import Firing
from shared.domain.purchase import Purchase
from shared.domain.purchase_return import Return
from shared.domain.redemption import Capturing, Redemption, Reversing
from shared.domain.said import MARKS, Said
from shared.domain.sentences import Speaker
from shared.domain.staff_requests import Adjustment, Extension, Merge, Reinstatement, Stopping, Switching
from shared.store.keys import parts
from shared.store.laws import Laws, publish
from shared.store.memory import Memory
from shared.store.peppers import Peppers
from shared.store.playbooks import put_firing
from shared.store.post import put_said
from shared.store.store import Store

NOW = datetime(2026, 11, 24, 16, 30, tzinfo=UTC)
CALLER = Caller("main", "live", "example")
# Not an id that the club would give: Cognito made it.
STAFF = Staff("5d1c3c52-7f0e-4a53-9b1c-6f3a1e0b7d42", ("manager",))
FINANCE = Staff("c0a5f6de-3d6b-4f0c-8a57-2b8d9c1e4f60", ("finance",))
_PEPPERS = json.dumps([{"version": 1, "secret": "5e" * 32}])


class Asked(NamedTuple):
    """One request. `parameters` holds those of the path, the query and the headers."""

    parameters: Mapping[str, str]
    body: dict[str, Any] | None = None


_PURCHASE = {
    "store": "main",
    "purchase_id": "A-1001",
    "card": "C-2044",
    "occurred_at": "2026-11-02T11:25:00-05:00",
    "currency": "USD",
    "channel": "store",
    "lines": [
        {"sku": "LP-77", "category": "vinyl", "quantity": 2, "amount_minor": 7_000},
        {"sku": "PO-12", "category": "poster", "amount_minor": 4_500, "discount_minor": 500},
    ],
    "tax_minor": 976,
    "total_minor": 11_976,
}
_MEMBER = {"member_id": "M0000000000000001"}
# Who bought often, and then did not.
_DORMANT = {"member_id": "M0000000000000003"}

_MOVING = {"zone": "America/Los_Angeles"}
_PHONE = {"platform": "fcm", "token": "d7Xk2mQyT0uVn5cPz1aB:APA91bF"}
REQUESTS: dict[str, Asked] = {
    "join_member": Asked(
        {"Idempotency-Key": "form-7731"},
        {
            "name": "Dana Levi",
            "card": "C-2044",
            "email": "dana@example.com",
            "birthday": {"month": 4, "day": 17},
            "language": "en",
            "consents": [{"kind": "email_marketing", "granted": True, "text_version": "2026-01"}],
            "source": "till",
            "joined_at": "2026-03-01T12:00:00-05:00",
        },
    ),
    "find_member": Asked({}, {"card": "C-2044"}),
    "quote_purchase": Asked({}, _PURCHASE),
    "record_purchase": Asked({}, _PURCHASE),
    "get_purchase": Asked({"store": "main", "purchase_id": "A-1001"}),
    "record_event": Asked(
        {},
        {
            "store": "main",
            "kind": "review",
            "source_id": "R-501",
            "card": "C-2044",
            "occurred_at": "2026-11-24T11:28:00-05:00",
        },
    ),
    "hold_redemption": Asked(
        {}, {"store": "main", "redemption_id": "RD-1001", "card": "C-2044", "units": 120, "total_minor": 4_000}
    ),
    "capture_redemption": Asked({"redemption_id": "RD-1001"}, {"units": 110, "purchase_id": "A-1002"}),
    "reverse_redemption": Asked({"redemption_id": "RD-1001"}, {"reversal_id": "B-1", "units": 109}),
    "void_redemption": Asked({"redemption_id": "RD-1002"}, {}),
    "issue_certificate": Asked(
        {}, {"store": "main", "certificate_id": "GC-1001", "amount_minor": 5_000, "currency": "USD"}
    ),
    "find_certificate": Asked({}, {"code": "6SXE-MEDB-PHM1"}),
    "print_certificate": Asked({}, {"code": "6SXE-MEDB-PHM1", "language": "en"}),
    "record_return": Asked(
        {},
        {
            "store": "main",
            "return_id": "R-1001",
            "purchase_id": "A-1001",
            "occurred_at": "2026-11-24T11:29:00-05:00",
            "lines": [{"sku": "LP-77", "quantity": 1}],
        },
    ),
    "list_returns": Asked({"state": "parked", "limit": "25"}),
    "get_return": Asked({"store": "main", "return_id": "R-1001"}),
    "get_offers": Asked(_DORMANT),
    "get_messages": Asked(_DORMANT | {"limit": "25"}),
    "get_staff_messages": Asked(_DORMANT | {"limit": "25"}),
    "get_coupon_certificate": Asked(_DORMANT | {"coupon": "win-back-fifth.win-back.2026-11-24", "format": "html"}),
    "validate_coupon": Asked(
        {},
        {
            "store": "main",
            "code": "CSYA-J6NH-DKCH",
            **_DORMANT,
            "purchase": {
                **{name: value for name, value in _PURCHASE.items() if name != "card"},
                "purchase_id": "A-1010",
                "occurred_at": "2026-11-24T11:29:30-05:00",
            },
        },
    ),
    "get_rewards": Asked(_MEMBER),
    "get_member": Asked(_MEMBER),
    "get_statement": Asked(_MEMBER | {"limit": "25"}),
    "move_member": Asked(_MEMBER, _MOVING),
    "register_device": Asked(_MEMBER, _PHONE),
    "forget_device": Asked(_MEMBER, _PHONE),
    "get_rules": Asked({"language": "en"}),
    "get_staff": Asked({}),
    "get_staff_member": Asked(_MEMBER),
    "get_staff_statement": Asked(_MEMBER | {"limit": "25"}),
    "switch_automation": Asked({"automation_id": "win-back"}, {"enabled": False, "reason": "The stock is empty"}),
    "list_automations": Asked({"from": "2026-11-01", "until": "2026-11-30", "language": "en"}),
    "list_playbooks": Asked({"on": "2026-11-21", "limit": "10", "language": "en"}),
    "get_dormant_report": Asked({"days": "60", "purchases_min": "3", "format": "json", "language": "en"}),
    "get_report": Asked(
        {"report": "days", "from": "2026-11-23", "until": "2026-11-24", "format": "json", "language": "en"}
    ),
    "get_marketing": Asked({}),
    "set_marketing": Asked({}, {"stopped": True, "reason": "The letter was wrong"}),
    "adjust_balance": Asked({}, {"adjustment_id": "J-1001", **_MEMBER, "units": 50, "reason": "The parcel was late"}),
    "list_adjustments": Asked({"limit": "25"}),
    "approve_adjustment": Asked({"adjustment_id": "J-1002"}, {}),
    "refuse_adjustment": Asked({"adjustment_id": "J-1003"}, {}),
    "reinstate_points": Asked({}, {**_MEMBER, "sequence": 13, "expires_on": "2027-03-31", "reason": "Goodwill"}),
    "extend_points": Asked(
        {},
        {
            "extension_id": "E-1001",
            **_MEMBER,
            "last_day": "2026-12-20",
            "expires_on": "2027-03-31",
            "reason": "Was ill",
        },
    ),
    "merge_members": Asked(
        {},
        {
            "merge_id": "M-1001",
            "from_member_id": "M0000000000000004",
            "into_member_id": "M0000000000000001",
            "reason": "One person with two cards",
        },
    ),
}


def example_club() -> Club:
    memory, numbers = Memory(), count(1)
    programme = (ROOT / "programmes" / "demo.toml").read_text("utf-8")
    publish(memory, programme, NOW, at_once=True)
    return Club(
        Store(memory),
        Laws(memory, 0),
        Peppers(_PEPPERS),
        now=lambda: NOW,
        new_id=lambda: f"{next(numbers):016d}",
    )


def endpoint_of_example(device: Device) -> str:
    """What SNS would call it."""
    return f"arn:aws:sns:us-east-1:111122223333:endpoint/GCM/club/{device.id}"


def answered() -> dict[str, Any]:
    """What each request of `REQUESTS` is answered, sent in their order."""
    return dict(_afternoon(example_club()))


def _afternoon(club: Club) -> Iterator[tuple[str, Any]]:
    book = club.laws.at(NOW)
    today = NOW.astimezone(book.zone).date()
    joining = Joining.model_validate(REQUESTS["join_member"].body)
    enrolled = enrol_member(club, CALLER, "form-7731", joining, _in_no_hurry)
    yield "join_member", member_answers.join_answer(enrolled.row)
    account = find_member(club, CALLER, Lookup.model_validate(REQUESTS["find_member"].body))
    yield "find_member", member_answers.member_answer(account, today, book)
    bought = Purchase.model_validate(_PURCHASE)
    store, purchase_id = bought.store, bought.purchase_id
    quoted = quote_purchase(club, CALLER, bought)
    quote: Any = answers.purchase_answer(quoted.row, store, purchase_id, book, quote=True)
    assert quoted.offered is not None, "the programme has offers"
    yield "quote_purchase", offer_answers.quoted_offers(quote, quoted.offered, quoted.row, book)
    row = record_purchase(club, CALLER, bought, _in_no_hurry).row
    yield "record_purchase", answers.purchase_answer(row, store, purchase_id, book)
    row = recorded_purchase(club, CALLER, store, purchase_id)
    yield "get_purchase", answers.purchase_answer(row, store, purchase_id, book)
    event = Event.model_validate(REQUESTS["record_event"].body)
    row = record_event(club, CALLER, event, _in_no_hurry).row
    told = {"store": event.store, "kind": event.kind, "source_id": event.source_id}
    yield "record_event", answers.event_answer(row, told, book)  # type: ignore[arg-type]
    yield from _redemptions(club)
    yield from _certificates(club)
    yield from _returns(club)
    yield from _coupons(club)
    moving = Moving.model_validate(_MOVING)
    yield "move_member", member_answers.moved_answer(move_member(club, CALLER, account.id, moving), moving.zone)
    phone = Device.model_validate(_PHONE)
    registered = register_device(club, CALLER, account.id, phone, endpoint_of_example)
    yield "register_device", device_answers.device_answer(*registered)
    forget_device(club, CALLER, account.id, phone)
    yield "forget_device", device_answers.forgotten_answer(phone.id)
    offered = rewards_for(club, CALLER, account.id)
    yield "get_rewards", redemption_answers.rewards_answer(account_of(club, CALLER, account.id), offered, book)
    for name in ("get_member", "get_staff_member"):
        yield name, member_answers.member_answer(account_of(club, CALLER, account.id), today, book)
    page = read_statement(club, CALLER, account.id, None, LIMIT_DEFAULT)
    for name in ("get_statement", "get_staff_statement"):
        yield (
            name,
            member_answers.statement_answer(
                page.account, page.rows, page.lapsed, page.cursor, club.laws.version, lambda row: parts(str(row["k"]))
            ),
        )
    yield from _switches(club)
    yield from _by_hand(club)
    yield "get_staff", staff_answers.staff_answer(STAFF.actor, STAFF.groups)
    yield "get_rules", member_answers.rules_answer(book, "en")


def _returns(club: Club) -> Iterator[tuple[str, Any]]:
    """One record comes back; of a purchase that nobody reported, another waits."""
    told = Return.model_validate(REQUESTS["record_return"].body)
    early = told.model_copy(update={"return_id": "R-1002", "purchase_id": "A-0999"})
    waits = return_purchase(club, CALLER, early, _in_no_hurry)
    parked = return_answers.parked_answer(waits.row, "main", "R-1002", "A-0999")
    yield "record_return, waiting", parked
    yield "list_returns", {"returns": [parked]}
    return_purchase(club, CALLER, told, _in_no_hurry)
    row = recorded_return(club, CALLER, "main", "R-1001")
    for name in ("record_return", "get_return"):
        yield name, return_answers.return_answer(row, "main", "R-1001", "A-1001", club.laws.version(1))


def pages_of(printed: Callable[[str], str]) -> dict[str, str]:
    """What is printed, in each way it can be asked for, by media type."""
    return {kind.partition(";")[0]: printed(name) for name, kind in coupon_answers.PAGES.items()}


def _certificates(club: Club) -> Iterator[tuple[str, Any]]:
    """A gift certificate is sold, and asked for what is on it."""
    told = Certificate.model_validate(REQUESTS["issue_certificate"].body)
    row = issue_certificate(club, CALLER, told, _in_no_hurry).row
    code = code_of_row(club, row)
    yield "issue_certificate", certificate_answers.certificate_answer(row, told.store, told.certificate_id, code)
    found = find_certificate(club, CALLER, CodeAsked.model_validate(REQUESTS["find_certificate"].body))
    yield "find_certificate", certificate_answers.certificate_found(found.account, found.today)
    asked = CertificatePrinted.model_validate(REQUESTS["print_certificate"].body)
    yield (
        "print_certificate",
        pages_of(
            lambda kind: certificate_answers.certificate_printed(
                found.account,
                found.today,
                asked.model_copy(update={"format": kind}),
                Speaker(club.laws.version(1), "en"),
            )
        ),
    )


def coupon_given(club: Club) -> None:
    """The clock wins a member back who bought three times in September."""
    told = {
        "name": "Noa",
        "card": "C-2046",
        "language": "en",
        "source": "till",
        "joined_at": "2026-06-01T12:00:00-04:00",
    }
    enrol_member(club, CALLER, "form-7733", Joining.model_validate(told), _in_no_hurry)
    for number in range(3):
        told = {
            "purchase_id": f"A-09{number}",
            "card": "C-2046",
            "occurred_at": f"2026-09-2{number + 1}T12:00:00-04:00",
        }
        record_purchase(club, CALLER, Purchase.model_validate(_PURCHASE | told), _in_no_hurry)
    sweep(club, CALLER.mode, [club.now().astimezone(club.laws.latest().zone).date()], _in_no_hurry)


def messages_said(club: Club) -> None:
    """What the clock wrote to the member went by e-mail, and was opened."""
    for row in club.store.backend.scanned("ledger"):
        for intent in intents_of(row) if "ms" in row and row["a"] == _DORMANT["member_id"] else ():
            at = intent.created_ms
            said = Said(intent, channel="email", unknown={MARKS: {"delivered": at + 90_000, "opened": at + 1_800_000}})
            club.store.backend.write([put_said(said.decided(intent.created, "SENT", "allowed"), intent.created.date())])


def playbook_fired(club: Club) -> None:
    """Purchases fell, and what was decided for that was done."""
    done = ("the budget of time-to-buy-again is raised from 20,000 to 25,000",)
    closed_at = datetime(2026, 11, 20, 10, 30, tzinfo=UTC)
    firing = Firing("fewer-come-back", date(2026, 11, 19), ms(closed_at), 1, {"trend.purchases": "fall"}, done)
    club.store.backend.write([put_firing(CALLER.mode, firing, closed_at)])


def _coupons(club: Club) -> Iterator[tuple[str, Any]]:
    coupon_given(club)
    account, found, book = offers_for(club, CALLER, _DORMANT["member_id"])
    yield "get_offers", coupon_answers.offers_answer(account, found, book)
    messages_said(club)
    for name in ("get_messages", "get_staff_messages"):
        page = read_messages(club, CALLER, _DORMANT["member_id"], None, LIMIT_DEFAULT)
        yield name, message_answers.messages_answer(*page)
    account, own, book = coupon_for(
        club, CALLER, _DORMANT["member_id"], REQUESTS["get_coupon_certificate"].parameters["coupon"]
    )
    yield "get_coupon_certificate", pages_of(lambda kind: coupon_answers.coupon_printed(account, own, book, kind))
    asked = CouponAsked.model_validate(REQUESTS["validate_coupon"].body)
    known = validate_coupon(club, CALLER, asked)
    assert known.quoted is not None, "the example asks with a purchase"
    yield (
        "validate_coupon",
        coupon_answers.coupon_answer(known.account, known.coupon, known.rule, known.book, *known.quoted),
    )


def _switches(club: Club) -> Iterator[tuple[str, Any]]:
    """An automation is switched off, the dormant are reported; marketing goes, and is stopped."""
    book, told = club.laws.version(1), REQUESTS["switch_automation"]
    speaker, switching = Speaker(book, "en"), Switching.model_validate(told.body)
    known = switch_automation(club, STAFF, told.parameters["automation_id"], switching, _in_no_hurry)
    yield "switch_automation", automation_answers.automation_answer(known, speaker)
    first, last = (date.fromisoformat(REQUESTS["list_automations"].parameters[name]) for name in ("from", "until"))
    counted = count_automations(club, STAFF.mode, book, first, last, _in_no_hurry)
    yield "list_automations", automation_answers.automations_answer(*counted, first, last, speaker)
    playbook_fired(club)
    day, limit = (REQUESTS["list_playbooks"].parameters[name] for name in ("on", "limit"))
    shown = read_playbooks(club, STAFF.mode, book, date.fromisoformat(day), int(limit))
    yield "list_playbooks", playbook_answers.playbooks_answer(shown, date.fromisoformat(day), speaker)
    rule, _ = dormant_answers.dormant_asked(REQUESTS["get_dormant_report"].parameters)
    part = find_dormant(club, STAFF.mode, rule, None, _in_no_hurry)
    yield "get_dormant_report", dormant_answers.dormant_answer(*part, rule)
    first, last = (date.fromisoformat(REQUESTS["get_report"].parameters[name]) for name in ("from", "until"))
    yield "get_report", report_answers.report_answer(read_days(club, STAFF.mode, first, last, _in_no_hurry))
    yield "get_marketing", marketing_answers.marketing_answer(*marketing_of(club, STAFF.mode).told)
    stopping = Stopping.model_validate(REQUESTS["set_marketing"].body)
    marketing = set_marketing(club, STAFF, stopping, _in_no_hurry)
    yield "set_marketing", marketing_answers.marketing_answer(*marketing.told)


def _redemptions(club: Club) -> Iterator[tuple[str, Any]]:
    """Points pay for a part of the next purchase; another hold is given back."""
    book = club.laws.version(1)
    told = Redemption.model_validate(REQUESTS["hold_redemption"].body)
    capturing = Capturing.model_validate(REQUESTS["capture_redemption"].body)
    reversing = Reversing.model_validate(REQUESTS["reverse_redemption"].body)
    row = hold_redemption(club, CALLER, told, _in_no_hurry).row
    yield "hold_redemption", redemption_answers.redemption_answer(row, "main", "RD-1001", "held", book)
    row = capture_redemption(club, CALLER, "main", "RD-1001", capturing, _in_no_hurry).row
    yield "capture_redemption", redemption_answers.redemption_answer(row, "main", "RD-1001", "captured", book)
    row = reverse_redemption(club, CALLER, "main", "RD-1001", reversing, _in_no_hurry).row
    yield "reverse_redemption", redemption_answers.redemption_answer(row, "main", "RD-1001", "reversed", book)
    hold_redemption(club, CALLER, told.model_copy(update={"redemption_id": "RD-1002", "units": 100}), _in_no_hurry)
    row = void_redemption(club, CALLER, "main", "RD-1002", _in_no_hurry).row
    yield "void_redemption", redemption_answers.redemption_answer(row, "main", "RD-1002", "void", book)


def _by_hand(club: Club) -> Iterator[tuple[str, Any]]:
    """A small adjustment, a large one that a second person approves, one that is refused, and all else that staff do by hand."""
    book, told = club.laws.version(1), Adjustment.model_validate(REQUESTS["adjust_balance"].body)

    def posted(row: Row, named: str) -> Any:
        return staff_answers.staff_posted(row, named, book)

    yield "adjust_balance", posted(ask_adjustment(club, STAFF, told, _in_no_hurry).row, "J-1001")
    for named in ("J-1002", "J-1003"):
        much = told.model_copy(update={"adjustment_id": named, "units": 2_000})
        row = ask_adjustment(club, STAFF, much, _in_no_hurry).row
    yield "adjust_balance, waiting", posted(row, "J-1003")
    waits = [
        staff_answers.waiting_told(one, str(one["k"]).partition("#")[2], book)
        for one in waiting_adjustments(club, STAFF, 9)
    ]
    yield "list_adjustments", {"adjustments": waits}
    yield "approve_adjustment", posted(approve_adjustment(club, FINANCE, "J-1002", _in_no_hurry).row, "J-1002")
    yield "refuse_adjustment", posted(refuse_adjustment(club, FINANCE, "J-1003").row, "J-1003")
    brought = told.model_copy(
        update={"adjustment_id": "J-1004", "kind": "opening", "units": 700, "expires_on": date(2026, 11, 30)}
    )
    ask_adjustment(club, FINANCE, brought, _in_no_hurry)
    club = replace(club, now=lambda: NOW + timedelta(days=10))
    expiry = book_expiry(club, CALLER, told.member_id, _in_no_hurry)
    assert expiry is not None
    back = Reinstatement.model_validate(REQUESTS["reinstate_points"].body)
    assert expiry["n"] == back.sequence, "the example names the entry that booked it"
    yield "reinstate_points", posted(reinstate_points(club, FINANCE, back, _in_no_hurry).row, str(back.sequence))
    longer = Extension.model_validate(REQUESTS["extend_points"].body)
    short = brought.model_copy(update={"adjustment_id": "J-1005", "expires_on": longer.last_day})
    ask_adjustment(club, FINANCE, short, _in_no_hurry)
    yield "extend_points", posted(extend_points(club, FINANCE, longer, _in_no_hurry).row, "E-1001")
    enrol_member(
        club, CALLER, "form-7732", Joining(name="Dana L.", card="C-2045", language="en", source="till"), _in_no_hurry
    )
    merged = Merge.model_validate(REQUESTS["merge_members"].body)
    yield "merge_members", posted(merge_members(club, FINANCE, merged, _in_no_hurry).row, "M-1001")


def _in_no_hurry() -> float:
    return 60.0
