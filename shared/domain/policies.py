"""The questions on which loyalty systems contradict each other, each answered in the open: `[policies]` and its neighbours.

`QUESTIONS` is what `docs/policies.md` and `club check` read: where the answer stands in the programme, the answers seen, and
what each means for a member. The answers themselves are part of the programme's version, so an old posting keeps its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict


class Policies(BaseModel):
    """`[policies]`: every answer has a default, so a programme names only those that it decides otherwise."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)

    redeem_more_than_balance: Literal["reject", "clamp", "negative"] = "reject"
    lots_used: Literal["earliest_expiry_first", "first_earned_first"] = "earliest_expiry_first"
    clawback_when_spent: Literal["clamp", "negative", "record_loss"] = "negative"
    partial_return: Literal["by_amount", "by_line", "gross_item_value", "refunded_amount"] = "by_line"
    spent_points_on_partial_return: Literal["pro_rata", "only_on_full_return"] = "pro_rata"
    earn_on_points_payment: bool = False
    earn_on_stored_value_payment: bool = True
    purchase_discount_on_chosen_lines: Literal["allocated", "not_allocated"] = "allocated"
    several_rules: Literal["add", "priority", "best"] = "add"
    multiplier_scope: Literal["all", "amount"] = "all"
    rule_cap: Literal["before_multipliers", "after_multipliers"] = "before_multipliers"
    crossing_purchase: Literal["from_next", "at_once"] = "from_next"
    manual_tier: Literal["floor", "fixed"] = "floor"
    expiry_boundary: Literal["at_instant", "end_of_day", "end_of_month"] = "end_of_day"
    duplicate_request: Literal["replay", "refuse", "ignore"] = "replay"
    before_joining: Literal["refuse", "earn_nothing"] = "refuse"
    suspended_member: Literal["earn_nothing", "refuse"] = "earn_nothing"
    several_offers: Literal["in_order", "best"] = "in_order"
    percent_discounts: Literal["of_the_rest", "of_the_initial_price"] = "of_the_rest"
    free_unit: Literal["cheapest", "dearest"] = "cheapest"
    minimum_spend: Literal["after_discounts", "before_discounts"] = "after_discounts"
    excess_above_reward_cap: Literal["dropped", "kept"] = "kept"
    reward_out_of_stock: Literal["refuse", "owe"] = "refuse"
    adjustment_below_zero: Literal["refuse", "negative"] = "refuse"
    return_money_differs: Literal["lines", "money", "smaller", "refuse"] = "smaller"
    return_without_purchase: Literal["refuse", "by_amount"] = "refuse"
    stamps_on_return: Literal["taken_back", "kept"] = "taken_back"
    redemption_over_total: Literal["refuse", "clamp"] = "refuse"
    capture_rest: Literal["released", "stays_held"] = "released"
    assigned_certificate: Literal["member_only", "bearer"] = "member_only"
    transfer_expiry: Literal["kept", "restarted"] = "kept"
    pending_at_end: Literal["issue", "delete"] = "issue"
    nightly_steps: tuple[Literal["activation", "redemption", "tier_period", "expiry", "tier_balance"], ...] = (
        "activation",
        "redemption",
        "tier_period",
        "expiry",
        "tier_balance",
    )


class Question(NamedTuple):
    """One contradiction of the field. `field` is its path in the programme; `built` is False while nothing acts on it yet."""

    field: str
    question: str
    answers: Mapping[str, str]
    built: bool = True


QUESTIONS: tuple[Question, ...] = (
    Question(
        "policies.redeem_more_than_balance",
        "What happens when a member redeems more points than there are?",
        {
            "reject": "The redemption is refused.",
            "clamp": "As many points as there are are redeemed.",
            "negative": "The balance goes below zero.",
        },
    ),
    Question(
        "policies.lots_used",
        "Which points are used first?",
        {
            "earliest_expiry_first": "Those that lapse first; those that never lapse come last.",
            "first_earned_first": "Those that were earned first.",
        },
    ),
    Question(
        "policies.clawback_when_spent",
        "What if the points of a returned purchase are spent already?",
        {
            "clamp": "What is left is taken, never more.",
            "negative": "The balance goes below zero; points to come repay it first.",
            "record_loss": "What is left is taken, and the rest is booked as the club's loss.",
        },
    ),
    Question(
        "policies.partial_return",
        "How many points does a partial return take back?",
        {
            "by_amount": "The share of the money that is returned.",
            "by_line": "The points of the lines that are returned.",
            "gross_item_value": "The points of the item's price before discounts.",
            "refunded_amount": "The share of the money that is paid back.",
        },
    ),
    Question(
        "policies.spent_points_on_partial_return",
        "Are points that paid for a purchase given back on a partial return?",
        {"pro_rata": "In proportion to what is returned.", "only_on_full_return": "Only when all of it is returned."},
    ),
    Question(
        "policies.earn_on_points_payment",
        "Does the part that was paid with points earn points?",
        {"false": "No: only the rest earns.", "true": "Yes, like any other money."},
    ),
    Question(
        "policies.earn_on_stored_value_payment",
        "Does the part that was paid from stored value or a gift card earn points?",
        {"true": "Yes: it was paid for before.", "false": "No: only the rest earns."},
    ),
    Question(
        "policies.purchase_discount_on_chosen_lines",
        "Does a discount on the whole purchase lower what a rule for some lines counts?",
        {
            "allocated": "Yes: every line bears its share of it.",
            "not_allocated": "No: such a rule counts the line's own price.",
        },
    ),
    Question(
        "policies.several_rules",
        "What if several rules match one purchase?",
        {
            "add": "All of them give points.",
            "priority": "If any of them is not stackable, the one of highest priority among those gives alone.",
            "best": "Only the rule that gives most; multipliers then apply to it.",
        },
    ),
    Question(
        "points.rounding.mode",
        "How are fractions of a point rounded?",
        {"floor": "Down.", "half_up": "To the nearest, a half up.", "ceil": "Up."},
    ),
    Question(
        "points.rounding.per",
        "What is rounded?",
        {
            "purchase": "The sum of all points of the purchase.",
            "rule": "The points of each rule.",
            "line": "The points of each line.",
        },
    ),
    Question(
        "policies.rule_cap",
        "Does a rule's cap count before or after multipliers?",
        {
            "before_multipliers": "The rule gives at most its cap, and multipliers work on that.",
            "after_multipliers": "What the rule and the multipliers on it give together is at most the cap.",
        },
    ),
    Question(
        "policies.multiplier_scope",
        "What do multipliers multiply?",
        {"all": "All points so far.", "amount": "Points per amount only; fixed points stay as they are."},
    ),
    Question(
        "policies.crossing_purchase",
        "At which tier does the purchase earn that reaches a new tier?",
        {"from_next": "At the old one; the next purchase earns at the new one.", "at_once": "At the new one already."},
    ),
    Question(
        "tiers.basis",
        "What is a tier reached by?",
        {
            "spend": "By the money spent.",
            "points": "By the points earned.",
            "balance": "By the points in hand that day.",
            "purchases": "By the number of purchases.",
        },
    ),
    Question(
        "policies.manual_tier",
        "What does a tier that staff gave mean?",
        {"floor": "The member never has less.", "fixed": "The member has that one, whatever is earned."},
    ),
    Question(
        "policies.expiry_boundary",
        "Until when can points be used on their last day?",
        {
            "at_instant": "Until that day begins: its eve is the last day of use.",
            "end_of_day": "Until the end of that day.",
            "end_of_month": "Until the end of the month in which that day lies.",
        },
    ),
    Question(
        "policies.duplicate_request",
        "What is the answer to a purchase that is reported twice?",
        {
            "replay": "The first answer again.",
            "refuse": "A refusal (409); nothing is counted twice.",
            "ignore": "A success that earned nothing; nothing is counted twice.",
        },
    ),
    Question(
        "policies.before_joining",
        "What of a purchase from a day before the member joined? (One of the same day counts: people join when they buy.)",
        {"refuse": "It is refused.", "earn_nothing": "It is recorded as a guest's and earns nothing."},
    ),
    Question(
        "policies.suspended_member",
        "What of a purchase by a member who is not active?",
        {"earn_nothing": "It is recorded and earns nothing.", "refuse": "It is refused."},
    ),
    Question(
        "policies.several_offers",
        "Which of several offers apply?",
        {
            "in_order": "All, in the order of the file, each on what is left.",
            "best": "The one that takes most off, alone.",
        },
    ),
    Question(
        "policies.percent_discounts",
        "What do several percentages off one price take?",
        {"of_the_rest": "Each of what the one before left.", "of_the_initial_price": "Each of the first price."},
    ),
    Question(
        "policies.free_unit",
        "Which unit is free in a buy-X-get-Y offer?",
        {"cheapest": "The cheapest one.", "dearest": "The dearest one."},
    ),
    Question(
        "policies.minimum_spend",
        "On which total is an offer's minimum tested?",
        {"after_discounts": "On what is left after other discounts.", "before_discounts": "On the original total."},
    ),
    Question(
        "policies.excess_above_reward_cap",
        "What becomes of what a purchase collects above the most rewards it may give?",
        {"kept": "It stays in the balance.", "dropped": "It is lost."},
    ),
    Question(
        "policies.reward_out_of_stock",
        "What if a reward is out of stock?",
        {"refuse": "It cannot be chosen.", "owe": "The points are taken and the reward follows."},
    ),
    Question(
        "policies.adjustment_below_zero",
        "What if staff take more by hand than there is?",
        {"refuse": "It is refused.", "negative": "The balance goes below zero; points to come repay it first."},
    ),
    Question(
        "policies.return_money_differs",
        "What counts if the money of a return is not the price of its lines?",
        {
            "smaller": "The smaller of the two.",
            "lines": "The lines.",
            "money": "The money.",
            "refuse": "The return is refused.",
        },
    ),
    Question(
        "policies.return_without_purchase",
        "What of a return that names no purchase?",
        {
            "refuse": "It is refused.",
            "by_amount": "It takes back what its amount would earn on its own day.",
        },
    ),
    Question(
        "policies.stamps_on_return",
        "What becomes of the stamps of a returned purchase?",
        {"taken_back": "They are taken back.", "kept": "They stay."},
    ),
    Question(
        "policies.redemption_over_total",
        "What if more points are offered as payment than may pay for the purchase?",
        {"refuse": "The redemption is refused.", "clamp": "As many are used as may pay; the rest stays."},
    ),
    Question(
        "policies.capture_rest",
        "What becomes of the rest when less is taken than was held?",
        {
            "released": "It goes back to the member at once.",
            "stays_held": "It stays held until it is taken, given back, or the hold ends.",
        },
    ),
    Question(
        "policies.assigned_certificate",
        "Who may use a gift certificate that was made for one member?",
        {"member_only": "That member alone.", "bearer": "Whoever has its code."},
    ),
    Question(
        "policies.transfer_expiry",
        "When do points lapse that move to another membership?",
        {"kept": "On their own day, as before.", "restarted": "As if they were earned on the day they moved."},
    ),
    Question(
        "policies.pending_at_end",
        "What becomes of rewards that wait when their card is taken out of the programme?",
        {"issue": "Members get them.", "delete": "They lapse."},
    ),
    Question(
        "policies.nightly_steps",
        "In which order does the night do its work?",
        {"in the order listed": "Each step sees what the ones before it did."},
    ),
)
