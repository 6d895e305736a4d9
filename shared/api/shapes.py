"""The shapes of our answers. `answers.py` is typed by them and the OpenAPI document is made of them; no function imports them.

A docstring or a description says only what the name does not.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from shared.domain.contact_gate import Purpose
from shared.domain.contact_tables import Channel
from shared.domain.ledger import PostingKind
from shared.domain.messages import State
from shared.domain.money import RoundingMode
from shared.domain.purchase import LineKind
from shared.domain.reasons import Why
from shared.domain.told_messages import ToldReason


def _pattern(pattern: str, example: str, description: str) -> Any:
    return Field(description=description, json_schema_extra={"pattern": pattern, "examples": [example]})


Day = Annotated[str, Field(description="A day in the club's time zone.", json_schema_extra={"format": "date"})]
Instant = Annotated[
    str,
    Field(description="An instant in UTC, to the millisecond.", json_schema_extra={"format": "date-time"}),
]
MemberId = Annotated[
    str, _pattern(r"^[MT][0-9A-Z]{16}$", "M4Z8K1W0Q7R5T2XV", "`M` and 16 characters; `T` for members of test keys.")
]
Hash = Annotated[
    str, _pattern(r"^[0-9a-f]{64}$", "0" * 64, "SHA-256 over this entry and the hash of the member's entry before it.")
]
Units = Annotated[int, Field(description="In the wallet's smallest unit: `decimals` says how many make one.")]
LanguageCode = Annotated[str, Field(json_schema_extra={"pattern": r"^[a-z]{2}$", "examples": ["en"]})]
Decimals = Annotated[int, Field(ge=0, description="Decimal places of the wallet: 2 means that 150 is 1.5.")]
ExactNumber = Annotated[str, Field(description="An exact number as people write it; `…` stands after what goes on.")]
Minor = Annotated[int, Field(description="Money in the minor unit of the currency.")]
CertificateCode = Annotated[
    str,
    _pattern(
        r"^([0-9A-HJKMNP-TV-Z]{4}-){2}[0-9A-HJKMNP-TV-Z]{4}$", "28T5-CY4T-QKFF", "Whoever has it can spend the money."
    ),
]


class LineTold(TypedDict):
    sku: str
    category: str | None
    brand: str | None
    kind: LineKind
    labels: dict[str, str]
    quantity: int
    amount_minor: Minor
    discount_minor: Minor
    offer_minor: NotRequired[Annotated[int, Field(description="The part of the discount that the club's offers gave.")]]
    tax_minor: Minor


class OfferTold(TypedDict):
    """What one of the club's offers takes off a purchase, as the purchase names it when it is recorded."""

    offer: str
    discount_minor: Minor
    free_units: int
    coupon: NotRequired[Annotated[str, Field(description="The coupon that is used, of a personal offer.")]]


class OfferOnLine(TypedDict):
    line: Annotated[int, Field(description="The place of the line in the purchase, from 0 on.")]
    discount_minor: Minor


class OfferApplied(OfferTold):
    """What an offer takes off which line."""

    lines: list[OfferOnLine]
    sentence: str


class OfferNotApplied(TypedDict):
    """An offer that takes nothing off, and why."""

    offer: str
    why: str
    sentence: str


class PurchaseTold(TypedDict):
    """A purchase as it was reported, with what was left out as its default."""

    store: str
    purchase_id: str
    member_id: Annotated[str | None, Field(description="Whose it is; null for a guest's.")]
    occurred_at: Instant
    channel: str | None
    currency: str
    lines: list[LineTold]
    discount_minor: Minor
    shipping_minor: Minor
    tax_minor: Minor
    shipping_tax_minor: Minor
    prices_include_tax: bool
    points_payment_minor: Minor
    stored_value_payment_minor: Minor
    codes: list[str]
    offers: NotRequired[list[OfferTold]]
    total_minor: Minor


class EventTold(TypedDict):
    """An activity as it was reported."""

    store: str
    kind: str
    source_id: str
    member_id: MemberId
    occurred_at: Instant


class EventKey(TypedDict):
    store: str
    kind: str
    source_id: str


class PointsEarned(TypedDict):
    earned: Units
    decimals: Decimals
    usable_from: Annotated[Day | None, Field(description="The first day these points can be used; null for none.")]
    expires_on: Annotated[Day | None, Field(description="The last day of these points; null when they do not expire.")]


class WalletEarned(TypedDict):
    """What a wallet beside the points was given, and what is in it after."""

    wallet: str
    earned: Units
    balance: Units
    decimals: Decimals
    completed: Annotated[int, Field(description="How often the wallet's goal was reached by then.")]
    waiting: Annotated[int, Field(description="Rewards that were reached by this and wait.")]
    waiting_until: Annotated[
        Day | None, Field(description="The first day on which they are the member's own; null for none.")
    ]
    topped_up: NotRequired[
        Annotated[int, Field(description="What was paid for as a top-up, in the wallet's smallest unit.")]
    ]


class AccountAfter(TypedDict):
    """The member's points right after this."""

    balance: Annotated[int, Field(description="`available` and `pending` together.")]
    available: Units
    pending: Units
    tier: str | None


class Rounding(TypedDict):
    mode: RoundingMode
    per: Literal["purchase", "rule", "line"]


class Rate(TypedDict):
    """What the rule gives: points (for each `per_minor`, where it is there), a factor, or a formula."""

    points: NotRequired[ExactNumber]
    per_minor: NotRequired[Minor]
    factor: NotRequired[ExactNumber]
    formula: NotRequired[str]


class FiredRule(TypedDict):
    """A rule that gave points, with the one `basis_…` that it counted."""

    rule: Annotated[str, Field(description="The rule's id; `tier:…`, `cap:…` and `achievement:…` are no rules.")]
    kind: Literal["amount", "purchase", "event", "line", "unit", "product", "formula", "multiply", "cap", "achievement"]
    wallet: str
    basis_minor: NotRequired[int]
    basis_purchases: NotRequired[int]
    basis_events: NotRequired[int]
    basis_lines: NotRequired[int]
    basis_units: NotRequired[int]
    basis_products: NotRequired[int]
    basis_values: NotRequired[int]
    basis_points: NotRequired[int]
    basis_achievements: NotRequired[int]
    rate: Rate
    points: Annotated[str, Field(description="Before rounding, exact; `…` stands after what goes on.")]
    cap: int | None
    uncapped: Annotated[str | None, Field(description="What it would have given without its cap, where that bit.")]
    sentence: str


class SilentRule(TypedDict):
    """A rule that gave nothing, and why."""

    rule: str
    why: Why
    condition: Annotated[str | None, Field(description="The part of the rule's condition that did not hold.")]
    observed: Annotated[list[int | str | bool], Field(description="What the names in the condition were.")]
    sentence: str


class Explanation(TypedDict):
    """Why, rule by rule, in the member's language."""

    language: LanguageCode
    programme_version: int
    rounding: Rounding
    fired: list[FiredRule]
    not_fired: list[SilentRule]
    total: list[str]
    tier: NotRequired[Annotated[str | None, Field(description="The tier that this was decided under.")]]


class PointsEntry(TypedDict):
    """The entry of the ledger that this made."""

    sequence: int
    points: Units
    balance: Annotated[int, Field(description="All points ever posted, lapsed ones not yet booked included.")]
    hash: Hash


class EntryMade(TypedDict):
    entry: NotRequired[
        Annotated[PointsEntry, Field(description="Absent from a quote and from a guest's purchase: no member's entry.")]
    ]


class PurchaseAnswer(EntryMade):
    """A purchase with its points, the account after it, and every reason."""

    purchase: PurchaseTold
    points: PointsEarned
    wallets: list[WalletEarned]
    account: Annotated[AccountAfter | None, Field(description="Null for a guest's purchase.")]
    explanation: Explanation


class QuoteAnswer(PurchaseAnswer):
    """What recording a purchase would answer, after the club's offers."""

    offers_applied: NotRequired[list[OfferApplied]]
    offers_not_applied: NotRequired[
        Annotated[list[OfferNotApplied], Field(description="The offers without effect, and why.")]
    ]


class EventAnswer(TypedDict):
    """An activity with what it earned, the account after it, and every reason."""

    event: EventTold
    points: PointsEarned
    wallets: list[WalletEarned]
    account: AccountAfter
    explanation: Explanation
    entry: PointsEntry


class EarnedAnswer(TypedDict):
    """What purchases and activities have in common."""

    points: PointsEarned
    wallets: list[WalletEarned]
    account: AccountAfter
    explanation: Explanation


class ReturnedLine(TypedDict):
    line: Annotated[int, Field(ge=1, description="Which line of the purchase, counted from 1.")]
    quantity: int


# `return` is a word of Python's own.
class ReturnTold(TypedDict):
    store: str
    return_id: str
    purchase_id: Annotated[str | None, Field(description="Null for a return that named no purchase.")]
    member_id: Annotated[str | None, Field(description="Whose purchase it was; null for a guest's.")]
    occurred_at: Instant
    currency: str
    lines: list[ReturnedLine]
    amount_minor: Annotated[int, Field(description="The money that was paid back, in minor units.")]
    counted_by: Annotated[
        Literal["lines", "amount"],
        Field(description="What decided where its lines and its amount disagree."),
    ]
    whole: Annotated[bool, Field(description="Whether nothing of the purchase is left.")]
    state: Literal["applied"]  # fmt: skip


ReturnTold.__doc__ = "A return as it was applied."


class PointsReturned(TypedDict):
    """What a return changed in a wallet."""

    due: Annotated[int, Field(description="What the returned part had earned.")]
    taken_back: Annotated[int, Field(description="What of it was taken back; it may have become a debt.")]
    lost: Annotated[int, Field(description="What could not be taken back, and is not asked for.")]
    kept: Annotated[int, Field(description="What stays because stamps are not taken back in this programme.")]
    given_back: Annotated[int, Field(description="What had paid for the returned part.")]
    decimals: Decimals


class WalletReturned(PointsReturned):
    """What a return changed in a wallet beside the points."""

    wallet: str


class ReturnExplanation(TypedDict):
    """What was done, in the member's language."""

    language: LanguageCode
    programme_version: Annotated[int, Field(description="The purchase's own.")]
    total: list[str]


class ToCertificates(TypedDict, total=False):
    """What of a return's money went back to gift certificates, where something did."""

    certificates_minor: int


ReturnAnswer = TypedDict(
    "ReturnAnswer",
    {
        "return": ReturnTold,
        "points": PointsReturned,
        "wallets": list[WalletReturned],
        "account": Annotated[AccountAfter | None, Field(description="Null for a guest's purchase.")],
        "explanation": ReturnExplanation,
        "certificates_minor": NotRequired[
            Annotated[int, Field(description="What of the money went back to the gift certificates that had paid it.")]
        ],
        "entry": NotRequired[Annotated[PointsEntry, Field(description="Absent for a guest's purchase: no member's entry.")]],
    },
)  # fmt: skip
ReturnAnswer.__doc__ = "A return, what it took and gave back, and the account after it."


class ParkedReturn(TypedDict):
    """A return that waits for its purchase; it is applied when the purchase is reported."""

    store: str
    return_id: str
    purchase_id: str
    parked_at: Instant
    state: Literal["parked"]


class ParkedReturns(TypedDict):
    """The returns that wait, those that have waited longest first."""

    returns: list[ParkedReturn]


RedemptionState = Literal["held", "captured", "void", "reversed"]


class CertificateTaken(TypedDict):
    """The gift certificate that points became. Its code is told to whoever took it, and to nobody else."""

    code: CertificateCode
    amount_minor: Minor
    currency: str
    expires_on: Annotated[Day | None, Field(description="The last day of its use; null when there is none.")]


class CertificateLeft(TypedDict):
    """What can be used of the gift certificate that pays."""

    available_minor: Minor
    currency: str


class RedemptionTold(TypedDict):
    """A redemption as it stands after this."""

    store: str
    redemption_id: str
    member_id: Annotated[MemberId | None, Field(description="Null where a gift certificate pays.")]
    state: RedemptionState
    reward: Annotated[str | None, Field(description="The reward's id; null for a payment.")]
    wallet: str
    units: Units
    decimals: Decimals
    worth_minor: Minor
    currency: str
    purchase_id: Annotated[str | None, Field(description="The purchase it pays for, where that is known.")]
    held_until: Annotated[Instant | None, Field(description="When a hold lapses by itself; null when it has ended.")]


class RedemptionAnswer(TypedDict):
    """A redemption, and the account after it."""

    redemption: RedemptionTold
    account: Annotated[AccountAfter | None, Field(description="Null where a gift certificate pays.")]
    certificate: NotRequired[
        Annotated[CertificateTaken, Field(description="Present where points became one, once they are taken.")]
    ]
    left: NotRequired[Annotated[CertificateLeft, Field(description="Present where a gift certificate pays.")]]
    reason: Annotated[str, Field(description="In the member's language.")]
    entry: PointsEntry


class CertificateTold(TypedDict):
    """A gift certificate as it was issued."""

    store: str
    certificate_id: str
    code: CertificateCode
    amount_minor: Minor
    currency: str
    member_id: Annotated[MemberId | None, Field(description="The member it was made for, if any.")]
    issued_at: Instant
    expires_on: Annotated[Day | None, Field(description="The last day of its use; null when there is none.")]


class CertificateEntry(TypedDict):
    """The entry that opened a certificate."""

    sequence: int
    hash: Hash


class CertificateAnswer(TypedDict):
    """A gift certificate, and the entry that opened it."""

    certificate: CertificateTold
    entry: CertificateEntry


CertificateState = Literal["unused", "partly_used"]


class CertificateHeld(TypedDict):
    """What is on a gift certificate today."""

    balance_minor: Minor
    available_minor: Annotated[int, Field(description="The balance less what redemptions hold, in minor units.")]
    currency: str
    state: CertificateState
    expires_on: Annotated[Day | None, Field(description="The last day of its use; null when there is none.")]


class CertificateFound(TypedDict):
    """What a code is good for."""

    certificate: CertificateHeld


CouponCode = Annotated[
    str,
    _pattern(r"^([0-9A-HJKMNP-TV-Z]{4}-){2}[0-9A-HJKMNP-TV-Z]{4}$", "28T5-CY4T-QKFF", "One of a purchase's `codes`."),
]


class CouponTold(TypedDict):
    """A coupon that its member can use."""

    member_id: MemberId
    offer: str
    name: str
    sentence: Annotated[str, Field(description="In the member's language: what it takes off.")]
    expires_on: Annotated[Day, Field(description="The last day of its use.")]


class CouponOnPurchase(TypedDict):
    """What a coupon does to a purchase, as a quote with its code would tell it."""

    discount_minor: Annotated[
        int, Field(description="What this offer takes off, in minor units; 0 where it does not apply.")
    ]
    free_units: int
    total_minor: Annotated[int, Field(description="What is left to pay after all offers, in minor units.")]
    currency: str
    sentence: Annotated[str, Field(description="What it takes off, or why it takes nothing off.")]


class CouponAnswer(TypedDict):
    """What a coupon is good for."""

    coupon: CouponTold
    purchase: NotRequired[Annotated[CouponOnPurchase, Field(description="Present where one was asked for.")]]


class CouponHeld(TypedDict):
    """One coupon of a member's."""

    coupon: Annotated[str, Field(description="What it is called here: part of the address of its certificate.")]
    code: CouponCode
    expires_on: Annotated[Day, Field(description="The last day of its use.")]


OfferObstacle = Literal["guest", "dates", "tier", "when", "limit", "stock", "budget"]


class OfferStanding(TypedDict):
    """An offer as one member sees it now."""

    offer: str
    name: str
    sentence: Annotated[str, Field(description="In the member's language: what it takes off, and when.")]
    coupon: Annotated[CouponHeld | None, Field(description="Of a personal offer; null where everybody has it.")]
    can_be_used: bool
    why_not: Annotated[OfferObstacle | None, Field(description="What stands in the way; null when nothing does.")]
    in_the_way: Annotated[str | None, Field(description="The same as a sentence in the member's language.")]


class OffersAnswer(TypedDict):
    """The offers that stand open to one member. What needs a code that many share is not told."""

    member_id: MemberId
    offers: list[OfferStanding]


class RewardOffered(TypedDict):
    """A reward as one member sees it now."""

    reward: str
    name: str
    kind: Literal["discount", "percent", "product", "gift_certificate", "stored_value", "club_only", "conversion"]
    wallet: str
    price: Units
    decimals: Decimals
    worth_minor: Annotated[int | None, Field(description="Null for goods, and for a share of a purchase.")]
    can_be_taken: bool
    why_not: Annotated[
        Literal["disabled", "dates", "tier", "condition", "limit", "stock", "points"] | None,
        Field(description="What stands in the way; null when nothing does."),
    ]
    missing: Annotated[int, Field(description="How many more points it takes, where that is what is missing.")]
    sentence: Annotated[str, Field(description="In the member's language: what it is, or what stands in the way.")]


class RewardsAnswer(TypedDict):
    """The programme's rewards as one member sees them now."""

    member_id: MemberId
    rewards: list[RewardOffered]


class JoinEntry(TypedDict):
    sequence: int
    hash: Hash


class JoinAnswer(TypedDict):
    member_id: MemberId
    joined_at: Instant
    entry: JoinEntry


class PendingLot(TypedDict):
    points: Units
    usable_from: Day


class LotTold(TypedDict):
    points: Units
    expires_on: Annotated[Day | None, Field(description="The last day of these points; null when they do not expire.")]


class PointsHeld(TypedDict):
    """A member's points today."""

    balance: Annotated[int, Field(description="`available` and `pending` together.")]
    available: Units
    pending: Units
    pending_lots: list[PendingLot]
    next_expiry: LotTold | None
    posted: Annotated[int, Field(description="The sum of all entries.")]
    lapsed: Annotated[int, Field(description="Points past their last day that no entry has booked yet.")]
    held: Annotated[int, Field(description="Points kept for redemptions that are not captured yet.")]
    debt: Annotated[int, Field(description="Points owed, which points to come repay first.")]
    decimals: Decimals
    value_minor: Annotated[int, Field(description="What the balance pays for, in the minor unit of `currency`.")]
    currency: str


class RewardsHeld(TypedDict):
    """Rewards of full cards."""

    issued: Annotated[int, Field(description="Those that are the member's own.")]
    waiting: Annotated[
        int, Field(description="Those that wait for the end of the time in which a return takes them back.")
    ]
    waiting_until: Annotated[Day | None, Field(description="When the last of them is the member's own; null for none.")]
    owed: Annotated[int, Field(description="Those that follow as soon as there are more of them.")]


class WalletHeld(TypedDict):
    wallet: str
    name: str
    balance: Units
    available: Units
    pending: Units
    decimals: Decimals
    goal: int | None
    completed: Annotated[int, Field(description="How often the goal was reached.")]
    rewards: RewardsHeld


class NextTier(TypedDict):
    id: str
    name: str
    missing: Annotated[int, Field(description="What is missing to it, in the tier's `unit`.")]


class TierHeld(TypedDict):
    """A tier as it is, what counts towards the next one, and what becomes of it if nothing more is bought."""

    set: Annotated[str | None, Field(description="The set of tiers; null for the programme's first.")]
    id: Annotated[str | None, Field(description="Null: none was reached yet.")]
    name: str | None
    since: Day | None
    until: Day | None
    kept_until: Day | None
    then: Annotated[str | None, Field(description="The tier after `until`, if nothing more is bought.")]
    benefits: list[str]
    basis: Literal["spend", "points", "balance", "purchases"]
    window: Literal["rolling", "calendar_month", "calendar_year", "anniversary", "cycle", "lifetime"]
    unit: Literal["minor", "purchases", "points"]
    value: Annotated[int, Field(description="What counts towards tiers now, in `unit`.")]
    next: NextTier | None


class MemberAnswer(TypedDict):
    """What a member has, may use when, and what is missing to the next tier. No personal value is among it."""

    member_id: MemberId
    joined_on: Day
    language: LanguageCode
    points: PointsHeld
    wallets: list[WalletHeld]
    tier: TierHeld | None
    tier_sets: list[TierHeld]
    status: str
    purchases: int
    spend_minor: Minor
    last_purchase_on: Day | None


class EntryHead(TypedDict):
    sequence: int
    kind: PostingKind
    occurred_at: Instant
    recorded_at: Instant
    points: Units
    balance: Units
    programme_version: int


class EntryNames(TypedDict, total=False):
    store: str
    purchase_id: str
    return_id: str
    event: str
    source_id: str


class StatementEntry(EntryHead, EntryNames):
    """One entry: its change, the balance after it and the reason. A purchase names its store and id, an event its source id."""

    reason: str
    reasons: list[str]


class StatementAnswer(TypedDict):
    """Entries, newest first. The sum of all entries less what lapsed is the balance."""

    member_id: MemberId
    entries: list[StatementEntry]
    lapsed: Annotated[list[LotTold], Field(description="Told on the first page only.")]
    next_cursor: Annotated[str | None, Field(description="Leads to the next page; null on the last.")]


class MessageTold(TypedDict):
    """One message: what called for it, what became of it, and why."""

    message_id: str
    source: Annotated[str, Field(description="The automation or campaign that called for it.")]
    name: Annotated[str, Field(description="Its name, in the member's language.")]
    template: str
    purpose: Purpose
    channel: Annotated[Channel | None, Field(description="By what it went, or may have; null before that.")]
    state: State
    reason: Annotated[
        ToldReason,
        Field(description="Why it is in this state. `not_taken`: the provider refused, in words of its own."),
    ]
    sentence: Annotated[str, Field(description="State and reason, in the member's language.")]
    asked_at: Instant
    last_day: Annotated[Day, Field(description="The last day on which it is worth sending.")]
    sent_at: Instant | None
    delivered_at: Annotated[
        Instant | None, Field(description="These four are told of e-mail, where its provider tells.")
    ]
    opened_at: Instant | None
    clicked_at: Instant | None
    bounced_at: Instant | None


class MessagesAnswer(TypedDict):
    """Messages of the last 400 days, the newest first, those that were not sent included. No address is told."""

    member_id: MemberId
    messages: list[MessageTold]
    next_cursor: Annotated[str | None, Field(description="Leads to the next page; null on the last.")]


class StaffAnswer(TypedDict):
    """Who asks, and what that person's groups may do."""

    actor: Annotated[
        str, Field(description="The person's id in the pool of staff. Entries name it; a name or e-mail never.")
    ]
    groups: list[str]
    operations: Annotated[list[str], Field(description="The `operationId`s that these groups open.")]


StaffKind = Literal["adjust", "opening", "extend", "reinstate", "merge"]
StaffState = Literal["applied", "waiting", "refused"]


class StaffDone(TypedDict):
    """What somebody of the staff did, or asked for, by hand."""

    kind: StaffKind
    id: str
    member_id: MemberId
    state: StaffState
    wallet: str
    units: Annotated[int, Field(description="In the wallet's smallest unit; below zero where it was taken.")]
    decimals: Decimals
    expires_on: Annotated[Day | None, Field(description="The last day that was given with it; null where none was.")]
    reason: str
    actor: Annotated[str, Field(description="Who asked, by the pool's id.")]
    approver: Annotated[str | None, Field(description="The second person, where one was needed.")]
    asked_at: Instant


class StaffPosted(TypedDict):
    """What staff did, and the account after it; only `done` while it waits for a second person."""

    done: StaffDone
    account: NotRequired[AccountAfter]
    entry: NotRequired[PointsEntry]


class AdjustmentsWaiting(TypedDict):
    """Adjustments that wait for a second person, those that have waited longest first."""

    adjustments: list[StaffDone]


class MarketingAnswer(TypedDict):
    """Whether the club's marketing goes, and what stops it: somebody of the staff, the breaker, or both."""

    goes: bool
    stopped: Annotated[bool, Field(description="Somebody of the staff has stopped it.")]
    changed_by: Annotated[str | None, Field(description="Who stopped it or let it go last, by the pool's id.")]
    reason: str | None
    changed_at: Instant | None
    breaker_open_since: Annotated[
        Instant | None,
        Field(description="Since when too much mail came back or was called spam; null where it is closed."),
    ]


class StaffWord(TypedDict):
    """What somebody of the staff said last of an automation."""

    enabled: bool
    actor: Annotated[str, Field(description="Who said so, by the pool's id.")]
    reason: str
    at: Instant


class AutomationState(TypedDict):
    """An automation, and whether it is due for anybody."""

    automation: str
    name: str
    sentence: Annotated[str, Field(description="When it is due, for whom, and what it gives.")]
    enabled: Annotated[bool, Field(description="By the programme and by staff: only then it is due for somebody.")]
    enabled_by_programme: bool
    staff: Annotated[StaffWord | None, Field(description="The last word of staff; null where nobody said anything.")]


class MessagesCounted(TypedDict):
    """What became of an automation's messages. From `delivered` to `complained`: of e-mail, as its provider tells it."""

    sent: int
    delivered: int
    opened: int
    clicked: int
    bounced: int
    complained: int
    refused: int
    expired: int
    failed: int
    unknown: Annotated[int, Field(description="May have been sent: no answer came.")]
    cost_minor: Annotated[ExactNumber, Field(description="What those cost that were sent, in minor units.")]


class GiverCounted(TypedDict):
    """What became of an automation or campaign. `units` of the wallet that it gives, to who was `granted`."""

    due: Annotated[int, Field(description="Members that it was due for; some of them were held out.")]
    held_out: int
    granted: int
    units: Units
    decimals: Decimals
    worth_minor: Annotated[
        int, Field(description="What the units are worth when all are used; 0 where they have no worth.")
    ]
    coupons_used: Annotated[
        int,
        Field(
            description="In purchases of these days; one that a return gave back counts again when it is used again."
        ),
    ]
    coupons_back: Annotated[
        int, Field(description="Given back by returns of these days, since nothing of their purchase was kept.")
    ]
    messages: MessagesCounted


class AutomationTold(AutomationState, GiverCounted):
    """An automation with its counts."""


class CampaignState(TypedDict):
    """A campaign, and from when on it is sent."""

    campaign: str
    name: str
    sentence: Annotated[str, Field(description="To whom it goes, and what it gives.")]
    begins_at: Annotated[Instant | None, Field(description="Null where nobody asked for it.")]


class CampaignTold(CampaignState, GiverCounted):
    """A campaign with its counts."""


AutomationsAnswer = TypedDict(
    "AutomationsAnswer",
    {
        "from": Day,
        "until": Day,
        "language": LanguageCode,
        "currency": str,
        "automations": list[AutomationTold],
        "campaigns": list[CampaignTold],
    },
)
AutomationsAnswer.__doc__ = (
    "The automations and campaigns of the programme in force, in its order, with their counts of some days."
)


class FigureSeen(TypedDict):
    """A figure as a playbook read it."""

    figure: Annotated[str, Field(description="The word of its condition, such as `day.purchases`.")]
    value: int | str | bool


class PlaybookFired(TypedDict):
    """What a playbook did when a day was closed."""

    on: Annotated[Day, Field(description="The day whose figures it was asked by.")]
    at: Instant
    programme_version: Annotated[int, Field(description="Of the programme that decided it.")]
    figures: list[FigureSeen]
    done: Annotated[list[str], Field(description="Each part of it in words, as it was recorded: in English.")]


class PlaybookTold(TypedDict):
    """What was decided in advance, what it came to by the figures of the day, and when it fired."""

    playbook: str
    sentence: str
    when: Annotated[str, Field(description="Its condition, as the programme has it.")]
    then: Annotated[list[str], Field(description="What it does, each part in words.")]
    cooldown_days: Annotated[int, Field(description="For so many days it rests after it was done.")]
    enabled: Annotated[bool, Field(description="By the programme; one that is off is not asked.")]
    came_to: Annotated[
        Literal["fired", "fires", "does not hold", "rests", "no data", "off"],
        Field(description="`fires`: by these figures it would, and has not."),
    ]
    because: Annotated[
        str | None,
        Field(
            description="What does not hold, the last day of its rest, or the figure without data; null where it fires."
        ),
    ]
    figures: Annotated[list[FigureSeen], Field(description="What its condition read; those without data are not here.")]
    firings: Annotated[list[PlaybookFired], Field(description="Until the day, newest first, kept for 800 days.")]
    has_older: Annotated[
        bool, Field(description="There are older ones: ask again with `on` the day before the last one here.")
    ]


class PlaybooksAnswer(TypedDict):
    """The playbooks of the programme in force, in its sequence."""

    on: Day
    language: LanguageCode
    playbooks: list[PlaybookTold]


class DormantTold(TypedDict):
    """A member who fell silent. Purchases and spend are those of the 365 days until the last purchase."""

    member_id: MemberId
    purchases: int
    spend_minor: Minor
    last_purchase_on: Day
    silent_days: int
    tier: Annotated[str | None, Field(description="Of the main set; null for none.")]
    balance: Units


class DormantTotals(TypedDict):
    members: int
    purchases: int
    spend_minor: Minor
    balance: Units


class DormantAnswer(TypedDict):
    """Members who bought often and then fell silent, of the accounts that were read, who spent most first."""

    today: Day
    days: int
    purchases_min: int
    currency: str
    decimals: Decimals
    members: list[DormantTold]
    totals: Annotated[DormantTotals, Field(description="Of the members told here.")]
    accounts_read: int
    next_cursor: Annotated[
        str | None, Field(description="Leads to the accounts that were not read yet; null when all were.")
    ]


class MovedAnswer(TypedDict):
    """The clock that the club keeps quiet by for this member."""

    member_id: MemberId
    zone: str


class DeviceAnswer(TypedDict):
    """A phone that messages may be pushed to."""

    device: Annotated[str, Field(description="Names the phone from now on, and says nothing of its token.")]
    platform: Literal["fcm", "apns", "apns_sandbox"]
    registered_at: str


class DeviceForgotten(TypedDict):
    """Nothing is pushed to this phone any more."""

    device: str
    forgotten: bool


class ReportColumn(TypedDict):
    name: str
    unit: Annotated[
        Literal["text", "day", "number", "minor", "share", "units", "by_row"],
        Field(
            description="`minor`: minor units of the currency; `units`: the wallet's smallest; `share`: a part of one; "
            "`by_row`: what the row has under `unit`."
        ),
    ]
    decimals: Annotated[int, Field(description="Of a wallet's units: how many of their digits are decimals.")]


class ReportSection(TypedDict):
    """Rows under named columns: each row has a value for each column, in their sequence."""

    section: str
    columns: list[ReportColumn]
    rows: Annotated[
        list[list[str | int | None]],
        Field(description="null: no data. A number that is no whole one is written as a text, exact to six decimals."),
    ]


ReportAnswer = TypedDict(
    "ReportAnswer",
    {
        "report": str,
        "currency": str,
        "from": Day,
        "until": Day,
        "sections": list[ReportSection],
        "notes": Annotated[
            list[str], Field(description="What to know: what is open still, what nobody can say, and why.")
        ],
    },
)
ReportAnswer.__doc__ = "A report: its sections, and what to know of them."


class RuleTold(TypedDict):
    rule: str
    sentence: str


class TierTold(TypedDict):
    tier: str
    sentence: str


class OfferSaid(TypedDict):
    offer: str
    sentence: str


class RewardTold(TypedDict):
    reward: str
    sentence: str


class RulesAnswer(TypedDict):
    """The club's rules for people, as sentences in one language."""

    language: LanguageCode
    direction: Literal["ltr", "rtl"]
    programme_version: int
    heading: str
    earning: list[RuleTold]
    tiers: list[TierTold]
    points: list[str]
    rewards: Annotated[list[RewardTold], Field(description="What points buy.")]
    offers: Annotated[list[OfferSaid], Field(description="What is taken off purchases without a code.")]
