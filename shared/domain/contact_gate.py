"""The gate: may this message go to this member by this channel now? Asked when sending, of every message (M3, M4, M7, S4).

A pure function of values; the caller reads them just before it sends, and writes the verdict down with its reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from shared.domain.closed_days import ClosedBecause, closure_at
from shared.domain.contact_tables import Channel, Contact

Purpose = Literal["marketing", "service", "urgent"]
Outcome = Literal["send", "wait", "expire", "refuse"]
SuppressionKind = Literal["hard_bounce", "complaint", "unsubscribe"]
Stop = Literal["marketing_stopped", "breaker_open"]
# Stable: stored with each decision, counted in reports.
Reason = (
    Literal[
        "allowed", "erased", "channel_off", "no_address", "no_consent", "hard_bounce", "complaint", "unsubscribe",
        "marketing_stopped", "breaker_open", "no_longer_due", "no_longer_valid", "day_cap", "week_cap", "cost_ceiling",
        "outranked", "gathering",
    ]
    | ClosedBecause
)  # fmt: skip

# What a suppression holds back. Who pressed "spam" is left alone but for what they ask for at that moment; who
# unsubscribed did so from marketing.
_SUPPRESSES: dict[SuppressionKind, frozenset[Purpose]] = {
    "hard_bounce": frozenset({"marketing", "service"}),
    "complaint": frozenset({"marketing", "service"}),
    "unsubscribe": frozenset({"marketing"}),
}

DAY, WEEK = timedelta(days=1), timedelta(days=7)
# A message that waited for a month says nothing any more, whatever its sender wrote.
MESSAGE_LIFE_MAX = timedelta(days=31)


class Message(NamedTuple):
    """What waits to be sent. `source` is the id of its automation or campaign; all times are aware."""

    id: str
    source: str
    purpose: Purpose
    channel: Channel
    created: datetime
    due_until: datetime | None = None
    """The reason to send ends here: the birthday's day, the offer's last week."""
    valid_until: datetime | None = None
    """What it speaks of ends here."""
    value_minor: int = 0
    """The margin that is expected of it."""
    cost_minor: Fraction = Fraction(0)
    """What sending it costs."""


class Consent(NamedTuple):
    """The last word of a member on one kind, such as `email_marketing`."""

    granted: bool
    at: datetime


class Suppression(NamedTuple):
    """A hard bounce or a complaint of the address the member has now, or an unsubscription; `channel` None is all of them."""

    kind: SuppressionKind
    channel: Channel | None
    at: datetime


class Contactable(NamedTuple):
    """What is known of a member when something is about to be sent."""

    zone: ZoneInfo
    addresses: frozenset[Channel]
    consents: Mapping[str, Consent] = {}
    suppressions: tuple[Suppression, ...] = ()
    contacted: tuple[datetime, ...] = ()
    """When marketing was sent within the last week, of all channels, ascending."""
    is_erased: bool = False


class Sending(NamedTuple):
    """How the club's sending stands: a switch or breaker that is on, and what each channel cost this month in its own zone."""

    zone: ZoneInfo
    stop: Stop | None = None
    spent_minor: Mapping[Channel, Fraction] = {}


class Verdict(NamedTuple):
    """`until` is the instant to ask again, with `wait` alone."""

    outcome: Outcome
    reason: Reason
    until: datetime | None = None


class Chosen(NamedTuple):
    """Those that go, the most valuable first, and those that wait until there is room or they expire."""

    go: tuple[Message, ...]
    wait: tuple[Message, ...]


def verdict(
    message: Message, member: Contactable, rules: Contact, sending: Sending, now: datetime, *, is_due: bool = True
) -> Verdict:
    """Whether to send, wait, let expire or refuse.

    `is_due` is the automation's own condition asked again at `now`: who bought meanwhile is not dormant. What would still be held
    up when it ends expires at once, with the reason that holds it up.
    """
    refused = _refusal(message, member, rules, sending)
    if refused is not None:
        return Verdict("refuse", refused)
    if not is_due or (message.due_until is not None and now >= message.due_until):
        return Verdict("expire", "no_longer_due")
    if now >= _end(message):
        return Verdict("expire", "no_longer_valid")
    if message.purpose == "urgent":
        return Verdict("send", "allowed")
    opens, held_by = _opens(message, member, rules, sending, now)
    if held_by is None:
        return Verdict("send", "allowed")
    return Verdict("expire", held_by) if opens >= _end(message) else Verdict("wait", held_by, opens)


def room(contacted: Iterable[datetime], rules: Contact, now: datetime) -> int:
    """How many marketing messages the caps let a member have at `now`."""
    times = list(contacted)
    within = [(rules.day_max, DAY), (rules.week_max, WEEK)]
    return max(0, min(most - sum(at > now - span for at in times) for most, span in within))


def most_valuable(messages: Iterable[Message], places: int) -> Chosen:
    """Where the cap leaves room for fewer: the highest margin less cost first; of equals the older, then the lower id."""
    ranked = sorted(messages, key=lambda one: (one.cost_minor - one.value_minor, one.created, one.id))
    return Chosen(tuple(ranked[:places]), tuple(ranked[places:]))


def _refusal(message: Message, member: Contactable, rules: Contact, sending: Sending) -> Reason | None:
    """What no waiting mends."""
    if member.is_erased:
        return "erased"
    if message.channel not in rules.channels:
        return "channel_off"
    if message.channel not in member.addresses:
        return "no_address"
    consent = member.consents.get(f"{message.channel}_{message.purpose}")
    # Marketing is opted into; what a member's own doings call for is sent unless they opted out.
    if (consent is None and message.purpose == "marketing") or (consent is not None and not consent.granted):
        return "no_consent"
    for one in member.suppressions:
        is_meant = one.channel in (None, message.channel) and message.purpose in _SUPPRESSES[one.kind]
        # Who agrees again after unsubscribing has changed their mind; a bounce or a complaint is not lifted by a tick.
        is_lifted = one.kind == "unsubscribe" and consent is not None and consent.at > one.at
        if is_meant and not is_lifted:
            return one.kind
    return sending.stop if message.purpose == "marketing" else None


def _end(message: Message) -> datetime:
    ends = (message.due_until, message.valid_until, message.created + MESSAGE_LIFE_MAX)
    return min(end for end in ends if end is not None)


def _opens(
    message: Message, member: Contactable, rules: Contact, sending: Sending, now: datetime
) -> tuple[datetime, Reason | None]:
    """The first instant from `now` on at which nothing holds the message up, or one past its end; and what does at `now`."""
    at, first, end = now, None, _end(message)
    while at < end:
        held = next(_holding(message, member, rules, sending, now, at), None)
        if held is None:
            break
        because, until = held
        assert until > at, "a wait has to bring us forward"
        at, first = until, first or because
    return at, first


def _holding(
    message: Message, member: Contactable, rules: Contact, sending: Sending, now: datetime, at: datetime
) -> Iterator[tuple[Reason, datetime]]:
    """What holds a message up at an instant, and when that ends."""
    if message.purpose == "marketing":
        caps: tuple[tuple[Reason, int, timedelta], ...] = (
            ("week_cap", rules.week_max, WEEK),
            ("day_cap", rules.day_max, DAY),
        )
        for because, most, span in caps:
            counted = [one for one in member.contacted if one > at - span]
            if len(counted) >= most:
                # The earliest of those that fill the cap has to be a span ago.
                yield because, counted[-most] + span
    ceiling = rules.month_max_minor.get(message.channel)
    spent = sending.spent_minor.get(message.channel, Fraction(0))
    renewed = _next_month(now, sending.zone)
    if ceiling is not None and at < renewed and spent + message.cost_minor > ceiling:
        yield "cost_ceiling", renewed
    closure = closure_at(rules, at.astimezone(member.zone).replace(tzinfo=None))
    if closure is not None:
        yield closure.because, _instant(closure.end, member.zone, at)


def _next_month(now: datetime, zone: ZoneInfo) -> datetime:
    local = now.astimezone(zone)
    year, month = divmod(local.year * 12 + local.month, 12)
    return datetime(year, month + 1, 1, tzinfo=zone).astimezone(UTC)


def _instant(local: datetime, zone: ZoneInfo, after: datetime) -> datetime:
    """When a clock shows a time for the first time after an instant; where the clock skips it, as much later as it skipped."""
    shown = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    return min(at for at in shown if at > after)
