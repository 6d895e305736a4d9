"""What each operation takes and answers: the table beside `shared/api/routes.py`, kept here so that no function loads it."""

from __future__ import annotations

from typing import Any, NamedTuple

from pydantic import BaseModel

from shared.actions.read_playbooks import FIRINGS_DEFAULT, FIRINGS_MAX
from shared.actions.read_statement import LIMIT_DEFAULT, LIMIT_MAX
from shared.api import shapes
from shared.api.resolver import IDEMPOTENCY_KEY_LENGTH_MAX
from shared.domain import errors
from shared.domain.certificates import Certificate, CertificatePrinted, CodeAsked
from shared.domain.clocks import Moving
from shared.domain.coupon_asked import CouponAsked
from shared.domain.devices import Device
from shared.domain.event import Event
from shared.domain.member import Joining, Lookup
from shared.domain.purchase import ID_LENGTH_MAX, Purchase
from shared.domain.purchase_return import Return
from shared.domain.redemption import Capturing, Redemption, Reversing, Voiding
from shared.domain.reports import CHAPTERS
from shared.domain.schema import ID_PATTERN
from shared.domain.staff_requests import Adjustment, Deciding, Extension, Merge, Reinstatement, Stopping, Switching

Json = dict[str, Any]
Refusals = tuple[type[errors.Refused], ...]


class Operation(NamedTuple):
    """One operation: `body` is a model or None, `answer` a shape, `refusals` those that are its own."""

    tag: str
    description: str
    answer: type
    status: int = 200
    body: type[BaseModel] | None = None
    # It is done once, and a repetition is told as the first time.
    once: bool = False
    parameters: tuple[str, ...] = ()
    refusals: Refusals = ()
    # What the answer is, where it is a page and not JSON: its media types, the one that is shown first.
    pages: tuple[str, ...] = ()
    # Media types of the files that it may be told as, instead of JSON.
    files: tuple[str, ...] = ()
    # The answer of 202, where what is asked for may have to wait.
    waiting: type | None = None


# Every request with a body, and every request at all.
OF_A_BODY: Refusals = (errors.BodyUnreadable, errors.BodyTooLarge, errors.ContentTypeForeign, errors.Invalid)
OF_ALL: Refusals = (errors.ProgrammeUnknown, errors.Busy)

_OF_A_REPORT: Refusals = (
    errors.StoreNotAllowed,
    errors.MemberUnknown,
    errors.MemberNotActive,
    errors.BeforeJoining,
    errors.LookupsExhausted,
)

OPERATIONS: dict[str, Operation] = {
    "record_purchase": Operation(
        "purchases",
        "The store and the purchase's own id make it once: sent again with the same content it is answered as the first "
        "time, with other content it is refused. Name the member by one of `member_id`, `card`, `phone`, `email`, or by "
        "none: then it is a guest's and earns nothing.",
        shapes.PurchaseAnswer,
        status=201,
        body=Purchase,
        once=True,
        refusals=(*_OF_A_REPORT, errors.PurchaseDiffers, errors.PurchaseRepeated, errors.OffersDiffer, errors.TooLate),
    ),
    "quote_purchase": Operation(
        "purchases",
        "The same body and arithmetic as recording it, after the club's offers; the answer's `purchase` names them as it "
        "is to be recorded; nothing is written. A purchase that names its offers is asked whether they still hold.",
        shapes.QuoteAnswer,
        body=Purchase,
        refusals=(*_OF_A_REPORT, errors.OffersDiffer, errors.TooLate),
    ),
    "get_purchase": Operation(
        "purchases",
        "A purchase as it was answered when it was recorded.",
        shapes.PurchaseAnswer,
        parameters=("store", "purchase_id"),
        refusals=(errors.Invalid, errors.StoreNotAllowed, errors.PurchaseUnknown),
    ),
    "record_event": Operation(
        "purchases",
        "Once for each store, kind and source id. The kinds are those that the programme declares.",
        shapes.EventAnswer,
        status=201,
        body=Event,
        once=True,
        refusals=(*_OF_A_REPORT, errors.EventDiffers, errors.TooLate),
    ),
    "record_return": Operation(
        "purchases",
        "Of a purchase by `lines`, by `amount_minor`, by both, or whole; any number of parts. It undoes in proportion, under the "
        "rules that the purchase was made under, what the purchase earned and what paid for it. A return that comes before its "
        "purchase is parked (202) and applied when the purchase comes. Without `purchase_id` it names the member and the amount, "
        "and is taken where the programme says so.",
        shapes.ReturnAnswer,
        status=201,
        body=Return,
        once=True,
        waiting=shapes.ParkedReturn,
        refusals=(
            errors.StoreNotAllowed,
            errors.MemberUnknown,
            errors.LookupsExhausted,
            errors.BeforeJoining,
            errors.ReturnDiffers,
            errors.ReturnExceedsPurchase,
            errors.ReturnWithoutPurchase,
            errors.ParkedTooMany,
            errors.TooLate,
        ),
    ),
    "list_returns": Operation(
        "purchases",
        "The store's returns that wait for their purchase: a purchase that was never reported, or one with another id.",
        shapes.ParkedReturns,
        parameters=("state", "limit"),
        refusals=(errors.Invalid,),
    ),
    "get_return": Operation(
        "purchases",
        "A return as it was answered when it was applied.",
        shapes.ReturnAnswer,
        parameters=("store", "return_id"),
        refusals=(errors.Invalid, errors.StoreNotAllowed, errors.ReturnUnknown),
    ),
    "hold_redemption": Operation(
        "redemptions",
        "Points are kept for a `reward` of the programme, or as payment (`units`, with `total_minor` of the quote). Nobody else "
        "can use them until they are captured, given back, or the hold lapses by itself. With the `code` of a gift certificate "
        "it is the certificate's money that is kept.",
        shapes.RedemptionAnswer,
        status=201,
        body=Redemption,
        once=True,
        refusals=(
            errors.StoreNotAllowed,
            errors.MemberUnknown,
            errors.MemberNotActive,
            errors.LookupsExhausted,
            errors.RewardUnknown,
            errors.RewardRefused,
            errors.PointsInsufficient,
            errors.RedemptionExceedsTotal,
            errors.HoldsExhausted,
            errors.CodeUnusable,
            errors.CertificateInsufficient,
            errors.CurrencyMismatch,
            errors.RedemptionDiffers,
        ),
    ),
    "capture_redemption": Operation(
        "redemptions",
        "All that is held, or `units` of it; the rest goes back, or stays held where the programme says so. Where the reward is "
        "a gift certificate, the answer tells its code, and so does each repetition.",
        shapes.RedemptionAnswer,
        status=201,
        body=Capturing,
        once=True,
        parameters=("redemption_id",),
        refusals=(
            errors.RedemptionUnknown,
            errors.RedemptionEnded,
            errors.CaptureExceedsHold,
            errors.RedemptionDiffers,
        ),
    ),
    "void_redemption": Operation(
        "redemptions",
        "What is held goes back into the lots that it was taken from. The body is `{}`.",
        shapes.RedemptionAnswer,
        status=201,
        body=Voiding,
        once=True,
        parameters=("redemption_id",),
        refusals=(errors.RedemptionUnknown, errors.RedemptionEnded),
    ),
    "reverse_redemption": Operation(
        "redemptions",
        "What was captured goes back with the days it had: all that is left of it, or `units`; once for each `reversal_id`.",
        shapes.RedemptionAnswer,
        status=201,
        body=Reversing,
        once=True,
        parameters=("redemption_id",),
        refusals=(
            errors.RedemptionUnknown,
            errors.CaptureExceedsHold,
            errors.CertificateUsed,
            errors.RedemptionDiffers,
        ),
    ),
    "issue_certificate": Operation(
        "redemptions",
        "A gift certificate of `amount_minor`, once for each store and `certificate_id`. The answer tells its code, and so does "
        "each repetition; nobody else can. A member who is named is the one it is made for.",
        shapes.CertificateAnswer,
        status=201,
        body=Certificate,
        once=True,
        refusals=(
            errors.StoreNotAllowed,
            errors.MemberUnknown,
            errors.LookupsExhausted,
            errors.CertificateDiffers,
        ),
    ),
    "find_certificate": Operation(
        "redemptions",
        "What is on the certificate of a code. Codes that are unknown, used up, expired, or of another member's certificate are "
        "all answered alike. A key may ask sixty times a minute.",
        shapes.CertificateFound,
        body=CodeAsked,
        refusals=(errors.CodeUnusable, errors.MemberUnknown, errors.LookupsExhausted),
    ),
    "print_certificate": Operation(
        "redemptions",
        "One page of HTML for print, with what is left on the certificate, its code and its QR code; it needs nothing from "
        "elsewhere. As `svg` the QR code alone. Codes are answered, and counted, as where one is looked up.",
        str,
        body=CertificatePrinted,
        pages=("text/html", "image/svg+xml"),
        refusals=(errors.CodeUnusable, errors.MemberUnknown, errors.LanguageUnknown, errors.LookupsExhausted),
    ),
    "validate_coupon": Operation(
        "purchases",
        "Whether a member's coupon can be used now, what it is, and what it would take off a purchase. Nothing is used up: that "
        "is done by recording a purchase that names the offer, as a quote with this code tells it. Codes that are unknown, used, "
        "expired, or another member's are all answered alike. Of wrong ones a key may try sixty a minute.",
        shapes.CouponAnswer,
        body=CouponAsked,
        refusals=(
            errors.StoreNotAllowed,
            errors.MemberUnknown,
            errors.MemberNotActive,
            errors.BeforeJoining,
            errors.LookupsExhausted,
            errors.CodeUnusable,
            errors.TooLate,
        ),
    ),
    "get_offers": Operation(
        "members",
        "What quotes take off this member's purchases without a code, and the member's own coupons with theirs. A coupon that "
        "was used or has ended is not listed; a code that many share is not told.",
        shapes.OffersAnswer,
        parameters=("member_id",),
        refusals=(errors.Invalid, errors.MemberUnknown),
    ),
    "get_coupon_certificate": Operation(
        "members",
        "One page of HTML in the member's language, for print or to show at a till, with the code and its QR code; it needs "
        "nothing from elsewhere. As `svg` the QR code alone. The code is worth money to this member: no cache keeps the page.",
        str,
        parameters=("member_id", "coupon", "format"),
        pages=("text/html", "image/svg+xml"),
        refusals=(errors.Invalid, errors.MemberUnknown, errors.CouponUnknown),
    ),
    "get_rewards": Operation(
        "members",
        "Every reward with its price for this member, and what stands in the way of taking it.",
        shapes.RewardsAnswer,
        parameters=("member_id",),
        refusals=(errors.Invalid, errors.MemberUnknown),
    ),
    "join_member": Operation(
        "members",
        "A person has no natural id, so the request carries one: the same Idempotency-Key is one joining.",
        shapes.JoinAnswer,
        status=201,
        body=Joining,
        once=True,
        parameters=("Idempotency-Key",),
        refusals=(errors.ContactTaken, errors.JoinDiffers, errors.LookupsExhausted),
    ),
    "find_member": Operation(
        "members",
        "By exactly one contact, as it was typed. A key may ask sixty times a minute.",
        shapes.MemberAnswer,
        body=Lookup,
        refusals=(errors.MemberUnknown, errors.LookupsExhausted),
    ),
    "get_member": Operation(
        "members",
        "What the member has and may use today. No personal value is told.",
        shapes.MemberAnswer,
        parameters=("member_id",),
        refusals=(errors.Invalid, errors.MemberUnknown),
    ),
    "get_statement": Operation(
        "members",
        "Newest first. `next_cursor` leads to the page after; it belongs to this member alone.",
        shapes.StatementAnswer,
        parameters=("member_id", "limit", "cursor"),
        refusals=(errors.Invalid, errors.MemberUnknown, errors.CursorInvalid),
    ),
    "get_messages": Operation(
        "members",
        "Newest first, those included that wait and those that were not sent, each with the reason. `next_cursor` leads to the "
        "page after; it belongs to this member alone.",
        shapes.MessagesAnswer,
        parameters=("member_id", "limit", "cursor"),
        refusals=(errors.Invalid, errors.MemberUnknown, errors.CursorInvalid),
    ),
    "move_member": Operation(
        "members",
        "Quiet hours, Sabbath and holidays are asked of the member's own clock, the one that was told last; without one they are "
        "the club's. What waits already is asked by the new one. Birthdays and all that counts days stay in the club's zone.",
        shapes.MovedAnswer,
        parameters=("member_id",),
        body=Moving,
        refusals=(errors.MemberUnknown,),
    ),
    "register_device": Operation(
        "members",
        "The club's app tells the token that Google (`fcm`) or Apple (`apns`; `apns_sandbox` of an app under test) gave it, each "
        "time it starts. Messages are pushed to the phone told of last, to who agreed to them (`push_marketing`). The same token "
        "again is the same phone; of more than five the one told longest ago is forgotten.",
        shapes.DeviceAnswer,
        parameters=("member_id",),
        body=Device,
        status=201,
        refusals=(errors.MemberUnknown, errors.PushNotConfigured, errors.DeviceRefused),
    ),
    "forget_device": Operation(
        "members",
        "When somebody signs out, or switches pushes off. A phone that was not known is forgotten as well.",
        shapes.DeviceForgotten,
        parameters=("member_id",),
        body=Device,
        refusals=(errors.MemberUnknown,),
    ),
    "get_rules": Operation(
        "programme",
        "The programme in force, as sentences that are made from the rules themselves.",
        shapes.RulesAnswer,
        parameters=("language",),
        refusals=(errors.Invalid, errors.LanguageUnknown),
    ),
    "get_staff": Operation(
        "staff",
        "The person by the id that entries name, the person's groups, and the operations that these open.",
        shapes.StaffAnswer,
        refusals=(errors.Invalid,),
    ),
    "get_staff_member": Operation(
        "staff",
        "What the member has and may use today, of the club's own members alone. No personal value is told.",
        shapes.MemberAnswer,
        parameters=("member_id",),
        refusals=(errors.Invalid, errors.MemberUnknown),
    ),
    "get_staff_statement": Operation(
        "staff",
        "Newest first, the same entries that a storefront reads.",
        shapes.StatementAnswer,
        parameters=("member_id", "limit", "cursor"),
        refusals=(errors.Invalid, errors.MemberUnknown, errors.CursorInvalid),
    ),
    "get_staff_messages": Operation(
        "staff",
        "Newest first, the same messages that a storefront reads.",
        shapes.MessagesAnswer,
        parameters=("member_id", "limit", "cursor"),
        refusals=(errors.Invalid, errors.MemberUnknown, errors.CursorInvalid),
    ),
    "adjust_balance": Operation(
        "staff",
        "Once for each `adjustment_id`, with a reason that the member can read. More than one person may give or take, at once "
        "or in a day, waits for a second person (202): nothing moves until somebody else approves it, within 14 days. "
        "An `opening` is a balance that the member brings along from another system.",
        shapes.StaffPosted,
        status=201,
        body=Adjustment,
        once=True,
        waiting=shapes.StaffPosted,
        refusals=(errors.MemberUnknown, errors.PointsInsufficient, errors.AdjustmentDiffers),
    ),
    "list_adjustments": Operation(
        "staff",
        "Those that wait for a second person, those that have waited longest first.",
        shapes.AdjustmentsWaiting,
        parameters=("limit",),
        refusals=(errors.Invalid,),
    ),
    "approve_adjustment": Operation(
        "staff",
        "Somebody else than who asked lets it be done. The body is `{}`.",
        shapes.StaffPosted,
        status=201,
        body=Deciding,
        once=True,
        parameters=("adjustment_id",),
        refusals=(
            errors.AdjustmentUnknown,
            errors.AdjustmentEnded,
            errors.SecondPersonNeeded,
            errors.MemberUnknown,
            errors.PointsInsufficient,
        ),
    ),
    "refuse_adjustment": Operation(
        "staff",
        "It is not done, and waits no more. The body is `{}`.",
        shapes.StaffPosted,
        status=201,
        body=Deciding,
        once=True,
        parameters=("adjustment_id",),
        refusals=(errors.AdjustmentUnknown, errors.AdjustmentEnded),
    ),
    "extend_points": Operation(
        "staff",
        "Open points get a later last day: those of `last_day`, or all that would lapse before `expires_on`.",
        shapes.StaffPosted,
        status=201,
        body=Extension,
        once=True,
        refusals=(errors.MemberUnknown, errors.AdjustmentDiffers),
    ),
    "reinstate_points": Operation(
        "staff",
        "What the member's entry `sequence` booked as lapsed comes back, once.",
        shapes.StaffPosted,
        status=201,
        body=Reinstatement,
        once=True,
        refusals=(errors.MemberUnknown, errors.AdjustmentDiffers),
    ),
    "merge_members": Operation(
        "staff",
        "All that `from_member_id` has moves to `into_member_id`, lots with their own days. What is told of the first afterwards "
        "lands on the second: by its id, its card, its phone.",
        shapes.StaffPosted,
        status=201,
        body=Merge,
        once=True,
        refusals=(errors.MemberUnknown, errors.MergeRefused, errors.AdjustmentDiffers),
    ),
    "get_marketing": Operation(
        "staff",
        "What stops marketing holds back what is advertising alone: receipts, codes and service messages go on.",
        shapes.MarketingAnswer,
        refusals=(errors.Invalid,),
    ),
    "list_automations": Operation(
        "staff",
        "Counts of the last 30 days, or from `from` until `until`, 366 of them at most. Who was due is counted on the club's "
        "civil day on which it was recorded; messages, and what their provider tells of them, on that on which they were asked "
        "for. What a message cost is counted where its sending was heard to end. Not counted here: "
        "automations and campaigns that the programme in force no longer has.",
        shapes.AutomationsAnswer,
        parameters=("from", "until", "language"),
        refusals=(errors.Invalid, errors.LanguageUnknown),
    ),
    "switch_automation": Operation(
        "staff",
        "What is switched off is due for nobody from the next part of the sweep on, and from the next thing that happens; a "
        "message of it that waits expires as `no_longer_due`, within 15 seconds. What was given stays given. It cannot switch on "
        "what the programme itself has switched off. The same again changes nothing.",
        shapes.AutomationState,
        body=Switching,
        parameters=("automation_id",),
        refusals=(errors.AutomationUnknown, errors.AutomationDisabled),
    ),
    "list_playbooks": Operation(
        "staff",
        "Each playbook of the programme in force, what it came to by the figures of a closed day, and the last times it was done:"
        " the day, what its condition read, what was done. It is asked when a day is closed, once; this route writes nothing. "
        "`limit` is of the firings of each.",
        shapes.PlaybooksAnswer,
        parameters=("on", "firings_limit", "language"),
        refusals=(errors.Invalid, errors.LanguageUnknown),
    ),
    "get_dormant_report": Operation(
        "staff",
        "Who made at least `purchases_min` purchases within the 365 days until the last one, and none for `days` days. It names "
        "no person: staff open the member. An answer has 5,000 members at most and takes 20 seconds at most, which is tens of "
        "thousands of accounts; where there are more, `next_cursor` (of a file: the header `Next-Cursor`, and `-part` in its "
        "name) leads to the accounts that were not read yet.",
        shapes.DormantAnswer,
        parameters=("days", "purchases_min", "report_format", "language", "cursor"),
        files=("text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        refusals=(errors.Invalid, errors.LanguageUnknown, errors.CursorInvalid),
    ),
    "get_report": Operation(
        "staff",
        "`days`: each figure of each civil day from `from` until `until`, as the day was closed in the morning after it; of a "
        "day that is open still, as it is now. What was told of a closed day later stands by itself, with that day's own "
        "date.\n\n"
        "All others are chapters of a `month` as it was closed on the third day after it; a closed month never changes.",
        shapes.ReportAnswer,
        parameters=("report", "month", "from", "until", "report_format", "language"),
        files=("text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        refusals=(errors.Invalid, errors.LanguageUnknown, errors.ReportUnknown, errors.MonthOpen),
    ),
    "set_marketing": Operation(
        "staff",
        "After 15 seconds at the latest no message of marketing goes. What comes or waits meanwhile is refused, and does not "
        "go later. Letting it go again closes the breaker, too: somebody has looked. The same again changes nothing.",
        shapes.MarketingAnswer,
        body=Stopping,
    ),
}

TAGS: dict[str, str] = {
    "purchases": "Storefronts and tills: what was bought, what a member did, and what it earns.",
    "redemptions": "Points become rewards and payments: held, taken, given back.",
    "members": "Joining, finding, balance and statement.",
    "programme": "The club's law, for people.",
    "staff": "People who work here, each within their groups.",
}

_ID = {"type": "string", "minLength": 1, "maxLength": ID_LENGTH_MAX, "pattern": ID_PATTERN}
PARAMETERS: dict[str, Json] = {
    "store": {
        "in": "path",
        "description": "The store of the key.",
        "schema": {"type": "string", "pattern": r"^[a-z0-9][a-z0-9_-]{0,31}$"},
    },
    "purchase_id": {"in": "path", "description": "The id that the store gave it.", "schema": _ID},
    "redemption_id": {"in": "path", "description": "The id that the store gave it.", "schema": _ID},
    "adjustment_id": {"in": "path", "description": "The id that it was asked for under.", "schema": _ID},
    "automation_id": {
        "in": "path",
        "description": "An automation of the programme in force.",
        "schema": {"type": "string", "pattern": r"^[a-z0-9][a-z0-9-]{0,39}$"},
    },
    "report": {
        "in": "path",
        "description": "Which report.",
        "schema": {"type": "string", "enum": ["days", *CHAPTERS]},
    },
    "month": {
        "in": "query",
        "description": "The civil month; the last one that is over, if it is not written. Of `days` its days, where `from` and "
        "`until` say nothing else.",
        "example": "2026-10",
        "schema": {"type": "string", "pattern": r"^20[0-9]{2}-(0[1-9]|1[0-2])$"},
    },
    "from": {
        "in": "query",
        "description": "The first day, in the club's zone; 30 days with `until`, if it is not written.",
        "schema": {"type": "string", "format": "date"},
    },
    "until": {
        "in": "query",
        "description": "The last day, in the club's zone; today, if it is not written.",
        "schema": {"type": "string", "format": "date"},
    },
    "return_id": {"in": "path", "description": "The id that the store gave it.", "schema": _ID},
    "state": {
        "in": "query",
        "required": True,
        "description": "`parked`: those that wait.",
        "schema": {"type": "string", "enum": ["parked"]},
    },
    "member_id": {
        "in": "path",
        "description": "As joining or finding the member told it.",
        "schema": {"type": "string", "pattern": r"^[MT][0-9A-Z]{16}$"},
    },
    "coupon": {
        "in": "path",
        "description": "As the member's offers name it.",
        "schema": {"type": "string", "pattern": r"^[a-zA-Z0-9.@-]{1,128}$"},
    },
    "format": {
        "in": "query",
        "description": "`html`: the page; `svg`: the QR code alone.",
        "schema": {"type": "string", "enum": ["html", "svg"], "default": "html"},
    },
    "days": {
        "in": "query",
        "description": "Silent for so many days at least.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 3_650, "default": 60},
    },
    "purchases_min": {
        "in": "query",
        "description": "So many purchases make a member who bought often.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 1_000, "default": 3},
    },
    "report_format": {
        "name": "format",
        "in": "query",
        "description": "A file is for people: its money is in the currency's own units, its headings in `language`.",
        "schema": {"type": "string", "enum": ["json", "csv", "xlsx"], "default": "json"},
    },
    "limit": {
        "in": "query",
        "description": "Entries on a page.",
        "schema": {"type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": LIMIT_DEFAULT},
    },
    "on": {
        "in": "query",
        "description": "A day that is over, in the club's zone; yesterday, if it is not written.",
        "schema": {"type": "string", "format": "date"},
    },
    "firings_limit": {
        "name": "limit",
        "in": "query",
        "description": "Firings of each playbook.",
        "schema": {"type": "integer", "minimum": 1, "maximum": FIRINGS_MAX, "default": FIRINGS_DEFAULT},
    },
    "cursor": {
        "in": "query",
        "description": "`next_cursor` of the page before.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 256},
    },
    "language": {
        "in": "query",
        "description": "One of the programme's; the first when none is named.",
        "schema": {"type": "string", "pattern": "^[a-z]{2}$"},
    },
    # A header is ASCII, whatever else an id may be.
    "Idempotency-Key": {
        "in": "header",
        "required": True,
        "description": "The same for every repetition of this request: a random id, or the shop's own of the form.",
        "schema": {
            "type": "string",
            "minLength": 1,
            "maxLength": IDEMPOTENCY_KEY_LENGTH_MAX,
            "pattern": "^[A-Za-z0-9][A-Za-z0-9_.:-]*$",
        },
    },
}
