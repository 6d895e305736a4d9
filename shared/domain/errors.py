"""Every refusal of the club: a state of the world, a stable code, the facts. `shared/api/problems.py` gives each its status.

Refused
├── BodyUnreadable          not JSON as RFC 8259 has it, or not UTF-8: reason
├── BodyTooLarge            more bytes than a request may have
├── ContentTypeForeign      not application/json
├── Invalid                 a field cannot be accepted: field, reason; BeforeJoining
├── Unknown                 MemberUnknown · PurchaseUnknown · ReturnUnknown · CouponUnknown · ProgrammeUnknown · LanguageUnknown
├── Differs                 PurchaseDiffers · EventDiffers · JoinDiffers · ReturnDiffers: the same business key with other content
├── Exceeded                ReturnExceedsPurchase · ReturnWithoutPurchase · ParkedTooMany · TooLate · CodeUnusable
├── PurchaseRepeated        the same purchase again, where the programme refuses that
├── NotAllowed              StoreNotAllowed · MemberNotActive · GroupNotAllowed
├── CursorInvalid           a cursor that was not given out here
├── ContactTaken            this card, phone, e-mail or ID belongs to another member
├── LookupsExhausted        this key asked too often within the minute
└── Busy                    too many writers on one account, or DynamoDB asks for a pause: try again
"""

from __future__ import annotations

from typing import ClassVar

Fact = str | int | bool | None | list[str]


class Refused(Exception):
    """A refusal that the caller can act on. Facts never hold a personal value."""

    code: ClassVar[str] = "refused"
    title: ClassVar[str] = "The request was refused."

    def __init__(self, **facts: Fact) -> None:
        super().__init__(self.title)
        self.facts = facts


class BodyUnreadable(Refused):
    code = "body_unreadable"
    title = "The body is not a JSON object that this club can read."


class BodyTooLarge(Refused):
    code = "body_too_large"
    title = "The body has more bytes than a request may have."


class ContentTypeForeign(Refused):
    code = "content_type_foreign"
    title = "The body must be sent as application/json."


class Invalid(Refused):
    code = "invalid"
    title = "A field of the request cannot be accepted."

    def __init__(self, field: str, reason: str, **facts: Fact) -> None:
        super().__init__(field=field, reason=reason, **facts)


class BeforeJoining(Invalid):
    code = "before_joining"
    title = "This happened before the member joined."


class Unknown(Refused):
    code = "unknown"


class MemberUnknown(Unknown):
    code = "member_unknown"
    title = "No member of this club is known by that."


class PurchaseUnknown(Unknown):
    code = "purchase_unknown"
    title = "No purchase is recorded under this store and id."


class RedemptionUnknown(Unknown):
    code = "redemption_unknown"
    title = "No redemption is recorded under this store and id."


class AdjustmentUnknown(Unknown):
    code = "adjustment_unknown"
    title = "Nobody asked for an adjustment with this id."


class AutomationUnknown(Unknown):
    code = "automation_unknown"
    title = "The programme has no such automation."


class ReportUnknown(Unknown):
    code = "report_unknown"
    title = "There is no such report."


class MonthOpen(Unknown):
    code = "month_open"
    title = "This month has no such report: it is not closed yet, or was before there were any."


class PushNotConfigured(Refused):
    code = "push_not_configured"
    title = "This club has no platform application for phones of this kind."


class DeviceRefused(Refused):
    code = "device_refused"
    title = "Google or Apple does not know this token."


class RewardUnknown(Unknown):
    code = "reward_unknown"
    title = "The programme has no such reward."


class CouponUnknown(Unknown):
    code = "coupon_unknown"
    title = "This member has no such coupon that can be used."


class ReturnUnknown(Unknown):
    code = "return_unknown"
    title = "No return is recorded under this store and id."


class ProgrammeUnknown(Unknown):
    code = "programme_unknown"
    title = "This club has not published a programme yet."


class LanguageUnknown(Unknown):
    code = "language_unknown"
    title = "The programme is not written in this language."


class Differs(Refused):
    code = "differs"


class PurchaseDiffers(Differs):
    code = "purchase_differs"
    title = "This purchase id was recorded before with other content; nothing was changed."


class OffersDiffer(Differs):
    code = "offers_differ"
    title = (
        "This offer takes something else off this purchase, or nothing any more; nothing was recorded: ask for a quote."
    )


class EventDiffers(Differs):
    code = "event_differs"
    title = "This source id was recorded before with other content; nothing was changed."


class RedemptionDiffers(Differs):
    code = "redemption_differs"
    title = "This redemption id was used before with other content; nothing was changed."


class CertificateDiffers(Differs):
    code = "certificate_differs"
    title = "This certificate id was used before with other content; nothing was changed."


class AdjustmentDiffers(Differs):
    code = "adjustment_differs"
    title = "This id was used before for something else that staff did; nothing was changed."


class PurchaseRepeated(Differs):
    code = "purchase_repeated"
    title = "This purchase was recorded before; this club refuses repetitions, and nothing was changed."


class JoinDiffers(Differs):
    code = "idempotency_key_reused"
    title = "This Idempotency-Key was used before with other content; nothing was changed."


class NotAllowed(Refused):
    code = "not_allowed"


class StoreNotAllowed(NotAllowed):
    code = "store_not_allowed"
    title = "This key is bound to another store."


class GroupNotAllowed(NotAllowed):
    code = "group_not_allowed"
    title = "None of your groups may do this."


class SecondPersonNeeded(NotAllowed):
    code = "second_person_needed"
    title = "Who asked for an adjustment cannot approve it."


class MemberNotActive(NotAllowed):
    code = "member_not_active"
    title = "This member is not active."


class CursorInvalid(Refused):
    code = "cursor_invalid"
    title = "This cursor was not given out for this list; start again without one."


class ContactTaken(Refused):
    code = "contact_taken"
    title = "This contact belongs to another member."


class LookupsExhausted(Refused):
    code = "lookups_exhausted"
    title = "This key has looked up too many members within a minute."


class Busy(Refused):
    code = "busy"
    title = "Too many requests change the same account at once; nothing was written. Try again."


class ReturnDiffers(Differs):
    code = "return_differs"
    title = "This return id was recorded before with other content; nothing was changed."


class Exceeded(Refused):
    code = "exceeded"


class PointsInsufficient(Exceeded):
    code = "points_insufficient"
    title = "There are not so many points that can be used; nothing was changed."


class RedemptionExceedsTotal(Exceeded):
    code = "redemption_exceeds_total"
    title = "So many points are worth more than may be paid so; nothing was changed."


class CaptureExceedsHold(Exceeded):
    code = "capture_exceeds_hold"
    title = "More would be taken than is held; nothing was changed."


class CodeUnusable(Exceeded):
    code = "code_unusable"
    title = "With this code nothing can be done now: it is unknown, used up, expired, or another member's."


class CertificateInsufficient(Exceeded):
    code = "certificate_insufficient"
    title = "There is not so much money on this certificate; nothing was changed."


class CertificateUsed(Exceeded):
    code = "certificate_used"
    title = "Of this certificate something was used: it cannot be given back for what it cost."


class CurrencyMismatch(Exceeded):
    code = "currency_mismatch"
    title = "This certificate is of another currency; nothing was changed."


class HoldsExhausted(Exceeded):
    code = "holds_exhausted"
    title = "This member has so many open redemptions that no more can be made."


class RewardRefused(Exceeded):
    code = "reward_refused"
    title = "This reward cannot be taken now; nothing was changed."


class RedemptionEnded(Exceeded):
    code = "redemption_ended"
    title = "This redemption has ended: it was captured, given back, or has lapsed."


class AdjustmentEnded(Exceeded):
    code = "adjustment_ended"
    title = "This adjustment waits no more: it was approved, refused, or has lapsed."


class AutomationDisabled(Exceeded):
    code = "automation_disabled"
    title = "The programme itself has this automation switched off: only a new version switches it on."


class MergeRefused(Exceeded):
    code = "merge_refused"
    title = "These two memberships cannot become one now; nothing was changed."


class ReturnExceedsPurchase(Exceeded):
    code = "return_exceeds_purchase"
    title = "More would be returned than is left of the purchase; nothing was changed."


class ParkedTooMany(Exceeded):
    code = "parked_too_many"
    title = "So many returns wait for this purchase that no more can; report the purchase first."


class ReturnWithoutPurchase(Exceeded):
    code = "return_without_purchase"
    title = "This club takes no return that names no purchase."


class TooLate(Exceeded):
    code = "too_late"
    title = (
        "This happened before what is recorded of the member, and longer ago than the programme lets a report be late."
    )
