"""Every refusal as a schema: its status, its stable code and the facts that it names."""

from __future__ import annotations

from typing import Any

from shared.api.problems import INTERNAL, STATUSES, Problem, problem_of
from shared.domain import errors
from shared.domain.reports import CHAPTERS

Json = dict[str, Any]

_TEXT: Json = {"type": "string"}
_WHOLE: Json = {"type": "integer"}
_FIELD: Json = {"type": "string", "description": "The field, with dots between its parts: `lines.0.quantity`."}
_REASON: Json = {
    "type": "string",
    "description": "A sentence that follows the field's name. The value is never repeated.",
}
_TEXTS: Json = {"type": "array", "items": _TEXT}

# The facts of each refusal and an example of them; a name with `?` is not always there.
FACTS: dict[type[errors.Refused], dict[str, tuple[Json, errors.Fact]]] = {
    errors.BodyUnreadable: {
        "reason": (_REASON, "is not JSON: Expecting value"),
        "line?": (_WHOLE, 1),
        "column?": (_WHOLE, 12),
        "field?": (_TEXT, None),
    },
    errors.BodyTooLarge: {"bytes_max": (_WHOLE, 262_144)},
    errors.ContentTypeForeign: {"expected": (_TEXT, "application/json")},
    errors.Invalid: {
        "field": (_FIELD, "lines.0.quantity"),
        "reason": (_REASON, "input should be greater than or equal to 1"),
        "kinds?": (_TEXTS | {"description": "The kinds of activities that the programme has."}, None),
    },
    errors.BeforeJoining: {
        "field": (_FIELD, "occurred_at"),
        "reason": (_REASON, "is before the member joined on 2026-03-01"),
    },
    errors.MemberUnknown: {
        "by": ({"type": "string", "enum": ["member_id", "card", "phone", "email", "id_number"]}, "card")
    },
    errors.PurchaseUnknown: {
        "field": (_FIELD, "purchase_id"),
        "reason": (_REASON, "is of no purchase that this store reported"),
    },
    errors.ReturnUnknown: {
        "field": (_FIELD, "return_id"),
        "reason": (_REASON, "is of no return that this store reported and that was applied"),
    },
    errors.ReturnDiffers: {"store": (_TEXT, "main"), "return_id": (_TEXT, "R-1001")},
    errors.PointsInsufficient: {"requested": (_WHOLE, 500), "available": (_WHOLE, 320)},
    errors.RedemptionUnknown: {
        "field": (_FIELD, "redemption_id"),
        "reason": (_REASON, "is of no redemption of this store"),
    },
    errors.ReportUnknown: {
        "field": (_FIELD, "report"),
        "reason": (_REASON, f"is none of days, {', '.join(CHAPTERS)}"),
    },
    errors.PushNotConfigured: {"platform": (_TEXT, "apns")},
    errors.DeviceRefused: {"platform": (_TEXT, "apns")},
    errors.MonthOpen: {"month": (_TEXT, "2026-11"), "report": (_TEXT, "kpi")},
    errors.AutomationUnknown: {
        "field": (_FIELD, "automation_id"),
        "reason": (_REASON, "is of no automation of the programme"),
    },
    errors.AutomationDisabled: {"automation": (_TEXT, "birthday")},
    errors.RewardUnknown: {"field": (_FIELD, "reward"), "reason": (_REASON, "is no [[reward]] of the programme")},
    errors.RedemptionDiffers: {"store": (_TEXT, "main"), "redemption_id": (_TEXT, "RD-1001")},
    errors.RedemptionExceedsTotal: {"requested": (_WHOLE, 5_000), "payable": (_WHOLE, 1_200)},
    errors.CaptureExceedsHold: {"requested": (_WHOLE, 500), "held": (_WHOLE, 320)},
    errors.CodeUnusable: {},
    errors.CouponUnknown: {
        "field": (_FIELD, "coupon"),
        "reason": (_REASON, "is of no coupon that this member can use"),
    },
    errors.CertificateInsufficient: {"requested": (_WHOLE, 5_000), "available": (_WHOLE, 3_200)},
    errors.CertificateUsed: {"amount_minor": (_WHOLE, 5_000)},
    errors.CurrencyMismatch: {"currency": (_TEXT, "USD")},
    errors.CertificateDiffers: {"store": (_TEXT, "main"), "certificate_id": (_TEXT, "GC-1001")},
    errors.AdjustmentDiffers: {"adjustment_id": (_TEXT, "J-1001")},
    errors.AdjustmentUnknown: {
        "field": (_FIELD, "adjustment_id"),
        "reason": (_REASON, "is of no adjustment that anybody asked for"),
    },
    errors.SecondPersonNeeded: {"adjustment_id": (_TEXT, "J-1001")},
    errors.AdjustmentEnded: {"how": (_TEXT, "refused")},
    errors.MergeRefused: {"why": (_TEXT, "one of them has open redemptions")},
    errors.HoldsExhausted: {"holds_max": (_WHOLE, 8)},
    errors.RewardRefused: {"reward": (_TEXT, "coffee"), "why": (_TEXT, "tier"), "missing?": (_WHOLE, None)},
    errors.RedemptionEnded: {"how": (_TEXT, "lapsed, captured or void")},
    errors.ReturnExceedsPurchase: {
        "purchase_id": (_TEXT, "A-1001"),
        "left_minor": (_WHOLE | {"description": "What of the money is left to be paid back."}, 4_976),
    },
    errors.ReturnWithoutPurchase: {"field": (_FIELD, "purchase_id"), "reason": (_REASON, "is missing")},
    errors.ParkedTooMany: {"purchase_id": (_TEXT, "A-1001"), "parked_max": (_WHOLE, 6)},
    errors.TooLate: {
        "field": (_FIELD, "occurred_at"),
        "late_days": (_WHOLE | {"description": "So many days late the programme lets a report be."}, 92),
    },
    errors.ProgrammeUnknown: {"version?": (_WHOLE, None)},
    errors.LanguageUnknown: {
        "field": (_FIELD, "language"),
        "reason": (_REASON, "is not one that the programme is written in"),
        "languages": (_TEXTS, ["en", "he", "fa"]),
    },
    errors.OffersDiffer: {"offer": (_TEXT, "spring")},
    errors.PurchaseDiffers: {"store": (_TEXT, "main"), "purchase_id": (_TEXT, "A-1001")},
    errors.PurchaseRepeated: {"store": (_TEXT, "main"), "purchase_id": (_TEXT, "A-1001")},
    errors.EventDiffers: {"store": (_TEXT, "main"), "kind": (_TEXT, "review"), "source_id": (_TEXT, "R-501")},
    errors.JoinDiffers: {"idempotency_key": (_TEXT, "form-7731")},
    errors.StoreNotAllowed: {
        "field": (_FIELD, "store"),
        "reason": (_REASON, "is not the store of this key"),
        "allowed": (_TEXT, "main"),
    },
    errors.GroupNotAllowed: {
        "allowed": (_TEXTS | {"description": "The groups that may."}, ["manager", "finance", "owner"])
    },
    errors.MemberNotActive: {"member_id": (_TEXT, "M0000000000000001"), "member_status": (_TEXT, "suspended")},
    errors.CursorInvalid: {
        "field": (_FIELD, "cursor"),
        "reason": (_REASON, "must be the next_cursor of this member's statement, unchanged"),
    },
    errors.ContactTaken: {"field": ({"type": "string", "enum": ["card", "phone", "email", "id_number"]}, "card")},
    errors.LookupsExhausted: {"per_minute": (_WHOLE, 60), "retry_after_s": (_WHOLE, 60)},
    errors.Busy: {"what?": (_TEXT, None)},
}

_REQUEST_ID = "0f8fad5b-d9cb-469f-a165-70867728950e"
INTERNAL_NAME = "InternalProblem"


def status_of(kind: type[errors.Refused]) -> int:
    return next(status for family, status in STATUSES if issubclass(kind, family))


def name_of(kind: type[errors.Refused]) -> str:
    return f"{kind.__name__}Problem"


def schemas() -> Json:
    made = {
        name_of(kind): _schema(
            status_of(kind), kind.code, kind.title, {name: schema for name, (schema, _) in facts.items()}
        )
        for kind, facts in FACTS.items()
    }
    return made | {INTERNAL_NAME: _schema(INTERNAL.status, INTERNAL.code, INTERNAL.title, {})}


def example_of(kind: type[errors.Refused] | None) -> Json:
    """The body of a refusal, made as the door makes it; None: a mistake of ours."""
    problem: Problem = INTERNAL
    if kind is not None:
        given = {name.rstrip("?"): value for name, (_, value) in FACTS[kind].items() if value is not None}
        problem = problem_of(kind(**given))
    return dict(problem.body(_REQUEST_ID))


def _schema(status: int, code: str, title: str, facts: Json) -> Json:
    known: Json = {
        "type": {"type": "string", "const": "about:blank"},
        "title": {"type": "string"},
        "status": {"type": "integer", "const": status},
        "code": {"type": "string", "const": code},
    }
    facts = {**known, **facts, "request_id": {"type": "string", "description": "What to name when asking about it."}}
    return {
        "type": "object",
        "description": title,
        "properties": {name.rstrip("?"): schema for name, schema in facts.items()},
        "required": [name for name in facts if not name.endswith("?")],
        "additionalProperties": False,
    }
